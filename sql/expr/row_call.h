// SPDX-License-Identifier: Apache-2.0
// One row of a call, for functions that are written row by row.
//
// Arguments have the class their FunctionDef asked for, so each accessor fits one class letter
// (function_registry.h). Under NullRule::kStrict no argument is NULL. A kernel sets the result
// exactly once.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sql/expr/evaluate.h"
#include "sql/expr/expression.h"

namespace afterimage::sql {

class RowCall {
  public:
    RowCall(const Expression& node, std::span<const ColumnVector* const> args, EvalContext& context,
            ColumnVector& out)
        : node_(node), args_(args), context_(context), out_(out) {}

    /// Set by the evaluator's loop.
    void move_to(std::size_t row) noexcept { row_ = row; }

    [[nodiscard]] const Expression& node() const noexcept { return node_; }
    [[nodiscard]] EvalContext& context() const noexcept { return context_; }
    [[nodiscard]] StatementContext& statement() const noexcept { return context_.statement; }
    [[nodiscard]] std::size_t arg_count() const noexcept { return args_.size(); }
    [[nodiscard]] std::size_t row() const noexcept { return row_; }
    [[nodiscard]] const ColumnVector& vector(std::size_t i) const noexcept { return *args_[i]; }
    [[nodiscard]] const ResultType& type(std::size_t i) const noexcept {
        return node_.args[i]->type;
    }

    [[nodiscard]] bool is_null(std::size_t i) const noexcept { return args_[i]->is_null(row_); }
    [[nodiscard]] bool is_unsigned(std::size_t i) const noexcept {
        return args_[i]->kind == VectorKind::kU64;
    }
    /// Classes s, b, j.
    [[nodiscard]] std::string_view text(std::size_t i) const noexcept {
        return args_[i]->string_at(row_);
    }
    /// Class i; an unsigned value above INT64_MAX reads as INT64_MAX.
    [[nodiscard]] std::int64_t integer(std::size_t i) const noexcept {
        const std::int64_t bits = args_[i]->i64_at(row_);
        return is_unsigned(i) && bits < 0 ? INT64_MAX : bits;
    }
    /// Classes i and u: the 64 bits as they are.
    [[nodiscard]] std::uint64_t bits(std::size_t i) const noexcept {
        return args_[i]->u64_at(row_);
    }
    /// Class r.
    [[nodiscard]] double real(std::size_t i) const noexcept { return args_[i]->f64_at(row_); }
    /// Class d.
    [[nodiscard]] storage::Decimal decimal(std::size_t i) const {
        return args_[i]->decimal_at(row_);
    }
    /// Classes D and T.
    [[nodiscard]] std::int64_t packed(std::size_t i) const noexcept {
        return args_[i]->i64_at(row_);
    }

    void set_null() { out_.set_null(row_); }
    void set_int(std::int64_t value) noexcept { out_.i64[row_] = value; }
    void set_uint(std::uint64_t value) noexcept {
        out_.i64[row_] = static_cast<std::int64_t>(value);
    }
    void set_bool(bool value) noexcept { out_.i64[row_] = value ? 1 : 0; }
    void set_real(double value) noexcept { out_.f64[row_] = value; }
    void set_packed(std::int64_t value) noexcept { out_.i64[row_] = value; }
    /// Rescaled to the result type.
    void set_decimal(const storage::Decimal& value);
    /// Copies into the context's arena.
    void set_text(std::string_view text) { out_.strings[row_] = context_.arena->copy(text); }
    /// The bytes live as long as the arguments' or the arena's.
    void set_view(std::string_view text) noexcept { out_.strings[row_] = text; }

    void warn(std::uint16_t code, std::string message) const {
        context_.warn(code, std::move(message));
    }

  private:
    const Expression& node_;
    std::span<const ColumnVector* const> args_;
    EvalContext& context_;
    ColumnVector& out_;
    std::size_t row_ = 0;
};

}  // namespace afterimage::sql

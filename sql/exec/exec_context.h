// SPDX-License-Identifier: Apache-2.0
// What the operators of one execution share: evaluation context, memory budget, results of common
// table expressions.
//
// One per execution of a statement; one thread. Operators hold references to it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "sql/bind/bound_query.h"
#include "sql/expr/evaluate.h"

namespace afterimage::sql {

class RowBuffer;
class SubqueryRunner;

/// Bytes that one query may hold in hash tables, sorts and buffers. Beyond it the query fails with
/// ER_CAPACITY_EXCEEDED.
class MemoryBudget {
  public:
    static constexpr std::size_t kDefaultLimitBytes = std::size_t{1} << 30U;

    void add(std::size_t size_bytes);
    void release(std::size_t size_bytes) noexcept { used_ -= std::min(used_, size_bytes); }
    [[nodiscard]] std::size_t used_bytes() const noexcept { return used_; }
    void set_limit(std::size_t limit_bytes) noexcept { limit_ = limit_bytes; }

  private:
    std::size_t used_ = 0;
    std::size_t limit_ = kDefaultLimitBytes;
};

class ExecContext {
  public:
    ExecContext(Catalog& catalog_in, const std::vector<storage::Value>* parameters);
    ~ExecContext();
    ExecContext(const ExecContext&) = delete;
    ExecContext& operator=(const ExecContext&) = delete;

    Catalog& catalog;
    StatementContext& statement;
    StringArena arena;  ///< where constants' strings go
    EvalContext eval;
    MemoryBudget memory;
    std::unique_ptr<SubqueryRunner> subqueries;
    /// Finished CTEs, and the working tables of recursive ones that are being computed.
    std::map<const CteDefinition*, std::shared_ptr<RowBuffer>> ctes;
    std::map<const CteDefinition*, const RowBuffer*> working;
    /// Rows before LIMIT, of the outermost SQL_CALC_FOUND_ROWS.
    std::optional<std::uint64_t> found_rows;

    /// KILL, timeout: throws.
    void check_stop() const;
};

/// Points eval.arena to a batch's arena until the end of the scope.
class ArenaScope {
  public:
    ArenaScope(EvalContext& context, StringArena& arena) : context_(context), kept_(context.arena) {
        context_.arena = &arena;
    }
    ~ArenaScope() { context_.arena = kept_; }
    ArenaScope(const ArenaScope&) = delete;
    ArenaScope& operator=(const ArenaScope&) = delete;

  private:
    EvalContext& context_;
    StringArena* kept_;
};

}  // namespace afterimage::sql

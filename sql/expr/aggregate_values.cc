// SPDX-License-Identifier: Apache-2.0
// MIN, MAX, ANY_VALUE, and DISTINCT of any aggregate.
#include <string>
#include <type_traits>
#include <unordered_set>

#include "sql/expr/aggregate_state.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/row_hash.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"

namespace afterimage::sql {

namespace {

using Groups = std::span<const std::uint32_t>;

std::size_t group_of(Groups groups, std::size_t row) noexcept {
    return groups.empty() ? 0 : groups[row];
}

std::uint8_t scale_of(const ResultType& type) {
    return vector_kind(type) == VectorKind::kDecimal ? type.type.scale : std::uint8_t{0};
}

/// One value a group, kept in a vector of the argument's kind; strings are owned beside it.
class KeptValues {
  public:
    explicit KeptValues(const ResultType& type) : kind_(vector_kind(type)), scale_(scale_of(type)) {
        clear();
    }
    void resize(std::size_t count) {
        values_.resize(count);
        filled_.resize(count, 0);
        if (kind_ == VectorKind::kString) {
            owned_.resize(count);
        }
    }
    void clear() {
        values_.clear(kind_);
        values_.scale = scale_;
        filled_.clear();
        owned_.clear();
        string_bytes_ = 0;
    }
    [[nodiscard]] bool has(std::size_t group) const noexcept { return filled_[group] != 0; }
    void keep(std::size_t group, const ColumnVector& in, std::size_t row) {
        filled_[group] = 1;
        if (kind_ == VectorKind::kString) {
            std::string& owned = owned_[group];
            string_bytes_ -= owned.capacity();
            owned.assign(in.string_at(row));
            string_bytes_ += owned.capacity();
        } else {
            copy_cell(values_, group, in, row);
        }
    }
    [[nodiscard]] std::string_view text(std::size_t group) const noexcept { return owned_[group]; }
    [[nodiscard]] const ColumnVector& values() const noexcept { return values_; }
    [[nodiscard]] bool is_text() const noexcept { return kind_ == VectorKind::kString; }
    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) const {
        prepare(out, kind_, count, scale_);
        for (std::size_t i = 0; i < count; ++i) {
            if (!has(first + i)) {
                out.set_null(i);
            } else if (is_text()) {
                out.strings[i] = context.arena->copy(owned_[first + i]);
            } else {
                copy_cell(out, i, values_, first + i);
            }
        }
    }
    [[nodiscard]] std::size_t size_bytes() const noexcept {
        return filled_.capacity() * (1 + sizeof(storage::Decimal)) +
               owned_.capacity() * sizeof(std::string) + string_bytes_;
    }

  private:
    VectorKind kind_;
    std::uint8_t scale_;
    ColumnVector values_;
    std::vector<std::uint8_t> filled_;
    std::vector<std::string> owned_;
    std::size_t string_bytes_ = 0;
};

class ExtremeState : public AggregateState {
  public:
    explicit ExtremeState(const AggregateCall& call)
        : kept_(call.args[0]->type),
          greatest_(call.def->name == "max"),
          json_(call.args[0]->type.type.id == storage::TypeId::kJson),
          collation_(collation_or_binary(call.collation)) {}

    void resize_groups(std::size_t count) override { kept_.resize(count); }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        static_cast<void>(context);
        const ColumnVector& in = *inputs[0];
        for_rows(rows, [&](std::size_t row) {
            if (in.is_null(row)) {
                return;
            }
            const std::size_t group = group_of(groups, row);
            if (!kept_.has(group) || better(in, row, group)) {
                kept_.keep(group, in, row);
            }
        });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        kept_.finish(first, count, context, out);
    }
    void clear() override { kept_.clear(); }
    [[nodiscard]] std::size_t size_bytes() const override { return kept_.size_bytes(); }

  private:
    [[nodiscard]] bool better(const ColumnVector& in, std::size_t row, std::size_t group) const {
        int order = 0;
        if (!kept_.is_text()) {
            order = compare_entries(in, row, kept_.values(), group, false, nullptr);
        } else if (json_) {
            ColumnVector one;
            one.clear(VectorKind::kString);
            one.strings.push_back(kept_.text(group));
            order = compare_entries(in, row, one, 0, true, nullptr);
        } else {
            order = compare_text(collation_, in.string_at(row), kept_.text(group));
        }
        return greatest_ ? order > 0 : order < 0;
    }

    KeptValues kept_;
    bool greatest_;
    bool json_;
    const storage::Collation* collation_;
};

/// MIN and MAX of what one word orders: integers, doubles, temporals, decimals of one scale.
template <class T>
class WordExtremeState : public AggregateState {
  public:
    explicit WordExtremeState(const AggregateCall& call)
        : kind_(vector_kind(call.type)),
          scale_(scale_of(call.type)),
          greatest_(call.def->name == "max") {}

    void resize_groups(std::size_t count) override {
        best_.resize(count, T{});
        filled_.resize(count, 0);
    }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        static_cast<void>(context);
        const ColumnVector& in = *inputs[0];
        for_rows(rows, [&](std::size_t row) {
            if (in.is_null(row)) {
                return;
            }
            const std::size_t group = group_of(groups, row);
            const T value = read(in, row);
            if (filled_[group] == 0 || (greatest_ ? value > best_[group] : value < best_[group])) {
                best_[group] = value;
                filled_[group] = 1;
            }
        });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        static_cast<void>(context);
        prepare(out, kind_, count, scale_);
        for (std::size_t i = 0; i < count; ++i) {
            if (filled_[first + i] == 0) {
                out.set_null(i);
            } else if constexpr (std::is_same_v<T, double>) {
                out.f64[i] = best_[first + i];
            } else {
                out.i64[i] = static_cast<std::int64_t>(best_[first + i]);
            }
        }
    }
    void clear() override {
        best_.clear();
        filled_.clear();
    }
    [[nodiscard]] std::size_t size_bytes() const override {
        return best_.capacity() * sizeof(T) + filled_.capacity();
    }

  private:
    static T read(const ColumnVector& in, std::size_t row) {
        if constexpr (std::is_same_v<T, double>) {
            return in.f64_at(row);
        } else {
            return static_cast<T>(in.i64_at(row));
        }
    }

    VectorKind kind_;
    std::uint8_t scale_;
    bool greatest_;
    std::vector<T> best_;
    std::vector<std::uint8_t> filled_;
};

class AnyValueState : public AggregateState {
  public:
    explicit AnyValueState(const AggregateCall& call) : kept_(call.args[0]->type) {}

    void resize_groups(std::size_t count) override {
        kept_.resize(count);
        seen_.resize(count, 0);
    }

    /// The first row's value, NULL included.
    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        static_cast<void>(context);
        for_rows(rows, [&](std::size_t row) {
            const std::size_t group = group_of(groups, row);
            if (seen_[group] != 0) {
                return;
            }
            seen_[group] = 1;
            if (!inputs[0]->is_null(row)) {
                kept_.keep(group, *inputs[0], row);
            }
        });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        kept_.finish(first, count, context, out);
    }
    void clear() override {
        kept_.clear();
        seen_.clear();
    }
    [[nodiscard]] std::size_t size_bytes() const override {
        return kept_.size_bytes() + seen_.capacity();
    }

  private:
    KeptValues kept_;
    std::vector<std::uint8_t> seen_;
};

/// Keys of (group, arguments) seen; the inner state gets the rows that are new.
class DistinctState : public AggregateState {
  public:
    DistinctState(const AggregateCall& call, std::unique_ptr<AggregateState> inner)
        : call_(call), inner_(std::move(inner)) {}

    void resize_groups(std::size_t count) override { inner_->resize_groups(count); }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        Batch fresh;
        fresh.row_count = rows.row_count;
        fresh.selected = true;
        std::string key;
        for_rows(rows, [&](std::size_t row) {
            key.clear();
            storage::append_be(key, group_of(groups, row), 4);
            for (std::size_t i = 0; i < call_.args.size(); ++i) {
                if (inputs[i]->is_null(row)) {
                    return;
                }
                append_group_key(key, *inputs[i], row, call_.args[i]->type);
            }
            if (seen_.insert(key).second) {
                // A node of the set: the string's own bytes, its header, the bucket's links.
                seen_bytes_ += key.size() + 64;
                fresh.selection.push_back(static_cast<std::uint16_t>(row));
            }
        });
        inner_->update(inputs, fresh, groups, context);
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        inner_->finish(first, count, context, out);
    }
    void clear() override {
        seen_.clear();
        seen_bytes_ = 0;
        inner_->clear();
    }
    [[nodiscard]] std::size_t size_bytes() const override {
        return seen_bytes_ + inner_->size_bytes();
    }

  private:
    const AggregateCall& call_;
    std::unique_ptr<AggregateState> inner_;
    std::unordered_set<std::string> seen_;
    std::size_t seen_bytes_ = 0;
};

}  // namespace

std::unique_ptr<AggregateState> make_extreme(const AggregateCall& call) {
    switch (vector_kind(call.args[0]->type)) {
        case VectorKind::kI64:
        case VectorKind::kDecimal:
        case VectorKind::kPacked:
            return std::make_unique<WordExtremeState<std::int64_t>>(call);
        case VectorKind::kU64:
            return std::make_unique<WordExtremeState<std::uint64_t>>(call);
        case VectorKind::kF64:
            return std::make_unique<WordExtremeState<double>>(call);
        default:
            return std::make_unique<ExtremeState>(call);
    }
}

std::unique_ptr<AggregateState> make_any_value(const AggregateCall& call) {
    return std::make_unique<AnyValueState>(call);
}

std::unique_ptr<AggregateState> make_distinct(const AggregateCall& call,
                                              std::unique_ptr<AggregateState> inner) {
    return std::make_unique<DistinctState>(call, std::move(inner));
}

}  // namespace afterimage::sql

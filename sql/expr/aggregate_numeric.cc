// SPDX-License-Identifier: Apache-2.0
// COUNT, SUM, AVG, STD, VARIANCE, BIT_*: one array of accumulators a call, tight loops over typed
// vectors.
#include <cmath>

#include "sql/expr/aggregate_state.h"
#include "sql/expr/int128.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Decimal;

namespace {

using Groups = std::span<const std::uint32_t>;

std::size_t group_of(Groups groups, std::size_t row) noexcept {
    return groups.empty() ? 0 : groups[row];
}

class CountState : public AggregateState {
  public:
    void resize_groups(std::size_t count) override { counts_.resize(count, 0); }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        static_cast<void>(context);
        bool nulls = false;
        for (const ColumnVector* input : inputs) {
            nulls = nulls || !input->nulls.empty();
        }
        if (!nulls && groups.empty()) {
            counts_[0] += static_cast<std::int64_t>(rows.active_count());
            return;
        }
        for_rows(rows, [&](std::size_t row) {
            bool counted = true;
            for (const ColumnVector* input : inputs) {
                counted = counted && !input->is_null(row);
            }
            counts_[group_of(groups, row)] += counted ? 1 : 0;
        });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        static_cast<void>(context);
        prepare(out, VectorKind::kI64, count);
        for (std::size_t i = 0; i < count; ++i) {
            out.i64[i] = counts_[first + i];
        }
    }
    void clear() override { counts_.clear(); }
    [[nodiscard]] std::size_t size_bytes() const override { return counts_.capacity() * 8; }

  private:
    std::vector<std::int64_t> counts_;
};

/// A decimal result, or NULL on overflow beyond 65 digits (saturated, as MySQL).
void put_decimal(ColumnVector& out, std::size_t at, const Decimal& value, const ResultType& type) {
    const Decimal fitted = value.rescaled(type.type.length, type.type.scale);
    if (out.kind == VectorKind::kWideDecimal) {
        out.wide[at] = fitted;
    } else {
        out.i64[at] = static_cast<std::int64_t>(fitted.limbs[0]);
    }
}

/// SUM and AVG over DOUBLE.
class RealSumState : public AggregateState {
  public:
    explicit RealSumState(const AggregateCall& call) : average_(call.def->name == "avg") {}

    void resize_groups(std::size_t count) override {
        sums_.resize(count, 0);
        counts_.resize(count, 0);
    }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        static_cast<void>(context);
        const ColumnVector& in = *inputs[0];
        for_rows(rows, [&](std::size_t row) {
            if (!in.is_null(row)) {
                const std::size_t group = group_of(groups, row);
                sums_[group] += in.f64_at(row);
                ++counts_[group];
            }
        });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        static_cast<void>(context);
        prepare(out, VectorKind::kF64, count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t rows = counts_[first + i];
            if (rows == 0) {
                out.set_null(i);
            } else {
                const double sum = sums_[first + i];
                out.f64[i] = average_ ? sum / static_cast<double>(rows) : sum;
            }
        }
    }
    void clear() override {
        sums_.clear();
        counts_.clear();
    }
    [[nodiscard]] std::size_t size_bytes() const override {
        return (sums_.capacity() + counts_.capacity()) * 8;
    }

  private:
    bool average_;
    std::vector<double> sums_;
    std::vector<std::uint64_t> counts_;
};

/// SUM and AVG over integers and decimals: 128 bits while the inputs are 64-bit words (2^63 rows of
/// the largest value fit), Decimal for wide ones.
class ExactSumState : public AggregateState {
  public:
    explicit ExactSumState(const AggregateCall& call)
        : call_(call), average_(call.def->name == "avg") {}

    void resize_groups(std::size_t count) override {
        sums_.resize(count, 0);
        counts_.resize(count, 0);
        if (wide_) {
            wide_sums_.resize(count);
        }
    }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        static_cast<void>(context);
        const ColumnVector& in = *inputs[0];
        scale_ = in.kind == VectorKind::kDecimal ? in.scale : scale_;
        if (in.kind == VectorKind::kWideDecimal) {
            update_wide(in, rows, groups);
        } else if (in.kind == VectorKind::kU64) {
            for_rows(rows, [&](std::size_t row) {
                if (!in.is_null(row)) {
                    const std::size_t group = group_of(groups, row);
                    sums_[group] += static_cast<Int128>(in.u64_at(row));
                    ++counts_[group];
                }
            });
        } else {
            update_narrow(in, rows, groups);
        }
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        const VectorKind kind = vector_kind(call_.type);
        prepare(out, kind, count, kind == VectorKind::kDecimal ? call_.type.type.scale : 0);
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t rows = counts_[first + i];
            if (rows == 0) {
                out.set_null(i);
                continue;
            }
            Decimal sum = decimal_of_int128(sums_[first + i], scale_);
            if (wide_) {
                sum = Decimal::add(sum, wide_sums_[first + i]);
            }
            if (average_) {
                sum = Decimal::divide(sum, Decimal::of_uint(rows),
                                      context.statement.div_precision_increment)
                          .value_or(Decimal{});
            }
            put_decimal(out, i, sum, call_.type);
        }
    }
    void clear() override {
        sums_.clear();
        counts_.clear();
        wide_sums_.clear();
    }
    [[nodiscard]] std::size_t size_bytes() const override {
        return sums_.capacity() * 16 + counts_.capacity() * 8 +
               wide_sums_.capacity() * sizeof(Decimal);
    }

  private:
    void update_narrow(const ColumnVector& in, const Batch& rows, Groups groups) {
        if (groups.empty() && in.nulls.empty() && !in.constant && !rows.selected) {
            Int128 sum = 0;
            for (std::size_t row = 0; row < rows.row_count; ++row) {
                sum += in.i64[row];
            }
            sums_[0] += sum;
            counts_[0] += rows.row_count;
            return;
        }
        for_rows(rows, [&](std::size_t row) {
            if (!in.is_null(row)) {
                const std::size_t group = group_of(groups, row);
                sums_[group] += in.i64_at(row);
                ++counts_[group];
            }
        });
    }

    void update_wide(const ColumnVector& in, const Batch& rows, Groups groups) {
        wide_ = true;
        wide_sums_.resize(sums_.size());
        for_rows(rows, [&](std::size_t row) {
            if (!in.is_null(row)) {
                const std::size_t group = group_of(groups, row);
                wide_sums_[group] = Decimal::add(wide_sums_[group], in.wide[in.index(row)]);
                ++counts_[group];
            }
        });
    }

    const AggregateCall& call_;
    bool average_;
    bool wide_ = false;
    std::uint8_t scale_ = 0;
    std::vector<Int128> sums_;
    std::vector<std::uint64_t> counts_;
    std::vector<Decimal> wide_sums_;
};

/// Welford's recurrence: stable, one pass.
class VarianceState : public AggregateState {
  public:
    explicit VarianceState(const AggregateCall& call) {
        const std::string_view name = call.def->name;
        root_ = name.starts_with("std");
        sample_ = name.ends_with("_samp");
    }

    void resize_groups(std::size_t count) override { moments_.resize(count); }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        static_cast<void>(context);
        const ColumnVector& in = *inputs[0];
        for_rows(rows, [&](std::size_t row) {
            if (in.is_null(row)) {
                return;
            }
            Moments& m = moments_[group_of(groups, row)];
            const double value = in.f64_at(row);
            ++m.count;
            const double delta = value - m.mean;
            m.mean += delta / static_cast<double>(m.count);
            m.squares += delta * (value - m.mean);
        });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        static_cast<void>(context);
        prepare(out, VectorKind::kF64, count);
        for (std::size_t i = 0; i < count; ++i) {
            const Moments& m = moments_[first + i];
            if (m.count == 0 || (sample_ && m.count == 1)) {
                out.set_null(i);
                continue;
            }
            const double variance = m.squares / static_cast<double>(m.count - (sample_ ? 1 : 0));
            out.f64[i] = root_ ? std::sqrt(variance) : variance;
        }
    }
    void clear() override { moments_.clear(); }
    [[nodiscard]] std::size_t size_bytes() const override {
        return moments_.capacity() * sizeof(Moments);
    }

  private:
    struct Moments {
        std::uint64_t count = 0;
        double mean = 0;
        double squares = 0;
    };
    bool root_ = false;
    bool sample_ = false;
    std::vector<Moments> moments_;
};

class BitState : public AggregateState {
  public:
    explicit BitState(const AggregateCall& call) : name_(call.def->name) {}

    void resize_groups(std::size_t count) override {
        bits_.resize(count, name_ == "bit_and" ? ~std::uint64_t{0} : 0);
    }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        static_cast<void>(context);
        const ColumnVector& in = *inputs[0];
        const bool is_and = name_ == "bit_and";
        const bool is_or = name_ == "bit_or";
        for_rows(rows, [&](std::size_t row) {
            if (!in.is_null(row)) {
                std::uint64_t& bits = bits_[group_of(groups, row)];
                const std::uint64_t value = in.u64_at(row);
                bits = is_and ? bits & value : (is_or ? bits | value : bits ^ value);
            }
        });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        static_cast<void>(context);
        prepare(out, VectorKind::kU64, count);
        for (std::size_t i = 0; i < count; ++i) {
            out.i64[i] = static_cast<std::int64_t>(bits_[first + i]);
        }
    }
    void clear() override { bits_.clear(); }
    [[nodiscard]] std::size_t size_bytes() const override { return bits_.capacity() * 8; }

  private:
    std::string_view name_;
    std::vector<std::uint64_t> bits_;
};

}  // namespace

std::unique_ptr<AggregateState> make_count(const AggregateCall& call) {
    static_cast<void>(call);
    return std::make_unique<CountState>();
}

std::unique_ptr<AggregateState> make_sum(const AggregateCall& call) {
    if (value_class(call.type) == ValueClass::kReal) {
        return std::make_unique<RealSumState>(call);
    }
    return std::make_unique<ExactSumState>(call);
}

std::unique_ptr<AggregateState> make_variance(const AggregateCall& call) {
    return std::make_unique<VarianceState>(call);
}

std::unique_ptr<AggregateState> make_bits(const AggregateCall& call) {
    return std::make_unique<BitState>(call);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Which index, and which stretch of it, answers the conditions on one table.
//
// Pure functions over a bound block; exact counts come from the table's trees.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "sql/plan/key_ranges.h"
#include "sql/plan/plan.h"

namespace afterimage::sql {

/// A conjunct that restricts one column by values from elsewhere.
struct ColumnCondition {
    enum class Kind : std::uint8_t {
        kEqual,  ///< also IN: one of `values`
        kNullSafeEqual,
        kIsNull,
        kIsNotNull,
        kLow,   ///< column > or >= values[0]
        kHigh,  ///< column < or <= values[0]
        kBetween,
        kLike,
    };
    Kind kind = Kind::kEqual;
    std::size_t column = 0;  ///< ordinal in the source
    std::vector<const Expression*> values;
    bool inclusive = true;
    bool exact = false;  ///< the column itself is compared, without a cast
    const Expression* conjunct = nullptr;
};

/// What the conjunct says about a column of the source, if it can be used for keys. Several for a
/// conjunct that bounds a column on one side of each of two columns (a = b).
void find_column_conditions(const Expression& conjunct, const BoundSource& source,
                            std::vector<ColumnCondition>& out);

/// Whether a value may be computed: it reads none but available slots of the block.
using SlotAvailable = std::function<bool(std::size_t slot)>;

struct AccessChoice {
    KeyAccess access;
    double rows = 0;  ///< entries that are read
    double cost = 0;
    bool covering = false;
    std::vector<const Expression*> used;  ///< conjuncts that the access makes use of
};

class AccessPlanner {
  public:
    AccessPlanner(const BoundSource& source, const storage::TableReader& reader,
                  EvalContext& context);

    /// The cheapest way to read the rows that satisfy the conditions whose values are available.
    /// `lookups_only`: only accesses with at least one value that is not constant (index joins).
    [[nodiscard]] std::optional<AccessChoice> choose(const std::vector<ColumnCondition>& conditions,
                                                     const SlotAvailable& available,
                                                     bool lookups_only);

    /// An access in the wanted order, if some index has it: columns with directions.
    struct WantedOrder {
        std::size_t column = 0;
        bool descending = false;
    };
    [[nodiscard]] std::optional<AccessChoice> choose_ordered(
        const std::vector<ColumnCondition>& conditions, const std::vector<WantedOrder>& order);
    /// Whether an access delivers the order; sets access.reverse.
    [[nodiscard]] bool delivers(KeyAccess& access, const std::vector<WantedOrder>& order) const;

    [[nodiscard]] double table_rows() const noexcept { return table_rows_; }

  private:
    [[nodiscard]] bool usable(std::size_t index) const;
    [[nodiscard]] AccessChoice build(std::size_t index,
                                     const std::vector<ColumnCondition>& conditions,
                                     const SlotAvailable& available, bool* has_outer) const;
    void estimate(AccessChoice& choice, bool has_outer);
    [[nodiscard]] bool is_covering(std::size_t index) const;
    [[nodiscard]] double rows_per_key(const KeyAccess& access);

    const BoundSource& source_;
    const storage::TableReader& reader_;
    EvalContext& context_;
    double table_rows_ = 0;
};

/// What part of the rows a condition lets through, without looking at them.
[[nodiscard]] double default_selectivity(const Expression& condition);

/// The column below casts that keep the order; null when it is something else.
[[nodiscard]] const Expression* strip_order_keeping_casts(const Expression& expression);

}  // namespace afterimage::sql

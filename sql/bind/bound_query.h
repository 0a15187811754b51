// SPDX-License-Identifier: Apache-2.0
// A query with names resolved: what the binder makes and the planner reads.
//
// Slots. Each SELECT block has a row of its own: the columns of all its sources one behind the
// other. A kSlot expression names a place in it, and the batches that scans, joins and filters of
// the block pass on have exactly these columns, so that nothing is renumbered when joins are
// reordered; columns that nobody reads stay empty. A grouped block continues with a second row:
// group keys, then aggregates; then window results follow behind either.
//
// Built by one thread, immutable afterwards. Invariants: 1. source.first_slot + column_count never
// overlap inside a block.  2. items[0, visible) are the result's columns; later ones exist for
// ORDER BY alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/expr/aggregate.h"
#include "sql/expr/expression.h"
#include "sql/parse/ast/query.h"

namespace afterimage::sql {

struct BoundQuery;
struct CteDefinition;

enum class SourceKind : std::uint8_t {
    kTable,
    kVirtual,
    kQuery,       ///< derived table, view that was not merged, CTE
    kCteWorking,  ///< inside a recursive CTE: the rows of the last round
};

/// A column that a source offers.
struct SourceColumn {
    ResultColumn meta;    ///< name, table, type …
    bool hidden = false;  ///< invisible columns: not in *
};

struct BoundSource {
    SourceKind kind = SourceKind::kTable;
    std::string alias;
    std::size_t first_slot = 0;
    std::vector<SourceColumn> columns;
    std::vector<bool> used;  ///< columns that expressions read

    // kTable
    ResolvedDatabase database;
    std::shared_ptr<const storage::Table> table;
    /// DML: two more slots behind the columns, the row's tree key and its stored bytes.
    bool row_identity = false;
    std::optional<std::vector<std::size_t>> use_indexes;  ///< USE/FORCE INDEX; SIZE_MAX = primary
    std::vector<std::size_t> ignore_indexes;

    std::shared_ptr<VirtualTable> virtual_table;  ///< kVirtual
    std::shared_ptr<BoundQuery> query;            ///< kQuery
    std::shared_ptr<CteDefinition> cte;           ///< kCteWorking, and kQuery of a CTE used twice
    bool lateral = false;  ///< kQuery reads columns of sources before it (as level 1)

    [[nodiscard]] std::size_t slot_count() const noexcept {
        return columns.size() + (row_identity ? 2 : 0);
    }
    [[nodiscard]] std::size_t key_slot() const noexcept { return first_slot + columns.size(); }
};

/// WITH name AS (…). Shared by all references.
struct CteDefinition {
    std::string name;
    std::vector<SourceColumn> columns;
    std::shared_ptr<BoundQuery> query;  ///< not recursive: all of it; recursive: the anchor part
    std::vector<std::unique_ptr<BoundQuery>> recursive;  ///< each reads the working table
    bool distinct = false;                               ///< UNION, not UNION ALL
    std::size_t references = 0;
    [[nodiscard]] bool is_recursive() const noexcept { return !recursive.empty(); }
};

/// FROM as a tree. RIGHT JOIN has become LEFT JOIN with its sides exchanged.
struct FromNode {
    enum class Kind : std::uint8_t { kSource, kInner, kLeft };
    Kind kind = Kind::kSource;
    std::size_t source = 0;
    bool straight = false;  ///< STRAIGHT_JOIN: left before right
    std::unique_ptr<FromNode> left;
    std::unique_ptr<FromNode> right;
    std::vector<ExpressionPtr> conditions;  ///< ON, taken apart at AND
};

enum class WindowFrameUnit : std::uint8_t { kRows, kRange };
struct BoundFrameBound {
    ast::FrameBoundKind kind = ast::FrameBoundKind::kCurrentRow;
    /// ROWS: a constant count. RANGE: the edge itself over the row, of the order's type.
    ExpressionPtr offset;
};

struct BoundOrder {
    ExpressionPtr expression;
    bool descending = false;
};

struct BoundWindow {
    std::string function;  ///< row_number, rank, lag …; empty = `aggregate`
    std::vector<ExpressionPtr> args;
    std::optional<AggregateCall> aggregate;
    std::vector<ExpressionPtr> partition_by;
    std::vector<BoundOrder> order_by;
    bool has_frame = false;
    WindowFrameUnit unit = WindowFrameUnit::kRange;
    BoundFrameBound start;
    BoundFrameBound end;
    ResultType type;
};

struct BoundSelect {
    std::vector<std::unique_ptr<BoundSource>> sources;
    std::unique_ptr<FromNode> from;  ///< null: one row without columns
    std::vector<ExpressionPtr> where;
    std::size_t slot_count = 0;

    bool grouped = false;
    bool rollup = false;
    std::vector<ExpressionPtr> group_by;
    std::vector<AggregateCall> aggregates;
    std::vector<ExpressionPtr> having;
    std::vector<BoundWindow> windows;

    std::vector<ExpressionPtr> items;
    std::size_t visible = 0;
    bool distinct = false;
    bool straight_join = false;

    /// Columns of the row that items, HAVING and windows are computed over (without windows).
    [[nodiscard]] std::size_t row_width() const noexcept {
        return grouped ? group_by.size() + aggregates.size() : slot_count;
    }
};

struct BoundSetTerm {
    ast::SetOp op = ast::SetOp::kUnion;
    bool all = false;
    std::unique_ptr<BoundQuery> query;
    std::vector<ExpressionPtr> conversions;  ///< over the arm's output: to the common types
};

/// An ORDER BY term of a whole query: an output column (visible or hidden).
struct OutputOrder {
    std::size_t column = 0;
    bool descending = false;
};

struct BoundQuery {
    enum class Kind : std::uint8_t { kSelect, kSetOperation, kValues };
    Kind kind = Kind::kSelect;
    std::unique_ptr<BoundSelect> select;
    std::vector<BoundSetTerm> terms;               ///< kSetOperation; the first term's op is unused
    std::vector<std::vector<ExpressionPtr>> rows;  ///< kValues: constant expressions
    std::vector<OutputOrder> order;
    ExpressionPtr limit;                ///< null: none
    ExpressionPtr offset;               ///< null: 0
    std::vector<ResultColumn> columns;  ///< visible output
    std::vector<ResultType> hidden;     ///< types of output columns behind the visible ones
    bool calc_found_rows = false;
    bool correlated = false;  ///< reads columns of an enclosing query

    [[nodiscard]] std::size_t output_width() const noexcept {
        return columns.size() + hidden.size();
    }
};

/// What an expression's subquery node holds.
struct BoundSubquery : SubqueryPlan {
    std::unique_ptr<BoundQuery> query;
    /// kIn, kAny, kAll: over the subquery's output row, of the types of the node's args.
    std::vector<ExpressionPtr> keys;
    std::vector<ResultType>
        key_types;  ///< common type of each pair, with the collation compared by
};

/// Calls `visit` for every expression of the query, subqueries' plans included; `depth` = how many
/// levels below the query the expression stands (0 = its own blocks).
void walk_query(const BoundQuery& query,
                const std::function<void(const Expression&, std::size_t depth)>& visit);
/// Slots of the block's row that the expression reads, its subqueries included.
void collect_slots(const Expression& expression, const std::function<void(std::size_t)>& add);
/// Slots of the enclosing block's row that a subquery (or LATERAL table) reads.
void collect_outer_slots(const BoundQuery& query, const std::function<void(std::size_t)>& add);

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Queries: SELECT, VALUES, TABLE, set operations, WITH; and what FROM may hold.
//
// Nesting of queries is bounded by kMaxQueryDepth (ER_TOO_HIGH_LEVEL_OF_NESTING_FOR_SELECT, 1473).
// `depth` counts through everything (expressions, joins, queries in each other), and
// kMaxExpressionDepth bounds it, so that a recursive walk over a whole statement is safe.
#pragma once

#include "sql/parse/ast/expression.h"

namespace afterimage::sql::ast {

/// As MySQL's limit on nested SELECTs.
inline constexpr std::uint16_t kMaxQueryDepth = 63;

// ---- FROM ---------------------------------------------------------------------------------------

enum class AsOfKind : std::uint8_t {
    kNone,
    kRevision,    ///< t AS OF expr (Dolt's)
    kSystemTime,  ///< FOR SYSTEM_TIME AS OF [TIMESTAMP] expr
    kVersion,     ///< FOR VERSION AS OF expr
    kSystemTimeBetween,
    kSystemTimeFromTo,
    kSystemTimeContainedIn,
    kSystemTimeAll,
};

struct AsOfClause {
    AsOfKind kind = AsOfKind::kNone;
    bool transaction = false;  ///< MariaDB: AS OF TRANSACTION expr
    const Expr* value = nullptr;
    const Expr* until = nullptr;  ///< second bound of the range forms
};

enum class TableRefKind : std::uint8_t { kTable, kDerived, kFunction, kJsonTable, kJoin };

/// depth as in Expr.
struct TableRef {
    TableRefKind kind = TableRefKind::kTable;
    std::uint16_t depth = 1;
    Identifier alias;  ///< empty = none
    std::string_view text;
};

enum class IndexHintKind : std::uint8_t { kUse, kForce, kIgnore };
enum class IndexHintScope : std::uint8_t { kAll, kJoin, kOrderBy, kGroupBy };

struct IndexHint {
    IndexHintKind kind = IndexHintKind::kUse;
    IndexHintScope scope = IndexHintScope::kAll;
    List<Identifier> indexes;  ///< may be empty with USE INDEX ()
};

struct NamedTableRef : TableRef {
    ObjectName name;
    List<Identifier> partitions;
    AsOfClause as_of;
    List<IndexHint> hints;
};

struct DerivedTableRef : TableRef {
    const Query* query = nullptr;
    bool lateral = false;
    List<Identifier> columns;
};

/// dolt_diff('a', 'b', 't'), SEQ-like functions: f(args) [AS alias [(columns)]]
struct FunctionTableRef : TableRef {
    ObjectName name;
    List<const Expr*> args;
    bool lateral = false;
    List<Identifier> columns;
    AsOfClause as_of;
};

struct JsonTableColumn {
    enum class Kind : std::uint8_t { kOrdinality, kPath, kExists, kNested };
    Kind kind = Kind::kPath;
    std::uint16_t depth = 1;  ///< as in Expr
    Identifier name;
    const DataType* type = nullptr;
    const Expr* path = nullptr;
    JsonOnClause on_empty;
    JsonOnClause on_error;
    List<JsonTableColumn>* nested = nullptr;  ///< of kNested
};

struct JsonTableRef : TableRef {
    const Expr* document = nullptr;
    const Expr* path = nullptr;
    List<JsonTableColumn> columns;
};

enum class JoinKind : std::uint8_t {
    kComma,
    kInner,  ///< JOIN, INNER JOIN, CROSS JOIN
    kStraight,
    kLeft,
    kRight,
    kFull,  ///< refused by the binder
};

struct JoinRef : TableRef {
    JoinKind join = JoinKind::kInner;
    bool natural = false;
    bool parenthesized = false;  ///< the whole join stood in ( )
    const TableRef* left = nullptr;
    const TableRef* right = nullptr;
    const Expr* on = nullptr;
    List<Identifier> using_columns;  ///< not empty = USING
};

// ---- Queries ------------------------------------------------------------------------------------

struct SelectItem {
    const Expr* expr = nullptr;  ///< may be a StarExpr
    Identifier alias;
    bool has_alias = false;  ///< AS '' gives an empty name
    std::string_view text;   ///< the expression's source, for the column's name
};

struct SelectOptions {
    bool distinct = false;
    bool all = false;
    bool straight_join = false;
    bool high_priority = false;
    bool small_result = false;
    bool big_result = false;
    bool buffer_result = false;
    bool calc_found_rows = false;
    bool no_cache = false;
    bool cache = false;
};

struct LimitClause {
    const Expr* count = nullptr;  ///< null: no LIMIT
    const Expr* offset = nullptr;
    const Expr* rows_examined = nullptr;  ///< MariaDB LIMIT … ROWS EXAMINED n
    bool with_ties = false;               ///< FETCH FIRST n ROWS WITH TIES
};

enum class LockStrength : std::uint8_t { kUpdate, kShare };
enum class LockWait : std::uint8_t { kDefault, kNoWait, kSkipLocked, kSeconds };

/// FOR UPDATE [OF t, …] [NOWAIT | SKIP LOCKED | WAIT n], FOR SHARE …, LOCK IN SHARE MODE
struct LockingClause {
    LockStrength strength = LockStrength::kUpdate;
    LockWait wait = LockWait::kDefault;
    const Expr* wait_seconds = nullptr;
    List<ObjectName> of;
};

/// FIELDS … LINES … of LOAD DATA and INTO OUTFILE; null views (data() == nullptr) = not given.
struct FieldFormat {
    std::string_view charset;
    std::string_view fields_terminated;
    std::string_view fields_enclosed;
    std::string_view fields_escaped;
    std::string_view lines_starting;
    std::string_view lines_terminated;
    bool optionally_enclosed = false;
};

enum class IntoKind : std::uint8_t { kNone, kOutfile, kDumpfile, kVariables };

struct IntoVariable {
    bool user_variable = false;  ///< @name, else a routine's local
    std::string_view name;
};

struct IntoClause {
    IntoKind kind = IntoKind::kNone;
    std::string_view file;
    FieldFormat format;
    List<IntoVariable> variables;
};

enum class QueryBodyKind : std::uint8_t {
    kSelect,
    kValues,  ///< VALUES ROW(…), …
    kTable,   ///< TABLE t
    kSetOperation,
    kNested,  ///< ( query with ORDER BY, LIMIT, WITH … of its own )
};

struct QueryBody {
    QueryBodyKind kind = QueryBodyKind::kSelect;
    std::uint16_t depth = 1;  ///< as in Expr, over all that is inside
    std::string_view text;
};

struct Select : QueryBody {
    SelectOptions options;
    List<SelectItem> items;
    const TableRef* from = nullptr;  ///< null: no FROM, or FROM DUAL
    const Expr* where = nullptr;
    List<OrderItem> group_by;  ///< MySQL 5.7 allowed ASC, DESC here
    bool rollup = false;       ///< WITH ROLLUP
    const Expr* having = nullptr;
    List<const WindowSpec*> windows;
    const Expr* qualify = nullptr;
};

struct ValuesBody : QueryBody {
    List<const RowExpr*> rows;  ///< a RowExpr may hold one item here
};

struct TableBody : QueryBody {
    ObjectName name;
    AsOfClause as_of;
};

enum class SetOp : std::uint8_t { kUnion, kExcept, kIntersect };

struct SetTerm {
    SetOp op = SetOp::kUnion;
    bool all = false;
    const QueryBody* body = nullptr;
};

/// first op1 term1 op2 term2 …, left to right; INTERSECT binds closer and nests.
struct SetOperation : QueryBody {
    const QueryBody* first = nullptr;
    List<SetTerm> terms;
};

struct NestedBody : QueryBody {
    const Query* query = nullptr;
};

struct CommonTableExpr {
    Identifier name;
    List<Identifier> columns;
    const Query* query = nullptr;
    List<Identifier> cycle_columns;  ///< MariaDB CYCLE a, b RESTRICT
};

struct WithClause {
    bool recursive = false;
    List<CommonTableExpr> tables;
};

/// A whole query expression: what a subquery, a view or a SELECT statement holds.
struct Query {
    const WithClause* with = nullptr;
    const QueryBody* body = nullptr;
    List<OrderItem> order_by;
    LimitClause limit;
    List<LockingClause> locking;
    IntoClause into;
    const Expr* procedure_analyse = nullptr;  ///< PROCEDURE ANALYSE(…), old MariaDB
    std::uint16_t depth = 1;                  ///< as in Expr, over all that is inside
    std::uint16_t nesting = 1;                ///< queries in each other, this one included
    std::string_view text;                    ///< without surrounding parentheses
};

}  // namespace afterimage::sql::ast

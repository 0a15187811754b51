// SPDX-License-Identifier: Apache-2.0
// Statements that read or change rows.
#pragma once

#include "sql/parse/ast/literal_rows.h"
#include "sql/parse/ast/query.h"

namespace afterimage::sql::ast {

struct QueryStatement : Statement {
    const Query* query = nullptr;
};

/// column = value; a DefaultExpr for DEFAULT.
struct Assignment {
    const ColumnExpr* column = nullptr;
    const Expr* value = nullptr;
};

enum class Priority : std::uint8_t { kNormal, kLow, kHigh, kDelayed };

/// INSERT and REPLACE. Exactly one of `rows`, `assignments` (SET form; `set_form`) and `query`.
/// The SET form also fills `columns`.
struct InsertStatement : Statement {
    bool replace = false;
    bool ignore = false;
    Priority priority = Priority::kNormal;
    ObjectName table;
    List<Identifier> partitions;
    bool columns_given = false;  ///< () gives an empty list
    List<const ColumnExpr*> columns;
    const LiteralRows* rows = nullptr;
    bool set_form = false;
    List<Assignment> assignments;
    const Query* query = nullptr;
    Identifier row_alias;  ///< VALUES … AS new(a, b)
    List<Identifier> row_alias_columns;
    bool on_duplicate = false;
    List<Assignment> on_duplicate_set;
    List<SelectItem> returning;  ///< MariaDB
};

struct UpdateStatement : Statement {
    const WithClause* with = nullptr;
    bool low_priority = false;
    bool ignore = false;
    const TableRef* tables = nullptr;  ///< a NamedTableRef for the single-table form
    List<Assignment> set;
    const Expr* where = nullptr;
    List<OrderItem> order_by;
    LimitClause limit;
    List<SelectItem> returning;
};

/// DELETE FROM t …: `multi` false, `from` is the NamedTableRef. DELETE a, b FROM … and
/// DELETE FROM a, b USING …: `multi` true, `targets` names the tables to delete from.
struct DeleteStatement : Statement {
    const WithClause* with = nullptr;
    bool low_priority = false;
    bool quick = false;
    bool ignore = false;
    bool history = false;  ///< MariaDB DELETE HISTORY
    bool multi = false;
    List<ObjectName> targets;
    const TableRef* from = nullptr;
    AsOfClause before_system_time;  ///< DELETE HISTORY … BEFORE SYSTEM_TIME
    const Expr* where = nullptr;
    List<OrderItem> order_by;
    LimitClause limit;
    List<SelectItem> returning;
};

struct TruncateStatement : Statement {
    ObjectName table;
};

/// A LOAD DATA target: a column, or @variable.
struct LoadTarget {
    bool user_variable = false;
    std::string_view name;
    const ColumnExpr* column = nullptr;
};

struct LoadDataStatement : Statement {
    bool xml = false;
    bool local = false;
    Priority priority = Priority::kNormal;
    bool concurrent = false;
    std::string_view file;
    bool replace = false;
    bool ignore = false;
    ObjectName table;
    List<Identifier> partitions;
    FieldFormat format;
    std::string_view rows_identified_by;  ///< LOAD XML
    const Expr* ignore_lines = nullptr;
    List<LoadTarget> targets;
    List<Assignment> set;
};

struct CallStatement : Statement {
    ObjectName procedure;
    List<const Expr*> args;
    AsOfClause as_of;
};

struct DoStatement : Statement {
    List<const Expr*> exprs;
};

}  // namespace afterimage::sql::ast

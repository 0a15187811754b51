// SPDX-License-Identifier: Apache-2.0
// Queries, FROM and types, printed.
#include "sql/parse/printer.h"

namespace afterimage::sql {

using ast::as;
using ast::QueryBodyKind;
using ast::TableRefKind;

// ---- Queries ------------------------------------------------------------------------------------

void Printer::query(const ast::Query& of) {
    if (of.with != nullptr) {
        with(*of.with);
    }
    body(*of.body);
    suffix(of);
}

void Printer::with(const ast::WithClause& clause) {
    put(clause.recursive ? "with recursive " : "with ");
    std::string_view separator;
    for (const ast::CommonTableExpr& table : clause.tables) {
        put(separator);
        append_identifier(out_, table.name);
        if (!table.columns.empty()) {
            put(" ");
            names(table.columns);
        }
        put(" as ");
        subquery(*table.query);
        separator = ", ";
    }
    put(" ");
}

void Printer::body(const ast::QueryBody& of) {
    switch (of.kind) {
        case QueryBodyKind::kSelect:
            return select(as<ast::Select>(of));
        case QueryBodyKind::kValues: {
            std::string_view separator = "values ";
            for (const ast::RowExpr* row : as<ast::ValuesBody>(of).rows) {
                // MariaDB knows VALUES with bare tuples alone.
                put(separator).put(options_.style == PrintStyle::kMariaDb ? "(" : "row(");
                list(row->items);
                put(")");
                separator = ",";
            }
            return;
        }
        case QueryBodyKind::kTable:
            put("table ");
            append_object_name(out_, as<ast::TableBody>(of).name);
            return as_of(as<ast::TableBody>(of).as_of);
        case QueryBodyKind::kSetOperation:
            return set_operation(as<ast::SetOperation>(of));
        case QueryBodyKind::kNested:
            return subquery(*as<ast::NestedBody>(of).query);
    }
}

void Printer::set_operation(const ast::SetOperation& operation) {
    static constexpr std::string_view kOps[] = {" union ", " except ", " intersect "};
    const bool intersect = operation.terms.front().op == ast::SetOp::kIntersect;
    operand(*operation.first, intersect);
    for (const ast::SetTerm& term : operation.terms) {
        put(kOps[static_cast<std::size_t>(term.op)]).put(term.all ? "all " : "");
        operand(*term.body, true);
    }
}

void Printer::operand(const ast::QueryBody& of, bool of_intersect) {
    const bool parentheses = of.kind == QueryBodyKind::kSetOperation && of_intersect;
    put(parentheses ? "(" : "");
    body(of);
    put(parentheses ? ")" : "");
}

void Printer::select_options(const ast::SelectOptions& options) {
    put(options.straight_join ? "straight_join " : "");
    put(options.high_priority ? "high_priority " : "");
    put(options.distinct ? "distinct " : "");
    put(options.small_result ? "sql_small_result " : "");
    put(options.big_result ? "sql_big_result " : "");
    put(options.buffer_result ? "sql_buffer_result " : "");
    put(options.no_cache ? "sql_no_cache " : "");
    put(options.calc_found_rows ? "sql_calc_found_rows " : "");
}

void Printer::select(const ast::Select& of) {
    put("select ");
    select_options(of.options);
    std::string_view separator;
    for (const ast::SelectItem& item : of.items) {
        put(separator);
        expression(*item.expr);
        if (item.has_alias) {
            put(" AS ");
            append_identifier(out_, item.alias);
        }
        separator = ",";
    }
    if (of.from != nullptr) {
        put(" from ");
        table(*of.from);
    }
    if (of.where != nullptr) {
        put(" where ");
        expression(*of.where);
    }
    if (!of.group_by.empty()) {
        put(" group by ");
        order(of.group_by);
        put(of.rollup ? " with rollup" : "");
    }
    if (of.having != nullptr) {
        put(" having ");
        expression(*of.having);
    }
    separator = " window ";
    for (const ast::WindowSpec* window : of.windows) {
        put(separator);
        append_identifier(out_, window->name);
        put(" as (");
        window_body(*window);
        put(")");
        separator = ",";
    }
}

void Printer::suffix(const ast::Query& of) {
    if (!of.order_by.empty()) {
        put(" order by ");
        order(of.order_by);
    }
    if (of.limit.count != nullptr) {
        put(" limit ");
        if (of.limit.offset != nullptr) {
            expression(*of.limit.offset);
            put(",");
        }
        expression(*of.limit.count);
    } else if (of.limit.offset != nullptr) {
        put(" offset ");
        expression(*of.limit.offset);
        put(" rows");
    }
    static constexpr std::string_view kWaits[] = {"", " nowait", " skip locked", " wait "};
    for (const ast::LockingClause& clause : of.locking) {
        put(clause.strength == ast::LockStrength::kUpdate ? " for update" : " for share");
        std::string_view separator = " of ";
        for (const ast::ObjectName& name : clause.of) {
            put(separator);
            append_object_name(out_, name);
            separator = ",";
        }
        put(kWaits[static_cast<std::size_t>(clause.wait)]);
        if (clause.wait_seconds != nullptr) {
            expression(*clause.wait_seconds);
        }
    }
}

// ---- FROM ---------------------------------------------------------------------------------------

void Printer::alias(std::string_view name) {
    if (!name.empty()) {
        put(" ");
        append_identifier(out_, name);
    }
}

void Printer::table(const ast::TableRef& of) {
    switch (of.kind) {
        case TableRefKind::kTable:
            return named_table(as<ast::NamedTableRef>(of));
        case TableRefKind::kDerived: {
            const auto& derived = as<ast::DerivedTableRef>(of);
            put(derived.lateral ? "lateral " : "");
            subquery(*derived.query);
            alias(derived.alias);
            if (!derived.columns.empty()) {
                put(" ");
                names(derived.columns);
            }
            return;
        }
        case TableRefKind::kFunction:
            return table_function(as<ast::FunctionTableRef>(of));
        case TableRefKind::kJsonTable:
            return json_table(as<ast::JsonTableRef>(of));
        case TableRefKind::kJoin:
            return join(as<ast::JoinRef>(of));
    }
}

void Printer::join(const ast::JoinRef& of) {
    static constexpr std::string_view kJoins[] = {" join ",      " join ",       " straight_join ",
                                                  " left join ", " right join ", " full join "};
    put("(");
    table(*of.left);
    put(of.natural ? " natural" : "").put(kJoins[static_cast<std::size_t>(of.join)]);
    table(*of.right);
    if (of.on != nullptr) {
        put(" on(");
        expression(*of.on);
        put(")");
    }
    if (!of.using_columns.empty()) {
        put(" using ");
        names(of.using_columns);
    }
    put(")");
}

void Printer::named_table(const ast::NamedTableRef& of) {
    append_object_name(out_, of.name);
    if (!of.partitions.empty()) {
        put(" partition ");
        names(of.partitions);
    }
    as_of(of.as_of);
    alias(of.alias);
    static constexpr std::string_view kHints[] = {" use index ", " force index ", " ignore index "};
    static constexpr std::string_view kScopes[] = {"", "for join ", "for order by ",
                                                   "for group by "};
    for (const ast::IndexHint& hint : of.hints) {
        put(kHints[static_cast<std::size_t>(hint.kind)]);
        put(kScopes[static_cast<std::size_t>(hint.scope)]);
        if (hint.indexes.empty()) {
            put("()");
        } else {
            names(hint.indexes);
        }
    }
}

void Printer::table_function(const ast::FunctionTableRef& of) {
    put(of.lateral ? "lateral " : "");
    append_object_name(out_, of.name);
    put("(");
    list(of.args);
    put(")");
    as_of(of.as_of);
    alias(of.alias);
    if (!of.columns.empty()) {
        put(" ");
        names(of.columns);
    }
}

void Printer::json_table(const ast::JsonTableRef& of) {
    put("json_table(");
    expression(*of.document);
    put(", ");
    expression(*of.path);
    put(" columns (");
    json_columns(of.columns);
    put("))");
    alias(of.alias);
}

void Printer::json_columns(const ast::List<ast::JsonTableColumn>& columns) {
    using Kind = ast::JsonTableColumn::Kind;
    std::string_view separator;
    for (const ast::JsonTableColumn& column : columns) {
        put(separator);
        separator = ", ";
        if (column.kind == Kind::kNested) {
            put("nested path ");
            expression(*column.path);
            put(" columns (");
            json_columns(*column.nested);
            put(")");
            continue;
        }
        append_identifier(out_, column.name);
        if (column.kind == Kind::kOrdinality) {
            put(" for ordinality");
            continue;
        }
        put(" ");
        type(*column.type, false);
        put(column.kind == Kind::kExists ? " exists path " : " path ");
        expression(*column.path);
        json_on(column.on_empty, " on empty");
        json_on(column.on_error, " on error");
    }
}

void Printer::as_of(const ast::AsOfClause& clause) {
    const auto range = [&](std::string_view before, std::string_view between,
                           std::string_view after) {
        put(before);
        expression(*clause.value, kBitOr);
        put(between);
        expression(*clause.until, kBitOr);
        put(after);
    };
    switch (clause.kind) {
        case ast::AsOfKind::kNone:
            return;
        case ast::AsOfKind::kRevision:
            put(" as of ");
            break;
        case ast::AsOfKind::kSystemTime:
            put(" for system_time as of ").put(clause.transaction ? "transaction " : "");
            break;
        case ast::AsOfKind::kVersion:
            put(" for version as of ");
            break;
        case ast::AsOfKind::kSystemTimeBetween:
            return range(" for system_time between ", " and ", "");
        case ast::AsOfKind::kSystemTimeFromTo:
            return range(" for system_time from ", " to ", "");
        case ast::AsOfKind::kSystemTimeContainedIn:
            return range(" for system_time contained in (", ",", ")");
        case ast::AsOfKind::kSystemTimeAll:
            put(" for system_time all");
            return;
    }
    expression(*clause.value, kBitOr);
}

// ---- Types --------------------------------------------------------------------------------------

void Printer::type(const ast::DataType& of, bool cast) {
    // In the order of TypeName.
    static constexpr std::string_view kNames[] = {
        "",
        "tinyint",
        "smallint",
        "mediumint",
        "int",
        "bigint",
        "decimal",
        "float",
        "double",
        "bit",
        "tinyint(1)",
        "serial",
        "date",
        "time",
        "datetime",
        "timestamp",
        "year",
        "char",
        "varchar",
        "binary",
        "varbinary",
        "tinyblob",
        "blob",
        "mediumblob",
        "longblob",
        "tinytext",
        "text",
        "mediumtext",
        "longtext",
        "enum",
        "set",
        "json",
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "uuid",
        "inet4",
        "inet6",
        "vector",
        "xmltype",
        "signed",
        "unsigned",
    };
    static_assert(std::size(kNames) == static_cast<std::size_t>(ast::TypeName::kUnsigned) + 1);
    put(of.is_national ? "national " : "").put(kNames[static_cast<std::size_t>(of.name)]);
    if (!of.elements.empty()) {
        std::string_view separator = "(";
        for (const std::string_view element : of.elements) {
            put(separator);
            append_string_literal(out_, element);
            separator = ",";
        }
        put(")");
    }
    if (of.has_length) {
        put("(").put(std::to_string(of.length));
        if (of.has_decimals) {
            put(",").put(std::to_string(of.decimals));
        }
        put(")");
    }
    put(of.is_unsigned && of.name != ast::TypeName::kSerial ? " unsigned" : "");
    put(of.is_zerofill ? " zerofill" : "");
    put(of.is_ascii ? " ascii" : "").put(of.is_unicode ? " unicode" : "");
    put(of.is_byte ? " byte" : "");
    if (!of.charset.empty()) {
        put(cast ? " charset " : " character set ").put(of.charset);
    }
    put(of.binary_collation ? " binary" : "");
    if (!of.collation.empty()) {
        put(" collate ").put(of.collation);
    }
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Expr;
using ast::Statement;
using ast::StatementKind;

Statement* AstBuilder::query_statement(Query* of) {
    auto* made = make_statement<ast::QueryStatement>(StatementKind::kQuery);
    made->query = of;
    return made;
}

// ---- INSERT -------------------------------------------------------------------------------------

LiteralRowsBuilder& AstBuilder::rows() {
    if (!rows_) {
        rows_.emplace(arena_, text_, options_);
    }
    return *rows_;
}

void AstBuilder::add_row(const Exprs* values) {
    LiteralRowsBuilder& to = rows();
    to.begin_row();
    if (values != nullptr) {
        for (const Expr* value : *values) {
            to.add_expression(*value);
        }
    }
    to.end_row();
}

ast::List<const ast::ColumnExpr*>* AstBuilder::no_columns() {
    return make<List<const ast::ColumnExpr*>>();
}

ast::InsertStatement* AstBuilder::insert_head(bool replace, int priority, int ignore,
                                              ObjectName* into, Identifiers* partitions) {
    auto* made = make_statement<ast::InsertStatement>(StatementKind::kInsert);
    made->replace = replace;
    made->priority = static_cast<ast::Priority>(priority);
    made->ignore = ignore != 0;
    made->table = *into;
    made->partitions = value(partitions);
    return made;
}

InsertSource* AstBuilder::insert_rows(List<const ast::ColumnExpr*>* columns, InsertValues* values) {
    auto* made = make<InsertSource>();
    made->columns_given = columns != nullptr;
    made->columns = value(columns);
    made->values = values;
    made->alias = values->alias;
    made->alias_columns = values->alias_columns;
    return made;
}

InsertSource* AstBuilder::insert_query(List<const ast::ColumnExpr*>* columns, Query* of) {
    auto* made = make<InsertSource>();
    made->columns_given = columns != nullptr;
    made->columns = value(columns);
    made->query = subquery(of);
    return made;
}

InsertSource* AstBuilder::insert_set(List<ast::Assignment>* assignments, std::string_view alias,
                                     Identifiers* columns) {
    auto* made = make<InsertSource>();
    made->set_form = true;
    made->assignments = *assignments;
    made->alias = alias;
    made->alias_columns = value(columns);
    made->columns_given = true;
    for (const ast::Assignment& item : *assignments) {
        made->columns.push_back(item.column, arena_);
    }
    return made;
}

InsertValues* AstBuilder::insert_values(std::string_view alias, Identifiers* columns) {
    auto* made = make<InsertValues>();
    made->alias = alias;
    made->alias_columns = value(columns);
    return made;
}

Statement* AstBuilder::insert(ast::InsertStatement* head, InsertSource* source,
                              List<ast::Assignment>* on_duplicate,
                              List<ast::SelectItem>* returning) {
    if (head->replace && (on_duplicate != nullptr || !source->alias.empty())) {
        failed = true;
    }
    head->columns_given = source->columns_given;
    head->columns = source->columns;
    head->rows = source->values == nullptr ? nullptr : rows().rows();
    head->set_form = source->set_form;
    head->assignments = source->assignments;
    head->row_alias = source->alias;
    head->row_alias_columns = source->alias_columns;
    head->query = source->query;
    head->on_duplicate = on_duplicate != nullptr;
    head->on_duplicate_set = value(on_duplicate);
    head->returning = value(returning);
    return head;
}

ast::Assignment* AstBuilder::assignment(ast::ColumnExpr* column, Expr* value) {
    auto* made = make<ast::Assignment>();
    made->column = column;
    made->value = value;
    return made;
}

// ---- UPDATE, DELETE -----------------------------------------------------------------------------

Statement* AstBuilder::update(ast::WithClause* with_clause, int low_priority, int ignore,
                              TableRef* tables, List<ast::Assignment>* set, Expr* where,
                              List<ast::OrderItem>* order, ast::LimitClause* limit,
                              List<ast::SelectItem>* returning) {
    // MariaDB allows both for several tables.
    if (tables->kind != ast::TableRefKind::kTable && options_.flavour == ParseFlavour::kMySql) {
        if (order != nullptr) {
            throw_sql_error(ErrorCode::ER_WRONG_USAGE, "UPDATE", "ORDER BY");
        }
        if (limit != nullptr) {
            throw_sql_error(ErrorCode::ER_WRONG_USAGE, "UPDATE", "LIMIT");
        }
    }
    auto* made = make_statement<ast::UpdateStatement>(StatementKind::kUpdate);
    made->with = with_clause;
    made->low_priority = low_priority != 0;
    made->ignore = ignore != 0;
    made->tables = tables;
    made->set = *set;
    made->where = where;
    made->order_by = value(order);
    if (limit != nullptr) {
        made->limit = *limit;
    }
    made->returning = value(returning);
    return made;
}

ast::DeleteStatement* AstBuilder::delete_head(ast::WithClause* with_clause) {
    auto* made = make_statement<ast::DeleteStatement>(StatementKind::kDelete);
    made->with = with_clause;
    return made;
}

Statement* AstBuilder::delete_single(ast::DeleteStatement* head, ObjectName* from,
                                     Identifiers* partitions, std::string_view alias,
                                     ast::AsOfClause* before, Expr* where,
                                     List<ast::OrderItem>* order, ast::LimitClause* limit,
                                     List<ast::SelectItem>* returning) {
    if (before != nullptr) {
        head->before_system_time = *before;
    }
    head->from = named_table(from, partitions, nullptr, alias, nullptr);
    head->where = where;
    head->order_by = value(order);
    if (limit != nullptr) {
        head->limit = *limit;
    }
    head->returning = value(returning);
    return head;
}

Statement* AstBuilder::delete_multi(ast::DeleteStatement* head, List<ObjectName>* targets,
                                    TableRef* from, Expr* where, List<ast::OrderItem>* order,
                                    ast::LimitClause* limit, List<ast::SelectItem>* returning) {
    // MySQL has neither for several tables; MariaDB 11.8 has.
    if ((order != nullptr || limit != nullptr) && options_.flavour == ParseFlavour::kMySql) {
        failed = true;
    }
    head->multi = true;
    head->targets = *targets;
    head->from = from;
    head->where = where;
    head->order_by = value(order);
    if (limit != nullptr) {
        head->limit = *limit;
    }
    head->returning = value(returning);
    return head;
}

// ---- TRUNCATE, CALL, DO, LOAD -------------------------------------------------------------------

Statement* AstBuilder::truncate(ObjectName* of) {
    auto* made = make_statement<ast::TruncateStatement>(StatementKind::kTruncate);
    made->table = *of;
    return made;
}

Statement* AstBuilder::call_statement(ObjectName* procedure, Exprs* args, ast::AsOfClause* as_of) {
    auto* made = make_statement<ast::CallStatement>(StatementKind::kCall);
    made->procedure = *procedure;
    made->args = value(args);
    if (as_of != nullptr) {
        made->as_of = *as_of;
    }
    return made;
}

Statement* AstBuilder::do_statement(const List<ast::SelectItem>* items) {
    auto* made = make_statement<ast::DoStatement>(StatementKind::kDo);
    for (const ast::SelectItem& item : *items) {
        made->exprs.push_back(item.expr, arena_);
    }
    return made;
}

Statement* AstBuilder::load_data(int xml, int priority, int local, std::string_view file,
                                 int duplicates, ObjectName* into, Identifiers* partitions,
                                 std::string_view charset, std::string_view identified,
                                 ast::FieldFormat* fields, ast::FieldFormat* lines,
                                 Expr* ignore_lines, List<ast::LoadTarget>* targets,
                                 List<ast::Assignment>* set) {
    auto* made = make_statement<ast::LoadDataStatement>(StatementKind::kLoadData);
    made->xml = xml != 0;
    made->priority = priority == 1 ? ast::Priority::kLow : ast::Priority::kNormal;
    made->concurrent = priority == 2;
    made->local = local != 0;
    made->file = file;
    made->replace = duplicates == 1;
    made->ignore = duplicates == 2;
    made->table = *into;
    made->partitions = value(partitions);
    made->format.charset = charset;
    merge_format(&made->format, fields);
    merge_format(&made->format, lines);
    made->rows_identified_by = identified;
    made->ignore_lines = ignore_lines;
    made->targets = value(targets);
    made->set = value(set);
    return made;
}

ast::LoadTarget* AstBuilder::load_target(ast::ColumnExpr* column) {
    auto* made = make<ast::LoadTarget>();
    made->name = column->column;
    made->column = column;
    return made;
}

ast::LoadTarget* AstBuilder::load_variable(std::string_view variable) {
    auto* made = make<ast::LoadTarget>();
    made->user_variable = true;
    made->name = variable;
    return made;
}

}  // namespace afterimage::sql

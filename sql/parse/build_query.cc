// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Expr;
using ast::Query;
using ast::QueryBody;
using ast::QueryBodyKind;

namespace {

// A SELECT's INTO stands before FROM; the query takes it over. In a set operation only the last
// SELECT may have one.
struct SelectWithInto : ast::Select {
    ast::IntoClause* into = nullptr;
};
struct SetOperationWithInto : ast::SetOperation {
    ast::IntoClause* into = nullptr;
};

ast::IntoClause* into_of(QueryBody* body) {
    switch (body->kind) {
        case QueryBodyKind::kSelect:
            return static_cast<SelectWithInto*>(body)->into;
        case QueryBodyKind::kSetOperation:
            return static_cast<SetOperationWithInto*>(body)->into;
        default:
            return nullptr;
    }
}

unsigned depth_of_limit(const ast::LimitClause& limit) {
    return (limit.count == nullptr ? 0U : limit.count->depth) +
           (limit.offset == nullptr ? 0U : limit.offset->depth);
}

}  // namespace

// ---- Query expressions --------------------------------------------------------------------------

// Queries finish inside out: those that began behind this one's begin are inside it.
void AstBuilder::check_queries_inside(Query& of) {
    unsigned nesting = 0;
    while (!finished_queries_.empty() && finished_queries_.back().begin >= of.text.data()) {
        nesting = std::max<unsigned>(nesting, finished_queries_.back().nesting);
        finished_queries_.pop_back();
    }
    if (++nesting > ast::kMaxQueryDepth) {
        throw_sql_error(ErrorCode::ER_TOO_HIGH_LEVEL_OF_NESTING_FOR_SELECT);
    }
    of.nesting = static_cast<std::uint16_t>(nesting);
    finished_queries_.push_back({of.text.data(), of.nesting});
}

Query* AstBuilder::query_of(ast::WithClause* with_clause, QueryBody* body, QuerySuffix* suffix) {
    auto* made = make<SourcedQuery>();
    made->with = with_clause;
    made->body = body;
    unsigned depth = body->depth;
    const char* begin = body->text.data();
    if (with_clause != nullptr) {
        begin = static_cast<SourcedWith*>(with_clause)->begin;
        for (const ast::CommonTableExpr& table : with_clause->tables) {
            depth = std::max<unsigned>(depth, table.query->depth);
        }
    }
    if (const ast::IntoClause* into = into_of(body); into != nullptr) {
        made->into = *into;
    }
    if (suffix != nullptr) {
        made->order_by = suffix->order_by;
        made->limit = suffix->limit;
        made->locking = suffix->locking;
        made->procedure_analyse = suffix->procedure;
        if (suffix->into.kind != ast::IntoKind::kNone) {
            if (made->into.kind != ast::IntoKind::kNone) {
                failed = true;
            }
            made->into = suffix->into;
        }
        depth = std::max({depth, depth_of(made->order_by), depth_of_limit(made->limit)});
    }
    made->text = span(begin);
    made->depth = checked_depth(depth + 1);
    check_queries_inside(*made);
    return made;
}

// The text of a query is that inside; what holds it begins at the parenthesis.
Query* AstBuilder::in_parentheses(const Token& open, Query* inner) {
    static_cast<SourcedQuery*>(inner)->open = open.data;
    return inner;
}

// An operand in parentheses: its body where that says all, else a query of its own.
QueryBody* AstBuilder::nested(Query* inner) {
    const bool bare = inner->with == nullptr && inner->order_by.empty() &&
                      inner->limit.count == nullptr && inner->limit.offset == nullptr &&
                      inner->locking.empty() && inner->into.kind == ast::IntoKind::kNone &&
                      inner->procedure_analyse == nullptr;
    const std::string_view text = span(open_parenthesis(*inner));
    if (bare) {
        auto* body = const_cast<QueryBody*>(inner->body);
        body->text = text;
        return body;
    }
    static_cast<void>(subquery(inner));
    auto* made = make<ast::NestedBody>();
    made->kind = QueryBodyKind::kNested;
    made->query = inner;
    made->depth = checked_depth(inner->depth + 1U);
    made->text = text;
    return made;
}

Query* AstBuilder::subquery(Query* inner) {
    if (inner->into.kind != ast::IntoKind::kNone) {
        throw_sql_error(ErrorCode::ER_MISPLACED_INTO);
    }
    return inner;
}

// a UNION b EXCEPT c is one list; INTERSECT binds closer, so that a list of it nests.
QueryBody* AstBuilder::set_operation(QueryBody* left, ast::SetOp op, int all, QueryBody* right) {
    if (into_of(left) != nullptr) {
        throw_sql_error(ErrorCode::ER_MISPLACED_INTO);
    }
    const auto intersects = [](ast::SetOp which) { return which == ast::SetOp::kIntersect; };
    SetOperationWithInto* made;
    if (left->kind == QueryBodyKind::kSetOperation &&
        intersects(static_cast<ast::SetOperation*>(left)->terms.front().op) == intersects(op)) {
        made = static_cast<SetOperationWithInto*>(left);
    } else {
        made = make<SetOperationWithInto>();
        made->kind = QueryBodyKind::kSetOperation;
        made->first = left;
        made->depth = checked_depth(left->depth + 1U);
    }
    ast::SetTerm term;
    term.op = op;
    term.all = all != 0;
    term.body = right;
    made->into = into_of(right);
    made->terms.push_back(term, arena_);
    made->depth = checked_depth(std::max(made->depth + 0U, right->depth + 1U));
    made->text = span(left->text.data());
    return made;
}

// ---- SELECT -------------------------------------------------------------------------------------

SelectHead* AstBuilder::select_head(const Token& from) {
    auto* made = make<SelectHead>();
    made->begin = from.data;
    return made;
}

QueryBody* AstBuilder::select(SelectHead* head, List<ast::SelectItem>* items, ast::IntoClause* into,
                              TableRef* from, Expr* where, GroupBy* group_by, Expr* having,
                              List<const ast::WindowSpec*>* windows) {
    if (head->options.all && head->options.distinct) {
        throw_sql_error(ErrorCode::ER_WRONG_USAGE, "ALL", "DISTINCT");
    }
    auto* made = make<SelectWithInto>();
    made->kind = QueryBodyKind::kSelect;
    made->options = head->options;
    made->items = *items;
    made->into = into;
    made->from = from;
    made->where = where;
    made->having = having;
    unsigned depth = std::max(depth_of(where), depth_of(having));
    for (const ast::SelectItem& item : *items) {
        depth = std::max(depth, depth_of(item.expr));
    }
    if (from != nullptr) {
        depth = std::max<unsigned>(depth, from->depth);
    }
    if (group_by != nullptr) {
        made->group_by = group_by->items;
        made->rollup = group_by->rollup;
        depth = std::max(depth, depth_of(group_by->items));
    }
    if (windows != nullptr) {
        made->windows = *windows;
        for (const ast::WindowSpec* window : *windows) {
            depth = std::max(depth, depth_of(window));
        }
    }
    made->depth = checked_depth(depth + 1);
    made->text = span(head->begin);
    return made;
}

QueryBody* AstBuilder::values_body(const Token& from, List<const ast::RowExpr*>* rows) {
    auto* made = make<ast::ValuesBody>();
    made->kind = QueryBodyKind::kValues;
    made->rows = *rows;
    unsigned depth = 0;
    for (const ast::RowExpr* row : *rows) {
        depth = std::max(depth, depth_of(row));
    }
    made->depth = checked_depth(depth + 1);
    made->text = span(from.data);
    return made;
}

QueryBody* AstBuilder::table_body(const Token& from, const ObjectName& of, ast::AsOfClause* as_of) {
    auto* made = make<ast::TableBody>();
    made->kind = QueryBodyKind::kTable;
    made->name = of;
    if (as_of != nullptr) {
        made->as_of = *as_of;
        made->depth = checked_depth(1 + depth_of(as_of->value));
    }
    made->text = span(from.data);
    return made;
}

ast::SelectItem* AstBuilder::star(const Token& token, Str database, Str table_name) {
    const Str& first = database.data != nullptr ? database : table_name;
    auto* expr = make_expr<ast::StarExpr>(ast::ExprKind::kStar,
                                          first.data != nullptr ? first.source : token.data, 0);
    expr->database = database;
    expr->table = table_name;
    return select_item(expr, {}, false);
}

ast::SelectItem* AstBuilder::select_item(Expr* expr, std::string_view alias, bool has_alias) {
    auto* made = make<ast::SelectItem>();
    made->expr = expr;
    made->alias = alias;
    made->has_alias = has_alias;
    made->text = expr->text;
    return made;
}

GroupBy* AstBuilder::group_by(List<ast::OrderItem>* items, bool rollup) {
    auto* made = make<GroupBy>();
    made->items = *items;
    made->rollup = rollup;
    return made;
}

// ---- ORDER BY, LIMIT, locking, INTO -------------------------------------------------------------

QuerySuffix* AstBuilder::suffix(QuerySuffix* tails, List<ast::OrderItem>* order,
                                ast::LimitClause* limit) {
    tails->order_by = value(order);
    if (limit != nullptr) {
        tails->limit = *limit;
    }
    return tails;
}

QuerySuffix* AstBuilder::merge_tails(QuerySuffix* into, QuerySuffix* tail) {
    for (const ast::LockingClause& clause : tail->locking) {
        into->locking.push_back(clause, arena_);
    }
    if (tail->into.kind != ast::IntoKind::kNone) {
        failed = failed || into->into.kind != ast::IntoKind::kNone;
        into->into = tail->into;
    }
    if (tail->procedure != nullptr) {
        into->procedure = tail->procedure;
    }
    return into;
}

QuerySuffix* AstBuilder::locking(ast::LockStrength strength, List<ObjectName>* of,
                                 WaitClause* wait) {
    ast::LockingClause clause;
    clause.strength = strength;
    clause.of = value(of);
    if (wait != nullptr) {
        clause.wait = wait->wait;
        clause.wait_seconds = wait->seconds;
    }
    auto* made = make<QuerySuffix>();
    made->locking.push_back(clause, arena_);
    return made;
}

QuerySuffix* AstBuilder::into_tail(ast::IntoClause* into) {
    auto* made = make<QuerySuffix>();
    made->into = *into;
    return made;
}

QuerySuffix* AstBuilder::procedure_tail(Str function, CallArgs* args) {
    auto* made = make<QuerySuffix>();
    made->procedure = call({}, function, args, nullptr);
    return made;
}

WaitClause* AstBuilder::wait(ast::LockWait wait, Expr* seconds) {
    auto* made = make<WaitClause>();
    made->wait = wait;
    made->seconds = seconds;
    return made;
}

ast::OrderItem* AstBuilder::order_item(Expr* expr, bool descending, bool given) {
    auto* made = make<ast::OrderItem>();
    made->expr = expr;
    made->descending = descending;
    made->direction_given = given;
    return made;
}

ast::LimitClause* AstBuilder::limit(Expr* count, Expr* offset, Expr* examined) {
    auto* made = make<ast::LimitClause>();
    made->count = count;
    made->offset = offset;
    made->rows_examined = examined;
    return made;
}

// FETCH FIRST without a number is one row.
ast::LimitClause* AstBuilder::fetch(Expr* count, bool with_ties) {
    if (count == nullptr) {
        auto* one = make<ast::LiteralExpr>();
        one->literal = ast::LiteralKind::kInteger;
        one->value = "1";
        one->text = "1";
        count = one;
    }
    ast::LimitClause* made = limit(count, nullptr);
    made->with_ties = with_ties;
    return made;
}

ast::IntoClause* AstBuilder::outfile(std::string_view file, std::string_view charset,
                                     ast::FieldFormat* fields, ast::FieldFormat* lines) {
    auto* made = make<ast::IntoClause>();
    made->kind = ast::IntoKind::kOutfile;
    made->file = file;
    made->format.charset = charset;
    merge_format(&made->format, fields);
    merge_format(&made->format, lines);
    return made;
}

ast::IntoClause* AstBuilder::dumpfile(std::string_view file) {
    auto* made = make<ast::IntoClause>();
    made->kind = ast::IntoKind::kDumpfile;
    made->file = file;
    return made;
}

ast::IntoClause* AstBuilder::into_variables(List<ast::IntoVariable>* variables) {
    auto* made = make<ast::IntoClause>();
    made->kind = ast::IntoKind::kVariables;
    made->variables = *variables;
    return made;
}

ast::IntoVariable* AstBuilder::into_variable(bool user, std::string_view variable) {
    auto* made = make<ast::IntoVariable>();
    made->user_variable = user;
    made->name = variable;
    return made;
}

ast::FieldFormat* AstBuilder::merge_format(ast::FieldFormat* to, const ast::FieldFormat* from) {
    if (from == nullptr) {
        return to;
    }
    const auto take = [](std::string_view& into, std::string_view value) {
        if (value.data() != nullptr) {
            into = value;
        }
    };
    take(to->fields_terminated, from->fields_terminated);
    take(to->fields_enclosed, from->fields_enclosed);
    take(to->fields_escaped, from->fields_escaped);
    take(to->lines_starting, from->lines_starting);
    take(to->lines_terminated, from->lines_terminated);
    to->optionally_enclosed = to->optionally_enclosed || from->optionally_enclosed;
    return to;
}

// ---- WITH ---------------------------------------------------------------------------------------

ast::WithClause* AstBuilder::with(const Token& from, List<ast::CommonTableExpr>* tables,
                                  bool recursive) {
    auto* made = make<SourcedWith>();
    made->recursive = recursive;
    made->tables = *tables;
    made->begin = from.data;
    return made;
}

ast::CommonTableExpr* AstBuilder::cte(std::string_view table_name, Identifiers* columns,
                                      Query* inner, Identifiers* cycle) {
    auto* made = make<ast::CommonTableExpr>();
    made->name = table_name;
    made->columns = value(columns);
    made->query = subquery(inner);
    made->cycle_columns = value(cycle);
    return made;
}

}  // namespace afterimage::sql

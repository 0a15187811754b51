// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Expr;
using ast::JoinKind;
using ast::JoinRef;
using ast::TableRef;
using ast::TableRefKind;

// ---- Joins --------------------------------------------------------------------------------------

JoinRef* AstBuilder::make_join(TableRef* left, JoinKind kind, TableRef* right) {
    auto* made = make<JoinRef>();
    made->kind = TableRefKind::kJoin;
    made->join = kind;
    made->left = left;
    made->right = right;
    made->depth = checked_depth(1U + std::max(left->depth, right->depth));
    made->text = span(left->text.data());
    return made;
}

TableRef* AstBuilder::join(TableRef* left, JoinKind kind, TableRef* right) {
    return make_join(left, kind, right);
}

TableRef* AstBuilder::join_on(TableRef* left, JoinKind kind, TableRef* right, Expr* on) {
    JoinRef* made = make_join(left, kind, right);
    made->on = on;
    made->depth = checked_depth(std::max<unsigned>(made->depth, on->depth + 1U));
    return made;
}

TableRef* AstBuilder::join_using(TableRef* left, JoinKind kind, TableRef* right,
                                 Identifiers* columns) {
    JoinRef* made = make_join(left, kind, right);
    made->using_columns = *columns;
    return made;
}

TableRef* AstBuilder::join_natural(TableRef* left, JoinKind kind, TableRef* right) {
    JoinRef* made = make_join(left, kind, right);
    made->natural = true;
    return made;
}

// The grammar gives a join without ON all that follows as its right side: a JOIN b JOIN c ON …
// comes as a JOIN (b JOIN c ON …) and is (a JOIN b) JOIN c ON …. So the new join goes to the far
// left of the right side, as far as no parentheses were written.
TableRef* AstBuilder::join_without_condition(TableRef* left, JoinKind kind, TableRef* right) {
    std::vector<JoinRef*> spine;
    TableRef* at = right;
    while (at->kind == TableRefKind::kJoin && !static_cast<JoinRef*>(at)->parenthesized) {
        spine.push_back(static_cast<JoinRef*>(at));
        at = const_cast<TableRef*>(spine.back()->left);
    }
    TableRef* made = make_join(left, kind, at);
    for (auto join = spine.rbegin(); join != spine.rend(); ++join) {
        JoinRef* outer = *join;
        outer->left = made;
        const unsigned on_depth = outer->on == nullptr ? 0 : outer->on->depth;
        outer->depth =
            checked_depth(1 + std::max<unsigned>({made->depth, outer->right->depth, on_depth}));
        outer->text = span(left->text.data());
        made = outer;
    }
    return made;
}

TableRef* AstBuilder::parenthesized_join(const Token& from, TableRef* inner) {
    inner->text = span(from.data);
    if (inner->kind == TableRefKind::kJoin) {
        static_cast<JoinRef*>(inner)->parenthesized = true;
    }
    return inner;
}

// ---- Factors ------------------------------------------------------------------------------------

TableRef* AstBuilder::named_table(ObjectName* of, Identifiers* partitions, ast::AsOfClause* as_of,
                                  std::string_view alias, List<ast::IndexHint>* hints) {
    auto* made = make<ast::NamedTableRef>();
    made->kind = TableRefKind::kTable;
    made->name = *of;
    made->partitions = value(partitions);
    made->alias = alias;
    made->hints = value(hints);
    if (as_of != nullptr) {
        made->as_of = *as_of;
        made->depth = checked_depth(1 + std::max(depth_of(as_of->value), depth_of(as_of->until)));
    }
    made->text = span(object_begin(*of));
    return made;
}

TableRef* AstBuilder::table_function(ObjectName* function, CallArgs* args, ast::AsOfClause* as_of,
                                     TableAlias* alias, bool lateral) {
    if (args->star || args->distinct) {
        failed = true;
    }
    auto* made = make<ast::FunctionTableRef>();
    made->kind = TableRefKind::kFunction;
    made->name = *function;
    made->args = args->args;
    made->lateral = lateral;
    made->alias = alias->name;
    made->columns = alias->columns;
    unsigned depth = depth_of(args->args);
    if (as_of != nullptr) {
        made->as_of = *as_of;
        depth = std::max(depth, depth_of(as_of->value));
    }
    made->depth = checked_depth(1 + depth);
    made->text = span(object_begin(*function));
    return made;
}

TableAlias* AstBuilder::table_alias(std::string_view alias, Identifiers* columns) {
    auto* made = make<TableAlias>();
    made->name = alias;
    made->columns = value(columns);
    return made;
}

TableRef* AstBuilder::derived(Query* inner, std::string_view alias, Identifiers* columns,
                              bool lateral) {
    if (alias.empty()) {
        throw_sql_error(ErrorCode::ER_DERIVED_MUST_HAVE_ALIAS);
    }
    auto* made = make<ast::DerivedTableRef>();
    made->kind = TableRefKind::kDerived;
    made->query = subquery(inner);
    made->alias = alias;
    made->columns = value(columns);
    made->lateral = lateral;
    made->depth = checked_depth(1U + inner->depth);
    made->text = span(open_parenthesis(*inner));
    return made;
}

ast::AsOfClause* AstBuilder::as_of(ast::AsOfKind kind, Expr* value, Expr* until) {
    auto* made = make<ast::AsOfClause>();
    made->kind = kind;
    made->value = value;
    made->until = until;
    if (until == nullptr && value != nullptr && value->kind == ast::ExprKind::kFunction) {
        const auto& call_of = ast::as<ast::FunctionExpr>(*value);
        made->transaction = same_word(call_of.name, "TRANSACTION") && call_of.args.size() == 1;
        made->value = made->transaction ? call_of.args[0] : value;
    }
    return made;
}

ast::IndexHint* AstBuilder::index_hint(ast::IndexHintKind kind, int scope, Identifiers* names) {
    auto* made = make<ast::IndexHint>();
    made->kind = kind;
    made->scope = static_cast<ast::IndexHintScope>(scope);
    made->indexes = value(names);
    return made;
}

// ---- JSON_TABLE ---------------------------------------------------------------------------------

TableRef* AstBuilder::json_table(const Token& from, Expr* document, Expr* path,
                                 List<ast::JsonTableColumn>* columns, std::string_view alias) {
    if (alias.empty()) {
        throw_sql_error(ErrorCode::ER_TABLE_FUNCTION_REQUIRES_ALIAS);
    }
    auto* made = make<ast::JsonTableRef>();
    made->kind = TableRefKind::kJsonTable;
    made->document = document;
    made->path = path;
    made->columns = *columns;
    made->alias = alias;
    unsigned depth = std::max(depth_of(document), depth_of(path));
    for (const ast::JsonTableColumn& column : *columns) {
        depth = std::max<unsigned>(depth, column.depth);
    }
    made->depth = checked_depth(1 + depth);
    made->text = span(from.data);
    return made;
}

ast::JsonTableColumn* AstBuilder::json_ordinality(std::string_view column_name) {
    auto* made = make<ast::JsonTableColumn>();
    made->kind = ast::JsonTableColumn::Kind::kOrdinality;
    made->name = column_name;
    return made;
}

ast::JsonTableColumn* AstBuilder::json_path(std::string_view column_name, ast::DataType* type,
                                            Expr* path, JsonOnClauses* clauses) {
    auto* made = make<ast::JsonTableColumn>();
    made->name = column_name;
    made->type = type;
    made->path = path;
    made->on_empty = clauses->empty;
    made->on_error = clauses->error;
    return made;
}

ast::JsonTableColumn* AstBuilder::json_exists(std::string_view column_name, ast::DataType* type,
                                              Expr* path) {
    auto* made = make<ast::JsonTableColumn>();
    made->kind = ast::JsonTableColumn::Kind::kExists;
    made->name = column_name;
    made->type = type;
    made->path = path;
    return made;
}

ast::JsonTableColumn* AstBuilder::json_nested(Expr* path, List<ast::JsonTableColumn>* columns) {
    auto* made = make<ast::JsonTableColumn>();
    made->kind = ast::JsonTableColumn::Kind::kNested;
    made->path = path;
    made->nested = columns;
    unsigned depth = 1;
    for (const ast::JsonTableColumn& column : *columns) {
        depth = std::max<unsigned>(depth, column.depth);
    }
    made->depth = checked_depth(depth + 1);
    return made;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// WITH: common table expressions, recursive ones too.
#include <deque>

#include "sql/bind/from_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/cast.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

void name_columns(CteDefinition& definition, const ast::CommonTableExpr& syntax,
                  const BoundQuery& query) {
    if (!syntax.columns.empty() && syntax.columns.size() != query.columns.size()) {
        throw_sql_error(ErrorCode::ER_VIEW_WRONG_LIST);
    }
    definition.columns.clear();
    for (std::size_t i = 0; i < query.columns.size(); ++i) {
        SourceColumn column;
        column.meta = query.columns[i];
        column.meta.table = definition.name;
        column.meta.original_name.clear();
        column.meta.original_table.clear();
        column.meta.database.clear();
        if (!syntax.columns.empty()) {
            column.meta.name = syntax.columns[i];
        }
        if (definition.is_recursive() ||
            syntax.query->body->kind == ast::QueryBodyKind::kSetOperation) {
            column.meta.type.nullable = true;
        }
        definition.columns.push_back(std::move(column));
    }
}

/// A Query that is one arm of a set operation, so that bind_query can take it.
std::unique_ptr<BoundQuery> bind_arm(BindEnvironment& environment, const ast::QueryBody& body,
                                     Scope* outer, const CteScope* ctes) {
    ast::Query arm;
    arm.body = &body;
    return bind_query(environment, arm, outer, ctes);
}

/// Casts an arm's columns to the CTE's types, which the first arm has fixed.
std::unique_ptr<BoundQuery> convert_arm(BindEnvironment& environment, CteDefinition& definition,
                                        std::unique_ptr<BoundQuery> arm) {
    if (arm->columns.size() != definition.columns.size()) {
        throw_sql_error(ErrorCode::ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT);
    }
    auto query = std::make_unique<BoundQuery>();
    query->kind = BoundQuery::Kind::kSetOperation;
    query->correlated = arm->correlated;
    BoundSetTerm term;
    term.all = true;
    for (std::size_t i = 0; i < arm->columns.size(); ++i) {
        ResultType wanted = definition.columns[i].meta.type;
        term.conversions.push_back(
            cast_to(make_slot(i, arm->columns[i].type), wanted, environment.statement));
        query->columns.push_back(definition.columns[i].meta);
    }
    term.query = std::move(arm);
    query->terms.push_back(std::move(term));
    return query;
}

// The first arm is the anchor; later ones that read the working table are the recursive part, the
// others belong to the anchor.
void bind_recursive(BindEnvironment& environment, const CteEntry& entry, Scope* outer,
                    const CteScope* visible) {
    CteDefinition& definition = *entry.definition;
    const ast::Query& syntax = *entry.syntax->query;
    const auto& operation = static_cast<const ast::SetOperation&>(*syntax.body);
    auto anchor = bind_arm(environment, *operation.first, outer, visible);
    name_columns(definition, *entry.syntax, *anchor);
    for (SourceColumn& column : definition.columns) {
        column.meta.type.nullable = true;
    }
    CteScope working;
    working.parent = visible;
    working.working = entry.definition;
    auto anchors = std::make_unique<BoundQuery>();
    anchors->kind = BoundQuery::Kind::kSetOperation;
    const auto add_anchor = [&](std::unique_ptr<BoundQuery> arm, bool all) {
        auto converted = convert_arm(environment, definition, std::move(arm));
        anchors->correlated = anchors->correlated || converted->correlated;
        BoundSetTerm term = std::move(converted->terms.front());
        term.all = all;
        anchors->columns = std::move(converted->columns);
        anchors->terms.push_back(std::move(term));
    };
    add_anchor(std::move(anchor), true);
    for (const ast::SetTerm& term : operation.terms) {
        if (term.op != ast::SetOp::kUnion) {
            throw_not_supported("EXCEPT and INTERSECT in a recursive common table expression");
        }
        const std::size_t references = definition.references;
        auto arm = bind_arm(environment, *term.body, outer, &working);
        if (definition.references == references) {
            add_anchor(std::move(arm), term.all);
            continue;
        }
        definition.distinct = definition.distinct || !term.all;
        definition.recursive.push_back(convert_arm(environment, definition, std::move(arm)));
        anchors->correlated = anchors->correlated || definition.recursive.back()->correlated;
    }
    definition.references = 0;
    definition.query = std::move(anchors);
    if (syntax.limit.count) {
        throw_not_supported("LIMIT in a recursive common table expression");
    }
}

/// Stands for the blocks between a WITH and a reference to it: no names, but the same depth.
std::deque<Scope> placeholders(Scope* reference_outer, Scope* with_outer) {
    std::deque<Scope> chain;
    std::vector<Scope*> between;
    for (Scope* scope = reference_outer; scope && scope != with_outer; scope = scope->parent) {
        between.push_back(scope);
    }
    Scope* parent = with_outer;
    for (std::size_t i = between.size(); i-- > 0;) {
        chain.emplace_back();
        chain.back().parent = parent;
        parent = &chain.back();
    }
    return chain;
}

}  // namespace

std::unique_ptr<CteScope> bind_with(BindEnvironment& /*environment*/, const ast::WithClause& with,
                                    Scope* outer, const CteScope* parent) {
    auto scope = std::make_unique<CteScope>();
    scope->parent = parent;
    for (const ast::CommonTableExpr& table : with.tables) {
        for (const CteEntry& other : scope->entries) {
            if (same_name(other.definition->name, table.name)) {
                throw_sql_error(ErrorCode::ER_NONUNIQ_TABLE, table.name);
            }
        }
        CteEntry entry;
        entry.definition = std::make_shared<CteDefinition>();
        entry.definition->name = table.name;
        entry.syntax = &table;
        entry.outer = outer;
        entry.recursive = with.recursive;
        scope->entries.push_back(std::move(entry));
    }
    return scope;
}

std::shared_ptr<BoundQuery> bind_cte_reference(BindEnvironment& environment,
                                               const CteScope::Found& found, Scope* reference_outer,
                                               std::size_t first_slot) {
    const CteEntry& entry = *found.entry;
    CteDefinition& definition = *entry.definition;
    if (definition.query) {
        return definition.query;
    }
    // Names before this one in the same WITH, then those around it.
    CteScope visible;
    visible.parent = found.scope->parent;
    visible.entries.assign(found.scope->entries.begin(),
                           found.scope->entries.begin() + static_cast<std::ptrdiff_t>(found.index));
    std::deque<Scope> chain = placeholders(reference_outer, entry.outer);
    Scope* outer = chain.empty() ? entry.outer : &chain.back();
    const auto mark_correlated = [&] {
        std::size_t i = chain.size();
        for (Scope* scope = reference_outer; scope && i-- > 0; scope = scope->parent) {
            scope->correlated = scope->correlated || chain[i].correlated;
        }
    };
    const bool set_operation = entry.syntax->query->body->kind == ast::QueryBodyKind::kSetOperation;
    if (entry.recursive && set_operation) {
        bind_recursive(environment, entry, outer, &visible);
        mark_correlated();
        return definition.query;
    }
    std::shared_ptr<BoundQuery> query =
        bind_block_query(environment, *entry.syntax->query, outer, &visible, first_slot);
    mark_correlated();
    if (!is_mergeable(*query, false) && !query->correlated) {
        // Later references share it: it is computed once.
        name_columns(definition, *entry.syntax, *query);
        definition.query = query;
    }
    return query;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/scope.h"

#include "sql/catalog/identifier.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// "a", "t.a", "db.t.a" as error messages print it.
std::string column_text(const ast::ColumnExpr& column) {
    std::string text;
    if (!column.database.empty()) {
        text.append(column.database).append(".");
    }
    if (!column.table.empty()) {
        text.append(column.table).append(".");
    }
    return text.append(column.column);
}

bool same_database(std::string_view scope_name, std::string_view wanted) {
    if (same_name(scope_name, wanted)) {
        return true;
    }
    return same_name(split_revision(scope_name).first, wanted);
}

}  // namespace

CteScope::Found CteScope::find(std::string_view name) const {
    Found found;
    for (const CteScope* scope = this; scope; scope = scope->parent) {
        if (scope->working && same_name(scope->working->name, name)) {
            found.working = scope->working;
            return found;
        }
        for (std::size_t i = 0; i < scope->entries.size(); ++i) {
            if (same_name(scope->entries[i].definition->name, name)) {
                found.entry = &scope->entries[i];
                found.scope = scope;
                found.index = i;
                return found;
            }
        }
    }
    return found;
}

ScopeColumn* Scope::find(const ast::ColumnExpr& column, std::string_view clause) const {
    ScopeColumn* found = nullptr;
    const auto take = [&](const std::shared_ptr<ScopeColumn>& candidate) {
        if (!same_name(candidate->name, column.column) || candidate.get() == found) {
            return;
        }
        if (found) {
            throw_sql_error(ErrorCode::ER_NON_UNIQ_ERROR, column_text(column), clause);
        }
        found = candidate.get();
    };
    if (column.table.empty()) {
        for (const auto& candidate : names.visible) {
            take(candidate);
        }
        return found;
    }
    for (const ScopeTable& table : names.tables) {
        if (!same_name(table.alias, column.table) ||
            (!column.database.empty() && !same_database(table.database, column.database))) {
            continue;
        }
        for (const auto& candidate : table.columns) {
            take(candidate);
        }
    }
    return found;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/show/show_run.h"

#include <algorithm>

#include "sql/bind/expression_binder.h"
#include "sql/bind/from_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/relations.h"
#include "sql/expr/cast.h"
#include "sql/expr/evaluate.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

BindEnvironment ShowRun::environment() const {
    BindEnvironment made(catalog, arena);
    made.parameters = services.parameters;
    made.parameter_types = services.parameter_types;
    return made;
}

storage::Value ShowRun::evaluate(const ast::Expr& expr) const {
    BindEnvironment binding = environment();
    ExpressionBinder binder(binding, nullptr, nullptr);
    const ExpressionPtr bound = binder.bind_scalar(expr);
    StringArena strings;
    EvalContext context(session().context, strings);
    context.parameters = services.parameters;
    return evaluate_constant(*bound, context);
}

std::uint64_t ShowRun::evaluate_unsigned(const ast::Expr& expr) const {
    const storage::Value value = evaluate(expr);
    switch (value.kind()) {
        case storage::ValueKind::kInt:
            return value.as_int() < 0 ? 0 : static_cast<std::uint64_t>(value.as_int());
        case storage::ValueKind::kUInt:
            return value.as_uint();
        case storage::ValueKind::kBytes:
            return std::strtoull(value.as_bytes().c_str(), nullptr, 10);
        default:
            return 0;
    }
}

ResolvedDatabase ShowRun::database(std::string_view name, const ast::AsOfClause& as_of) const {
    const bool in_the_past = as_of.kind != ast::AsOfKind::kNone;
    ResolvedDatabase found =
        in_the_past ? catalog.get_database_or_dropped(name) : catalog.get_database(name);
    if (!sees_database(catalog, found)) {
        const AccountParts account = account_parts(session().context.current_user);
        throw_sql_error(ErrorCode::ER_DBACCESS_DENIED_ERROR, account.user, account.host,
                        found.name);
    }
    if (in_the_past) {
        BindEnvironment binding = environment();
        return resolve_as_of(binding, found, as_of);
    }
    return found;
}

std::string_view like_pattern(const ast::Expr* like) {
    if (like == nullptr || like->kind != ast::ExprKind::kLiteral) {
        return {};
    }
    return ast::as<ast::LiteralExpr>(*like).value;
}

// Greedy with one point to go back to, as wildcard_matches, but by bytes.
bool like_bytes(std::string_view text, std::string_view pattern) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
        const std::size_t at = escaped ? p + 1 : p;
        if (!escaped && p < pattern.size() && pattern[p] == '%') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() &&
                   ((!escaped && pattern[p] == '_') || pattern[at] == text[t])) {
            p = at + 1;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '%') {
        ++p;
    }
    return p == pattern.size();
}

std::function<bool(std::string_view)> name_filter(const ast::ShowStatement& show,
                                                  bool ignore_case) {
    if (show.like == nullptr) {
        return [](std::string_view) { return true; };
    }
    const std::string pattern(like_pattern(show.like));
    if (ignore_case) {
        return [pattern](std::string_view name) { return name_like(name, pattern); };
    }
    return [pattern](std::string_view name) { return like_bytes(name, pattern); };
}

void keep_where(const ShowRun& run, const ast::Expr& where, ResultTable& table) {
    storage::TableSchema schema;
    for (const ResultColumn& column : table.columns) {
        storage::Column described;
        described.id = schema.next_column_id++;
        described.name = column.name;
        described.type = column.type.type;
        described.nullable = column.type.nullable;
        schema.columns.push_back(std::move(described));
    }
    Scope scope;
    add_table_columns(scope, schema, {}, {});
    BindEnvironment binding = run.environment();
    ExpressionBinder binder(binding, &scope, nullptr);
    binder.clause = "where clause";
    const ExpressionPtr condition = binder.bind_scalar(where);
    walk(*condition, [](const Expression& node) {
        if (node.kind == ExpressionKind::kSubquery) {
            throw_not_supported("subqueries in SHOW ... WHERE");
        }
    });
    StringArena strings;
    EvalContext context(run.session().context, strings);
    context.parameters = run.services.parameters;
    std::vector<storage::Row> kept;
    for (std::size_t first = 0; first < table.rows.size(); first += Batch::kMaxRows) {
        Batch batch;
        batch.row_count = std::min(Batch::kMaxRows, table.rows.size() - first);
        batch.columns.resize(table.columns.size());
        context.arena = &batch.arena;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const ResultType& type = scope.names.visible[i]->meta.type;
            batch.columns[i].clear(vector_kind(type));
            for (std::size_t k = 0; k < batch.row_count; ++k) {
                append_value(batch.columns[i], table.rows[first + k][i], type, context);
            }
        }
        evaluate_filter(*condition, batch, context);
        for (std::size_t k = 0; k < batch.active_count(); ++k) {
            kept.push_back(std::move(table.rows[first + batch.active_row(k)]));
        }
        context.arena = &strings;
    }
    table.rows = std::move(kept);
}

void keep_limit(const ShowRun& run, const ast::LimitClause& limit, ResultTable& table) {
    if (limit.count == nullptr) {
        return;
    }
    const std::uint64_t offset = limit.offset == nullptr ? 0 : run.evaluate_unsigned(*limit.offset);
    const std::uint64_t count = run.evaluate_unsigned(*limit.count);
    const std::size_t skipped = std::min<std::uint64_t>(offset, table.rows.size());
    table.rows.erase(table.rows.begin(), table.rows.begin() + static_cast<std::ptrdiff_t>(skipped));
    if (table.rows.size() > count) {
        table.rows.resize(count);
    }
}

storage::Row text_row(std::initializer_list<std::string_view> cells) {
    storage::Row row;
    row.reserve(cells.size());
    for (const std::string_view cell : cells) {
        row.push_back(cell.data() == nullptr ? storage::Value() : text_value(cell));
    }
    return row;
}

Grants& require_grants(const ShowRun& run) {
    if (run.services.grants == nullptr) {
        throw_not_supported("accounts on this server");
    }
    return *run.services.grants;
}

AccountParts named_account(const ShowRun& run, const ast::AccountName& name) {
    if (name.current_role) {
        throw_not_supported("roles");
    }
    if (name.current_user || !name.given) {
        return account_parts(run.session().context.current_user);
    }
    constexpr std::size_t kMaxUser = 32;
    constexpr std::size_t kMaxHost = 255;
    AccountParts account{std::string(name.user),
                         name.host.empty() && !name.host_given ? "%" : lower_case(name.host)};
    if (account.host.empty()) {
        account.host = "%";
    }
    if (account.user.size() > kMaxUser) {
        throw_sql_error(ErrorCode::ER_WRONG_STRING_LENGTH, account.user, "user name", kMaxUser);
    }
    if (account.host.size() > kMaxHost || account.host.find('@') != std::string::npos) {
        throw_sql_error(ErrorCode::ER_WRONG_STRING_LENGTH, account.host, "host name", kMaxHost);
    }
    return account;
}

std::string quoted_name(const AccountParts& account) {
    return "'" + account.user + "'@'" + account.host + "'";
}

}  // namespace afterimage::sql

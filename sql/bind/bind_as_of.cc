// SPDX-License-Identifier: Apache-2.0
// AS OF: a revision's text, or a time, to the database as it was.
#include "sql/bind/expression_binder.h"
#include "sql/bind/from_binder.h"
#include "sql/expr/time_zone.h"
#include "sql/sql_error.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

namespace {

ResolvedDatabase at_value(BindEnvironment& environment, const ResolvedDatabase& database,
                          const storage::Value& value, bool text_may_be_time) {
    std::int64_t packed = 0;
    switch (value.kind()) {
        case storage::ValueKind::kTimestamp:
            return environment.catalog().at_time(database, value.as_micros());
        case storage::ValueKind::kDate:
        case storage::ValueKind::kDateTime:
            packed = value.as_packed();
            break;
        case storage::ValueKind::kBytes: {
            bool truncated = false;
            const auto parsed =
                text_may_be_time
                    ? storage::parse_datetime(value.as_bytes(), {false, false, false}, &truncated)
                    : std::nullopt;
            if (!parsed || truncated) {
                return environment.catalog().at_revision(database, value.as_bytes());
            }
            packed = *parsed;
            break;
        }
        default:
            throw SqlError(1105, "HY000", "AS OF needs a revision or a time");
    }
    StringArena arena;
    EvalContext context(environment.statement, arena);
    return environment.catalog().at_time(database, context.time_zone().to_utc(packed));
}

}  // namespace

ResolvedDatabase resolve_as_of(BindEnvironment& environment, const ResolvedDatabase& database,
                               const ast::AsOfClause& as_of) {
    switch (as_of.kind) {
        case ast::AsOfKind::kNone:
            return database;
        case ast::AsOfKind::kRevision:
        case ast::AsOfKind::kVersion:
        case ast::AsOfKind::kSystemTime:
            break;
        default:
            throw_not_supported("FOR SYSTEM_TIME ranges");
    }
    if (as_of.transaction) {
        throw_not_supported("AS OF TRANSACTION");
    }
    if (as_of.value->kind == ast::ExprKind::kColumn) {
        // AS OF main: a bare word is a revision.
        return environment.catalog().at_revision(
            database, std::string(ast::as<ast::ColumnExpr>(*as_of.value).column));
    }
    ExpressionBinder binder(environment, nullptr, nullptr);
    const ExpressionPtr bound = binder.bind_scalar(*as_of.value);
    StringArena arena;
    EvalContext context(environment.statement, arena);
    context.parameters = environment.parameters;
    const storage::Value value = evaluate_constant(*bound, context);
    if (value.is_null()) {
        throw SqlError(1105, "HY000", "AS OF needs a revision or a time, not NULL");
    }
    return at_value(environment, database, value, as_of.kind == ast::AsOfKind::kSystemTime);
}

ResolvedDatabase FromBinder::at_revision(ResolvedDatabase database, const ast::AsOfClause& as_of) {
    return resolve_as_of(environment_, database, as_of);
}

}  // namespace afterimage::sql

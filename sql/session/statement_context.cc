// SPDX-License-Identifier: Apache-2.0
#include "sql/session/statement_context.h"

#include <utility>

#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {
/// MySQL's default max_error_count: warnings beyond it are dropped.
constexpr std::size_t kMaxWarnings = 1024;
}  // namespace

void StopToken::check() const {
    switch (reason()) {
        case Reason::kNone:
            return;
        case Reason::kTimeout:
            throw_sql_error(ErrorCode::ER_QUERY_TIMEOUT);
        case Reason::kShutdown:
            throw_sql_error(ErrorCode::ER_SERVER_SHUTDOWN);
        case Reason::kQueryKilled:
        case Reason::kConnectionKilled:
            throw_sql_error(ErrorCode::ER_QUERY_INTERRUPTED);
    }
}

void StatementContext::warn(std::uint16_t code, std::string message, Warning::Level level) {
    if (warnings != nullptr && warnings->size() < kMaxWarnings) {
        warnings->push_back({level, code, std::move(message)});
    }
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "server/client_statements.h"

#include <utility>

#include "sql/sql_error.h"

namespace afterimage::server {

void ClientStatement::reset() {
    long_data.clear();
    long_data_bytes = 0;
    long_data_too_large = false;
    cursor.reset();
}

ClientStatement& ClientStatements::add(std::string text,
                                       std::unique_ptr<sql::PreparedStatement> prepared,
                                       std::uint64_t max_count) {
    if (statements_.size() >= max_count) {
        throw sql::SqlError(1461, "42000",
                            "Can't create more than max_prepared_stmt_count statements (current "
                            "value: " +
                                std::to_string(max_count) + ")");
    }
    ClientStatement& statement = statements_[++last_id_];
    statement.id = last_id_;
    statement.text = std::move(text);
    statement.prepared = std::move(prepared);
    return statement;
}

ClientStatement* ClientStatements::find(std::uint32_t id) {
    const auto found = statements_.find(id);
    return found == statements_.end() ? nullptr : &found->second;
}

ClientStatement& ClientStatements::get(std::uint32_t id, std::string_view function) {
    ClientStatement* statement = find(id);
    if (statement == nullptr) {
        sql::throw_sql_error(sql::ErrorCode::ER_UNKNOWN_STMT_HANDLER, id, function);
    }
    return *statement;
}

}  // namespace afterimage::server

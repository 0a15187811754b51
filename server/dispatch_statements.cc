// SPDX-License-Identifier: Apache-2.0
// COM_STMT_*: prepare, execute, fetch, long data, reset.
#include <algorithm>
#include <limits>
#include <utility>

#include "server/connection_registry.h"
#include "server/dispatch.h"
#include "server/protocol/capabilities.h"
#include "server/protocol/column_definition.h"
#include "server/protocol/status_packets.h"
#include "server/sql_executor.h"
#include "sql/expr/charset.h"
#include "sql/sql_error.h"

namespace afterimage::server {

namespace {

constexpr std::size_t kMaxParameters = 65535;

/// Text arrives in the client's charset and takes part in the statement as a literal of the
/// connection's collation.
void convert_text(Parameter& parameter, const sql::StatementContext& context) {
    if (parameter.value.kind() != storage::ValueKind::kBytes ||
        !storage::is_text(parameter.type.type.id)) {
        return;
    }
    parameter.type.type.collation = context.connection_collation;
    parameter.type.coercibility = sql::Coercibility::kLiteral;
    if (needs_conversion(context.client_collation, context.connection_collation)) {
        parameter.value = storage::Value::of_bytes(sql::charset_convert(
            parameter.value.as_bytes(), context.client_collation, context.connection_collation));
    }
}

}  // namespace

void Dispatch::write_definitions(const std::vector<sql::ResultColumn>& columns) {
    if (columns.empty()) {
        return;
    }
    for (const sql::ResultColumn& column : columns) {
        wire_.out().begin();
        append_column_definition(wire_.out().payload(), column, session_.context.results_collation);
        wire_.out().end();
    }
    if (!has(kClientDeprecateEof)) {
        wire_.out().write(encode_eof(0, status()));
    }
}

void Dispatch::prepare(storage::ByteView body) {
    std::string text = client_text(body);
    begin_statement(command_name(CommandCode::kStmtPrepare), text);
    std::unique_ptr<sql::PreparedStatement> prepared = context_.executor->prepare(session_, text);
    if (prepared->parameter_count() > kMaxParameters ||
        prepared->columns().size() > std::numeric_limits<std::uint16_t>::max()) {
        sql::throw_sql_error(sql::ErrorCode::ER_PS_MANY_PARAM);
    }
    const std::uint64_t most = session_.get_variable("max_prepared_stmt_count").as_uint();
    ClientStatement& statement = statements_.add(std::move(text), std::move(prepared), most);

    // The announcement of parameters needs one definition each, also from an engine that tells
    // none.
    std::vector<sql::ResultColumn> parameters = statement.prepared->parameters();
    sql::ResultColumn unknown;
    unknown.name = "?";
    unknown.type.type.id = storage::TypeId::kVarchar;
    unknown.type.type.collation = session_.context.connection_collation;
    parameters.resize(statement.prepared->parameter_count(), unknown);

    storage::Bytes ok(1, '\0');
    storage::append_le(ok, statement.id);
    storage::append_le(ok, static_cast<std::uint16_t>(statement.prepared->columns().size()));
    storage::append_le(ok, static_cast<std::uint16_t>(parameters.size()));
    ok.push_back('\0');
    storage::append_le(
        ok, static_cast<std::uint16_t>(std::min<std::size_t>(session_.warnings.size(), 0xffff)));
    wire_.out().write(ok);
    write_definitions(parameters);
    write_definitions(statement.prepared->columns());
}

void Dispatch::execute(storage::ByteView body) {
    ClientStatement& statement = statements_.get(decode_statement_id(body), "mysqld_stmt_execute");
    begin_statement(command_name(CommandCode::kStmtExecute), statement.text);
    statement.cursor.reset();
    if (std::exchange(statement.long_data_too_large, false)) {
        statement.reset();
        throw sql::SqlError(sql::ErrorCode::ER_UNKNOWN_ERROR,
                            "Parameter of prepared statement which is set through "
                            "mysql_send_long_data() is longer than 'max_allowed_packet' bytes");
    }
    ExecuteCommand command =
        decode_execute(body, static_cast<std::uint32_t>(session_.client_capabilities),
                       statement.prepared->parameter_count(), statement.long_data, statement.types);
    statement.long_data.clear();
    statement.long_data_bytes = 0;
    std::vector<storage::Value> values;
    std::vector<sql::ResultType> types;
    for (Parameter& parameter : command.parameters) {
        convert_text(parameter, session_.context);
        values.push_back(std::move(parameter.value));
        types.push_back(std::move(parameter.type));
    }
    std::unique_ptr<sql::ResultStream> stream =
        context_.executor->execute_prepared(session_, *statement.prepared, values, types);
    const bool wants_cursor = (command.cursor_flags & kCursorReadOnly) != 0;
    if (wants_cursor && !stream->columns().empty()) {
        open_cursor(statement, std::move(stream));
    } else {
        start_result(std::move(stream), RowEncoder::Form::kBinary);
    }
}

void Dispatch::open_cursor(ClientStatement& statement, std::unique_ptr<sql::ResultStream> stream) {
    auto rows = std::make_unique<CursorRows>();
    RowEncoder encoder(stream->columns(), session_.context.results_collation,
                       RowEncoder::Form::kBinary);
    storage::Bytes row;
    while (const sql::Batch* batch = stream->next()) {
        session_.stop.check();
        for (std::size_t i = 0; i < batch->active_count(); ++i) {
            row.clear();
            encoder.append_row(row, *batch, batch->active_row(i));
            rows->append(row);
        }
    }
    wire_.out().begin();
    append_lenenc(wire_.out().payload(), stream->columns().size());
    wire_.out().end();
    for (const sql::ResultColumn& column : stream->columns()) {
        wire_.out().begin();
        append_column_definition(wire_.out().payload(), column, session_.context.results_collation);
        wire_.out().end();
    }
    // One packet ends the definitions in both dialects: it carries CURSOR_EXISTS.
    write_end_of_rows(status(kStatusCursorExists), stream->outcome());
    statement.cursor = std::move(rows);
}

void Dispatch::begin_fetch(storage::ByteView body) {
    const FetchCommand command = decode_fetch(body);
    const ClientStatement& statement = statements_.get(command.statement_id, "mysqld_stmt_fetch");
    if (!statement.cursor) {
        throw sql::SqlError(
            1421, "HY000",
            "The statement (" + std::to_string(statement.id) + ") has no open cursor.");
    }
    begin_statement(command_name(CommandCode::kStmtFetch), statement.text);
    fetch_ = command;
}

void Dispatch::fetch_rows(std::size_t high_water_bytes) {
    ClientStatement& statement = statements_.get(fetch_->statement_id, "mysqld_stmt_fetch");
    CursorRows& rows = *statement.cursor;
    fetch_->row_count -=
        static_cast<std::uint32_t>(rows.fetch(wire_.out(), fetch_->row_count, high_water_bytes));
    if (fetch_->row_count > 0 && !rows.at_end()) {
        return;
    }
    fetch_.reset();
    write_eof(rows.at_end() ? kStatusLastRowSent : kStatusCursorExists);
    if (rows.at_end()) {
        statement.cursor.reset();
    }
}

void Dispatch::send_long_data(storage::ByteView body) {
    // This command has no answer, not even an error: what is wrong is told by the execution.
    const LongDataCommand command = decode_long_data(body);
    ClientStatement* statement = statements_.find(command.statement_id);
    if (statement == nullptr || command.parameter >= statement->prepared->parameter_count()) {
        return;
    }
    statement->long_data_bytes += command.data.size();
    if (statement->long_data_bytes > session_.context.max_allowed_packet) {
        statement->long_data.clear();
        statement->long_data_too_large = true;
        return;
    }
    statement->long_data.resize(statement->prepared->parameter_count());
    std::optional<storage::Bytes>& value = statement->long_data[command.parameter];
    if (!value) {
        value.emplace();
    }
    value->append(command.data);
}

void Dispatch::reset_statement(storage::ByteView body) {
    statements_.get(decode_statement_id(body), "mysqld_stmt_reset").reset();
    write_ok({});
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "server/dispatch.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "server/connection_registry.h"
#include "server/logger.h"
#include "server/protocol/capabilities.h"
#include "server/protocol/column_definition.h"
#include "server/protocol/status_packets.h"
#include "server/protocol_error.h"
#include "server/sql_executor.h"
#include "sql/expr/charset.h"
#include "sql/sql_error.h"
#include "storage/os/clock.h"

namespace afterimage::server {

namespace {

constexpr std::uint64_t kMicrosPerMilli = 1000;
constexpr std::size_t kKeptTextBytes = 16 * 1024;

/// max_execution_time stops reads alone, as MySQL's does.
bool is_select(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n(");
    if (start == std::string_view::npos || text.size() - start < 6) {
        return false;
    }
    static constexpr std::string_view kSelect = "select";
    return std::equal(kSelect.begin(), kSelect.end(), text.begin() + static_cast<long>(start),
                      [](char a, char b) { return a == (b | 0x20); });
}

std::string quoted_identifier(std::string_view name) {
    std::string quoted = "`";
    for (const char c : name) {
        quoted.append(c == '`' ? 2 : 1, c);
    }
    return quoted + "`";
}

}  // namespace

Dispatch::Dispatch(const ServerContext& context, sql::Session& session, Wire& wire,
                   ConnectionEntry& entry, BlockingChannel& channel)
    : context_(context),
      session_(session),
      wire_(wire),
      entry_(entry),
      local_infile_(wire, channel, session) {
    session_.local_infile = &local_infile_;
}

std::uint16_t Dispatch::status(unsigned extra) const {
    unsigned flags = extra;
    flags |= session_.autocommit ? kStatusAutocommit : 0;
    flags |= session_.in_transaction ? kStatusInTransaction : 0;
    flags |= session_.in_transaction && session_.transaction_read_only
                 ? kStatusInReadOnlyTransaction
                 : 0;
    flags |= (session_.context.sql_mode & sql::kModeNoBackslashEscapes) != 0
                 ? kStatusNoBackslashEscapes
                 : 0;
    return static_cast<std::uint16_t>(flags);
}

std::string Dispatch::client_text(storage::ByteView text) const {
    const storage::CollationId client = session_.context.client_collation;
    if (!needs_conversion(client, sql::kUtf8mb4Bin) || sql::is_ascii(text)) {
        return std::string(text);
    }
    return sql::charset_convert(text, client, sql::kUtf8mb4Bin);
}

void Dispatch::begin_statement(std::string_view command, std::string_view text) {
    using Reason = sql::StopToken::Reason;
    // A KILL QUERY that came between two statements stops none.
    const Reason reason = session_.stop.reason();
    if (reason == Reason::kQueryKilled || reason == Reason::kTimeout) {
        session_.stop.reset();
    }
    session_.begin_statement(context_.clock->now_us());
    const std::uint64_t now = context_.clock->monotonic_us();
    entry_.begin_command(command, text, now);
    ++context_.registry->counters().questions;
    const std::uint64_t limit_ms = session_.get_variable("max_execution_time").as_uint();
    if (limit_ms != 0 && is_select(text)) {
        entry_.set_statement_deadline(now + limit_ms * kMicrosPerMilli);
    }
    session_.stop.check();
}

void Dispatch::end_answer() {
    entry_.set_statement_deadline(0);
    entry_.set_database(session_.context.database);
    entry_.end_command(context_.clock->monotonic_us());
    // An idle connection does not hold its last 64 MiB INSERT.
    if (text_.capacity() + body_.capacity() > kKeptTextBytes) {
        text_ = {};
        body_ = {};
    }
}

void Dispatch::begin(CommandCode code, storage::Bytes body) {
    body_ = std::move(body);
    entry_.begin_command(command_name(code), "", context_.clock->monotonic_us());
    try {
        run(code, body_);
    } catch (const sql::SqlError& error) {
        fail(error.error_number(), error.sqlstate(), error.message());
    } catch (const ProtocolError&) {
        throw;
    } catch (const std::exception& error) {
        context_.log->error("internal error",
                            {{"connection", std::to_string(entry_.id())}, {"what", error.what()}});
        fail(static_cast<std::uint16_t>(sql::ErrorCode::ER_UNKNOWN_ERROR), "HY000", error.what());
    }
    if (!busy()) {
        end_answer();
    }
}

void Dispatch::resume(std::size_t high_water_bytes) {
    try {
        while (busy() && wire_.out().size_bytes() < high_water_bytes) {
            if (fetch_) {
                fetch_rows(high_water_bytes);
            } else if (!result_) {
                next_statement();
            } else if (result_->write_rows(wire_.out(), high_water_bytes)) {
                finish_result();
            }
        }
    } catch (const sql::SqlError& error) {
        fail(error.error_number(), error.sqlstate(), error.message());
    } catch (const ProtocolError&) {
        throw;
    } catch (const std::exception& error) {
        context_.log->error("internal error",
                            {{"connection", std::to_string(entry_.id())}, {"what", error.what()}});
        fail(static_cast<std::uint16_t>(sql::ErrorCode::ER_UNKNOWN_ERROR), "HY000", error.what());
    }
    if (!busy()) {
        end_answer();
    }
}

void Dispatch::fail(std::uint16_t code, std::string_view sqlstate, const std::string& message) {
    result_.reset();
    fetch_.reset();
    has_more_text_ = false;
    session_.last_error_code = code;
    session_.last_error_message = message;
    const bool noted = !session_.warnings.empty() && session_.warnings.back().code == code &&
                       session_.warnings.back().message == message;
    if (!noted) {
        session_.context.warn(code, message, sql::Warning::Level::kError);
    }
    session_.changes.clear();
    wire_.out().write(encode_error(code, sqlstate, message));
}

void Dispatch::write_ok(const sql::StatementOutcome& outcome) {
    OkPacket ok;
    ok.affected_rows = outcome.affected_rows;
    ok.last_insert_id = outcome.last_insert_id;
    ok.warning_count = outcome.warning_count;
    ok.message = outcome.message;
    ok.status = status(has_more_text_ ? kStatusMoreResults : 0);
    ok.changes = {std::move(session_.changes.variables), session_.changes.schema_changed,
                  session_.context.database, session_.changes.state_changed};
    session_.changes.clear();
    wire_.out().write(encode_ok(ok, static_cast<std::uint32_t>(session_.client_capabilities)));
}

void Dispatch::write_end_of_rows(std::uint16_t row_status, const sql::StatementOutcome& outcome) {
    if (!has(kClientDeprecateEof)) {
        wire_.out().write(encode_eof(outcome.warning_count, row_status));
        session_.changes.clear();
        return;
    }
    OkPacket ok;
    ok.warning_count = outcome.warning_count;
    ok.status = row_status;
    ok.changes = {std::move(session_.changes.variables), session_.changes.schema_changed,
                  session_.context.database, session_.changes.state_changed};
    session_.changes.clear();
    wire_.out().write(
        encode_ok(ok, static_cast<std::uint32_t>(session_.client_capabilities), true));
}

void Dispatch::write_eof(unsigned extra_status) {
    write_end_of_rows(status(extra_status), sql::StatementOutcome{});
}

void Dispatch::run(CommandCode code, storage::ByteView body) {
    switch (code) {
        case CommandCode::kQuery:
            query(body);
            return;
        case CommandCode::kInitDb:
            init_db(body);
            return;
        case CommandCode::kPing:
            write_ok({});
            return;
        case CommandCode::kStmtPrepare:
            prepare(body);
            return;
        case CommandCode::kStmtExecute:
            execute(body);
            return;
        case CommandCode::kStmtFetch:
            begin_fetch(body);
            return;
        case CommandCode::kStmtSendLongData:
            send_long_data(body);
            return;
        case CommandCode::kStmtReset:
            reset_statement(body);
            return;
        case CommandCode::kStmtClose:
            statements_.close(decode_statement_id(body));
            return;
        case CommandCode::kFieldList:
            field_list(body);
            return;
        case CommandCode::kStatistics:
            wire_.out().write(context_.registry->statistics());
            return;
        case CommandCode::kProcessInfo:
            run_text("SHOW PROCESSLIST");
            return;
        case CommandCode::kProcessKill:
            process_kill(body);
            return;
        case CommandCode::kSetOption:
            set_option(body);
            return;
        case CommandCode::kResetConnection:
            reset_connection();
            return;
        case CommandCode::kDebug:
        case CommandCode::kRefresh:
            if (!session_.privileges.has_global(sql::kPrivilegeReload)) {
                sql::throw_sql_error(sql::ErrorCode::ER_SPECIFIC_ACCESS_DENIED_ERROR, "RELOAD");
            }
            if (code == CommandCode::kRefresh) {
                write_ok({});
            } else {
                write_eof(0);
            }
            return;
        default:
            sql::throw_sql_error(sql::ErrorCode::ER_UNKNOWN_COM_ERROR);
    }
}

void Dispatch::query(storage::ByteView body) {
    const QueryCommand command =
        decode_query(body, static_cast<std::uint32_t>(session_.client_capabilities));
    std::string text = client_text(command.text);
    // mysql_query() of old clients sends the text's NUL along.
    while (!text.empty() && text.back() == '\0') {
        text.pop_back();
    }
    run_text(std::move(text));
}

void Dispatch::run_text(std::string text) {
    text_ = std::move(text);
    at_ = 0;
    next_statement();
}

void Dispatch::next_statement() {
    has_more_text_ = false;
    const std::string_view rest = std::string_view(text_).substr(at_);
    begin_statement(command_name(CommandCode::kQuery), rest);
    sql::ExecutedStatement executed = context_.executor->execute(session_, rest);
    if (!executed.is_last && !has(kClientMultiStatements)) {
        // The engine refuses such a text before it runs anything; this is the second lock.
        sql::throw_sql_error(sql::ErrorCode::ER_PARSE_ERROR, "You have an error in your SQL syntax",
                             rest.substr(std::min(executed.bytes_consumed, rest.size()), 80), 1);
    }
    at_ += std::min(executed.bytes_consumed, rest.size());
    has_more_text_ = !executed.is_last && at_ < text_.size() && executed.bytes_consumed > 0;
    start_result(std::move(executed.result), RowEncoder::Form::kText);
}

void Dispatch::start_result(std::unique_ptr<sql::ResultStream> stream, RowEncoder::Form form) {
    if (stream->columns().empty()) {
        write_ok(stream->outcome());
        return;
    }
    result_.emplace(std::move(stream), session_.context.results_collation, form);
    const std::uint16_t header_status = status(has_more_text_ ? kStatusMoreResults : 0);
    result_->write_header(wire_.out(), has(kClientDeprecateEof) ? nullptr : &header_status);
}

void Dispatch::finish_result() {
    const sql::StatementOutcome outcome = result_->outcome();
    result_.reset();
    write_end_of_rows(status(has_more_text_ ? kStatusMoreResults : 0), outcome);
}

void Dispatch::init_db(storage::ByteView body) {
    const std::string database = client_text(body);
    begin_statement(command_name(CommandCode::kInitDb), database);
    context_.executor->use_database(session_, database);
    write_ok({});
}

void Dispatch::field_list(storage::ByteView body) {
    const FieldListCommand command = decode_field_list(body);
    const std::string table = client_text(command.table);
    text_ = "SELECT * FROM " + quoted_identifier(table) + " LIMIT 0";
    begin_statement(command_name(CommandCode::kFieldList), text_);
    const sql::ExecutedStatement executed = context_.executor->execute(session_, text_);
    for (const sql::ResultColumn& column : executed.result->columns()) {
        if (!command.wildcard.empty() && !sql::wildcard_matches(command.wildcard, column.name)) {
            continue;
        }
        wire_.out().begin();
        append_column_definition(wire_.out().payload(), column, session_.context.results_collation);
        wire_.out().payload().push_back('\xfb');  // the default is not told
        wire_.out().end();
    }
    write_eof(0);
}

void Dispatch::process_kill(storage::ByteView body) {
    const std::uint32_t id = decode_kill(body);
    const std::string owner = context_.registry->user_of(id);
    if (owner.empty()) {
        sql::throw_sql_error(sql::ErrorCode::ER_NO_SUCH_THREAD, id);
    }
    if (owner != session_.client_user && !session_.privileges.has_global(sql::kPrivilegeSuper)) {
        sql::throw_sql_error(sql::ErrorCode::ER_KILL_DENIED_ERROR, id);
    }
    if (!context_.registry->kill(id, true)) {
        sql::throw_sql_error(sql::ErrorCode::ER_NO_SUCH_THREAD, id);
    }
    write_ok({});
}

void Dispatch::set_option(storage::ByteView body) {
    constexpr std::uint16_t kMultiStatementsOn = 0;
    constexpr std::uint16_t kMultiStatementsOff = 1;
    const std::uint16_t option = decode_set_option(body);
    if (option == kMultiStatementsOn) {
        session_.client_capabilities |= kClientMultiStatements;
    } else if (option == kMultiStatementsOff) {
        session_.client_capabilities &= ~std::uint64_t{kClientMultiStatements};
    } else {
        sql::throw_sql_error(sql::ErrorCode::ER_UNKNOWN_COM_ERROR);
    }
    write_eof(0);
}

void Dispatch::reset_connection() {
    forget();
    write_ok({});
}

void Dispatch::forget() {
    result_.reset();
    fetch_.reset();
    has_more_text_ = false;
    statements_.clear();
    context_.executor->reset_session(session_);
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// A command to the engine, its results to packets; what happens between two commands of one
// authenticated connection.
//
// Used by one thread at a time (a worker). SqlErrors become ERR packets here; ProtocolErrors go up
// and end the connection. A long result is written piece by piece: begin(), then resume() as long
// as busy().
//
// Comes from: protocol/command, through conversation. Goes to: sql/engine, protocol/result_writer.
#pragma once

#include <optional>
#include <string>

#include "server/client_statements.h"
#include "server/local_infile_channel.h"
#include "server/protocol/result_writer.h"
#include "server/server_context.h"
#include "server/wire.h"
#include "sql/session/session.h"

namespace afterimage::server {

class ConnectionEntry;

class Dispatch {
  public:
    Dispatch(const ServerContext& context, sql::Session& session, Wire& wire,
             ConnectionEntry& entry, BlockingChannel& channel);

    /// Answers the command, or begins to. `body` is the packet behind its first byte.
    void begin(CommandCode code, storage::Bytes body);
    /// An answer is not finished: results are to be written or statements of the text to be run.
    [[nodiscard]] bool busy() const noexcept {
        return result_.has_value() || has_more_text_ || fetch_.has_value();
    }
    /// Goes on until the answer is finished or `high_water_bytes` wait.
    void resume(std::size_t high_water_bytes);

    /// OK with the session's status, for login and change of user too.
    void write_ok(const sql::StatementOutcome& outcome);
    /// After COM_CHANGE_USER: everything of the session that the protocol holds goes.
    void forget();

  private:
    void run(CommandCode code, storage::ByteView body);
    void query(storage::ByteView body);
    void run_text(std::string text);
    void next_statement();
    void begin_statement(std::string_view command, std::string_view text);
    void end_answer();
    void start_result(std::unique_ptr<sql::ResultStream> stream, RowEncoder::Form form);
    void finish_result();
    void fail(std::uint16_t code, std::string_view sqlstate, const std::string& message);
    void write_end_of_rows(std::uint16_t status, const sql::StatementOutcome& outcome);
    void write_eof(unsigned extra_status);

    void init_db(storage::ByteView body);
    void field_list(storage::ByteView body);
    void process_kill(storage::ByteView body);
    void set_option(storage::ByteView body);
    void reset_connection();

    // dispatch_statements.cc
    void prepare(storage::ByteView body);
    void execute(storage::ByteView body);
    void open_cursor(ClientStatement& statement, std::unique_ptr<sql::ResultStream> stream);
    void begin_fetch(storage::ByteView body);
    void fetch_rows(std::size_t high_water_bytes);
    void send_long_data(storage::ByteView body);
    void reset_statement(storage::ByteView body);
    void write_definitions(const std::vector<sql::ResultColumn>& columns);

    [[nodiscard]] std::uint16_t status(unsigned extra = 0) const;
    [[nodiscard]] bool has(std::uint32_t capability) const noexcept {
        return (session_.client_capabilities & capability) != 0;
    }
    [[nodiscard]] std::string client_text(storage::ByteView text) const;

    const ServerContext& context_;
    sql::Session& session_;
    Wire& wire_;
    ConnectionEntry& entry_;
    LocalInfileChannel local_infile_;
    ClientStatements statements_;

    storage::Bytes body_;  ///< of the command that is being answered
    std::string text_;     ///< of COM_QUERY; the engine may keep views into it
    std::size_t at_ = 0;   ///< next statement in text_
    bool has_more_text_ = false;
    std::optional<ResultWriter> result_;
    std::optional<FetchCommand> fetch_;  ///< rows that COM_STMT_FETCH still wants
};

}  // namespace afterimage::server

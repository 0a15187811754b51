// SPDX-License-Identifier: Apache-2.0
// One client from greeting to goodbye, without a socket: bytes in, bytes out.
//
// Used by one thread at a time: the I/O thread feeds it, a worker runs it. The session in it may be
// stopped from any thread through its ConnectionEntry. Never throws for what a client sends:
// malformed packets get their error and close the conversation.
//
// Invariants: 1. Nothing but login packets is looked at before the login is accepted.  2. At most
// kHighWaterBytes and one row wait to be sent before run() returns.
//
// Comes from: connection, through wire. Goes to: dispatch.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/auth/login.h"
#include "server/connection_registry.h"
#include "server/dispatch.h"
#include "server/protocol_error.h"
#include "server/server_context.h"
#include "server/wire.h"
#include "sql/session/session.h"

namespace afterimage::server {

struct Peer {
    std::string host;     ///< "10.0.0.7", "localhost" for a local socket
    std::string address;  ///< with its port, for the process list
    bool local = false;
};

class Conversation {
  public:
    static constexpr std::size_t kHighWaterBytes = 256 * 1024;

    enum class Progress {
        kWantsInput,   ///< send what waits, then feed it
        kOutputWaits,  ///< send what waits, then run again
        kClosed        ///< send what waits, then close
    };

    Conversation(const ServerContext& context, std::shared_ptr<ConnectionEntry> entry, Peer peer,
                 BlockingChannel& channel);
    ~Conversation();

    /// Writes the greeting.
    void greet();
    void receive(storage::ByteView raw);
    /// Whether run() has something to do.
    [[nodiscard]] bool has_work();
    [[nodiscard]] Progress run();
    /// Bytes for the socket.
    [[nodiscard]] storage::Bytes take_output();

    [[nodiscard]] bool logged_in() const noexcept { return state_ == State::kCommand; }
    /// Any thread.
    void stop(StopKind kind) noexcept;
    [[nodiscard]] const sql::Session& session() const noexcept { return session_; }
    [[nodiscard]] const Wire& wire() const noexcept { return wire_; }
    /// The client is gone: the engine rolls back and forgets the session. On a worker.
    void disconnect() noexcept;
    /// Tells an idle client that wait_timeout is over, and closes.
    void expire();
    /// Seconds that the connection may wait for its next command.
    [[nodiscard]] std::uint64_t wait_timeout_s() const;
    [[nodiscard]] std::uint64_t net_read_timeout_s() const;
    [[nodiscard]] std::uint64_t net_write_timeout_s() const;
    /// Gives buffers back that an idle connection does not need.
    void shrink() { wire_.shrink(); }

  private:
    enum class State { kLogin, kAuthentication, kCommand, kClosed };

    void handle(Packet packet);
    void handle_login(const storage::Bytes& payload);
    void handle_command(storage::Bytes payload);
    void change_user(storage::ByteView body);
    void take_step(LoginStep step);
    void accept();
    void refuse(std::uint16_t code, std::string_view sqlstate, std::string_view message);
    void begin_compression();
    void describe_connection();

    const ServerContext& context_;
    std::shared_ptr<ConnectionEntry> entry_;
    Peer peer_;
    Wire wire_;
    sql::Session session_;
    Dispatch dispatch_;
    State state_ = State::kLogin;
    bool changes_user_ = false;
    bool session_begun_ = false;
    std::string nonce_;
    std::uint32_t offered_ = 0;
    LoginRequest request_;
    std::optional<Login> login_;
    std::optional<ProtocolError> broken_;  ///< found while receiving; told by run()
};

}  // namespace afterimage::server

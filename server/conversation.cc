// SPDX-License-Identifier: Apache-2.0
#include "server/conversation.h"

#include <exception>
#include <utility>

#include "server/auth/caching_sha2.h"
#include "server/logger.h"
#include "server/protocol/capabilities.h"
#include "server/protocol/status_packets.h"
#include "server/sql_executor.h"
#include "server/tls.h"
#include "sql/session/system_variables.h"
#include "sql/sql_error.h"
#include "storage/os/clock.h"

namespace afterimage::server {

namespace {

/// Login packets hold a name, a password's digest and ≤ 64 KiB of attributes.
constexpr std::uint64_t kLoginPacketBytes = 128 * 1024;
constexpr std::uint8_t kGreetingCollation = 255;  // utf8mb4_0900_ai_ci
/// zlib's middle and MySQL's default.
constexpr int kZlibLevel = 6;

sql::SessionServices session_services(const ServerContext& context) {
    sql::SessionServices services;
    services.globals = context.globals;
    services.processes = context.registry;
    services.accounts = context.auth.accounts;
    return services;
}

}  // namespace

Conversation::Conversation(const ServerContext& context, std::shared_ptr<ConnectionEntry> entry,
                           Peer peer, BlockingChannel& channel)
    : context_(context),
      entry_(std::move(entry)),
      peer_(std::move(peer)),
      wire_(kLoginPacketBytes),
      session_(session_services(context), entry_->id()),
      dispatch_(context, session_, wire_, *entry_, channel) {}

Conversation::~Conversation() = default;

void Conversation::stop(StopKind kind) noexcept {
    using Reason = sql::StopToken::Reason;
    switch (kind) {
        case StopKind::kQuery:
            session_.stop.request(Reason::kQueryKilled);
            return;
        case StopKind::kTimeout:
            session_.stop.request(Reason::kTimeout);
            return;
        case StopKind::kConnection:
            session_.stop.request(Reason::kConnectionKilled);
            return;
        case StopKind::kShutdown:
            session_.stop.request(Reason::kShutdown);
            return;
    }
}

void Conversation::greet() {
    nonce_ = random_salt(*context_.random);
    offered_ = kServerCapabilities | kClientCompress | kClientZstd;
    offered_ |= context_.tls != nullptr ? kClientSsl : 0;
    Greeting greeting;
    greeting.server_version = context_.globals->get("version").as_bytes();
    greeting.connection_id = static_cast<std::uint32_t>(entry_->id());
    greeting.nonce = nonce_;
    greeting.capabilities = offered_;
    greeting.collation = kGreetingCollation;
    greeting.status = kStatusAutocommit;
    greeting.plugin = context_.auth.default_plugin;
    wire_.out().set_sequence(0);
    wire_.out().write(encode_greeting(greeting));
}

void Conversation::receive(storage::ByteView raw) {
    try {
        wire_.receive(raw);
    } catch (const ProtocolError& error) {
        broken_ = error;
    }
}

storage::Bytes Conversation::take_output() {
    try {
        return wire_.take_output();
    } catch (const ProtocolError&) {
        // TLS is broken: there is nothing that the client could still be told.
        state_ = State::kClosed;
        return {};
    }
}

bool Conversation::has_work() {
    if (broken_ || dispatch_.busy()) {
        return true;
    }
    try {
        return wire_.packet_ready();
    } catch (const ProtocolError& error) {
        wire_.answer_refused();
        broken_ = error;
        return true;
    }
}

Conversation::Progress Conversation::run() {
    try {
        while (state_ != State::kClosed) {
            if (dispatch_.busy()) {
                dispatch_.resume(kHighWaterBytes);
            } else if (broken_) {
                throw ProtocolError(*broken_);
            } else if (auto packet = wire_.next_packet(state_ == State::kCommand)) {
                handle(std::move(*packet));
            } else {
                return Progress::kWantsInput;
            }
            const auto reason = session_.stop.reason();
            if (!dispatch_.busy() && (reason == sql::StopToken::Reason::kConnectionKilled ||
                                      reason == sql::StopToken::Reason::kShutdown)) {
                state_ = State::kClosed;
            } else if (wire_.out().size_bytes() >= kHighWaterBytes) {
                return Progress::kOutputWaits;
            }
        }
    } catch (const ProtocolError& error) {
        refuse(error.code(), error.sqlstate(), error.what());
    } catch (const sql::SqlError& error) {
        refuse(error.error_number(), error.sqlstate(), error.message());
    } catch (const std::exception& error) {
        context_.log->error("connection failed",
                            {{"connection", std::to_string(entry_->id())}, {"what", error.what()}});
        refuse(static_cast<std::uint16_t>(sql::ErrorCode::ER_UNKNOWN_ERROR), "HY000",
               "Internal error");
    }
    return Progress::kClosed;
}

void Conversation::refuse(std::uint16_t code, std::string_view sqlstate, std::string_view message) {
    if (state_ != State::kCommand) {
        ++context_.registry->counters().aborted_connects;
    }
    state_ = State::kClosed;
    wire_.out().write(encode_error(code, sqlstate, message));
}

void Conversation::disconnect() noexcept {
    if (!std::exchange(session_begun_, false)) {
        return;
    }
    try {
        dispatch_.forget();
    } catch (const std::exception& error) {
        context_.log->error("session did not end cleanly",
                            {{"connection", std::to_string(entry_->id())}, {"what", error.what()}});
    }
}

void Conversation::expire() {
    if (state_ == State::kCommand && !dispatch_.busy()) {
        using sql::ErrorCode;
        const ErrorCode code = ErrorCode::ER_CLIENT_INTERACTION_TIMEOUT;
        wire_.out().set_sequence(0);
        refuse(static_cast<std::uint16_t>(code), sql::error_sqlstate(code),
               sql::error_message(code));
    }
    state_ = State::kClosed;
}

std::uint64_t Conversation::wait_timeout_s() const {
    return session_.get_variable("wait_timeout").as_uint();
}

std::uint64_t Conversation::net_read_timeout_s() const {
    return session_.get_variable("net_read_timeout").as_uint();
}

std::uint64_t Conversation::net_write_timeout_s() const {
    return session_.get_variable("net_write_timeout").as_uint();
}

void Conversation::handle(Packet packet) {
    switch (state_) {
        case State::kLogin:
            handle_login(packet.payload);
            return;
        case State::kAuthentication:
            take_step(login_->proceed(packet.payload));
            return;
        case State::kCommand:
            handle_command(std::move(packet.payload));
            return;
        case State::kClosed:
            return;
    }
}

void Conversation::handle_login(const storage::Bytes& payload) {
    if (is_tls_request(payload) && wire_.tls() == nullptr) {
        if (context_.tls == nullptr) {
            throw ProtocolError::bad_handshake();
        }
        wire_.start_tls(*context_.tls);
        return;
    }
    request_ = decode_login(payload, offered_);
    const bool secure = wire_.tls() != nullptr || peer_.local;
    if (context_.globals->get("require_secure_transport").as_int() != 0 && !secure) {
        sql::throw_sql_error(sql::ErrorCode::ER_SECURE_TRANSPORT_REQUIRED);
    }
    login_.emplace(context_.auth, nonce_, peer_.host, secure);
    state_ = State::kAuthentication;
    take_step(login_->begin(request_));
}

void Conversation::take_step(LoginStep step) {
    for (const storage::Bytes& packet : step.packets) {
        wire_.out().write(packet);
    }
    if (step.outcome == LoginStep::Outcome::kRejected) {
        context_.log->info("login rejected", {{"user", login_->user()}, {"host", peer_.host}});
        refuse(step.error_code, step.sqlstate, step.error_message);
    } else if (step.outcome == LoginStep::Outcome::kAccepted) {
        accept();
    }
}

void Conversation::accept() {
    if (changes_user_) {
        dispatch_.forget();
    } else {
        session_.client_capabilities = request_.capabilities;
    }
    session_.connection_attributes = std::move(request_.attributes);
    session_.set_identity(login_->user(), login_->host(), login_->account());
    if (request_.collation != 0) {
        session_.set_client_collation(request_.collation);
    }
    entry_->set_client(login_->user(), peer_.address);
    session_begun_ = true;
    login_.reset();
    if ((session_.client_capabilities & kClientInteractive) != 0) {
        session_.set_variable("wait_timeout", session_.get_variable("interactive_timeout"));
    }
    session_.context.database.clear();
    if (!request_.database.empty()) {
        session_.begin_statement(context_.clock->now_us());
        context_.executor->use_database(session_, request_.database);
        entry_->set_database(session_.context.database);
    }
    state_ = State::kCommand;
    describe_connection();
    wire_.set_packet_limit(session_.context.max_allowed_packet);
    dispatch_.write_ok({});
    if (!std::exchange(changes_user_, false)) {
        begin_compression();
    }
    entry_->end_command(context_.clock->monotonic_us());
}

void Conversation::begin_compression() {
    if ((request_.capabilities & kClientCompress) != 0) {
        wire_.start_compression(CompressionKind::kZlib, kZlibLevel);
    } else if ((request_.capabilities & kClientZstd) != 0) {
        wire_.start_compression(CompressionKind::kZstd, request_.zstd_level);
    }
}

void Conversation::describe_connection() {
    session_.connection_status.clear();
    const TlsCodec* tls = wire_.tls();
    session_.connection_status.emplace_back("Ssl_cipher", tls == nullptr ? "" : tls->cipher_name());
    session_.connection_status.emplace_back("Ssl_version",
                                            tls == nullptr ? "" : tls->version_name());
    const bool compressed = (session_.client_capabilities & (kClientCompress | kClientZstd)) != 0;
    session_.connection_status.emplace_back("Compression", compressed ? "ON" : "OFF");
}

void Conversation::handle_command(storage::Bytes payload) {
    const auto code = payload.empty()
                          ? CommandCode::kSleep
                          : static_cast<CommandCode>(static_cast<unsigned char>(payload.front()));
    if (code == CommandCode::kQuit) {
        state_ = State::kClosed;
        return;
    }
    if (!payload.empty()) {
        payload.erase(0, 1);
    }
    if (code == CommandCode::kChangeUser) {
        change_user(payload);
        return;
    }
    dispatch_.begin(code, std::move(payload));
}

void Conversation::change_user(storage::ByteView body) {
    request_ = decode_change_user(body, static_cast<std::uint32_t>(session_.client_capabilities));
    entry_->begin_command(command_name(CommandCode::kChangeUser), "",
                          context_.clock->monotonic_us());
    login_.emplace(context_.auth, nonce_, peer_.host, wire_.tls() != nullptr || peer_.local);
    changes_user_ = true;
    state_ = State::kAuthentication;
    take_step(login_->begin(request_, true));
}

}  // namespace afterimage::server

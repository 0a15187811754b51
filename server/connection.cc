// SPDX-License-Identifier: Apache-2.0
#include "server/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <exception>
#include <utility>

#include "server/connection_registry.h"
#include "server/io_threads.h"
#include "server/logger.h"
#include "server/worker_pool.h"
#include "sql/session/system_variables.h"
#include "storage/os/clock.h"

namespace afterimage::server {

namespace {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;

constexpr std::uint64_t kMicros = 1'000'000;
/// How long a worker waits for the next command before it gives its thread back: longer than the
/// turnaround of a client on the same network, short against anything a person notices.
constexpr int kLingerMs = 2;
/// Read in one turn before other connections of the thread get theirs.
constexpr std::size_t kTurnBytes = 1U << 20U;
constexpr int kBlockingStepMs = 200;

class Connection final : public Job,
                         public BlockingChannel,
                         public std::enable_shared_from_this<Connection> {
  public:
    Connection(const ServerContext& context, WorkerPool& pool, IoThread& thread, int fd, Peer peer,
               std::shared_ptr<ConnectionEntry> entry)
        : context_(context),
          pool_(pool),
          thread_(thread),
          socket_(thread.context(), asio::generic::stream_protocol(AF_UNSPEC, 0), fd),
          entry_(std::move(entry)),
          conversation_(context, entry_, std::move(peer), *this),
          job_done_(thread.context(), asio::steady_timer::time_point::max()) {
        socket_.non_blocking(true);
    }

    void open();
    void close();
    static asio::awaitable<void> run(std::shared_ptr<Connection> self);
    static asio::awaitable<void> serve(std::shared_ptr<Connection> self);

    void run_job() noexcept override;
    [[nodiscard]] bool send(storage::ByteView raw) override;
    [[nodiscard]] bool receive(storage::Bytes& raw) override;

  private:
    asio::awaitable<void> send_output();
    asio::awaitable<bool> fill();
    asio::awaitable<void> run_on_worker();
    void write_now();
    [[nodiscard]] bool linger();
    [[nodiscard]] bool wait_for(short events, std::uint64_t timeout_s);
    void arm(std::uint64_t timeout_s) {
        entry_->set_deadline(context_.clock->monotonic_us() + timeout_s * kMicros);
    }

    const ServerContext& context_;
    WorkerPool& pool_;
    IoThread& thread_;
    Socket socket_;
    std::shared_ptr<ConnectionEntry> entry_;
    Conversation conversation_;

    Conversation::Progress progress_ = Conversation::Progress::kWantsInput;
    storage::Bytes output_;  ///< for the socket
    bool disconnects_ = false;
    asio::steady_timer job_done_;  ///< never expires: cancelled when the worker is through
};

void Connection::open() {
    const int fd = socket_.native_handle();
    entry_->attach([this](StopKind kind) { conversation_.stop(kind); },
                   [fd](bool both) { ::shutdown(fd, both ? SHUT_RDWR : SHUT_RD); },
                   [fd] {
                       char byte = 0;
                       return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
                   });
}

void Connection::close() {
    entry_->detach();
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
    context_.registry->counters().bytes_received += conversation_.wire().bytes_received();
    context_.registry->counters().bytes_sent += conversation_.wire().bytes_sent();
    context_.registry->remove(entry_->id());
}

// serve() takes a shared_ptr by value: called as a member in this try block, GCC 12 hands it a
// wrong `this`.
asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
    Connection& connection = *self;
    std::exception_ptr failure;
    try {
        co_await serve(self);
    } catch (...) {
        failure = std::current_exception();
    }
    // A rollback may take its time: not on this thread.
    connection.disconnects_ = true;
    co_await connection.run_on_worker();
    if (failure) {
        std::rethrow_exception(failure);
    }
}

// The life of a connection. The login has connect_timeout as a whole, an idle client wait_timeout,
// each read of a packet and each write their net timeouts; the registry's tick watches them.
asio::awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
    Connection& me = *self;
    me.arm(me.context_.globals->get("connect_timeout").as_uint());
    me.conversation_.greet();
    me.output_ = me.conversation_.take_output();
    co_await me.send_output();
    for (;;) {
        if (!me.conversation_.has_work()) {
            if (!co_await me.fill()) {
                break;
            }
            // TLS answers its handshake without a packet being there.
            me.output_ = me.conversation_.take_output();
            co_await me.send_output();
            continue;
        }
        if (me.conversation_.logged_in()) {
            me.entry_->set_deadline(0);
        }
        co_await me.run_on_worker();
        co_await me.send_output();
        if (me.progress_ == Conversation::Progress::kClosed) {
            break;
        }
    }
    if (me.entry_->timed_out()) {
        me.conversation_.expire();
        me.output_ = me.conversation_.take_output();
        me.write_now();
    }
}

asio::awaitable<void> Connection::send_output() {
    if (output_.empty()) {
        co_return;
    }
    if (conversation_.logged_in()) {
        arm(conversation_.net_write_timeout_s());
    }
    co_await asio::async_write(socket_, asio::buffer(output_), asio::use_awaitable);
    output_ = {};
}

/// Waits for bytes and feeds them; false when the client is gone.
asio::awaitable<bool> Connection::fill() {
    if (conversation_.logged_in()) {
        arm(conversation_.wire().mid_packet() ? conversation_.net_read_timeout_s()
                                              : conversation_.wait_timeout_s());
        conversation_.shrink();
    }
    co_await socket_.async_wait(Socket::wait_read, asio::use_awaitable);
    std::vector<char>& scratch = thread_.scratch();
    std::size_t total = 0;
    while (total < kTurnBytes && !conversation_.has_work()) {
        boost::system::error_code error;
        const std::size_t count = socket_.read_some(asio::buffer(scratch), error);
        if (error == asio::error::would_block || error == asio::error::try_again) {
            break;
        }
        if (error || count == 0) {
            co_return false;
        }
        conversation_.receive(storage::ByteView(scratch.data(), count));
        total += count;
    }
    co_return true;
}

asio::awaitable<void> Connection::run_on_worker() {
    pool_.post(shared_from_this());
    // The worker's wake-up runs on this thread, hence not before the wait has begun.
    boost::system::error_code cancelled;
    co_await job_done_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

void Connection::run_job() noexcept {
    if (disconnects_) {
        conversation_.disconnect();
        asio::post(thread_.context(), [self = shared_from_this()] { self->job_done_.cancel(); });
        return;
    }
    ++context_.registry->counters().running;
    do {
        if (conversation_.logged_in()) {
            // The first command may follow its login in this loop, with connect_timeout still set.
            entry_->set_deadline(0);
        }
        progress_ = conversation_.run();
        output_.append(conversation_.take_output());
        write_now();
    } while (progress_ == Conversation::Progress::kWantsInput && output_.empty() && linger());
    --context_.registry->counters().running;
    asio::post(thread_.context(), [self = shared_from_this()] { self->job_done_.cancel(); });
}

/// Sends what the socket takes at once.
void Connection::write_now() {
    std::size_t at = 0;
    while (at < output_.size()) {
        const ssize_t count = ::send(socket_.native_handle(), output_.data() + at,
                                     output_.size() - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            break;  // full, or broken: the coroutine finds out which
        }
        at += static_cast<std::size_t>(count);
    }
    if (at == output_.size()) {
        output_ = {};
    } else {
        output_.erase(0, at);
    }
}

/// True when the next command is there.
bool Connection::linger() {
    if (!conversation_.logged_in() || !pool_.may_linger()) {
        return false;
    }
    pollfd waited{socket_.native_handle(), POLLIN, 0};
    if (::poll(&waited, 1, kLingerMs) <= 0) {
        return false;
    }
    std::array<char, 16 * 1024> buffer;
    const ssize_t count =
        ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count <= 0) {
        return false;  // the end of the stream stays readable for the coroutine
    }
    conversation_.receive(storage::ByteView(buffer.data(), static_cast<std::size_t>(count)));
    return conversation_.has_work();
}

bool Connection::wait_for(short events, std::uint64_t timeout_s) {
    const std::uint64_t end = context_.clock->monotonic_us() + timeout_s * kMicros;
    while (conversation_.session().stop.reason() == sql::StopToken::Reason::kNone) {
        pollfd waited{socket_.native_handle(), events, 0};
        const int ready = ::poll(&waited, 1, kBlockingStepMs);
        if (ready > 0) {
            return true;
        }
        if ((ready < 0 && errno != EINTR) || context_.clock->monotonic_us() >= end) {
            return false;
        }
    }
    return false;
}

bool Connection::send(storage::ByteView raw) {
    output_.append(raw);
    for (;;) {
        write_now();
        if (output_.empty()) {
            return true;
        }
        if (!wait_for(POLLOUT, conversation_.net_write_timeout_s())) {
            return false;
        }
    }
}

bool Connection::receive(storage::Bytes& raw) {
    if (!wait_for(POLLIN, conversation_.net_read_timeout_s())) {
        return false;
    }
    std::array<char, 64 * 1024> buffer;
    const ssize_t count =
        ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count <= 0) {
        return false;
    }
    raw.assign(buffer.data(), static_cast<std::size_t>(count));
    return true;
}

}  // namespace

void serve_connection(const ServerContext& context, WorkerPool& pool, IoThread& thread, int fd,
                      Peer peer, std::shared_ptr<ConnectionEntry> entry) {
    auto connection =
        std::make_shared<Connection>(context, pool, thread, fd, std::move(peer), std::move(entry));
    connection->open();
    Logger* const log = context.log;
    asio::co_spawn(thread.context(), Connection::run(connection),
                   [connection, log](const std::exception_ptr& failure) {
                       connection->close();
                       if (!failure) {
                           return;
                       }
                       try {
                           std::rethrow_exception(failure);
                       } catch (const boost::system::system_error&) {
                           return;  // the client is gone
                       } catch (const std::exception& error) {
                           log->error("connection ended", {{"what", error.what()}});
                       }
                   });
}

}  // namespace afterimage::server

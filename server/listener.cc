// SPDX-License-Identifier: Apache-2.0
#include "server/listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <utility>

#include "server/connection.h"
#include "server/connection_registry.h"
#include "server/io_threads.h"
#include "server/logger.h"
#include "server/protocol/packet_writer.h"
#include "server/protocol/status_packets.h"
#include "sql/session/system_variables.h"
#include "sql/sql_error.h"

namespace afterimage::server {

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr int kBacklog = 1024;
/// After accept() failed, most often for want of file descriptors.
constexpr std::chrono::milliseconds kRetryDelay{100};

Peer peer_of(const Tcp::socket& socket) {
    boost::system::error_code error;
    const Tcp::endpoint endpoint = socket.remote_endpoint(error);
    Peer peer;
    if (!error) {
        asio::ip::address address = endpoint.address();
        if (address.is_v6() && address.to_v6().is_v4_mapped()) {
            address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
        }
        peer.host = address.to_string();
        peer.address = peer.host + ":" + std::to_string(endpoint.port());
    }
    return peer;
}

Peer peer_of(const Local::socket& /*socket*/) { return {"localhost", "localhost", true}; }

void prepare(Tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

void prepare(Local::socket& /*socket*/) {}

/// One packet as far as the socket takes it at once; the client has sent nothing yet.
template <class Socket>
void turn_away(Socket& socket) {
    PacketWriter writer;
    writer.write(encode_error(static_cast<std::uint16_t>(sql::ErrorCode::ER_CON_COUNT_ERROR), "",
                              sql::error_message(sql::ErrorCode::ER_CON_COUNT_ERROR)));
    const storage::Bytes bytes = writer.take();
    static_cast<void>(
        ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

}  // namespace

ListenAddress parse_listen_address(const std::string& text) {
    ListenAddress address;
    std::string_view port = text;
    const std::size_t colon = text.rfind(':');
    if (colon != std::string::npos) {
        address.host = text.substr(0, colon);
        port.remove_prefix(colon + 1);
        if (address.host.starts_with('[') && address.host.ends_with(']')) {
            address.host = address.host.substr(1, address.host.size() - 2);
        }
    }
    const auto read = std::from_chars(port.data(), port.data() + port.size(), address.port);
    boost::system::error_code bad_host;
    if (!address.host.empty() && address.host != "localhost") {
        static_cast<void>(asio::ip::make_address(address.host, bad_host));
    }
    if (read.ec != std::errc() || read.ptr != port.data() + port.size() || bad_host) {
        throw std::invalid_argument("'" + text + "' is not HOST:PORT with a numeric host");
    }
    return address;
}

struct Listener::Acceptors : std::enable_shared_from_this<Listener::Acceptors> {
    Acceptors(const ServerContext& server, WorkerPool& workers, IoThreads& io)
        : context(server), pool(workers), threads(io) {}

    template <class Acceptor>
    static asio::awaitable<void> accept(std::shared_ptr<Acceptors> self, Acceptor* acceptor);
    template <class Socket>
    void take(Socket socket);
    void close();

    const ServerContext& context;
    WorkerPool& pool;
    IoThreads& threads;
    std::optional<Tcp::acceptor> tcp;
    std::optional<Local::acceptor> local;
    std::string local_path;
    std::uint16_t port = 0;
};

template <class Socket>
void Listener::Acceptors::take(Socket socket) {
    const std::uint64_t most = context.globals->get("max_connections").as_uint();
    std::shared_ptr<ConnectionEntry> entry = context.registry->try_add(most);
    if (!entry) {
        turn_away(socket);
        return;
    }
    prepare(socket);
    Peer peer = peer_of(socket);
    const int fd = socket.release();
    serve_connection(context, pool, threads.next(), fd, std::move(peer), std::move(entry));
}

template <class Acceptor>
asio::awaitable<void> Listener::Acceptors::accept(std::shared_ptr<Acceptors> self,
                                                  Acceptor* acceptor) {
    for (;;) {
        boost::system::error_code error;
        auto socket =
            co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (!acceptor->is_open()) {
            co_return;
        }
        if (error) {
            self->context.log->warning("cannot accept a client", {{"what", error.message()}});
            asio::steady_timer timer(acceptor->get_executor(), kRetryDelay);
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
            continue;
        }
        self->take(std::move(socket));
    }
}

void Listener::Acceptors::close() {
    boost::system::error_code ignored;
    if (tcp) {
        tcp->close(ignored);
    }
    if (local) {
        local->close(ignored);
        ::unlink(local_path.c_str());
    }
}

Listener::Listener(const ServerContext& context, WorkerPool& pool, IoThreads& threads)
    : acceptors_(std::make_shared<Acceptors>(context, pool, threads)) {}

Listener::~Listener() = default;

void Listener::open(const ListenAddress& address) {
    asio::io_context& loop = acceptors_->threads.first().context();
    try {
        asio::ip::address host = asio::ip::address_v6::any();
        if (address.host == "localhost") {
            host = asio::ip::address_v4::loopback();
        } else if (!address.host.empty()) {
            host = asio::ip::make_address(address.host);
        }
        Tcp::endpoint endpoint(host, address.port);
        acceptors_->tcp.emplace(loop);
        boost::system::error_code no_ipv6;
        acceptors_->tcp->open(endpoint.protocol(), no_ipv6);
        if (no_ipv6) {
            endpoint = Tcp::endpoint(Tcp::v4(), address.port);
            acceptors_->tcp->open(endpoint.protocol());
        }
        acceptors_->tcp->set_option(asio::socket_base::reuse_address(true));
        acceptors_->tcp->bind(endpoint);
        acceptors_->tcp->listen(kBacklog);
        acceptors_->port = acceptors_->tcp->local_endpoint().port();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot listen on " + address.host + ":" +
                                 std::to_string(address.port) + ": " + error.code().message());
    }
}

void Listener::open_local(const std::string& path) {
    asio::io_context& loop = acceptors_->threads.first().context();
    try {
        boost::system::error_code error;
        Local::socket probe(loop);
        probe.connect(Local::endpoint(path), error);
        if (!error) {
            throw std::runtime_error("another server listens on " + path);
        }
        struct stat found {};
        if (::stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
            ::unlink(path.c_str());
        }
        acceptors_->local.emplace(loop, Local::endpoint(path));
        acceptors_->local_path = path;
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot listen on " + path + ": " + error.code().message());
    }
}

void Listener::start() {
    asio::io_context& loop = acceptors_->threads.first().context();
    const auto report = [log = acceptors_->context.log](const std::exception_ptr& failure) {
        if (failure) {
            log->error("the listener ended");
        }
    };
    if (acceptors_->tcp) {
        asio::co_spawn(loop, Acceptors::accept(acceptors_, &*acceptors_->tcp), report);
    }
    if (acceptors_->local) {
        asio::co_spawn(loop, Acceptors::accept(acceptors_, &*acceptors_->local), report);
    }
}

void Listener::stop() {
    std::promise<void> closed;
    asio::post(acceptors_->threads.first().context(), [this, &closed] {
        acceptors_->close();
        closed.set_value();
    });
    closed.get_future().wait();
}

std::uint16_t Listener::port() const noexcept { return acceptors_->port; }

}  // namespace afterimage::server

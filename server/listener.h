// SPDX-License-Identifier: Apache-2.0
// Accepts clients on TCP addresses and a local socket and gives each to an I/O thread.
//
// open() binds and throws std::runtime_error naming the address; start() accepts; stop() closes,
// from any thread, and waits until nothing more is accepted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/server_context.h"

namespace afterimage::server {

class IoThreads;
class WorkerPool;

struct ListenAddress {
    std::string host;  ///< numeric, or empty for every interface
    std::uint16_t port = 3306;
};

/// "127.0.0.1:3306", "[::1]:3306", ":3306", "3306". Throws std::invalid_argument.
[[nodiscard]] ListenAddress parse_listen_address(const std::string& text);

class Listener {
  public:
    Listener(const ServerContext& context, WorkerPool& pool, IoThreads& threads);
    ~Listener();

    void open(const ListenAddress& address);
    /// A file in the way that nobody listens on is removed.
    void open_local(const std::string& path);
    void start();
    void stop();
    /// The port that open() got: another one where it asked for 0.
    [[nodiscard]] std::uint16_t port() const noexcept;

  private:
    struct Acceptors;
    std::shared_ptr<Acceptors> acceptors_;
};

}  // namespace afterimage::server

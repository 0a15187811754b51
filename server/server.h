// SPDX-License-Identifier: Apache-2.0
// The whole server: constructs its parts in dependency order, stops them in reverse.
//
// start() and stop() are called once each, by one thread. start() throws std::exception naming what
// could not be opened; nothing is left running then.
#pragma once

#include <cstdint>
#include <memory>

#include "server/config.h"

namespace afterimage::server {

class Server {
  public:
    Server(Config config, Logger& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    /// Turns new clients away, lets running statements end within server.shutdown_seconds, closes.
    void stop();
    [[nodiscard]] std::uint16_t port() const;

  private:
    struct Parts;
    Config config_;
    Logger& log_;
    std::unique_ptr<Parts> parts_;
};

}  // namespace afterimage::server

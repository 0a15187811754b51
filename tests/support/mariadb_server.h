// SPDX-License-Identifier: Apache-2.0
// A private MariaDB server for tests: own data directory, own socket, own port on 127.0.0.1, gone
// with the object.
//
// Needs mariadbd and mariadb-install-db on the machine (`available()` says). The account is root
// without a password, over the socket and over 127.0.0.1. The server dies with the process that
// started it. Not thread-safe; MariadbClient is one connection and belongs to one thread. Throws
// std::runtime_error naming what failed, with the tail of the server's error log.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace afterimage::tests {

class MariadbServer {
  public:
    struct Options {
        unsigned server_id = 1;
        bool log_bin = true;  ///< base name "binlog" inside the data directory
        /// Further arguments of mariadbd, e.g. "--binlog-format=ROW".
        std::vector<std::string> arguments;
    };

    /// Whether the programs are installed.
    [[nodiscard]] static bool available();

    MariadbServer() : MariadbServer(Options()) {}
    /// Installs an empty data directory, starts, returns when a client can log in.
    explicit MariadbServer(Options options);
    ~MariadbServer();
    MariadbServer(const MariadbServer&) = delete;
    MariadbServer& operator=(const MariadbServer&) = delete;

    /// SIGTERM and wait; the data directory stays until the destructor.
    void stop();
    /// SIGKILL and wait.
    void kill();
    /// Starts again on the same data directory and port.
    void start();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] const std::string& socket_path() const noexcept { return socket_path_; }
    [[nodiscard]] const std::string& data_directory() const noexcept { return data_directory_; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    [[nodiscard]] bool running() const noexcept { return pid_ > 0; }

  private:
    void install();
    void wait_until_ready();
    void reap();
    [[nodiscard]] std::string log_tail() const;

    Options options_;
    std::string directory_;
    std::string data_directory_;
    std::string socket_path_;
    std::uint16_t port_ = 0;
    pid_t pid_ = 0;
};

/// One connection as root. Results are text, NULL is empty optional.
class MariadbClient {
  public:
    using ResultRow = std::vector<std::optional<std::string>>;

    /// Session charset utf8mb4; `database` may be empty.
    explicit MariadbClient(const MariadbServer& server, const std::string& database = "");
    ~MariadbClient();
    MariadbClient(const MariadbClient&) = delete;
    MariadbClient& operator=(const MariadbClient&) = delete;

    /// Runs one statement and throws away its result.
    void execute(std::string_view sql);
    /// Runs one statement and returns all its rows.
    std::vector<ResultRow> query(std::string_view sql);
    /// First cell of the first row; empty text for NULL or no rows.
    std::string query_one(std::string_view sql);

  private:
    void* mysql_ = nullptr;  // MYSQL*; its header stays in the .cc file
};

}  // namespace afterimage::tests

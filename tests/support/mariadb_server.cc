// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mariadb_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <mysql.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace afterimage::tests {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(120);
constexpr auto kStopTimeout = std::chrono::seconds(60);

std::string find_program(const char* name) {
    for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/usr/local/bin/", "/usr/local/sbin/"}) {
        const std::string path = std::string(folder) + name;
        if (access(path.c_str(), X_OK) == 0) {
            return path;
        }
    }
    return "";
}

// Asks the kernel for a port nobody listens on. Another process may take it before the server does;
// the constructor then tries again with another one.
std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool ok = fd >= 0 &&
                    bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!ok) {
        throw std::runtime_error("no free port on 127.0.0.1");
    }
    return ntohs(address.sin_port);
}

// fork and exec with output appended to `log`; the child dies with its parent.
pid_t spawn(const std::vector<std::string>& arguments, const std::string& log) {
    std::vector<char*> argv;
    for (const auto& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
        throw std::runtime_error("fork failed");
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(127);
        }
        const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        const int in = open("/dev/null", O_RDONLY);
        dup2(in, 0);
        dup2(out, 1);
        dup2(out, 2);
        execv(argv[0], argv.data());
        _exit(127);
    }
    return pid;
}

MYSQL* connect_to(const MariadbServer& server, const std::string& database, std::string* error) {
    MYSQL* mysql = mysql_init(nullptr);
    if (mysql == nullptr) {
        throw std::runtime_error("mysql_init failed");
    }
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    const unsigned protocol = MYSQL_PROTOCOL_SOCKET;
    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    if (mysql_real_connect(mysql, nullptr, "root", "",
                           database.empty() ? nullptr : database.c_str(), 0,
                           server.socket_path().c_str(), 0) == nullptr) {
        *error = mysql_error(mysql);
        mysql_close(mysql);
        return nullptr;
    }
    return mysql;
}

}  // namespace

bool MariadbServer::available() {
    return !find_program("mariadbd").empty() && !find_program("mariadb-install-db").empty();
}

MariadbServer::MariadbServer(Options options) : options_(std::move(options)) {
    const char* base = std::getenv("TMPDIR");
    // A socket path is limited to 107 bytes, so a long TMPDIR is not used.
    std::string pattern =
        std::string(base != nullptr && std::string_view(base).size() < 60 ? base : "/tmp") +
        "/afterimage-mariadb-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make " + pattern);
    }
    directory_ = pattern;
    data_directory_ = directory_ + "/data";
    socket_path_ = directory_ + "/sock";
    try {
        install();
        for (int attempt = 0;; ++attempt) {
            port_ = free_port();
            try {
                start();
                break;
            } catch (const std::exception&) {
                if (attempt == 2) {
                    throw;
                }
            }
        }
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
        throw;
    }
}

MariadbServer::~MariadbServer() {
    if (pid_ > 0) {
        kill();
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void MariadbServer::install() {
    const std::string program = find_program("mariadb-install-db");
    if (program.empty() || find_program("mariadbd").empty()) {
        throw std::runtime_error("mariadbd and mariadb-install-db are not installed");
    }
    std::vector<std::string> arguments = {
        program, "--no-defaults", "--datadir=" + data_directory_,
        "--auth-root-authentication-method=normal", "--skip-test-db",
        // A starting server empties its tmpdir of tables: not a
        // shared one.
        "--tmpdir=" + directory_, "--innodb-log-file-size=16M", "--innodb-fast-shutdown=1"};
    if (geteuid() == 0) {
        arguments.push_back("--user=root");
    }
    const pid_t pid = spawn(arguments, directory_ + "/install.log");
    int status = 0;
    waitpid(pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw std::runtime_error("mariadb-install-db failed\n" + log_tail());
    }
}

void MariadbServer::start() {
    std::vector<std::string> arguments = {find_program("mariadbd"),
                                          "--no-defaults",
                                          "--datadir=" + data_directory_,
                                          "--socket=" + socket_path_,
                                          "--pid-file=" + directory_ + "/pid",
                                          "--bind-address=127.0.0.1",
                                          "--port=" + std::to_string(port_),
                                          "--server-id=" + std::to_string(options_.server_id),
                                          "--innodb-log-file-size=16M",
                                          "--innodb-buffer-pool-size=64M",
                                          "--max-allowed-packet=256M",
                                          "--skip-name-resolve",
                                          "--tmpdir=" + directory_};
    if (options_.log_bin) {
        arguments.push_back("--log-bin=binlog");
    }
    if (geteuid() == 0) {
        arguments.push_back("--user=root");
    }
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    pid_ = spawn(arguments, directory_ + "/server.log");
    wait_until_ready();
}

void MariadbServer::wait_until_ready() {
    const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
    std::string error;
    while (std::chrono::steady_clock::now() < deadline) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = 0;
            throw std::runtime_error("mariadbd ended while starting\n" + log_tail());
        }
        MYSQL* mysql = connect_to(*this, "", &error);
        if (mysql != nullptr) {
            mysql_close(mysql);
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    kill();
    throw std::runtime_error("mariadbd does not answer: " + error + "\n" + log_tail());
}

void MariadbServer::stop() {
    if (pid_ <= 0) {
        return;
    }
    ::kill(pid_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + kStopTimeout;
    while (std::chrono::steady_clock::now() < deadline) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = 0;
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    kill();
}

void MariadbServer::kill() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        reap();
    }
}

void MariadbServer::reap() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
}

std::string MariadbServer::log_tail() const {
    std::string text;
    for (const char* name : {"/install.log", "/server.log"}) {
        std::ifstream file(directory_ + name);
        std::stringstream all;
        all << file.rdbuf();
        const std::string content = all.str();
        text += content.substr(content.size() > 3000 ? content.size() - 3000 : 0);
    }
    return text;
}

MariadbClient::MariadbClient(const MariadbServer& server, const std::string& database) {
    std::string error;
    mysql_ = connect_to(server, database, &error);
    if (mysql_ == nullptr) {
        throw std::runtime_error("cannot log in to the test server: " + error);
    }
}

MariadbClient::~MariadbClient() { mysql_close(static_cast<MYSQL*>(mysql_)); }

void MariadbClient::execute(std::string_view sql) { query(sql); }

std::vector<MariadbClient::ResultRow> MariadbClient::query(std::string_view sql) {
    MYSQL* mysql = static_cast<MYSQL*>(mysql_);
    const auto fail = [&] {
        throw std::runtime_error(std::string(mysql_error(mysql)) +
                                 " in: " + std::string(sql.substr(0, 400)));
    };
    if (mysql_real_query(mysql, sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
        fail();
    }
    std::vector<ResultRow> rows;
    MYSQL_RES* result = mysql_store_result(mysql);
    if (result == nullptr) {
        if (mysql_field_count(mysql) != 0) {
            fail();
        }
        return rows;
    }
    const unsigned width = mysql_num_fields(result);
    while (MYSQL_ROW raw = mysql_fetch_row(result)) {
        const unsigned long* lengths = mysql_fetch_lengths(result);
        ResultRow row(width);
        for (unsigned i = 0; i < width; ++i) {
            if (raw[i] != nullptr) {
                row[i] = std::string(raw[i], lengths[i]);
            }
        }
        rows.push_back(std::move(row));
    }
    mysql_free_result(result);
    return rows;
}

std::string MariadbClient::query_one(std::string_view sql) {
    const auto rows = query(sql);
    return rows.empty() || rows[0].empty() ? "" : rows[0][0].value_or("");
}

}  // namespace afterimage::tests

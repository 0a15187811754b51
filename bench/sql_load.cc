// SPDX-License-Identifier: Apache-2.0
// A client that runs one statement again and again on many connections and says how fast it went:
// the same program, over the same library and socket type, measures Afterimage and its peer.
//
//   sql_load PORT PASSWORD DATABASE CONNECTIONS COUNT STATEMENT [INIT_STATEMENT...]
//
// COUNT is the number of statements of all connections together. In STATEMENT, {int:A:B} is a
// random integer from A to B, {text:N} N random digits in groups, {worker} the connection's number
// from 1, {next} the statement's own number from 1. INIT_STATEMENTs run first on each connection.
//
// Prints one line of JSON: statements, errors, seconds, per second, and the latency in microseconds
// at the median, the 99th percentile and the worst. An error is counted, its first text printed to
// standard error.
#include <mysql.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    unsigned port = 0;
    std::string password, database;
    unsigned connections = 1;
    std::uint64_t count = 0;
    std::string statement;
    std::vector<std::string> init;
};

/// One piece of a statement: fixed text, then what takes the place of the braces behind it.
struct Piece {
    enum class Kind { kNothing, kInteger, kText, kWorker, kNext };
    std::string text;
    Kind kind = Kind::kNothing;
    std::uint64_t low = 0, high = 0;  ///< kText: `low` is the length
};

std::uint64_t number(std::string_view text) { return std::stoull(std::string(text)); }

Piece parse_placeholder(std::string_view inside) {
    Piece piece;
    if (inside == "worker") {
        piece.kind = Piece::Kind::kWorker;
    } else if (inside == "next") {
        piece.kind = Piece::Kind::kNext;
    } else if (inside.starts_with("text:")) {
        piece.kind = Piece::Kind::kText;
        piece.low = number(inside.substr(5));
    } else if (inside.starts_with("int:")) {
        const std::size_t colon = inside.find(':', 4);
        if (colon == std::string_view::npos) {
            throw std::invalid_argument("{int:A:B}");
        }
        piece.kind = Piece::Kind::kInteger;
        piece.low = number(inside.substr(4, colon - 4));
        piece.high = number(inside.substr(colon + 1));
    } else {
        throw std::invalid_argument("unknown placeholder {" + std::string(inside) + "}");
    }
    return piece;
}

std::vector<Piece> parse_statement(std::string_view text) {
    std::vector<Piece> pieces;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        const std::size_t close = text.find('}', open);
        if (open == std::string_view::npos || close == std::string_view::npos) {
            pieces.emplace_back().text = text;
            break;
        }
        Piece piece = parse_placeholder(text.substr(open + 1, close - open - 1));
        piece.text = text.substr(0, open);
        pieces.push_back(std::move(piece));
        text.remove_prefix(close + 1);
    }
    return pieces;
}

void append_digits(std::string& out, std::mt19937_64& random, std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; ++i) {
        out.push_back(i % 12 == 11 ? '-' : static_cast<char>('0' + random() % 10));
    }
}

using Connection = std::unique_ptr<MYSQL, decltype(&mysql_close)>;

Connection connect(const Options& options) {
    Connection connection(mysql_init(nullptr), &mysql_close);
    if (mysql_real_connect(connection.get(), "127.0.0.1", "root", options.password.c_str(),
                           options.database.c_str(), options.port, nullptr, 0) == nullptr) {
        throw std::runtime_error(mysql_error(connection.get()));
    }
    return connection;
}

/// False on an error, whose text is then mysql_error's.
bool run_statement(MYSQL* connection, const std::string& text) {
    if (mysql_real_query(connection, text.data(), static_cast<unsigned long>(text.size())) != 0) {
        return false;
    }
    MYSQL_RES* result = mysql_store_result(connection);
    const bool ok = result != nullptr || mysql_errno(connection) == 0;
    mysql_free_result(result);
    return ok;
}

struct Worker {
    std::vector<float> latencies_us;
    std::uint64_t errors = 0;
    std::string first_error;
};

class Load {
  public:
    explicit Load(Options options)
        : options_(std::move(options)),
          pieces_(parse_statement(options_.statement)),
          ready_(static_cast<std::ptrdiff_t>(options_.connections) + 1),
          workers_(options_.connections) {}

    void run() {
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < options_.connections; ++i) {
            threads.emplace_back([this, i] { work(i); });
        }
        ready_.arrive_and_wait();
        const Clock::time_point start = Clock::now();
        for (std::thread& thread : threads) {
            thread.join();
        }
        report(std::chrono::duration<double>(Clock::now() - start).count());
    }

    [[nodiscard]] bool failed() const { return failed_; }

  private:
    std::string make_statement(std::mt19937_64& random, unsigned worker,
                               std::uint64_t number_from_1) {
        std::string text;
        for (const Piece& piece : pieces_) {
            text += piece.text;
            switch (piece.kind) {
                case Piece::Kind::kNothing:
                    break;
                case Piece::Kind::kInteger:
                    text += std::to_string(piece.low + random() % (piece.high - piece.low + 1));
                    break;
                case Piece::Kind::kText:
                    append_digits(text, random, piece.low);
                    break;
                case Piece::Kind::kWorker:
                    text += std::to_string(worker + 1);
                    break;
                case Piece::Kind::kNext:
                    text += std::to_string(number_from_1);
                    break;
            }
        }
        return text;
    }

    void work(unsigned index) {
        Worker& worker = workers_[index];
        std::mt19937_64 random(index + 1);
        Connection connection(nullptr, &mysql_close);
        try {
            connection = connect(options_);
            for (const std::string& text : options_.init) {
                if (!run_statement(connection.get(), text)) {
                    throw std::runtime_error(text + ": " + mysql_error(connection.get()));
                }
            }
        } catch (const std::exception& error) {
            worker.first_error = error.what();
            failed_ = true;
        }
        ready_.arrive_and_wait();
        if (failed_) {
            return;
        }
        for (std::uint64_t at = next_++; at < options_.count; at = next_++) {
            const std::string text = make_statement(random, index, at + 1);
            const Clock::time_point start = Clock::now();
            const bool ok = run_statement(connection.get(), text);
            const std::chrono::duration<float, std::micro> taken = Clock::now() - start;
            worker.latencies_us.push_back(taken.count());
            if (!ok && worker.errors++ == 0) {
                worker.first_error = mysql_error(connection.get());
            }
        }
        mysql_thread_end();
    }

    void report(double seconds) {
        std::vector<float> all;
        std::uint64_t errors = 0;
        for (const Worker& worker : workers_) {
            all.insert(all.end(), worker.latencies_us.begin(), worker.latencies_us.end());
            errors += worker.errors;
            if (!worker.first_error.empty()) {
                std::fprintf(stderr, "sql_load: %s\n", worker.first_error.c_str());
            }
        }
        if (all.empty()) {
            failed_ = true;
            return;
        }
        std::ranges::sort(all);
        const auto at = [&](double part) {
            return static_cast<double>(
                all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1))]);
        };
        std::printf(
            "{\"statements\": %zu, \"errors\": %llu, \"seconds\": %.4f, \"per_second\": %.1f, "
            "\"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f}\n",
            all.size(), static_cast<unsigned long long>(errors), seconds,
            static_cast<double>(all.size()) / seconds, at(0.5), at(0.99), at(1));
    }

    const Options options_;
    const std::vector<Piece> pieces_;
    std::barrier<> ready_;
    std::vector<Worker> workers_;
    std::atomic<std::uint64_t> next_{0};
    std::atomic<bool> failed_{false};
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 7) {
        std::fprintf(stderr,
                     "usage: sql_load PORT PASSWORD DATABASE CONNECTIONS COUNT STATEMENT "
                     "[INIT_STATEMENT...]\n");
        return 2;
    }
    try {
        Options options;
        options.port = static_cast<unsigned>(number(argv[1]));
        options.password = argv[2];
        options.database = argv[3];
        options.connections = static_cast<unsigned>(number(argv[4]));
        options.count = number(argv[5]);
        options.statement = argv[6];
        options.init.assign(argv + 7, argv + argc);
        mysql_library_init(0, nullptr, nullptr);
        Load load(std::move(options));
        load.run();
        mysql_library_end();
        return load.failed() ? 1 : 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sql_load: %s\n", error.what());
        return 1;
    }
}

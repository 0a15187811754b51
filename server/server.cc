// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "server/auth/caching_sha2.h"
#include "server/auth/rsa_key.h"
#include "server/backend.h"
#include "server/connection_registry.h"
#include "server/io_threads.h"
#include "server/listener.h"
#include "server/root_password.h"
#include "server/server_context.h"
#include "server/tls.h"
#include "server/worker_pool.h"
#include "sql/session/system_variables.h"
#include "storage/os/clock.h"
#include "storage/os/random.h"

namespace afterimage::server {

namespace {

constexpr std::chrono::milliseconds kTick{200};
/// After the grace of a stop: how long connections may take to notice their closed sockets.
constexpr std::chrono::seconds kCloseTime{5};

storage::Value text_value(const std::string& text) { return storage::Value::of_bytes(text); }

/// A TOML value as what a SET would give.
storage::Value variable_value(const sql::SystemVariable& variable, const std::string& text) {
    using sql::VariableType;
    try {
        if (variable.type == VariableType::kUnsigned) {
            return storage::Value::of_uint(std::stoull(text));
        }
        if (variable.type == VariableType::kInteger) {
            return storage::Value::of_int(std::stoll(text));
        }
        if (variable.type == VariableType::kDouble) {
            return storage::Value::of_double(std::stod(text));
        }
    } catch (const std::exception&) {
        throw ConfigError("variables." + std::string(variable.name) + " = '" + text +
                          "': a number is expected");
    }
    return text_value(text);
}

void set_config_variables(sql::GlobalVariables& globals, const Config& config) {
    for (const auto& [name, text] : config.variables) {
        const sql::SystemVariable* variable = sql::find_system_variable(name);
        try {
            globals.initialize(
                name, sql::checked_value(*variable, variable_value(*variable, text), nullptr));
        } catch (const ConfigError&) {
            throw;
        } catch (const std::exception& error) {
            throw ConfigError("variables." + name + ": " + error.what());
        }
    }
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

void say_generated_password(const RootPassword& password) {
    if (password.generated) {
        std::cout << "root password: " << password.text << "\n(kept in " << password.kept_in << ")"
                  << std::endl;
    }
}

}  // namespace

/// Members stand in the order of their making.
struct Server::Parts {
    storage::SystemClock clock;
    storage::SystemRandom random;
    sql::GlobalVariables globals;
    ConnectionRegistry registry{clock};
    CachingSha2Cache sha2_cache;
    RsaKey rsa = RsaKey::generate();
    std::unique_ptr<TlsContext> tls;
    std::unique_ptr<Backend> backend;
    ServerContext context;
    std::optional<WorkerPool> workers;
    std::optional<IoThreads> io;
    std::optional<Listener> listener;

    std::mutex ticker_mutex;
    std::condition_variable ticker_wake;
    bool ticker_stops = false;
    std::thread ticker;

    ~Parts() { end_ticker(); }
    void begin_ticker() {
        ticker = std::thread([this] {
            std::unique_lock lock(ticker_mutex);
            while (!ticker_wake.wait_for(lock, kTick, [this] { return ticker_stops; })) {
                lock.unlock();
                registry.tick();
                lock.lock();
            }
        });
    }
    void end_ticker() {
        {
            const std::lock_guard lock(ticker_mutex);
            ticker_stops = true;
        }
        ticker_wake.notify_all();
        if (ticker.joinable()) {
            ticker.join();
        }
    }
    void await_empty(std::chrono::milliseconds limit) const {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (registry.count() > 0 && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
};

Server::Server(Config config, Logger& log) : config_(std::move(config)), log_(log) {}

Server::~Server() { stop(); }

void Server::start() {
    check_config(config_);
    std::filesystem::create_directories(config_.data_directory);
    auto parts = std::make_unique<Parts>();
    set_config_variables(parts->globals, config_);
    const RootPassword root =
        resolve_root_password(config_.data_directory, std::getenv("AFTERIMAGE_ROOT_PASSWORD"),
                              config_.root_password_file, parts->random);
    if (config_.tls != TlsMode::kOff) {
        const TlsFiles files =
            config_.tls_certificate.empty()
                ? self_signed_files(config_.data_directory)
                : TlsFiles{config_.tls_certificate, config_.tls_key, config_.tls_authority};
        parts->tls = std::make_unique<TlsContext>(files);
        parts->globals.initialize("ssl_cert", text_value(files.certificate));
        parts->globals.initialize("ssl_key", text_value(files.key));
    } else {
        parts->globals.initialize("have_ssl", text_value("DISABLED"));
        parts->globals.initialize("have_openssl", text_value("DISABLED"));
    }
    parts->globals.initialize("require_secure_transport",
                              storage::Value::of_int(config_.tls == TlsMode::kRequired ? 1 : 0));
    parts->globals.initialize("datadir", text_value(config_.data_directory + "/"));
    parts->globals.initialize("socket", text_value(config_.local_socket));
    parts->globals.initialize("hostname", text_value(host_name()));
    parts->globals.initialize("default_authentication_plugin", text_value(config_.default_plugin));
    parts->backend = open_backend({&config_, &log_, &parts->globals, &parts->registry, root.text});

    parts->context.executor = &parts->backend->executor();
    parts->context.globals = &parts->globals;
    parts->context.registry = &parts->registry;
    parts->context.auth = {&parts->backend->accounts(), &parts->sha2_cache, &parts->rsa,
                           &parts->random, config_.default_plugin};
    parts->context.tls = parts->tls.get();
    parts->context.clock = &parts->clock;
    parts->context.random = &parts->random;
    parts->context.log = &log_;

    parts->workers.emplace(config_.worker_threads);
    parts->io.emplace(config_.io_threads);
    parts->listener.emplace(parts->context, *parts->workers, *parts->io);
    parts->listener->open(parse_listen_address(config_.listen));
    if (!config_.local_socket.empty()) {
        parts->listener->open_local(config_.local_socket);
    }
    parts->globals.initialize("port", storage::Value::of_uint(parts->listener->port()));
    parts->begin_ticker();
    parts->io->start();
    parts->listener->start();
    parts->backend->start();
    parts_ = std::move(parts);
    say_generated_password(root);
    log_.info("ready for connections",
              {{"listen", config_.listen}, {"port", std::to_string(port())}});
}

void Server::stop() {
    if (!parts_) {
        return;
    }
    log_.info("stopping");
    parts_->listener->stop();
    // Idle clients are closed, running statements end with 1053 at their next look at the token.
    parts_->registry.stop_all(StopKind::kShutdown);
    parts_->registry.shut_idle();
    parts_->await_empty(std::chrono::seconds(config_.shutdown_seconds));
    parts_->registry.shut_all();
    parts_->await_empty(kCloseTime);
    parts_->workers->stop();
    parts_->end_ticker();
    // Whatever connection is left goes with its loop, before the data behind it.
    parts_->listener.reset();
    parts_->io.reset();
    parts_->backend->stop();
    parts_.reset();
    log_.info("stopped");
    log_.flush();
}

std::uint16_t Server::port() const { return parts_->listener->port(); }

}  // namespace afterimage::server

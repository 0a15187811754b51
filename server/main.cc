// SPDX-License-Identifier: Apache-2.0
// afterimage: the command line, one server, and the signals that end it.
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "server/command_line.h"
#include "server/server.h"

namespace {

using afterimage::server::CommandLine;

/// Blocked in every thread; only this function takes them.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

/// Each client is a file: take as many as the system allows.
void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int serve(const CommandLine& line) {
    raise_file_limit();
    const sigset_t signals = block_signals();
    afterimage::server::Logger log(line.config.log_level, line.config.log_format,
                                   line.config.log_file);
    try {
        afterimage::server::Server server(line.config, log);
        server.start();
        int signal = SIGHUP;
        while (signal == SIGHUP) {
            sigwait(&signals, &signal);
        }
        server.stop();
    } catch (const std::exception& error) {
        log.error("cannot serve", {{"what", error.what()}});
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const CommandLine line = afterimage::server::parse_command_line(argc, argv);
        switch (line.action) {
            case CommandLine::Action::kServe:
                return serve(line);
            case CommandLine::Action::kVersion:
                std::cout << afterimage::server::version_text();
                return EXIT_SUCCESS;
            case CommandLine::Action::kExit:
                (line.exit_code == 0 ? std::cout : std::cerr) << line.output;
                return line.exit_code;
        }
    } catch (const std::exception& error) {
        std::cerr << "afterimage: " << error.what() << "\n";
    }
    return EXIT_FAILURE;
}

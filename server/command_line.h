// SPDX-License-Identifier: Apache-2.0
// The command line: afterimage serve …, afterimage version, --help. CLI11 stays in command_line.cc.
#pragma once

#include <optional>
#include <string>

#include "server/config.h"

namespace afterimage::server {

struct CommandLine {
    enum class Action { kServe, kVersion, kExit };
    Action action = Action::kExit;
    int exit_code = 0;   ///< of kExit
    std::string output;  ///< what kExit prints
    Config config;       ///< of kServe: file, then command line, checked whole
};

/// Never exits, never prints. Throws ConfigError.
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv);

[[nodiscard]] std::string version_text();

}  // namespace afterimage::server

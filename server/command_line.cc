// SPDX-License-Identifier: Apache-2.0
#include "server/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iterator>
#include <sstream>
#include <string_view>

#include "sql/session/system_variables.h"

namespace afterimage::server {

namespace {

struct Option {
    const char* flag;
    const char* key;
    const char* meaning;
};

constexpr Option kOptions[] = {
    {"--data", "server.data", "directory that holds everything; made when it is not there"},
    {"--listen", "server.listen", "HOST:PORT for clients (127.0.0.1:3306)"},
    {"--socket", "server.socket", "path of a local socket"},
    {"--source", "replication.source", "mysql://USER:PASSWORD@HOST:PORT of the primary to follow"},
    {"--log-level", "log.level", "debug, info, warning or error"},
    {"--log-format", "log.format", "text or json"},
};

constexpr std::string_view kCommands[] = {"serve", "version", "options"};
/// As most programs end when they do not understand their arguments.
constexpr int kUsageError = 2;

}  // namespace

std::string version_text() {
    const sql::SystemVariable* version = sql::find_system_variable("version");
    return "afterimage 0.1.0 (speaks MySQL " + std::string(version->default_text) + ")\n";
}

CommandLine parse_command_line(int argc, const char* const* argv) {
    CLI::App app("Afterimage: database insurance for MySQL and MariaDB");
    app.require_subcommand(1);
    CLI::App* const serve = app.add_subcommand("serve", "run the server");
    CLI::App* const version = app.add_subcommand("version", "print the version");
    CLI::App* const reference =
        app.add_subcommand("options", "print every key of the options file with its default");
    std::string file;
    serve->add_option("--config", file, "options file (TOML)");
    std::vector<std::string> values(std::size(kOptions));
    for (std::size_t i = 0; i < std::size(kOptions); ++i) {
        serve->add_option(kOptions[i].flag, values[i], kOptions[i].meaning);
    }
    std::vector<std::string> assignments;
    serve->add_option("--set", assignments, "any key of the options file: section.key=value");

    CommandLine line;
    const std::string_view command = argc > 1 ? argv[1] : "-";
    if (!command.starts_with('-') && std::ranges::find(kCommands, command) == std::end(kCommands)) {
        line.exit_code = kUsageError;
        line.output = "afterimage: there is no command '" + std::string(command) +
                      "'; there are: serve, version, options\n";
        return line;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        line.exit_code = app.exit(error, out, out) == 0 ? 0 : kUsageError;
        line.output = out.str();
        return line;
    }
    if (version->parsed()) {
        line.action = CommandLine::Action::kVersion;
        return line;
    }
    if (reference->parsed()) {
        line.output = config_reference();
        return line;
    }
    line.action = CommandLine::Action::kServe;
    if (!file.empty()) {
        for (const Setting& setting : read_config_file(file)) {
            apply_setting(line.config, setting);
        }
    }
    for (const std::string& assignment : assignments) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos) {
            throw ConfigError("--set " + assignment + ": section.key=value is expected");
        }
        apply_setting(line.config, {assignment.substr(0, equals), assignment.substr(equals + 1),
                                    "command line"});
    }
    for (std::size_t i = 0; i < std::size(kOptions); ++i) {
        if (!values[i].empty()) {
            apply_setting(line.config, {kOptions[i].key, values[i], "command line"});
        }
    }
    check_config(line.config);
    return line;
}

}  // namespace afterimage::server

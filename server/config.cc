// SPDX-License-Identifier: Apache-2.0
#include "server/config.h"

#include <array>
#include <charconv>
#include <functional>
#include <limits>

#include "server/listener.h"
#include "sql/session/system_variables.h"

namespace afterimage::server {

namespace {

[[noreturn]] void refuse(const Setting& setting, const std::string& why) {
    throw ConfigError(setting.origin + ": " + setting.key + " = '" + setting.value + "': " + why);
}

std::uint64_t number(const Setting& setting, std::uint64_t least, std::uint64_t most) {
    std::uint64_t value = 0;
    const char* const end = setting.value.data() + setting.value.size();
    const auto read = std::from_chars(setting.value.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || value < least || value > most) {
        refuse(setting, "a number from " + std::to_string(least) + " to " + std::to_string(most) +
                            " is expected");
    }
    return value;
}

struct Choice {
    std::string_view word;
    int value;
};

template <class Enum, std::size_t kCount>
Enum choice(const Setting& setting, const std::array<Choice, kCount>& choices) {
    std::string words;
    for (const Choice& candidate : choices) {
        if (candidate.word == setting.value) {
            return static_cast<Enum>(candidate.value);
        }
        words.append(words.empty() ? "" : ", ").append(candidate.word);
    }
    refuse(setting, "one of " + words + " is expected");
}

constexpr std::array<Choice, 3> kTlsModes = {{{"off", static_cast<int>(TlsMode::kOff)},
                                              {"on", static_cast<int>(TlsMode::kOn)},
                                              {"required", static_cast<int>(TlsMode::kRequired)}}};
constexpr std::array<Choice, 4> kLogLevels = {{{"debug", static_cast<int>(LogLevel::kDebug)},
                                               {"info", static_cast<int>(LogLevel::kInfo)},
                                               {"warning", static_cast<int>(LogLevel::kWarning)},
                                               {"error", static_cast<int>(LogLevel::kError)}}};
constexpr std::array<Choice, 2> kLogFormats = {
    {{"text", static_cast<int>(LogFormat::kText)}, {"json", static_cast<int>(LogFormat::kJson)}}};

std::string checked_address(const Setting& setting) {
    try {
        static_cast<void>(parse_listen_address(setting.value));
    } catch (const std::invalid_argument& error) {
        refuse(setting, error.what());
    }
    return setting.value;
}

std::string checked_plugin(const Setting& setting) {
    if (setting.value != "caching_sha2_password" && setting.value != "mysql_native_password") {
        refuse(setting, "caching_sha2_password or mysql_native_password is expected");
    }
    return setting.value;
}

std::string checked_source(const Setting& setting) {
    if (!setting.value.empty() && !setting.value.starts_with("mysql://") &&
        !setting.value.starts_with("mariadb://")) {
        // The value may hold a password: no message repeats it.
        throw ConfigError(setting.origin + ": " + setting.key +
                          ": mysql://USER:PASSWORD@HOST:PORT is expected");
    }
    return setting.value;
}

std::string checked_durability(const Setting& setting) {
    if (setting.value != "lazy" && setting.value != "commit") {
        refuse(setting, "lazy or commit is expected");
    }
    return setting.value;
}

struct Key {
    std::string_view name;
    std::string_view default_text;
    std::string_view meaning;
    void (*apply)(Config&, const Setting&);
};

constexpr std::array<Key, 21> kKeys = {{
    {"server.data", "", "directory that holds everything",
     [](Config& c, const Setting& s) { c.data_directory = s.value; }},
    {"server.listen", "127.0.0.1:3306", "HOST:PORT for clients",
     [](Config& c, const Setting& s) { c.listen = checked_address(s); }},
    {"server.socket", "", "path of a local socket",
     [](Config& c, const Setting& s) { c.local_socket = s.value; }},
    {"server.io_threads", "1", "threads that wait for sockets",
     [](Config& c, const Setting& s) { c.io_threads = number(s, 1, 64); }},
    {"server.worker_threads", "128", "most statements that run at once",
     [](Config& c, const Setting& s) { c.worker_threads = number(s, 1, 4096); }},
    {"server.shutdown_seconds", "10", "grace for running statements at a stop",
     [](Config& c, const Setting& s) { c.shutdown_seconds = number(s, 0, 3600); }},
    {"tls.mode", "on", "off, on, required",
     [](Config& c, const Setting& s) { c.tls = choice<TlsMode>(s, kTlsModes); }},
    {"tls.certificate", "", "PEM file; empty = self-signed",
     [](Config& c, const Setting& s) { c.tls_certificate = s.value; }},
    {"tls.key", "", "PEM file", [](Config& c, const Setting& s) { c.tls_key = s.value; }},
    {"tls.authority", "", "PEM file that clients' certificates are checked against",
     [](Config& c, const Setting& s) { c.tls_authority = s.value; }},
    {"auth.default_plugin", "caching_sha2_password", "what the greeting names",
     [](Config& c, const Setting& s) { c.default_plugin = checked_plugin(s); }},
    {"auth.root_password_file", "", "file with root's password",
     [](Config& c, const Setting& s) { c.root_password_file = s.value; }},
    {"log.level", "info", "debug, info, warning, error",
     [](Config& c, const Setting& s) { c.log_level = choice<LogLevel>(s, kLogLevels); }},
    {"log.format", "text", "text, json",
     [](Config& c, const Setting& s) { c.log_format = choice<LogFormat>(s, kLogFormats); }},
    {"log.file", "", "path; empty = standard error",
     [](Config& c, const Setting& s) { c.log_file = s.value; }},
    {"storage.durability", "lazy", "lazy, commit",
     [](Config& c, const Setting& s) { c.durability = checked_durability(s); }},
    {"storage.cache_mib", "256", "memory for tree nodes",
     [](Config& c, const Setting& s) { c.cache_mib = number(s, 8, 1U << 20U); }},
    {"storage.overlay_mib", "128", "memory for changes that wait for a keyframe",
     [](Config& c, const Setting& s) { c.overlay_mib = number(s, 1, 1U << 20U); }},
    {"storage.journal_file_mib", "64", "size of a journal file",
     [](Config& c, const Setting& s) { c.journal_file_mib = number(s, 1, 1024); }},
    {"storage.keyframe_min_changes", "16384", "changes of a table before a keyframe is due",
     [](Config& c, const Setting& s) { c.keyframe_min_changes = number(s, 1, 1U << 30U); }},
    {"replication.source", "", "URL of the primary to follow",
     [](Config& c, const Setting& s) { c.source_url = checked_source(s); }},
}};

constexpr std::string_view kVariablePrefix = "variables.";

void apply_variable(Config& config, const Setting& setting) {
    const std::string name = setting.key.substr(kVariablePrefix.size());
    const sql::SystemVariable* variable = sql::find_system_variable(name);
    if (variable == nullptr) {
        refuse(setting, "there is no such variable");
    }
    if (variable->scope == sql::VariableScope::kSession) {
        refuse(setting, "the variable has no global value");
    }
    config.variables[std::string(variable->name)] = setting.value;
}

}  // namespace

void apply_setting(Config& config, const Setting& setting) {
    if (setting.key.starts_with(kVariablePrefix)) {
        apply_variable(config, setting);
        return;
    }
    for (const Key& key : kKeys) {
        if (key.name == setting.key) {
            key.apply(config, setting);
            return;
        }
    }
    throw ConfigError(setting.origin + ": unknown key '" + setting.key + "'");
}

void check_config(const Config& config) {
    if (config.data_directory.empty()) {
        throw ConfigError("no data directory: give --data DIR or server.data");
    }
    if (config.tls_certificate.empty() != config.tls_key.empty()) {
        throw ConfigError("tls.certificate and tls.key are given together or not at all");
    }
}

std::string config_reference() {
    std::string text;
    std::string_view section;
    for (const Key& key : kKeys) {
        const std::size_t dot = key.name.find('.');
        if (section != key.name.substr(0, dot)) {
            section = key.name.substr(0, dot);
            text.append(text.empty() ? "[" : "\n[").append(section).append("]\n");
        }
        text.append(key.name.substr(dot + 1)).append(" = ");
        const bool is_number =
            !key.default_text.empty() &&
            key.default_text.find_first_not_of("0123456789") == std::string_view::npos;
        const std::string_view quote = is_number ? "" : "\"";
        text.append(quote).append(key.default_text).append(quote);
        text.append("  # ").append(key.meaning).append("\n");
    }
    return text.append("\n[variables]\n# global @@variables: max_connections = 151\n");
}

}  // namespace afterimage::server

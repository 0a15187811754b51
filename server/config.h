// SPDX-License-Identifier: Apache-2.0
// The server's options: one row per key, from a TOML file and the command line, checked whole
// before anything starts.
//
// A plain value. load_config_file() and apply_setting() throw ConfigError naming the key and where
// it stands; an unknown key is an error.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "server/logger.h"

namespace afterimage::server {

class ConfigError : public std::runtime_error {
  public:
    explicit ConfigError(const std::string& what) : std::runtime_error(what) {}
};

enum class TlsMode : std::uint8_t { kOff, kOn, kRequired };

struct Config {
    std::string data_directory;
    std::string listen = "127.0.0.1:3306";
    std::string local_socket;  ///< path; empty = none
    std::string source_url;    ///< mysql://user:password@host:port; empty = none
    std::uint64_t io_threads = 1;
    std::uint64_t worker_threads = 128;
    std::uint64_t shutdown_seconds = 10;

    TlsMode tls = TlsMode::kOn;
    std::string tls_certificate;  ///< empty = self-signed, kept in the data directory
    std::string tls_key;
    std::string tls_authority;

    std::string default_plugin = "caching_sha2_password";
    std::string root_password_file;  ///< empty = see root_password.h

    LogLevel log_level = LogLevel::kInfo;
    LogFormat log_format = LogFormat::kText;
    std::string log_file;

    std::string durability = "lazy";
    std::uint64_t cache_mib = 256;
    std::uint64_t overlay_mib = 128;
    std::uint64_t journal_file_mib = 64;
    std::uint64_t keyframe_min_changes = 16384;

    /// [variables]: global @@variables at start, checked against system_variables.def.
    std::map<std::string, std::string> variables;
};

/// One key of the file or the command line: "server.listen".
struct Setting {
    std::string key;
    std::string value;   ///< strings as they are, numbers and booleans as text
    std::string origin;  ///< "afterimage.toml:12", "command line"
};

void apply_setting(Config& config, const Setting& setting);
/// What single keys cannot show: data directory given, key with certificate. Throws ConfigError.
void check_config(const Config& config);
/// Every key with its default, as TOML with comments: `afterimage --help config`, documentation.
[[nodiscard]] std::string config_reference();

/// config_file.cc: the file's keys in order.
[[nodiscard]] std::vector<Setting> read_config_file(const std::string& path);
[[nodiscard]] std::vector<Setting> parse_config_text(std::string_view text,
                                                     const std::string& name);

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// The server's log: one line an event, as text or JSON, through spdlog (which stays in logger.cc).
// Thread-safe; never throws.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace afterimage::server {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

struct LogField {
    std::string_view name;
    std::string value;
};

class Logger {
  public:
    /// `file` empty = standard error. Throws std::runtime_error when the file cannot be opened.
    Logger(LogLevel least, LogFormat format, const std::string& file);
    ~Logger();

    void log(LogLevel level, std::string_view message,
             std::initializer_list<LogField> fields = {}) noexcept;
    void info(std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
        log(LogLevel::kInfo, message, fields);
    }
    void warning(std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
        log(LogLevel::kWarning, message, fields);
    }
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
        log(LogLevel::kError, message, fields);
    }
    void flush() noexcept;

  private:
    struct Sink;
    std::unique_ptr<Sink> sink_;
    LogFormat format_;
};

}  // namespace afterimage::server

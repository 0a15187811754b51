// SPDX-License-Identifier: Apache-2.0
#include "server/logger.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <stdexcept>

namespace afterimage::server {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::kDebug:
            return spdlog::level::debug;
        case LogLevel::kInfo:
            return spdlog::level::info;
        case LogLevel::kWarning:
            return spdlog::level::warn;
        case LogLevel::kError:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

void append_json_string(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20) {
            out.append("\\u00");
            out.push_back(kHex[byte >> 4U]);
            out.push_back(kHex[byte & 15U]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

/// One line whatever the values hold: a client's statement must not forge log lines.
void append_plain(std::string& out, std::string_view text) {
    for (const char c : text) {
        out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
}

std::string text_line(std::string_view message, std::initializer_list<LogField> fields) {
    std::string line(message);
    for (const LogField& field : fields) {
        line.append(" ").append(field.name).append("=");
        append_plain(line, field.value);
    }
    return line;
}

std::string json_members(std::string_view message, std::initializer_list<LogField> fields) {
    std::string line = "\"message\":";
    append_json_string(line, message);
    for (const LogField& field : fields) {
        line.push_back(',');
        append_json_string(line, field.name);
        line.push_back(':');
        append_json_string(line, field.value);
    }
    return line;
}

}  // namespace

struct Logger::Sink {
    std::shared_ptr<spdlog::logger> logger;
};

Logger::Logger(LogLevel least, LogFormat format, const std::string& file)
    : sink_(std::make_unique<Sink>()), format_(format) {
    spdlog::sink_ptr sink;
    if (file.empty()) {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
        sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    }
    sink_->logger = std::make_shared<spdlog::logger>("afterimage", std::move(sink));
    sink_->logger->set_level(spdlog_level(least));
    sink_->logger->flush_on(spdlog::level::info);
    sink_->logger->set_pattern(format == LogFormat::kJson
                                   ? R"({"time":"%Y-%m-%dT%H:%M:%S.%f%z","level":"%l",%v})"
                                   : "%Y-%m-%dT%H:%M:%S.%f%z [%l] %v");
}

Logger::~Logger() = default;

void Logger::log(LogLevel level, std::string_view message,
                 std::initializer_list<LogField> fields) noexcept {
    try {
        const std::string line = format_ == LogFormat::kJson ? json_members(message, fields)
                                                             : text_line(message, fields);
        sink_->logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
    } catch (...) {
        // A log that cannot be written must not stop a statement.
        return;
    }
}

void Logger::flush() noexcept {
    try {
        sink_->logger->flush();
    } catch (...) {
        return;
    }
}

}  // namespace afterimage::server

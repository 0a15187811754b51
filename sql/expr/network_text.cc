// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/network_text.h"

#include <arpa/inet.h>

namespace afterimage::sql {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

}  // namespace

std::string uuid_text(std::string_view bytes) {
    std::string out;
    if (bytes.size() != 16) {
        return out;
    }
    out.reserve(36);
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            out += '-';
        }
        const auto byte = static_cast<unsigned char>(bytes[i]);
        out += kHexDigits[byte >> 4U];
        out += kHexDigits[byte & 15U];
    }
    return out;
}

std::optional<std::string> parse_uuid(std::string_view text) {
    if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, 36);
    } else if (text.size() != 36 && text.size() != 32) {
        return std::nullopt;
    }
    const bool dashes = text.size() == 36;
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        if (dashes && (at == 8 || at == 13 || at == 18 || at == 23)) {
            if (text[at] != '-') {
                return std::nullopt;
            }
            ++at;
            continue;
        }
        const int high = hex_digit(text[at]);
        const int low = at + 1 < text.size() ? hex_digit(text[at + 1]) : -1;
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return bytes.size() == 16 ? std::optional<std::string>(bytes) : std::nullopt;
}

std::string inet4_text(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size() && i < 4; ++i) {
        if (i > 0) {
            out += '.';
        }
        out += std::to_string(static_cast<unsigned char>(bytes[i]));
    }
    return out;
}

std::optional<std::string> parse_inet4(std::string_view text) {
    in_addr address{};
    if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) {
        return std::nullopt;
    }
    return std::string(reinterpret_cast<const char*>(&address), sizeof address);
}

std::string inet6_text(std::string_view bytes) {
    if (bytes.size() != 16) {
        return {};
    }
    char buffer[INET6_ADDRSTRLEN];
    if (inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer) == nullptr) {
        return {};
    }
    return buffer;
}

std::optional<std::string> parse_inet6(std::string_view text) {
    // inet_pton stops at a NUL byte; an address has none.
    if (text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    in6_addr address{};
    if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) {
        return std::nullopt;
    }
    return std::string(reinterpret_cast<const char*>(&address), sizeof address);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/network_text.h"

#include "storage/value/address_text.h"

namespace afterimage::sql {

namespace {

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
    if (bytes.size() == 16) {
        storage::append_uuid_text(out, bytes);
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
    storage::append_inet4_text(out, bytes);
    return out;
}

std::optional<std::string> parse_inet4(std::string_view text) { return storage::parse_inet4(text); }

std::string inet6_text(std::string_view bytes) {
    std::string out;
    storage::append_inet6_text(out, bytes);
    return out;
}

std::optional<std::string> parse_inet6(std::string_view text) { return storage::parse_inet6(text); }

}  // namespace afterimage::sql

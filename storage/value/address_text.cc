// SPDX-License-Identifier: Apache-2.0
#include "storage/value/address_text.h"

#include <arpa/inet.h>

#include <array>

namespace afterimage::storage {

namespace {

constexpr std::size_t kGroups = 8;

void append_hex_digit(Bytes& out, unsigned digit) { out += "0123456789abcdef"[digit & 15U]; }

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_group(Bytes& out, unsigned group) {
    bool begun = false;
    for (unsigned shift = 16; shift > 0;) {
        shift -= 4;
        const unsigned digit = group >> shift & 15U;
        begun |= digit != 0 || shift == 0;
        if (begun) {
            append_hex_digit(out, digit);
        }
    }
}

/// inet_pton of the C library wants a terminated string.
std::optional<Bytes> parse_address(int family, ByteView text, std::size_t size) {
    if (text.find('\0') != ByteView::npos) {
        return std::nullopt;
    }
    Bytes out(size, '\0');
    if (inet_pton(family, Bytes(text).c_str(), out.data()) != 1) {
        return std::nullopt;
    }
    return out;
}

}  // namespace

void append_uuid_text(Bytes& out, ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            out += '-';
        }
        const auto byte = static_cast<unsigned char>(bytes[i]);
        append_hex_digit(out, byte >> 4U);
        append_hex_digit(out, byte);
    }
}

void append_inet4_text(Bytes& out, ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0) {
            out += '.';
        }
        out += std::to_string(static_cast<unsigned char>(bytes[i]));
    }
}

void append_inet6_text(Bytes& out, ByteView bytes) {
    if (bytes.size() != 2 * kGroups) {
        return;
    }
    std::array<unsigned, kGroups> groups{};
    std::size_t gap_begin = kGroups;
    std::size_t gap_size = 0;
    for (std::size_t i = 0, run = 0; i < kGroups; ++i) {
        groups[i] = static_cast<unsigned>(load_be(bytes.data() + 2 * i, 2));
        run = groups[i] == 0 ? run + 1 : 0;
        if (run > gap_size) {
            gap_size = run;
            gap_begin = i + 1 - run;
        }
    }
    const bool holds_inet4 =
        gap_begin == 0 && (gap_size == 6 || (gap_size == 5 && groups[5] == 0xffff));
    for (std::size_t i = 0; i < kGroups;) {
        if (i == gap_begin) {
            out += "::";
            i += gap_size;
            continue;
        }
        if (i > 0 && i != gap_begin + gap_size) {
            out += ':';
        }
        if (i == 6 && holds_inet4) {
            append_inet4_text(out, bytes.substr(12));
            return;
        }
        append_group(out, groups[i++]);
    }
}

std::optional<Bytes> parse_uuid(ByteView text) {
    Bytes out;
    int high = -1;
    for (const char c : text) {
        if (c == '-') {
            continue;
        }
        const int digit = hex_value(c);
        if (digit < 0) {
            return std::nullopt;
        }
        if (high < 0) {
            high = digit;
        } else {
            out.push_back(static_cast<char>(high * 16 + digit));
            high = -1;
        }
    }
    return out.size() == 16 && high < 0 ? std::optional<Bytes>(out) : std::nullopt;
}

std::optional<Bytes> parse_inet4(ByteView text) { return parse_address(AF_INET, text, 4); }

std::optional<Bytes> parse_inet6(ByteView text) { return parse_address(AF_INET6, text, 16); }

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/charset_conversion.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace afterimage::server {

namespace {

using storage::ByteView;
using storage::CharsetId;

/// Above every code point: the input was ill-formed.
constexpr std::uint32_t kBad = 0x110000;

/// cp1252's bytes 0x80 to 0x9f; MySQL maps the five undefined ones to themselves.
constexpr std::array<std::uint16_t, 32> kCp1252 = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};

std::uint32_t byte_at(ByteView text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// Each decoder takes one character off the front of `text`, at least one byte of it.
std::uint32_t decode_utf8(ByteView& text) {
    const std::uint32_t lead = byte_at(text, 0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || text.size() < length) {
        text.remove_prefix(1);
        return kBad;
    }
    std::uint32_t code = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xc0U) != 0x80U) {
            text.remove_prefix(1);
            return kBad;
        }
        code = code << 6U | (byte_at(text, i) & 0x3fU);
    }
    text.remove_prefix(length);
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    return overlong || surrogate || code > 0x10ffff ? kBad : code;
}

std::uint32_t decode_utf16(ByteView& text, bool surrogates) {
    if (text.size() < 2) {
        text.remove_prefix(text.size());
        return kBad;
    }
    const std::uint32_t high = byte_at(text, 0) << 8U | byte_at(text, 1);
    text.remove_prefix(2);
    if (!surrogates || high < 0xd800 || high >= 0xe000) {
        return high;
    }
    if (high >= 0xdc00 || text.size() < 2) {
        return kBad;
    }
    const std::uint32_t low = byte_at(text, 0) << 8U | byte_at(text, 1);
    if (low < 0xdc00 || low >= 0xe000) {
        return kBad;
    }
    text.remove_prefix(2);
    return 0x10000 + ((high - 0xd800) << 10U) + (low - 0xdc00);
}

std::uint32_t decode_utf32(ByteView& text) {
    if (text.size() < 4) {
        text.remove_prefix(text.size());
        return kBad;
    }
    const auto code = static_cast<std::uint32_t>(storage::load_be(text.data(), 4));
    text.remove_prefix(4);
    return code > 0x10ffff ? kBad : code;
}

std::uint32_t decode_one(ByteView& text, CharsetId charset) {
    switch (charset) {
        case CharsetId::kUtf8mb3:
        case CharsetId::kUtf8mb4:
            return decode_utf8(text);
        case CharsetId::kUcs2:
            return decode_utf16(text, false);
        case CharsetId::kUtf16:
            return decode_utf16(text, true);
        case CharsetId::kUtf32:
            return decode_utf32(text);
        default:
            break;
    }
    const std::uint32_t byte = byte_at(text, 0);
    text.remove_prefix(1);
    if (charset == CharsetId::kAscii) {
        return byte < 0x80 ? byte : kBad;
    }
    return byte >= 0x80 && byte < 0xa0 ? kCp1252[byte - 0x80] : byte;
}

void encode_utf8(storage::Bytes& out, std::uint32_t code) {
    if (code < 0x80) {
        out.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        out.push_back(static_cast<char>(0xc0U | code >> 6U));
        out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
    } else if (code < 0x10000) {
        out.push_back(static_cast<char>(0xe0U | code >> 12U));
        out.push_back(static_cast<char>(0x80U | (code >> 6U & 0x3fU)));
        out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
    } else {
        out.push_back(static_cast<char>(0xf0U | code >> 18U));
        out.push_back(static_cast<char>(0x80U | (code >> 12U & 0x3fU)));
        out.push_back(static_cast<char>(0x80U | (code >> 6U & 0x3fU)));
        out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
    }
}

void encode_latin1(storage::Bytes& out, std::uint32_t code) {
    if (code < 0x80 || (code >= 0xa0 && code < 0x100)) {
        out.push_back(static_cast<char>(code));
        return;
    }
    const auto* const found = std::find(kCp1252.begin(), kCp1252.end(), code);
    out.push_back(found == kCp1252.end() ? '?'
                                         : static_cast<char>(0x80 + (found - kCp1252.begin())));
}

void encode_one(storage::Bytes& out, std::uint32_t code, CharsetId charset) {
    const bool bmp_only = charset == CharsetId::kUtf8mb3 || charset == CharsetId::kUcs2;
    if (code == kBad || (bmp_only && code > 0xffff)) {
        code = '?';
    }
    switch (charset) {
        case CharsetId::kUtf8mb3:
        case CharsetId::kUtf8mb4:
            encode_utf8(out, code);
            return;
        case CharsetId::kLatin1:
            encode_latin1(out, code);
            return;
        case CharsetId::kUtf32:
            storage::append_be(out, code, 4);
            return;
        case CharsetId::kUcs2:
        case CharsetId::kUtf16:
            if (code > 0xffff) {
                storage::append_be(out, 0xd800 + ((code - 0x10000) >> 10U), 2);
                storage::append_be(out, 0xdc00 + (code & 0x3ffU), 2);
            } else {
                storage::append_be(out, code, 2);
            }
            return;
        default:
            out.push_back(code < 0x80 ? static_cast<char>(code) : '?');
            return;
    }
}

bool is_convertible(CharsetId charset) {
    return charset != CharsetId::kBinary && charset != CharsetId::kOther;
}

}  // namespace

bool needs_conversion(CharsetId from, CharsetId to) noexcept {
    if (from == to || !is_convertible(from) || !is_convertible(to)) {
        return false;
    }
    const bool into_utf8 = to == CharsetId::kUtf8mb4 || to == CharsetId::kUtf8mb3;
    const bool is_subset = (from == CharsetId::kAscii && (into_utf8 || to == CharsetId::kLatin1)) ||
                           (from == CharsetId::kUtf8mb3 && to == CharsetId::kUtf8mb4);
    return !is_subset;
}

void append_converted(storage::Bytes& out, ByteView text, CharsetId from, CharsetId to) {
    if (!needs_conversion(from, to)) {
        out.append(text);
        return;
    }
    while (!text.empty()) {
        const std::uint32_t code = decode_one(text, from);
        encode_one(out, code, to);
    }
}

}  // namespace afterimage::server

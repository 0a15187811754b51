// SPDX-License-Identifier: Apache-2.0
// Where characters begin and end in each charset: well_formed_prefix, char_count, char_offset of
// collation.h.
#include "storage/value/text_encoding.h"

#include <algorithm>

#include "storage/value/collation.h"

namespace afterimage::storage {

namespace {

unsigned byte_at(ByteView text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool is_continuation(ByteView text, std::size_t at) {
    return at < text.size() && (byte_at(text, at) & 0xc0U) == 0x80U;
}

/// Bytes of the character at `at`, 0 when it is ill-formed; UTF-16 and UTF-32 are big-endian.
std::size_t char_size(CharsetId charset, ByteView text, std::size_t at) {
    const std::size_t left = text.size() - at;
    switch (charset) {
        case CharsetId::kUtf8mb4:
        case CharsetId::kUtf8mb3:
            return decode_utf8(text, at, charset == CharsetId::kUtf8mb4 ? 4 : 3).size;
        case CharsetId::kAscii:
            return byte_at(text, at) < 0x80 ? 1 : 0;
        case CharsetId::kUcs2:
            return left >= 2 ? 2 : 0;
        case CharsetId::kUtf16: {
            if (left < 2) {
                return 0;
            }
            const unsigned high = byte_at(text, at) & 0xfcU;
            if (high == 0xd8) {
                return left >= 4 && (byte_at(text, at + 2) & 0xfcU) == 0xdc ? 4 : 0;
            }
            return high == 0xdc ? 0 : 2;
        }
        case CharsetId::kUtf32: {
            if (left < 4) {
                return 0;
            }
            const std::uint64_t code = load_be(text.data() + at, 4);
            return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? 4 : 0;
        }
        case CharsetId::kBinary:
        case CharsetId::kLatin1:
        case CharsetId::kOther:
            break;
    }
    return 1;
}

bool one_byte_a_char(CharsetId charset) {
    return charset == CharsetId::kBinary || charset == CharsetId::kLatin1 ||
           charset == CharsetId::kOther || charset == CharsetId::kAscii;
}

std::size_t next_char(CharsetId charset, ByteView text, std::size_t at) {
    return at + std::max<std::size_t>(char_size(charset, text, at), 1);
}

}  // namespace

Utf8Char decode_utf8(ByteView text, std::size_t at, unsigned max_bytes) noexcept {
    const unsigned first = byte_at(text, at);
    if (first < 0x80) {
        return {first, 1};
    }
    if (first < 0xc2) {
        return {};
    }
    if (first < 0xe0) {
        return is_continuation(text, at + 1)
                   ? Utf8Char{(first & 0x1fU) << 6U | (byte_at(text, at + 1) & 0x3fU), 2}
                   : Utf8Char{};
    }
    if (!is_continuation(text, at + 1) || !is_continuation(text, at + 2)) {
        return {};
    }
    if (first < 0xf0) {
        const std::uint32_t code = (first & 0x0fU) << 12U | (byte_at(text, at + 1) & 0x3fU) << 6U |
                                   (byte_at(text, at + 2) & 0x3fU);
        return code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? Utf8Char{code, 3} : Utf8Char{};
    }
    if (first > 0xf4 || max_bytes < 4 || !is_continuation(text, at + 3)) {
        return {};
    }
    const std::uint32_t code = (first & 0x07U) << 18U | (byte_at(text, at + 1) & 0x3fU) << 12U |
                               (byte_at(text, at + 2) & 0x3fU) << 6U |
                               (byte_at(text, at + 3) & 0x3fU);
    return code >= 0x10000 && code <= 0x10ffff ? Utf8Char{code, 4} : Utf8Char{};
}

std::size_t well_formed_prefix(CharsetId charset, ByteView text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t size = char_size(charset, text, at);
        if (size == 0) {
            break;
        }
        at += size;
    }
    return at;
}

std::size_t char_count(CharsetId charset, ByteView text) noexcept {
    if (one_byte_a_char(charset)) {
        return text.size();
    }
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at = next_char(charset, text, at)) {
        ++count;
    }
    return count;
}

std::size_t char_offset(CharsetId charset, ByteView text, std::size_t n) noexcept {
    if (one_byte_a_char(charset)) {
        return std::min(n, text.size());
    }
    std::size_t at = 0;
    for (; n > 0 && at < text.size(); --n) {
        at = next_char(charset, text, at);
    }
    return at;
}

}  // namespace afterimage::storage

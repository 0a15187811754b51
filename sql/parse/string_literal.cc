// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/string_literal.h"

#include <algorithm>
#include <array>

#include "sql/parse/lexer.h"

namespace afterimage::sql {
namespace {

// SHOW CHARACTER SET of MySQL 8.0 and MariaDB, sorted.
constexpr std::string_view kCharsets[] = {
    "armscii8", "ascii",   "big5",    "binary",  "cp1250", "cp1251",  "cp1256",  "cp1257",
    "cp850",    "cp852",   "cp866",   "cp932",   "dec8",   "eucjpms", "euckr",   "filename",
    "gb18030",  "gb2312",  "gbk",     "geostd8", "greek",  "hebrew",  "hp8",     "keybcs2",
    "koi8r",    "koi8u",   "latin1",  "latin2",  "latin5", "latin7",  "macce",   "macroman",
    "sjis",     "swe7",    "tis620",  "ucs2",    "ujis",   "utf16",   "utf16le", "utf32",
    "utf8",     "utf8mb3", "utf8mb4",
};
static_assert(std::is_sorted(std::begin(kCharsets), std::end(kCharsets)));

char unescape(char c) {
    switch (c) {
        case '0':
            return '\0';
        case 'b':
            return '\b';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'Z':
            return '\x1a';
        default:
            return c;
    }
}

unsigned hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    return static_cast<unsigned>((c | 0x20) - 'a') + 10U;
}

// The digits of x'…', 0x…, b'…', 0b….
std::string_view digits_of(std::string_view literal) {
    literal.remove_prefix(2);
    if (!literal.empty() && literal.back() == '\'') {
        literal.remove_suffix(1);
    }
    return literal;
}

}  // namespace

bool is_charset_name(std::string_view name) noexcept {
    std::array<char, 16> lower{};
    if (name.size() > lower.size()) {
        return false;
    }
    std::transform(name.begin(), name.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::binary_search(std::begin(kCharsets), std::end(kCharsets),
                              std::string_view(lower.data(), name.size()));
}

void append_unquoted(std::string& out, std::string_view quoted, bool backslash_escapes) {
    const char quote = quoted.front();
    const std::string_view content = quoted.substr(1, quoted.size() - 2);
    for (std::size_t i = 0; i < content.size(); ++i) {
        const char c = content[i];
        if (c == quote) {
            ++i;  // doubled
            out += c;
        } else if (c == '\\' && backslash_escapes && i + 1 < content.size()) {
            const char escaped = content[++i];
            if (escaped == '%' || escaped == '_') {
                out += '\\';  // LIKE's own escapes stay escapes
            }
            out += unescape(escaped);
        } else {
            out += c;
        }
    }
}

void append_hex(std::string& out, std::string_view literal) {
    const std::string_view digits = digits_of(literal);
    std::size_t i = 0;
    if (digits.size() % 2 != 0) {
        out += static_cast<char>(hex_value(digits[i++]));
    }
    for (; i < digits.size(); i += 2) {
        out += static_cast<char>(hex_value(digits[i]) << 4U | hex_value(digits[i + 1]));
    }
}

void append_bits(std::string& out, std::string_view literal) {
    const std::string_view digits = digits_of(literal);
    unsigned byte = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        byte = byte << 1U | static_cast<unsigned>(digits[i] == '1');
        if ((digits.size() - i) % 8 == 1) {
            out += static_cast<char>(byte);
            byte = 0;
        }
    }
}

DecodedLiteral decode_literal(std::string_view text, const ParseOptions& options,
                              std::string& scratch) {
    DecodedLiteral decoded;
    scratch.clear();
    bool in_scratch = false;
    unsigned part_count = 0;
    Lexer lexer(text, options);
    for (Token token = lexer.next(); !token.is(kEndOfStatement); token = lexer.next()) {
        std::string_view part = token.text();
        if (token.is(T_ID)) {
            decoded.charset = part.substr(1);
            continue;
        }
        if (token.is(T_HEX) || token.is(T_BIT)) {
            in_scratch = true;
            token.is(T_HEX) ? append_hex(scratch, part) : append_bits(scratch, part);
            continue;
        }
        if (!token.is(T_STRING)) {
            break;
        }
        if (part.front() == 'n' || part.front() == 'N') {
            decoded.national = true;
            part.remove_prefix(1);
            // The lexer marks N'…' as needing decoding; look whether its content does.
            const std::string_view content = part.substr(1, part.size() - 2);
            if (content.find_first_of("\\'") == std::string_view::npos) {
                token.flags = 0;
            }
        }
        if (++part_count == 1 && token.flags == 0) {
            decoded.value = part.substr(1, part.size() - 2);
            continue;
        }
        if (part_count == 2 && !in_scratch) {
            scratch.assign(decoded.value);
        }
        in_scratch = true;
        append_unquoted(scratch, part, !options.no_backslash_escapes);
    }
    if (in_scratch) {
        decoded.value = scratch;
    }
    return decoded;
}

}  // namespace afterimage::sql

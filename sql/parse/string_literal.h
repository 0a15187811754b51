// SPDX-License-Identifier: Apache-2.0
// The values of string, hexadecimal and bit literals, from their source text.
#pragma once

#include <string>

#include "sql/parse/parser.h"

namespace afterimage::sql {

struct DecodedLiteral {
    std::string_view value;    ///< in the text itself, or in `scratch`
    std::string_view charset;  ///< introducer without its underscore; empty = none
    bool national = false;
};

/// Decodes one string token: [_charset] followed by adjacent strings, or by one x'…', 0x…, b'…',
/// 0b…. Undoes escapes and doubled quotes as `options` say. `scratch` is used where the value is
/// not part of the text, and must live as long as the result. Never throws but std::bad_alloc.
[[nodiscard]] DecodedLiteral decode_literal(std::string_view text, const ParseOptions& options,
                                            std::string& scratch);

/// Appends the value of a quoted text without introducer: quote, content, quote.
void append_unquoted(std::string& out, std::string_view quoted, bool backslash_escapes);

/// The bytes of x'…' or 0x…, of b'…' or 0b…, big-endian, left-padded to whole bytes.
void append_hex(std::string& out, std::string_view literal);
void append_bits(std::string& out, std::string_view literal);

/// True if `name` (any case) is a character set that may stand as an introducer.
[[nodiscard]] bool is_charset_name(std::string_view name) noexcept;

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Conversion of text between character sets, and letter case.
//
// utf8mb4, utf8mb3, latin1 (MySQL's: cp1252), ascii and binary are done here, others by ICU
// converters. A character that the target cannot hold becomes '?'. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "storage/schema/column_type.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

/// Appends `text` converted to `out`. From or to binary copies. `*lossy` (optional) is set when a
/// character had to be replaced or bytes were ill-formed.
void charset_convert(std::string& out, std::string_view text, storage::CollationId from,
                     storage::CollationId to, bool* lossy = nullptr);
[[nodiscard]] std::string charset_convert(std::string_view text, storage::CollationId from,
                                          storage::CollationId to, bool* lossy = nullptr);

/// Whether bytes of charset `from` can be taken as they are for charset `to` when they are ASCII.
[[nodiscard]] bool is_ascii_superset(storage::CollationId collation) noexcept;
[[nodiscard]] bool is_ascii(std::string_view text) noexcept;
[[nodiscard]] bool same_charset(storage::CollationId a, storage::CollationId b) noexcept;
[[nodiscard]] bool is_unicode(storage::CollationId collation) noexcept;
[[nodiscard]] unsigned max_char_bytes(storage::CollationId collation) noexcept;

/// Collation numbers used by name in the code.
inline constexpr storage::CollationId kBinaryCollation = 63;
inline constexpr storage::CollationId kUtf8mb4Bin = 46;
inline constexpr storage::CollationId kUtf8mb4GeneralCi = 45;
inline constexpr storage::CollationId kAsciiGeneralCi = 11;
inline constexpr storage::CollationId kLatin1SwedishCi = 8;

/// Per character by Unicode's simple mapping, as MySQL's utf8 collations do (length in characters
/// never changes).
[[nodiscard]] std::string upper_case(std::string_view text, storage::CollationId collation);
[[nodiscard]] std::string lower_case(std::string_view text, storage::CollationId collation);

/// One code point of UTF-8 at `at` (advanced); ill-formed bytes give U+FFFD and advance by one.
[[nodiscard]] char32_t next_utf8(std::string_view text, std::size_t& at) noexcept;
void append_utf8(std::string& out, char32_t code_point);

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// What functions over characters share: the charset of an argument, positions in characters, the
// bound on results.
#pragma once

#include <cstdint>
#include <string_view>

#include "sql/expr/row_call.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

/// The charset that text argument `i` is in (after the collation rule's casts).
[[nodiscard]] storage::CharsetId charset_of_arg(const RowCall& call, std::size_t i);
[[nodiscard]] storage::CollationId collation_of_arg(const RowCall& call, std::size_t i);
[[nodiscard]] std::size_t characters(storage::CharsetId charset, std::string_view text);
/// Bytes of the first `count` characters (all of them when there are fewer).
[[nodiscard]] std::size_t bytes_of(storage::CharsetId charset, std::string_view text,
                                   std::uint64_t count);
/// True, with NULL and warning 1301, when a result of `size_bytes` exceeds max_allowed_packet.
[[nodiscard]] bool too_large(RowCall& call, std::uint64_t size_bytes);
/// Sets an ASCII result: in wide charsets (ucs2 …) each character is widened.
void set_ascii_result(RowCall& call, std::string_view ascii);
/// 1210 "Incorrect arguments to <function>".
[[noreturn]] void throw_wrong_arguments(const RowCall& call);
/// A space, or another ASCII character, in the charset.
[[nodiscard]] std::string ascii_in_charset(char c, storage::CollationId collation);

}  // namespace afterimage::sql

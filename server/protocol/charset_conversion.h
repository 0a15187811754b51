// SPDX-License-Identifier: Apache-2.0
// Text from one character set to another, for clients whose character_set_results or
// character_set_client is not the column's or utf8mb4. Pure functions.
//
// Covers utf8mb4, utf8mb3, latin1 (MySQL's: cp1252), ascii, ucs2, utf16, utf32. What the target
// cannot hold, and ill-formed input, becomes '?', as MySQL does; other charsets pass unchanged.
#pragma once

#include "storage/bytes/byte_view.h"
#include "storage/value/collation.h"

namespace afterimage::server {

/// Whether text must be converted at all: binary and unknown charsets never, nor equal ones, nor
/// ascii and utf8mb3 into utf8mb4.
[[nodiscard]] bool needs_conversion(storage::CharsetId from, storage::CharsetId to) noexcept;
void append_converted(storage::Bytes& out, storage::ByteView text, storage::CharsetId from,
                      storage::CharsetId to);

}  // namespace afterimage::server

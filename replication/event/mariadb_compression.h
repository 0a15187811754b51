// SPDX-License-Identifier: Apache-2.0
// MariaDB's two compressed forms: parts of events (log_bin_compress) and column values
// (COMPRESSED).
//
// Pure, thread-safe. Output never exceeds `max_bytes`, and a length that no such input can inflate
// to is refused before memory is taken. Throw storage::TruncatedInput, which decoders turn into
// their own error.
//
// Layout of an event part: u8 0x80 | algorithm << 4 | n, n bytes big-endian length, zlib stream.
// Layout of a column value: empty = empty; u8 0 = the rest is the value; u8 0x88 | n, n bytes
// big-endian length, raw deflate stream (0x80 without 0x08: with zlib header).
#pragma once

#include "storage/bytes/byte_reader.h"

namespace afterimage::replication {

[[nodiscard]] storage::Bytes inflate_event_part(storage::ByteView bytes, std::uint64_t max_bytes);
[[nodiscard]] storage::Bytes inflate_column_value(storage::ByteView bytes, std::uint64_t max_bytes);

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
// The binary DECIMAL of binlogs, JSON opaques and user variables.
//
// Pure, thread-safe; throws storage::TruncatedInput for short input or digits that are none.
//
// Layout: integer part, then fraction, in groups of 9 digits = 4 bytes big-endian; the odd leading
// (integer) or trailing (fraction) digits take 0, 1, 1, 2, 2, 3, 3, 4, 4 bytes for 0 to 8 digits.
// The first byte's top bit is flipped; a negative number has all bytes inverted.
#pragma once

#include "storage/bytes/byte_reader.h"
#include "storage/value/decimal.h"

namespace afterimage::replication {

/// Bytes of a DECIMAL(precision, scale).
[[nodiscard]] std::size_t binary_decimal_size(unsigned precision, unsigned scale) noexcept;

/// `scale` up to 38 can stand on the wire (MariaDB); more than 30 is refused.
[[nodiscard]] storage::Decimal decode_binary_decimal(storage::ByteReader& reader,
                                                     unsigned precision, unsigned scale);

}  // namespace afterimage::replication

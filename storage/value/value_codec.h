// SPDX-License-Identifier: Apache-2.0
// A single value as bytes that carry their own kind: recorded constants in schemas, parameters,
// anything outside a row (rows have their own encoding, storage/row/row_codec.h).
//
// Layout ([value] in docs/storage-format.md):
//   kind u8 = ValueKind, then
//   kNull        nothing
//   kFloat       4 bytes, IEEE 754 bits, little-endian     kDouble  8 bytes
//   kDecimal     scale u8, then 32 bytes two's complement, little-endian
//   kBytes       varint length, bytes
//   all others   8 bytes, little-endian
#pragma once

#include "storage/bytes/byte_reader.h"
#include "storage/value/value.h"

namespace afterimage::storage {

void append_value(Bytes& out, const Value& value);

/// Throws TruncatedInput when the bytes end early and StorageError(kCorruption) for an unknown kind
/// or a scale above 30.
[[nodiscard]] Value read_value(ByteReader& reader);

}  // namespace afterimage::storage

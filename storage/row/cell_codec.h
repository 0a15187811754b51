// SPDX-License-Identifier: Apache-2.0
// Cells of fixed width: how many bytes each column type takes in a row, and those bytes. Keys
// share the forms, so that keys and rows agree on what a type can hold.
//
// Pure functions, thread-safe.
//
// Layout of fixed cells, little-endian ([row] in docs/storage-format.md):
//   FORM        BYTES                        MEANING
//   kInt        1, 2, 3, 4, 8                two's complement
//   kUInt       1, 2, 3, 4, 8                BIT(n): (n + 7) / 8; YEAR, ENUM: 2; SET: 1, 2, 3, 4 or
//   8 kFloat      4                            IEEE 754 bits kDouble     8 IEEE 754 bits kDecimal
//   by precision, 1 to 28        two's complement of the unscaled number kDate       3 packed date
//   (temporal.h) >> 41 kDateTime   5 + fraction                 packed >> 24; fraction kTime 3 +
//   fraction                 |packed| >> 24, bit 23 = negative; fraction kTimestamp  4 + fraction
//   seconds since 1970 UTC, 0 with no fraction = zero date kFixedBytes BINARY(n), n <= 255: n;
//   UUID, INET6: 16; INET4: 4 kVariable   everything else: not fixed
// A fraction of f digits takes (f + 1) / 2 bytes: hundredths, ten-thousandths or microseconds.
#pragma once

#include <cstdint>

#include "storage/bytes/byte_view.h"
#include "storage/schema/column_type.h"
#include "storage/value/value.h"

namespace afterimage::storage {

enum class CellForm : std::uint8_t {
    kInt,
    kUInt,
    kFloat,
    kDouble,
    kDecimal,
    kDate,
    kDateTime,
    kTime,
    kTimestamp,
    kFixedBytes,
    kVariable
};

struct CellShape {
    CellForm form = CellForm::kVariable;
    std::uint32_t width = 0;         ///< bytes; 0 for kVariable
    std::uint8_t fraction_size = 0;  ///< bytes of the fraction in `width`
    std::uint8_t scale = 0;          ///< kDecimal

    bool operator==(const CellShape&) const = default;
};

[[nodiscard]] CellShape shape_of(const ColumnType& type);

/// Writes shape.width bytes to `at`. False when the value is not of the column's kind or does not
/// fit: nothing may be cut in silence.
[[nodiscard]] bool put_fixed_cell(char* at, const CellShape& shape, const Value& value);
/// Reads shape.width bytes. False for bytes that put_fixed_cell never writes.
[[nodiscard]] bool get_fixed_cell(const char* at, const CellShape& shape, Value& value);

/// Units per second of a fraction of `fraction_size` bytes: 1, 100, 10,000 or 1,000,000.
[[nodiscard]] std::uint32_t fraction_units(std::uint8_t fraction_size) noexcept;

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// 128-bit integers between the 64-bit words of kDecimal and storage::Decimal: exact products, sums
// and quotients without the 256-bit arithmetic.
#pragma once

#include <cstdint>

#include "sql/expr/batch.h"
#include "storage/value/decimal.h"

namespace afterimage::sql {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

[[nodiscard]] inline storage::Decimal decimal_of_int128(Int128 value, std::uint8_t scale) noexcept {
    storage::Decimal result;
    const auto bits = static_cast<UInt128>(value);
    const std::uint64_t sign = value < 0 ? ~std::uint64_t{0} : 0;
    result.limbs = {static_cast<std::uint64_t>(bits), static_cast<std::uint64_t>(bits >> 64U), sign,
                    sign};
    result.scale = scale;
    return result;
}

/// An integer or kDecimal entry as the unscaled number.
[[nodiscard]] inline Int128 unscaled_at(const ColumnVector& vector, std::size_t row) noexcept {
    return vector.kind == VectorKind::kU64 ? static_cast<Int128>(vector.u64_at(row))
                                           : static_cast<Int128>(vector.i64_at(row));
}

[[nodiscard]] inline Int128 power_of_ten128(unsigned exponent) noexcept {
    Int128 power = 1;
    for (unsigned i = 0; i < exponent; ++i) {
        power *= 10;
    }
    return power;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// CRC32C (Castagnoli) against torn writes: never an identity, see content_hash.h.
#pragma once

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

/// CRC32C of `bytes`, continued from `seed` (the result of an earlier call, 0 to begin). Uses
/// SSE4.2 where the CPU has it.
[[nodiscard]] std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0) noexcept;

}  // namespace afterimage::storage

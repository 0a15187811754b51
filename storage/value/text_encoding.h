// SPDX-License-Identifier: Apache-2.0
// UTF-8, one character at a time, over untrusted bytes.
#pragma once

#include <cstdint>

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

struct Utf8Char {
    std::uint32_t code = 0;
    unsigned size = 0;  ///< bytes; 0 = ill-formed here (overlong, surrogate, cut, above U+10FFFF)
};

/// The character at `at` (below text.size()); `max_bytes` is 3 for utf8mb3, else 4.
[[nodiscard]] Utf8Char decode_utf8(ByteView text, std::size_t at, unsigned max_bytes) noexcept;

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// Unsigned LEB128: seven bits a byte, low first, top bit = more. Read back by ByteReader::varint.
#pragma once

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

inline void append_varint(Bytes& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
        value >>= 7U;
    }
    out.push_back(static_cast<char>(value));
}

/// varint length, then the bytes.
inline void append_varint_bytes(Bytes& out, ByteView bytes) {
    append_varint(out, bytes.size());
    out.append(bytes);
}

/// Signed values as varints: 0, -1, 1, -2 … become 0, 1, 2, 3 …
[[nodiscard]] inline std::uint64_t zigzag(std::int64_t value) noexcept {
    return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
}
[[nodiscard]] inline std::int64_t unzigzag(std::uint64_t value) noexcept {
    return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

[[nodiscard]] inline unsigned varint_size(std::uint64_t value) noexcept {
    return value == 0 ? 1U : (static_cast<unsigned>(std::bit_width(value)) + 6U) / 7U;
}

}  // namespace afterimage::storage

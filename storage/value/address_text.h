// SPDX-License-Identifier: Apache-2.0
// MariaDB's UUID, INET4 and INET6 as text. Pure functions, thread-safe.
#pragma once

#include <optional>

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

/// 16 bytes as "123e4567-e89b-12d3-a456-426614174000".
void append_uuid_text(Bytes& out, ByteView bytes);
/// 4 bytes as "192.0.2.1".
void append_inet4_text(Bytes& out, ByteView bytes);
/// 16 bytes as "2001:db8::1"; the first longest run of zero groups is left out, even of one group;
/// addresses that hold an IPv4 one end in it.
void append_inet6_text(Bytes& out, ByteView bytes);

/// Empty for text that is no such address. UUID with or without dashes.
[[nodiscard]] std::optional<Bytes> parse_uuid(ByteView text);
[[nodiscard]] std::optional<Bytes> parse_inet4(ByteView text);
[[nodiscard]] std::optional<Bytes> parse_inet6(ByteView text);

}  // namespace afterimage::storage

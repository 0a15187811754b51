// SPDX-License-Identifier: Apache-2.0
// UUIDs and internet addresses between bytes and text: MariaDB's types, and INET_*, UUID functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace afterimage::sql {

/// 16 bytes → "6ccd780c-baba-1026-9564-5b8c656024db"; other lengths give an empty string.
[[nodiscard]] std::string uuid_text(std::string_view bytes);
/// With dashes, without, or in braces, as IS_UUID accepts.
[[nodiscard]] std::optional<std::string> parse_uuid(std::string_view text);

[[nodiscard]] std::string inet4_text(std::string_view bytes);
[[nodiscard]] std::optional<std::string> parse_inet4(std::string_view text);
/// Longest run of zeros as "::", IPv4-mapped and -compatible addresses with a dotted tail.
[[nodiscard]] std::string inet6_text(std::string_view bytes);
[[nodiscard]] std::optional<std::string> parse_inet6(std::string_view text);

}  // namespace afterimage::sql

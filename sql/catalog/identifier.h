// SPDX-License-Identifier: Apache-2.0
// Names of databases, tables, columns: ASCII case folding and comparison, and LIKE on names.
#pragma once

#include <string>
#include <string_view>

namespace afterimage::sql {

[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] std::string upper_case(std::string_view text);
[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept;
/// "shop/fix" → "shop", "fix"; no slash: an empty second part.
[[nodiscard]] std::pair<std::string_view, std::string_view> split_revision(std::string_view name);
/// SHOW … LIKE: %, _ and \, without regard to ASCII case.
[[nodiscard]] bool name_like(std::string_view name, std::string_view pattern);

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// JSON paths: $.a[0], $."key", $[last-1], $[1 to 3], $[*], $.*, $**.b.
// Source: MySQL manual, "JSON Path Syntax".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/expr/json_document.h"

namespace afterimage::sql {

struct JsonLeg {
    enum class Kind : std::uint8_t { kMember, kCell, kRange, kAnyMember, kAnyCell, kEllipsis };
    Kind kind = Kind::kMember;
    std::string key;
    std::size_t index = 0;  ///< kCell, and where a kRange begins
    bool from_end = false;  ///< counted from the last
    std::size_t end = 0;    ///< kRange, inclusive
    bool end_from_end = false;
};

struct JsonPath {
    std::vector<JsonLeg> legs;
    [[nodiscard]] bool has_wildcard() const noexcept;
};

/// Throws SqlError 3143 with the position of the error.
[[nodiscard]] JsonPath parse_json_path(std::string_view text);

/// All values that the path names, in document order, each once. `wrap` lets [0] and [last] of a
/// value that is no array be the value itself, as MySQL has it.
[[nodiscard]] std::vector<JsonValue*> find_json(JsonValue& document, const JsonPath& path,
                                                std::size_t leg_count = ~std::size_t{0});
/// The place of an array cell: index from the front; false when it lies before the first.
[[nodiscard]] bool resolve_cell(const JsonLeg& leg, std::size_t size, std::size_t& index);

}  // namespace afterimage::sql

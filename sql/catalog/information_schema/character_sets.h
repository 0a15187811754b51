// SPDX-License-Identifier: Apache-2.0
// Character sets and collations as information_schema and SHOW list them. Views of constants.
#pragma once

#include <string_view>
#include <vector>

#include "storage/value/collation.h"

namespace afterimage::sql {

struct CharacterSetFacts {
    std::string_view name;
    std::string_view default_collation;
    std::string_view description;
    unsigned max_bytes = 1;
};

struct CollationFacts {
    std::string_view name;
    std::string_view charset;
    storage::CollationId id = 0;
    bool is_default = false;
    bool pad_space = false;
    unsigned sort_length = 0;
};

/// By name.
[[nodiscard]] std::vector<CharacterSetFacts> character_sets();
[[nodiscard]] std::vector<CollationFacts> collations();

}  // namespace afterimage::sql

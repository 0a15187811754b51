// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/function_registry.h"

#include <algorithm>
#include <array>

#include "sql/expr/functions/function_tables.h"
#include "storage/bytes/invariant.h"

namespace afterimage::sql {

namespace {

std::vector<const FunctionDef*> build_index() {
    std::vector<const FunctionDef*> index;
    for (const auto table : function_tables()) {
        for (const FunctionDef& def : table) {
            index.push_back(&def);
        }
    }
    std::sort(index.begin(), index.end(),
              [](const FunctionDef* a, const FunctionDef* b) { return a->name < b->name; });
    for (std::size_t i = 1; i < index.size(); ++i) {
        INVARIANT(index[i - 1]->name != index[i]->name, "a function has one row");
    }
    return index;
}

/// Sorted by name; built once, immutable.
const std::vector<const FunctionDef*>& function_index() {
    static const std::vector<const FunctionDef*> kIndex = build_index();
    return kIndex;
}

/// Longest name that could be a function's.
constexpr std::size_t kMaxName = 64;

}  // namespace

const FunctionDef* find_function(std::string_view name) noexcept {
    if (name.size() > kMaxName) {
        return nullptr;
    }
    std::array<char, kMaxName> lower{};
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    const std::string_view wanted(lower.data(), name.size());
    const auto& index = function_index();
    const auto found = std::lower_bound(
        index.begin(), index.end(), wanted,
        [](const FunctionDef* def, std::string_view key) { return def->name < key; });
    return found != index.end() && (*found)->name == wanted ? *found : nullptr;
}

std::vector<const FunctionDef*> all_functions() { return function_index(); }

}  // namespace afterimage::sql

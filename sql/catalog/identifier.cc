// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/identifier.h"

#include <utility>

namespace afterimage::sql {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

}  // namespace

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = lower(c);
    }
    return out;
}

std::string upper_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = upper(c);
    }
    return out;
}

bool same_name(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

std::pair<std::string_view, std::string_view> split_revision(std::string_view name) {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) {
        return {name, {}};
    }
    return {name.substr(0, slash), name.substr(slash + 1)};
}

bool name_like(std::string_view name, std::string_view pattern) {
    // Greedy with one restart point: the last % seen.
    std::size_t n = 0;
    std::size_t p = 0;
    std::size_t star = std::string_view::npos;
    std::size_t mark = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '%') {
            star = p++;
            mark = n;
            continue;
        }
        const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
        const char wanted = p < pattern.size() ? pattern[p + (escaped ? 1 : 0)] : '\0';
        const bool matches =
            p < pattern.size() && ((wanted == '_' && !escaped) || lower(wanted) == lower(name[n]));
        if (matches) {
            p += escaped ? 2 : 1;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '%') {
        ++p;
    }
    return p == pattern.size();
}

}  // namespace afterimage::sql

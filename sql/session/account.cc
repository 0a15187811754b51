// SPDX-License-Identifier: Apache-2.0
#include "sql/session/account.h"

#include <arpa/inet.h>

#include <algorithm>

namespace afterimage::sql {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool parse_address(std::string_view text, in_addr& address) {
    return ::inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

}  // namespace

// Greedy with one point to go back to,
// so that its time is at most the product of the lengths.
bool wildcard_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
        const std::size_t at = escaped ? p + 1 : p;
        if (!escaped && p < pattern.size() && pattern[p] == '%') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() &&
                   ((!escaped && pattern[p] == '_') || lower(pattern[at]) == lower(text[t]))) {
            p = at + 1;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '%') {
        ++p;
    }
    return p == pattern.size();
}

bool host_matches(std::string_view pattern, std::string_view host) {
    const std::size_t slash = pattern.find('/');
    if (slash != std::string_view::npos) {
        in_addr network;
        in_addr mask;
        in_addr address;
        return parse_address(pattern.substr(0, slash), network) &&
               parse_address(pattern.substr(slash + 1), mask) && parse_address(host, address) &&
               (address.s_addr & mask.s_addr) == network.s_addr;
    }
    return wildcard_matches(pattern, host);
}

bool PrivilegeSet::has_database(std::string_view database, std::uint64_t wanted) const {
    const auto found = databases.find(database);
    const std::uint64_t held = global | (found == databases.end() ? 0 : found->second);
    return (held & wanted) == wanted;
}

bool PrivilegeSet::has_table(std::string_view database, std::string_view table,
                             std::uint64_t wanted) const {
    if (has_database(database, wanted)) {
        return true;
    }
    const auto in_database = databases.find(database);
    const auto found = tables.find({std::string(database), std::string(table)});
    const std::uint64_t held = global | (in_database == databases.end() ? 0 : in_database->second) |
                               (found == tables.end() ? 0 : found->second);
    return (held & wanted) == wanted;
}

bool PrivilegeSet::sees_database(std::string_view database) const {
    // What the whole server is granted may be used in every database, but for the privileges that
    // concern no data.
    constexpr std::uint64_t kServerOnly =
        kPrivilegeReload | kPrivilegeShutdown | kPrivilegeProcess | kPrivilegeFile |
        kPrivilegeReplicationSlave | kPrivilegeReplicationClient | kPrivilegeCreateUser |
        kPrivilegeCreateTablespace | kPrivilegeCreateRole | kPrivilegeDropRole;
    if ((global & ~kServerOnly) != 0) {
        return true;
    }
    const auto found = databases.find(database);
    if (found != databases.end() && found->second != 0) {
        return true;
    }
    return std::any_of(tables.begin(), tables.end(), [database](const auto& entry) {
        return entry.first.first == database && entry.second != 0;
    });
}

}  // namespace afterimage::sql

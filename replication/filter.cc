// SPDX-License-Identifier: Apache-2.0
#include "replication/filter.h"

#include <algorithm>
#include <array>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/varint.h"

namespace afterimage::replication {

namespace {

constexpr std::array<std::string_view, 4> kSourceSchemas{"mysql", "sys", "information_schema",
                                                         "performance_schema"};

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool contains(const std::vector<TableName>& names, std::string_view database,
              std::string_view table) {
    return std::ranges::any_of(names, [&](const TableName& name) {
        return name.database == database && name.table == table;
    });
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& name) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return matches_wild(pattern, name); });
}

}  // namespace

bool matches_wild(std::string_view pattern, std::string_view name) noexcept {
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_name = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '%') {
            star = p++;
            star_name = n;
            continue;
        }
        const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
        const bool any_character = p < pattern.size() && pattern[p] == '_' && !escaped;
        const char wanted = escaped ? pattern[p + 1] : (p < pattern.size() ? pattern[p] : '\0');
        if (p < pattern.size() && (any_character || wanted == name[n])) {
            p += escaped ? 2 : 1;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++star_name;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('%', p) == std::string_view::npos;
}

bool Filter::accepts_database(std::string_view database) const {
    if (std::ranges::find(kSourceSchemas, database) != kSourceSchemas.end()) {
        return false;
    }
    if (!do_databases.empty()) {
        return contains(do_databases, database);
    }
    return !contains(ignore_databases, database);
}

bool Filter::accepts_table(std::string_view database, std::string_view table) const {
    if (!accepts_database(database)) {
        return false;
    }
    const std::string full = std::string(database) + "." + std::string(table);
    if (contains(do_tables, database, table)) {
        return true;
    }
    if (contains(ignore_tables, database, table)) {
        return false;
    }
    if (matches_any(wild_do_tables, full)) {
        return true;
    }
    if (matches_any(wild_ignore_tables, full)) {
        return false;
    }
    return do_tables.empty() && wild_do_tables.empty();
}

std::string Filter::encode() const {
    std::string out;
    for (const std::vector<std::string>* names :
         {&do_databases, &ignore_databases, &wild_do_tables, &wild_ignore_tables}) {
        storage::append_varint(out, names->size());
        for (const std::string& name : *names) {
            storage::append_varint_bytes(out, name);
        }
    }
    for (const std::vector<TableName>* names : {&do_tables, &ignore_tables}) {
        storage::append_varint(out, names->size());
        for (const TableName& name : *names) {
            storage::append_varint_bytes(out, name.database);
            storage::append_varint_bytes(out, name.table);
        }
    }
    return out;
}

Filter Filter::decode(std::string_view bytes) {
    storage::ByteReader reader(bytes);
    Filter filter;
    for (std::vector<std::string>* names : {&filter.do_databases, &filter.ignore_databases,
                                            &filter.wild_do_tables, &filter.wild_ignore_tables}) {
        for (std::uint64_t left = reader.varint(); left > 0; --left) {
            names->emplace_back(reader.varint_bytes());
        }
    }
    for (std::vector<TableName>* names : {&filter.do_tables, &filter.ignore_tables}) {
        for (std::uint64_t left = reader.varint(); left > 0; --left) {
            std::string database(reader.varint_bytes());
            names->push_back({std::move(database), std::string(reader.varint_bytes())});
        }
    }
    return filter;
}

}  // namespace afterimage::replication

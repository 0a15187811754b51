// SPDX-License-Identifier: Apache-2.0
#include "storage/schema/table_schema.h"

#include <algorithm>

#include "storage/bytes/invariant.h"

namespace afterimage::storage {

namespace {

char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// MySQL compares identifiers in utf8mb3_general_ci; ASCII letters are what differs in practice,
/// and sql/catalog folds the rest before it asks.
bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower_ascii(x) == lower_ascii(y); });
}

}  // namespace

bool Column::operator==(const Column& other) const {
    return id == other.id && name == other.name && type == other.type &&
           nullable == other.nullable && auto_increment == other.auto_increment &&
           invisible == other.invisible && default_sql == other.default_sql &&
           on_update_sql == other.on_update_sql && generated_sql == other.generated_sql &&
           generated_stored == other.generated_stored && comment == other.comment &&
           missing_value.same_as(other.missing_value);
}

const Column* TableSchema::find_column(std::string_view column_name) const {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) {
        return same_name(c.name, column_name);
    });
    return found == columns.end() ? nullptr : &*found;
}

const Column* TableSchema::find_column(ColumnId id) const {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.id == id; });
    return found == columns.end() ? nullptr : &*found;
}

std::size_t TableSchema::ordinal_of(ColumnId id) const {
    const Column* column = find_column(id);
    INVARIANT(column != nullptr, "a column id of this schema");
    return static_cast<std::size_t>(column - columns.data());
}

const Index* TableSchema::find_index(std::string_view index_name) const {
    if (primary_key && same_name(primary_key->name, index_name)) {
        return &*primary_key;
    }
    const auto found = std::find_if(indexes.begin(), indexes.end(),
                                    [&](const Index& i) { return same_name(i.name, index_name); });
    return found == indexes.end() ? nullptr : &*found;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/key_filter.h"

#include <algorithm>

#include "storage/history/table_diff.h"

namespace afterimage::sql {

namespace {

/// Rows that conditions may list before they are given up: so many lookups cost less than a walk.
constexpr std::size_t kMaxWantedKeys = 1000;

}  // namespace

WantedKeys wanted_keys(const ScanRequest& request, const storage::TableSchema& schema,
                       std::size_t offset) {
    if (!schema.primary_key) {
        return {};
    }
    WantedKeys keys(1);
    for (const storage::IndexPart& part : schema.primary_key->parts) {
        if (part.prefix_length != 0 || !part.expression_sql.empty()) {
            return {};
        }
        const auto* values = request.in_values(offset + schema.ordinal_of(part.column));
        if (values == nullptr || values->empty() || keys.size() * values->size() > kMaxWantedKeys ||
            std::ranges::any_of(*values, &storage::Value::is_null)) {
            return {};
        }
        WantedKeys longer;
        for (const std::vector<storage::Value>& key : keys) {
            for (const storage::Value& value : *values) {
                longer.push_back(key);
                longer.back().push_back(value);
            }
        }
        keys = std::move(longer);
    }
    return keys;
}

std::optional<std::vector<storage::Bytes>> encode_keys(const storage::TableLayout& layout,
                                                       const storage::TableSchema& schema,
                                                       const WantedKeys& keys) {
    if (!layout.primary || !storage::same_key_encoding(*layout.schema, schema)) {
        return std::nullopt;
    }
    std::vector<storage::Bytes> encoded;
    for (const std::vector<storage::Value>& key : keys) {
        encoded.push_back(layout.primary->encode_prefix(key));
    }
    std::ranges::sort(encoded);
    encoded.erase(std::unique(encoded.begin(), encoded.end()), encoded.end());
    return encoded;
}

storage::KeyRange range_of_key(const storage::Bytes& key) {
    storage::KeyRange range;
    range.begin = key;
    const storage::Bytes end = storage::KeyCodec::prefix_end(key);
    if (!end.empty()) {
        range.end = end;
    }
    return range;
}

}  // namespace afterimage::sql

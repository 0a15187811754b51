// SPDX-License-Identifier: Apache-2.0
#include "storage/table/table.h"

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

std::uint64_t Table::overlay_bytes() const noexcept {
    std::uint64_t bytes = rows.overlay.size_bytes();
    for (const MergedTree& index : indexes) {
        bytes += index.overlay.size_bytes();
    }
    return bytes;
}

std::shared_ptr<const TableLayout> TableLayout::make(std::shared_ptr<const TableSchema> schema) {
    std::optional<KeyCodec> primary;
    if (schema->primary_key) {
        primary.emplace(schema, *schema->primary_key);
    }
    std::vector<KeyCodec> indexes;
    indexes.reserve(schema->indexes.size());
    for (const Index& index : schema->indexes) {
        if (index.kind == IndexKind::kBTree) {
            indexes.emplace_back(schema, index);
        } else {
            // FULLTEXT and SPATIAL keys are kept and shown; their trees hold primary keys alone.
            Index without_parts = index;
            without_parts.kind = IndexKind::kBTree;
            without_parts.parts.clear();
            indexes.emplace_back(schema, without_parts);
        }
    }
    RowCodec rows(schema);
    return std::make_shared<const TableLayout>(
        TableLayout{std::move(schema), std::move(rows), std::move(primary), std::move(indexes)});
}

Bytes TableLayout::primary_key(std::span<const Value> row, ByteView row_bytes) const {
    return primary ? primary->encode_row(row) : keyless_key(row_bytes);
}

TableLayout::IndexEntry TableLayout::index_entry(std::size_t index, std::span<const Value> row,
                                                 ByteView primary_key_bytes) const {
    IndexEntry entry;
    entry.key = indexes[index].encode_row(row, &entry.has_null);
    entry.parts_size = entry.key.size();
    append_varint(entry.value, entry.parts_size);
    entry.key.append(primary_key_bytes);
    return entry;
}

Bytes KeylessEntry::encode(std::uint64_t count, ByteView row) {
    Bytes value;
    value.reserve(row.size() + 2);
    append_varint(value, count);
    value.append(row);
    return value;
}

KeylessEntry KeylessEntry::decode(ByteView value) {
    try {
        ByteReader reader(value);
        KeylessEntry entry;
        entry.count = reader.varint();
        entry.row = reader.rest();
        if (entry.count == 0) {
            throw StorageError(StorageErrorKind::kCorruption, "keyless row with a count of 0");
        }
        return entry;
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption,
                           std::string("keyless row: ") + error.what());
    }
}

}  // namespace afterimage::storage

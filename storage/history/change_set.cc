// SPDX-License-Identifier: Apache-2.0
#include "storage/history/change_set.h"

#include <algorithm>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"
#include "storage/schema/schema_codec.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kFormatVersion = 1;
constexpr std::uint8_t kFlagAbsent = 1, kFlagCollation = 2;
constexpr std::uint8_t kFlagOldSchema = 1, kFlagNewSchema = 2, kFlagBulk = 4, kFlagSection = 8;
constexpr std::uint8_t kFlagBefore = 1, kFlagAfter = 2;

void append_object(Bytes& out, const SchemaObject& object) {
    out.push_back(static_cast<char>(object.kind));
    append_varint_bytes(out, object.name);
    append_varint_bytes(out, object.create_sql);
    append_varint_bytes(out, object.definer);
    append_varint(out, object.sql_mode);
    append_varint(out, object.client_collation);
    append_varint(out, object.connection_collation);
    append_varint(out, object.database_collation);
    append_varint_bytes(out, object.table);
}

SchemaObject read_object(ByteReader& reader) {
    SchemaObject object;
    object.kind = static_cast<SchemaObjectKind>(reader.u8());
    object.name = Bytes(reader.varint_bytes());
    object.create_sql = Bytes(reader.varint_bytes());
    object.definer = Bytes(reader.varint_bytes());
    object.sql_mode = reader.varint();
    object.client_collation = static_cast<CollationId>(reader.varint());
    object.connection_collation = static_cast<CollationId>(reader.varint());
    object.database_collation = static_cast<CollationId>(reader.varint());
    object.table = Bytes(reader.varint_bytes());
    return object;
}

void append_table(Bytes& out, const TableChanges& changes) {
    append_varint_bytes(out, changes.table);
    append_varint(out, changes.table_id);
    out.push_back(static_cast<char>(changes.schema_change));
    out.push_back(static_cast<char>(
        (changes.old_schema ? kFlagOldSchema : 0) | (changes.new_schema ? kFlagNewSchema : 0) |
        (changes.bulk ? kFlagBulk : 0) | (changes.section ? kFlagSection : 0)));
    if (changes.old_schema) {
        append_varint_bytes(out, encode_schema(*changes.old_schema));
    }
    if (changes.new_schema) {
        append_varint_bytes(out, encode_schema(*changes.new_schema));
    }
    if (changes.bulk) {
        append_tree_root(out, changes.bulk->rows);
        append_varint(out, changes.bulk->indexes.size());
        for (const TreeRoot& index : changes.bulk->indexes) {
            append_tree_root(out, index);
        }
        out.append(changes.bulk->content_sum.bytes());
        out.append(changes.bulk->canonical_rows.view());
    }
    if (changes.section) {
        append_row_section(out, *changes.section);
    }
    append_varint(out, changes.rows.size());
    ByteView previous_key;
    for (const RowChange& change : changes.rows) {
        append_row_change(out, previous_key, change);
        previous_key = change.key;
    }
}

/// Everything of a table but its rows; returns how many rows follow.
std::uint64_t read_table_opening(ByteReader& reader, TableChanges& changes, bool decode_schemas) {
    changes.table = Bytes(reader.varint_bytes());
    changes.table_id = reader.varint();
    const std::uint8_t kind = reader.u8();
    if (kind > static_cast<std::uint8_t>(SchemaChangeKind::kRebuilt)) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat, "schema change of a newer format");
    }
    changes.schema_change = static_cast<SchemaChangeKind>(kind);
    const std::uint8_t flags = reader.u8();
    const auto read_schema = [&]() -> std::shared_ptr<const TableSchema> {
        const ByteView bytes = reader.varint_bytes();
        return decode_schemas ? std::make_shared<const TableSchema>(decode_schema(bytes)) : nullptr;
    };
    if ((flags & kFlagOldSchema) != 0) {
        changes.old_schema = read_schema();
    }
    if ((flags & kFlagNewSchema) != 0) {
        changes.new_schema = read_schema();
    }
    if ((flags & kFlagBulk) != 0) {
        BulkTrees bulk;
        bulk.rows = read_tree_root(reader);
        for (std::uint64_t left = reader.varint(); left > 0; --left) {
            bulk.indexes.push_back(read_tree_root(reader));
        }
        bulk.content_sum = ContentSum::from_bytes(reader.bytes(32));
        bulk.canonical_rows = Hash::from_bytes(reader.bytes(Hash::kSize));
        changes.bulk = std::move(bulk);
    }
    if ((flags & kFlagSection) != 0) {
        changes.section = read_row_section(reader);
    }
    return reader.varint();
}

/// Reads what stands before the tables; returns how many tables follow.
std::uint64_t read_opening(ByteReader& reader, ChangeSet& set) {
    if (reader.u8() != kFormatVersion) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat, "change set of a newer format");
    }
    const std::uint8_t flags = reader.u8();
    if ((flags & kFlagAbsent) != 0) {
        const bool before = reader.u8() != 0;
        set.absent = {before, reader.u8() != 0};
    }
    if ((flags & kFlagCollation) != 0) {
        const auto before = static_cast<CollationId>(reader.varint());
        set.collation = {before, static_cast<CollationId>(reader.varint())};
    }
    for (std::uint64_t left = reader.varint(); left > 0; --left) {
        ObjectChange change;
        change.key.kind = static_cast<SchemaObjectKind>(reader.u8());
        change.key.name = Bytes(reader.varint_bytes());
        const std::uint8_t object_flags = reader.u8();
        if ((object_flags & kFlagBefore) != 0) {
            change.before = read_object(reader);
        }
        if ((object_flags & kFlagAfter) != 0) {
            change.after = read_object(reader);
        }
        set.objects.push_back(std::move(change));
    }
    return reader.varint();
}

/// Merkle hash over the encoded rows.
Hash rows_hash(const TableChanges& changes) {
    if (changes.section) {
        return changes.section->rows_hash;
    }
    RowChangesHash hash;
    for (const RowChange& change : changes.rows) {
        hash.add(change);
    }
    return hash.finish();
}

}  // namespace

bool ChangeSet::empty() const noexcept {
    return tables.empty() && objects.empty() && !absent && !collation;
}

bool ChangeSet::changes_schema() const noexcept {
    return absent || collation || !objects.empty() ||
           std::ranges::any_of(tables, [](const TableChanges& table) {
               return table.schema_change != SchemaChangeKind::kNone;
           });
}

ChangeSet::Counts ChangeSet::counts() const noexcept {
    Counts counts;
    for (const TableChanges& table : tables) {
        counts.inserted += table.bulk ? table.bulk->rows.row_count : 0;
        if (table.section) {
            counts.inserted += table.section->inserted;
            counts.updated += table.section->updated;
            counts.deleted += table.section->deleted;
        }
        for (const RowChange& change : table.rows) {
            ++(change.before ? (change.after ? counts.updated : counts.deleted) : counts.inserted);
        }
    }
    return counts;
}

const TableChanges* ChangeSet::find_table(std::uint64_t table_id) const noexcept {
    const auto found = std::ranges::find(tables, table_id, &TableChanges::table_id);
    return found == tables.end() ? nullptr : &*found;
}

Bytes ChangeSet::encode() const {
    Bytes out;
    out.push_back(static_cast<char>(kFormatVersion));
    out.push_back(static_cast<char>((absent ? kFlagAbsent : 0) | (collation ? kFlagCollation : 0)));
    if (absent) {
        out.push_back(absent->first ? '\1' : '\0');
        out.push_back(absent->second ? '\1' : '\0');
    }
    if (collation) {
        append_varint(out, collation->first);
        append_varint(out, collation->second);
    }
    append_varint(out, objects.size());
    for (const ObjectChange& change : objects) {
        out.push_back(static_cast<char>(change.key.kind));
        append_varint_bytes(out, change.key.name);
        out.push_back(
            static_cast<char>((change.before ? kFlagBefore : 0) | (change.after ? kFlagAfter : 0)));
        if (change.before) {
            append_object(out, *change.before);
        }
        if (change.after) {
            append_object(out, *change.after);
        }
    }
    append_varint(out, tables.size());
    for (const TableChanges& table : tables) {
        append_table(out, table);
    }
    return out;
}

ChangeSet ChangeSet::decode(ByteView bytes) {
    try {
        ByteReader reader(bytes);
        ChangeSet set;
        for (std::uint64_t left = read_opening(reader, set); left > 0; --left) {
            TableChanges table;
            std::uint64_t row_count = read_table_opening(reader, table, true);
            RowChange change;
            for (; row_count > 0; --row_count) {
                read_row_change(reader, change);
                table.rows.push_back(change);
            }
            set.tables.push_back(std::move(table));
        }
        return set;
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption,
                           std::string("change set: ") + error.what());
    }
}

std::optional<RowChange> ChangeSet::find_row(NodeSource& nodes, ByteView bytes,
                                             std::uint64_t table_id, ByteView key) {
    try {
        ByteReader reader(bytes);
        ChangeSet set;
        for (std::uint64_t left = read_opening(reader, set); left > 0; --left) {
            TableChanges table;
            std::uint64_t row_count = read_table_opening(reader, table, false);
            if (table.section && table.table_id == table_id) {
                return find_row_change(nodes, table, key);
            }
            RowChange change;
            for (; row_count > 0; --row_count) {
                read_row_change(reader, change);
                if (table.table_id == table_id && change.key == key) {
                    return change;
                }
            }
        }
        return std::nullopt;
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption,
                           std::string("change set: ") + error.what());
    }
}

Hash ChangeSet::content_hash() const {
    Bytes content;
    if (absent) {
        content.append(absent->second ? "A1" : "A0");
    }
    if (collation) {
        content.push_back('C');
        append_varint(content, collation->second);
    }
    for (const ObjectChange& change : objects) {
        content.push_back('O');
        content.push_back(static_cast<char>(change.key.kind));
        append_varint_bytes(content, change.key.name);
        if (change.after) {
            append_object(content, *change.after);
        }
    }
    for (const TableChanges& table : tables) {
        content.push_back('T');
        append_varint_bytes(content, table.table);
        content.push_back(static_cast<char>(table.schema_change));
        if (table.old_schema && table.old_schema->name != table.table) {
            append_varint_bytes(content, table.old_schema->name);
        }
        if (table.new_schema) {
            append_varint_bytes(content, canonical_schema(*table.new_schema));
        }
        content.append(table.bulk ? table.bulk->canonical_rows.view() : rows_hash(table).view());
    }
    return Hash::of(content);
}

}  // namespace afterimage::storage

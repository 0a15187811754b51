// SPDX-License-Identifier: Apache-2.0
#include "storage/table/root.h"

#include "storage/bytes/varint.h"
#include "storage/schema/schema_codec.h"

namespace afterimage::storage {

std::shared_ptr<const Table> Root::find_table(std::string_view name) const {
    const auto found = tables.find(name);
    return found == tables.end() ? nullptr : found->second;
}

const SchemaObject* Root::find_object(SchemaObjectKind kind, std::string_view name) const {
    const auto found = objects.find(ObjectKey{kind, std::string(name)});
    return found == objects.end() ? nullptr : &found->second;
}

Hash Root::content_hash() const {
    if (absent) {
        return {};
    }
    Bytes content;
    append_varint(content, collation);
    append_varint(content, tables.size());
    for (const auto& [name, table] : tables) {
        append_varint_bytes(content, name);
        content.append(table_content_hash(*table).view());
    }
    append_varint(content, objects.size());
    for (const auto& [key, object] : objects) {
        content.push_back(static_cast<char>(key.kind));
        append_varint_bytes(content, key.name);
        append_varint_bytes(content, object.create_sql);
        append_varint_bytes(content, object.definer);
        append_varint(content, object.sql_mode);
    }
    return Hash::of(content);
}

Hash table_content_hash(const Table& table) {
    Bytes content;
    append_varint_bytes(content, canonical_schema(table.schema()));
    content.append(table.sum().bytes());
    return Hash::of(content);
}

}  // namespace afterimage::storage

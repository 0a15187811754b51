// SPDX-License-Identifier: Apache-2.0
#include "storage/schema/schema_codec.h"

#include <unordered_set>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"
#include "storage/value/value_codec.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kFormatVersion = 1;

constexpr unsigned kNullable = 1;
constexpr unsigned kAutoIncrement = 2;
constexpr unsigned kInvisibleColumn = 4;
constexpr unsigned kGeneratedStored = 8;
constexpr unsigned kUnsigned = 1;
constexpr unsigned kZerofill = 2;
constexpr unsigned kUnique = 1;
constexpr unsigned kInvisibleIndex = 2;

[[noreturn]] void corrupt(const std::string& why) {
    throw StorageError(StorageErrorKind::kCorruption, "table schema: " + why);
}

void append_u8(Bytes& out, unsigned value) { out.push_back(static_cast<char>(value)); }

void append_optional(Bytes& out, const std::optional<std::string>& text) {
    append_u8(out, text ? 1 : 0);
    if (text) {
        append_varint_bytes(out, *text);
    }
}

void append_type(Bytes& out, const ColumnType& type) {
    append_u8(out, static_cast<unsigned>(type.id));
    append_u8(out, (type.is_unsigned ? kUnsigned : 0) | (type.zerofill ? kZerofill : 0));
    append_varint(out, type.length);
    append_u8(out, type.scale);
    append_varint(out, type.collation);
    append_varint(out, type.labels.size());
    for (const std::string& label : type.labels) {
        append_varint_bytes(out, label);
    }
}

void append_column(Bytes& out, const Column& column) {
    append_varint(out, column.id);
    append_varint_bytes(out, column.name);
    append_type(out, column.type);
    append_u8(out, (column.nullable ? kNullable : 0) |
                       (column.auto_increment ? kAutoIncrement : 0) |
                       (column.invisible ? kInvisibleColumn : 0) |
                       (column.generated_stored ? kGeneratedStored : 0));
    append_optional(out, column.default_sql);
    append_optional(out, column.on_update_sql);
    append_optional(out, column.generated_sql);
    append_varint_bytes(out, column.comment);
    append_value(out, column.missing_value);
}

void append_index(Bytes& out, const Index& index) {
    append_varint_bytes(out, index.name);
    append_u8(out, static_cast<unsigned>(index.kind));
    append_u8(out, (index.unique ? kUnique : 0) | (index.invisible ? kInvisibleIndex : 0));
    append_varint(out, index.parts.size());
    for (const IndexPart& part : index.parts) {
        append_varint(out, part.column);
        append_varint(out, part.prefix_length);
        append_u8(out, part.descending ? 1 : 0);
        append_varint_bytes(out, part.expression_sql);
    }
    append_varint_bytes(out, index.comment);
    append_varint_bytes(out, index.algorithm);
    append_varint(out, index.collation_version);
}

void append_foreign_key(Bytes& out, const ForeignKey& key) {
    append_varint_bytes(out, key.name);
    append_varint(out, key.columns.size());
    for (const ColumnId column : key.columns) {
        append_varint(out, column);
    }
    append_varint_bytes(out, key.parent_database);
    append_varint_bytes(out, key.parent_table);
    append_varint(out, key.parent_columns.size());
    for (const std::string& column : key.parent_columns) {
        append_varint_bytes(out, column);
    }
    append_u8(out, static_cast<unsigned>(key.on_delete));
    append_u8(out, static_cast<unsigned>(key.on_update));
}

// Reading. Lists grow by what is really there, never by a count that the bytes claim.

std::string read_text(ByteReader& in) { return std::string(in.varint_bytes()); }

std::uint32_t read_u32(ByteReader& in) {
    const std::uint64_t value = in.varint();
    if (value > 0xffffffffU) {
        corrupt("number above 32 bits");
    }
    return static_cast<std::uint32_t>(value);
}

bool read_bool(ByteReader& in) {
    const std::uint8_t value = in.u8();
    if (value > 1) {
        corrupt("flag neither 0 nor 1");
    }
    return value == 1;
}

std::optional<std::string> read_optional(ByteReader& in) {
    if (!read_bool(in)) {
        return std::nullopt;
    }
    return read_text(in);
}

template <typename Enum>
Enum read_enum(ByteReader& in, Enum last) {
    const std::uint8_t value = in.u8();
    if (value > static_cast<std::uint8_t>(last)) {
        corrupt("enumerator out of range");
    }
    return static_cast<Enum>(value);
}

ColumnType read_type(ByteReader& in) {
    ColumnType type;
    type.id = read_enum(in, TypeId::kInet6);
    if (static_cast<unsigned>(type.id) == 0) {
        corrupt("type 0");
    }
    const unsigned flags = in.u8();
    type.is_unsigned = (flags & kUnsigned) != 0;
    type.zerofill = (flags & kZerofill) != 0;
    type.length = read_u32(in);
    type.scale = in.u8();
    const std::uint32_t collation = read_u32(in);
    if (collation > 0xffff) {
        corrupt("collation above 16 bits");
    }
    type.collation = static_cast<CollationId>(collation);
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        type.labels.push_back(read_text(in));
    }
    return type;
}

Column read_column(ByteReader& in) {
    Column column;
    column.id = read_u32(in);
    column.name = read_text(in);
    column.type = read_type(in);
    const unsigned flags = in.u8();
    column.nullable = (flags & kNullable) != 0;
    column.auto_increment = (flags & kAutoIncrement) != 0;
    column.invisible = (flags & kInvisibleColumn) != 0;
    column.generated_stored = (flags & kGeneratedStored) != 0;
    column.default_sql = read_optional(in);
    column.on_update_sql = read_optional(in);
    column.generated_sql = read_optional(in);
    column.comment = read_text(in);
    column.missing_value = read_value(in);
    return column;
}

Index read_index(ByteReader& in) {
    Index index;
    index.name = read_text(in);
    index.kind = read_enum(in, IndexKind::kSpatial);
    const unsigned flags = in.u8();
    index.unique = (flags & kUnique) != 0;
    index.invisible = (flags & kInvisibleIndex) != 0;
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        IndexPart part;
        part.column = read_u32(in);
        part.prefix_length = read_u32(in);
        part.descending = read_bool(in);
        part.expression_sql = read_text(in);
        index.parts.push_back(std::move(part));
    }
    index.comment = read_text(in);
    index.algorithm = read_text(in);
    index.collation_version = read_u32(in);
    return index;
}

ForeignKey read_foreign_key(ByteReader& in) {
    ForeignKey key;
    key.name = read_text(in);
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        key.columns.push_back(read_u32(in));
    }
    key.parent_database = read_text(in);
    key.parent_table = read_text(in);
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        key.parent_columns.push_back(read_text(in));
    }
    key.on_delete = read_enum(in, ForeignKeyAction::kSetDefault);
    key.on_update = read_enum(in, ForeignKeyAction::kSetDefault);
    return key;
}

TableSchema read_schema(ByteReader& in) {
    const std::uint8_t format = in.u8();
    if (format != kFormatVersion) {
        throw StorageError(
            format > kFormatVersion ? StorageErrorKind::kUnsupportedFormat
                                    : StorageErrorKind::kCorruption,
            "table schema of format " + std::to_string(format) + ", this program reads format 1");
    }
    TableSchema schema;
    schema.table_id = in.varint();
    schema.version = read_u32(in);
    schema.name = read_text(in);
    schema.next_column_id = read_u32(in);
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        schema.columns.push_back(read_column(in));
    }
    if (read_bool(in)) {
        schema.primary_key = read_index(in);
    }
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        schema.indexes.push_back(read_index(in));
    }
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        schema.foreign_keys.push_back(read_foreign_key(in));
    }
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        CheckConstraint check;
        check.name = read_text(in);
        check.expression_sql = read_text(in);
        check.enforced = read_bool(in);
        check.column = read_u32(in);
        schema.checks.push_back(std::move(check));
    }
    const std::uint32_t collation = read_u32(in);
    if (collation > 0xffff) {
        corrupt("collation above 16 bits");
    }
    schema.collation = static_cast<CollationId>(collation);
    schema.engine = read_text(in);
    schema.comment = read_text(in);
    schema.row_format = read_text(in);
    for (std::uint64_t left = in.varint(); left > 0; --left) {
        std::string name = read_text(in);
        schema.options.emplace_back(std::move(name), read_text(in));
    }
    schema.partition_sql = read_text(in);
    schema.mariadb_flavour = read_bool(in);
    if (!in.at_end()) {
        corrupt("bytes behind its end");
    }
    return schema;
}

void check_references(const TableSchema& schema) {
    std::unordered_set<ColumnId> ids;
    for (const Column& column : schema.columns) {
        if (column.id == 0 || column.id >= schema.next_column_id || !ids.insert(column.id).second) {
            corrupt("column id " + std::to_string(column.id) + " is not valid or stands twice");
        }
    }
    const auto check_index = [&](const Index& index) {
        for (const IndexPart& part : index.parts) {
            if (part.expression_sql.empty() ? !ids.contains(part.column) : part.column != 0) {
                corrupt("index " + index.name + " names a column that is not there");
            }
        }
    };
    if (schema.primary_key) {
        check_index(*schema.primary_key);
    }
    for (const Index& index : schema.indexes) {
        check_index(index);
    }
    for (const ForeignKey& key : schema.foreign_keys) {
        for (const ColumnId column : key.columns) {
            if (!ids.contains(column)) {
                corrupt("foreign key " + key.name + " names a column that is not there");
            }
        }
    }
    for (const CheckConstraint& check : schema.checks) {
        if (check.column != 0 && !ids.contains(check.column)) {
            corrupt("check " + check.name + " names a column that is not there");
        }
    }
}

}  // namespace

Bytes encode_schema(const TableSchema& schema) {
    Bytes out;
    append_u8(out, kFormatVersion);
    append_varint(out, schema.table_id);
    append_varint(out, schema.version);
    append_varint_bytes(out, schema.name);
    append_varint(out, schema.next_column_id);
    append_varint(out, schema.columns.size());
    for (const Column& column : schema.columns) {
        append_column(out, column);
    }
    append_u8(out, schema.primary_key ? 1 : 0);
    if (schema.primary_key) {
        append_index(out, *schema.primary_key);
    }
    append_varint(out, schema.indexes.size());
    for (const Index& index : schema.indexes) {
        append_index(out, index);
    }
    append_varint(out, schema.foreign_keys.size());
    for (const ForeignKey& key : schema.foreign_keys) {
        append_foreign_key(out, key);
    }
    append_varint(out, schema.checks.size());
    for (const CheckConstraint& check : schema.checks) {
        append_varint_bytes(out, check.name);
        append_varint_bytes(out, check.expression_sql);
        append_u8(out, check.enforced ? 1 : 0);
        append_varint(out, check.column);
    }
    append_varint(out, schema.collation);
    append_varint_bytes(out, schema.engine);
    append_varint_bytes(out, schema.comment);
    append_varint_bytes(out, schema.row_format);
    append_varint(out, schema.options.size());
    for (const auto& [name, value] : schema.options) {
        append_varint_bytes(out, name);
        append_varint_bytes(out, value);
    }
    append_varint_bytes(out, schema.partition_sql);
    append_u8(out, schema.mariadb_flavour ? 1 : 0);
    return out;
}

TableSchema decode_schema(ByteView bytes) {
    ByteReader in(bytes);
    try {
        TableSchema schema = read_schema(in);
        check_references(schema);
        return schema;
    } catch (const TruncatedInput& error) {
        corrupt(error.what());
    }
}

}  // namespace afterimage::storage

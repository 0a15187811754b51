// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/schema_builder.h"

namespace afterimage::sql {

using storage::ColumnType;
using storage::TypeId;

namespace {

constexpr storage::CollationId kTextCollation = 46;  // utf8mb4_bin

ColumnType text_type(TypeId id, std::uint32_t length = 0) {
    ColumnType type;
    type.id = id;
    type.length = length;
    type.collation = kTextCollation;
    return type;
}

ColumnType plain_type(TypeId id, bool is_unsigned = false) {
    ColumnType type;
    type.id = id;
    type.is_unsigned = is_unsigned;
    return type;
}

}  // namespace

SchemaBuilder::SchemaBuilder(std::string table) {
    schema_.name = std::move(table);
    schema_.collation = kTextCollation;
}

SchemaBuilder& SchemaBuilder::add(std::string name, ColumnType type, bool nullable) {
    storage::Column column;
    column.id = schema_.next_column_id++;
    column.name = std::move(name);
    column.type = std::move(type);
    column.nullable = nullable;
    schema_.columns.push_back(std::move(column));
    return *this;
}

SchemaBuilder& SchemaBuilder::text(std::string name, bool nullable) {
    return add(std::move(name), text_type(TypeId::kText), nullable);
}

SchemaBuilder& SchemaBuilder::varchar(std::string name, std::uint32_t length, bool nullable) {
    return add(std::move(name), text_type(TypeId::kVarchar, length), nullable);
}

SchemaBuilder& SchemaBuilder::long_text(std::string name, bool nullable) {
    return add(std::move(name), text_type(TypeId::kLongText), nullable);
}

SchemaBuilder& SchemaBuilder::bigint(std::string name, bool nullable) {
    return add(std::move(name), plain_type(TypeId::kBigInt), nullable);
}

SchemaBuilder& SchemaBuilder::unsigned_bigint(std::string name, bool nullable) {
    return add(std::move(name), plain_type(TypeId::kBigInt, true), nullable);
}

SchemaBuilder& SchemaBuilder::integer(std::string name, bool nullable) {
    return add(std::move(name), plain_type(TypeId::kInt), nullable);
}

SchemaBuilder& SchemaBuilder::boolean(std::string name, bool nullable) {
    ColumnType type = plain_type(TypeId::kTinyInt);
    type.length = 1;
    return add(std::move(name), type, nullable);
}

SchemaBuilder& SchemaBuilder::datetime(std::string name, std::uint8_t fraction_digits,
                                       bool nullable) {
    ColumnType type = plain_type(TypeId::kDateTime);
    type.scale = fraction_digits;
    return add(std::move(name), type, nullable);
}

SchemaBuilder& SchemaBuilder::json(std::string name, bool nullable) {
    return add(std::move(name), plain_type(TypeId::kJson), nullable);
}

SchemaBuilder& SchemaBuilder::like(std::string name, const storage::Column& column) {
    return add(std::move(name), column.type, true);
}

SchemaBuilder& SchemaBuilder::key(std::initializer_list<std::string_view> columns) {
    storage::Index index;
    index.name = "PRIMARY";
    index.unique = true;
    for (const std::string_view name : columns) {
        for (storage::Column& column : schema_.columns) {
            if (column.name == name) {
                column.nullable = false;
                index.parts.push_back({column.id, 0, false, {}});
            }
        }
    }
    schema_.primary_key = std::move(index);
    return *this;
}

std::shared_ptr<const storage::TableSchema> SchemaBuilder::build() {
    return std::make_shared<const storage::TableSchema>(std::move(schema_));
}

}  // namespace afterimage::sql

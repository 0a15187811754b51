// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/result_table.h"

#include <utility>

namespace afterimage::sql {

using storage::ColumnType;
using storage::TypeId;

ColumnType varchar_type(std::uint32_t length, storage::CollationId collation) {
    ColumnType type;
    type.id = TypeId::kVarchar;
    type.length = length;
    type.collation = collation;
    return type;
}

ColumnType integer_type(TypeId id, bool is_unsigned) {
    ColumnType type;
    type.id = id;
    type.is_unsigned = is_unsigned;
    return type;
}

ResultColumn result_column(std::string name, ColumnType type, bool nullable) {
    ResultColumn column;
    column.name = std::move(name);
    column.type.type = std::move(type);
    column.type.nullable = nullable;
    return column;
}

ResultTable& ResultTable::add_text(std::string name, std::uint32_t length, bool nullable) {
    columns.push_back(result_column(std::move(name), varchar_type(length), nullable));
    return *this;
}

ResultTable& ResultTable::add_long_text(std::string name, bool nullable) {
    ColumnType type;
    type.id = TypeId::kLongText;
    type.collation = 255;
    columns.push_back(result_column(std::move(name), type, nullable));
    return *this;
}

ResultTable& ResultTable::add_bigint(std::string name, bool nullable) {
    columns.push_back(result_column(std::move(name), integer_type(TypeId::kBigInt), nullable));
    return *this;
}

ResultTable& ResultTable::add_unsigned(std::string name, bool nullable) {
    columns.push_back(
        result_column(std::move(name), integer_type(TypeId::kBigInt, true), nullable));
    return *this;
}

ResultTable& ResultTable::add_double(std::string name, bool nullable) {
    ColumnType type;
    type.id = TypeId::kDouble;
    type.scale = 31;
    columns.push_back(result_column(std::move(name), type, nullable));
    return *this;
}

ResultTable& ResultTable::add_datetime(std::string name, std::uint8_t fraction_digits) {
    ColumnType type;
    type.id = TypeId::kDateTime;
    type.scale = fraction_digits;
    columns.push_back(result_column(std::move(name), type, true));
    return *this;
}

storage::Value text_value(std::string_view text) {
    return storage::Value::of_bytes(storage::Bytes(text));
}

storage::Value text_or_null(std::string_view text) {
    return text.empty() ? storage::Value() : text_value(text);
}

}  // namespace afterimage::sql

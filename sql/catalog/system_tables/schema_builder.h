// SPDX-License-Identifier: Apache-2.0
// Schemas of system tables, column by column.
//
// A plain value. Texts are utf8mb4_bin: hashes, names and messages compare as they are written.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "storage/schema/table_schema.h"

namespace afterimage::sql {

class SchemaBuilder {
  public:
    explicit SchemaBuilder(std::string table);

    SchemaBuilder& text(std::string name, bool nullable = false);
    SchemaBuilder& varchar(std::string name, std::uint32_t length, bool nullable = false);
    SchemaBuilder& long_text(std::string name, bool nullable = false);
    SchemaBuilder& bigint(std::string name, bool nullable = false);
    SchemaBuilder& unsigned_bigint(std::string name, bool nullable = false);
    SchemaBuilder& integer(std::string name, bool nullable = false);
    SchemaBuilder& boolean(std::string name, bool nullable = false);
    SchemaBuilder& datetime(std::string name, std::uint8_t fraction_digits, bool nullable = true);
    SchemaBuilder& json(std::string name, bool nullable = true);
    /// A table's column under another name: its type alone, nullable.
    SchemaBuilder& like(std::string name, const storage::Column& column);
    /// The primary key; the columns become NOT NULL.
    SchemaBuilder& key(std::initializer_list<std::string_view> columns);

    [[nodiscard]] std::size_t size() const noexcept { return schema_.columns.size(); }
    [[nodiscard]] std::shared_ptr<const storage::TableSchema> build();

  private:
    SchemaBuilder& add(std::string name, storage::ColumnType type, bool nullable);
    storage::TableSchema schema_;
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Virtual tables whose rows are made at once: how information_schema and its kin declare columns
// and give rows.
//
// A table is a list of ColumnSpec and a function that fills. What the request restricts by = or IN
// is offered to the function (allows), which leaves out rows that cannot match; the executor tests
// all conditions again. Specs are constants; a Fill lives for one scan on one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/catalog/virtual_table.h"

namespace afterimage::sql {

enum class ColumnKind : std::uint8_t {
    kName,      ///< VARCHAR, utf8mb3_bin: databases and tables, which are told apart by bytes
    kText,      ///< VARCHAR, utf8mb3_general_ci
    kLongText,  ///< LONGTEXT
    kInt,
    kUnsignedInt,
    kBigInt,
    kUnsignedBigInt,
    kDateTime,
    kJson,
};

struct ColumnSpec {
    std::string_view name;
    ColumnKind kind = ColumnKind::kText;
    std::uint32_t length = 0;  ///< characters of kName and kText
    bool nullable = false;

    /// The same, but may be NULL.
    [[nodiscard]] constexpr ColumnSpec optional() const {
        ColumnSpec spec = *this;
        spec.nullable = true;
        return spec;
    }
};

[[nodiscard]] constexpr ColumnSpec name_column(std::string_view name) {
    return {name, ColumnKind::kName, 64, false};
}
[[nodiscard]] constexpr ColumnSpec text_column(std::string_view name, std::uint32_t length = 64) {
    return {name, ColumnKind::kText, length, false};
}
[[nodiscard]] constexpr ColumnSpec long_text_column(std::string_view name) {
    return {name, ColumnKind::kLongText, 0, false};
}
[[nodiscard]] constexpr ColumnSpec int_column(std::string_view name) {
    return {name, ColumnKind::kInt, 0, false};
}
[[nodiscard]] constexpr ColumnSpec unsigned_int_column(std::string_view name) {
    return {name, ColumnKind::kUnsignedInt, 0, false};
}
[[nodiscard]] constexpr ColumnSpec bigint_column(std::string_view name) {
    return {name, ColumnKind::kBigInt, 0, false};
}
[[nodiscard]] constexpr ColumnSpec unsigned_column(std::string_view name) {
    return {name, ColumnKind::kUnsignedBigInt, 0, false};
}
[[nodiscard]] constexpr ColumnSpec datetime_column(std::string_view name) {
    return {name, ColumnKind::kDateTime, 0, true};
}

[[nodiscard]] storage::TableSchema schema_of_specs(std::string_view name,
                                                   std::span<const ColumnSpec> specs);

class Fill;

/// One row, its cells in the order of the columns. Invariant: add() is called when every column has
/// its cell.
class RowBuilder {
  public:
    explicit RowBuilder(Fill& fill);
    RowBuilder& text(std::string_view text);
    RowBuilder& text_or_null(std::string_view text);  ///< NULL for an empty text
    RowBuilder& optional_text(const std::optional<std::string>& text);
    RowBuilder& number(std::uint64_t number);
    RowBuilder& signed_number(std::int64_t number);
    RowBuilder& number_or_null(const std::optional<std::uint64_t>& number);
    RowBuilder& yes_no(bool yes);
    RowBuilder& null(std::size_t count = 1);
    RowBuilder& value(storage::Value value);
    void add();

  private:
    Fill& fill_;
    storage::Row row_;
};

class Fill {
  public:
    Fill(Catalog& catalog_in, const ScanRequest& request_in, const storage::TableSchema& schema_in)
        : catalog(catalog_in), request(request_in), schema(schema_in) {}

    [[nodiscard]] RowBuilder row() { return RowBuilder(*this); }
    [[nodiscard]] bool wants(std::size_t column) const { return request.wants(column); }
    /// False only when = or IN on the column cannot hold for `text`.
    [[nodiscard]] bool allows(std::size_t column, std::string_view text) const;
    /// The texts that = or IN allow, without trailing spaces; none = not restricted.
    [[nodiscard]] std::optional<std::vector<std::string>> allowed(std::size_t column) const;

    Catalog& catalog;
    const ScanRequest& request;
    const storage::TableSchema& schema;
    std::vector<storage::Row> rows;
};

using FillFunction = std::function<void(Fill&)>;

/// `specs` is kept: it must be a constant. `lookups` = columns by which a scan is cheap.
void add_filled_table(VirtualTableRegistry& registry, std::string_view database,
                      std::string_view name, std::span<const ColumnSpec> specs, FillFunction fill,
                      std::vector<std::size_t> lookups = {});
/// A table that never has rows.
void add_empty_table(VirtualTableRegistry& registry, std::string_view database,
                     std::string_view name, std::span<const ColumnSpec> specs);

}  // namespace afterimage::sql

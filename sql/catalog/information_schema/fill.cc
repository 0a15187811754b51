// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/information_schema/fill.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/catalog/result_table.h"
#include "storage/bytes/invariant.h"

namespace afterimage::sql {

namespace {

using storage::ColumnType;
using storage::TableSchema;
using storage::TypeId;
using storage::Value;

constexpr storage::CollationId kUtf8mb3GeneralCi = 33;
constexpr storage::CollationId kUtf8mb3Bin = 83;
/// Texts that people write may hold any character.
constexpr storage::CollationId kUtf8mb4GeneralCi = 45;

ColumnType type_of(const ColumnSpec& spec) {
    ColumnType type;
    switch (spec.kind) {
        case ColumnKind::kName:
        case ColumnKind::kText:
            type.id = TypeId::kVarchar;
            type.length = spec.length;
            type.collation = spec.kind == ColumnKind::kName ? kUtf8mb3Bin : kUtf8mb3GeneralCi;
            break;
        case ColumnKind::kLongText:
            type.id = TypeId::kLongText;
            type.collation = kUtf8mb4GeneralCi;
            break;
        case ColumnKind::kInt:
        case ColumnKind::kUnsignedInt:
            type.id = TypeId::kInt;
            type.is_unsigned = spec.kind == ColumnKind::kUnsignedInt;
            break;
        case ColumnKind::kBigInt:
        case ColumnKind::kUnsignedBigInt:
            type.id = TypeId::kBigInt;
            type.is_unsigned = spec.kind == ColumnKind::kUnsignedBigInt;
            break;
        case ColumnKind::kDateTime:
            type.id = TypeId::kDateTime;
            break;
        case ColumnKind::kJson:
            type.id = TypeId::kJson;
            break;
    }
    return type;
}

std::string_view without_pads(std::string_view text) {
    while (!text.empty() && text.back() == ' ') {
        text.remove_suffix(1);
    }
    return text;
}

class FilledTable final : public VirtualTable {
  public:
    FilledTable(Catalog& catalog, std::shared_ptr<const TableSchema> schema,
                const FillFunction& fill, const std::vector<std::size_t>& lookups)
        : catalog_(catalog), schema_(std::move(schema)), fill_(fill), lookups_(lookups) {}

    [[nodiscard]] const TableSchema& schema() const override { return *schema_; }
    [[nodiscard]] std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        Fill fill(catalog_, request, *schema_);
        fill_(fill);
        return std::make_unique<RowListScan>(std::move(fill.rows));
    }
    [[nodiscard]] std::vector<std::size_t> lookup_columns() const override { return lookups_; }

  private:
    Catalog& catalog_;
    std::shared_ptr<const TableSchema> schema_;
    const FillFunction& fill_;  ///< the registry's
    const std::vector<std::size_t>& lookups_;
};

}  // namespace

TableSchema schema_of_specs(std::string_view name, std::span<const ColumnSpec> specs) {
    TableSchema schema;
    schema.name = name;
    schema.collation = kUtf8mb3GeneralCi;
    schema.engine = "MEMORY";
    for (const ColumnSpec& spec : specs) {
        storage::Column column;
        column.id = schema.next_column_id++;
        column.name = spec.name;
        column.type = type_of(spec);
        column.nullable = spec.nullable;
        schema.columns.push_back(std::move(column));
    }
    return schema;
}

RowBuilder::RowBuilder(Fill& fill) : fill_(fill) { row_.reserve(fill.schema.columns.size()); }

RowBuilder& RowBuilder::value(Value value) {
    INVARIANT(row_.size() < fill_.schema.columns.size(), "a row has a cell for each column");
    row_.push_back(std::move(value));
    return *this;
}

RowBuilder& RowBuilder::text(std::string_view text) { return value(text_value(text)); }

RowBuilder& RowBuilder::text_or_null(std::string_view text) {
    return value(sql::text_or_null(text));
}

RowBuilder& RowBuilder::optional_text(const std::optional<std::string>& text) {
    return value(text ? text_value(*text) : Value());
}

RowBuilder& RowBuilder::number(std::uint64_t number) {
    INVARIANT(row_.size() < fill_.schema.columns.size(), "a row has a cell for each column");
    return value(fill_.schema.columns[row_.size()].type.is_unsigned
                     ? Value::of_uint(number)
                     : Value::of_int(static_cast<std::int64_t>(number)));
}

RowBuilder& RowBuilder::signed_number(std::int64_t number) { return value(Value::of_int(number)); }

RowBuilder& RowBuilder::number_or_null(const std::optional<std::uint64_t>& number) {
    return number ? this->number(*number) : null();
}

RowBuilder& RowBuilder::yes_no(bool yes) { return text(yes ? "YES" : "NO"); }

RowBuilder& RowBuilder::null(std::size_t count) {
    for (; count > 0; --count) {
        value(Value());
    }
    return *this;
}

void RowBuilder::add() {
    INVARIANT(row_.size() == fill_.schema.columns.size(), "a row has a cell for each column");
    if (fill_.request.context != nullptr && fill_.request.context->stop != nullptr) {
        fill_.request.context->stop->check();
    }
    fill_.rows.push_back(std::move(row_));
}

std::optional<std::vector<std::string>> Fill::allowed(std::size_t column) const {
    const std::vector<Value>* values = request.in_values(column);
    if (values == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (const Value& value : *values) {
        if (value.kind() != storage::ValueKind::kBytes) {
            continue;  // NULL equals nothing
        }
        std::string text(without_pads(value.as_bytes()));
        if (std::find(texts.begin(), texts.end(), text) == texts.end()) {
            texts.push_back(std::move(text));
        }
    }
    return texts;
}

bool Fill::allows(std::size_t column, std::string_view text) const {
    const std::vector<Value>* values = request.in_values(column);
    if (values == nullptr) {
        return true;
    }
    // Letters outside ASCII may be equal under general_ci in ways not looked at here: they pass.
    const auto is_ascii = [](std::string_view t) {
        return std::all_of(t.begin(), t.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
    };
    return std::any_of(values->begin(), values->end(), [&](const Value& value) {
        return value.kind() == storage::ValueKind::kBytes &&
               (same_name(without_pads(value.as_bytes()), without_pads(text)) ||
                !is_ascii(value.as_bytes()) || !is_ascii(text));
    });
}

void add_filled_table(VirtualTableRegistry& registry, std::string_view database,
                      std::string_view name, std::span<const ColumnSpec> specs, FillFunction fill,
                      std::vector<std::size_t> lookups) {
    auto schema = std::make_shared<const TableSchema>(schema_of_specs(name, specs));
    registry.add_table(database, name,
                       [schema, fill = std::move(fill), lookups = std::move(lookups)](
                           Catalog& catalog, const ResolvedDatabase&, std::string_view) {
                           return std::make_unique<FilledTable>(catalog, schema, fill, lookups);
                       });
}

void add_empty_table(VirtualTableRegistry& registry, std::string_view database,
                     std::string_view name, std::span<const ColumnSpec> specs) {
    add_filled_table(registry, database, name, specs, [](Fill&) {});
}

}  // namespace afterimage::sql

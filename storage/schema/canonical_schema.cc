// SPDX-License-Identifier: Apache-2.0
// The canonical schema: columns by position, everything else by name, all fields that the source
// does not show or that depend on how a store was loaded left out. See schema_codec.h.
#include <algorithm>

#include "storage/bytes/varint.h"
#include "storage/schema/schema_codec.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kCanonicalVersion = 1;

std::string lowered(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

/// Members that mean nothing for the type are set to one fixed value.
ColumnType canonical_type(const ColumnType& type) {
    ColumnType out;
    out.id = type.id;
    out.zerofill = type.zerofill;
    if (is_integer(type.id) || type.id == TypeId::kDecimal || type.id == TypeId::kFloat ||
        type.id == TypeId::kDouble) {
        out.is_unsigned = type.is_unsigned;
    }
    switch (type.id) {
        case TypeId::kDecimal:
        case TypeId::kFloat:
        case TypeId::kDouble:
            out.length = type.length;
            out.scale =
                type.id != TypeId::kDecimal && type.length == 0 ? std::uint8_t{31} : type.scale;
            break;
        case TypeId::kTime:
        case TypeId::kDateTime:
        case TypeId::kTimestamp:
            out.scale = type.scale;
            break;
        case TypeId::kBit:
        case TypeId::kChar:
        case TypeId::kVarchar:
        case TypeId::kBinary:
        case TypeId::kVarbinary:
            out.length = type.length;
            break;
        case TypeId::kEnum:
        case TypeId::kSet:
            out.labels = type.labels;
            break;
        default:
            break;
    }
    if (is_text(type.id) || type.id == TypeId::kEnum || type.id == TypeId::kSet) {
        out.collation = type.collation;
    }
    return out;
}

void append_flag(Bytes& out, bool flag) { out.push_back(flag ? '\1' : '\0'); }

void append_text(Bytes& out, std::string_view text) { append_varint_bytes(out, text); }

void append_optional(Bytes& out, const std::optional<std::string>& text) {
    append_flag(out, text.has_value());
    if (text) {
        append_text(out, *text);
    }
}

void append_column(Bytes& out, const Column& column) {
    const ColumnType type = canonical_type(column.type);
    append_text(out, column.name);
    out.push_back(static_cast<char>(type.id));
    append_flag(out, type.is_unsigned);
    append_flag(out, type.zerofill);
    append_varint(out, type.length);
    out.push_back(static_cast<char>(type.scale));
    append_varint(out, type.collation);
    append_varint(out, type.labels.size());
    for (const std::string& label : type.labels) {
        append_text(out, label);
    }
    append_flag(out, column.nullable);
    append_flag(out, column.auto_increment);
    append_flag(out, column.invisible);
    // A nullable column without a default has the default NULL, and is shown so.
    const bool default_is_null =
        column.nullable && column.default_sql && lowered(*column.default_sql) == "null";
    append_optional(out, default_is_null ? std::nullopt : column.default_sql);
    append_optional(out, column.on_update_sql);
    append_optional(out, column.generated_sql);
    append_flag(out, column.generated_sql.has_value() && column.generated_stored);
    append_text(out, column.comment);
}

/// The name in a schema, or an empty one for id 0.
std::string column_name(const TableSchema& schema, ColumnId id) {
    const Column* column = schema.find_column(id);
    return column == nullptr ? std::string() : column->name;
}

void append_index(Bytes& out, const TableSchema& schema, const Index& index,
                  const std::string& name) {
    append_text(out, name);
    out.push_back(static_cast<char>(index.kind));
    append_flag(out, index.unique);
    append_flag(out, index.invisible);
    append_varint(out, index.parts.size());
    for (const IndexPart& part : index.parts) {
        append_text(out, column_name(schema, part.column));
        append_varint(out, part.prefix_length);
        append_flag(out, part.descending);
        append_text(out, part.expression_sql);
    }
    append_text(out, index.comment);
    append_text(out, index.algorithm);
}

/// The server names an unnamed index after its first column, then name_2, name_3 ...
std::string chosen_index_name(const TableSchema& schema, const Index& index,
                              const std::vector<std::string>& taken) {
    std::string base =
        index.parts.empty() ? std::string() : column_name(schema, index.parts.front().column);
    if (base.empty()) {
        base = "functional_index";
    }
    std::string name = base;
    const auto is_taken = [&](const std::string& candidate) {
        return std::any_of(taken.begin(), taken.end(), [&](const std::string& other) {
            return lowered(other) == lowered(candidate);
        });
    };
    for (unsigned i = 2; is_taken(name); ++i) {
        name = base + "_" + std::to_string(i);
    }
    return name;
}

void append_indexes(Bytes& out, const TableSchema& schema) {
    std::vector<std::string> names;
    for (const Index& index : schema.indexes) {
        names.push_back(index.name);
    }
    std::vector<std::pair<std::string, const Index*>> order;
    for (std::size_t i = 0; i < schema.indexes.size(); ++i) {
        if (names[i].empty()) {
            names[i] = chosen_index_name(schema, schema.indexes[i], names);
        }
        order.emplace_back(names[i], &schema.indexes[i]);
    }
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    append_varint(out, order.size());
    for (const auto& [name, index] : order) {
        append_index(out, schema, *index, name);
    }
}

void append_foreign_keys(Bytes& out, const TableSchema& schema) {
    std::vector<std::pair<std::string, const ForeignKey*>> order;
    unsigned number = 0;
    for (const ForeignKey& key : schema.foreign_keys) {
        ++number;
        order.emplace_back(
            key.name.empty() ? schema.name + "_ibfk_" + std::to_string(number) : key.name, &key);
    }
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    append_varint(out, order.size());
    for (const auto& [name, key] : order) {
        append_text(out, name);
        append_varint(out, key->columns.size());
        for (const ColumnId column : key->columns) {
            append_text(out, column_name(schema, column));
        }
        append_text(out, key->parent_database);
        append_text(out, key->parent_table);
        append_varint(out, key->parent_columns.size());
        for (const std::string& column : key->parent_columns) {
            append_text(out, column);
        }
        // RESTRICT and NO ACTION are one thing to InnoDB, and MariaDB shows neither as it was
        // written.
        for (const ForeignKeyAction action : {key->on_delete, key->on_update}) {
            out.push_back(static_cast<char>(
                action == ForeignKeyAction::kRestrict ? ForeignKeyAction::kNoAction : action));
        }
    }
}

void append_checks(Bytes& out, const TableSchema& schema) {
    std::vector<std::pair<std::string, const CheckConstraint*>> order;
    unsigned number = 0;
    for (const CheckConstraint& check : schema.checks) {
        ++number;
        std::string name = check.name;
        if (name.empty()) {
            const std::string prefix =
                schema.mariadb_flavour ? std::string("CONSTRAINT_") : schema.name + "_chk_";
            name = check.column != 0 ? column_name(schema, check.column)
                                     : prefix + std::to_string(number);
        }
        order.emplace_back(std::move(name), &check);
    }
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    append_varint(out, order.size());
    for (const auto& [name, check] : order) {
        append_text(out, name);
        append_text(out, check->expression_sql);
        append_flag(out, check->enforced);
        append_text(out, column_name(schema, check->column));
    }
}

}  // namespace

Bytes canonical_schema(const TableSchema& schema) {
    Bytes out;
    out.push_back(static_cast<char>(kCanonicalVersion));
    append_varint(out, schema.columns.size());
    for (const Column& column : schema.columns) {
        append_column(out, column);
    }
    append_flag(out, schema.primary_key.has_value());
    if (schema.primary_key) {
        append_index(out, schema, *schema.primary_key, "PRIMARY");
    }
    append_indexes(out, schema);
    append_foreign_keys(out, schema);
    append_checks(out, schema);
    append_varint(out, schema.collation);
    append_text(out, lowered(schema.engine));
    append_text(out, schema.comment);
    append_text(out, lowered(schema.row_format));
    auto options = schema.options;
    std::erase_if(options, [](const auto& o) { return lowered(o.first) == "auto_increment"; });
    std::sort(options.begin(), options.end());
    append_varint(out, options.size());
    for (const auto& [name, value] : options) {
        append_text(out, name);
        append_text(out, value);
    }
    append_text(out, schema.partition_sql);
    return out;
}

}  // namespace afterimage::storage

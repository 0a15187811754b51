// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/patch/sql_literal.h"

#include <cstdio>

#include "sql/expr/charset.h"
#include "storage/value/collation.h"
#include "storage/value/text_form.h"

namespace afterimage::sql {

using storage::ColumnType;
using storage::TypeId;
using storage::Value;
using storage::ValueKind;

namespace {

std::string hex(std::string_view bytes) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out = "X'";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out + "'";
}

/// Printable ASCII that reads the same under every sql_mode.
bool is_plain(std::string_view text) {
    for (const char c : text) {
        if (c < 0x20 || c > 0x7e || c == '\\' || c == '\'') {
            return false;
        }
    }
    return true;
}

/// A double's literal: 17 significant digits read back to the same bits; the exponent makes it a
/// DOUBLE and not a DECIMAL.
std::string double_literal(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.16e", value);
    return text;
}

std::string text_of_type(const Value& value, const ColumnType& type) {
    storage::Bytes text;
    storage::append_text(text, value, type);
    return text;
}

bool is_quoted_type(TypeId id) {
    return storage::is_temporal(id) || id == TypeId::kUuid || id == TypeId::kInet4 ||
           id == TypeId::kInet6;
}

/// Whether values are compared and set as bytes.
bool is_bytes(TypeId id) { return storage::is_blob(id) || storage::is_spatial(id); }

std::string text_literal(std::string_view text, storage::CollationId collation) {
    const storage::Collation* found = storage::find_collation(collation);
    const std::string charset = found != nullptr ? std::string(found->charset_name()) : "binary";
    if (is_plain(text) && is_ascii_superset(collation)) {
        return "'" + std::string(text) + "'";
    }
    return "_" + charset + " " + hex(text);
}

std::string integer_text(const Value& value) {
    return value.kind() == ValueKind::kUInt ? std::to_string(value.as_uint())
                                            : std::to_string(value.as_int());
}

}  // namespace

std::string quote_name(std::string_view name) {
    std::string out = "`";
    for (const char c : name) {
        out += c;
        if (c == '`') {
            out += c;
        }
    }
    return out + "`";
}

std::string quote_table(std::string_view database, std::string_view table) {
    return quote_name(database) + "." + quote_name(table);
}

std::string sql_literal(const Value& value, const ColumnType& type) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return "NULL";
        case ValueKind::kInt:
        case ValueKind::kUInt:
            return integer_text(value);  // BIT, YEAR, ENUM and SET by number
        case ValueKind::kFloat:
        case ValueKind::kDouble:
            return double_literal(value.as_double());
        case ValueKind::kDecimal:
            return value.as_decimal().text();
        case ValueKind::kDate:
        case ValueKind::kDateTime:
        case ValueKind::kTime:
        case ValueKind::kTimestamp:
            return "'" + text_of_type(value, type) + "'";
        case ValueKind::kBytes:
            break;
    }
    if (is_bytes(type.id)) {
        return hex(value.as_bytes());
    }
    if (is_quoted_type(type.id)) {
        return "'" + text_of_type(value, type) + "'";
    }
    if (type.id == TypeId::kJson) {
        return text_literal(value.as_bytes(), kUtf8mb4Bin);
    }
    return text_literal(value.as_bytes(), type.collation);
}

std::string key_condition(const storage::Column& column, const Value& value) {
    const std::string name = quote_name(column.name);
    if (column.type.id == TypeId::kEnum || column.type.id == TypeId::kSet) {
        return name + " = " + integer_text(value);
    }
    return name + " = " + sql_literal(value, column.type);
}

std::string exact_condition(const storage::Column& column, const Value& value) {
    const std::string name = quote_name(column.name);
    if (value.is_null()) {
        return name + " IS NULL";
    }
    if (storage::is_text(column.type.id)) {
        // By bytes: under the column's collation 'a' would do for 'A'.
        return "CAST(" + name + " AS BINARY) <=> " + hex(value.as_bytes());
    }
    if (column.type.id == TypeId::kJson) {
        return "CAST(CAST(" + name + " AS CHAR CHARACTER SET utf8mb4) AS BINARY) <=> " +
               hex(value.as_bytes());
    }
    return name + " <=> " + sql_literal(value, column.type);
}

std::string readable_literal(const Value& value, const ColumnType& type) {
    if (type.id == TypeId::kBit && !value.is_null()) {
        return integer_text(value);
    }
    if ((type.id == TypeId::kEnum || type.id == TypeId::kSet) && !value.is_null()) {
        const std::string label = text_of_type(value, type);
        return label.empty() && value.as_uint() != 0 ? integer_text(value) : "'" + label + "'";
    }
    if (value.kind() != ValueKind::kBytes || is_bytes(type.id) || is_quoted_type(type.id)) {
        return sql_literal(value, type);
    }
    const storage::CollationId collation = type.id == TypeId::kJson ? kUtf8mb4Bin : type.collation;
    bool lossy = false;
    const std::string text =
        charset_convert(value.as_bytes(), collation, kUtf8mb4GeneralCi, &lossy);
    if (lossy) {
        return sql_literal(value, type);
    }
    std::string out = "'";
    for (const char c : text) {
        switch (c) {
            case '\'':
                out += "''";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\0':
                out += "\\0";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\x1a':
                out += "\\Z";
                break;
            default:
                out += c;
        }
    }
    return out + "'";
}

}  // namespace afterimage::sql

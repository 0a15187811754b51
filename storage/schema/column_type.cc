// SPDX-License-Identifier: Apache-2.0
#include "storage/schema/column_type.h"

#include <iterator>

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kScaleNotGiven = 31;

/// A label between quotes as the server prints it in COLUMN_TYPE.
void append_quoted(std::string& out, std::string_view label) {
    out += '\'';
    for (const char c : label) {
        switch (c) {
            case '\0':
                out += "\\0";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\'':
                out += "''";
                break;
            default:
                out += c;
        }
    }
    out += '\'';
}

void append_labels(std::string& out, const std::vector<std::string>& labels) {
    out += '(';
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (i > 0) {
            out += ',';
        }
        append_quoted(out, labels[i]);
    }
    out += ')';
}

void append_parenthesized(std::string& out, std::uint32_t number) {
    out += '(';
    out += std::to_string(number);
    out += ')';
}

/// The width that MariaDB gives an integer type when none was written.
std::uint32_t default_display_width(const ColumnType& type) {
    switch (type.id) {
        case TypeId::kTinyInt:
            return type.is_unsigned ? 3 : 4;
        case TypeId::kSmallInt:
            return type.is_unsigned ? 5 : 6;
        case TypeId::kMediumInt:
            return type.is_unsigned ? 8 : 9;
        case TypeId::kInt:
            return type.is_unsigned ? 10 : 11;
        default:
            return 20;
    }
}

/// MySQL 8.0.19 and later print a width for TINYINT(1), which means BOOLEAN to connectors, and
/// under ZEROFILL, where it changes what is shown.
bool prints_display_width(const ColumnType& type, bool mariadb) {
    return mariadb || type.zerofill ||
           (type.id == TypeId::kTinyInt && type.length == 1 && !type.is_unsigned);
}

void append_attributes(std::string& out, const ColumnType& type) {
    if (type.is_unsigned) {
        out += " unsigned";
    }
    if (type.zerofill) {
        out += " zerofill";
    }
}

void append_length(std::string& out, const ColumnType& type, bool mariadb) {
    if (is_integer(type.id)) {
        if (prints_display_width(type, mariadb)) {
            append_parenthesized(out, type.length != 0 ? type.length : default_display_width(type));
        }
        return;
    }
    switch (type.id) {
        case TypeId::kDecimal:
            out += '(' + std::to_string(type.length) + ',' + std::to_string(type.scale) + ')';
            return;
        case TypeId::kFloat:
        case TypeId::kDouble:
            if (type.length != 0 && type.scale < kScaleNotGiven) {
                out += '(' + std::to_string(type.length) + ',' + std::to_string(type.scale) + ')';
            }
            return;
        case TypeId::kYear:
            out += mariadb ? "(4)" : "";
            return;
        case TypeId::kTime:
        case TypeId::kDateTime:
        case TypeId::kTimestamp:
            if (type.scale > 0) {
                append_parenthesized(out, type.scale);
            }
            return;
        case TypeId::kBit:
        case TypeId::kChar:
        case TypeId::kVarchar:
        case TypeId::kBinary:
        case TypeId::kVarbinary:
            append_parenthesized(out, type.length);
            return;
        case TypeId::kEnum:
        case TypeId::kSet:
            append_labels(out, type.labels);
            return;
        default:
            return;
    }
}

}  // namespace

bool is_integer(TypeId id) noexcept { return id >= TypeId::kTinyInt && id <= TypeId::kBigInt; }

bool is_text(TypeId id) noexcept {
    return id == TypeId::kChar || id == TypeId::kVarchar ||
           (id >= TypeId::kTinyText && id <= TypeId::kLongText);
}

bool is_blob(TypeId id) noexcept {
    return id == TypeId::kBinary || id == TypeId::kVarbinary ||
           (id >= TypeId::kTinyBlob && id <= TypeId::kLongBlob);
}

bool is_temporal(TypeId id) noexcept { return id >= TypeId::kYear && id <= TypeId::kTimestamp; }

bool is_spatial(TypeId id) noexcept {
    return id >= TypeId::kGeometry && id <= TypeId::kGeometryCollection;
}

bool is_byte_string(TypeId id) noexcept {
    return is_text(id) || is_blob(id) || is_spatial(id) || id == TypeId::kJson ||
           id == TypeId::kUuid || id == TypeId::kInet4 || id == TypeId::kInet6;
}

std::string_view type_name(TypeId id) noexcept {
    // By number; TypeId is never renumbered.
    constexpr std::string_view kNames[] = {"unknown",      "tinyint",
                                           "smallint",     "mediumint",
                                           "int",          "bigint",
                                           "decimal",      "float",
                                           "double",       "bit",
                                           "year",         "date",
                                           "time",         "datetime",
                                           "timestamp",    "char",
                                           "varchar",      "binary",
                                           "varbinary",    "tinytext",
                                           "text",         "mediumtext",
                                           "longtext",     "tinyblob",
                                           "blob",         "mediumblob",
                                           "longblob",     "enum",
                                           "set",          "json",
                                           "geometry",     "point",
                                           "linestring",   "polygon",
                                           "multipoint",   "multilinestring",
                                           "multipolygon", "geometrycollection",
                                           "uuid",         "inet4",
                                           "inet6"};
    const auto index = static_cast<std::size_t>(id);
    return kNames[index < std::size(kNames) ? index : 0];
}

std::string column_type_text(const ColumnType& type, bool mariadb) {
    // MySQL 8.0 renamed this one type in what it prints.
    std::string out(type.id == TypeId::kGeometryCollection && !mariadb ? "geomcollection"
                                                                       : type_name(type.id));
    append_length(out, type, mariadb);
    append_attributes(out, type);
    return out;
}

}  // namespace afterimage::storage

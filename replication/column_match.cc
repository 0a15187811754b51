// SPDX-License-Identifier: Apache-2.0
// column_mismatch and schema_mismatch: whether the source's table map is the table stored here.
#include <algorithm>
#include <cctype>

#include "replication/row_image.h"

namespace afterimage::replication {
namespace {

using storage::ColumnType;
using storage::TypeId;

bool is_one_of(TypeId id, std::initializer_list<TypeId> list) {
    return std::find(list.begin(), list.end(), id) != list.end();
}

bool blob_of(TypeId id, std::uint32_t length_bytes) {
    switch (length_bytes) {
        case 1:
            return is_one_of(id, {TypeId::kTinyText, TypeId::kTinyBlob});
        case 2:
            return is_one_of(id, {TypeId::kText, TypeId::kBlob});
        case 3:
            return is_one_of(id, {TypeId::kMediumText, TypeId::kMediumBlob});
        // MariaDB's JSON is a LONGTEXT.
        default:
            return is_one_of(id, {TypeId::kLongText, TypeId::kLongBlob, TypeId::kJson});
    }
}

bool fits(const TableMapColumn& source, const ColumnType& stored) {
    const TypeId id = stored.id;
    switch (source.type) {
        case WireType::kTiny:
            return id == TypeId::kTinyInt;
        case WireType::kShort:
            return id == TypeId::kSmallInt;
        case WireType::kInt24:
            return id == TypeId::kMediumInt;
        case WireType::kLong:
            return id == TypeId::kInt;
        case WireType::kLongLong:
            return id == TypeId::kBigInt;
        case WireType::kFloat:
            return id == TypeId::kFloat;
        case WireType::kDouble:
            return id == TypeId::kDouble;
        case WireType::kYear:
            return id == TypeId::kYear;
        case WireType::kNewDecimal:
            return id == TypeId::kDecimal && source.size == stored.length &&
                   source.scale == stored.scale;
        case WireType::kBit:
            return id == TypeId::kBit && source.size == stored.length;
        case WireType::kDate:
            return id == TypeId::kDate;
        case WireType::kTimestamp2:
            return id == TypeId::kTimestamp && source.scale == stored.scale;
        case WireType::kDateTime2:
            return id == TypeId::kDateTime && source.scale == stored.scale;
        case WireType::kTime2:
            return id == TypeId::kTime && source.scale == stored.scale;
        case WireType::kOldTimestamp:
            return id == TypeId::kTimestamp;
        case WireType::kOldTime:
            return id == TypeId::kTime;
        case WireType::kOldDateTime:
            return id == TypeId::kDateTime;
        case WireType::kVarchar:
        case WireType::kVarString:
        case WireType::kVarcharCompressed:
            return is_one_of(id, {TypeId::kVarchar, TypeId::kVarbinary});
        case WireType::kString:
            return is_one_of(id, {TypeId::kChar, TypeId::kBinary, TypeId::kUuid, TypeId::kInet4,
                                  TypeId::kInet6});
        case WireType::kEnum:
            return id == TypeId::kEnum;
        case WireType::kSet:
            return id == TypeId::kSet;
        case WireType::kBlob:
        case WireType::kBlobCompressed:
            return blob_of(id, source.size);
        case WireType::kGeometry:
            return storage::is_spatial(id);
        case WireType::kJson:
            return id == TypeId::kJson;
        case WireType::kVector:
            return storage::is_blob(id);
        case WireType::kTypedArray:
            return false;
    }
    return false;
}

bool same_name(std::string_view left, std::string_view right) {
    // Column names compare without case; bytes above ASCII must be equal.
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    });
}

std::string source_text(const TableMapColumn& source) {
    std::string text = wire_type_name(source.type);
    if (source.type == WireType::kNewDecimal) {
        text += "(" + std::to_string(source.size) + "," + std::to_string(source.scale) + ")";
    } else if (source.size != 0) {
        text += "(" + std::to_string(source.size) + ")";
    } else if (source.scale != 0) {
        text += "(" + std::to_string(source.scale) + ")";
    }
    return text;
}

// In MariaDB's logs UUID and INET columns carry the binary collation, ENUM and SET none at MINIMAL.
bool collation_fits(const TableMapColumn& source, const ColumnType& stored) {
    if (!source.collation || stored.id == TypeId::kJson || storage::is_spatial(stored.id)) {
        return true;
    }
    return *source.collation == stored.collation;
}

}  // namespace

std::string column_mismatch(const TableMapColumn& source, const ColumnType& stored) {
    if (!fits(source, stored)) {
        return "the source sends " + source_text(source) + ", the type here is " +
               storage::column_type_text(stored, false);
    }
    if (source.is_unsigned && storage::is_integer(stored.id) &&
        *source.is_unsigned != stored.is_unsigned) {
        return std::string("the source's is ") + (*source.is_unsigned ? "unsigned" : "signed") +
               ", the type here is " + storage::column_type_text(stored, false);
    }
    return "";
}

namespace {

/// Empty when the column is the source's.
std::string named_column_mismatch(const TableMapColumn& source, const storage::Column& stored) {
    if (source.name && !same_name(*source.name, stored.name)) {
        return "the source calls it `" + *source.name + "`";
    }
    std::string reason = column_mismatch(source, stored.type);
    if (!reason.empty()) {
        return reason;
    }
    if (!collation_fits(source, stored.type)) {
        return "collation " + std::to_string(*source.collation) + " at the source, " +
               std::to_string(stored.type.collation) + " here";
    }
    if (source.labels && source.labels->size() != stored.type.labels.size()) {
        return std::to_string(source.labels->size()) + " labels at the source, " +
               std::to_string(stored.type.labels.size()) + " here";
    }
    return "";
}

}  // namespace

std::string schema_mismatch(const TableMap& map, const storage::TableSchema& schema) {
    if (map.columns.size() != schema.columns.size()) {
        return std::to_string(map.columns.size()) + " columns at the source, " +
               std::to_string(schema.columns.size()) + " here";
    }
    for (std::size_t i = 0; i < map.columns.size(); ++i) {
        const std::string reason = named_column_mismatch(map.columns[i], schema.columns[i]);
        if (!reason.empty()) {
            return "column " + std::to_string(i + 1) + " (`" + schema.columns[i].name +
                   "`): " + reason;
        }
    }
    return "";
}

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
#include "replication/event/table_map_metadata.h"

#include <algorithm>

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;
using storage::TruncatedInput;

enum TlvType : std::uint8_t {
    kSignedness = 1,
    kDefaultCharset = 2,
    kColumnCharset = 3,
    kColumnName = 4,
    kSetLabels = 5,
    kEnumLabels = 6,
    kGeometryType = 7,
    kSimplePrimaryKey = 8,
    kPrimaryKeyWithPrefix = 9,
    kEnumSetDefaultCharset = 10,
    kEnumSetColumnCharset = 11,
    kVisibility = 12,
    kVectorDimensions = 13,
};

void require(bool condition, std::size_t column, const char* what) {
    if (!condition) {
        throw TruncatedInput("column " + std::to_string(column + 1) + ": " + what);
    }
}

// STRING hides ENUM and SET, and bits 8 and 9 of a long CHAR, in its first metadata byte.
void read_string_format(ByteReader& reader, std::size_t index, TableMapColumn& column) {
    const std::uint8_t a = reader.u8();
    const std::uint8_t b = reader.u8();
    std::uint8_t real = a;
    column.size = b;
    if ((a & 0x30U) != 0x30U) {
        real = a | 0x30U;
        column.size = b | ((a & 0x30U) ^ 0x30U) << 4U;
    }
    column.type = static_cast<WireType>(real);
    switch (column.type) {
        case WireType::kString:
            return;
        case WireType::kEnum:
            require(b == 1 || b == 2, index, "ENUM of neither 1 nor 2 bytes");
            return;
        case WireType::kSet:
            require((b >= 1 && b <= 4) || b == 8, index, "SET of 5 to 7 or more than 8 bytes");
            return;
        default:
            require(false, index, "STRING metadata names no string type");
    }
}

void read_decimal_format(ByteReader& reader, std::size_t index, TableMapColumn& column) {
    column.size = reader.u8();
    column.scale = reader.u8();
    require(
        column.size >= 1 && column.size <= 65 && column.scale <= 38 && column.scale <= column.size,
        index, "DECIMAL out of range");
}

void read_format(ByteReader& reader, std::size_t index, TableMapColumn& column) {
    switch (column.type) {
        case WireType::kTiny:
        case WireType::kShort:
        case WireType::kInt24:
        case WireType::kLong:
        case WireType::kLongLong:
        case WireType::kYear:
        case WireType::kDate:
        case WireType::kOldTimestamp:
        case WireType::kOldTime:
        case WireType::kOldDateTime:
            return;
        case WireType::kFloat:
        case WireType::kDouble:
            column.size = reader.u8();
            require(column.size == (column.type == WireType::kFloat ? 4U : 8U), index,
                    "floating-point size");
            return;
        case WireType::kVarchar:
        case WireType::kVarString:
        case WireType::kVarcharCompressed:
            column.size = reader.u16();
            return;
        case WireType::kBit: {
            const std::uint32_t odd_bits = reader.u8();
            column.size = odd_bits + reader.u8() * 8U;
            require(odd_bits < 8 && column.size >= 1 && column.size <= 64, index,
                    "BIT of 0 or more than 64 bits");
            return;
        }
        case WireType::kTimestamp2:
        case WireType::kDateTime2:
        case WireType::kTime2:
            column.scale = reader.u8();
            require(column.scale <= 6, index, "more than 6 fraction digits");
            return;
        case WireType::kBlob:
        case WireType::kBlobCompressed:
        case WireType::kGeometry:
        case WireType::kJson:
        case WireType::kVector:
            column.size = reader.u8();
            require(column.size >= 1 && column.size <= 4, index,
                    "length of 0 or more than 4 bytes");
            return;
        case WireType::kNewDecimal:
            read_decimal_format(reader, index, column);
            return;
        case WireType::kString:
        case WireType::kEnum:
        case WireType::kSet:
            read_string_format(reader, index, column);
            return;
        case WireType::kTypedArray: {
            // The element's type and metadata; such columns never stand in rows.
            TableMapColumn element;
            element.type = static_cast<WireType>(reader.u8());
            require(element.type != WireType::kTypedArray, index, "array of arrays");
            if (element.type == WireType::kVarchar) {
                column.size = reader.u24();
            } else {
                read_format(reader, index, element);
            }
            return;
        }
    }
    require(false, index, ("a type that no table has: " + wire_type_name(column.type)).c_str());
}

bool is_numeric(WireType type) {
    switch (type) {
        case WireType::kTiny:
        case WireType::kShort:
        case WireType::kInt24:
        case WireType::kLong:
        case WireType::kLongLong:
        case WireType::kYear:
        case WireType::kFloat:
        case WireType::kDouble:
        case WireType::kNewDecimal:
            return true;
        default:
            return false;
    }
}

bool is_character(WireType type, bool mariadb) {
    switch (type) {
        case WireType::kVarchar:
        case WireType::kVarString:
        case WireType::kString:
        case WireType::kBlob:
            return true;
        case WireType::kGeometry:
        case WireType::kBlobCompressed:
        case WireType::kVarcharCompressed:
            return mariadb;
        default:
            return false;
    }
}

bool is_labelled(WireType type) { return type == WireType::kEnum || type == WireType::kSet; }

template <typename Predicate>
std::vector<TableMapColumn*> select(TableMap& map, Predicate predicate) {
    std::vector<TableMapColumn*> chosen;
    for (auto& column : map.columns) {
        if (predicate(column.type)) {
            chosen.push_back(&column);
        }
    }
    return chosen;
}

std::uint32_t read_u32(ByteReader& reader) {
    const std::uint64_t value = reader.lenenc();
    if (value > UINT32_MAX) {
        throw TruncatedInput("optional metadata: number " + std::to_string(value));
    }
    return static_cast<std::uint32_t>(value);
}

// Bits stand most significant first.
bool bit_at(ByteView bits, std::size_t index) {
    return (static_cast<unsigned char>(bits[index / 8]) >> (7 - index % 8) & 1U) != 0;
}

void read_signedness(ByteReader& reader, TableMap& map) {
    const auto numeric = select(map, is_numeric);
    const ByteView bits = reader.bytes((numeric.size() + 7) / 8);
    for (std::size_t i = 0; i < numeric.size(); ++i) {
        numeric[i]->is_unsigned = bit_at(bits, i);
    }
}

void read_default_charset(ByteReader& reader, const std::vector<TableMapColumn*>& columns) {
    const std::uint32_t collation = read_u32(reader);
    for (auto* column : columns) {
        column->collation = collation;
    }
    while (!reader.at_end()) {
        const std::uint32_t index = read_u32(reader);
        const std::uint32_t exception = read_u32(reader);
        if (index >= columns.size()) {
            throw TruncatedInput("optional metadata: charset of a column that is not there");
        }
        columns[index]->collation = exception;
    }
}

void read_column_charset(ByteReader& reader, const std::vector<TableMapColumn*>& columns) {
    for (auto* column : columns) {
        column->collation = read_u32(reader);
    }
}

void read_names(ByteReader& reader, TableMap& map) {
    for (auto& column : map.columns) {
        column.name = std::string(reader.lenenc_bytes());
    }
}

void read_labels(ByteReader& reader, TableMap& map, WireType type) {
    for (auto* column : select(map, [&](WireType other) { return other == type; })) {
        const std::uint64_t count = reader.lenenc();
        if (count > reader.left()) {
            throw TruncatedInput("optional metadata: " + std::to_string(count) + " labels");
        }
        std::vector<std::string> labels;
        for (std::uint64_t i = 0; i < count; ++i) {
            labels.emplace_back(reader.lenenc_bytes());
        }
        column->labels = std::move(labels);
    }
}

void read_primary_key(ByteReader& reader, TableMap& map, bool with_prefix) {
    std::vector<TableMapKeyPart> parts;
    while (!reader.at_end()) {
        TableMapKeyPart part;
        part.column = read_u32(reader);
        part.prefix_length = with_prefix ? read_u32(reader) : 0;
        if (part.column >= map.columns.size()) {
            throw TruncatedInput("optional metadata: primary key on a column that is not there");
        }
        parts.push_back(part);
    }
    map.primary_key = std::move(parts);
}

void read_visibility(ByteReader& reader, TableMap& map) {
    const ByteView bits = reader.bytes((map.columns.size() + 7) / 8);
    for (std::size_t i = 0; i < map.columns.size(); ++i) {
        map.columns[i].visible = bit_at(bits, i);
    }
}

void read_tlv(std::uint8_t type, ByteReader& reader, bool mariadb, TableMap& map) {
    const auto character = [&](WireType other) { return is_character(other, mariadb); };
    switch (type) {
        case kSignedness:
            return read_signedness(reader, map);
        case kDefaultCharset:
            return read_default_charset(reader, select(map, character));
        case kColumnCharset:
            return read_column_charset(reader, select(map, character));
        case kColumnName:
            return read_names(reader, map);
        case kSetLabels:
            return read_labels(reader, map, WireType::kSet);
        case kEnumLabels:
            return read_labels(reader, map, WireType::kEnum);
        case kGeometryType:
            for (auto* column :
                 select(map, [](WireType other) { return other == WireType::kGeometry; })) {
                column->geometry_type = read_u32(reader);
            }
            return;
        case kSimplePrimaryKey:
            return read_primary_key(reader, map, false);
        case kPrimaryKeyWithPrefix:
            return read_primary_key(reader, map, true);
        case kEnumSetDefaultCharset:
            return read_default_charset(reader, select(map, is_labelled));
        case kEnumSetColumnCharset:
            return read_column_charset(reader, select(map, is_labelled));
        case kVisibility:
            return read_visibility(reader, map);
        case kVectorDimensions:
            for (auto* column :
                 select(map, [](WireType other) { return other == WireType::kVector; })) {
                column->vector_dimensions = read_u32(reader);
            }
            return;
        default:
            return;  // a later version's: the length says where it ends
    }
}

}  // namespace

void read_column_formats(ByteView types, ByteView metadata, TableMap& map) {
    ByteReader reader(metadata);
    for (std::size_t i = 0; i < map.columns.size(); ++i) {
        map.columns[i].type = static_cast<WireType>(types[i]);
        read_format(reader, i, map.columns[i]);
    }
    if (!reader.at_end()) {
        throw TruncatedInput("metadata block longer than its columns need");
    }
}

void read_optional_metadata(ByteView tlvs, bool mariadb, TableMap& map) {
    ByteReader reader(tlvs);
    while (!reader.at_end()) {
        const std::uint8_t type = reader.u8();
        ByteReader value(reader.lenenc_bytes());
        read_tlv(type, value, mariadb, map);
    }
}

}  // namespace afterimage::replication

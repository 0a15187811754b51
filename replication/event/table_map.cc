// SPDX-License-Identifier: Apache-2.0
#include "replication/event/table_map.h"

#include "replication/event/table_map_metadata.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;

// MySQL and MariaDB allow 4096 columns.
constexpr std::uint64_t kMaxColumns = 4096;
constexpr std::size_t kShortPostHeader = 6;  // a u32 table id: before 5.1.4, still in the table
constexpr std::size_t kPostHeader = 8;

void expect_nul(const EventView& event, ByteReader& reader, const char* what) {
    if (reader.u8() != 0) {
        throw_malformed(event, reader, std::string("no NUL behind the ") + what + " name");
    }
}

}  // namespace

std::string wire_type_name(WireType type) {
    switch (type) {
        case WireType::kTiny:
            return "TINY";
        case WireType::kShort:
            return "SHORT";
        case WireType::kLong:
            return "LONG";
        case WireType::kFloat:
            return "FLOAT";
        case WireType::kDouble:
            return "DOUBLE";
        case WireType::kOldTimestamp:
            return "TIMESTAMP (old)";
        case WireType::kLongLong:
            return "LONGLONG";
        case WireType::kInt24:
            return "INT24";
        case WireType::kDate:
            return "DATE";
        case WireType::kOldTime:
            return "TIME (old)";
        case WireType::kOldDateTime:
            return "DATETIME (old)";
        case WireType::kYear:
            return "YEAR";
        case WireType::kVarchar:
            return "VARCHAR";
        case WireType::kBit:
            return "BIT";
        case WireType::kTimestamp2:
            return "TIMESTAMP";
        case WireType::kDateTime2:
            return "DATETIME";
        case WireType::kTime2:
            return "TIME";
        case WireType::kTypedArray:
            return "TYPED_ARRAY";
        case WireType::kBlobCompressed:
            return "BLOB COMPRESSED";
        case WireType::kVarcharCompressed:
            return "VARCHAR COMPRESSED";
        case WireType::kVector:
            return "VECTOR";
        case WireType::kJson:
            return "JSON";
        case WireType::kNewDecimal:
            return "NEWDECIMAL";
        case WireType::kEnum:
            return "ENUM";
        case WireType::kSet:
            return "SET";
        case WireType::kBlob:
            return "BLOB";
        case WireType::kVarString:
            return "VAR_STRING";
        case WireType::kString:
            return "STRING";
        case WireType::kGeometry:
            return "GEOMETRY";
    }
    return "type " + std::to_string(static_cast<unsigned>(type));
}

TableMap decode_table_map(const EventView& event, const FormatDescription& format) {
    return decode_body(event, [&](ByteReader& reader) {
        TableMap map;
        const std::size_t post_header = format.post_header_size(event.header.type);
        if (post_header != kShortPostHeader && post_header < kPostHeader) {
            throw_malformed(event, reader,
                            "post-header of " + std::to_string(post_header) +
                                " bytes in the format description");
        }
        map.table_id = post_header == kShortPostHeader ? reader.u32() : reader.u48();
        map.flags = reader.u16();
        if (post_header > kPostHeader) {
            reader.skip(post_header - kPostHeader);
        }
        map.database = std::string(reader.bytes(reader.u8()));
        expect_nul(event, reader, "database");
        map.table = std::string(reader.lenenc_bytes());
        expect_nul(event, reader, "table");
        const std::uint64_t column_count = reader.lenenc();
        if (column_count > kMaxColumns || column_count > reader.left()) {
            throw_malformed(event, reader, std::to_string(column_count) + " columns");
        }
        const ByteView types = reader.bytes(column_count);
        const ByteView metadata = reader.lenenc_bytes();
        map.columns.resize(column_count);
        read_column_formats(types, metadata, map);
        const ByteView nullable = reader.bytes((column_count + 7) / 8);
        for (std::size_t i = 0; i < column_count; ++i) {
            map.columns[i].nullable =
                (static_cast<unsigned char>(nullable[i / 8]) >> (i % 8) & 1U) != 0;
        }
        read_optional_metadata(reader.rest(), format.mariadb(), map);
        return map;
    });
}

}  // namespace afterimage::replication

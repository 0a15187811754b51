// SPDX-License-Identifier: Apache-2.0
#include "replication/event/rows.h"

#include <bit>

#include "replication/event/mariadb_compression.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;

constexpr std::uint64_t kMaxColumns = 4096;
constexpr std::size_t kShortPostHeader = 6;
constexpr std::size_t kPostHeader = 8;

struct RowsShape {
    RowsKind kind;
    unsigned version;
    bool compressed;
};

std::optional<RowsShape> shape_of(EventType type) {
    switch (type) {
        case EventType::kWriteRowsV1:
            return RowsShape{RowsKind::kWrite, 1, false};
        case EventType::kUpdateRowsV1:
            return RowsShape{RowsKind::kUpdate, 1, false};
        case EventType::kDeleteRowsV1:
            return RowsShape{RowsKind::kDelete, 1, false};
        case EventType::kWriteRowsV2:
            return RowsShape{RowsKind::kWrite, 2, false};
        case EventType::kUpdateRowsV2:
            return RowsShape{RowsKind::kUpdate, 2, false};
        case EventType::kDeleteRowsV2:
            return RowsShape{RowsKind::kDelete, 2, false};
        case EventType::kPartialUpdateRows:
            return RowsShape{RowsKind::kPartialUpdate, 2, false};
        case EventType::kWriteRowsCompressedV1:
            return RowsShape{RowsKind::kWrite, 1, true};
        case EventType::kUpdateRowsCompressedV1:
            return RowsShape{RowsKind::kUpdate, 1, true};
        case EventType::kDeleteRowsCompressedV1:
            return RowsShape{RowsKind::kDelete, 1, true};
        case EventType::kWriteRowsCompressedV2:
            return RowsShape{RowsKind::kWrite, 2, true};
        case EventType::kUpdateRowsCompressedV2:
            return RowsShape{RowsKind::kUpdate, 2, true};
        case EventType::kDeleteRowsCompressedV2:
            return RowsShape{RowsKind::kDelete, 2, true};
        default:
            return std::nullopt;
    }
}

// Extra row data of v2: a type byte, then NDB's block (u8 length) or partition numbers.
void read_extra(const EventView& event, ByteReader& reader, RowsEventView& rows) {
    constexpr std::uint8_t kNdb = 0;
    constexpr std::uint8_t kPartition = 1;
    const std::uint16_t size = reader.u16();
    if (size < 2) {
        throw_malformed(event, reader, "extra row data of " + std::to_string(size) + " bytes");
    }
    ByteReader extra(reader.bytes(size - 2U));
    while (!extra.at_end()) {
        const std::uint8_t type = extra.u8();
        if (type == kNdb) {
            // u8 length of the block, itself and the format byte behind it included.
            const std::uint8_t block = extra.u8();
            extra.skip(block < 2 ? 0 : block - 1U);
        } else if (type == kPartition) {
            rows.partition = extra.u16();
            if (rows.kind == RowsKind::kUpdate || rows.kind == RowsKind::kPartialUpdate) {
                rows.source_partition = extra.u16();
            }
        } else {
            return;  // unknown types have no length; nothing behind them matters to a replica
        }
    }
}

void read_bitmaps(ByteReader& reader, RowsEventView& rows) {
    const std::size_t size = (rows.column_count + 7) / 8;
    if (rows.kind != RowsKind::kWrite) {
        rows.before_columns = ColumnBitmap(reader.bytes(size), rows.column_count);
    }
    if (rows.kind != RowsKind::kDelete) {
        rows.after_columns = ColumnBitmap(reader.bytes(size), rows.column_count);
    }
}

}  // namespace

ColumnBitmap::ColumnBitmap(ByteView bits, std::size_t column_count)
    : bits_(bits), column_count_(column_count) {
    for (std::size_t i = 0; i < column_count; ++i) {
        present_count_ += test(i) ? 1U : 0U;
    }
}

bool is_rows_event(EventType type) noexcept { return shape_of(type).has_value(); }

RowsEventView decode_rows_event(const EventView& event, const FormatDescription& format,
                                std::uint64_t max_bytes) {
    return decode_body(event, [&](ByteReader& reader) {
        const auto shape = shape_of(event.header.type);
        if (!shape) {
            throw_malformed(event, reader, "not a rows event");
        }
        RowsEventView rows;
        rows.header = event.header;
        rows.kind = shape->kind;
        const std::size_t post_header = format.post_header_size(event.header.type);
        const std::size_t least = kPostHeader + (shape->version == 2 ? 2 : 0);
        if (post_header < least && !(shape->version == 1 && post_header == kShortPostHeader)) {
            throw_malformed(event, reader,
                            "post-header of " + std::to_string(post_header) +
                                " bytes in the format description");
        }
        rows.table_id = post_header == kShortPostHeader ? reader.u32() : reader.u48();
        rows.flags = reader.u16();
        if (shape->version == 2) {
            read_extra(event, reader, rows);
        }
        rows.column_count = static_cast<std::size_t>(reader.lenenc());
        if (rows.column_count > kMaxColumns) {
            throw_malformed(event, reader, std::to_string(rows.column_count) + " columns");
        }
        read_bitmaps(reader, rows);
        rows.rows = reader.rest();
        if (shape->compressed && !rows.rows.empty()) {
            rows.inflated =
                std::make_shared<const storage::Bytes>(inflate_event_part(rows.rows, max_bytes));
            rows.rows = *rows.inflated;
        }
        return rows;
    });
}

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
#include "replication/event/load_data.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;

constexpr std::size_t kPostHeaderSize = 13 + 13;

}  // namespace

LoadBlockView decode_load_block(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        LoadBlockView result;
        result.file_id = reader.u32();
        result.first = event.header.type == EventType::kBeginLoadQuery;
        result.data = reader.rest();
        return result;
    });
}

std::uint32_t decode_delete_file(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) { return reader.u32(); });
}

ExecuteLoadQuery decode_execute_load_query(const EventView& event,
                                           const FormatDescription& format) {
    return decode_body(event, [&](ByteReader& reader) {
        ExecuteLoadQuery result;
        const std::size_t post_header = format.post_header_size(event.header.type);
        if (post_header < kPostHeaderSize) {
            throw_malformed(event, reader,
                            "post-header of " + std::to_string(post_header) +
                                " bytes in the format description");
        }
        const QueryFrame frame = read_query_post_header(reader, result.query);
        result.file_id = reader.u32();
        result.name_begin = reader.u32();
        result.name_end = reader.u32();
        const std::uint8_t duplicates = reader.u8();
        if (duplicates > 2) {
            throw_malformed(event, reader,
                            "unknown handling of duplicates " + std::to_string(duplicates));
        }
        result.duplicates = static_cast<ExecuteLoadQuery::Duplicates>(duplicates);
        reader.skip(post_header - kPostHeaderSize);
        read_query_tail(event, reader, frame, format.mariadb(), result.query);
        result.query.sql = std::string(reader.rest());
        if (result.name_begin > result.name_end || result.name_end > result.query.sql.size()) {
            throw_malformed(event, reader, "file name outside the statement");
        }
        return result;
    });
}

}  // namespace afterimage::replication

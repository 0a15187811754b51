// SPDX-License-Identifier: Apache-2.0
// LOAD DATA under statement format: BEGIN_LOAD_QUERY (17) and APPEND_BLOCK (9) carry the file in
// blocks, EXECUTE_LOAD_QUERY (18) runs the statement with it, DELETE_FILE (11) drops it.
//
// Pure, thread-safe; throws EventError. Layouts: surface 2.4.
#pragma once

#include "replication/event/query.h"

namespace afterimage::replication {

/// A block of a file; lives as long as the event.
struct LoadBlockView {
    std::uint32_t file_id = 0;
    bool first = false;  ///< BEGIN_LOAD_QUERY: forget an older file of this id
    storage::ByteView data;
};
[[nodiscard]] LoadBlockView decode_load_block(const EventView& event);

/// The file id of DELETE_FILE.
[[nodiscard]] std::uint32_t decode_delete_file(const EventView& event);

struct ExecuteLoadQuery {
    enum class Duplicates : std::uint8_t { kError = 0, kIgnore = 1, kReplace = 2 };
    QueryEvent query;
    std::uint32_t file_id = 0;
    /// The file name stands at [name_begin, name_end) of query.sql, quotes included.
    std::uint32_t name_begin = 0;
    std::uint32_t name_end = 0;
    Duplicates duplicates = Duplicates::kError;
};
[[nodiscard]] ExecuteLoadQuery decode_execute_load_query(const EventView& event,
                                                         const FormatDescription& format);

}  // namespace afterimage::replication

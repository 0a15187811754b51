// SPDX-License-Identifier: Apache-2.0
// PARTIAL_ROW_DATA (172, MariaDB 12.3): one piece of a rows event that is too large for a packet.
//
// Layout: u32 number of pieces, u32 number of this one from 1, u8 flags (1 = u64 size of the whole
// rows event follows), piece to the end. Source: MariaDB's replication protocol, "PARTIAL_ROW_DATA_
// EVENT".
#pragma once

#include <optional>

#include "replication/event/header.h"

namespace afterimage::replication {

/// Lives as long as the event.
struct RowDataPieceView {
    std::uint32_t piece_count = 0;
    std::uint32_t piece_number = 0;
    std::optional<std::uint64_t> whole_size_bytes;
    storage::ByteView data;
};
[[nodiscard]] RowDataPieceView decode_partial_row_data(const EventView& event);

}  // namespace afterimage::replication

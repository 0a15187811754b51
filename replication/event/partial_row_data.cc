// SPDX-License-Identifier: Apache-2.0
#include "replication/event/partial_row_data.h"

namespace afterimage::replication {

RowDataPieceView decode_partial_row_data(const EventView& event) {
    constexpr std::uint8_t kHasWholeSize = 1;
    return decode_body(event, [&](storage::ByteReader& reader) {
        RowDataPieceView result;
        result.piece_count = reader.u32();
        result.piece_number = reader.u32();
        if (result.piece_number == 0 || result.piece_number > result.piece_count) {
            throw_malformed(event, reader,
                            "piece " + std::to_string(result.piece_number) + " of " +
                                std::to_string(result.piece_count));
        }
        if ((reader.u8() & kHasWholeSize) != 0) {
            result.whole_size_bytes = reader.u64();
        }
        result.data = reader.rest();
        return result;
    });
}

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
#include "replication/event/statement_text.h"

namespace afterimage::replication {

std::string decode_statement_text(const EventView& event) {
    return decode_body(event, [&](storage::ByteReader& reader) {
        if (event.header.type == EventType::kRowsQuery) {
            reader.skip(1);
        }
        return std::string(reader.rest());
    });
}

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
#include "replication/event/incident.h"

namespace afterimage::replication {

IncidentEvent decode_incident(const EventView& event) {
    return decode_body(event, [&](storage::ByteReader& reader) {
        IncidentEvent result;
        result.kind = reader.u16();
        if (!reader.at_end()) {
            const std::uint8_t size = reader.u8();
            result.message = std::string(reader.bytes(size));
        }
        return result;
    });
}

}  // namespace afterimage::replication

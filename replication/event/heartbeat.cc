// SPDX-License-Identifier: Apache-2.0
#include "replication/event/heartbeat.h"

namespace afterimage::replication {

HeartbeatEvent decode_heartbeat(const EventView& event) {
    return decode_body(event, [&](storage::ByteReader& reader) {
        HeartbeatEvent result;
        if (event.header.type == EventType::kHeartbeat) {
            result.file = std::string(reader.rest());
            result.position = event.header.next_position;
            return result;
        }
        while (!reader.at_end()) {
            const std::uint64_t type = reader.lenenc();
            if (type == 0) {
                break;
            }
            storage::ByteReader value(reader.lenenc_bytes());
            if (type == 1) {
                result.file = std::string(value.rest());
            } else if (type == 2) {
                result.position = value.lenenc();
            }
        }
        return result;
    });
}

}  // namespace afterimage::replication

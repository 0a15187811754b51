// SPDX-License-Identifier: Apache-2.0
// HEARTBEAT (27) and HEARTBEAT_V2 (41): the source is alive, and this is its end of the log.
//
// Layout: 27: file name to the end, the position is the header's next_position. 41: TLVs (lenenc
// type, lenenc length): 1 file name, 2 position as lenenc, 0 end.
#pragma once

#include <string>

#include "replication/event/header.h"

namespace afterimage::replication {

struct HeartbeatEvent {
    std::string file;
    std::uint64_t position = 0;
};
[[nodiscard]] HeartbeatEvent decode_heartbeat(const EventView& event);

}  // namespace afterimage::replication

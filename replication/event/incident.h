// SPDX-License-Identifier: Apache-2.0
// INCIDENT (26): the source lost changes; nothing behind it can be trusted to be complete.
//
// Layout: u16 kind (1 = lost events), u8 length, message.
#pragma once

#include <string>

#include "replication/event/header.h"

namespace afterimage::replication {

struct IncidentEvent {
    std::uint16_t kind = 0;
    std::string message;
};
[[nodiscard]] IncidentEvent decode_incident(const EventView& event);

}  // namespace afterimage::replication

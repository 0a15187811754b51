// SPDX-License-Identifier: Apache-2.0
// ROTATE (4): the log goes on in another file. At the end of a file, and as an artificial event in
// front of every file that a dump sends. STOP (3) has no body: the source shut down cleanly.
//
// Layout: u64 position in the next file, its name to the end.
#pragma once

#include <string>

#include "replication/event/header.h"

namespace afterimage::replication {

struct RotateEvent {
    std::uint64_t position = 0;
    std::string next_file;
};
[[nodiscard]] RotateEvent decode_rotate(const EventView& event);

}  // namespace afterimage::replication

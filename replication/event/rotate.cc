// SPDX-License-Identifier: Apache-2.0
#include "replication/event/rotate.h"

namespace afterimage::replication {
namespace {

// FN_REFLEN of the servers: no path is longer.
constexpr std::size_t kMaxFileName = 512;

}  // namespace

RotateEvent decode_rotate(const EventView& event) {
    return decode_body(event, [&](storage::ByteReader& reader) {
        RotateEvent result;
        result.position = reader.u64();
        const storage::ByteView name = reader.rest();
        if (name.empty() || name.size() > kMaxFileName) {
            throw_malformed(event, reader,
                            "file name of " + std::to_string(name.size()) + " bytes");
        }
        result.next_file = std::string(name);
        return result;
    });
}

}  // namespace afterimage::replication

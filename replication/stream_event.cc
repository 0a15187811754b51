// SPDX-License-Identifier: Apache-2.0
#include "replication/stream_event.h"

#include <utility>

#include "replication/event/rotate.h"

namespace afterimage::replication {
namespace {

// Events that are made for the stream and take no place in the file. The servers flag them as
// artificial, or send next_position 0: a FORMAT_DESCRIPTION in front of a start in the middle of a
// file, MariaDB's GTID_LIST there.
bool is_outside_file(const EventHeader& header) {
    if (header.has(event_flag::kArtificial) || header.type == EventType::kHeartbeat ||
        header.type == EventType::kHeartbeatV2) {
        return true;
    }
    return header.next_position == 0 &&
           (header.type == EventType::kFormatDescription || header.type == EventType::kRotate ||
            header.type == EventType::kMariadbGtidList ||
            header.type == EventType::kStartEncryption);
}

}  // namespace

EventFramer::EventFramer(BinlogPosition start, ChecksumAlgorithm checksum)
    : file_(std::make_shared<const std::string>(std::move(start.file))),
      position_(start.position),
      checksum_(checksum) {}

// The header has the low 32 bits of the end position: files above 4 GiB wrap, and MariaDB 11.4
// writes 0 inside a transaction.
void EventFramer::locate(StreamEvent& event) const {
    if (is_outside_file(event.header)) {
        event.begin = event.end = position_;
        return;
    }
    const std::uint64_t expected = position_ + event.header.size_bytes;
    const std::uint32_t low = event.header.next_position;
    if (low == 0 || static_cast<std::uint32_t>(expected) == low) {
        event.end = expected;
    } else {
        constexpr std::uint64_t kWrap = 1ULL << 32U;
        event.end = (expected & ~(kWrap - 1)) | low;
        if (event.end + kWrap / 2 < expected) {
            event.end += kWrap;
        }
    }
    event.begin = event.end < event.header.size_bytes ? 0 : event.end - event.header.size_bytes;
}

StreamEvent EventFramer::frame(storage::Bytes bytes) {
    StreamEvent event;
    const EventView view = decode_frame(bytes, checksum_);
    event.header = view.header;
    event.body_size_bytes = view.body.size();
    if (event.header.type == EventType::kFormatDescription) {
        format_ = std::make_shared<const FormatDescription>(decode_format_description(view));
        checksum_ = format_->checksum;
    }
    event.file = file_;
    event.format = format_;
    locate(event);
    position_ = event.end;
    if (event.header.type == EventType::kRotate) {
        RotateEvent rotate = decode_rotate(view);
        file_ = std::make_shared<const std::string>(std::move(rotate.next_file));
        position_ = rotate.position;
    }
    event.bytes = std::move(bytes);
    return event;
}

}  // namespace afterimage::replication

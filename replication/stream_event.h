// SPDX-License-Identifier: Apache-2.0
// An event with its place in the log, as packet_stream and binlog_file hand it on, and the framer
// that makes it from raw bytes.
//
// StreamEvent owns its bytes and may go to another thread; views taken from it live as long as it.
// EventFramer is not thread-safe. It follows file name, 64-bit position, format description and
// checksum algorithm over a sequence of events, and throws EventError.
#pragma once

#include <memory>
#include <string>

#include "replication/event/format_description.h"

namespace afterimage::replication {

struct BinlogPosition {
    std::string file;
    std::uint64_t position = 0;

    [[nodiscard]] std::string text() const { return file + ":" + std::to_string(position); }
    bool operator==(const BinlogPosition&) const = default;
};

struct StreamEvent {
    EventHeader header;
    storage::Bytes bytes;  ///< the whole event as it came
    std::size_t body_size_bytes = 0;
    std::shared_ptr<const FormatDescription> format;  ///< null before the first one
    std::shared_ptr<const std::string> file;
    /// Where the event stands in `file`; an event that is not in the file (artificial, heartbeat)
    /// has both at the place where the log goes on.
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    [[nodiscard]] EventView view() const noexcept {
        return {header, storage::ByteView(bytes).substr(EventHeader::kSize, body_size_bytes)};
    }
    [[nodiscard]] BinlogPosition begin_position() const { return {*file, begin}; }
    [[nodiscard]] BinlogPosition end_position() const { return {*file, end}; }
};

class EventFramer {
  public:
    /// `checksum` holds until the first FORMAT_DESCRIPTION: what was agreed with the source.
    EventFramer(BinlogPosition start, ChecksumAlgorithm checksum);

    /// Verifies, locates, and takes over what a FORMAT_DESCRIPTION or ROTATE says.
    [[nodiscard]] StreamEvent frame(storage::Bytes bytes);

    /// Where the next event is expected.
    [[nodiscard]] BinlogPosition position() const { return {*file_, position_}; }
    void set_position(std::uint64_t position) noexcept { position_ = position; }
    [[nodiscard]] const std::shared_ptr<const FormatDescription>& format() const noexcept {
        return format_;
    }

  private:
    void locate(StreamEvent& event) const;

    std::shared_ptr<const std::string> file_;
    std::uint64_t position_;
    ChecksumAlgorithm checksum_;
    std::shared_ptr<const FormatDescription> format_;
};

}  // namespace afterimage::replication

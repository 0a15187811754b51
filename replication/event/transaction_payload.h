// SPDX-License-Identifier: Apache-2.0
// TRANSACTION_PAYLOAD (40): MySQL's compressed transaction, read as a stream of events.
//
// The payload is inflated piece by piece; memory is one inner event, never the whole transaction,
// and the sizes in the event are not trusted. Inner events have no checksum. Not thread-safe; the
// outer event's bytes must outlive the reader. Throws EventError.
//
// Layout: TLVs (lenenc type, lenenc length, value): 1 payload size, 2 algorithm (0 zstd, 255 none),
// 3 uncompressed size; type 0 ends them without a length; then the payload.
#pragma once

#include <memory>
#include <optional>

#include "replication/event/header.h"

namespace afterimage::replication {

class PayloadReader {
  public:
    /// No inner event may be larger than `max_event_bytes`.
    PayloadReader(const EventView& outer, std::uint64_t max_event_bytes);
    ~PayloadReader();
    PayloadReader(const PayloadReader&) = delete;
    PayloadReader& operator=(const PayloadReader&) = delete;

    /// The next inner event, valid until the next call; empty at the end of the payload.
    [[nodiscard]] std::optional<EventView> next();

    /// What the event says, for statistics alone.
    [[nodiscard]] std::uint64_t announced_size_bytes() const noexcept { return announced_size_; }

  private:
    class Inflater;
    bool fill(std::size_t size_bytes);
    [[noreturn]] void fail(const std::string& reason) const;

    EventHeader outer_;
    std::uint64_t max_event_bytes_;
    std::uint64_t announced_size_ = 0;
    storage::ByteView plain_;  // the rest of an uncompressed payload
    std::unique_ptr<Inflater> inflater_;
    storage::Bytes buffer_;
};

}  // namespace afterimage::replication

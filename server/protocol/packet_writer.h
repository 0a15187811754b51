// SPDX-License-Identifier: Apache-2.0
// Frames what the server sends: payloads in, packets out, one behind the other in one buffer.
//
// Not thread-safe. Between begin() and end() the payload is appended to payload(); end() writes the
// header and splits payloads of 16 MiB and more. Layout: packet_reader.h.
#pragma once

#include <cstdint>

#include "storage/bytes/byte_view.h"

namespace afterimage::server {

class PacketWriter {
  public:
    void begin();
    [[nodiscard]] storage::Bytes& payload() noexcept { return buffer_; }
    void end();
    /// Forgets the packet that was begun.
    void cancel();
    void write(storage::ByteView payload);

    [[nodiscard]] std::uint8_t sequence() const noexcept { return sequence_; }
    void set_sequence(std::uint8_t sequence) noexcept { sequence_ = sequence; }
    [[nodiscard]] std::size_t size_bytes() const noexcept { return buffer_.size(); }
    /// All packets written so far; the buffer's memory is handed over with them.
    [[nodiscard]] storage::Bytes take();

  private:
    storage::Bytes buffer_;
    std::size_t start_ = 0;  ///< of the open packet's header
    std::uint8_t sequence_ = 0;
};

}  // namespace afterimage::server

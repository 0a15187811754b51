// SPDX-License-Identifier: Apache-2.0
// One connection's byte stream in layers: socket bytes ⇄ TLS ⇄ compression ⇄ packets. No I/O.
//
// Used by one thread at a time. Memory: the packet being read (max_allowed_packet), what waits to
// be written (the caller drains it), 16 MiB of compression scratch while a packet unpacks. Throws
// ProtocolError.
//
// Comes from: connection. Goes to: conversation.
#pragma once

#include <memory>
#include <optional>

#include "server/protocol/compression.h"
#include "server/protocol/packet_reader.h"
#include "server/protocol/packet_writer.h"

namespace afterimage::server {

class TlsCodec;
class TlsContext;

class Wire {
  public:
    explicit Wire(std::uint64_t max_packet_bytes);
    ~Wire();

    void receive(storage::ByteView raw);
    [[nodiscard]] bool packet_ready() { return reader_.ready(); }
    /// Answers go on from the packet that was refused.
    void answer_refused() {
        writer_.set_sequence(static_cast<std::uint8_t>(reader_.last_sequence() + 1));
    }
    /// The next packet; answers go on from its sequence id. `first` = it begins a command, so that
    /// its sequence id is 0; else it continues the exchange.
    [[nodiscard]] std::optional<Packet> next_packet(bool first);
    [[nodiscard]] PacketWriter& out() noexcept { return writer_; }
    /// Socket bytes of everything written since; empty if nothing was.
    [[nodiscard]] storage::Bytes take_output();

    void set_packet_limit(std::uint64_t bytes) noexcept { reader_.set_limit(bytes); }
    /// After an SSLRequest: everything that follows it is TLS.
    void start_tls(const TlsContext& context);
    /// What was written before goes out uncompressed.
    void start_compression(CompressionKind kind, int level);
    [[nodiscard]] const TlsCodec* tls() const noexcept { return tls_.get(); }
    [[nodiscard]] bool compressed() const noexcept { return compression_.has_value(); }
    /// A packet has begun to arrive.
    [[nodiscard]] bool mid_packet() const noexcept { return reader_.buffered_bytes() > 0; }
    void shrink() { reader_.shrink(); }
    [[nodiscard]] std::uint64_t bytes_received() const noexcept { return bytes_received_; }
    [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }

  private:
    void unpack(storage::ByteView plain);

    PacketReader reader_;
    PacketWriter writer_;
    std::unique_ptr<TlsCodec> tls_;
    std::optional<CompressionCodec> compression_;
    storage::Bytes uncompressed_;  ///< packets written before compression began
    std::uint64_t bytes_received_ = 0;
    std::uint64_t bytes_sent_ = 0;
};

}  // namespace afterimage::server

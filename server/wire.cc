// SPDX-License-Identifier: Apache-2.0
#include "server/wire.h"

#include <utility>

#include "server/tls.h"

namespace afterimage::server {

Wire::Wire(std::uint64_t max_packet_bytes) : reader_(max_packet_bytes) {}
Wire::~Wire() = default;

void Wire::receive(storage::ByteView raw) {
    bytes_received_ += raw.size();
    if (!tls_) {
        unpack(raw);
        return;
    }
    storage::Bytes plain;
    tls_->receive(raw, plain);
    unpack(plain);
}

void Wire::unpack(storage::ByteView plain) {
    if (!compression_) {
        reader_.feed(plain);
        return;
    }
    storage::Bytes packets;
    compression_->unpack(plain, packets);
    reader_.feed(packets);
}

std::optional<Packet> Wire::next_packet(bool first) {
    // Under compression the outer sequence ids count; clients number the inner ones as they like.
    std::optional<std::uint8_t> expected;
    if (!compression_) {
        expected = first ? std::uint8_t{0} : writer_.sequence();
    }
    std::optional<Packet> packet = reader_.next(expected);
    if (packet) {
        writer_.set_sequence(static_cast<std::uint8_t>(packet->sequence + 1));
        if (compression_) {
            compression_->begin_answer();
        }
    }
    return packet;
}

storage::Bytes Wire::take_output() {
    storage::Bytes out = writer_.take();
    if (compression_ && !out.empty()) {
        storage::Bytes packed;
        compression_->pack(out, packed);
        out = std::move(packed);
    }
    if (!uncompressed_.empty()) {
        out.insert(0, std::exchange(uncompressed_, {}));
    }
    if (tls_) {
        tls_->send(out);
        out = tls_->take_output();
    }
    bytes_sent_ += out.size();
    return out;
}

void Wire::start_tls(const TlsContext& context) {
    const storage::Bytes rest = reader_.take_unread();
    tls_ = std::make_unique<TlsCodec>(context);
    storage::Bytes plain;
    tls_->receive(rest, plain);
    unpack(plain);
}

void Wire::start_compression(CompressionKind kind, int level) {
    const storage::Bytes rest = reader_.take_unread();
    uncompressed_ = writer_.take();
    compression_.emplace(kind, level);
    unpack(rest);
}

}  // namespace afterimage::server

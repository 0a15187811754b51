// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/packet_reader.h"

#include <utility>

#include "server/protocol_error.h"

namespace afterimage::server {

namespace {
/// Buffers above this are given back between commands; most commands fit in it.
constexpr std::size_t kKeptBufferBytes = 16 * 1024;
}  // namespace

void PacketReader::feed(storage::ByteView bytes) {
    if (at_ == unread_.size()) {
        unread_.clear();
        at_ = 0;
    } else if (at_ > kKeptBufferBytes) {
        unread_.erase(0, at_);
        at_ = 0;
    }
    unread_.append(bytes);
}

bool PacketReader::ready() {
    while (!complete_ && unread_.size() - at_ >= kPacketHeaderBytes) {
        const char* header = unread_.data() + at_;
        const std::size_t length = storage::load_le<std::uint32_t>(header) & 0xffffffU;
        const auto sequence = static_cast<std::uint8_t>(header[3]);
        const auto in_order = static_cast<std::uint8_t>(last_sequence_ + 1);
        if (payload_.size() + length > limit_) {
            last_sequence_ = sequence;
            throw ProtocolError::packet_too_large();
        }
        if (in_packet_ && sequence != in_order) {
            last_sequence_ = sequence;
            throw ProtocolError::out_of_order();
        }
        if (unread_.size() - at_ - kPacketHeaderBytes < length) {
            return false;
        }
        if (!in_packet_) {
            first_sequence_ = sequence;
            in_packet_ = true;
        }
        last_sequence_ = sequence;
        payload_.append(unread_, at_ + kPacketHeaderBytes, length);
        at_ += kPacketHeaderBytes + length;
        complete_ = length < kMaxFragmentBytes;
    }
    return complete_;
}

std::optional<Packet> PacketReader::next(std::optional<std::uint8_t> expected_sequence) {
    if (!ready()) {
        return std::nullopt;
    }
    // The ids are compared here, where it is known whether a command begins or an exchange goes on.
    if (expected_sequence && first_sequence_ != *expected_sequence) {
        throw ProtocolError::out_of_order();
    }
    Packet packet{std::exchange(payload_, {}), last_sequence_};
    complete_ = false;
    in_packet_ = false;
    return packet;
}

storage::Bytes PacketReader::take_unread() {
    storage::Bytes rest = unread_.substr(at_);
    unread_.clear();
    at_ = 0;
    return rest;
}

void PacketReader::shrink() {
    if (at_ == unread_.size() && unread_.capacity() > kKeptBufferBytes) {
        unread_ = {};
        at_ = 0;
    }
}

}  // namespace afterimage::server

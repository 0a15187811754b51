// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/packet_writer.h"

#include <utility>

#include "server/protocol/packet_reader.h"

namespace afterimage::server {

namespace {

void store_header(char* at, std::size_t length, std::uint8_t sequence) {
    storage::store_le(at, static_cast<std::uint32_t>(length) | static_cast<std::uint32_t>(sequence)
                                                                   << 24U);
}

}  // namespace

void PacketWriter::begin() {
    start_ = buffer_.size();
    buffer_.append(kPacketHeaderBytes, '\0');
}

void PacketWriter::end() {
    std::size_t left = buffer_.size() - start_ - kPacketHeaderBytes;
    // A payload of exactly 16 MiB - 1 is followed by an empty packet, so that the reader knows its
    // end. Inserting headers moves the rest of the buffer; it happens once per 16 MiB.
    while (left >= kMaxFragmentBytes) {
        store_header(buffer_.data() + start_, kMaxFragmentBytes, sequence_++);
        start_ += kPacketHeaderBytes + kMaxFragmentBytes;
        buffer_.insert(start_, kPacketHeaderBytes, '\0');
        left -= kMaxFragmentBytes;
    }
    store_header(buffer_.data() + start_, left, sequence_++);
    start_ = buffer_.size();
}

void PacketWriter::cancel() { buffer_.resize(start_); }

void PacketWriter::write(storage::ByteView payload) {
    begin();
    buffer_.append(payload);
    end();
}

storage::Bytes PacketWriter::take() {
    start_ = 0;
    return std::exchange(buffer_, {});
}

}  // namespace afterimage::server

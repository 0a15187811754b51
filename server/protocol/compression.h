// SPDX-License-Identifier: Apache-2.0
// The compressed protocol: packets wrapped into compressed packets, zlib or zstd.
//
// Not thread-safe. Memory: one compressed packet (16 MiB) plus what it unpacks to (16 MiB). Throws
// ProtocolError 1157 for bytes that do not unpack to the length announced.
//
//   OFFSET  SIZE  MEANING
//        0     3  length of the payload that follows
//        3     1  sequence id of its own
//        4     3  length when unpacked; 0 = the payload is not compressed
// Source: MySQL 8.0 source documentation, "Compression".
#pragma once

#include <cstdint>

#include "storage/bytes/byte_view.h"

namespace afterimage::server {

enum class CompressionKind : std::uint8_t { kZlib, kZstd };

class CompressionCodec {
  public:
    CompressionCodec(CompressionKind kind, int level) noexcept : kind_(kind), level_(level) {}

    /// Appends to `plain` whatever `wire` completes.
    void unpack(storage::ByteView wire, storage::Bytes& plain);
    /// Wraps all of `plain` and appends it to `wire`.
    void pack(storage::ByteView plain, storage::Bytes& wire);
    /// A new command begins: the answer's sequence starts behind the last packet received.
    void begin_answer() noexcept { sequence_ = static_cast<std::uint8_t>(received_ + 1); }

  private:
    void unpack_one(storage::ByteView payload, std::size_t plain_bytes, storage::Bytes& plain);
    void pack_one(storage::ByteView plain, storage::Bytes& wire);

    CompressionKind kind_;
    int level_;
    storage::Bytes unread_;
    std::uint8_t received_ = 0;
    std::uint8_t sequence_ = 0;
};

}  // namespace afterimage::server

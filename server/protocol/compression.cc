// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/compression.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include "server/protocol_error.h"

namespace afterimage::server {

namespace {

constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kMaxPayloadBytes = 0xffffff;
/// MySQL's MIN_COMPRESS_LENGTH: below it compression costs more than it saves.
constexpr std::size_t kMinCompressBytes = 50;
/// Pieces that are compressed at once; bounds the scratch memory of a large answer.
constexpr std::size_t kPieceBytes = 1U << 20U;

std::size_t load_u24(const char* at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(at[0])) |
           static_cast<std::size_t>(static_cast<unsigned char>(at[1])) << 8U |
           static_cast<std::size_t>(static_cast<unsigned char>(at[2])) << 16U;
}

void store_u24(char* at, std::size_t value) {
    at[0] = static_cast<char>(value & 0xffU);
    at[1] = static_cast<char>(value >> 8U & 0xffU);
    at[2] = static_cast<char>(value >> 16U & 0xffU);
}

}  // namespace

void CompressionCodec::unpack(storage::ByteView wire, storage::Bytes& plain) {
    unread_.append(wire);
    std::size_t at = 0;
    while (unread_.size() - at >= kHeaderBytes) {
        const char* header = unread_.data() + at;
        const std::size_t payload_bytes = load_u24(header);
        if (unread_.size() - at - kHeaderBytes < payload_bytes) {
            break;
        }
        received_ = static_cast<std::uint8_t>(header[3]);
        unpack_one(storage::ByteView(header + kHeaderBytes, payload_bytes), load_u24(header + 4),
                   plain);
        at += kHeaderBytes + payload_bytes;
    }
    unread_.erase(0, at);
}

void CompressionCodec::unpack_one(storage::ByteView payload, std::size_t plain_bytes,
                                  storage::Bytes& plain) {
    if (plain_bytes == 0) {
        plain.append(payload);
        return;
    }
    const std::size_t start = plain.size();
    plain.resize(start + plain_bytes);
    bool good = false;
    if (kind_ == CompressionKind::kZlib) {
        uLongf length = plain_bytes;
        good =
            ::uncompress(reinterpret_cast<Bytef*>(plain.data() + start), &length,
                         reinterpret_cast<const Bytef*>(payload.data()), payload.size()) == Z_OK &&
            length == plain_bytes;
    } else {
        const std::size_t length =
            ZSTD_decompress(plain.data() + start, plain_bytes, payload.data(), payload.size());
        good = ZSTD_isError(length) == 0 && length == plain_bytes;
    }
    if (!good) {
        throw ProtocolError::bad_compression();
    }
}

void CompressionCodec::pack(storage::ByteView plain, storage::Bytes& wire) {
    while (!plain.empty()) {
        const std::size_t piece = std::min(plain.size(), kPieceBytes);
        pack_one(plain.substr(0, piece), wire);
        plain.remove_prefix(piece);
    }
}

void CompressionCodec::pack_one(storage::ByteView plain, storage::Bytes& wire) {
    const std::size_t start = wire.size();
    std::size_t packed = 0;
    if (plain.size() >= kMinCompressBytes) {
        if (kind_ == CompressionKind::kZlib) {
            uLongf length = ::compressBound(plain.size());
            wire.resize(start + kHeaderBytes + length);
            if (::compress2(reinterpret_cast<Bytef*>(wire.data() + start + kHeaderBytes), &length,
                            reinterpret_cast<const Bytef*>(plain.data()), plain.size(),
                            level_) == Z_OK) {
                packed = length;
            }
        } else {
            const std::size_t bound = ZSTD_compressBound(plain.size());
            wire.resize(start + kHeaderBytes + bound);
            const std::size_t length = ZSTD_compress(wire.data() + start + kHeaderBytes, bound,
                                                     plain.data(), plain.size(), level_);
            packed = ZSTD_isError(length) != 0 ? 0 : length;
        }
    }
    const bool stored = packed == 0 || packed >= plain.size() || packed > kMaxPayloadBytes;
    wire.resize(start + kHeaderBytes + (stored ? 0 : packed));
    if (stored) {
        wire.append(plain);
    }
    char* header = wire.data() + start;
    store_u24(header, stored ? plain.size() : packed);
    header[3] = static_cast<char>(sequence_++);
    store_u24(header + 4, stored ? 0 : plain.size());
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "storage/segment/node_compression.h"

#include <zstd.h>

#include <new>

namespace afterimage::storage {

namespace {

// What zstd may gain must pay for the read's work: below this nothing is tried.
constexpr std::size_t kSmallestBytes = 64;

}  // namespace

NodeCompressor::NodeCompressor(int level)
    : level_(level), context_(level == 0 ? nullptr : ZSTD_createCCtx()) {
    if (level_ != 0 && context_ == nullptr) {
        throw std::bad_alloc();
    }
}

NodeCompressor::~NodeCompressor() { ZSTD_freeCCtx(context_); }

std::optional<ByteView> NodeCompressor::compress(ByteView bytes) {
    if (level_ == 0 || bytes.size() < kSmallestBytes) {
        return std::nullopt;
    }
    buffer_.resize(ZSTD_compressBound(bytes.size()));
    const std::size_t size = ZSTD_compressCCtx(context_, buffer_.data(), buffer_.size(),
                                               bytes.data(), bytes.size(), level_);
    if (ZSTD_isError(size) != 0 || size >= bytes.size()) {
        return std::nullopt;
    }
    return ByteView(buffer_).substr(0, size);
}

NodeDecompressor::~NodeDecompressor() {
    for (ZSTD_DCtx_s* context : free_) {
        ZSTD_freeDCtx(context);
    }
}

std::optional<Bytes> NodeDecompressor::decompress(ByteView bytes, std::size_t raw_size) const {
    ZSTD_DCtx_s* context = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (!free_.empty()) {
            context = free_.back();
            free_.pop_back();
        }
    }
    if (context == nullptr && (context = ZSTD_createDCtx()) == nullptr) {
        throw std::bad_alloc();
    }
    Bytes raw(raw_size, '\0');
    const std::size_t size =
        ZSTD_decompressDCtx(context, raw.data(), raw.size(), bytes.data(), bytes.size());
    {
        const std::lock_guard lock(mutex_);
        free_.push_back(context);
    }
    if (ZSTD_isError(size) != 0 || size != raw_size) {
        return std::nullopt;
    }
    return raw;
}

}  // namespace afterimage::storage

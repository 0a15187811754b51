// SPDX-License-Identifier: Apache-2.0
// zstd for single nodes, with contexts that are used again: making one costs more than a node.
//
// NodeCompressor: one thread at a time. NodeDecompressor: thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/bytes/byte_view.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace afterimage::storage {

class NodeCompressor {
  public:
    /// Level 0 never compresses.
    explicit NodeCompressor(int level);
    ~NodeCompressor();
    NodeCompressor(const NodeCompressor&) = delete;
    NodeCompressor& operator=(const NodeCompressor&) = delete;

    /// Empty when it would not be smaller. The view lives until the next call.
    [[nodiscard]] std::optional<ByteView> compress(ByteView bytes);

  private:
    const int level_;
    ZSTD_CCtx_s* context_;
    Bytes buffer_;
};

class NodeDecompressor {
  public:
    NodeDecompressor() = default;
    ~NodeDecompressor();
    NodeDecompressor(const NodeDecompressor&) = delete;
    NodeDecompressor& operator=(const NodeDecompressor&) = delete;

    /// Exactly `raw_size` bytes, or empty for damaged input. The caller has bounded raw_size.
    [[nodiscard]] std::optional<Bytes> decompress(ByteView bytes, std::size_t raw_size) const;

  private:
    mutable std::mutex mutex_;
    mutable std::vector<ZSTD_DCtx_s*> free_;  // guarded by mutex_; as many as threads at once
};

}  // namespace afterimage::storage

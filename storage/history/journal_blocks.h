// SPDX-License-Identifier: Apache-2.0
// Large cells, kept outside rows as content-addressed blocks in the journal. A value of up to 64
// KiB is one block; a larger one is a list block with the addresses of its 64 KiB pieces.
//
// Block record payload (kBlock):   20 bytes address, u8 0 = bytes, 1 = list of addresses, then the
// content; address = Hash of everything behind the address.
//
// Thread-safe. A value that was put is readable at once; it is pending until a commit takes it into
// its batch (take_pending), so that a row and the blocks it names become durable together. Aborted
// transactions leave blocks that nothing names.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "storage/journal/journal_writer.h"
#include "storage/row/row_codec.h"

namespace afterimage::storage {

class JournalBlocks final : public ValueBlocks {
  public:
    static constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;
    /// Above this `flush` is asked to write pending blocks in a batch of their own.
    static constexpr std::size_t kMaxPendingBytes = std::size_t{8} << 20U;

    /// `journal` is set once it is open; `flush` appends what take_pending gives.
    void attach(JournalWriter* journal, std::function<void()> flush);

    Hash put_value(ByteView bytes) override;
    [[nodiscard]] Bytes get_value(const Hash& address) const override;

    /// Payloads of pending blocks; they stay readable. Followed by note_stored with their
    /// locations, in the same order, or by restore_pending when the append failed.
    struct Pending {
        std::vector<Hash> addresses;
        std::vector<Bytes> payloads;
    };
    [[nodiscard]] Pending take_pending();
    void note_stored(const Pending& pending, const RecordLocation* locations);
    void restore_pending(const Pending& pending);

    /// Replay of a kBlock record.
    void add_stored(ByteView payload, const RecordLocation& location);
    [[nodiscard]] Bytes encode_file_entries(std::uint32_t file_number) const;
    void load_file_entries(ByteView bytes, std::uint32_t file_number);

  private:
    Hash put_block(std::uint8_t kind, ByteView content);
    [[nodiscard]] Bytes read_block(const Hash& address) const;  ///< kind byte and content

    mutable std::mutex mutex_;
    JournalWriter* journal_ = nullptr;
    std::function<void()> flush_;
    std::unordered_map<Hash, Bytes> pending_;  ///< until their location is known
    std::vector<Hash> untaken_;
    std::size_t pending_bytes_ = 0;
    std::unordered_map<Hash, RecordLocation> stored_;
};

}  // namespace afterimage::storage

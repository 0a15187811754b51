// SPDX-License-Identifier: Apache-2.0
// Reads one journal file from front to back: its whole batches, then what stands behind the last
// one. [journal.4] in docs/storage-format.md.
//
// Not thread-safe; the file outlives the reader. Throws StorageError(kIo); damage is a result here,
// recovery decides what it means.
#pragma once

#include <functional>

#include "storage/journal/record.h"
#include "storage/journal/recovery.h"
#include "storage/os/file.h"
#include "storage/os/file_window.h"

namespace afterimage::storage {

/// How far the whole batches of a file go.
struct FileScan {
    std::uint64_t end = 0;             ///< behind the last whole batch
    std::uint64_t next_sequence = 0;   ///< that the batch at `end` would have
    std::uint64_t durable_offset = 0;  ///< the highest that a whole batch holds
    bool ends_with_mark = false;       ///< the last batch is a mark
};

/// What stands behind the last whole batch.
struct TailScan {
    std::uint64_t durable_offset = 0;  ///< the highest found in headers of this salt
    std::uint64_t end = 0;  ///< behind the last byte that is not 0; at least FileScan::end
    std::uint64_t first_sequence = 0;  ///< lowest and highest sequence number of those headers
    std::uint64_t last_sequence = 0;
};

class JournalReader {
  public:
    JournalReader(const File& file, const JournalFileHeader& header)
        : window_(file), header_(header) {}

    /// Calls `visit` (may be empty) for every whole batch but marks, in order, until bytes that are
    /// not one.
    FileScan scan(const std::function<void(const BatchView&)>& visit);
    /// Looks at everything behind the batches that scan found.
    TailScan scan_tail(const FileScan& scan);

  private:
    /// The whole batch of this sequence number at `offset`, in `batch_`; false if there is none.
    bool read_batch(std::uint64_t offset, std::uint64_t sequence);
    [[nodiscard]] bool is_zero(std::uint64_t from, std::uint64_t to);

    FileWindow window_;
    const JournalFileHeader& header_;
    BatchView batch_;
    std::uint64_t batch_durable_offset_ = 0;
};

/// True for a batch that holds nothing but the journal's own mark.
[[nodiscard]] bool is_mark(const BatchView& batch) noexcept;

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// Opening a journal after whatever happened: replay of the whole batches, the tail cut behind the
// last of them.
//
// Damage below the highest offset that a later batch (or a later file) says was durable is
// corruption: StorageError(kCorruption) naming file and offset, nothing is changed on disk. Damage
// above it is the tail of an interrupted write: zeroed, and reported. What stands between that
// offset and the tail is written and synced once more, since the page cache may hold bytes that a
// failed sync never brought to disk. [journal.5] in docs/storage-format.md.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/journal/record.h"
#include "storage/os/file.h"

namespace afterimage::storage {

/// The opening of one journal file.
struct JournalFileHeader {
    std::uint32_t file_number = 0;
    std::uint64_t salt = 0;
    std::uint64_t first_sequence = 0;  ///< of the first batch in this file
    std::uint64_t previous_end = 0;    ///< offset at which the file before this one ends
    std::int64_t created_us = 0;       ///< system time, for people
    std::uint64_t data_start = 0;      ///< offset of the first batch
    Bytes checkpoint;                  ///< what JournalHooks::checkpoint gave: the state before
                                       ///< first_sequence
};

/// Sees the journal in order while it is opened. What it throws ends the opening.
class ReplayVisitor {
  public:
    virtual ~ReplayVisitor() = default;
    /// Called for every live file, oldest first, before its batches. `index` is what
    /// write_file_index stored for it, if whole (never for the newest file). True: the file's
    /// batches are wanted. A file not wanted is not read (its header is). The newest file is always
    /// scanned and its batches always visited, whatever is returned.
    virtual bool on_file(const JournalFileHeader& header, const std::optional<Bytes>& index) = 0;
    /// Marks are left out.
    virtual void on_batch(const BatchView& batch) = 0;
};

struct RecoveryReport {
    bool created = false;             ///< there was no journal
    std::uint64_t last_sequence = 0;  ///< of the last whole batch; 0 = none
    JournalOffset end;                ///< behind it
    bool clean = false;               ///< the last batch was a mark and nothing was cut
    std::uint64_t cut_bytes = 0;      ///< what was zeroed, up to the last byte that was not 0
    /// Lowest and highest number of the batches whose openings were found in the cut tail; 0 =
    /// none.
    std::uint64_t cut_first_sequence = 0;
    std::uint64_t cut_last_sequence = 0;
    std::uint32_t scanned_file_count = 0;

    /// One line for the log.
    [[nodiscard]] std::string text() const;
};

/// One file of an open journal.
struct JournalFile {
    JournalFileHeader header;  ///< without the checkpoint
    std::unique_ptr<File> file;
    std::uint64_t end = 0;  ///< behind its last batch, once it is complete
};

struct RecoveredJournal {
    std::vector<JournalFile> files;  ///< oldest first; empty: there is no journal yet
    std::uint64_t last_sequence = 0;
    std::uint64_t end = 0;        ///< behind the last batch, in the newest file
    bool ends_with_mark = false;  ///< nothing is known less durable than written
    RecoveryReport report;
};

/// Replays `folder` (the folder journal/ itself, whose lock the caller holds) into `visitor`, cuts
/// the tail, removes leftovers. See above for what it throws.
[[nodiscard]] RecoveredJournal recover_journal(Directory& folder, ReplayVisitor& visitor);

}  // namespace afterimage::storage

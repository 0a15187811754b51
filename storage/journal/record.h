// SPDX-License-Identifier: Apache-2.0
// What goes into the journal and where it stands there. Payloads are opaque at this level: the
// kinds are listed here so that no two folders take the same number.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

/// On disk; never change or reuse a number. Journals pass unknown kinds on, replay refuses them.
enum class RecordKind : std::uint8_t {
    kCommit = 1,             ///< a commit and its change set
    kTransactionRecord = 2,  ///< one source transaction
    kWorkingChangeSet = 3,   ///< a SQL COMMIT: edits of a branch's working or staged state
    kRefs = 4,               ///< branches, tags, remotes, positions
    kPreparedXa = 5,         ///< prepared XA transactions and temporary tables
    kAutoIncrement = 6,
    kSegmentSwitch = 7,  ///< a new manifest generation
    kKeyframe = 8,
    kBlock = 9,  ///< a block of a value kept out of its row
    kMark = 10,  ///< written by the journal itself: the tail before it is durable
    kSchema = 11,
    kTemporaryTables = 12,
    kAccounts = 13,
    kOptions = 14,
};

/// One record to append; the bytes are copied by append.
struct Record {
    RecordKind kind;
    ByteView payload;
};

/// A place in the journal: between two batches, or the start of one.
struct JournalOffset {
    std::uint32_t file_number = 0;
    std::uint64_t offset = 0;

    auto operator<=>(const JournalOffset&) const = default;
};

/// Where one record stands; enough to read it back. Files are below 4 GiB.
struct RecordLocation {
    std::uint32_t file_number = 0;  ///< 0 = nowhere; files are numbered from 1
    std::uint32_t offset = 0;
    std::uint32_t size_bytes = 0;  ///< the whole record as stored, its header included

    auto operator<=>(const RecordLocation&) const = default;
};

/// A record read back; owns its bytes.
struct StoredRecord {
    RecordKind kind;
    Bytes payload;
};

struct AppendResult {
    std::uint64_t sequence = 0;             ///< of the batch; ascending by one, from 1
    JournalOffset start;                    ///< of the batch
    std::vector<RecordLocation> locations;  ///< one for each record, in order
};

/// A record as replay sees it; the view lives until the visitor returns.
struct RecordView {
    RecordKind kind;
    ByteView payload;
    RecordLocation location;
};

/// A whole batch as replay sees it; the views live until the visitor returns.
struct BatchView {
    std::uint64_t sequence = 0;
    JournalOffset start;
    JournalOffset end;
    std::vector<RecordView> records;
};

}  // namespace afterimage::storage

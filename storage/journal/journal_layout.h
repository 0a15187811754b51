// SPDX-License-Identifier: Apache-2.0
// The bytes of a journal file: its opening, batches, records. Pure functions; the canonical text is
// [journal] in docs/storage-format.md.
//
// Layout, little-endian. File:
//   OFFSET  SIZE  MEANING
//        0     8  magic "AIJRNL\r\n"
//        8     4  format version
//       12     4  CRC32C of bytes 0-11: these 16 bytes are the same in every version
//       16     8  salt: random, one for each file
//       24     4  file number
//       28     4  0
//       32     8  sequence number of the first batch
//       40     8  offset at which the file before this one ends (0 for the first)
//       48     8  creation, microseconds since 1970
//       56     8  size of the checkpoint
//       64     4  CRC32C of the checkpoint
//       68     4  CRC32C of bytes 0-67
//       72     …  checkpoint; zeros up to the next 512-byte step, where batches begin
//
// Batch, directly behind the one before it or at the next 512-byte step:
//        0     4  tag, made from the salt, never 0
//        4     4  CRC32C of bytes 8-27, begun from the tag
//        8     8  sequence number
//       16     4  offset in this file below which everything was durable when this was written
//       20     4  size of the records
//       24     4  number of records, at least 1
//       28     …  records
//
// Record: kind (1), payload size (varint), CRC32C of kind, size and payload (4), payload.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "storage/journal/record.h"
#include "storage/journal/recovery.h"

namespace afterimage::storage {

inline constexpr std::uint32_t kJournalFormatVersion = 1;
/// Each write to the file starts at such a step: a torn write cannot harm what an earlier one wrote
/// (512 bytes is the smallest unit that disks write whole).
inline constexpr std::uint64_t kWriteStepBytes = 512;
inline constexpr std::size_t kBatchHeaderBytes = 28;
inline constexpr std::size_t kFileHeaderBytes = 72;

[[nodiscard]] inline std::uint64_t next_write_step(std::uint64_t offset) noexcept {
    return (offset + kWriteStepBytes - 1) / kWriteStepBytes * kWriteStepBytes;
}

/// "0000000007.aij" and "0000000007.aix".
[[nodiscard]] std::string journal_file_name(std::uint32_t file_number);
[[nodiscard]] std::string journal_index_name(std::uint32_t file_number);
/// The number in a name of this ending (".aij"), or empty.
[[nodiscard]] std::optional<std::uint32_t> parse_numbered_name(std::string_view name,
                                                               std::string_view ending);

/// The opening, padded to a write step; data_start is ignored.
[[nodiscard]] Bytes encode_file_header(const JournalFileHeader& header);
/// Reads and checks a file's opening: kUnsupportedFormat for a newer version, kCorruption.
[[nodiscard]] JournalFileHeader read_file_header(const File& file);

/// Records one behind the other, as they stand in a batch; `offsets[i]` is where record i begins.
/// Throws std::length_error when they pass `max_bytes`.
[[nodiscard]] Bytes encode_records(std::span<const Record> records, std::uint64_t max_bytes,
                                   std::vector<std::uint32_t>& offsets);

struct BatchHeader {
    std::uint64_t sequence = 0;
    std::uint32_t durable_offset = 0;
    std::uint32_t body_bytes = 0;
    std::uint32_t record_count = 0;
};

/// Writes kBatchHeaderBytes at `at`.
void encode_batch_header(char* at, const BatchHeader& header, std::uint64_t salt);
/// Empty unless `bytes` begins with the whole header of a batch of this salt.
[[nodiscard]] std::optional<BatchHeader> decode_batch_header(ByteView bytes, std::uint64_t salt);

/// Empty unless `body` is whole: every record's checksum, their number, their sizes. Locations are
/// counted from `body_offset` in file `file_number`.
[[nodiscard]] std::optional<std::vector<RecordView>> decode_records(ByteView body,
                                                                    std::uint32_t record_count,
                                                                    std::uint32_t file_number,
                                                                    std::uint64_t body_offset);

/// One record, whole and nothing else; empty when damaged. The view is into `bytes`.
[[nodiscard]] std::optional<RecordView> decode_record(ByteView bytes);

/// The content of an index file: magic, version, salt of its journal file, CRC32C, then `bytes`.
[[nodiscard]] Bytes encode_index(std::uint64_t salt, ByteView bytes);
[[nodiscard]] std::optional<Bytes> decode_index(std::uint64_t salt, ByteView content);

}  // namespace afterimage::storage

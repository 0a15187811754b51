// SPDX-License-Identifier: Apache-2.0
// The bytes of a node file and of its index. Pure functions; the canonical text is [nodes] in
// docs/storage-format.md.
//
// Layout, little-endian. File:
//   OFFSET  SIZE  MEANING
//        0     8  magic "AINODE\r\n"
//        8     4  format version
//       12     4  CRC32C of bytes 0-11: these 16 bytes are the same in every version
//       16     8  salt: random, one for each file
//       24     4  file number
//       28     4  CRC32C of bytes 0-27
//       32     …  records, one behind the other
//
// Node record: flags (1: 1 = node, 2 = zstd), size of the node (varint), size of the payload
// (varint), hash (20), payload, CRC32C of all that, begun from the salt's low half (4).
// Mark record: 4 (1), salt (8), offset below which everything is durable (8), CRC32C as above (4).
//
// Index file: magic "AINIDX\r\n" (8), version (4), salt of the node file (8), offset up to which it
// covers the file (8), number of entries (8), entries of hash (20), offset (4) and size (4) of the
// record, CRC32C of all that (4).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/os/file.h"
#include "storage/segment/node_index.h"

namespace afterimage::storage {

inline constexpr std::uint32_t kNodeFormatVersion = 1;
inline constexpr std::uint64_t kNodeFileHeaderBytes = 32;
/// Flags, two varints, hash: the most that stands before a payload.
inline constexpr std::uint64_t kNodeRecordHeadBytes = 1 + 10 + 10 + Hash::kSize;

[[nodiscard]] std::string node_file_name(std::uint32_t file_number);
[[nodiscard]] std::string node_index_name(std::uint32_t file_number);
/// The number in a name of this ending (".ain"), or empty.
[[nodiscard]] std::optional<std::uint32_t> parse_node_name(std::string_view name,
                                                           std::string_view ending);

[[nodiscard]] Bytes encode_node_file_header(std::uint32_t file_number, std::uint64_t salt);
/// The salt. kUnsupportedFormat for a newer version, kCorruption for another number or damage.
[[nodiscard]] std::uint64_t read_node_file_header(const File& file, std::uint32_t file_number);

struct NodeRecord {
    bool is_mark = false;
    std::uint64_t durable_offset = 0;  ///< of a mark
    Hash hash;                         ///< of a node, and what follows
    bool compressed = false;
    std::uint64_t raw_bytes = 0;
    ByteView payload;
};

/// Appends a record; durable_offset or the node's fields are used.
void append_node_record(Bytes& out, const NodeRecord& record, std::uint64_t salt);
/// Size of the record that begins with these bytes (kNodeRecordHeadBytes of them, or all there
/// are); empty when there is none.
[[nodiscard]] std::optional<std::uint64_t> node_record_bytes(ByteView head);
/// `bytes` is one whole record; empty when damaged. The payload is a view into it.
[[nodiscard]] std::optional<NodeRecord> decode_node_record(ByteView bytes, std::uint64_t salt);

struct NodeFileIndex {
    std::uint64_t covered_bytes = 0;
    std::vector<std::pair<Hash, NodeLocation>> entries;  ///< by offset
};

[[nodiscard]] Bytes encode_node_index(const NodeFileIndex& index, std::uint64_t salt);
/// Empty when damaged, of another version or another file.
[[nodiscard]] std::optional<NodeFileIndex> decode_node_index(ByteView content, std::uint64_t salt,
                                                             std::uint32_t file_number);

/// The whole records of a file from `offset` on.
struct NodeFileScan {
    std::uint64_t end = 0;                   ///< behind the last whole record
    std::uint64_t durable_offset = 0;        ///< the highest of the marks before `end`
    std::uint64_t later_durable_offset = 0;  ///< the highest of the marks found behind `end`
    std::uint64_t file_bytes = 0;
    std::vector<std::pair<Hash, NodeLocation>> entries;
};
[[nodiscard]] NodeFileScan scan_node_file(const File& file, std::uint32_t file_number,
                                          std::uint64_t salt, std::uint64_t offset);

}  // namespace afterimage::storage

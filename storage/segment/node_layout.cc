// SPDX-License-Identifier: Apache-2.0
#include "storage/segment/node_layout.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/checksum.h"
#include "storage/bytes/invariant.h"
#include "storage/bytes/varint.h"
#include "storage/os/file_window.h"
#include "storage/segment/node_file.h"

namespace afterimage::storage {

namespace {

constexpr ByteView kFileMagic("AINODE\r\n", 8);
constexpr ByteView kIndexMagic("AINIDX\r\n", 8);
constexpr std::uint32_t kIndexVersion = 1;
constexpr std::uint8_t kNodeFlag = 1;
constexpr std::uint8_t kZstdFlag = 2;
constexpr std::uint8_t kMarkFlag = 4;
constexpr std::size_t kMarkBytes = 1 + 8 + 8 + 4;
constexpr std::size_t kCrcBytes = 4;
constexpr std::size_t kIndexHeadBytes = 8 + 4 + 8 + 8 + 8;
constexpr std::size_t kIndexEntryBytes = Hash::kSize + 4 + 4;

std::uint32_t seed_of(std::uint64_t salt) noexcept { return static_cast<std::uint32_t>(salt); }

std::string numbered_name(std::uint32_t number, const char* ending) {
    char name[32];
    std::snprintf(name, sizeof name, "%010u%s", number, ending);
    return name;
}

[[noreturn]] void throw_damaged(const File& file) {
    throw StorageError(StorageErrorKind::kCorruption,
                       file.path() + ": the opening of the node file at offset 0 is damaged");
}

}  // namespace

std::string node_file_name(std::uint32_t file_number) { return numbered_name(file_number, ".ain"); }

std::string node_index_name(std::uint32_t file_number) {
    return numbered_name(file_number, ".aix");
}

std::optional<std::uint32_t> parse_node_name(std::string_view name, std::string_view ending) {
    constexpr std::size_t kDigits = 10;
    std::uint32_t number = 0;
    if (name.size() != kDigits + ending.size() || !name.ends_with(ending)) {
        return std::nullopt;
    }
    const auto result = std::from_chars(name.data(), name.data() + kDigits, number);
    if (result.ec != std::errc() || result.ptr != name.data() + kDigits || number == 0) {
        return std::nullopt;
    }
    return number;
}

Bytes encode_node_file_header(std::uint32_t file_number, std::uint64_t salt) {
    Bytes out(kFileMagic);
    append_le(out, kNodeFormatVersion);
    append_le(out, crc32c(out));
    append_le(out, salt);
    append_le(out, file_number);
    append_le(out, crc32c(out));
    INVARIANT(out.size() == kNodeFileHeaderBytes, "the opening has a fixed size");
    return out;
}

std::uint64_t read_node_file_header(const File& file, std::uint32_t file_number) {
    Bytes raw(kNodeFileHeaderBytes, '\0');
    raw.resize(file.pread_some(0, raw));
    if (raw.size() < 16 || !raw.starts_with(kFileMagic) ||
        load_le<std::uint32_t>(raw.data() + 12) != crc32c(ByteView(raw).substr(0, 12))) {
        throw_damaged(file);
    }
    const auto version = load_le<std::uint32_t>(raw.data() + 8);
    if (version != kNodeFormatVersion) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat,
                           file.path() + " has node format " + std::to_string(version) +
                               "; this program reads format " + std::to_string(kNodeFormatVersion));
    }
    if (raw.size() < kNodeFileHeaderBytes ||
        load_le<std::uint32_t>(raw.data() + 28) != crc32c(ByteView(raw).substr(0, 28)) ||
        load_le<std::uint32_t>(raw.data() + 24) != file_number) {
        throw_damaged(file);
    }
    return load_le<std::uint64_t>(raw.data() + 16);
}

void append_node_record(Bytes& out, const NodeRecord& record, std::uint64_t salt) {
    const std::size_t start = out.size();
    if (record.is_mark) {
        out.push_back(static_cast<char>(kMarkFlag));
        append_le(out, salt);
        append_le(out, record.durable_offset);
    } else {
        out.push_back(static_cast<char>(record.compressed ? kNodeFlag | kZstdFlag : kNodeFlag));
        append_varint(out, record.raw_bytes);
        append_varint(out, record.payload.size());
        out.append(record.hash.view());
        out.append(record.payload);
    }
    append_le(out, crc32c(ByteView(out).substr(start), seed_of(salt)));
}

std::optional<std::uint64_t> node_record_bytes(ByteView head) {
    try {
        ByteReader reader(head);
        const std::uint8_t flags = reader.u8();
        if (flags == kMarkFlag) {
            return kMarkBytes;
        }
        if (flags != kNodeFlag && flags != (kNodeFlag | kZstdFlag)) {
            return std::nullopt;
        }
        const std::uint64_t raw_bytes = reader.varint();
        const std::uint64_t payload_bytes = reader.varint();
        if (raw_bytes > NodeFiles::kMaxNodeBytes || payload_bytes > raw_bytes) {
            return std::nullopt;
        }
        return reader.position() + Hash::kSize + payload_bytes + kCrcBytes;
    } catch (const TruncatedInput&) {
        return std::nullopt;
    }
}

std::optional<NodeRecord> decode_node_record(ByteView bytes, std::uint64_t salt) {
    if (node_record_bytes(bytes) != bytes.size()) {
        return std::nullopt;
    }
    const ByteView content = bytes.substr(0, bytes.size() - kCrcBytes);
    if (load_le<std::uint32_t>(bytes.data() + content.size()) != crc32c(content, seed_of(salt))) {
        return std::nullopt;
    }
    ByteReader reader(content);
    const std::uint8_t flags = reader.u8();
    NodeRecord record;
    if (flags == kMarkFlag) {
        record.is_mark = true;
        if (reader.u64() != salt) {
            return std::nullopt;
        }
        record.durable_offset = reader.u64();
        return record;
    }
    record.compressed = (flags & kZstdFlag) != 0;
    record.raw_bytes = reader.varint();
    const std::uint64_t payload_bytes = reader.varint();
    record.hash = Hash::from_bytes(reader.bytes(Hash::kSize));
    record.payload = reader.bytes(payload_bytes);
    if (!record.compressed && record.raw_bytes != payload_bytes) {
        return std::nullopt;
    }
    return record;
}

Bytes encode_node_index(const NodeFileIndex& index, std::uint64_t salt) {
    Bytes out(kIndexMagic);
    out.reserve(kIndexHeadBytes + index.entries.size() * kIndexEntryBytes + kCrcBytes);
    append_le(out, kIndexVersion);
    append_le(out, salt);
    append_le(out, index.covered_bytes);
    append_le(out, static_cast<std::uint64_t>(index.entries.size()));
    for (const auto& [hash, location] : index.entries) {
        out.append(hash.view());
        append_le(out, location.offset);
        append_le(out, location.size_bytes);
    }
    append_le(out, crc32c(out));
    return out;
}

std::optional<NodeFileIndex> decode_node_index(ByteView content, std::uint64_t salt,
                                               std::uint32_t file_number) {
    if (content.size() < kIndexHeadBytes + kCrcBytes || !content.starts_with(kIndexMagic)) {
        return std::nullopt;
    }
    const ByteView checked = content.substr(0, content.size() - kCrcBytes);
    if (load_le<std::uint32_t>(content.data() + checked.size()) != crc32c(checked)) {
        return std::nullopt;
    }
    ByteReader reader(checked.substr(kIndexMagic.size()));
    if (reader.u32() != kIndexVersion || reader.u64() != salt) {
        return std::nullopt;
    }
    NodeFileIndex index;
    index.covered_bytes = reader.u64();
    const std::uint64_t count = reader.u64();
    if (reader.left() / kIndexEntryBytes != count || reader.left() % kIndexEntryBytes != 0) {
        return std::nullopt;
    }
    index.entries.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i) {
        const Hash hash = Hash::from_bytes(reader.bytes(Hash::kSize));
        const std::uint32_t offset = reader.u32();
        index.entries.push_back({hash, {file_number, offset, reader.u32()}});
    }
    return index;
}

namespace {

/// The highest durable offset of the marks in [offset, end of file), wherever they stand: behind
/// damage it is not known where records begin, but a mark is found by the salt in it.
std::uint64_t find_marks(FileWindow& window, std::uint64_t salt, std::uint64_t offset) {
    constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 20U;
    Bytes pattern(1, static_cast<char>(kMarkFlag));
    append_le(pattern, salt);
    std::uint64_t highest = 0;
    for (; offset < window.file_bytes(); offset += kChunkBytes) {
        // A mark that begins in this chunk is seen whole.
        const ByteView bytes = window.view(offset, kChunkBytes + kMarkBytes);
        for (std::size_t at = bytes.find(pattern); at != ByteView::npos;
             at = bytes.find(pattern, at + 1)) {
            const auto mark = decode_node_record(bytes.substr(at, kMarkBytes), salt);
            if (mark && mark->durable_offset <= offset + at) {
                highest = std::max(highest, mark->durable_offset);
            }
        }
    }
    return highest;
}

}  // namespace

NodeFileScan scan_node_file(const File& file, std::uint32_t file_number, std::uint64_t salt,
                            std::uint64_t offset) {
    FileWindow window(file);
    NodeFileScan scan;
    scan.file_bytes = window.file_bytes();
    scan.end = offset;
    scan.durable_offset = offset;
    for (;;) {
        const auto size = node_record_bytes(window.view(scan.end, kNodeRecordHeadBytes));
        if (!size || *size > scan.file_bytes - scan.end) {
            break;
        }
        const auto record = decode_node_record(window.view(scan.end, *size), salt);
        if (!record) {
            break;
        }
        if (record->is_mark) {
            scan.durable_offset = std::max(scan.durable_offset, record->durable_offset);
        } else {
            scan.entries.push_back({record->hash,
                                    {file_number, static_cast<std::uint32_t>(scan.end),
                                     static_cast<std::uint32_t>(*size)}});
        }
        scan.end += *size;
    }
    scan.later_durable_offset = find_marks(window, salt, scan.end);
    return scan;
}

}  // namespace afterimage::storage

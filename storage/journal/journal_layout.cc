// SPDX-License-Identifier: Apache-2.0
#include "storage/journal/journal_layout.h"

#include <charconv>
#include <cstdio>
#include <stdexcept>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/checksum.h"
#include "storage/bytes/invariant.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

namespace {

constexpr ByteView kFileMagic("AIJRNL\r\n", 8);
constexpr ByteView kIndexMagic("AIJIDX\r\n", 8);
constexpr std::uint32_t kIndexVersion = 1;
constexpr std::size_t kIndexHeaderBytes = 24;

std::string numbered_name(std::uint32_t number, const char* ending) {
    char name[32];
    std::snprintf(name, sizeof name, "%010u%s", number, ending);
    return name;
}

std::uint32_t tag_of(std::uint64_t salt) noexcept {
    char bytes[sizeof salt];
    store_le(bytes, salt);
    const std::uint32_t tag = crc32c(ByteView(bytes, sizeof bytes));
    // Never 0, since zeros are what a pre-allocated file holds.
    return tag == 0 ? 1 : tag;
}

[[noreturn]] void throw_damaged(const File& file, std::uint64_t offset, const char* what) {
    throw StorageError(StorageErrorKind::kCorruption, file.path() + ": " + what + " at offset " +
                                                          std::to_string(offset) + " is damaged");
}

}  // namespace

std::string journal_file_name(std::uint32_t file_number) {
    return numbered_name(file_number, ".aij");
}

std::string journal_index_name(std::uint32_t file_number) {
    return numbered_name(file_number, ".aix");
}

std::optional<std::uint32_t> parse_numbered_name(std::string_view name, std::string_view ending) {
    constexpr std::size_t kDigits = 10;
    if (name.size() != kDigits + ending.size() || !name.ends_with(ending)) {
        return std::nullopt;
    }
    std::uint32_t number = 0;
    const auto result = std::from_chars(name.data(), name.data() + kDigits, number);
    if (result.ec != std::errc() || result.ptr != name.data() + kDigits || number == 0) {
        return std::nullopt;
    }
    return number;
}

Bytes encode_file_header(const JournalFileHeader& header) {
    Bytes out(kFileMagic);
    append_le(out, kJournalFormatVersion);
    append_le(out, crc32c(out));
    append_le(out, header.salt);
    append_le(out, header.file_number);
    append_le(out, std::uint32_t{0});
    append_le(out, header.first_sequence);
    append_le(out, header.previous_end);
    append_le(out, header.created_us);
    append_le(out, static_cast<std::uint64_t>(header.checkpoint.size()));
    append_le(out, crc32c(header.checkpoint));
    append_le(out, crc32c(out));
    INVARIANT(out.size() == kFileHeaderBytes, "the opening has a fixed size");
    out += header.checkpoint;
    out.resize(static_cast<std::size_t>(next_write_step(out.size())), '\0');
    return out;
}

JournalFileHeader read_file_header(const File& file) {
    Bytes raw(kFileHeaderBytes, '\0');
    raw.resize(file.pread_some(0, raw));
    if (raw.size() < 16 || !raw.starts_with(kFileMagic) ||
        load_le<std::uint32_t>(raw.data() + 12) != crc32c(ByteView(raw).substr(0, 12))) {
        throw_damaged(file, 0, "the opening of the journal file");
    }
    const auto version = load_le<std::uint32_t>(raw.data() + 8);
    if (version != kJournalFormatVersion) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat,
                           file.path() + " has journal format " + std::to_string(version) +
                               "; this program reads format " +
                               std::to_string(kJournalFormatVersion));
    }
    if (raw.size() < kFileHeaderBytes ||
        load_le<std::uint32_t>(raw.data() + 68) != crc32c(ByteView(raw).substr(0, 68))) {
        throw_damaged(file, 16, "the opening of the journal file");
    }
    JournalFileHeader header;
    ByteReader reader(ByteView(raw).substr(16));
    header.salt = reader.u64();
    header.file_number = reader.u32();
    reader.skip(4);
    header.first_sequence = reader.u64();
    header.previous_end = reader.u64();
    header.created_us = static_cast<std::int64_t>(reader.u64());
    const std::uint64_t checkpoint_bytes = reader.u64();
    const std::uint32_t checkpoint_crc = reader.u32();
    if (checkpoint_bytes > file.size()) {
        throw_damaged(file, kFileHeaderBytes, "the checkpoint");
    }
    header.checkpoint =
        file.pread_bytes(kFileHeaderBytes, static_cast<std::size_t>(checkpoint_bytes));
    if (crc32c(header.checkpoint) != checkpoint_crc) {
        throw_damaged(file, kFileHeaderBytes, "the checkpoint");
    }
    header.data_start = next_write_step(kFileHeaderBytes + checkpoint_bytes);
    return header;
}

Bytes encode_records(std::span<const Record> records, std::uint64_t max_bytes,
                     std::vector<std::uint32_t>& offsets) {
    std::uint64_t total = 0;
    for (const Record& record : records) {
        total += 5U + varint_size(record.payload.size()) + record.payload.size();
    }
    if (total > max_bytes) {
        throw std::length_error("a journal batch of " + std::to_string(total) +
                                " bytes exceeds the limit of " + std::to_string(max_bytes));
    }
    Bytes out;
    out.reserve(static_cast<std::size_t>(total));
    offsets.reserve(records.size());
    for (const Record& record : records) {
        offsets.push_back(static_cast<std::uint32_t>(out.size()));
        const std::size_t start = out.size();
        out.push_back(static_cast<char>(record.kind));
        append_varint(out, record.payload.size());
        const std::uint32_t crc = crc32c(ByteView(out).substr(start));
        append_le(out, crc32c(record.payload, crc));
        out.append(record.payload);
    }
    return out;
}

void encode_batch_header(char* at, const BatchHeader& header, std::uint64_t salt) {
    const std::uint32_t tag = tag_of(salt);
    store_le(at, tag);
    store_le(at + 8, header.sequence);
    store_le(at + 16, header.durable_offset);
    store_le(at + 20, header.body_bytes);
    store_le(at + 24, header.record_count);
    store_le(at + 4, crc32c(ByteView(at + 8, kBatchHeaderBytes - 8), tag));
}

std::optional<BatchHeader> decode_batch_header(ByteView bytes, std::uint64_t salt) {
    const std::uint32_t tag = tag_of(salt);
    if (bytes.size() < kBatchHeaderBytes || load_le<std::uint32_t>(bytes.data()) != tag ||
        load_le<std::uint32_t>(bytes.data() + 4) !=
            crc32c(bytes.substr(8, kBatchHeaderBytes - 8), tag)) {
        return std::nullopt;
    }
    BatchHeader header;
    header.sequence = load_le<std::uint64_t>(bytes.data() + 8);
    header.durable_offset = load_le<std::uint32_t>(bytes.data() + 16);
    header.body_bytes = load_le<std::uint32_t>(bytes.data() + 20);
    header.record_count = load_le<std::uint32_t>(bytes.data() + 24);
    return header;
}

namespace {

/// The record at the reader; empty when damaged.
std::optional<RecordView> read_one(ByteReader& reader, ByteView bytes) {
    const std::size_t start = reader.position();
    try {
        RecordView record;
        record.kind = static_cast<RecordKind>(reader.u8());
        const std::uint64_t payload_bytes = reader.varint();
        const std::uint32_t crc = crc32c(bytes.substr(start, reader.position() - start));
        const std::uint32_t stored = reader.u32();
        record.payload = reader.bytes(payload_bytes);
        if (crc32c(record.payload, crc) != stored) {
            return std::nullopt;
        }
        record.location.offset = static_cast<std::uint32_t>(start);
        record.location.size_bytes = static_cast<std::uint32_t>(reader.position() - start);
        return record;
    } catch (const TruncatedInput&) {
        return std::nullopt;
    }
}

}  // namespace

std::optional<std::vector<RecordView>> decode_records(ByteView body, std::uint32_t record_count,
                                                      std::uint32_t file_number,
                                                      std::uint64_t body_offset) {
    std::vector<RecordView> records;
    ByteReader reader(body);
    while (!reader.at_end()) {
        auto record = read_one(reader, body);
        if (!record || records.size() == record_count) {
            return std::nullopt;
        }
        record->location.file_number = file_number;
        record->location.offset += static_cast<std::uint32_t>(body_offset);
        records.push_back(*record);
    }
    if (records.size() != record_count) {
        return std::nullopt;
    }
    return records;
}

std::optional<RecordView> decode_record(ByteView bytes) {
    ByteReader reader(bytes);
    auto record = read_one(reader, bytes);
    if (!record || !reader.at_end()) {
        return std::nullopt;
    }
    return record;
}

Bytes encode_index(std::uint64_t salt, ByteView bytes) {
    Bytes out(kIndexMagic);
    append_le(out, kIndexVersion);
    append_le(out, salt);
    append_le(out, crc32c(bytes, crc32c(out)));
    INVARIANT(out.size() == kIndexHeaderBytes, "the opening of an index has a fixed size");
    out.append(bytes);
    return out;
}

std::optional<Bytes> decode_index(std::uint64_t salt, ByteView content) {
    if (content.size() < kIndexHeaderBytes || !content.starts_with(kIndexMagic) ||
        load_le<std::uint32_t>(content.data() + 8) != kIndexVersion ||
        load_le<std::uint64_t>(content.data() + 12) != salt) {
        return std::nullopt;
    }
    const ByteView bytes = content.substr(kIndexHeaderBytes);
    if (load_le<std::uint32_t>(content.data() + 20) !=
        crc32c(bytes, crc32c(content.substr(0, 20)))) {
        return std::nullopt;
    }
    return Bytes(bytes);
}

}  // namespace afterimage::storage

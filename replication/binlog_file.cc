// SPDX-License-Identifier: Apache-2.0
#include "replication/binlog_file.h"

#include <utility>

namespace afterimage::replication {
namespace {

constexpr storage::ByteView kMagic(
    "\xfe"
    "bin",
    4);
constexpr storage::ByteView kEncryptedMagic(
    "\xfd"
    "bin",
    4);

std::string base_name(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

BinlogFile::BinlogFile(const std::string& path, std::uint64_t max_event_bytes)
    : path_(path),
      file_(path, std::ios::binary),
      max_event_bytes_(max_event_bytes),
      framer_({base_name(path), kFirstPosition}, ChecksumAlgorithm::kNone) {
    if (!file_) {
        throw BinlogFileError("cannot open " + path);
    }
    char magic[4] = {};
    const std::size_t got = read(magic, sizeof magic);
    if (storage::ByteView(magic, got) == kEncryptedMagic) {
        throw BinlogFileError(path + " is encrypted (MySQL); read it through its server");
    }
    if (storage::ByteView(magic, got) != kMagic) {
        throw BinlogFileError(path + " is not a binlog file");
    }
}

std::size_t BinlogFile::read(char* at, std::size_t size_bytes) {
    file_.read(at, static_cast<std::streamsize>(size_bytes));
    if (file_.bad()) {
        throw BinlogFileError("cannot read " + path_);
    }
    return static_cast<std::size_t>(file_.gcount());
}

void BinlogFile::seek(std::uint64_t position) {
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(position));
    if (!file_) {
        throw BinlogFileError("cannot go to position " + std::to_string(position) + " of " + path_);
    }
    framer_.set_position(position);
    ends_inside_event_ = false;
}

std::optional<StreamEvent> BinlogFile::end_inside(const EventHeader& header) {
    ends_inside_event_ = true;
    if (in_use_) {
        return std::nullopt;
    }
    throw EventError(header, 0, "the file ends inside the event");
}

std::optional<StreamEvent> BinlogFile::next() {
    if (encrypted_) {
        throw BinlogFileError(path_ + " is encrypted (MariaDB); read it through its server");
    }
    storage::Bytes bytes(EventHeader::kSize, '\0');
    const std::size_t got = read(bytes.data(), bytes.size());
    if (got == 0) {
        return std::nullopt;
    }
    if (got < bytes.size()) {
        return end_inside({});
    }
    const EventHeader header = decode_header(bytes);
    if (header.size_bytes > max_event_bytes_) {
        throw EventError(header, 9,
                         "size " + std::to_string(header.size_bytes) + " is over the limit of " +
                             std::to_string(max_event_bytes_));
    }
    // In steps, so that a lying size costs no memory.
    constexpr std::size_t kStepBytes = 1U << 20U;
    while (bytes.size() < header.size_bytes) {
        const std::size_t have = bytes.size();
        const std::size_t step = std::min(kStepBytes, header.size_bytes - have);
        bytes.resize(have + step);
        if (read(bytes.data() + have, step) < step) {
            return end_inside(header);
        }
    }
    const std::uint64_t at = framer_.position().position;
    if (at == kFirstPosition && header.type != EventType::kFormatDescription) {
        throw EventError(header, 4, "a binlog file begins with a FORMAT_DESCRIPTION");
    }
    StreamEvent event = framer_.frame(std::move(bytes));
    // What the file says, not what the header says: positions in a file are facts.
    event.begin = at;
    event.end = at + header.size_bytes;
    framer_.set_position(event.end);
    if (header.type == EventType::kFormatDescription) {
        in_use_ = header.has(event_flag::kInUse);
    }
    encrypted_ = header.type == EventType::kStartEncryption;
    return event;
}

}  // namespace afterimage::replication

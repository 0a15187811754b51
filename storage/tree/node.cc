// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/node.h"

#include <algorithm>
#include <limits>

#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void refuse(const char* why) {
    throw StorageError(StorageErrorKind::kCorruption, std::string("tree node: ") + why);
}

/// Reads forward over node bytes, whose size is below 2^32. Faster than ByteReader, which every
/// node load would pay for entry by entry, and stricter: varints must be minimal.
class EntryReader {
  public:
    EntryReader(ByteView bytes, std::size_t at) : bytes_(bytes), at_(at) {}

    [[nodiscard]] bool at_end() const noexcept { return at_ == bytes_.size(); }
    [[nodiscard]] std::uint32_t position() const noexcept {
        return static_cast<std::uint32_t>(at_);
    }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (at_ == bytes_.size()) {
                refuse("ends within a length");
            }
            const auto byte = static_cast<unsigned char>(bytes_[at_++]);
            value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
            if (byte < 0x80U) {
                if ((byte == 0 && shift > 0) || (shift == 63 && byte > 1)) {
                    refuse("length not in its shortest form");
                }
                return value;
            }
        }
        refuse("length too long");
    }

    std::uint32_t size() {
        const std::uint64_t size_bytes = varint();
        if (size_bytes > bytes_.size() - at_) {
            refuse("length points past the end");
        }
        return static_cast<std::uint32_t>(size_bytes);
    }

    void skip(std::size_t size_bytes) {
        if (size_bytes > bytes_.size() - at_) {
            refuse("ends within an entry");
        }
        at_ += size_bytes;
    }

  private:
    ByteView bytes_;
    std::size_t at_;
};

}  // namespace

Node::Node(Bytes bytes) : bytes_(std::move(bytes)) {
    if (bytes_.size() <= kHeaderSize) {
        refuse("has no entries");
    }
    if (bytes_.size() > std::numeric_limits<std::uint32_t>::max()) {
        refuse("is too large");
    }
    if (static_cast<unsigned char>(bytes_[0]) != kFormatVersion) {
        refuse("unknown format version");
    }
    if (level() > kMaxLevel) {
        refuse("level too high");
    }
    entries_.reserve(bytes_.size() / 32 + 1);
    if (!is_leaf()) {
        rows_before_.reserve(bytes_.size() / 32 + 2);
        rows_before_.push_back(0);
    }
    EntryReader in(bytes_, kHeaderSize);
    while (!in.at_end()) {
        Entry entry{};
        entry.key_size = in.size();
        entry.key_at = in.position();
        in.skip(entry.key_size);
        entry.value_size = is_leaf() ? in.size() : static_cast<std::uint32_t>(Hash::kSize);
        entry.value_at = in.position();
        in.skip(entry.value_size);
        if (!is_leaf()) {
            const std::uint64_t rows = in.varint();
            const std::uint64_t before = rows_before_.back();
            if (rows == 0 || rows > std::numeric_limits<std::uint64_t>::max() - before) {
                refuse("impossible row count");
            }
            rows_before_.push_back(before + rows);
        }
        entries_.push_back(entry);
        if (entries_.size() > 1 && key(entries_.size() - 2) >= key(entries_.size() - 1)) {
            refuse("keys out of order");
        }
    }
}

std::shared_ptr<const Node> Node::verified(const Hash& expected, Bytes bytes) {
    if (Hash::of(bytes) != expected) {
        throw StorageError(StorageErrorKind::kCorruption,
                           "tree node " + expected.text() + ": content does not match its hash");
    }
    try {
        return std::make_shared<const Node>(std::move(bytes));
    } catch (const StorageError& error) {
        throw StorageError(error.kind(), expected.text() + ": " + error.what());
    }
}

Hash Node::child_hash(std::size_t index) const {
    return Hash::from_bytes({bytes_.data() + entries_[index].value_at, Hash::kSize});
}

std::size_t Node::child_with_ordinal(std::uint64_t ordinal) const noexcept {
    const auto after = std::upper_bound(rows_before_.begin(), rows_before_.end(), ordinal);
    return static_cast<std::size_t>(after - rows_before_.begin()) - 1;
}

std::size_t Node::lower_bound(ByteView wanted) const noexcept {
    std::size_t low = 0;
    std::size_t high = entries_.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (key(middle) < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

std::size_t Node::size_bytes() const noexcept {
    return sizeof(Node) + bytes_.capacity() + entries_.capacity() * sizeof(Entry) +
           rows_before_.capacity() * sizeof(std::uint64_t);
}

}  // namespace afterimage::storage

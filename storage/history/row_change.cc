// SPDX-License-Identifier: Apache-2.0
#include "storage/history/row_change.h"

#include <algorithm>

#include "storage/bytes/varint.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kFlagBefore = 1, kFlagAfter = 2;

/// Row sections are hashed by blocks of this size, so that large ones can stream (design: ≤ 4 MiB).
constexpr std::size_t kHashBlockBytes = std::size_t{4} << 20U;

std::size_t common_prefix(ByteView a, ByteView b) {
    const auto [end, ignored] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(end - a.begin());
}

std::size_t common_suffix(ByteView a, ByteView b) {
    const auto [end, ignored] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
    return static_cast<std::size_t>(end - a.rbegin());
}

std::uint8_t flags_of(const RowChange& change) {
    return static_cast<std::uint8_t>((change.before ? kFlagBefore : 0U) |
                                     (change.after ? kFlagAfter : 0U));
}

void append_images(Bytes& out, const RowChange& change) {
    if (change.before) {
        append_varint_bytes(out, *change.before);
    }
    if (!change.after) {
        return;
    }
    if (!change.before) {
        append_varint_bytes(out, *change.after);
        return;
    }
    const ByteView before(*change.before);
    const ByteView after(*change.after);
    const std::size_t prefix = common_prefix(before, after);
    const std::size_t suffix = common_suffix(before.substr(prefix), after.substr(prefix));
    append_varint(out, prefix);
    append_varint(out, suffix);
    append_varint_bytes(out, after.substr(prefix, after.size() - prefix - suffix));
}

void read_images(ByteReader& reader, std::uint8_t flags, RowChange& change) {
    change.before.reset();
    change.after.reset();
    if ((flags & kFlagBefore) != 0) {
        change.before = Bytes(reader.varint_bytes());
    }
    if ((flags & kFlagAfter) == 0) {
        return;
    }
    if (!change.before) {
        change.after = Bytes(reader.varint_bytes());
        return;
    }
    const std::uint64_t prefix = reader.varint();
    const std::uint64_t suffix = reader.varint();
    const ByteView middle = reader.varint_bytes();
    const ByteView before(*change.before);
    if (prefix > before.size() || suffix > before.size() - prefix) {
        throw TruncatedInput("row change longer than its before image");
    }
    Bytes after(before.substr(0, static_cast<std::size_t>(prefix)));
    after.append(middle);
    after.append(before.substr(before.size() - static_cast<std::size_t>(suffix)));
    change.after = std::move(after);
}

bool possible(std::uint8_t flags) { return flags != 0 && flags <= (kFlagBefore | kFlagAfter); }

}  // namespace

void append_row_change(Bytes& out, ByteView previous_key, const RowChange& change) {
    out.push_back(static_cast<char>(flags_of(change)));
    const std::size_t shared = common_prefix(previous_key, change.key);
    append_varint(out, shared);
    append_varint_bytes(out, ByteView(change.key).substr(shared));
    append_images(out, change);
}

void read_row_change(ByteReader& reader, RowChange& change) {
    const std::uint8_t flags = reader.u8();
    const std::uint64_t shared = reader.varint();
    const ByteView rest = reader.varint_bytes();
    if (shared > change.key.size() || !possible(flags)) {
        throw TruncatedInput("row change that cannot be");
    }
    change.key.resize(static_cast<std::size_t>(shared));
    change.key.append(rest);
    read_images(reader, flags, change);
}

void append_row_images(Bytes& out, const RowChange& change) {
    out.push_back(static_cast<char>(flags_of(change)));
    append_images(out, change);
}

void read_row_images(ByteView bytes, RowChange& change) {
    ByteReader reader(bytes);
    const std::uint8_t flags = reader.u8();
    if (!possible(flags)) {
        throw TruncatedInput("row change that cannot be");
    }
    read_images(reader, flags, change);
    if (!reader.at_end()) {
        throw TruncatedInput("row change with more behind it");
    }
}

void RowChangesHash::add(const RowChange& change) {
    append_row_change(block_, previous_key_, change);
    previous_key_ = change.key;
    if (block_.size() >= kHashBlockBytes) {
        hashes_.append(Hash::of(block_).view());
        block_.clear();
        previous_key_.clear();
    }
}

Hash RowChangesHash::finish() {
    if (!block_.empty()) {
        hashes_.append(Hash::of(block_).view());
        block_.clear();
    }
    return Hash::of(hashes_);
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// One net row change and its bytes: listed in a change set, where keys share what they have in
// common, and by itself, as the value under its key in a tree of row changes; and the hash over a
// list of them that a commit id covers, the same for either place.
//
// Plain values. Reading takes untrusted bytes and throws TruncatedInput.
#pragma once

#include <optional>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/byte_view.h"
#include "storage/bytes/content_hash.h"

namespace afterimage::storage {

/// One net row change. Values are stored values (keyless: count and row).
struct RowChange {
    Bytes key;
    std::optional<Bytes> before;
    std::optional<Bytes> after;
    bool operator==(const RowChange&) const = default;
};

/// The change as it stands behind another one: [change_set] in docs/storage-format.md.
void append_row_change(Bytes& out, ByteView previous_key, const RowChange& change);
/// Reads one row change whose key continues `change.key`, the key before.
void read_row_change(ByteReader& reader, RowChange& change);

/// The change without its key: flags u8 (1 before, 2 after), before and after as above.
void append_row_images(Bytes& out, const RowChange& change);
void read_row_images(ByteView bytes, RowChange& change);

/// Merkle hash over row changes in key order, in blocks of at least 4 MiB: bounded memory however
/// many there are.
class RowChangesHash {
  public:
    void add(const RowChange& change);
    [[nodiscard]] Hash finish();

  private:
    Bytes hashes_;
    Bytes block_;
    Bytes previous_key_;
};

}  // namespace afterimage::storage

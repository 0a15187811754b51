// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/tree.h"

#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

void append_tree_root(Bytes& out, const TreeRoot& root) {
    out.append(root.hash.view());
    append_varint(out, root.row_count);
    out.push_back(static_cast<char>(root.height));
}

TreeRoot read_tree_root(ByteReader& in) {
    TreeRoot root;
    root.hash = Hash::from_bytes(in.bytes(Hash::kSize));
    root.row_count = in.varint();
    root.height = in.u8();
    if (root.hash.is_zero() != root.empty() || (root.row_count == 0) != root.empty()) {
        throw StorageError(StorageErrorKind::kCorruption,
                           "tree root " + root.hash.text() + " contradicts its height");
    }
    return root;
}

Bytes key_after(ByteView key) {
    Bytes after(key);
    after.push_back('\0');
    return after;
}

KeyRange prefix_range(ByteView prefix) {
    KeyRange range{Bytes(prefix), Bytes(prefix)};
    // The end is the prefix with its last byte that can be raised, raised; of 0xff alone, none is.
    while (!range.end->empty() && static_cast<unsigned char>(range.end->back()) == 0xffU) {
        range.end->pop_back();
    }
    if (range.end->empty()) {
        range.end.reset();
    } else {
        range.end->back() = static_cast<char>(static_cast<unsigned char>(range.end->back()) + 1U);
    }
    return range;
}

}  // namespace afterimage::storage

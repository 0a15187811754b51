// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/node_builder.h"

#include "storage/bytes/invariant.h"
#include "storage/bytes/varint.h"
#include "storage/tree/node.h"

namespace afterimage::storage {

void NodeBuilder::reset() {
    bytes_.clear();
    bytes_.push_back(static_cast<char>(Node::kFormatVersion));
    bytes_.push_back(static_cast<char>(level_));
    entry_count_ = 0;
    row_count_ = 0;
    last_key_at_ = 0;
    last_key_size_ = 0;
}

void NodeBuilder::append_key(ByteView key) {
    INVARIANT(key.size() < kMaxPartSize, "a key of this size belongs outside the tree");
    INVARIANT(empty() || last_key() < key, "keys of a node must ascend");
    append_varint(bytes_, key.size());
    last_key_at_ = bytes_.size();
    last_key_size_ = key.size();
    bytes_.append(key);
    ++entry_count_;
}

void NodeBuilder::append_row(ByteView key, ByteView value) {
    INVARIANT(level_ == 0, "rows stand in leaves");
    INVARIANT(value.size() < kMaxPartSize, "a value of this size belongs outside the tree");
    append_key(key);
    append_varint_bytes(bytes_, value);
    ++row_count_;
}

void NodeBuilder::append_child(ByteView last_key, const Hash& child, std::uint64_t row_count) {
    INVARIANT(level_ > 0, "children stand above leaves");
    INVARIANT(row_count > 0, "there are no empty subtrees");
    append_key(last_key);
    bytes_.append(child.view());
    append_varint(bytes_, row_count);
    row_count_ += row_count;
}

}  // namespace afterimage::storage

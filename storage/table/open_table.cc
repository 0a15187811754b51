// SPDX-License-Identifier: Apache-2.0
#include "storage/bytes/byte_reader.h"
#include "storage/bytes/invariant.h"
#include "storage/bytes/storage_error.h"
#include "storage/os/random.h"
#include "storage/table/open_root.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

namespace {

ByteView row_bytes_of(const TableLayout& layout, ByteView stored) {
    return layout.primary ? stored : KeylessEntry::decode(stored).row;
}

}  // namespace

/// Whether rows that stay as they are read differently to the content sum: a column was added whose
/// recorded value is not NULL.
bool sum_changes(const TableSchema& before, const TableSchema& after) {
    for (std::size_t i = before.columns.size(); i < after.columns.size(); ++i) {
        if (!after.columns[i].missing_value.is_null()) {
            return true;
        }
    }
    return false;
}

std::uint64_t draw_rows_epoch() {
    SystemRandom random;
    return random.u64() | 1U;
}

ContentSum count_sum(const TableLayout& layout, const MergedTree& rows, NodeSource& nodes,
                     const ValueBlocks& blocks) {
    ContentSum sum;
    MergingCursor cursor(nodes, rows);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        std::uint64_t count = 1;
        ByteView row = cursor.value();
        if (!layout.primary) {
            const KeylessEntry entry = KeylessEntry::decode(row);
            count = entry.count;
            row = entry.row;
        }
        sum.add_times(layout.rows.canonical(row, &blocks), count);
    }
    return sum;
}

OpenTable::OpenTable(const RootServices& services, std::shared_ptr<const Table> table,
                     std::uint64_t sequence, std::uint64_t settled_bytes)
    : services_(services), sequence_(sequence), settled_bytes_(settled_bytes) {
    restore(table);
}

void OpenTable::restore(const std::shared_ptr<const Table>& table) {
    layout_ = table->layout;
    const MergedTree rows = table->row_tree();
    rows_base_ = rows.base;
    rows_.restore(rows.overlay);
    index_bases_.clear();
    indexes_.clear();
    for (std::size_t i = 0; i < layout_->indexes.size(); ++i) {
        MergedTree index = table->index_tree(i);
        index_bases_.push_back(index.base);
        indexes_.emplace_back(std::move(index.overlay));
    }
    content_sum_ = maintain_sum_ ? table->sum() : ContentSum{};
    rows_epoch_ = table->rows_epoch;
    view_ = table->past ? nullptr : table;
}

std::uint64_t OpenTable::row_count() const noexcept {
    return rows_base_.row_count + static_cast<std::uint64_t>(rows_.overlay().net_rows());
}

std::optional<PinnedRow> OpenTable::find(ByteView key) const {
    return find_row(services_.nodes, MergedTree{rows_base_, rows_.overlay()}, key);
}

std::optional<PinnedRow> OpenTable::find_index(std::size_t index, ByteView key) const {
    return find_row(services_.nodes, MergedTree{index_bases_[index], indexes_[index].overlay()},
                    key);
}

std::optional<Bytes> OpenTable::first_in_index(std::size_t index, ByteView prefix,
                                               ByteView except_key) const {
    MergingCursor cursor(services_.nodes,
                         MergedTree{index_bases_[index], indexes_[index].overlay()});
    for (cursor.seek(prefix); cursor.valid() && cursor.key().starts_with(prefix); cursor.next()) {
        const std::uint64_t parts_size = ByteReader(cursor.value()).varint();
        if (parts_size > cursor.key().size()) {
            throw StorageError(StorageErrorKind::kCorruption,
                               "index entry shorter than its parts in table " + name());
        }
        const ByteView primary = cursor.key().substr(static_cast<std::size_t>(parts_size));
        if (except_key.empty() || primary != except_key) {
            return Bytes(primary);
        }
    }
    return std::nullopt;
}

void OpenTable::change_index(std::size_t index, ByteView key, const Row* before, const Row* after) {
    std::optional<TableLayout::IndexEntry> old_entry;
    if (before != nullptr) {
        old_entry = layout_->index_entry(index, *before, key);
    }
    std::optional<TableLayout::IndexEntry> new_entry;
    if (after != nullptr) {
        new_entry = layout_->index_entry(index, *after, key);
    }
    if (old_entry && new_entry && old_entry->key == new_entry->key) {
        return;
    }
    if (old_entry) {
        indexes_[index].delete_row(old_entry->key, sequence_, true);
    }
    if (new_entry) {
        indexes_[index].set_row(new_entry->key, new_entry->value, sequence_, false);
    }
}

void OpenTable::apply_row(ByteView key, std::optional<ByteView> before,
                          std::optional<ByteView> after) {
    std::optional<Row> before_row;
    std::optional<Row> after_row;
    if (!layout_->indexes.empty()) {
        if (before) {
            before_row = layout_->rows.decode(row_bytes_of(*layout_, *before), &services_.blocks);
        }
        if (after) {
            after_row = layout_->rows.decode(row_bytes_of(*layout_, *after), &services_.blocks);
        }
    }
    apply_decoded(key, before, before_row ? &*before_row : nullptr, after,
                  after_row ? &*after_row : nullptr);
}

void OpenTable::apply_decoded(ByteView key, std::optional<ByteView> before, const Row* before_row,
                              std::optional<ByteView> after, const Row* after_row) {
    if (before == after) {
        return;
    }
    view_ = nullptr;
    for (std::size_t i = 0; i < layout_->indexes.size(); ++i) {
        change_index(i, key, before_row, after_row);
    }
    if (maintain_sum_) {
        // A keyless entry stands for `count` equal rows.
        if (before) {
            const Bytes canonical =
                layout_->rows.canonical(row_bytes_of(*layout_, *before), &services_.blocks);
            const std::uint64_t count = layout_->primary ? 1 : KeylessEntry::decode(*before).count;
            content_sum_.subtract_times(canonical, count);
        }
        if (after) {
            const Bytes canonical =
                layout_->rows.canonical(row_bytes_of(*layout_, *after), &services_.blocks);
            const std::uint64_t count = layout_->primary ? 1 : KeylessEntry::decode(*after).count;
            content_sum_.add_times(canonical, count);
        }
    }
    // Views of `before` may lie in the overlay entry that goes now.
    if (after) {
        rows_.set_row(key, *after, sequence_, before.has_value());
    } else {
        rows_.delete_row(key, sequence_, true);
    }
    if (unsettled_bytes() > services_.spill_bytes) {
        store_trees();
    }
}

std::uint64_t OpenTable::unsettled_bytes() const noexcept {
    std::uint64_t bytes = rows_.overlay().size_bytes();
    for (const OverlayEditor& index : indexes_) {
        bytes += index.overlay().size_bytes();
    }
    return bytes > settled_bytes_ ? bytes - settled_bytes_ : 0;
}

void OpenTable::store_trees() {
    view_ = nullptr;
    settled_bytes_ = 0;
    rows_base_ = store_merged_tree(services_.nodes, services_.sink, services_.seed,
                                   {rows_base_, rows_.overlay()});
    rows_.restore({});
    for (std::size_t i = 0; i < indexes_.size(); ++i) {
        index_bases_[i] = store_merged_tree(services_.nodes, services_.sink, services_.seed,
                                            {index_bases_[i], indexes_[i].overlay()});
        indexes_[i].restore({});
    }
}

std::shared_ptr<const Table> OpenTable::view() {
    if (!view_) {
        auto table = std::make_shared<Table>();
        table->layout = layout_;
        table->rows = {rows_base_, rows_.overlay()};
        table->indexes.reserve(indexes_.size());
        for (std::size_t i = 0; i < indexes_.size(); ++i) {
            table->indexes.push_back({index_bases_[i], indexes_[i].overlay()});
        }
        table->content_sum = content_sum_;
        table->rows_epoch = rows_epoch_;
        view_ = std::move(table);
    }
    return view_;
}

void OpenTable::set_layout(std::shared_ptr<const TableLayout> layout) {
    INVARIANT(layout->indexes.size() == indexes_.size(),
              "a schema with other indexes goes through rebuild_indexes");
    view_ = nullptr;
    const std::shared_ptr<const TableLayout> before = std::exchange(layout_, std::move(layout));
    if (maintain_sum_ && sum_changes(*before->schema, *layout_->schema)) {
        recount_sum();
    }
}

void OpenTable::recount_sum() {
    content_sum_ =
        count_sum(*layout_, {rows_base_, rows_.overlay()}, services_.nodes, services_.blocks);
}

void OpenTable::clear_rows() {
    view_ = nullptr;
    rows_base_ = {};
    rows_.restore({});
    for (std::size_t i = 0; i < indexes_.size(); ++i) {
        index_bases_[i] = {};
        indexes_[i].restore({});
    }
    content_sum_ = {};
    rows_epoch_ = draw_rows_epoch();
}

void OpenTable::rebuild_indexes(std::shared_ptr<const TableLayout> layout) {
    view_ = nullptr;
    const std::shared_ptr<const TableLayout> old_layout = std::exchange(layout_, std::move(layout));
    std::vector<TreeRoot> bases;
    std::vector<OverlayEditor> editors;
    std::vector<std::size_t> fresh;
    const std::vector<Index>& old_indexes = old_layout->schema->indexes;
    for (std::size_t i = 0; i < layout_->indexes.size(); ++i) {
        const Index& wanted = layout_->schema->indexes[i];
        bases.emplace_back();
        editors.emplace_back();
        bool kept = false;
        for (std::size_t old = 0; old < old_indexes.size() && !kept; ++old) {
            if (same_index_tree(old_indexes[old], wanted)) {
                bases[i] = index_bases_[old];
                editors[i].restore(indexes_[old].overlay());
                kept = true;
            }
        }
        if (!kept) {
            fresh.push_back(i);
        }
    }
    index_bases_ = std::move(bases);
    indexes_ = std::move(editors);
    if (maintain_sum_ && sum_changes(*old_layout->schema, *layout_->schema)) {
        recount_sum();
    }
    if (fresh.empty()) {
        return;
    }
    MergingCursor cursor(services_.nodes, {rows_base_, rows_.overlay()});
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        const Row row =
            layout_->rows.decode(row_bytes_of(*layout_, cursor.value()), &services_.blocks);
        for (const std::size_t i : fresh) {
            change_index(i, cursor.key(), nullptr, &row);
            if (indexes_[i].overlay().size_bytes() > services_.spill_bytes) {
                index_bases_[i] = store_merged_tree(services_.nodes, services_.sink, services_.seed,
                                                    {index_bases_[i], indexes_[i].overlay()});
                indexes_[i].restore({});
            }
        }
    }
}

}  // namespace afterimage::storage

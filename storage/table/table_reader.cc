// SPDX-License-Identifier: Apache-2.0
#include "storage/table/table_reader.h"

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

namespace {

/// What keeps the bytes of a row alive, in one pointer.
std::shared_ptr<const void> pin_of(PinnedRow row) {
    if (row.leaf) {
        return row.leaf;
    }
    auto held = std::make_shared<OverlayEntryPtr>(std::move(row.entry));
    return {held, static_cast<const void*>(held.get())};
}

/// Walks a MergingCursor over a range, in either direction.
class RangeWalk {
  public:
    RangeWalk(NodeSource& nodes, const MergedTree& tree, KeyRange range, bool reverse)
        : cursor_(nodes, tree), range_(std::move(range)), reverse_(reverse) {}

    bool next() {
        if (!started_) {
            started_ = true;
            if (!reverse_) {
                cursor_.seek(range_.begin);
            } else if (range_.end) {
                cursor_.seek_before(*range_.end);
            } else {
                cursor_.seek_to_last();
            }
        } else if (!cursor_.valid()) {
            return false;
        } else if (reverse_) {
            cursor_.prev();
        } else {
            cursor_.next();
        }
        return cursor_.valid() && (reverse_ ? cursor_.key() >= ByteView(range_.begin)
                                            : !range_.is_after(cursor_.key()));
    }

    /// Forward only: passes over up to `count` entries; how many there were.
    std::uint64_t skip(NodeSource& nodes, const MergedTree& tree, std::uint64_t count) {
        if (reverse_ || count == 0) {
            return 0;
        }
        const std::uint64_t first = started_ && cursor_.valid()
                                        ? cursor_.ordinal() + 1
                                        : count_rows_below(nodes, tree, range_.begin);
        const std::uint64_t end =
            range_.end ? count_rows_below(nodes, tree, *range_.end) : tree.row_count();
        const std::uint64_t skipped = std::min(count, end > first ? end - first : 0);
        if (skipped > 0) {
            // next() steps from the last row that is passed over.
            cursor_.seek_to_ordinal(first + skipped - 1);
            started_ = true;
        }
        return skipped;
    }

    [[nodiscard]] const MergingCursor& cursor() const noexcept { return cursor_; }

  private:
    MergingCursor cursor_;
    KeyRange range_;
    bool reverse_;
    bool started_ = false;
};

class PrimaryCursor final : public RowCursor {
  public:
    PrimaryCursor(std::shared_ptr<const Table> table, NodeSource& nodes, KeyRange range,
                  bool reverse)
        : table_(std::move(table)),
          nodes_(nodes),
          tree_(table_->row_tree()),
          keyless_(table_->schema().keyless()),
          walk_(nodes, tree_, std::move(range), reverse) {}

    bool next() override {
        if (repeats_left_ > 0) {
            --repeats_left_;
            return true;
        }
        if (!walk_.next()) {
            return false;
        }
        row_ = walk_.cursor().value();
        if (keyless_) {
            const KeylessEntry entry = KeylessEntry::decode(row_);
            row_ = entry.row;
            repeats_left_ = entry.count - 1;
        }
        return true;
    }
    ByteView key() const override { return walk_.cursor().key(); }
    ByteView row() const override { return row_; }
    std::shared_ptr<const void> pin() const override { return pin_of(walk_.cursor().pinned()); }
    std::uint64_t skip(std::uint64_t count) override {
        if (!keyless_) {
            const std::uint64_t skipped = walk_.skip(nodes_, tree_, count);
            if (skipped > 0) {
                return skipped;
            }
        }
        std::uint64_t skipped = 0;
        while (skipped < count && next()) {
            ++skipped;
        }
        return skipped;
    }

  private:
    std::shared_ptr<const Table> table_;
    NodeSource& nodes_;
    MergedTree tree_;
    bool keyless_;
    RangeWalk walk_;
    ByteView row_;
    std::uint64_t repeats_left_ = 0;
};

/// Primary key part of an index entry.
ByteView primary_part(ByteView index_key, ByteView value) {
    const std::uint64_t parts_size = ByteReader(value).varint();
    if (parts_size > index_key.size()) {
        throw StorageError(StorageErrorKind::kCorruption, "index entry shorter than its parts");
    }
    return index_key.substr(static_cast<std::size_t>(parts_size));
}

class IndexCursor final : public RowCursor {
  public:
    IndexCursor(std::shared_ptr<const Table> table, NodeSource& nodes, std::size_t index,
                KeyRange range, bool reverse)
        : table_(std::move(table)),
          nodes_(nodes),
          keyless_(table_->schema().keyless()),
          index_tree_(table_->index_tree(index)),
          walk_(nodes, index_tree_, std::move(range), reverse) {}

    bool next() override {
        if (repeats_left_ > 0) {
            --repeats_left_;
            return true;
        }
        if (!walk_.next()) {
            return false;
        }
        loaded_ = false;
        if (keyless_) {
            load();
        }
        return true;
    }
    ByteView key() const override {
        return primary_part(walk_.cursor().key(), walk_.cursor().value());
    }
    ByteView row() const override {
        load();
        return row_;
    }
    ByteView index_key() const override { return walk_.cursor().key(); }
    std::shared_ptr<const void> pin() const override {
        load();
        return past_row_ ? std::shared_ptr<const void>(past_row_) : pin_of(pinned_);
    }
    std::uint64_t skip(std::uint64_t count) override {
        if (!keyless_) {
            const std::uint64_t skipped = walk_.skip(nodes_, index_tree_, count);
            if (skipped > 0) {
                return skipped;
            }
        }
        std::uint64_t skipped = 0;
        while (skipped < count && next()) {
            ++skipped;
        }
        return skipped;
    }

  private:
    /// Rows are fetched when asked for: a scan that needs the index key alone reads no leaf.
    void load() const {
        if (loaded_) {
            return;
        }
        if (!find_current()) {
            throw StorageError(
                StorageErrorKind::kCorruption,
                "index entry of table " + table_->schema().name + " without its row");
        }
        if (keyless_) {
            const KeylessEntry entry = KeylessEntry::decode(row_);
            row_ = entry.row;
            repeats_left_ = entry.count - 1;
        }
        loaded_ = true;
    }
    bool find_current() const {
        // A few rows of a past state are found one by one: its tree takes every change since the
        // keyframe.
        if (table_->past && !rows_ && past_rows_found_ < kMostPastRows) {
            ++past_rows_found_;
            std::optional<Bytes> found = table_->past->find(key());
            if (!found) {
                return false;
            }
            past_row_ = std::make_shared<const Bytes>(std::move(*found));
            row_ = *past_row_;
            return true;
        }
        past_row_ = nullptr;
        std::optional<PinnedRow> found = find_row(nodes_, rows(), key());
        if (!found) {
            return false;
        }
        pinned_ = std::move(*found);
        row_ = pinned_.value;
        return true;
    }
    const MergedTree& rows() const {
        if (!rows_) {
            rows_ = table_->row_tree();
        }
        return *rows_;
    }

    std::shared_ptr<const Table> table_;
    NodeSource& nodes_;
    bool keyless_;
    MergedTree index_tree_;
    RangeWalk walk_;
    mutable std::optional<MergedTree> rows_;
    static constexpr unsigned kMostPastRows = 256;
    mutable unsigned past_rows_found_ = 0;
    mutable std::shared_ptr<const Bytes> past_row_;
    mutable PinnedRow pinned_;
    mutable ByteView row_;
    mutable std::uint64_t repeats_left_ = 0;
    mutable bool loaded_ = false;
};

}  // namespace

TableReader::TableReader(std::shared_ptr<const Table> table, NodeSource& nodes,
                         const ValueBlocks& blocks)
    : table_(std::move(table)), nodes_(nodes), blocks_(blocks) {}

std::uint64_t TableReader::row_count() const {
    if (!schema().keyless()) {
        return table_->row_tree().row_count();
    }
    // Duplicates are counted inside the entries of a keyless table.
    std::uint64_t count = 0;
    const std::unique_ptr<RowCursor> cursor = scan();
    while (cursor->next()) {
        ++count;
    }
    return count;
}

std::optional<Bytes> TableReader::find(ByteView key) const {
    std::optional<Bytes> stored;
    if (table_->past) {
        stored = table_->past->find(key);
    } else if (const std::optional<PinnedRow> found = find_row(nodes_, table_->rows, key)) {
        stored = Bytes(found->value);
    }
    if (stored && schema().keyless()) {
        return Bytes(KeylessEntry::decode(*stored).row);
    }
    return stored;
}

std::unique_ptr<RowCursor> TableReader::scan(KeyRange range, bool reverse) const {
    return std::make_unique<PrimaryCursor>(table_, nodes_, std::move(range), reverse);
}

std::unique_ptr<RowCursor> TableReader::scan_index(std::size_t index, KeyRange range,
                                                   bool reverse) const {
    return std::make_unique<IndexCursor>(table_, nodes_, index, std::move(range), reverse);
}

std::uint64_t TableReader::count(const KeyRange& range) const {
    return count_rows(nodes_, table_->row_tree(), range);
}

std::uint64_t TableReader::count_index(std::size_t index, const KeyRange& range) const {
    return count_rows(nodes_, table_->index_tree(index), range);
}

}  // namespace afterimage::storage

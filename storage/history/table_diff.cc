// SPDX-License-Identifier: Apache-2.0
#include "storage/history/table_diff.h"

#include "storage/history/root_diff.h"

namespace afterimage::storage {

ColumnMap::ColumnMap(const TableSchema& from, const TableSchema& to) {
    const bool one_table = from.table_id == to.table_id;
    for (std::size_t i = 0; i < to.columns.size(); ++i) {
        const Column& column = to.columns[i];
        const Column* found =
            one_table ? from.find_column(column.id) : from.find_column(column.name);
        std::size_t ordinal = kNone;
        if (found != nullptr) {
            ordinal = static_cast<std::size_t>(found - from.columns.data());
        }
        sources_.push_back(ordinal);
        identical_ = identical_ && ordinal == i && found->type == column.type;
    }
    identical_ = identical_ && from.columns.size() == to.columns.size();
}

bool same_key_encoding(const TableSchema& before, const TableSchema& after) {
    if (before.primary_key.has_value() != after.primary_key.has_value()) {
        return false;
    }
    if (!before.primary_key) {
        // Keyless keys are hashes of row bytes.
        return rows_compatible(before, after) || rows_compatible(after, before);
    }
    const std::vector<IndexPart>& a = before.primary_key->parts;
    const std::vector<IndexPart>& b = after.primary_key->parts;
    if (a.size() != b.size()) {
        return false;
    }
    const bool one_table = before.table_id == after.table_id;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const Column* x = before.find_column(a[i].column);
        const Column* y = after.find_column(b[i].column);
        if (x == nullptr || y == nullptr || !(x->type == y->type) || x->nullable != y->nullable ||
            (one_table ? x->id != y->id : x->name != y->name) ||
            a[i].prefix_length != b[i].prefix_length || a[i].descending != b[i].descending) {
            return false;
        }
    }
    return true;
}

TableDiff::TableDiff(std::shared_ptr<const Table> before, std::shared_ptr<const Table> after,
                     NodeSource& nodes, const ValueBlocks* blocks, const KeyRange& range)
    : before_(std::move(before)), after_(std::move(after)), blocks_(blocks), range_(range) {
    if (before_ && after_ && same_key_encoding(before_->schema(), after_->schema())) {
        diff_.emplace(nodes, before_->row_tree(), after_->row_tree(), range);
        if (before_->layout != after_->layout && before_->schema().primary_key &&
            !rows_compatible(before_->schema(), after_->schema()) &&
            !rows_compatible(after_->schema(), before_->schema())) {
            columns_.emplace(before_->schema(), after_->schema());
        }
        return;
    }
    if (before_) {
        removed_.emplace(nodes, before_->row_tree());
    }
    if (after_) {
        added_.emplace(nodes, after_->row_tree());
    }
}

bool TableDiff::next() { return diff_ ? next_pair() : next_of_whole_tables(); }

bool TableDiff::next_pair() {
    while (diff_->next()) {
        key_ = diff_->key();
        before_value_ = diff_->before();
        after_value_ = diff_->after();
        if (columns_ && before_value_ && after_value_ && same_cells()) {
            continue;  // bytes differ because the layouts do
        }
        return true;
    }
    return false;
}

bool TableDiff::next_of_whole_tables() {
    const auto step = [this](std::optional<MergingCursor>& cursor, bool& begun) {
        if (!cursor) {
            return false;
        }
        if (begun) {
            cursor->next();
        } else {
            cursor->seek(range_.begin);
            begun = true;
        }
        if (!cursor->valid() || range_.is_after(cursor->key())) {
            cursor.reset();
            return false;
        }
        key_ = cursor->key();
        return true;
    };
    if (step(removed_, removed_begun_)) {
        before_value_ = removed_->value();
        after_value_.reset();
        return true;
    }
    before_value_.reset();
    if (step(added_, added_begun_)) {
        after_value_ = added_->value();
        return true;
    }
    return false;
}

/// Rows of different layouts count as equal when the columns that both have are equal and the
/// others NULL.
bool TableDiff::same_cells() const {
    const RowCodec& old_rows = before_->layout->rows;
    const RowCodec& new_rows = after_->layout->rows;
    std::vector<bool> seen(before_->schema().columns.size(), false);
    for (std::size_t i = 0; i < columns_->size(); ++i) {
        const std::size_t from = columns_->source(i);
        const RowCodec::CellView now = new_rows.cell(*after_value_, i);
        if (from == ColumnMap::kNone) {
            if (!now.is_null) {
                return false;
            }
            continue;
        }
        seen[from] = true;
        const RowCodec::CellView was = old_rows.cell(*before_value_, from);
        if (was.is_null || now.is_null) {
            if (was.is_null != now.is_null) {
                return false;
            }
            continue;
        }
        const bool by_address = was.out_of_line && now.out_of_line;
        if (by_address || (blocks_ == nullptr && (was.out_of_line || now.out_of_line))) {
            if (was.payload != now.payload) {
                return false;
            }
            continue;
        }
        if (!old_rows.value_of(was, from, blocks_).same_as(new_rows.value_of(now, i, blocks_))) {
            return false;
        }
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!seen[i] && !old_rows.cell(*before_value_, i).is_null) {
            return false;
        }
    }
    return true;
}

}  // namespace afterimage::storage

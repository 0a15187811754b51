// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/table_scan.h"

#include <algorithm>

#include "sql/plan/key_ranges.h"

namespace afterimage::sql {

AccessCursor::AccessCursor(const storage::TableReader& reader, const KeyAccess& access)
    : reader_(reader), access_(access) {}

void AccessCursor::start(std::vector<storage::KeyRange> ranges) {
    ranges_ = std::move(ranges);
    at_ = 0;
    cursor_.reset();
    point_row_.reset();
}

bool AccessCursor::next() {
    const bool points = access_.unique && access_.index == kPrimaryTree;
    for (;;) {
        if (cursor_ && cursor_->next()) {
            return true;
        }
        cursor_.reset();
        if (at_ == ranges_.size()) {
            point_row_.reset();
            return false;
        }
        const storage::KeyRange& range = ranges_[at_++];
        if (points) {
            point_row_ = reader_.find(range.begin);
            if (point_row_) {
                return true;
            }
            continue;
        }
        cursor_ = access_.index == kPrimaryTree
                      ? reader_.scan(range, access_.reverse)
                      : reader_.scan_index(access_.index, range, access_.reverse);
    }
}

void AccessCursor::skip(std::uint64_t count) {
    while (count > 0) {
        if (!cursor_) {
            if (at_ == ranges_.size()) {
                return;
            }
            const storage::KeyRange& range = ranges_[at_++];
            cursor_ = access_.index == kPrimaryTree
                          ? reader_.scan(range, access_.reverse)
                          : reader_.scan_index(access_.index, range, access_.reverse);
        }
        const std::uint64_t skipped = cursor_->skip(count);
        count -= skipped;
        if (count > 0) {
            cursor_.reset();
        }
    }
}

storage::ByteView AccessCursor::key() const {
    return point_row_ ? storage::ByteView(ranges_[at_ - 1].begin) : cursor_->key();
}

storage::ByteView AccessCursor::row() const {
    return point_row_ ? storage::ByteView(*point_row_) : cursor_->row();
}

TableScan::TableScan(const PlanNode& node, ExecContext& context)
    : Operator(context),
      node_(node),
      reader_(context.catalog.reader(node.source->table)),
      loader_(*node.source, reader_),
      cursor_(reader_, node.access) {}

void TableScan::open() {
    const auto values = [&](const Expression& expression) {
        return evaluate_constant(expression, context_.eval);
    };
    cursor_.start(make_key_ranges(node_.access, reader_.layout(), values, context_.eval));
    left_ = node_.limit.value_or(~std::uint64_t{0});
    if (node_.offset > 0) {
        cursor_.skip(node_.offset);
    }
    done_ = false;
}

Batch* TableScan::next() {
    while (!done_) {
        context_.check_stop();
        start_batch(batch_, node_.width);
        loader_.start(batch_);
        const ArenaScope arena(context_.eval, batch_.arena);
        const std::size_t wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(left_, Batch::kMaxRows));
        std::size_t count = 0;
        const storage::TableLayout& layout = reader_.layout();
        while (count < wanted) {
            if (!cursor_.next()) {
                done_ = true;
                break;
            }
            if (node_.covering) {
                loader_.append_covered(batch_, codec_of(layout, node_.access.index),
                                       index_of(*layout.schema, node_.access.index),
                                       cursor_.index_key(), cursor_.key(), context_.eval);
            } else {
                loader_.append(batch_, cursor_.key(), cursor_.row(), context_.eval);
            }
            ++count;
        }
        left_ -= count;
        done_ = done_ || left_ == 0;
        batch_.row_count = count;
        if (count > 0 && filter(batch_, node_.conditions)) {
            return &batch_;
        }
    }
    return nullptr;
}

}  // namespace afterimage::sql

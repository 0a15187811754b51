// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/sort.h"

#include <algorithm>

#include "sql/exec/column_copy.h"
#include "sql/expr/row_hash.h"

namespace afterimage::sql {

namespace {

/// TopN drops what cannot come out whenever it holds so many rows more than wanted.
constexpr std::size_t kTopNSlack = 4096;

}  // namespace

Sort::Sort(const PlanNode& node, ExecContext& context, OperatorPtr child)
    : Operator(context), node_(node), child_(std::move(child)) {}

void Sort::open() {
    rows_ = std::make_unique<RowBuffer>(node_.output_types, context_.memory);
    keys_.clear();
    context_.memory.release(charged_);
    charged_ = 0;
    entries_.clear();
    at_ = 0;
    sorted_ = false;
    child_->open();
}

void Sort::add(const Batch& batch) {
    for (std::size_t k = 0; k < batch.active_count(); ++k) {
        const std::size_t row = batch.active_row(k);
        scratch_.clear();
        for (const OutputOrder& term : node_.order) {
            append_order_key(scratch_, batch.columns[term.column], row,
                             node_.children[0]->output_types[term.column], term.descending);
        }
        entries_.push_back(
            {keys_.copy(scratch_), static_cast<std::uint32_t>(rows_->row_count() + k)});
    }
    rows_->append_batch(batch);
    const std::size_t now = keys_.size_bytes() + entries_.size() * sizeof(Entry);
    if (now > charged_) {
        const std::size_t more = now - charged_;
        charged_ = now;
        context_.memory.add(more);
    }
}

namespace {

constexpr auto kByKey = [](const auto& a, const auto& b) {
    const int order = a.key.compare(b.key);
    return order != 0 ? order < 0 : a.row < b.row;
};

}  // namespace

// Keeps the first `limit` rows in a new buffer: memory stays near what comes out.
void Sort::cut() {
    const auto limit = static_cast<std::size_t>(*node_.limit);
    std::nth_element(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(limit),
                     entries_.end(), kByKey);
    entries_.resize(limit);
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.row < b.row; });
    auto kept = std::make_unique<RowBuffer>(node_.output_types, context_.memory);
    StringArena keys;
    for (Entry& entry : entries_) {
        const auto row = static_cast<std::uint32_t>(kept->row_count());
        kept->append_from(*rows_, entry.row);
        entry.key = keys.copy(entry.key);
        entry.row = row;
    }
    rows_ = std::move(kept);
    keys_ = std::move(keys);
    context_.memory.release(charged_);
    charged_ = 0;
}

void Sort::take_in() {
    const bool top = node_.limit.has_value() && *node_.limit < (std::uint64_t{1} << 20U);
    while (const Batch* batch = child_->next()) {
        context_.check_stop();
        add(*batch);
        if (top && entries_.size() > *node_.limit * 2 + kTopNSlack) {
            cut();
        }
    }
    std::sort(entries_.begin(), entries_.end(), kByKey);
    if (node_.limit && entries_.size() > *node_.limit) {
        entries_.resize(static_cast<std::size_t>(*node_.limit));
    }
    sorted_ = true;
}

Batch* Sort::next() {
    if (!sorted_) {
        take_in();
    }
    const std::size_t count = std::min(Batch::kMaxRows, entries_.size() - at_);
    if (count == 0) {
        return nullptr;
    }
    start_batch(batch_, node_.width);
    for (std::size_t i = 0; i < rows_->column_count(); ++i) {
        const ColumnVector& in = rows_->column(i);
        ColumnVector& out = batch_.columns[i];
        out.clear(in.kind);
        out.scale = in.scale;
        for (std::size_t k = 0; k < count; ++k) {
            append_cell(out, in, entries_[at_ + k].row, nullptr);
        }
    }
    at_ += count;
    batch_.row_count = count;
    return &batch_;
}

}  // namespace afterimage::sql

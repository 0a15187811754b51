// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/join.h"

#include <algorithm>

#include "sql/exec/column_copy.h"
#include "sql/plan/key_ranges.h"

namespace afterimage::sql {

Join::Join(const PlanNode& node, ExecContext& context, OperatorPtr outer)
    : Operator(context),
      node_(node),
      outer_(std::move(outer)),
      outer_slots_(plan_slots(*node.children[0])) {}

void Join::open() {
    outer_->open();
    outer_batch_ = nullptr;
    batch_done_ = true;
    in_row_ = false;
    prepare();
}

void Join::gather_outer() {
    for (const SlotColumn& slot : outer_slots_) {
        gather<std::uint16_t>(out_.columns[slot.slot], outer_batch_->columns[slot.slot], origin_);
    }
    out_.row_count = origin_.size();
}

bool Join::fill_matches() {
    start_batch(out_, node_.width);
    origin_.clear();
    start_inner(out_);
    const std::size_t active = outer_batch_->active_count();
    {
        const ArenaScope arena(context_.eval, out_.arena);
        while (origin_.size() < Batch::kMaxRows && position_ < active) {
            const std::size_t row = outer_batch_->active_row(position_);
            if (!in_row_) {
                start_row(*outer_batch_, row);
                in_row_ = true;
            }
            while (origin_.size() < Batch::kMaxRows && in_row_) {
                if (next_candidate()) {
                    origin_.push_back(static_cast<std::uint16_t>(row));
                } else {
                    in_row_ = false;
                }
            }
            if (!in_row_) {
                ++position_;
            }
        }
        finish_inner(out_);
    }
    if (origin_.empty()) {
        return false;
    }
    gather_outer();
    if (!filter(out_, node_.conditions)) {
        return false;
    }
    if (node_.left_join) {
        for (std::size_t k = 0; k < out_.active_count(); ++k) {
            matched_[origin_[out_.active_row(k)]] = true;
        }
    }
    return true;
}

bool Join::fill_unmatched() {
    start_batch(out_, node_.width);
    origin_.clear();
    for (std::size_t k = 0; k < outer_batch_->active_count(); ++k) {
        const std::size_t row = outer_batch_->active_row(k);
        if (!matched_[row]) {
            origin_.push_back(static_cast<std::uint16_t>(row));
        }
    }
    if (origin_.empty()) {
        return false;
    }
    start_inner(out_);
    append_inner_nulls(out_, origin_.size());
    gather_outer();
    return true;
}

Batch* Join::next() {
    for (;;) {
        context_.check_stop();
        if (batch_done_) {
            outer_batch_ = outer_->next();
            if (!outer_batch_) {
                return nullptr;
            }
            batch_done_ = false;
            position_ = 0;
            in_row_ = false;
            matched_.assign(outer_batch_->row_count, false);
            start_outer_batch(*outer_batch_);
        }
        if (position_ < outer_batch_->active_count()) {
            if (fill_matches()) {
                return &out_;
            }
            continue;
        }
        batch_done_ = true;
        if (node_.left_join && fill_unmatched()) {
            return &out_;
        }
    }
}

// ---- Buffered inner side ------------------------------------------------------------------------

BufferedJoin::BufferedJoin(const PlanNode& node, ExecContext& context, OperatorPtr outer,
                           OperatorPtr inner)
    : Join(node, context, std::move(outer)),
      inner_(std::move(inner)),
      inner_slots_(plan_slots(*node.children[1])) {
    for (const SlotColumn& slot : inner_slots_) {
        inner_slot_numbers_.push_back(slot.slot);
    }
}

void BufferedJoin::start_inner(Batch& /*out*/) { chosen_.clear(); }

void BufferedJoin::finish_inner(Batch& out) {
    for (std::size_t i = 0; i < inner_slots_.size(); ++i) {
        gather<std::uint32_t>(out.columns[inner_slots_[i].slot], rows_->column(i), chosen_);
    }
}

void BufferedJoin::append_inner_nulls(Batch& out, std::size_t count) {
    for (const SlotColumn& slot : inner_slots_) {
        fill_nulls(out.columns[slot.slot], vector_kind(slot.type), count);
        out.columns[slot.slot].scale = slot.type.type.scale;
    }
}

namespace {

std::vector<ResultType> slot_types(const std::vector<SlotColumn>& slots) {
    std::vector<ResultType> types;
    for (const SlotColumn& slot : slots) {
        types.push_back(slot.type);
    }
    return types;
}

}  // namespace

void NestedLoopJoin::prepare() {
    rows_ = std::make_unique<RowBuffer>(slot_types(inner_slots_), context_.memory);
    inner_->open();
    while (const Batch* batch = inner_->next()) {
        rows_->append_batch(*batch, inner_slot_numbers_);
    }
}

bool NestedLoopJoin::next_candidate() {
    if (at_ == rows_->row_count()) {
        return false;
    }
    chosen_.push_back(static_cast<std::uint32_t>(at_++));
    return true;
}

// ---- Index lookups ------------------------------------------------------------------------------

IndexJoin::IndexJoin(const PlanNode& node, ExecContext& context, OperatorPtr outer)
    : Join(node, context, std::move(outer)),
      reader_(context.catalog.reader(node.source->table)),
      loader_(*node.source, reader_),
      cursor_(reader_, node.access) {}

void IndexJoin::start_inner(Batch& out) {
    out_ = &out;
    loader_.start(out);
}

void IndexJoin::start_row(Batch& outer, std::size_t row) {
    const auto values = [&](const Expression& expression) {
        return evaluate_row(expression, outer, row, context_.eval);
    };
    cursor_.start(make_key_ranges(node_.access, reader_.layout(), values, context_.eval));
}

bool IndexJoin::next_candidate() {
    if (!cursor_.next()) {
        return false;
    }
    if (node_.covering) {
        const storage::TableLayout& layout = reader_.layout();
        loader_.append_covered(*out_, codec_of(layout, node_.access.index),
                               index_of(*layout.schema, node_.access.index), cursor_.index_key(),
                               cursor_.key(), context_.eval);
    } else {
        loader_.append(*out_, cursor_.key(), cursor_.row(), context_.eval);
    }
    return true;
}

void IndexJoin::append_inner_nulls(Batch& out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        loader_.append_nulls(out);
    }
}

// ---- LATERAL ------------------------------------------------------------------------------------

LateralJoin::LateralJoin(const PlanNode& node, ExecContext& context, OperatorPtr outer,
                         OperatorPtr inner)
    : Join(node, context, std::move(outer)),
      inner_(std::move(inner)),
      inner_slots_(plan_slots(*node.children[1])),
      rows_(slot_types(inner_slots_), context.memory) {}

void LateralJoin::start_inner(Batch& out) {
    out_ = &out;
    for (const SlotColumn& slot : inner_slots_) {
        out.columns[slot.slot].clear(vector_kind(slot.type));
        out.columns[slot.slot].scale = slot.type.type.scale;
    }
}

void LateralJoin::start_row(Batch& outer, std::size_t row) {
    rows_.clear();
    at_ = 0;
    std::vector<std::size_t> slots;
    for (const SlotColumn& slot : inner_slots_) {
        slots.push_back(slot.slot);
    }
    context_.eval.outer.push_back({&outer, row});
    try {
        inner_->open();
        while (const Batch* batch = inner_->next()) {
            rows_.append_batch(*batch, slots);
        }
    } catch (...) {
        context_.eval.outer.pop_back();
        throw;
    }
    context_.eval.outer.pop_back();
}

bool LateralJoin::next_candidate() {
    if (at_ == rows_.row_count()) {
        return false;
    }
    for (std::size_t i = 0; i < inner_slots_.size(); ++i) {
        append_cell(out_->columns[inner_slots_[i].slot], rows_.column(i), at_, &out_->arena);
    }
    ++at_;
    return true;
}

void LateralJoin::append_inner_nulls(Batch& out, std::size_t count) {
    for (const SlotColumn& slot : inner_slots_) {
        fill_nulls(out.columns[slot.slot], vector_kind(slot.type), count);
    }
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// The build side's rows by the hash of their keys: buckets of chains, in row order.
#include <algorithm>

#include "sql/exec/join.h"
#include "sql/expr/row_hash.h"

namespace afterimage::sql {

HashJoin::HashJoin(const PlanNode& node, ExecContext& context, OperatorPtr outer, OperatorPtr inner)
    : BufferedJoin(node, context, std::move(outer), std::move(inner)) {
    for (const ResultType& type : node.key_types) {
        types_.push_back(&type);
    }
    probe_scratch_.resize(node.left_keys.size());
    probe_.resize(node.left_keys.size());
}

void HashJoin::add_build_batch(Batch& batch) {
    std::vector<ColumnVector> scratch(node_.right_keys.size());
    std::vector<const ColumnVector*> keys(node_.right_keys.size());
    const ArenaScope arena(context_.eval, batch.arena);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        keys[i] = &evaluate_ref(*node_.right_keys[i], batch, context_.eval, scratch[i]);
    }
    // A NULL key matches nothing, unless it is compared by <=>.
    std::vector<std::uint16_t> kept;
    for (std::size_t k = 0; k < batch.active_count(); ++k) {
        const std::size_t row = batch.active_row(k);
        bool joins = true;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            joins = joins && (node_.null_safe[i] || !keys[i]->is_null(row));
        }
        if (joins) {
            kept.push_back(static_cast<std::uint16_t>(row));
        }
    }
    if (kept.empty()) {
        return;
    }
    batch.selection = std::move(kept);
    batch.selected = true;
    std::vector<std::uint64_t> hashes;
    hash_rows(keys, types_, batch, hashes);
    for (const std::uint16_t row : batch.selection) {
        build_hashes_.push_back(hashes[row]);
        keys_->append_row(keys, row);
    }
    rows_->append_batch(batch, inner_slot_numbers_);
}

void HashJoin::link_rows() {
    std::size_t size = 16;
    while (size < build_hashes_.size() * 2) {
        size *= 2;
    }
    buckets_.assign(size, kNone);
    chain_.assign(build_hashes_.size(), kNone);
    context_.memory.add((buckets_.size() + chain_.size()) * sizeof(std::uint32_t));
    // From the last row on, so that chains run in row order.
    for (std::size_t row = build_hashes_.size(); row-- > 0;) {
        std::uint32_t& head = buckets_[static_cast<std::size_t>(build_hashes_[row]) & (size - 1)];
        chain_[row] = head;
        head = static_cast<std::uint32_t>(row);
    }
    context_.memory.release((buckets_.size() + chain_.size()) * sizeof(std::uint32_t));
}

void HashJoin::prepare() {
    std::vector<ResultType> types;
    for (const SlotColumn& slot : inner_slots_) {
        types.push_back(slot.type);
    }
    rows_ = std::make_unique<RowBuffer>(std::move(types), context_.memory);
    keys_ = std::make_unique<RowBuffer>(node_.key_types, context_.memory);
    build_hashes_.clear();
    inner_->open();
    while (Batch* batch = inner_->next()) {
        context_.check_stop();
        add_build_batch(*batch);
    }
    link_rows();
}

void HashJoin::start_outer_batch(Batch& outer) {
    const ArenaScope arena(context_.eval, outer.arena);
    for (std::size_t i = 0; i < probe_.size(); ++i) {
        probe_[i] = &evaluate_ref(*node_.left_keys[i], outer, context_.eval, probe_scratch_[i]);
    }
    hash_rows(probe_, types_, outer, probe_hashes_);
}

void HashJoin::start_row(Batch& /*outer*/, std::size_t row) {
    probe_row_ = row;
    candidate_ = kNone;
    for (std::size_t i = 0; i < probe_.size(); ++i) {
        if (!node_.null_safe[i] && probe_[i]->is_null(row)) {
            return;
        }
    }
    candidate_ = buckets_[static_cast<std::size_t>(probe_hashes_[row]) & (buckets_.size() - 1)];
}

bool HashJoin::next_candidate() {
    while (candidate_ != kNone) {
        const std::uint32_t row = candidate_;
        candidate_ = chain_[row];
        if (build_hashes_[row] != probe_hashes_[probe_row_]) {
            continue;
        }
        bool equal = true;
        for (std::size_t i = 0; equal && i < probe_.size(); ++i) {
            equal = cells_equal(*probe_[i], probe_row_, keys_->column(i), row, *types_[i]);
        }
        if (equal) {
            chosen_.push_back(row);
            return true;
        }
    }
    return false;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/aggregate_operator.h"

#include <algorithm>
#include <numeric>

#include "sql/exec/column_copy.h"
#include "sql/expr/row_hash.h"

namespace afterimage::sql {

Aggregate::Aggregate(const PlanNode& node, ExecContext& context, OperatorPtr child)
    : Operator(context), node_(node), select_(*node.select), child_(std::move(child)) {
    for (const ExpressionPtr& key : select_.group_by) {
        key_types_.push_back(key->type);
    }
}

void Aggregate::add_level(std::size_t key_count) {
    Level level;
    level.key_count = key_count;
    level.keys = std::make_unique<KeyTable>(
        std::vector<ResultType>(key_types_.begin(),
                                key_types_.begin() + static_cast<std::ptrdiff_t>(key_count)),
        context_.memory);
    for (const AggregateCall& call : select_.aggregates) {
        level.states.push_back(make_aggregate_state(call));
    }
    levels_.push_back(std::move(level));
}

void Aggregate::open() {
    levels_.clear();
    rollup_rows_.reset();
    rollup_order_.clear();
    taken_in_ = false;
    at_ = 0;
    add_level(key_types_.size());
    if (select_.rollup) {
        for (std::size_t count = key_types_.size(); count-- > 0;) {
            add_level(count);
        }
    }
    child_->open();
}

void Aggregate::add(Level& level, const std::vector<const ColumnVector*>& keys, Batch& batch,
                    const std::vector<std::vector<const ColumnVector*>>& inputs) {
    std::vector<std::uint32_t> groups;
    std::size_t count = 1;
    if (level.key_count > 0) {
        level.keys->find_or_add(std::span(keys).first(level.key_count), batch, groups);
        count = level.keys->size();
    }
    for (std::size_t i = 0; i < level.states.size(); ++i) {
        level.states[i]->resize_groups(count);
        level.states[i]->update(inputs[i], batch, groups, context_.eval);
    }
}

void Aggregate::take_in() {
    std::vector<ColumnVector> key_scratch(key_types_.size());
    std::vector<const ColumnVector*> keys(key_types_.size());
    std::vector<std::vector<const Expression*>> input_expressions;
    std::vector<std::vector<ColumnVector>> input_scratch;
    std::vector<std::vector<const ColumnVector*>> inputs;
    for (const AggregateCall& call : select_.aggregates) {
        input_expressions.push_back(call.input_expressions());
        input_scratch.emplace_back(input_expressions.back().size());
        inputs.emplace_back(input_expressions.back().size());
    }
    std::size_t charged = 0;
    while (Batch* batch = child_->next()) {
        context_.check_stop();
        const ArenaScope arena(context_.eval, batch->arena);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            keys[i] = &evaluate_ref(*select_.group_by[i], *batch, context_.eval, key_scratch[i]);
        }
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            for (std::size_t k = 0; k < inputs[i].size(); ++k) {
                inputs[i][k] = &evaluate_ref(*input_expressions[i][k], *batch, context_.eval,
                                             input_scratch[i][k]);
            }
        }
        std::size_t bytes = 0;
        for (Level& level : levels_) {
            add(level, keys, *batch, inputs);
            for (const auto& state : level.states) {
                bytes += state->size_bytes();
            }
        }
        if (bytes > charged) {
            context_.memory.add(bytes - charged);
            charged = bytes;
        }
    }
    context_.memory.release(charged);
    // Without GROUP BY there is always one row; the grand total of a rollup needs input.
    for (Level& level : levels_) {
        if (level.key_count == 0 && (key_types_.empty() || levels_[0].keys->size() > 0)) {
            for (auto& state : level.states) {
                state->resize_groups(1);
            }
        }
    }
    taken_in_ = true;
    if (select_.rollup && !key_types_.empty()) {
        order_rollup();
    }
}

void Aggregate::emit(Level& level, std::size_t first, std::size_t count, Batch& out) {
    const ArenaScope arena(context_.eval, out.arena);
    for (std::size_t i = 0; i < key_types_.size(); ++i) {
        ColumnVector& column = out.columns[i];
        if (i >= level.key_count) {
            fill_nulls(column, vector_kind(key_types_[i]), count);
            column.scale = key_types_[i].type.scale;
            continue;
        }
        const ColumnVector& in = level.keys->keys().column(i);
        column.clear(in.kind);
        column.scale = in.scale;
        for (std::size_t row = first; row < first + count; ++row) {
            append_cell(column, in, row, nullptr);
        }
    }
    for (std::size_t i = 0; i < level.states.size(); ++i) {
        level.states[i]->finish(first, count, context_.eval, out.columns[key_types_.size() + i]);
    }
    out.row_count = count;
}

// A rollup's rows come in key order, each super-aggregate behind the rows that it sums up.
void Aggregate::order_rollup() {
    std::vector<ResultType> types = key_types_;
    for (const AggregateCall& call : select_.aggregates) {
        types.push_back(call.type);
    }
    rollup_rows_ = std::make_unique<RowBuffer>(types, context_.memory);
    std::vector<std::string> order_keys;
    for (Level& level : levels_) {
        const std::size_t groups =
            level.key_count > 0 ? level.keys->size() : (levels_[0].keys->size() > 0 ? 1 : 0);
        for (std::size_t first = 0; first < groups; first += Batch::kMaxRows) {
            Batch out;
            out.columns.resize(types.size());
            emit(level, first, std::min(Batch::kMaxRows, groups - first), out);
            rollup_rows_->append_batch(out);
            for (std::size_t row = 0; row < out.row_count; ++row) {
                std::string key;
                for (std::size_t i = 0; i < key_types_.size(); ++i) {
                    key.push_back(i < level.key_count ? '\0' : '\1');
                    append_order_key(key, out.columns[i], row, key_types_[i], false);
                }
                order_keys.push_back(std::move(key));
            }
        }
    }
    rollup_order_.resize(order_keys.size());
    std::iota(rollup_order_.begin(), rollup_order_.end(), 0U);
    std::sort(rollup_order_.begin(), rollup_order_.end(),
              [&](std::uint32_t a, std::uint32_t b) { return order_keys[a] < order_keys[b]; });
}

Batch* Aggregate::next() {
    if (!taken_in_) {
        take_in();
    }
    start_batch(batch_, node_.width);
    if (rollup_rows_) {
        const std::size_t count = std::min(Batch::kMaxRows, rollup_order_.size() - at_);
        if (count == 0) {
            return nullptr;
        }
        const std::span<const std::uint32_t> rows(rollup_order_.data() + at_, count);
        for (std::size_t i = 0; i < rollup_rows_->column_count(); ++i) {
            gather(batch_.columns[i], rollup_rows_->column(i), rows);
        }
        at_ += count;
        batch_.row_count = count;
        return &batch_;
    }
    Level& level = levels_.front();
    const std::size_t groups = key_types_.empty() ? 1 : level.keys->size();
    const std::size_t count = std::min(Batch::kMaxRows, groups - at_);
    if (count == 0) {
        return nullptr;
    }
    emit(level, at_, count, batch_);
    at_ += count;
    return &batch_;
}

}  // namespace afterimage::sql

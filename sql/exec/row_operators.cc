// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/row_operators.h"

#include <algorithm>

#include "sql/exec/column_copy.h"

namespace afterimage::sql {

Batch* Filter::next() {
    while (Batch* batch = child_->next()) {
        context_.check_stop();
        if (filter(*batch, node_.conditions)) {
            return batch;
        }
    }
    return nullptr;
}

// ---- Project ------------------------------------------------------------------------------------

Project::Project(const PlanNode& node, ExecContext& context, OperatorPtr child)
    : Operator(context), node_(node), child_(std::move(child)) {
    for (const ExpressionPtr& item : node.select->items) {
        walk(*item, [&](const Expression& part) {
            row_by_row_ = row_by_row_ || part.kind == ExpressionKind::kAssign;
        });
    }
}

void Project::open() { child_->open(); }

void Project::project_row_by_row(Batch& input) {
    const auto& items = node_.select->items;
    for (std::size_t i = 0; i < node_.width; ++i) {
        batch_.columns[i].clear(vector_kind(items[i]->type));
        batch_.columns[i].scale = items[i]->type.type.scale;
    }
    const std::vector<std::uint16_t> rows = [&] {
        std::vector<std::uint16_t> active;
        for (std::size_t k = 0; k < input.active_count(); ++k) {
            active.push_back(static_cast<std::uint16_t>(input.active_row(k)));
        }
        return active;
    }();
    ColumnVector scratch;
    for (const std::uint16_t row : rows) {
        input.selection.assign(1, row);
        input.selected = true;
        for (std::size_t i = 0; i < node_.width; ++i) {
            const ColumnVector& cell = evaluate_ref(*items[i], input, context_.eval, scratch);
            append_cell(batch_.columns[i], cell, row, nullptr);
        }
    }
    batch_.row_count = rows.size();
}

Batch* Project::next() {
    Batch* input = child_->next();
    if (!input) {
        return nullptr;
    }
    const auto& items = node_.select->items;
    start_batch(batch_, node_.width);
    const ArenaScope arena(context_.eval, batch_.arena);
    if (row_by_row_) {
        project_row_by_row(*input);
        return &batch_;
    }
    for (std::size_t i = 0; i < node_.width; ++i) {
        evaluate(*items[i], *input, context_.eval, batch_.columns[i]);
    }
    batch_.row_count = input->row_count;
    batch_.selected = input->selected;
    batch_.selection = input->selection;
    return &batch_;
}

// ---- Distinct -----------------------------------------------------------------------------------

namespace {

std::vector<ResultType> first_types(const std::vector<ResultType>& types, std::size_t count) {
    return {types.begin(), types.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// Rows whose key was not known before; their numbers ascend from `known` on.
void keep_new(Batch& batch, const std::vector<std::uint32_t>& ids, std::size_t known) {
    std::vector<std::uint16_t> kept;
    auto next_id = static_cast<std::uint32_t>(known);
    for (std::size_t k = 0; k < batch.active_count(); ++k) {
        const std::size_t row = batch.active_row(k);
        if (ids[row] == next_id) {
            kept.push_back(static_cast<std::uint16_t>(row));
            ++next_id;
        }
    }
    batch.selection = std::move(kept);
    batch.selected = true;
}

}  // namespace

Distinct::Distinct(const PlanNode& node, ExecContext& context, OperatorPtr child)
    : Operator(context),
      node_(node),
      child_(std::move(child)),
      seen_(first_types(node.output_types, node.distinct_columns), context.memory) {}

void Distinct::open() {
    seen_.clear();
    child_->open();
}

Batch* Distinct::next() {
    std::vector<const ColumnVector*> columns;
    std::vector<std::uint32_t> ids;
    while (Batch* batch = child_->next()) {
        columns.clear();
        for (std::size_t i = 0; i < node_.distinct_columns; ++i) {
            columns.push_back(&batch->columns[i]);
        }
        const std::size_t known = seen_.size();
        seen_.find_or_add(columns, *batch, ids);
        keep_new(*batch, ids, known);
        if (batch->active_count() > 0) {
            return batch;
        }
    }
    return nullptr;
}

// ---- Limit --------------------------------------------------------------------------------------

void Limit::open() {
    skip_ = node_.offset;
    left_ = node_.limit.value_or(~std::uint64_t{0});
    seen_ = 0;
    child_->open();
}

Batch* Limit::next() {
    const bool counts = node_.query->calc_found_rows;
    while (left_ > 0) {
        Batch* batch = child_->next();
        if (!batch) {
            break;
        }
        seen_ += batch->active_count();
        const std::size_t active = batch->active_count();
        const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, active));
        skip_ -= skipped;
        const auto taken =
            static_cast<std::size_t>(std::min<std::uint64_t>(left_, active - skipped));
        if (taken == 0) {
            continue;
        }
        left_ -= taken;
        if (taken < active) {
            std::vector<std::uint16_t> rows;
            for (std::size_t k = skipped; k < skipped + taken; ++k) {
                rows.push_back(static_cast<std::uint16_t>(batch->active_row(k)));
            }
            batch->selection = std::move(rows);
            batch->selected = true;
        }
        return batch;
    }
    if (counts) {
        if (left_ == 0) {
            while (const Batch* rest = child_->next()) {
                seen_ += rest->active_count();
            }
        }
        context_.found_rows = seen_;
    }
    left_ = 0;
    return nullptr;
}

// ---- Set operations -----------------------------------------------------------------------------

SetOperation::SetOperation(const PlanNode& node, ExecContext& context)
    : Operator(context), node_(node) {
    for (const auto& subplan : node.subplans) {
        arms_.push_back(build_operator(*subplan->root, context));
    }
    for (std::size_t i = 1; i < node.query->terms.size(); ++i) {
        const BoundSetTerm& term = node.query->terms[i];
        streams_ = streams_ && term.op == ast::SetOp::kUnion && term.all;
    }
}

void SetOperation::open() {
    arm_ = 0;
    at_ = 0;
    result_.reset();
    if (streams_) {
        arms_[0]->open();
        return;
    }
    combine();
}

Batch* SetOperation::next_of_arm(std::size_t arm) {
    Batch* input = arms_[arm]->next();
    if (!input) {
        return nullptr;
    }
    context_.check_stop();
    start_batch(batch_, node_.width);
    const ArenaScope arena(context_.eval, batch_.arena);
    const auto& conversions = node_.query->terms[arm].conversions;
    for (std::size_t i = 0; i < conversions.size(); ++i) {
        evaluate(*conversions[i], *input, context_.eval, batch_.columns[i]);
    }
    batch_.row_count = input->row_count;
    batch_.selected = input->selected;
    batch_.selection = input->selection;
    return &batch_;
}

void SetOperation::add_distinct(std::size_t arm, RowBuffer& result) {
    KeyTable seen(node_.output_types, context_.memory);
    RowBuffer kept(node_.output_types, context_.memory);
    std::vector<const ColumnVector*> columns;
    for (std::size_t i = 0; i < node_.width; ++i) {
        columns.push_back(&result.column(i));
    }
    for (std::size_t row = 0; row < result.row_count(); ++row) {
        if (seen.add(columns, row).second) {
            kept.append_row(columns, row);
        }
    }
    arms_[arm]->open();
    while (const Batch* batch = next_of_arm(arm)) {
        for (std::size_t i = 0; i < node_.width; ++i) {
            columns[i] = &batch->columns[i];
        }
        for (std::size_t k = 0; k < batch->active_count(); ++k) {
            const std::size_t row = batch->active_row(k);
            if (seen.add(columns, row).second) {
                kept.append_row(columns, row);
            }
        }
    }
    result.clear();
    for (std::size_t row = 0; row < kept.row_count(); ++row) {
        result.append_from(kept, row);
    }
}

// EXCEPT and INTERSECT: how often each row comes on the right side decides; without ALL a row comes
// out once at most.
void SetOperation::keep_common(std::size_t arm, bool all, bool except,
                               std::unique_ptr<RowBuffer>& result) {
    KeyTable right(node_.output_types, context_.memory);
    std::vector<std::uint64_t> counts;
    std::vector<const ColumnVector*> columns(node_.width);
    arms_[arm]->open();
    while (const Batch* batch = next_of_arm(arm)) {
        for (std::size_t i = 0; i < node_.width; ++i) {
            columns[i] = &batch->columns[i];
        }
        for (std::size_t k = 0; k < batch->active_count(); ++k) {
            const auto [id, fresh] = right.add(columns, batch->active_row(k));
            counts.resize(right.size(), 0);
            ++counts[id];
        }
    }
    auto kept = std::make_unique<RowBuffer>(node_.output_types, context_.memory);
    KeyTable given(node_.output_types, context_.memory);
    for (std::size_t i = 0; i < node_.width; ++i) {
        columns[i] = &result->column(i);
    }
    for (std::size_t row = 0; row < result->row_count(); ++row) {
        const auto id = right.find(columns, row);
        bool in_right = id.has_value() && counts[*id] > 0;
        if (all && in_right) {
            --counts[*id];
        }
        if (in_right == except) {
            continue;
        }
        if (all || given.add(columns, row).second) {
            kept->append_row(columns, row);
        }
    }
    result = std::move(kept);
}

void SetOperation::combine() {
    result_ = std::make_unique<RowBuffer>(node_.output_types, context_.memory);
    const auto& terms = node_.query->terms;
    arms_[0]->open();
    while (const Batch* batch = next_of_arm(0)) {
        result_->append_batch(*batch);
    }
    for (std::size_t arm = 1; arm < arms_.size(); ++arm) {
        if (terms[arm].op != ast::SetOp::kUnion) {
            keep_common(arm, terms[arm].all, terms[arm].op == ast::SetOp::kExcept, result_);
        } else if (terms[arm].all) {
            arms_[arm]->open();
            while (const Batch* batch = next_of_arm(arm)) {
                result_->append_batch(*batch);
            }
        } else {
            add_distinct(arm, *result_);
        }
    }
}

Batch* SetOperation::next() {
    if (streams_) {
        while (arm_ < arms_.size()) {
            if (Batch* batch = next_of_arm(arm_)) {
                return batch;
            }
            if (++arm_ < arms_.size()) {
                arms_[arm_]->open();
            }
        }
        return nullptr;
    }
    const std::size_t count = std::min(Batch::kMaxRows, result_->row_count() - at_);
    if (count == 0) {
        return nullptr;
    }
    start_batch(batch_, node_.width);
    result_->read(at_, count, batch_);
    at_ += count;
    return &batch_;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/source_operators.h"

#include <algorithm>

#include "sql/exec/column_copy.h"
#include "sql/exec/key_table.h"
#include "sql/expr/cast.h"
#include "sql/plan/planner.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

Batch* OneRow::next() {
    if (done_) {
        return nullptr;
    }
    done_ = true;
    start_batch(batch_, node_.width);
    batch_.row_count = 1;
    return &batch_;
}

// ---- Virtual tables -----------------------------------------------------------------------------

VirtualTableScan::VirtualTableScan(const PlanNode& node, ExecContext& context)
    : Operator(context), node_(node), slots_(source_slots(*node.source)) {}

void VirtualTableScan::open() {
    ScanRequest request;
    const BoundSource& source = *node_.source;
    for (std::size_t i = 0; i < source.used.size(); ++i) {
        if (source.used[i]) {
            request.columns.push_back(i);
        }
    }
    request.conjuncts = node_.pushed;
    request.order = node_.pushed_order;
    request.context = &context_.statement;
    scan_ = source.virtual_table->open(request);
    left_ = node_.limit.value_or(~std::uint64_t{0});
    step_ = static_cast<std::size_t>(std::min<std::uint64_t>(left_, Batch::kMaxRows));
    if (left_ == 0) {
        scan_.reset();
        return;
    }
    conditions_ = node_.conditions;
    for (std::size_t i = 0; i < scan_->applied.size() && i < node_.pushed_conditions.size(); ++i) {
        // BETWEEN was pushed as two conjuncts: both must have been applied.
        const Expression* condition = node_.pushed_conditions[i];
        bool all = true;
        for (std::size_t k = 0; k < node_.pushed_conditions.size(); ++k) {
            all = all && (node_.pushed_conditions[k] != condition ||
                          (k < scan_->applied.size() && scan_->applied[k]));
        }
        if (all) {
            std::erase(conditions_, condition);
        }
    }
}

Batch* VirtualTableScan::next() {
    const BoundSource& source = *node_.source;
    while (scan_) {
        context_.check_stop();
        start_batch(batch_, node_.width);
        for (const SlotColumn& slot : slots_) {
            batch_.columns[slot.slot].clear(vector_kind(slot.type));
            batch_.columns[slot.slot].scale = slot.type.type.scale;
        }
        const ArenaScope arena(context_.eval, batch_.arena);
        std::size_t count = 0;
        storage::Row row;
        while (count < step_) {
            row.assign(source.columns.size(), storage::Value());
            if (!scan_->next(row)) {
                scan_.reset();
                break;
            }
            for (const SlotColumn& slot : slots_) {
                append_value(batch_.columns[slot.slot], row[slot.slot - source.first_slot],
                             slot.type, context_.eval);
            }
            ++count;
        }
        batch_.row_count = count;
        if (count > 0 && filter(batch_, conditions_)) {
            left_ -= std::min<std::uint64_t>(left_, batch_.active_count());
            if (left_ == 0) {
                scan_.reset();
            }
            return &batch_;
        }
        // Each row may cost a read of history: what nothing came of is doubled, not filled up.
        step_ = std::min(step_ * 2, Batch::kMaxRows);
    }
    return nullptr;
}

// ---- Derived tables and CTEs --------------------------------------------------------------------

QuerySource::QuerySource(const PlanNode& node, ExecContext& context)
    : Operator(context), node_(node), query_(build_operator(*node.subplan->root, context)) {}

namespace {

std::vector<ResultType> output_types(const std::vector<SourceColumn>& columns) {
    std::vector<ResultType> types;
    for (const SourceColumn& column : columns) {
        types.push_back(column.meta.type);
    }
    return types;
}

constexpr std::uint64_t kDefaultRecursionDepth = 1000;

std::uint64_t recursion_limit(const Session& session) {
    if (!find_system_variable("cte_max_recursion_depth")) {
        return kDefaultRecursionDepth;
    }
    return session.get_variable("cte_max_recursion_depth").as_uint();
}

}  // namespace

void QuerySource::run_recursion(const CteDefinition& cte, RowBuffer& result) {
    const std::vector<ResultType> types = output_types(cte.columns);
    std::optional<KeyTable> seen;
    if (cte.distinct) {
        seen.emplace(types, context_.memory);
    }
    std::vector<const ColumnVector*> cells(types.size());
    // Adds new rows to `result` and to the next round's working table.
    const auto add = [&](const Batch& batch, RowBuffer& round) {
        for (std::size_t i = 0; i < types.size(); ++i) {
            cells[i] = &batch.columns[i];
        }
        for (std::size_t k = 0; k < batch.active_count(); ++k) {
            const std::size_t row = batch.active_row(k);
            if (!seen || seen->add(cells, row).second) {
                result.append_row(cells, row);
                round.append_row(cells, row);
            }
        }
    };
    auto round = std::make_unique<RowBuffer>(types, context_.memory);
    query_->open();
    while (Batch* batch = query_->next()) {
        add(*batch, *round);
    }
    std::vector<std::unique_ptr<QueryPlan>> plans;
    std::vector<OperatorPtr> arms;
    for (const auto& arm : cte.recursive) {
        plans.push_back(plan_query(*arm, {context_.catalog, context_.eval}));
        arms.push_back(build_operator(*plans.back()->root, context_));
    }
    const std::uint64_t limit = recursion_limit(context_.catalog.session());
    std::uint64_t rounds = 0;
    while (round->row_count() > 0) {
        if (++rounds > limit) {
            throw_sql_error(ErrorCode::ER_CTE_MAX_RECURSION_DEPTH, rounds);
        }
        context_.check_stop();
        auto fresh = std::make_unique<RowBuffer>(types, context_.memory);
        context_.working[&cte] = round.get();
        for (const OperatorPtr& arm : arms) {
            arm->open();
            while (Batch* batch = arm->next()) {
                add(*batch, *fresh);
            }
        }
        round = std::move(fresh);
    }
    context_.working.erase(&cte);
}

void QuerySource::fill_cte() {
    const CteDefinition& cte = *node_.source->cte;
    auto& held = context_.ctes[&cte];
    if (held && !node_.source->query->correlated) {
        kept_ = held;
        return;
    }
    auto buffer = std::make_shared<RowBuffer>(output_types(cte.columns), context_.memory);
    if (cte.is_recursive()) {
        run_recursion(cte, *buffer);
    } else {
        query_->open();
        while (Batch* batch = query_->next()) {
            buffer->append_batch(*batch);
        }
    }
    held = buffer;
    kept_ = std::move(buffer);
}

void QuerySource::open() {
    at_ = 0;
    kept_.reset();
    const BoundSource& source = *node_.source;
    if (source.cte && (source.cte->is_recursive() || source.cte->references > 1)) {
        fill_cte();
        return;
    }
    query_->open();
}

Batch* QuerySource::next() {
    const BoundSource& source = *node_.source;
    for (;;) {
        start_batch(batch_, node_.width);
        if (kept_) {
            const std::size_t count = std::min(Batch::kMaxRows, kept_->row_count() - at_);
            if (count == 0) {
                return nullptr;
            }
            Batch rows;
            rows.columns.resize(kept_->column_count());
            kept_->read(at_, count, rows);
            at_ += count;
            for (std::size_t i = 0; i < rows.columns.size(); ++i) {
                batch_.columns[source.first_slot + i] = std::move(rows.columns[i]);
            }
            batch_.row_count = count;
        } else {
            Batch* rows = query_->next();
            if (!rows) {
                return nullptr;
            }
            for (std::size_t i = 0; i < source.columns.size(); ++i) {
                std::swap(batch_.columns[source.first_slot + i], rows->columns[i]);
            }
            batch_.row_count = rows->row_count;
            batch_.selection = rows->selection;
            batch_.selected = rows->selected;
        }
        if (filter(batch_, node_.conditions)) {
            return &batch_;
        }
    }
}

Batch* CteWorking::next() {
    const auto found = context_.working.find(node_.source->cte.get());
    if (found == context_.working.end()) {
        return nullptr;
    }
    const RowBuffer& rows = *found->second;
    for (;;) {
        const std::size_t count = std::min(Batch::kMaxRows, rows.row_count() - at_);
        if (count == 0) {
            return nullptr;
        }
        start_batch(batch_, node_.width);
        Batch read;
        read.columns.resize(rows.column_count());
        rows.read(at_, count, read);
        at_ += count;
        for (std::size_t i = 0; i < read.columns.size(); ++i) {
            batch_.columns[node_.source->first_slot + i] = std::move(read.columns[i]);
        }
        batch_.row_count = count;
        if (filter(batch_, node_.conditions)) {
            return &batch_;
        }
    }
}

// ---- VALUES, counts -----------------------------------------------------------------------------

Batch* ValuesRows::next() {
    const auto& rows = node_.query->rows;
    if (at_ == rows.size()) {
        return nullptr;
    }
    start_batch(batch_, node_.width);
    const ArenaScope arena(context_.eval, batch_.arena);
    for (std::size_t i = 0; i < node_.width; ++i) {
        batch_.columns[i].clear(vector_kind(node_.output_types[i]));
        batch_.columns[i].scale = node_.output_types[i].type.scale;
    }
    Batch one;
    one.row_count = 1;
    ColumnVector scratch;
    for (; at_ < rows.size() && batch_.row_count < Batch::kMaxRows; ++at_, ++batch_.row_count) {
        for (std::size_t i = 0; i < node_.width; ++i) {
            const ColumnVector& cell = evaluate_ref(*rows[at_][i], one, context_.eval, scratch);
            append_cell(batch_.columns[i], cell, 0, nullptr);
        }
    }
    return &batch_;
}

Batch* TableCount::next() {
    if (done_) {
        return nullptr;
    }
    done_ = true;
    start_batch(batch_, node_.width);
    const auto count =
        static_cast<std::int64_t>(context_.catalog.reader(node_.source->table).row_count());
    for (ColumnVector& column : batch_.columns) {
        column.clear(VectorKind::kI64);
        column.i64.push_back(count);
    }
    batch_.row_count = 1;
    return &batch_;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/operator.h"

namespace afterimage::sql {

void Operator::start_batch(Batch& batch, std::size_t width) {
    batch.arena.clear();
    batch.pins.clear();
    batch.selection.clear();
    batch.selected = false;
    batch.row_count = 0;
    if (batch.columns.size() != width) {
        batch.columns.resize(width);
    }
}

bool Operator::filter(Batch& batch, const std::vector<const Expression*>& conditions) {
    if (conditions.empty()) {
        return batch.active_count() > 0;
    }
    const ArenaScope arena(context_.eval, batch.arena);
    for (const Expression* condition : conditions) {
        evaluate_filter(*condition, batch, context_.eval);
        if (batch.active_count() == 0) {
            return false;
        }
    }
    return true;
}

std::vector<SlotColumn> source_slots(const BoundSource& source) {
    std::vector<SlotColumn> slots;
    for (std::size_t i = 0; i < source.used.size(); ++i) {
        if (source.used[i]) {
            slots.push_back({source.first_slot + i, source.columns[i].meta.type});
        }
    }
    if (source.row_identity) {
        ResultType bytes;
        bytes.type.id = storage::TypeId::kLongBlob;
        slots.push_back({source.key_slot(), bytes});
        slots.push_back({source.key_slot() + 1, bytes});
    }
    return slots;
}

std::vector<SlotColumn> plan_slots(const PlanNode& node) {
    std::vector<SlotColumn> slots;
    for (const auto& child : node.children) {
        const std::vector<SlotColumn> below = plan_slots(*child);
        slots.insert(slots.end(), below.begin(), below.end());
    }
    if (node.source) {
        const std::vector<SlotColumn> own = source_slots(*node.source);
        slots.insert(slots.end(), own.begin(), own.end());
    }
    return slots;
}

}  // namespace afterimage::sql

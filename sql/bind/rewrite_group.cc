// SPDX-License-Identifier: Apache-2.0
// From the input row of a grouped block to its group row: group keys and aggregates become slots;
// other columns must be fixed by the keys (ONLY_FULL_GROUP_BY) or are taken from any row.
#include "sql/bind/select_binder.h"
#include "sql/expr/cast.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/functions/quotient.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

const Expression* skip_same_type_cast(const Expression& expression) {
    const Expression* node = &expression;
    while (node->kind == ExpressionKind::kCast && node->cast_mode == CastMode::kImplicit) {
        node = node->args[0].get();
    }
    return node;
}

/// slot = slot, slot = constant among the conjuncts.
void collect_equalities(const std::vector<ExpressionPtr>& conjuncts,
                        std::vector<std::pair<std::size_t, std::size_t>>& pairs,
                        std::vector<bool>& fixed) {
    for (const ExpressionPtr& conjunct : conjuncts) {
        if (conjunct->kind != ExpressionKind::kCall || conjunct->function->name != "=" ||
            conjunct->args.size() != 2) {
            continue;
        }
        const Expression* a = skip_same_type_cast(*conjunct->args[0]);
        const Expression* b = skip_same_type_cast(*conjunct->args[1]);
        if (a->kind == ExpressionKind::kSlot && b->kind == ExpressionKind::kSlot) {
            pairs.emplace_back(a->index, b->index);
        } else if (a->kind == ExpressionKind::kSlot && is_constant(*b)) {
            fixed[a->index] = true;
        } else if (b->kind == ExpressionKind::kSlot && is_constant(*a)) {
            fixed[b->index] = true;
        }
    }
}

void collect_inner_equalities(const FromNode& node,
                              std::vector<std::pair<std::size_t, std::size_t>>& pairs,
                              std::vector<bool>& fixed) {
    if (node.kind == FromNode::Kind::kSource) {
        return;
    }
    if (node.kind == FromNode::Kind::kInner) {
        collect_equalities(node.conditions, pairs, fixed);
        collect_inner_equalities(*node.right, pairs, fixed);
    }
    collect_inner_equalities(*node.left, pairs, fixed);
}

/// Whether a unique key of the source, all parts NOT NULL, is fixed.
bool unique_key_fixed(const BoundSource& source, const std::vector<bool>& fixed) {
    const storage::TableSchema& schema = source.table->schema();
    const auto covered = [&](const storage::Index& index) {
        for (const storage::IndexPart& part : index.parts) {
            if (part.column == 0 || part.prefix_length != 0) {
                return false;
            }
            const std::size_t ordinal = schema.ordinal_of(part.column);
            if (schema.columns[ordinal].nullable || !fixed[source.first_slot + ordinal]) {
                return false;
            }
        }
        return true;
    };
    if (schema.primary_key && covered(*schema.primary_key)) {
        return true;
    }
    for (const storage::Index& index : schema.indexes) {
        if (index.unique && index.kind == storage::IndexKind::kBTree && covered(index)) {
            return true;
        }
    }
    return false;
}

}  // namespace

void SelectBinder::find_determined_slots() {
    determined_.assign(select_->slot_count, false);
    for (const ExpressionPtr& key : select_->group_by) {
        if (key->kind == ExpressionKind::kSlot) {
            determined_[key->index] = true;
        }
    }
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    collect_equalities(select_->where, pairs, determined_);
    if (select_->from) {
        collect_inner_equalities(*select_->from, pairs, determined_);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (const auto& [a, b] : pairs) {
            if (determined_[a] != determined_[b]) {
                determined_[a] = determined_[b] = true;
                changed = true;
            }
        }
        for (const auto& source : select_->sources) {
            if (source->kind != SourceKind::kTable || !unique_key_fixed(*source, determined_)) {
                continue;
            }
            for (std::size_t i = 0; i < source->columns.size(); ++i) {
                const std::size_t slot = source->first_slot + i;
                changed = changed || !determined_[slot];
                determined_[slot] = true;
            }
        }
    }
}

std::string SelectBinder::slot_name(const Expression& slot) const {
    for (const auto& source : select_->sources) {
        if (slot.index >= source->first_slot &&
            slot.index < source->first_slot + source->columns.size()) {
            const SourceColumn& column = source->columns[slot.index - source->first_slot];
            return (source->database.name.empty() ? "" : source->database.name + ".") +
                   source->alias + "." + column.meta.name;
        }
    }
    return slot.name;
}

void SelectBinder::check_determined(const Expression& slot) {
    if ((environment_.statement.sql_mode & kModeOnlyFullGroupBy) == 0 ||
        (slot.index < determined_.size() && determined_[slot.index])) {
        return;
    }
    const std::string name = slot_name(slot);
    if (place_ == "HAVING clause") {
        throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, name, "having clause");
    }
    const std::string number = std::to_string(place_number_);
    if (!has_group_by_) {
        throw SqlError(1140, "42000",
                       "In aggregated query without GROUP BY, expression #" + number + " of " +
                           place_ + " contains nonaggregated column '" + name +
                           "'; this is incompatible with sql_mode=only_full_group_by");
    }
    throw SqlError(1055, "42000",
                   "Expression #" + number + " of " + place_ +
                       " is not in GROUP BY clause and contains nonaggregated column '" + name +
                       "' which is not functionally dependent on columns in GROUP BY clause; this "
                       "is incompatible with sql_mode=only_full_group_by");
}

ExpressionPtr SelectBinder::group_row_slot(const Expression& slot) {
    check_determined(slot);
    std::vector<ExpressionPtr> args;
    args.push_back(clone(slot));
    AggregateCall any = bind_aggregate("any_value", std::move(args), false, environment_.statement);
    std::size_t at = 0;
    while (at < select_->aggregates.size() && !same_aggregate(select_->aggregates[at], any)) {
        ++at;
    }
    ResultType type = slot.type;
    type.nullable = type.nullable || !has_group_by_;
    if (at == select_->aggregates.size()) {
        select_->aggregates.push_back(std::move(any));
    }
    return make_slot(select_->group_by.size() + at, type, slot.name);
}

ExpressionPtr SelectBinder::group_row(ExpressionPtr expression) {
    for (std::size_t i = 0; i < select_->group_by.size(); ++i) {
        const Expression& key = *select_->group_by[i];
        ResultType type = key.type;
        type.nullable = type.nullable || select_->rollup;
        if (same_expression(key, *expression)) {
            return make_slot(i, type, expression->name);
        }
        if (is_rounded_quotient(key) && same_expression(*key.args[0], *expression)) {
            // The key's value is what grouping kept of the quotient.
            return cast_to(make_slot(i, type, expression->name), expression->type,
                           environment_.statement);
        }
    }
    if (expression->kind == ExpressionKind::kSlot) {
        if (expression->index >= kWindowMark) {
            return expression;
        }
        if (expression->index >= kGroupRowMark) {
            expression->index -= kGroupRowMark;
            return expression;
        }
        return group_row_slot(*expression);
    }
    for (ExpressionPtr& arg : expression->args) {
        arg = group_row(std::move(arg));
    }
    return expression;
}

void SelectBinder::rewrite_to_group_rows() {
    for (std::size_t i = 0; i < select_->items.size(); ++i) {
        place_ = i < select_->visible ? "SELECT list" : "ORDER BY clause";
        place_number_ = i < select_->visible ? i + 1 : i - select_->visible + 1;
        select_->items[i] = group_row(std::move(select_->items[i]));
    }
    place_ = "HAVING clause";
    for (ExpressionPtr& condition : select_->having) {
        condition = group_row(std::move(condition));
    }
    place_ = "SELECT list";
    place_number_ = 1;
    for (BoundWindow& window : select_->windows) {
        for (ExpressionPtr& arg : window.args) {
            arg = group_row(std::move(arg));
        }
        if (window.aggregate) {
            for (ExpressionPtr& arg : window.aggregate->args) {
                arg = group_row(std::move(arg));
            }
        }
        for (ExpressionPtr& key : window.partition_by) {
            key = group_row(std::move(key));
        }
        for (BoundOrder& term : window.order_by) {
            term.expression = group_row(std::move(term.expression));
        }
        for (BoundFrameBound* bound : {&window.start, &window.end}) {
            if (bound->offset) {
                bound->offset = group_row(std::move(bound->offset));
            }
        }
    }
}

ExpressionPtr SelectBinder::number_windows(ExpressionPtr expression) {
    if (select_->windows.empty()) {
        return expression;
    }
    if (expression->kind == ExpressionKind::kSlot && expression->index >= kWindowMark) {
        expression->index = expression->index - kWindowMark + select_->row_width();
    }
    for (ExpressionPtr& arg : expression->args) {
        arg = number_windows(std::move(arg));
    }
    return expression;
}

}  // namespace afterimage::sql

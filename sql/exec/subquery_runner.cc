// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/subquery_runner.h"

#include "sql/exec/column_copy.h"
#include "sql/expr/row_hash.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

// Three-valued logic of a comparison with a set.
constexpr int kFalse = 0;
constexpr int kTrue = 1;
constexpr int kUnknown = 2;

int negate(int value) { return value == kUnknown ? kUnknown : (value == kTrue ? kFalse : kTrue); }

void put_bool(ColumnVector& out, std::size_t row, int value) {
    if (value == kUnknown) {
        out.set_null(row);
    } else {
        out.i64[row] = value;
    }
}

/// The enclosing row, for as long as the subquery runs.
class OuterScope {
  public:
    OuterScope(EvalContext& eval, Batch& batch, std::size_t row) : eval_(eval), arena_(eval.arena) {
        eval_.outer.push_back({&batch, row});
    }
    ~OuterScope() {
        eval_.outer.pop_back();
        eval_.arena = arena_;
    }
    OuterScope(const OuterScope&) = delete;
    OuterScope& operator=(const OuterScope&) = delete;

  private:
    EvalContext& eval_;
    StringArena* arena_;
};

}  // namespace

struct SubqueryRunner::State {
    const BoundSubquery* subquery = nullptr;
    std::unique_ptr<QueryPlan> plan;
    OperatorPtr root;
    bool computed = false;  ///< of a subquery that does not depend on the row
    ColumnVector constant;
    StringArena constant_arena;
    bool exists = false;
    // kIn, kAny, kAll
    std::unique_ptr<KeyTable> keys;
    bool has_null = false;
};

SubqueryRunner::SubqueryRunner(ExecContext& context) : context_(context) {}
SubqueryRunner::~SubqueryRunner() = default;

SubqueryRunner::State& SubqueryRunner::state_of(const Expression& node) {
    auto& held = states_[&node];
    if (!held) {
        held = std::make_unique<State>();
        held->subquery = &static_cast<const BoundSubquery&>(*node.subquery);
        held->plan = plan_query(*held->subquery->query, {context_.catalog, context_.eval});
        held->root = build_operator(*held->plan->root, context_);
    }
    return *held;
}

void SubqueryRunner::evaluate(const Expression& node, Batch& input, EvalContext& /*eval*/,
                              ColumnVector& out) {
    // The first row stands for all while planning: exact counts may look at outer values.
    State* state = nullptr;
    {
        const std::size_t row = input.active_count() > 0 ? input.active_row(0) : 0;
        const OuterScope scope(context_.eval, input, row);
        state = &state_of(node);
    }
    switch (node.subquery_kind) {
        case SubqueryKind::kScalar:
        case SubqueryKind::kRow:
            run_scalar(node, *state, input, out);
            return;
        case SubqueryKind::kExists:
            run_exists(node, *state, input, out);
            return;
        default:
            run_match(node, *state, input, out);
            return;
    }
}

void SubqueryRunner::append_scalar(const Expression& node, State& state, ColumnVector& out,
                                   StringArena& arena) {
    state.root->open();
    bool found = false;
    while (const Batch* batch = state.root->next()) {
        for (std::size_t k = 0; k < batch->active_count(); ++k) {
            if (found) {
                throw_sql_error(ErrorCode::ER_SUBQUERY_NO_1_ROW);
            }
            found = true;
            const ColumnVector& cell = batch->columns[node.index];
            if (cell.kind == VectorKind::kDecimal) {
                out.scale = cell.scale;
            }
            append_cell(out, cell, batch->active_row(k), &arena);
        }
    }
    if (!found) {
        out.append_null();
    }
}

void SubqueryRunner::run_scalar(const Expression& node, State& state, Batch& input,
                                ColumnVector& out) {
    const bool correlated = state.subquery->query->correlated;
    out.clear(vector_kind(node.type));
    out.scale = node.type.type.scale;
    if (!correlated) {
        if (!state.computed) {
            const OuterScope scope(context_.eval, input, 0);
            state.constant.clear(vector_kind(node.type));
            state.constant.scale = node.type.type.scale;
            append_scalar(node, state, state.constant, state.constant_arena);
            state.computed = true;
        }
        out = state.constant;
        out.constant = true;
        return;
    }
    out.resize(input.row_count);
    StringArena& arena = *context_.eval.arena;
    ColumnVector one;
    for_rows(input, [&](std::size_t row) {
        one.clear(out.kind);
        one.scale = out.scale;
        {
            const OuterScope scope(context_.eval, input, row);
            append_scalar(node, state, one, arena);
        }
        copy_cell(out, row, one, 0);
    });
}

bool SubqueryRunner::any_row(State& state) {
    state.root->open();
    return state.root->next() != nullptr;
}

void SubqueryRunner::run_exists(const Expression& node, State& state, Batch& input,
                                ColumnVector& out) {
    if (!state.subquery->query->correlated) {
        if (!state.computed) {
            const OuterScope scope(context_.eval, input, 0);
            state.exists = any_row(state);
            state.computed = true;
        }
        prepare_constant(out, VectorKind::kI64);
        out.i64[0] = state.exists != node.negated ? 1 : 0;
        return;
    }
    prepare(out, VectorKind::kI64, input.row_count);
    for_rows(input, [&](std::size_t row) {
        const OuterScope scope(context_.eval, input, row);
        out.i64[row] = any_row(state) != node.negated ? 1 : 0;
    });
}

void SubqueryRunner::fill_matches(State& state) {
    const BoundSubquery& subquery = *state.subquery;
    if (!state.keys) {
        state.keys = std::make_unique<KeyTable>(subquery.key_types, context_.memory);
    }
    state.keys->clear();
    state.has_null = false;
    std::vector<ColumnVector> scratch(subquery.keys.size());
    std::vector<const ColumnVector*> columns(subquery.keys.size());
    state.root->open();
    while (Batch* batch = state.root->next()) {
        context_.check_stop();
        const ArenaScope arena(context_.eval, batch->arena);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            columns[i] = &evaluate_ref(*subquery.keys[i], *batch, context_.eval, scratch[i]);
        }
        for (std::size_t k = 0; k < batch->active_count(); ++k) {
            const std::size_t row = batch->active_row(k);
            for (const ColumnVector* column : columns) {
                state.has_null = state.has_null || column->is_null(row);
            }
            state.keys->add(columns, row);
        }
    }
}

// Found: true. Not found, but a NULL on either side could have been the match: unknown.
int SubqueryRunner::match_in(const State& state, const std::vector<const ColumnVector*>& left,
                             std::size_t row) const {
    if (state.keys->size() == 0) {
        return kFalse;
    }
    bool left_null = false;
    for (const ColumnVector* column : left) {
        left_null = left_null || column->is_null(row);
    }
    if (!left_null && state.keys->find(left, row)) {
        return kTrue;
    }
    if (!left_null && !state.has_null) {
        return kFalse;
    }
    if (left.size() == 1) {
        return kUnknown;
    }
    // Rows: unknown only if some row has no column that is certainly different.
    const RowBuffer& keys = state.keys->keys();
    for (std::size_t other = 0; other < keys.row_count(); ++other) {
        bool different = false;
        for (std::size_t i = 0; i < left.size() && !different; ++i) {
            different = !left[i]->is_null(row) && !keys.column(i).is_null(other) &&
                        !cells_equal(*left[i], row, keys.column(i), other, keys.types()[i]);
        }
        if (!different) {
            return kUnknown;
        }
    }
    return kFalse;
}

int SubqueryRunner::match_quantified(const Expression& node, const State& state,
                                     const ColumnVector& left, std::size_t row) const {
    const RowBuffer& keys = state.keys->keys();
    const bool all = node.subquery_kind == SubqueryKind::kAll;
    bool unknown = false;
    for (std::size_t other = 0; other < keys.row_count(); ++other) {
        if (left.is_null(row) || keys.column(0).is_null(other)) {
            unknown = true;
            continue;
        }
        const int order = compare_cells(left, row, keys.column(0), other, keys.types()[0]);
        bool holds = false;
        switch (node.compare) {
            case CompareOp::kEqual:
                holds = order == 0;
                break;
            case CompareOp::kNotEqual:
                holds = order != 0;
                break;
            case CompareOp::kLess:
                holds = order < 0;
                break;
            case CompareOp::kLessEqual:
                holds = order <= 0;
                break;
            case CompareOp::kGreater:
                holds = order > 0;
                break;
            case CompareOp::kGreaterEqual:
                holds = order >= 0;
                break;
        }
        if (holds != all) {
            return holds ? kTrue : kFalse;
        }
    }
    return unknown ? kUnknown : (all ? kTrue : kFalse);
}

void SubqueryRunner::run_match(const Expression& node, State& state, Batch& input,
                               ColumnVector& out) {
    const bool correlated = state.subquery->query->correlated;
    std::vector<ColumnVector> scratch(node.args.size());
    std::vector<const ColumnVector*> left(node.args.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        left[i] = &evaluate_ref(*node.args[i], input, context_.eval, scratch[i]);
    }
    if (!correlated && !state.computed) {
        const OuterScope scope(context_.eval, input, 0);
        fill_matches(state);
        state.computed = true;
    }
    prepare(out, VectorKind::kI64, input.row_count);
    for_rows(input, [&](std::size_t row) {
        if (correlated) {
            const OuterScope scope(context_.eval, input, row);
            fill_matches(state);
        }
        int result = node.subquery_kind == SubqueryKind::kIn
                         ? match_in(state, left, row)
                         : match_quantified(node, state, *left[0], row);
        put_bool(out, row, node.negated ? negate(result) : result);
    });
}

}  // namespace afterimage::sql

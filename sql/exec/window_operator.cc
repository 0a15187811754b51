// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/window_operator.h"

#include <algorithm>
#include <numeric>

#include "sql/exec/column_copy.h"
#include "sql/expr/row_hash.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// The columns of the row below the windows: input slots, or group keys and aggregates.
std::vector<SlotColumn> input_slots(const PlanNode& node) {
    const BoundSelect& select = *node.select;
    if (!select.grouped) {
        return plan_slots(*node.children[0]);
    }
    std::vector<SlotColumn> slots;
    for (const ExpressionPtr& key : select.group_by) {
        slots.push_back({slots.size(), key->type});
    }
    for (const AggregateCall& call : select.aggregates) {
        slots.push_back({slots.size(), call.type});
    }
    return slots;
}

}  // namespace

Window::Window(const PlanNode& node, ExecContext& context, OperatorPtr child)
    : Operator(context),
      node_(node),
      select_(*node.select),
      child_(std::move(child)),
      slots_(input_slots(node)) {
    for (const SlotColumn& slot : slots_) {
        slot_numbers_.push_back(slot.slot);
    }
}

void Window::open() {
    std::vector<ResultType> types;
    for (const SlotColumn& slot : slots_) {
        types.push_back(slot.type);
    }
    rows_ = std::make_unique<RowBuffer>(std::move(types), context_.memory);
    results_.clear();
    arena_.clear();
    taken_in_ = false;
    at_ = 0;
    child_->open();
}

void Window::take_in() {
    std::vector<Inputs> inputs(select_.windows.size());
    for (std::size_t w = 0; w < inputs.size(); ++w) {
        const BoundWindow& window = select_.windows[w];
        std::vector<ResultType> types;
        if (window.aggregate) {
            for (const Expression* input : window.aggregate->input_expressions()) {
                types.push_back(input->type);
            }
        } else {
            for (const ExpressionPtr& arg : window.args) {
                types.push_back(arg->type);
            }
        }
        inputs[w].args = std::make_unique<RowBuffer>(std::move(types), context_.memory);
    }
    while (Batch* batch = child_->next()) {
        context_.check_stop();
        const ArenaScope arena(context_.eval, batch->arena);
        for (std::size_t w = 0; w < inputs.size(); ++w) {
            const BoundWindow& window = select_.windows[w];
            std::vector<const Expression*> args;
            if (window.aggregate) {
                args = window.aggregate->input_expressions();
            } else {
                for (const ExpressionPtr& arg : window.args) {
                    args.push_back(arg.get());
                }
            }
            std::vector<ColumnVector> scratch(args.size());
            std::vector<const ColumnVector*> cells(args.size());
            for (std::size_t i = 0; i < args.size(); ++i) {
                cells[i] = &evaluate_ref(*args[i], *batch, context_.eval, scratch[i]);
            }
            std::vector<ColumnVector> keys(window.partition_by.size() + window.order_by.size());
            std::vector<const ColumnVector*> key_cells(keys.size());
            for (std::size_t i = 0; i < keys.size(); ++i) {
                const Expression& key =
                    i < window.partition_by.size()
                        ? *window.partition_by[i]
                        : *window.order_by[i - window.partition_by.size()].expression;
                key_cells[i] = &evaluate_ref(key, *batch, context_.eval, keys[i]);
            }
            for_rows(*batch, [&](std::size_t row) {
                inputs[w].args->append_row(cells, row);
                std::string partition;
                std::string order;
                for (std::size_t i = 0; i < keys.size(); ++i) {
                    if (i < window.partition_by.size()) {
                        append_group_key(partition, *key_cells[i], row,
                                         window.partition_by[i]->type);
                    } else {
                        const BoundOrder& term = window.order_by[i - window.partition_by.size()];
                        append_order_key(order, *key_cells[i], row, term.expression->type,
                                         term.descending);
                    }
                }
                context_.memory.add(partition.size() + order.size());
                inputs[w].partition_keys.push_back(std::move(partition));
                inputs[w].order_keys.push_back(std::move(order));
            });
            take_edges(window, *batch, inputs[w]);
        }
        rows_->append_batch(*batch, slot_numbers_);
    }
    results_.resize(inputs.size());
    for (std::size_t w = 0; w < inputs.size(); ++w) {
        compute(select_.windows[w], inputs[w], results_[w]);
        for (std::size_t i = 0; i < inputs[w].partition_keys.size(); ++i) {
            context_.memory.release(inputs[w].partition_keys[i].size() +
                                    inputs[w].order_keys[i].size());
        }
    }
    taken_in_ = true;
}

void Window::take_edges(const BoundWindow& window, Batch& batch, Inputs& inputs) {
    if (window.unit != WindowFrameUnit::kRange) {
        return;
    }
    for (const auto& [bound, keys] :
         {std::pair(&window.start, &inputs.start_keys), std::pair(&window.end, &inputs.end_keys)}) {
        if (!bound->offset) {
            continue;
        }
        ColumnVector scratch;
        const ColumnVector& cells = evaluate_ref(*bound->offset, batch, context_.eval, scratch);
        for (std::size_t k = 0; k < batch.active_count(); ++k) {
            std::string key;
            append_order_key(key, cells, batch.active_row(k), bound->offset->type,
                             window.order_by.front().descending);
            keys->push_back(std::move(key));
        }
    }
}

void Window::compute(const BoundWindow& window, const Inputs& inputs, ColumnVector& out) {
    const std::size_t count = rows_->row_count();
    prepare(out, vector_kind(window.type), count, window.type.type.scale);
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), 0U);
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        const int order = inputs.partition_keys[a].compare(inputs.partition_keys[b]);
        return order != 0 ? order < 0 : inputs.order_keys[a] < inputs.order_keys[b];
    });
    for (std::size_t begin = 0; begin < count;) {
        std::size_t end = begin + 1;
        while (end < count &&
               inputs.partition_keys[rows[end]] == inputs.partition_keys[rows[begin]]) {
            ++end;
        }
        context_.check_stop();
        compute_partition(window, inputs, rows, begin, end, out);
        begin = end;
    }
}

void Window::compute_partition(const BoundWindow& window, const Inputs& inputs,
                               const std::vector<std::uint32_t>& rows, std::size_t begin,
                               std::size_t end, ColumnVector& out) {
    const std::string& name = window.function;
    if (window.aggregate) {
        compute_aggregate(window, inputs, rows, begin, end, out);
    } else if (name == "lag" || name == "lead" || name == "first_value" || name == "last_value" ||
               name == "nth_value") {
        compute_positional(window, inputs, rows, begin, end, out);
    } else {
        compute_ranking(window, inputs, rows, begin, end, out);
    }
}

std::int64_t Window::integer_arg(const BoundWindow& window, std::size_t arg, std::int64_t missing) {
    // How many rows to step may be 0, which row or how many buckets may not.
    const std::int64_t least = window.function == "lag" || window.function == "lead" ? 0 : 1;
    if (window.args.size() <= arg) {
        return missing;
    }
    const storage::Value value = evaluate_constant(*window.args[arg], context_.eval);
    if (value.is_null() ||
        (value.kind() != storage::ValueKind::kInt && value.kind() != storage::ValueKind::kUInt) ||
        value.as_int() < least) {
        throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, window.function);
    }
    return value.as_int();
}

void Window::compute_ranking(const BoundWindow& window, const Inputs& inputs,
                             const std::vector<std::uint32_t>& rows, std::size_t begin,
                             std::size_t end, ColumnVector& out) {
    const auto size = static_cast<std::int64_t>(end - begin);
    const std::int64_t buckets = window.function == "ntile" ? integer_arg(window, 0, 1) : 1;
    std::int64_t rank = 1;
    std::int64_t dense = 1;
    for (std::size_t i = begin; i < end; ++i) {
        const auto number = static_cast<std::int64_t>(i - begin) + 1;
        if (i > begin && inputs.order_keys[rows[i]] != inputs.order_keys[rows[i - 1]]) {
            rank = number;
            ++dense;
        }
        const std::size_t row = rows[i];
        if (window.function == "row_number") {
            out.i64[row] = number;
        } else if (window.function == "rank") {
            out.i64[row] = rank;
        } else if (window.function == "dense_rank") {
            out.i64[row] = dense;
        } else if (window.function == "ntile") {
            // The first (size mod buckets) buckets have one row more.
            const std::int64_t small = size / buckets;
            const std::int64_t large = size % buckets;
            const std::int64_t in_large = large * (small + 1);
            out.i64[row] =
                number <= in_large
                    ? (number - 1) / (small + 1) + 1
                    : large + (number - 1 - in_large) / std::max<std::int64_t>(small, 1) + 1;
        } else if (window.function == "percent_rank") {
            out.f64[row] =
                size <= 1 ? 0 : static_cast<double>(rank - 1) / static_cast<double>(size - 1);
        } else {
            std::size_t last = i;
            while (last + 1 < end &&
                   inputs.order_keys[rows[last + 1]] == inputs.order_keys[rows[i]]) {
                ++last;
            }
            out.f64[row] = static_cast<double>(last - begin + 1) / static_cast<double>(size);
        }
    }
}

std::int64_t Window::offset_of(const BoundFrameBound& bound) {
    if (!bound.offset) {
        return 0;
    }
    const storage::Value value = evaluate_constant(*bound.offset, context_.eval);
    const bool whole =
        value.kind() == storage::ValueKind::kInt || value.kind() == storage::ValueKind::kUInt;
    if (!whole || value.as_int() < 0) {
        throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, "window frame");
    }
    return value.as_int();
}

// Without a frame: with ORDER BY all rows up to the current one's peers, else the whole partition.
Window::Frame Window::frame_of(const BoundWindow& window, const Inputs& inputs,
                               const std::vector<std::uint32_t>& rows, std::size_t begin,
                               std::size_t end, std::size_t at) {
    const auto peers_end = [&](std::size_t i) {
        while (i + 1 < end && inputs.order_keys[rows[i + 1]] == inputs.order_keys[rows[at]]) {
            ++i;
        }
        return i + 1;
    };
    const auto peers_begin = [&](std::size_t i) {
        while (i > begin && inputs.order_keys[rows[i - 1]] == inputs.order_keys[rows[at]]) {
            --i;
        }
        return i;
    };
    if (!window.has_frame) {
        return {begin, window.order_by.empty() ? end : peers_end(at)};
    }
    const bool by_rows = window.unit == WindowFrameUnit::kRows;
    const auto position = [&](const BoundFrameBound& bound, bool is_start) -> std::size_t {
        using Kind = ast::FrameBoundKind;
        const auto here = static_cast<std::int64_t>(at - begin);
        const auto size = static_cast<std::int64_t>(end - begin);
        const bool offset = bound.kind == Kind::kPreceding || bound.kind == Kind::kFollowing;
        if (offset && !by_rows) {
            const auto before = [&](std::uint32_t row, const std::string& key) {
                return inputs.order_keys[row] < key;
            };
            const auto after = [&](const std::string& key, std::uint32_t row) {
                return key < inputs.order_keys[row];
            };
            const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto last = rows.begin() + static_cast<std::ptrdiff_t>(end);
            const auto edge =
                is_start ? std::lower_bound(first, last, inputs.start_keys[rows[at]], before)
                         : std::upper_bound(first, last, inputs.end_keys[rows[at]], after);
            return static_cast<std::size_t>(edge - rows.begin());
        }
        std::int64_t place = 0;
        switch (bound.kind) {
            case Kind::kUnboundedPreceding:
                place = is_start ? 0 : -1;
                break;
            case Kind::kUnboundedFollowing:
                place = is_start ? size : size - 1;
                break;
            case Kind::kCurrentRow:
                if (!by_rows) {
                    return is_start ? peers_begin(at) : peers_end(at);
                }
                place = here;
                break;
            case Kind::kPreceding:
                place = here - std::min(offset_of(bound), size + 1);
                break;
            case Kind::kFollowing:
                place = here + std::min(offset_of(bound), size + 1);
                break;
        }
        if (is_start) {
            return begin + static_cast<std::size_t>(std::clamp<std::int64_t>(place, 0, size));
        }
        return begin + static_cast<std::size_t>(std::clamp<std::int64_t>(place + 1, 0, size));
    };
    const Frame frame{position(window.start, true), position(window.end, false)};
    return {frame.begin, std::max(frame.begin, frame.end)};
}

void Window::compute_positional(const BoundWindow& window, const Inputs& inputs,
                                const std::vector<std::uint32_t>& rows, std::size_t begin,
                                std::size_t end, ColumnVector& out) {
    const std::string& name = window.function;
    const ColumnVector& values = inputs.args->column(0);
    const bool shifts = name == "lag" || name == "lead";
    const std::int64_t number =
        shifts ? integer_arg(window, 1, 1) : (name == "nth_value" ? integer_arg(window, 1, 1) : 0);
    const auto put = [&](std::size_t row, const ColumnVector& in, std::size_t from) {
        copy_cell(out, row, in, from);
        if (out.kind == VectorKind::kString && !in.is_null(from)) {
            out.strings[row] = arena_.copy(out.strings[row]);
        }
    };
    for (std::size_t i = begin; i < end; ++i) {
        const std::size_t row = rows[i];
        if (shifts) {
            const auto here = static_cast<std::int64_t>(i);
            const std::int64_t from = name == "lag" ? here - number : here + number;
            if (from >= static_cast<std::int64_t>(begin) && from < static_cast<std::int64_t>(end)) {
                put(row, values, rows[static_cast<std::size_t>(from)]);
            } else if (window.args.size() > 2) {
                put(row, inputs.args->column(2), row);
            } else {
                out.set_null(row);
            }
            continue;
        }
        const Frame frame = frame_of(window, inputs, rows, begin, end, i);
        std::size_t from = frame.begin;
        if (name == "last_value") {
            from = frame.end - 1;
        } else if (name == "nth_value") {
            from = frame.begin + static_cast<std::size_t>(number) - 1;
        }
        if (frame.begin == frame.end || from >= frame.end) {
            out.set_null(row);
        } else {
            put(row, values, rows[from]);
        }
    }
}

// Frames that only grow are summed up once; others are computed row by row.
void Window::compute_aggregate(const BoundWindow& window, const Inputs& inputs,
                               const std::vector<std::uint32_t>& rows, std::size_t begin,
                               std::size_t end, ColumnVector& out) {
    const auto state = make_aggregate_state(*window.aggregate);
    const std::size_t width = inputs.args->column_count();
    const auto add = [&](std::size_t from, std::size_t to) {
        for (std::size_t first = from; first < to; first += Batch::kMaxRows) {
            const std::size_t count = std::min(Batch::kMaxRows, to - first);
            Batch batch;
            batch.columns.resize(width);
            batch.row_count = count;
            std::vector<const ColumnVector*> cells;
            const std::span<const std::uint32_t> chosen(rows.data() + first, count);
            for (std::size_t i = 0; i < width; ++i) {
                gather(batch.columns[i], inputs.args->column(i), chosen);
                cells.push_back(&batch.columns[i]);
            }
            state->update(cells, batch, {}, context_.eval);
        }
    };
    Frame done;
    ColumnVector result;
    bool fresh = false;
    for (std::size_t i = begin; i < end; ++i) {
        const Frame frame = frame_of(window, inputs, rows, begin, end, i);
        const bool grows = fresh && frame.begin == done.begin && frame.end >= done.end;
        if (!grows) {
            state->clear();
            state->resize_groups(1);
            done = {frame.begin, frame.begin};
        }
        if (!grows || frame.end > done.end) {
            add(done.end, frame.end);
            const ArenaScope arena(context_.eval, arena_);
            state->finish(0, 1, context_.eval, result);
        }
        done = frame;
        fresh = true;
        copy_cell(out, rows[i], result, 0);
        out.scale = result.scale;
    }
}

Batch* Window::next() {
    if (!taken_in_) {
        take_in();
    }
    const std::size_t count = std::min(Batch::kMaxRows, rows_->row_count() - at_);
    if (count == 0) {
        return nullptr;
    }
    start_batch(batch_, node_.width);
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(at_));
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        gather<std::uint32_t>(batch_.columns[slots_[i].slot], rows_->column(i), rows);
    }
    for (std::size_t w = 0; w < results_.size(); ++w) {
        gather<std::uint32_t>(batch_.columns[select_.row_width() + w], results_[w], rows);
    }
    at_ += count;
    batch_.row_count = count;
    return &batch_;
}

}  // namespace afterimage::sql

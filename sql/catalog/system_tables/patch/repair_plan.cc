// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/patch/repair_plan.h"

#include <algorithm>

#include "sql/catalog/system_tables/system_table.h"
#include "storage/history/root_summary.h"
#include "storage/table/table_reader.h"

namespace afterimage::sql {

using storage::ForeignKey;
using storage::ForeignKeyAction;
using storage::Row;
using storage::TableSchema;
using storage::Value;
using storage::WriteOutcome;
using Kind = RowOperation::Kind;

namespace {

bool same_rows(const Row& a, const Row& b) {
    return std::ranges::equal(a, b, [](const Value& x, const Value& y) { return x.same_as(y); });
}

bool acts(ForeignKeyAction action) {
    return action == ForeignKeyAction::kCascade || action == ForeignKeyAction::kSetNull ||
           action == ForeignKeyAction::kSetDefault;
}

std::string describe(const WriteOutcome& outcome, const TableSchema& schema) {
    switch (outcome.kind) {
        case WriteOutcome::Kind::kDuplicate:
            return "unique key " +
                   (outcome.index == storage::kPrimaryIndex ? std::string("PRIMARY")
                                                            : schema.indexes[outcome.index].name) +
                   " of table " + schema.name;
        case WriteOutcome::Kind::kParentMissing:
        case WriteOutcome::Kind::kChildExists:
            return "foreign key " + outcome.constraint + " of table " + outcome.table;
        case WriteOutcome::Kind::kCheckViolated:
            return "check constraint " + outcome.constraint + " of table " + schema.name;
        case WriteOutcome::Kind::kNotNullViolated:
            return "NOT NULL of column " + outcome.constraint + " of table " + schema.name;
        default:
            return "the rows of table " + schema.name;
    }
}

/// What the key's columns of `row` lose when it becomes `after` (none: it goes); empty where
/// nothing changes or a NULL refers to nothing.
std::vector<Value> lost_values(const ForeignKey& key, const TableSchema& parent, const Row& row,
                               const Row* after) {
    std::vector<Value> values;
    bool changes = after == nullptr;
    for (const std::string& column : key.parent_columns) {
        const storage::Column* found = parent.find_column(column);
        if (found == nullptr) {
            return {};
        }
        const std::size_t ordinal = parent.ordinal_of(found->id);
        if (row[ordinal].is_null()) {
            return {};
        }
        values.push_back(row[ordinal]);
        changes = changes || !row[ordinal].same_as((*after)[ordinal]);
    }
    return changes ? values : std::vector<Value>{};
}

}  // namespace

RepairPlan::RepairPlan(std::string database, std::shared_ptr<const storage::Root> from,
                       const storage::RootServices& services, storage::RowRules* rules,
                       std::vector<ForeignChild> children)
    : database_(std::move(database)),
      services_(services),
      rules_(rules),
      children_(std::move(children)),
      root_(database_, std::move(from), services, 1) {}

std::vector<PlannedStep> RepairPlan::order(std::vector<RowOperation> operations,
                                           const storage::Root& to) {
    // Parents are inserted and changed before their children and deleted after them. What a key is
    // in the way of waits for the next round.
    const ForeignKeyOrder order(to);
    const auto phase = [](const RowOperation& operation) {
        return operation.kind == Kind::kInsert ? 0 : operation.kind == Kind::kUpdate ? 1 : 2;
    };
    std::ranges::stable_sort(operations, [&](const RowOperation& a, const RowOperation& b) {
        if (phase(a) != phase(b)) {
            return phase(a) < phase(b);
        }
        const std::size_t x = order.rank(a.schema().name);
        const std::size_t y = order.rank(b.schema().name);
        return a.kind == Kind::kDelete ? x > y : x < y;
    });
    std::vector<RowOperation> waiting = std::move(operations);
    while (!waiting.empty()) {
        std::vector<RowOperation> blocked;
        for (RowOperation& operation : waiting) {
            if (attempt(operation, false) == Attempt::kBlocked) {
                blocked.push_back(std::move(operation));
            }
        }
        const bool progress = blocked.size() < waiting.size();
        waiting = std::move(blocked);
        if (!progress && !break_deadlock(waiting)) {
            static_cast<void>(attempt(waiting.front(), false));
            refuse(waiting.front());
        }
    }
    check_result(to);
    return std::move(steps_);
}

std::optional<Row> RepairPlan::current_row(const RowOperation& operation) {
    storage::OpenTable* table = root_.find_table(operation.schema().name);
    const auto found = table->find(operation.key);
    if (!found) {
        return std::nullopt;
    }
    return table->layout().rows.decode(found->value, &services_.blocks);
}

/// Runs the operation on the state as it is now. Cascades only when they are allowed: a delete is
/// never allowed them.
RepairPlan::Attempt RepairPlan::attempt(RowOperation& operation, bool cascades) {
    if (operation.schema().keyless()) {
        return attempt_keyless(operation);
    }
    storage::WriteOptions options;
    options.mode = cascades && operation.kind == Kind::kUpdate
                       ? storage::WriteMode::kClient
                       : storage::WriteMode::kVersionControl;
    storage::RowWriter writer(root_, rules_, options);
    storage::OpenTable& table = *root_.find_table(operation.schema().name);
    if (operation.kind == Kind::kInsert) {
        return written(writer.insert(table, *operation.after), operation, {});
    }
    std::optional<Row> now = current_row(operation);
    if (!now) {
        // A cascade took it along: the final state tells whether that was right.
        return Attempt::kDone;
    }
    if (operation.kind == Kind::kUpdate && same_rows(*now, *operation.after)) {
        return Attempt::kDone;
    }
    operation.before = std::move(now);
    if (operation.kind == Kind::kDelete) {
        std::vector<ReferenceCount> references =
            references_to(table.schema(), *operation.before, nullptr, false);
        return written(writer.remove(table, operation.key), operation, std::move(references));
    }
    std::vector<ReferenceCount> references =
        references_to(table.schema(), *operation.before, &*operation.after, false);
    return written(writer.update(table, operation.key, *operation.after), operation,
                   std::move(references));
}

RepairPlan::Attempt RepairPlan::attempt_keyless(RowOperation& operation) {
    storage::WriteOptions options;
    options.mode = storage::WriteMode::kVersionControl;
    storage::RowWriter writer(root_, rules_, options);
    storage::OpenTable& table = *root_.find_table(operation.schema().name);
    const auto savepoint = root_.savepoint();
    for (std::uint64_t i = 0; i < operation.count; ++i) {
        const WriteOutcome outcome = operation.kind == Kind::kInsert
                                         ? writer.insert(table, *operation.after)
                                         : writer.remove(table, operation.key);
        if (!outcome.ok()) {
            root_.rollback_to(savepoint);
            return written(outcome, operation, {});
        }
    }
    return written({}, operation, {});
}

RepairPlan::Attempt RepairPlan::written(const WriteOutcome& outcome, RowOperation& operation,
                                        std::vector<ReferenceCount> references) {
    if (!outcome.ok()) {
        blocked_by_ = describe(outcome, operation.schema());
        return Attempt::kBlocked;
    }
    steps_.push_back({operation, std::move(references)});
    return Attempt::kDone;
}

bool RepairPlan::break_deadlock(std::vector<RowOperation>& waiting) {
    return cascade_one(waiting) || change_one_key(waiting) || take_one_out(waiting);
}

/// A row whose referenced values change takes its children along, where its keys say so.
bool RepairPlan::cascade_one(std::vector<RowOperation>& waiting) {
    for (auto at = waiting.begin(); at != waiting.end(); ++at) {
        if (at->kind == Kind::kUpdate && !at->schema().keyless() &&
            attempt(*at, true) == Attempt::kDone) {
            waiting.erase(at);
            return true;
        }
    }
    return false;
}

/// A row that is inserted in place of one that is deleted, with the same unique values: the row
/// changes its primary key instead, and its children follow.
bool RepairPlan::change_one_key(std::vector<RowOperation>& waiting) {
    for (auto at = waiting.begin(); at != waiting.end(); ++at) {
        if (at->kind != Kind::kInsert || at->schema().keyless()) {
            continue;
        }
        storage::WriteOptions options;
        options.mode = storage::WriteMode::kVersionControl;
        options.foreign_key_checks = false;
        const auto savepoint = root_.savepoint();
        storage::RowWriter writer(root_, rules_, options);
        const WriteOutcome outcome =
            writer.insert(*root_.find_table(at->schema().name), *at->after);
        root_.rollback_to(savepoint);
        if (outcome.kind != WriteOutcome::Kind::kDuplicate) {
            continue;
        }
        const auto old = std::ranges::find_if(waiting, [&](const RowOperation& other) {
            return other.kind == Kind::kDelete && other.schema().name == at->schema().name &&
                   other.key == outcome.existing_key;
        });
        if (old == waiting.end()) {
            continue;
        }
        RowOperation change = *old;
        change.kind = Kind::kUpdate;
        change.after = at->after;
        if (attempt(change, true) != Attempt::kDone) {
            continue;
        }
        const storage::Bytes old_key = old->key;
        const storage::Bytes new_key = at->key;
        const std::string table = at->schema().name;
        std::erase_if(waiting, [&](const RowOperation& other) {
            return other.schema().name == table &&
                   ((other.kind == Kind::kDelete && other.key == old_key) ||
                    (other.kind == Kind::kInsert && other.key == new_key));
        });
        return true;
    }
    return false;
}

/// Unique values that rows exchange: one row goes for a moment. Nothing may refer to it.
bool RepairPlan::take_one_out(std::vector<RowOperation>& waiting) {
    for (RowOperation& operation : waiting) {
        if (operation.kind != Kind::kUpdate || operation.schema().keyless()) {
            continue;
        }
        const std::optional<Row> now = current_row(operation);
        if (!now) {
            continue;
        }
        const std::vector<ReferenceCount> references =
            references_to(operation.schema(), *now, nullptr, true);
        if (std::ranges::any_of(references,
                                [](const ReferenceCount& count) { return count.rows != 0; })) {
            continue;
        }
        RowOperation removal = operation;
        removal.kind = Kind::kDelete;
        removal.after.reset();
        if (attempt(removal, false) != Attempt::kDone) {
            continue;
        }
        operation.kind = Kind::kInsert;
        operation.before.reset();
        return true;
    }
    return false;
}

void RepairPlan::refuse(const RowOperation& operation) const {
    throw_system_error("afterimage_patch cannot order the changes of table " +
                       operation.schema().name + ": " + blocked_by_ +
                       " stands in the way whatever comes first");
}

/// What the statements leave must be what was asked for: cascades may have done more.
void RepairPlan::check_result(const storage::Root& to) {
    const auto result = root_.view();
    const auto differences = storage::summarize_difference(result.get(), &to, services_.nodes);
    if (!differences.empty()) {
        throw_system_error("afterimage_patch cannot reach the wanted state of table " +
                           differences.front().name() +
                           ": a foreign key's action would change rows that should stay");
    }
}

std::vector<ReferenceCount> RepairPlan::references_to(const TableSchema& parent, const Row& row,
                                                      const Row* after, bool all) {
    std::vector<ReferenceCount> counts;
    const std::shared_ptr<const storage::Root> now = root_.view();
    for (const auto& [name, child] : now->tables) {
        add_references(counts, {}, child, parent, row, after, all);
    }
    for (const ForeignChild& child : children_) {
        add_references(counts, child.database, child.table, parent, row, after, all);
    }
    return counts;
}

void RepairPlan::add_references(std::vector<ReferenceCount>& counts,
                                const std::string& child_database,
                                const std::shared_ptr<const storage::Table>& child,
                                const TableSchema& parent, const Row& row, const Row* after,
                                bool all) {
    for (const ForeignKey& key : child->schema().foreign_keys) {
        const bool mine = key.parent_table == parent.name &&
                          (key.parent_database == database_ ||
                           (key.parent_database.empty() && child_database.empty()));
        if (!mine || (!all && !acts(after == nullptr ? key.on_delete : key.on_update))) {
            continue;
        }
        const std::vector<Value> values = lost_values(key, parent, row, after);
        if (values.empty()) {
            continue;
        }
        ReferenceCount count;
        count.database = child_database;
        count.table = child->schema().name;
        for (std::size_t i = 0; i < values.size(); ++i) {
            count.columns.emplace_back(*child->schema().find_column(key.columns[i]), values[i]);
        }
        count.rows = count_rows(child, key, values);
        if (count.rows != 0 && !child_database.empty() && !all) {
            throw_system_error("afterimage_patch cannot change table " + parent.name +
                               ": foreign key " + key.name + " of table " + child_database + "." +
                               count.table + " would change rows of another database");
        }
        counts.push_back(std::move(count));
    }
}

std::uint64_t RepairPlan::count_rows(const std::shared_ptr<const storage::Table>& child,
                                     const ForeignKey& key, const std::vector<Value>& values) {
    const storage::TableReader reader(child, services_.nodes, services_.blocks);
    const TableSchema& schema = child->schema();
    for (std::size_t i = 0; i < schema.indexes.size(); ++i) {
        const std::vector<storage::IndexPart>& parts = schema.indexes[i].parts;
        if (schema.indexes[i].kind != storage::IndexKind::kBTree || parts.size() < values.size()) {
            continue;
        }
        std::vector<Value> ordered;
        for (std::size_t part = 0; part < values.size(); ++part) {
            const auto found = std::ranges::find(key.columns, parts[part].column);
            if (found != key.columns.end() && parts[part].prefix_length == 0) {
                ordered.push_back(values[static_cast<std::size_t>(found - key.columns.begin())]);
            }
        }
        if (ordered.size() == values.size()) {
            return reader.count_index(
                i, storage::prefix_range(child->layout->indexes[i].encode_prefix(ordered)));
        }
    }
    std::uint64_t count = 0;
    const auto cursor = reader.scan();
    while (cursor->next()) {
        bool same = true;
        for (std::size_t i = 0; i < values.size() && same; ++i) {
            same = child->layout->rows
                       .decode_column(cursor->row(), schema.ordinal_of(key.columns[i]),
                                      &services_.blocks)
                       .same_as(values[i]);
        }
        count += same ? 1 : 0;
    }
    return count;
}

}  // namespace afterimage::sql

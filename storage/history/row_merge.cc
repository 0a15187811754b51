// SPDX-License-Identifier: Apache-2.0
#include "storage/history/row_merge.h"

#include <algorithm>
#include <set>

#include "storage/history/root_diff.h"
#include "storage/history/table_diff.h"
#include "storage/tree/merged_diff.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

namespace {

/// Violations are shown to a person, conflicts wait in memory and in the journal for one.
constexpr std::size_t kMaxViolations = 1000;
constexpr std::uint64_t kMaxConflictBytes = std::uint64_t{64} << 20U;

std::string violation_text(const TableSchema& schema, const WriteOutcome& outcome) {
    using Kind = WriteOutcome::Kind;
    switch (outcome.kind) {
        case Kind::kDuplicate:
            return "table " + schema.name + ": duplicate entry for key " +
                   (outcome.index == kPrimaryIndex ? std::string("PRIMARY")
                                                   : schema.indexes[outcome.index].name);
        case Kind::kParentMissing:
            return "table " + outcome.table + ": foreign key " + outcome.constraint +
                   " has no parent row";
        case Kind::kChildExists:
            return "table " + schema.name + ": row is referenced by foreign key " +
                   outcome.constraint + " of table " + outcome.table;
        case Kind::kCheckViolated:
            return "table " + schema.name + ": check constraint " + outcome.constraint +
                   " is violated";
        case Kind::kNotNullViolated:
            return "table " + schema.name + ": column " + outcome.constraint + " cannot be null";
        default:
            return "table " + schema.name + ": row cannot be written";
    }
}

WriteOptions version_control(bool foreign_keys) {
    WriteOptions options;
    options.mode = WriteMode::kVersionControl;
    options.foreign_key_checks = foreign_keys;
    return options;
}

bool same_row(const Row& a, const Row& b) {
    return std::ranges::equal(a, b, [](const Value& x, const Value& y) { return x.same_as(y); });
}

std::optional<Bytes> find_bytes(const OpenTable& table, ByteView key) {
    const std::optional<PinnedRow> found = table.find(key);
    return found ? std::optional<Bytes>(Bytes(found->value)) : std::nullopt;
}

}  // namespace

RowSource changed_rows(NodeSource& nodes, const TableChanges& changes) {
    return [&nodes, &changes](const RowVisitor& visit) {
        RowChangesReader reader(nodes, changes);
        while (reader.next()) {
            visit(reader.change());
        }
    };
}

RowSource differing_rows(NodeSource& nodes, MergedTree before, MergedTree after) {
    return [&nodes, before = std::move(before), after = std::move(after)](const RowVisitor& visit) {
        MergedDiff diff(nodes, before, after);
        while (diff.next()) {
            RowChange change{Bytes(diff.key()), std::nullopt, std::nullopt};
            if (diff.before()) {
                change.before = Bytes(*diff.before());
            }
            if (diff.after()) {
                change.after = Bytes(*diff.after());
            }
            visit(change);
        }
    };
}

RowTranslation::RowTranslation(const TableLayout& from, const TableSchema& to,
                               const ValueBlocks& blocks)
    : from_(from), to_(to), blocks_(blocks) {
    for (const Column& column : to.columns) {
        const Column* source = from.schema->find_column(column.id);
        sources_.push_back(source == nullptr ? SIZE_MAX : from.schema->ordinal_of(column.id));
        possible_ = possible_ && (source == nullptr || source->type == column.type);
    }
}

Row RowTranslation::translate(ByteView stored, const Row* missing) const {
    const Row row = from_.rows.decode(stored, &blocks_);
    Row result;
    result.reserve(sources_.size());
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        if (sources_[i] != SIZE_MAX) {
            result.push_back(row[sources_[i]]);
        } else {
            result.push_back(missing != nullptr ? (*missing)[i] : to_.columns[i].missing_value);
        }
    }
    return result;
}

RowMerger::RowMerger(OpenRoot& ours, RowRules* rules, const MergeOptions& options,
                     RootMergeResult& result)
    : ours_(ours),
      options_(options),
      result_(result),
      rules_(rules),
      start_(ours.view()),
      writer_(ours, rules, version_control(false)) {}

void RowMerger::add_violation(const TableSchema& schema, const WriteOutcome& outcome) {
    if (result_.violations.size() < kMaxViolations) {
        result_.violations.push_back(violation_text(schema, outcome));
    }
}

void RowMerger::conflict(const OpenTable& table, const RowChange& change,
                         const std::optional<Bytes>& ours) {
    const auto size_of = [](const std::optional<Bytes>& row) { return row ? row->size() : 0; };
    conflict_bytes_ +=
        change.key.size() + size_of(change.before) + size_of(change.after) + size_of(ours);
    if (conflict_bytes_ <= kMaxConflictBytes) {
        result_.conflicts[table.name()].push_back({change.key, change.before, ours, change.after});
    } else if (result_.schema_conflicts.empty()) {
        result_.schema_conflicts.push_back("cannot merge: too many conflicting rows in table " +
                                           table.name());
    }
}

void RowMerger::merge_rows(OpenTable& table, const TableLayout& before, const TableLayout& after,
                           const RowSource& rows) {
    const bool keyless = table.schema().keyless();
    if (keyless != !before.primary || keyless != !after.primary) {
        result_.schema_conflicts.push_back("cannot merge because table " + table.name() +
                                           " has different primary keys");
        return;
    }
    const Sides sides{{before, table.schema(), ours_.blocks()},
                      {after, table.schema(), ours_.blocks()},
                      same_key_encoding(*before.schema, table.schema()) &&
                          same_key_encoding(*after.schema, table.schema())};
    if (!sides.before.possible() || !sides.after.possible()) {
        result_.schema_conflicts.push_back(
            "schema conflict found, merge aborted: columns of table " + table.name() +
            " have other types");
        return;
    }
    if (keyless && !sides.same_keys) {
        result_.schema_conflicts.push_back("schema conflict found, merge aborted: table " +
                                           table.name() +
                                           " has no key to tell its changed rows by");
        return;
    }
    // Deletes first: an insert or update may take over a unique value.
    for (const bool deletes : {true, false}) {
        rows([&](const RowChange& change) {
            if (change.after.has_value() == deletes) {
                return;
            }
            if (keyless) {
                merge_keyless_row(table, change);
            } else {
                merge_row(table, sides, change);
            }
        });
    }
}

void RowMerger::convert_rows(const Table& from, OpenTable& to, const Table* theirs) {
    const bool paired = theirs != nullptr && from.layout->primary && theirs->layout->primary &&
                        same_key_encoding(from.schema(), theirs->schema());
    std::optional<MergingCursor> their_rows;
    std::optional<RowTranslation> from_theirs;
    if (paired) {
        their_rows.emplace(ours_.services().nodes, theirs->row_tree());
        from_theirs.emplace(*theirs->layout, to.schema(), ours_.blocks());
    }
    const RowTranslation translation(*from.layout, to.schema(), ours_.blocks());
    MergingCursor cursor(ours_.services().nodes, from.row_tree());
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        std::uint64_t count = 1;
        ByteView stored = cursor.value();
        if (from.schema().keyless()) {
            const KeylessEntry entry = KeylessEntry::decode(stored);
            count = entry.count;
            stored = entry.row;
        }
        std::optional<Row> their_row;
        if (paired) {
            their_rows->seek(cursor.key());
            if (their_rows->valid() && their_rows->key() == cursor.key()) {
                their_row = from_theirs->translate(their_rows->value(), nullptr);
            }
        }
        for (; count > 0; --count) {
            const WriteOutcome outcome = writer_.insert(
                to, translation.translate(stored, their_row ? &*their_row : nullptr));
            if (!outcome.ok()) {
                add_violation(to.schema(), outcome);
            }
        }
    }
}

void RowMerger::merge_keyless_row(OpenTable& table, const RowChange& change) {
    const std::optional<Bytes> ours = find_bytes(table, change.key);
    if (ours != change.before) {
        conflict(table, change, ours);
        return;
    }
    table.apply_row(change.key, ours ? std::optional<ByteView>(*ours) : std::nullopt,
                    change.after ? std::optional<ByteView>(*change.after) : std::nullopt);
    ++result_.rows_changed;
}

void RowMerger::merge_row(OpenTable& table, const Sides& sides, const RowChange& change) {
    const Bytes key = sides.same_keys
                          ? change.key
                          : table.layout().primary->encode_row(
                                change.before ? sides.before.translate(*change.before, nullptr)
                                              : sides.after.translate(*change.after, nullptr));
    const std::optional<Bytes> ours = find_bytes(table, key);
    std::optional<Row> our_row;
    if (ours) {
        our_row = table.layout().rows.decode(*ours, &ours_.blocks());
    }
    const Row* fallback = our_row ? &*our_row : nullptr;
    std::optional<Row> base_row;
    std::optional<Row> their_row;
    if (change.before) {
        // A column that came on their side was missing before: our cell in it, where both sides
        // made the same column, is a change of ours like any other.
        std::optional<Row> before_fallback = our_row;
        for (std::size_t i = 0; before_fallback && i < before_fallback->size(); ++i) {
            if (!sides.before.has(i) && sides.after.has(i)) {
                (*before_fallback)[i] = table.schema().columns[i].missing_value;
            }
        }
        base_row =
            sides.before.translate(*change.before, before_fallback ? &*before_fallback : nullptr);
    }
    if (change.after) {
        their_row = sides.after.translate(*change.after, fallback);
    }
    if (!our_row) {
        if (!base_row) {
            write(table, std::nullopt, std::move(their_row));
        } else if (their_row || options_.same_cell_is_conflict) {
            conflict(table, change, ours);
        }
        return;
    }
    if (!base_row) {
        if (options_.same_cell_is_conflict || !same_row(*our_row, *their_row)) {
            conflict(table, change, ours);
        }
        return;
    }
    if (their_row) {
        merge_update(table, change, key, *base_row, *our_row, *their_row);
    } else if (!same_row(*our_row, *base_row)) {
        conflict(table, change, ours);
    } else {
        write(table, key, std::nullopt);
    }
}

/// The row is there on all three sides.
void RowMerger::merge_update(OpenTable& table, const RowChange& change, const Bytes& key,
                             const Row& base_row, const Row& our_row, const Row& their_row) {
    Row merged = our_row;
    for (std::size_t i = 0; i < merged.size(); ++i) {
        if (table.schema().columns[i].generated_sql || base_row[i].same_as(their_row[i])) {
            continue;
        }
        const bool ours_changed = !our_row[i].same_as(base_row[i]);
        if (ours_changed && (options_.same_cell_is_conflict || !our_row[i].same_as(their_row[i]))) {
            conflict(table, change, find_bytes(table, key));
            return;
        }
        merged[i] = their_row[i];
    }
    if (!same_row(merged, our_row)) {
        write(table, key, std::move(merged));
    }
}

/// Writes one merged row; references are tested when all rows are there.
void RowMerger::write(OpenTable& table, const std::optional<Bytes>& old_key,
                      std::optional<Row> after) {
    WriteOutcome outcome;
    if (!after) {
        outcome = writer_.remove(table, *old_key);
    } else if (old_key) {
        outcome = writer_.update(table, *old_key, *after);
    } else {
        outcome = writer_.insert(table, *after);
    }
    if (outcome.ok()) {
        ++result_.rows_changed;
    } else if (outcome.kind == WriteOutcome::Kind::kDuplicate && after) {
        // Another row of this merge may still give the value up.
        delayed_.push_back({table.name(), old_key, std::move(*after)});
    } else {
        add_violation(table.schema(), outcome);
    }
}

/// All old rows go, then all new ones come.
void RowMerger::retry_delayed() {
    for (const Delayed& row : delayed_) {
        OpenTable* table = ours_.find_table(row.table);
        if (table != nullptr && row.old_key) {
            const WriteOutcome outcome = writer_.remove(*table, *row.old_key);
            if (!outcome.ok()) {
                add_violation(table->schema(), outcome);
            }
        }
    }
    for (Delayed& row : delayed_) {
        OpenTable* table = ours_.find_table(row.table);
        if (table == nullptr) {
            continue;
        }
        const WriteOutcome outcome = writer_.insert(*table, std::move(row.row));
        if (outcome.ok()) {
            ++result_.rows_changed;
        } else {
            add_violation(table->schema(), outcome);
        }
    }
    delayed_.clear();
}

void RowMerger::finish() {
    retry_delayed();
    const std::shared_ptr<const Root> now = ours_.view();
    std::set<std::string, NameLess> parents;
    for (const auto& [name, table] : now->tables) {
        for (const ForeignKey& key : table->schema().foreign_keys) {
            parents.insert(key.parent_table);
        }
    }
    RowWriter checker(ours_, rules_, version_control(true));
    for (const auto& [name, table] : now->tables) {
        const std::shared_ptr<const Table> before = start_->find_table(name);
        if (before != table && (!table->schema().foreign_keys.empty() || parents.contains(name))) {
            check_references_of(checker, before.get(), *table);
        }
    }
}

void RowMerger::check_references_of(RowWriter& checker, const Table* before, const Table& after) {
    OpenTable& open = *ours_.find_table(after.schema().name);
    const bool same_rows = before != nullptr && rows_compatible(before->schema(), after.schema());
    const auto decoded = [&](const std::optional<Bytes>& stored) {
        std::optional<Row> row;
        if (stored) {
            row = after.layout->rows.decode(
                after.layout->primary ? ByteView(*stored) : KeylessEntry::decode(*stored).row,
                &ours_.blocks());
        }
        return row;
    };
    // Rows of another layout are all new to this one.
    const RowSource changed = differing_rows(
        ours_.services().nodes, same_rows ? before->row_tree() : MergedTree{}, after.row_tree());
    changed([&](const RowChange& change) {
        const std::optional<Row> was = decoded(change.before);
        const std::optional<Row> is = decoded(change.after);
        const WriteOutcome outcome =
            checker.check_references(open, was ? &*was : nullptr, is ? &*is : nullptr);
        if (!outcome.ok()) {
            add_violation(after.schema(), outcome);
        }
    });
}

}  // namespace afterimage::storage

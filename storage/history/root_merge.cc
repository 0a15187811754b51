// SPDX-License-Identifier: Apache-2.0
#include "storage/history/root_merge.h"

#include <algorithm>

#include "storage/history/root_diff.h"
#include "storage/tree/merged_diff.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

namespace {

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

/// Rows of one schema read as rows of another: cells are matched by column id.
class RowTranslation {
  public:
    RowTranslation(const TableLayout& from, const TableSchema& to, const ValueBlocks& blocks)
        : from_(from), to_(to), blocks_(blocks) {
        for (const Column& column : to.columns) {
            const Column* source = from.schema->find_column(column.id);
            sources_.push_back(source == nullptr ? SIZE_MAX : from.schema->ordinal_of(column.id));
            possible_ = possible_ && (source == nullptr || source->type == column.type);
        }
    }
    /// Whether every shared column has the same type.
    [[nodiscard]] bool possible() const noexcept { return possible_; }
    /// Whether the other schema knows column `ordinal` at all.
    [[nodiscard]] bool has(std::size_t ordinal) const noexcept {
        return sources_[ordinal] != SIZE_MAX;
    }

    /// Columns that the other side lacks take `missing`'s cells, or their recorded value without
    /// one.
    [[nodiscard]] Row translate(ByteView stored, const Row* missing) const {
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

  private:
    const TableLayout& from_;
    const TableSchema& to_;
    const ValueBlocks& blocks_;
    std::vector<std::size_t> sources_;
    bool possible_ = true;
};

class Merger {
  public:
    Merger(OpenRoot& ours, const Root& base, const Root& theirs, RowRules* rules,
           const MergeOptions& options)
        : ours_(ours), base_(base), theirs_(theirs), rules_(rules), options_(options) {}

    RootMergeResult run(const ChangeSet& set) {
        merge_database(set);
        // Tables that go or are replaced come first: new ones may need their names.
        for (const bool drops : {true, false}) {
            for (const TableChanges& changes : set.tables) {
                if ((changes.schema_change == SchemaChangeKind::kDropped) == drops) {
                    merge_table(changes);
                }
            }
        }
        merge_objects(set);
        retry_delayed();
        check_references();
        return std::move(result_);
    }

  private:
    struct Written {
        std::string table;
        std::optional<Row> before, after;
    };
    struct Delayed {
        std::string table;
        std::optional<Bytes> old_key;
        Row row;
    };

    void schema_conflict(const std::string& text) { result_.schema_conflicts.push_back(text); }

    void merge_database(const ChangeSet& set) {
        if (set.absent && set.absent->second != ours_.current().absent) {
            if (set.absent->second) {
                schema_conflict("the database was dropped on one side");
            } else {
                ours_.create_database(theirs_.collation);
            }
        }
        if (set.collation && set.collation->second != ours_.current().collation) {
            if (ours_.current().collation != set.collation->first) {
                schema_conflict(
                    "cannot merge: its default collation setting has changed on both sides");
                return;
            }
            ours_.set_collation(set.collation->second);
        }
    }

    void merge_objects(const ChangeSet& set) {
        for (const ObjectChange& change : set.objects) {
            const SchemaObject* now = ours_.current().find_object(change.key.kind, change.key.name);
            const bool is_base =
                now == nullptr ? !change.before : change.before && *now == *change.before;
            const bool is_theirs =
                now == nullptr ? !change.after : change.after && *now == *change.after;
            if (is_theirs) {
                continue;
            }
            if (!is_base) {
                schema_conflict(change.key.name + " was changed on both sides");
            } else if (change.after) {
                ours_.put_object(*change.after);
            } else {
                ours_.drop_object(change.key.kind, change.key.name);
            }
        }
    }

    /// Our table of this identity, whatever its name is now; by name when identities differ.
    OpenTable* find_ours(std::uint64_t table_id, const std::string& name) {
        const auto& tables = ours_.current().tables;
        const auto same_name = tables.find(name);
        if (same_name != tables.end() && same_name->second->schema().table_id == table_id) {
            return ours_.find_table(name);
        }
        for (const auto& [our_name, table] : tables) {
            if (table->schema().table_id == table_id) {
                return ours_.find_table(our_name);
            }
        }
        return nullptr;
    }

    /// Whether our table holds what `other` holds.
    bool same_content(OpenTable& ours, const Table& other) {
        const std::shared_ptr<const Table> view = ours.view();
        if (!(view->schema() == other.schema())) {
            return false;
        }
        MergedDiff diff(ours_.services().nodes, other.row_tree(), view->row_tree());
        return !diff.next();
    }

    void merge_table(const TableChanges& changes) {
        switch (changes.schema_change) {
            case SchemaChangeKind::kCreated:
                create_table(changes);
                return;
            case SchemaChangeKind::kDropped:
                drop_table(changes);
                return;
            case SchemaChangeKind::kReplaced:
            case SchemaChangeKind::kRebuilt:
                change_schema(changes);
                return;
            case SchemaChangeKind::kTruncated:
                merge_whole_table(changes);
                return;
            case SchemaChangeKind::kNone: {
                OpenTable* table = find_ours(changes.table_id, changes.table);
                const std::shared_ptr<const Table> base = base_.find_table(changes.table);
                if (table == nullptr || !base) {
                    schema_conflict("table " + changes.table +
                                    " was changed on one side and dropped on the other");
                    return;
                }
                merge_rows(*table, *base->layout, changes.rows);
                return;
            }
        }
    }

    void create_table(const TableChanges& changes) {
        const std::shared_ptr<const Table> theirs = theirs_.find_table(changes.table);
        if (!theirs) {
            schema_conflict("table " + changes.table + " is not there any more");
            return;
        }
        if (OpenTable* ours = ours_.find_table(changes.table)) {
            if (!same_content(*ours, *theirs)) {
                schema_conflict("table with same name '" + changes.table +
                                "' added in 2 commits can't be merged");
            }
            return;
        }
        auto copy = std::make_shared<Table>(*theirs);
        copy->rows = theirs->row_tree();
        copy->indexes.clear();
        for (std::size_t i = 0; i < theirs->layout->indexes.size(); ++i) {
            copy->indexes.push_back(theirs->index_tree(i));
        }
        copy->content_sum = theirs->sum();
        copy->past = nullptr;
        result_.rows_changed += copy->rows.row_count();
        ours_.put_table(std::move(copy));
    }

    void drop_table(const TableChanges& changes) {
        OpenTable* ours = find_ours(changes.table_id, changes.table);
        if (ours == nullptr) {
            return;
        }
        const std::shared_ptr<const Table> base = base_.find_table(changes.table);
        if (!base || !same_content(*ours, *base)) {
            schema_conflict("table " + changes.table +
                            " was changed on one side and dropped on the other");
            return;
        }
        result_.rows_changed += ours->row_count();
        ours_.drop_table(std::string(ours->name()));
    }

    void merge_whole_table(const TableChanges& changes) {
        OpenTable* table = find_ours(changes.table_id, changes.table);
        const std::shared_ptr<const Table> base = base_.find_table(changes.table);
        const std::shared_ptr<const Table> theirs = theirs_.find_table(changes.table);
        if (table == nullptr || !base || !theirs) {
            schema_conflict("table " + changes.table +
                            " was changed on one side and dropped on the other");
            return;
        }
        std::vector<RowChange> rows;
        MergedDiff diff(ours_.services().nodes, base->row_tree(), theirs->row_tree());
        while (diff.next()) {
            RowChange change{Bytes(diff.key()), std::nullopt, std::nullopt};
            if (diff.before()) {
                change.before = Bytes(*diff.before());
            }
            if (diff.after()) {
                change.after = Bytes(*diff.after());
            }
            rows.push_back(std::move(change));
        }
        merge_rows(*table, *base->layout, rows);
    }

    /// Ours takes the new schema when it still has the old one.
    void change_schema(const TableChanges& changes) {
        const std::string& old_name = changes.old_schema->name;
        OpenTable* table = find_ours(changes.table_id, old_name);
        if (table == nullptr) {
            schema_conflict("table " + old_name +
                            " was changed on one side and dropped on the other");
            return;
        }
        const bool has_theirs = canonical_equal(table->schema(), *changes.new_schema);
        if (!has_theirs && !canonical_equal(table->schema(), *changes.old_schema)) {
            schema_conflict("schema conflict found, merge aborted: table " + old_name +
                            " was altered on both sides");
            return;
        }
        const std::shared_ptr<const Table> theirs = theirs_.find_table(changes.table);
        const std::shared_ptr<const Table> base = base_.find_table(old_name);
        if (!has_theirs && theirs && base && same_content(*table, *base)) {
            const std::string our_name = table->name();
            ours_.remove_table(our_name);
            create_table(changes);
            return;
        }
        if (!has_theirs && !convert(*table, *changes.new_schema)) {
            schema_conflict("schema conflict found, merge aborted: rows of table " + old_name +
                            " do not fit the other schema");
            return;
        }
        if (changes.schema_change == SchemaChangeKind::kReplaced && !changes.rows.empty() &&
            theirs) {
            OpenTable* converted = find_ours(changes.table_id, changes.table);
            if (converted != nullptr) {
                merge_rows(*converted, *theirs->layout, changes.rows);
            }
        }
    }

    static bool canonical_equal(const TableSchema& a, const TableSchema& b) {
        TableSchema x = a;
        TableSchema y = b;
        x.version = y.version = 0;
        x.next_column_id = y.next_column_id = 0;
        return x == y;
    }

    /// Gives our table another schema, rows matched by column id.
    bool convert(OpenTable& table, TableSchema schema) {
        const std::string old_name = table.name();
        const std::shared_ptr<const Table> before = table.view();
        const RowTranslation translation(*before->layout, schema, ours_.blocks());
        if (!translation.possible() || before->schema().keyless() != !schema.primary_key) {
            return false;
        }
        if (old_name != schema.name) {
            ours_.rename_table(old_name, schema.name);
        }
        const std::string name = schema.name;
        if (rows_compatible(before->schema(), schema)) {
            ours_.rebuild_indexes(name, std::move(schema));
            return true;
        }
        OpenTable& rebuilt = ours_.begin_rebuild(name, std::move(schema));
        WriteOptions write_options;
        write_options.mode = WriteMode::kVersionControl;
        write_options.foreign_key_checks = false;
        RowWriter writer(ours_, rules_, write_options);
        MergingCursor cursor(ours_.services().nodes, before->row_tree());
        const RowTranslation to_rebuilt(*before->layout, rebuilt.schema(), ours_.blocks());
        for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
            std::uint64_t count = 1;
            ByteView stored = cursor.value();
            if (before->schema().keyless()) {
                const KeylessEntry entry = KeylessEntry::decode(stored);
                count = entry.count;
                stored = entry.row;
            }
            for (; count > 0; --count) {
                const WriteOutcome outcome =
                    writer.insert(rebuilt, to_rebuilt.translate(stored, nullptr));
                if (!outcome.ok()) {
                    result_.violations.push_back(violation_text(rebuilt.schema(), outcome));
                }
            }
        }
        return true;
    }

    void conflict(const OpenTable& table, const RowChange& change,
                  const std::optional<Bytes>& ours) {
        result_.conflicts[table.name()].push_back({change.key, change.before, ours, change.after});
    }

    void merge_rows(OpenTable& table, const TableLayout& layout,
                    const std::vector<RowChange>& rows) {
        if (table.schema().keyless() != !layout.primary) {
            schema_conflict("cannot merge because table " + table.name() +
                            " has different primary keys");
            return;
        }
        const RowTranslation translation(layout, table.schema(), ours_.blocks());
        if (!translation.possible()) {
            schema_conflict("schema conflict found, merge aborted: columns of table " +
                            table.name() + " have other types");
            return;
        }
        const bool same_layout = rows_compatible(*layout.schema, table.schema());
        // Deletes first: an insert or update may take over a unique value.
        for (const bool deletes : {true, false}) {
            for (const RowChange& change : rows) {
                if (change.after.has_value() != deletes) {
                    if (table.schema().keyless()) {
                        merge_keyless_row(table, change);
                    } else {
                        merge_row(table, translation, change, same_layout);
                    }
                }
            }
        }
    }

    void merge_keyless_row(OpenTable& table, const RowChange& change) {
        std::optional<Bytes> ours;
        if (const std::optional<PinnedRow> found = table.find(change.key)) {
            ours = Bytes(found->value);
        }
        if (ours != change.before) {
            conflict(table, change, ours);
            return;
        }
        table.apply_row(change.key, ours ? std::optional<ByteView>(*ours) : std::nullopt,
                        change.after ? std::optional<ByteView>(*change.after) : std::nullopt);
        ++result_.rows_changed;
    }

    void merge_row(OpenTable& table, const RowTranslation& translation, const RowChange& change,
                   bool same_layout) {
        const Bytes key = same_layout ? change.key : translated_key(table, translation, change);
        std::optional<Bytes> ours;
        if (const std::optional<PinnedRow> found = table.find(key)) {
            ours = Bytes(found->value);
        }
        std::optional<Row> our_row;
        if (ours) {
            our_row = table.layout().rows.decode(*ours, &ours_.blocks());
        }
        const Row* fallback = our_row ? &*our_row : nullptr;
        std::optional<Row> base_row;
        std::optional<Row> their_row;
        if (change.before) {
            base_row = translation.translate(*change.before, fallback);
        }
        if (change.after) {
            their_row = translation.translate(*change.after, fallback);
        }
        if (!their_row) {
            if (!our_row) {
                if (options_.same_cell_is_conflict) {
                    conflict(table, change, ours);
                }
                return;
            }
            if (!same_row(*our_row, *base_row)) {
                conflict(table, change, ours);
                return;
            }
            write(table, key, our_row, std::nullopt);
            return;
        }
        if (!our_row) {
            if (base_row) {
                conflict(table, change, ours);
                return;
            }
            write(table, std::nullopt, std::nullopt, std::move(their_row));
            return;
        }
        if (!base_row) {
            if (options_.same_cell_is_conflict || !same_row(*our_row, *their_row)) {
                conflict(table, change, ours);
            }
            return;
        }
        Row merged = *our_row;
        for (std::size_t i = 0; i < merged.size(); ++i) {
            if (table.schema().columns[i].generated_sql ||
                (*base_row)[i].same_as((*their_row)[i])) {
                continue;
            }
            const bool ours_changed = !(*our_row)[i].same_as((*base_row)[i]);
            if (ours_changed &&
                (options_.same_cell_is_conflict || !(*our_row)[i].same_as((*their_row)[i]))) {
                conflict(table, change, ours);
                return;
            }
            merged[i] = (*their_row)[i];
        }
        if (!same_row(merged, *our_row)) {
            write(table, key, our_row, std::move(merged));
        }
    }

    static bool same_row(const Row& a, const Row& b) {
        return std::ranges::equal(a, b,
                                  [](const Value& x, const Value& y) { return x.same_as(y); });
    }

    Bytes translated_key(const OpenTable& table, const RowTranslation& translation,
                         const RowChange& change) const {
        const Row row =
            translation.translate(change.before ? *change.before : *change.after, nullptr);
        return table.layout().primary->encode_row(row);
    }

    /// Writes one merged row; references are tested when all rows are there.
    void write(OpenTable& table, const std::optional<Bytes>& old_key, std::optional<Row> before,
               std::optional<Row> after) {
        WriteOptions write_options;
        write_options.mode = WriteMode::kVersionControl;
        write_options.foreign_key_checks = false;
        RowWriter writer(ours_, rules_, write_options);
        WriteOutcome outcome;
        if (!after) {
            outcome = writer.remove(table, *old_key);
        } else if (old_key) {
            outcome = writer.update(table, *old_key, *after);
        } else {
            outcome = writer.insert(table, *after);
        }
        if (outcome.ok()) {
            ++result_.rows_changed;
            written_.push_back({table.name(), std::move(before), std::move(after)});
        } else if (outcome.kind == WriteOutcome::Kind::kDuplicate && after && !retrying_) {
            // Another row of this merge may still give the value up.
            delayed_.push_back({table.name(), old_key, std::move(*after)});
        } else {
            result_.violations.push_back(violation_text(table.schema(), outcome));
        }
    }

    /// All old rows go, then all new ones come: any number of rows may have exchanged unique
    /// values.
    void retry_delayed() {
        retrying_ = true;
        std::vector<std::optional<Row>> before(delayed_.size());
        for (std::size_t i = 0; i < delayed_.size(); ++i) {
            OpenTable& table = *ours_.find_table(delayed_[i].table);
            if (!delayed_[i].old_key) {
                continue;
            }
            if (const std::optional<PinnedRow> found = table.find(*delayed_[i].old_key)) {
                before[i] = table.layout().rows.decode(found->value, &ours_.blocks());
                WriteOptions write_options;
                write_options.mode = WriteMode::kVersionControl;
                write_options.foreign_key_checks = false;
                static_cast<void>(
                    RowWriter(ours_, rules_, write_options).remove(table, *delayed_[i].old_key));
            }
        }
        for (std::size_t i = 0; i < delayed_.size(); ++i) {
            OpenTable& table = *ours_.find_table(delayed_[i].table);
            write(table, std::nullopt, std::move(before[i]), std::move(delayed_[i].row));
        }
    }

    void check_references() {
        WriteOptions write_options;
        write_options.mode = WriteMode::kVersionControl;
        RowWriter writer(ours_, rules_, write_options);
        for (const Written& row : written_) {
            OpenTable* table = ours_.find_table(row.table);
            if (table == nullptr) {
                continue;
            }
            const WriteOutcome outcome = writer.check_references(
                *table, row.before ? &*row.before : nullptr, row.after ? &*row.after : nullptr);
            if (!outcome.ok()) {
                result_.violations.push_back(violation_text(table->schema(), outcome));
            }
        }
    }

    OpenRoot& ours_;
    const Root& base_;
    const Root& theirs_;
    RowRules* rules_;
    MergeOptions options_;
    RootMergeResult result_;
    std::vector<Written> written_;
    std::vector<Delayed> delayed_;
    bool retrying_ = false;
};

}  // namespace

std::uint64_t RootMergeResult::conflict_count() const noexcept {
    std::uint64_t count = 0;
    for (const auto& [table, rows] : conflicts) {
        count += rows.size();
    }
    return count;
}

std::string RootMergeResult::describe() const {
    if (!schema_conflicts.empty()) {
        return schema_conflicts.front();
    }
    if (!conflicts.empty()) {
        return "table " + conflicts.begin()->first + ": " +
               std::to_string(conflicts.begin()->second.size()) + " conflicting rows";
    }
    return violations.empty() ? std::string() : violations.front();
}

RootMergeResult merge_change_set(OpenRoot& ours, const ChangeSet& set, const Root& base,
                                 const Root& theirs, RowRules* rules, const MergeOptions& options) {
    return Merger(ours, base, theirs, rules, options).run(set);
}

RootMergeResult merge_roots(OpenRoot& ours, const Root& base, const Root& theirs, RowRules* rules,
                            const MergeOptions& options) {
    return merge_change_set(ours, diff_roots(base, theirs, ours.services()), base, theirs, rules,
                            options);
}

ChangeSet inverted(const ChangeSet& set) {
    ChangeSet result;
    if (set.absent) {
        result.absent = {set.absent->second, set.absent->first};
    }
    if (set.collation) {
        result.collation = {set.collation->second, set.collation->first};
    }
    for (const ObjectChange& change : set.objects) {
        result.objects.push_back({change.key, change.after, change.before});
    }
    for (const TableChanges& changes : set.tables) {
        TableChanges back;
        back.table_id = changes.table_id;
        back.table = changes.old_schema ? changes.old_schema->name : changes.table;
        back.old_schema = changes.new_schema;
        back.new_schema = changes.old_schema;
        back.schema_change = changes.schema_change;
        if (changes.schema_change == SchemaChangeKind::kCreated) {
            back.schema_change = SchemaChangeKind::kDropped;
        } else if (changes.schema_change == SchemaChangeKind::kDropped) {
            back.schema_change = SchemaChangeKind::kCreated;
        }
        if (changes.schema_change == SchemaChangeKind::kNone ||
            changes.schema_change == SchemaChangeKind::kReplaced) {
            for (const RowChange& change : changes.rows) {
                back.rows.push_back({change.key, change.after, change.before});
            }
        }
        result.tables.push_back(std::move(back));
    }
    std::ranges::sort(result.tables, [](const TableChanges& a, const TableChanges& b) {
        const bool a_stays = a.schema_change != SchemaChangeKind::kDropped;
        const bool b_stays = b.schema_change != SchemaChangeKind::kDropped;
        return std::tie(a.table, a_stays) < std::tie(b.table, b_stays);
    });
    return result;
}

}  // namespace afterimage::storage

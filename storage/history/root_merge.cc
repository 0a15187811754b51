// SPDX-License-Identifier: Apache-2.0
#include "storage/history/root_merge.h"

#include <algorithm>
#include <set>

#include "storage/history/rebuilt_rows.h"
#include "storage/history/root_diff.h"
#include "storage/history/row_merge.h"
#include "storage/tree/merged_diff.h"

namespace afterimage::storage {

namespace {

class Merger {
  public:
    Merger(OpenRoot& ours, const Root& base, const Root& theirs, RowRules* rules,
           const MergeOptions& options)
        : ours_(ours), base_(base), theirs_(theirs), rows_(ours, rules, options, result_) {}

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
        rows_.finish();
        return std::move(result_);
    }

  private:
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
                rows_.merge_rows(*table, *base->layout, *base->layout,
                                 changed_rows(ours_.services().nodes, changes));
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
        rows_.merge_rows(
            *table, *base->layout, *theirs->layout,
            differing_rows(ours_.services().nodes, base->row_tree(), theirs->row_tree()));
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
        if (!has_theirs && !convert(*table, *changes.new_schema, theirs.get())) {
            schema_conflict("schema conflict found, merge aborted: rows of table " + old_name +
                            " do not fit the other schema");
            return;
        }
        if (changes.schema_change == SchemaChangeKind::kRebuilt && theirs && base) {
            merge_rebuilt(changes.table, *base, *theirs);
            return;
        }
        if (changes.schema_change == SchemaChangeKind::kReplaced && changes.has_rows() && theirs) {
            OpenTable* converted = find_ours(changes.table_id, changes.table);
            if (converted != nullptr) {
                rows_.merge_rows(*converted, base ? *base->layout : *theirs->layout,
                                 *theirs->layout, changed_rows(ours_.services().nodes, changes));
            }
        }
    }

    /// The change set lists no rows of a rebuilt table: they are compared.
    void merge_rebuilt(const std::string& name, const Table& base, const Table& theirs) {
        OpenTable* table = ours_.find_table(name);
        if (table == nullptr) {
            return;
        }
        const std::optional<std::vector<RowChange>> rows = rebuilt_row_changes(
            base, theirs, *table, ours_.services().nodes, ours_.services().blocks);
        if (!rows) {
            schema_conflict("schema conflict found, merge aborted: table " + name +
                            " was rebuilt on one side and has no key to tell its rows by");
            return;
        }
        rows_.merge_rows(*table, *theirs.layout, *theirs.layout,
                         [&rows](const RowVisitor& visit) { std::ranges::for_each(*rows, visit); });
        if (result_.conflicts.erase(name) != 0) {
            schema_conflict("schema conflict found, merge aborted: table " + name +
                            " was altered on one side and the same rows changed on both");
        }
    }

    /// Whether rows that the new columns say nothing about would break NOT NULL: then every row is
    /// written and tested.
    static bool needs_cells(const TableSchema& before, const TableSchema& after) {
        return std::ranges::any_of(after.columns, [&](const Column& column) {
            return before.find_column(column.id) == nullptr && !column.nullable &&
                   column.missing_value.is_null();
        });
    }

    static bool canonical_equal(const TableSchema& a, const TableSchema& b) {
        TableSchema x = a;
        TableSchema y = b;
        x.version = y.version = 0;
        x.next_column_id = y.next_column_id = 0;
        return x == y;
    }

    /// Gives our table another schema, rows matched by column id; columns that it lacks take the
    /// cells of their row of the same key.
    bool convert(OpenTable& table, TableSchema schema, const Table* theirs) {
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
        if (rows_compatible(before->schema(), schema) && !needs_cells(before->schema(), schema)) {
            ours_.rebuild_indexes(name, std::move(schema));
            return true;
        }
        OpenTable& rebuilt = ours_.begin_rebuild(name, std::move(schema));
        rows_.convert_rows(*before, rebuilt, theirs);
        return true;
    }

    OpenRoot& ours_;
    const Root& base_;
    const Root& theirs_;
    RootMergeResult result_;
    RowMerger rows_;
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
            back.section = changes.section;
            if (back.section) {
                back.section->inverted = !back.section->inverted;
                std::swap(back.section->inserted, back.section->deleted);
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

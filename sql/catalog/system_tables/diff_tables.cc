// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/diff_tables.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/commit_scan.h"
#include "sql/catalog/system_tables/system_table.h"
#include "storage/history/root_summary.h"
#include "storage/history/table_diff.h"

namespace afterimage::sql {

using storage::CommitIndex;
using storage::kNoCommit;
using storage::Row;
using storage::SchemaChangeKind;
using storage::TableChanges;

namespace {

struct D {
    enum Column : std::size_t {
        kHash,
        kTable,
        kCommitter,
        kEmail,
        kDate,
        kMessage,
        kDataChange,
        kSchemaChange,
        kAuthor
    };
};
struct CD {
    enum Column : std::size_t {
        kHash,
        kTable,
        kColumn,
        kCommitter,
        kEmail,
        kDate,
        kMessage,
        kDiffType,
        kAuthor
    };
};

void put_commit(Row& row, const storage::Commit& commit, std::size_t committer,
                std::size_t author) {
    row[committer] = text_value(commit.committer.name);
    row[committer + 1] = text_value(commit.committer.email);
    row[committer + 2] = date_value(commit.committer.time_micros, 6);
    row[committer + 3] = text_value(commit.message);
    row[author] = text_value(commit.author.name);
    row[author + 1] = text_value(commit.author.email);
    row[author + 2] = date_value(commit.author.time_micros, 6);
}

/// Whether a table that was dropped by `commit` had rows.
bool had_rows(storage::Store& store, CommitIndex commit, const std::string& table) {
    const CommitIndex parent = store.history().node(commit).first_parent;
    const auto before =
        parent == kNoCommit ? nullptr : store.past().root_of(parent)->find_table(table);
    return before && before->row_tree().row_count() != 0;
}

struct ChangeFlags {
    bool data = false;
    bool schema = false;
};

ChangeFlags flags_of(storage::Store& store, CommitIndex commit, const TableChanges& changes) {
    const bool rows = changes.has_rows() || (changes.bulk && changes.bulk->rows.row_count != 0);
    switch (changes.schema_change) {
        case SchemaChangeKind::kNone:
            return {rows, false};
        case SchemaChangeKind::kTruncated:
            return {true, false};
        case SchemaChangeKind::kDropped:
            return {had_rows(store, commit, changes.table), true};
        case SchemaChangeKind::kRebuilt:
            return {true, true};
        case SchemaChangeKind::kCreated:
        case SchemaChangeKind::kReplaced:
            return {rows, true};
    }
    return {};
}

/// Commits of a log that may have touched one table: known from the index for first parents.
class TouchTest {
  public:
    TouchTest(storage::Store& store, CommitIndex tip, const std::string& table) : store_(store) {
        const storage::HistoryIndex& history = store.history();
        chain_ = history.chain_of(tip);
        database_id_ = history.node(tip).database_id;
        // Every table that had the name at some time: its creation or renaming changed the schema.
        std::set<std::uint64_t> ids;
        for (const CommitIndex commit : history.schema_commits(database_id_, chain_, tip)) {
            for (const TableChanges& changes : store.past().read_commit(commit).second.tables) {
                if (changes.table == table) {
                    ids.insert(changes.table_id);
                }
            }
        }
        for (const std::uint64_t id : ids) {
            const std::vector<CommitIndex> touched =
                history.commits_of_table(database_id_, id, chain_, kNoCommit, tip);
            commits_.insert(commits_.end(), touched.begin(), touched.end());
        }
        std::sort(commits_.begin(), commits_.end());
    }
    bool operator()(CommitIndex commit) const {
        const storage::CommitNode node = store_.history().node(commit);
        return !chain_.contains(node) || (node.flags & storage::CommitNode::kChangesSchema) != 0 ||
               std::binary_search(commits_.begin(), commits_.end(), commit);
    }

  private:
    storage::Store& store_;
    storage::FirstParentChain chain_;
    std::uint32_t database_id_ = 0;
    std::vector<CommitIndex> commits_;
};

/// Walks commits and keeps the rows that one of them gives.
class ChangeScan : public VirtualScan {
  public:
    ChangeScan(storage::Store& store, CommitSequence commits, StatementContext* context)
        : store_(store), commits_(std::move(commits)), context_(context) {}

    bool next(Row& row) override {
        while (rows_.empty()) {
            if (context_ != nullptr && context_->stop != nullptr) {
                context_->stop->check();
            }
            const CommitIndex commit = commits_.next();
            if (commit == kNoCommit) {
                return false;
            }
            if (store_.history().node(commit).first_parent != kNoCommit &&
                (!accept || accept(commit))) {
                add_commit(commit);
            }
        }
        row = std::move(rows_.front());
        rows_.pop_front();
        return true;
    }

    std::function<bool(CommitIndex)> accept;

  protected:
    virtual void add_commit(CommitIndex commit) = 0;

    storage::Store& store_;
    CommitSequence commits_;
    StatementContext* context_;
    std::deque<Row> rows_;
};

class DiffScan final : public ChangeScan {
  public:
    using ChangeScan::ChangeScan;

    void add_pending(const char* name, const storage::Root& before, const storage::Root& after) {
        if (&before == &after) {
            return;
        }
        for (const storage::TableDifference& difference :
             storage::summarize_difference(&before, &after, store_.nodes())) {
            Row row(11);
            row[D::kHash] = text_value(name);
            row[D::kTable] = text_value(difference.name());
            row[D::kDataChange] = bool_value(difference.data_change);
            row[D::kSchemaChange] = bool_value(difference.schema_change);
            rows_.push_back(std::move(row));
        }
    }

  private:
    void add_row(const storage::Commit& commit, const std::string& hash, const std::string& table,
                 ChangeFlags flags) {
        Row row(11);
        row[D::kHash] = text_value(hash);
        row[D::kTable] = text_value(table);
        put_commit(row, commit, D::kCommitter, D::kAuthor);
        row[D::kDataChange] = bool_value(flags.data);
        row[D::kSchemaChange] = bool_value(flags.schema);
        rows_.push_back(std::move(row));
    }

    void add_commit(CommitIndex index) override {
        const auto [commit, set] = store_.past().read_commit(index);
        const std::string hash = store_.history().node(index).id.text();
        std::map<std::string, ChangeFlags> tables;
        for (const TableChanges& changes : set.tables) {
            const ChangeFlags flags = flags_of(store_, index, changes);
            ChangeFlags& known = tables[changes.table];
            known = {known.data || flags.data, known.schema || flags.schema};
        }
        for (const storage::ObjectChange& change : set.objects) {
            const bool routine = change.key.kind == storage::SchemaObjectKind::kProcedure ||
                                 change.key.kind == storage::SchemaObjectKind::kFunction;
            tables[routine ? "dolt_procedures" : "dolt_schemas"].data = true;
        }
        for (const auto& [table, flags] : tables) {
            add_row(commit, hash, table, flags);
        }
    }
};

class DiffTable final : public SystemTable {
  public:
    DiffTable(Catalog& catalog, ResolvedDatabase database)
        : SystemTable(catalog, std::move(database),
                      SchemaBuilder("dolt_diff")
                          .text("commit_hash")
                          .text("table_name")
                          .text("committer", true)
                          .text("email", true)
                          .datetime("date", 6)
                          .text("message", true)
                          .boolean("data_change")
                          .boolean("schema_change")
                          .text("author", true)
                          .text("author_email", true)
                          .datetime("author_date", 6)
                          .key({"commit_hash", "table_name"})
                          .build()) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        auto scan = std::make_unique<DiffScan>(
            store(),
            CommitSequence(history(), {tip()},
                           commit_filter(request, history(), D::kHash, D::kDate)),
            request.context);
        const auto state = branch_state(database_);
        if (state && (wants_pending(request, "WORKING") || wants_pending(request, "STAGED"))) {
            const auto working = catalog_.target().root(database_.base, database_.branch);
            if (working && wants_pending(request, "WORKING")) {
                scan->add_pending("WORKING", *state->staged, *working);
            }
            if (wants_pending(request, "STAGED")) {
                scan->add_pending("STAGED", *state->head_root, *state->staged);
            }
        }
        const storage::Value* table = request.equal_value(D::kTable);
        if (table != nullptr && table->kind() == storage::ValueKind::kBytes && tip() != kNoCommit &&
            table->as_bytes() != "dolt_schemas" && table->as_bytes() != "dolt_procedures") {
            scan->accept = TouchTest(store(), tip(), table->as_bytes());
        }
        return scan;
    }
    std::vector<std::size_t> lookup_columns() const override { return {D::kHash}; }

  private:
    static bool wants_pending(const ScanRequest& request, std::string_view name) {
        const auto* hashes = request.in_values(D::kHash);
        return hashes == nullptr || std::ranges::any_of(*hashes, [&](const storage::Value& value) {
                   return text_of(value) == name;
               });
    }
};

class ColumnDiffScan final : public ChangeScan {
  public:
    using ChangeScan::ChangeScan;

  private:
    void add_commit(CommitIndex index) override {
        const auto [commit, set] = store_.past().read_commit(index);
        for (const TableChanges& changes : set.tables) {
            add_table(index, commit, changes);
        }
    }

    void add_row(CommitIndex index, const storage::Commit& commit, const std::string& table,
                 const std::string& column, const char* diff_type) {
        Row row(11);
        row[CD::kHash] = text_value(store_.history().node(index).id.text());
        row[CD::kTable] = text_value(table);
        row[CD::kColumn] = text_value(column);
        put_commit(row, commit, CD::kCommitter, CD::kAuthor);
        row[CD::kDiffType] = text_value(diff_type);
        rows_.push_back(std::move(row));
    }

    void add_table(CommitIndex index, const storage::Commit& commit, const TableChanges& changes) {
        std::shared_ptr<const storage::TableSchema> before = changes.old_schema;
        std::shared_ptr<const storage::TableSchema> after = changes.new_schema;
        if (changes.schema_change == SchemaChangeKind::kNone ||
            changes.schema_change == SchemaChangeKind::kTruncated) {
            before = after = schema_at(index, changes.table);
        }
        std::set<std::string> modified;
        if (before && after) {
            modified = changed_columns(index, changes, before, after);
        }
        for (const storage::Column& column :
             after ? after->columns : std::vector<storage::Column>{}) {
            const storage::Column* old = before ? before->find_column(column.id) : nullptr;
            if (old == nullptr) {
                add_row(index, commit, changes.table, column.name, "added");
            } else if (modified.contains(column.name) || !(*old == column)) {
                add_row(index, commit, changes.table, column.name, "modified");
            }
        }
        for (const storage::Column& column :
             before ? before->columns : std::vector<storage::Column>{}) {
            if (!after || after->find_column(column.id) == nullptr) {
                add_row(index, commit, changes.table, column.name, "removed");
            }
        }
    }

    std::shared_ptr<const storage::TableSchema> schema_at(CommitIndex index,
                                                          const std::string& table) {
        const auto catalog = store_.past().catalog_of(index);
        const auto found = catalog->tables.find(table);
        return found == catalog->tables.end() ? nullptr : found->second.layout->schema;
    }

    /// Columns in which some row differs: an inserted or deleted row changes all of them.
    std::set<std::string> changed_columns(
        CommitIndex index, const TableChanges& changes,
        const std::shared_ptr<const storage::TableSchema>& before,
        const std::shared_ptr<const storage::TableSchema>& after) {
        std::set<std::string> names;
        const auto all = [&] {
            for (const storage::Column& column : after->columns) {
                names.insert(column.name);
            }
            return names;
        };
        if (changes.schema_change == SchemaChangeKind::kTruncated ||
            changes.schema_change == SchemaChangeKind::kRebuilt) {
            return had_rows(store_, index, before->name) ? all() : names;
        }
        if (!changes.has_rows()) {
            return names;
        }
        const auto layout = storage::TableLayout::make(after);
        storage::RowChangesReader rows(store_.nodes(), changes);
        while (names.size() < after->columns.size() && rows.next()) {
            const storage::RowChange& change = rows.change();
            if (!change.before || !change.after || !layout->primary) {
                return all();
            }
            for (std::size_t i = 0; i < after->columns.size(); ++i) {
                const auto was = layout->rows.cell(*change.before, i);
                const auto now = layout->rows.cell(*change.after, i);
                if (was.is_null != now.is_null || (!was.is_null && was.payload != now.payload)) {
                    names.insert(after->columns[i].name);
                }
            }
        }
        return names;
    }
};

class ColumnDiffTable final : public SystemTable {
  public:
    ColumnDiffTable(Catalog& catalog, ResolvedDatabase database)
        : SystemTable(catalog, std::move(database),
                      SchemaBuilder("dolt_column_diff")
                          .text("commit_hash")
                          .text("table_name")
                          .text("column_name")
                          .text("committer", true)
                          .text("email", true)
                          .datetime("date", 6)
                          .text("message", true)
                          .text("diff_type")
                          .text("author", true)
                          .text("author_email", true)
                          .datetime("author_date", 6)
                          .build()) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        auto scan = std::make_unique<ColumnDiffScan>(
            store(),
            CommitSequence(history(), {tip()},
                           commit_filter(request, history(), CD::kHash, CD::kDate)),
            request.context);
        const storage::Value* table = request.equal_value(CD::kTable);
        if (table != nullptr && table->kind() == storage::ValueKind::kBytes && tip() != kNoCommit) {
            scan->accept = TouchTest(store(), tip(), table->as_bytes());
        }
        return scan;
    }
    std::vector<std::size_t> lookup_columns() const override { return {CD::kHash}; }
};

template <class Table>
VirtualTableRegistry::Factory factory_of() {
    return [](Catalog& catalog, const ResolvedDatabase& database,
              std::string_view) -> std::unique_ptr<VirtualTable> {
        return database.is_virtual ? nullptr : std::make_unique<Table>(catalog, database);
    };
}

}  // namespace

void register_diff_tables(VirtualTableRegistry& registry) {
    registry.add_table("", "dolt_diff", factory_of<DiffTable>());
    registry.add_table("", "dolt_column_diff", factory_of<ColumnDiffTable>());
}

}  // namespace afterimage::sql

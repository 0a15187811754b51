// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/table_diff_table.h"

#include <algorithm>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/commit_filter.h"
#include "sql/catalog/system_tables/key_filter.h"
#include "sql/catalog/system_tables/table_at.h"
#include "sql/catalog/system_tables/two_state_diff.h"
#include "storage/history/table_history.h"

namespace afterimage::sql {

using storage::CommitIndex;
using storage::kNoCommit;
using storage::Row;
using storage::TableLayout;
using storage::TableSchema;

namespace {

/// The changes of every commit, newest first, after those of WORKING.
class HistoryScan final : public VirtualScan {
  public:
    HistoryScan(storage::Store& store, DiffFiller filler,
                std::unique_ptr<storage::TableHistory> history,
                std::unique_ptr<TwoStateScan> working, StatementContext* context)
        : store_(store),
          filler_(std::move(filler)),
          history_(std::move(history)),
          working_(std::move(working)),
          context_(context) {}

    bool next(Row& row) override {
        if (working_) {
            if (working_->next(row)) {
                return true;
            }
            working_.reset();
        }
        while (repeats_.left == 0) {
            if (!next_change()) {
                return false;
            }
            repeats_ = filler_.repeats(view(history_->row().before), view(history_->row().after));
        }
        --repeats_.left;
        filler_.fill(row, view(history_->row().before), view(history_->row().after), repeats_);
        filler_.put_sides(row, to_, from_);
        return true;
    }

  private:
    static std::optional<storage::ByteView> view(const std::optional<storage::Bytes>& bytes) {
        return bytes ? std::optional<storage::ByteView>(*bytes) : std::nullopt;
    }

    [[nodiscard]] DiffSide side_of_commit(CommitIndex index) const {
        if (index == kNoCommit) {
            return {};
        }
        const storage::CommitNode node = store_.history().node(index);
        return {text_value(node.id.text()), date_value(node.time_micros, 6)};
    }

    bool next_change() {
        if (!history_) {
            return false;
        }
        while (!history_->next_row()) {
            if (context_ != nullptr && context_->stop != nullptr) {
                context_->stop->check();
            }
            if (!history_->next()) {
                return false;
            }
            const storage::TableStep& step = history_->step();
            filler_.begin(step.before, step.after);
            to_ = side_of_commit(step.commit);
            from_ = side_of_commit(step.parent);
        }
        return true;
    }

    storage::Store& store_;
    DiffFiller filler_;
    std::unique_ptr<storage::TableHistory> history_;
    std::unique_ptr<TwoStateScan> working_;
    StatementContext* context_;
    DiffSide to_, from_;
    Repeats repeats_;
};

/// The commits that `from_commit` and `to_commit` conditions leave.
struct CommitBounds {
    bool none = false;
    bool working = true;  ///< WORKING's changes are wanted
    CommitIndex newest = kNoCommit;
    CommitIndex oldest = 0;
    std::vector<CommitIndex> only;  ///< if not empty
};

class DiffTableOfTable final : public SystemTable {
  public:
    DiffTableOfTable(Catalog& catalog, ResolvedDatabase database, std::string table,
                     std::shared_ptr<const TableSchema> current,
                     std::shared_ptr<const storage::Table> working)
        : SystemTable(catalog, std::move(database),
                      diff_schema("dolt_diff_" + table, *current, *current)),
          table_(std::move(table)),
          current_(std::move(current)),
          working_(std::move(working)),
          columns_{current_->columns.size(), current_->columns.size()} {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        const CommitBounds bounds = commit_bounds(request);
        DiffFiller filler(columns_, current_, current_, request, store().blocks());
        std::unique_ptr<TwoStateScan> pending;
        if (bounds.working) {
            pending = working_changes(request);
        }
        std::unique_ptr<storage::TableHistory> history_of_table;
        if (!bounds.none && tip() != kNoCommit) {
            history_of_table = std::make_unique<storage::TableHistory>(
                store().past(), history(), store().nodes(), store().blocks(), tip(), table_,
                history_filter(request, bounds));
        }
        return std::make_unique<HistoryScan>(store(), std::move(filler),
                                             std::move(history_of_table), std::move(pending),
                                             request.context);
    }

    std::vector<std::size_t> lookup_columns() const override {
        std::vector<std::size_t> columns{columns_.to_commit()};
        if (current_->primary_key && current_->primary_key->parts.size() == 1) {
            columns.push_back(
                columns_.to(current_->ordinal_of(current_->primary_key->parts[0].column)));
        }
        return columns;
    }

  private:
    std::unique_ptr<TwoStateScan> working_changes(const ScanRequest& request) {
        const auto state = branch_state(database_);
        const auto before = state ? state->head_root->find_table(table_) : nullptr;
        if (!state || before == working_) {
            return nullptr;
        }
        const CommitIndex head = history().find(state->head);
        DiffSide from{text_value(state->head.text()),
                      date_value(history().node(head).time_micros, 6)};
        return std::make_unique<TwoStateScan>(
            before, working_, store(),
            DiffFiller(columns_, current_, current_, request, store().blocks()),
            wanted_ranges(request, columns_, before, working_, *current_, *current_),
            DiffSide{text_value("WORKING"), {}}, std::move(from), request.context);
    }

    CommitBounds commit_bounds(const ScanRequest& request) const {
        CommitBounds bounds;
        const auto limit = [&](const std::vector<CommitIndex>& commits) {
            if (commits.empty()) {
                bounds.none = true;
                return;
            }
            bounds.only = commits;
            bounds.newest = *std::ranges::max_element(commits);
            bounds.oldest = *std::ranges::min_element(commits);
        };
        if (const auto* to = request.in_values(columns_.to_commit())) {
            const CommitFilter named =
                commit_filter(request, history(), columns_.to_commit(), std::nullopt);
            limit(*named.commits);
            bounds.working = std::ranges::any_of(
                *to, [](const storage::Value& value) { return text_of(value) == "WORKING"; });
        }
        if (request.in_values(columns_.from_commit()) != nullptr && tip() != kNoCommit) {
            const CommitFilter named =
                commit_filter(request, history(), columns_.from_commit(), std::nullopt);
            limit(children_of(*named.commits));
        }
        return bounds;
    }

    /// Commits of the first-parent chain whose first parent is one of `parents`.
    std::vector<CommitIndex> children_of(const std::vector<CommitIndex>& parents) const {
        return history().with_graph([&](const storage::CommitGraph& graph) {
            std::vector<CommitIndex> children;
            for (const CommitIndex parent : parents) {
                // Indexes fall along the chain: the last ancestor above `parent` is its child.
                std::uint64_t low = 0;
                std::uint64_t high = graph.node(tip()).height;
                while (low < high) {
                    const std::uint64_t middle = low + (high - low) / 2;
                    const CommitIndex at = graph.ancestor(tip(), middle);
                    if (at == kNoCommit || at <= parent) {
                        high = middle;
                    } else {
                        low = middle + 1;
                    }
                }
                if (low > 0 && graph.ancestor(tip(), low) == parent) {
                    children.push_back(graph.ancestor(tip(), low - 1));
                }
            }
            return children;
        });
    }

    storage::TableHistoryFilter history_filter(const ScanRequest& request,
                                               const CommitBounds& bounds) const {
        storage::TableHistoryFilter filter;
        filter.newest = bounds.newest;
        filter.oldest = bounds.oldest;
        const CommitFilter to_dates =
            commit_filter(request, history(), std::nullopt, columns_.to_date());
        const CommitFilter from_dates =
            commit_filter(request, history(), std::nullopt, columns_.from_date());
        filter.accept = [bounds, to_dates, from_dates,
                         &index = history()](const storage::CommitNode& node) {
            if (!bounds.only.empty() && std::ranges::none_of(bounds.only, [&](CommitIndex commit) {
                    return index.node(commit).id == node.id;
                })) {
                return false;
            }
            return to_dates.accepts_time(node.time_micros) &&
                   (!from_dates.limits_time() || node.first_parent == kNoCommit ||
                    from_dates.accepts_time(index.node(node.first_parent).time_micros));
        };
        if (!current_->primary_key) {
            return filter;
        }
        WantedKeys keys = wanted_keys(request, *current_, columns_.to(0));
        if (keys.empty()) {
            keys = wanted_keys(request, *current_, columns_.from(0));
        }
        if (!keys.empty()) {
            filter.keys = [keys, current = current_](const TableLayout& layout) {
                return encode_keys(layout, *current, keys);
            };
        }
        return filter;
    }

    std::string table_;
    std::shared_ptr<const TableSchema> current_;
    std::shared_ptr<const storage::Table> working_;
    DiffColumns columns_;
};

}  // namespace

void register_table_diff(VirtualTableRegistry& registry) {
    registry.add_family("dolt_diff_",
                        [](Catalog& catalog, const ResolvedDatabase& database,
                           std::string_view suffix) -> std::unique_ptr<VirtualTable> {
                            const std::optional<TableAt> table =
                                find_table_or_past(catalog, database, suffix);
                            if (!table) {
                                return nullptr;
                            }
                            return std::make_unique<DiffTableOfTable>(
                                catalog, database, table->name, table->schema, table->table);
                        });
}

}  // namespace afterimage::sql

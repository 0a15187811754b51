// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/log_table.h"

#include "sql/catalog/result_table.h"

namespace afterimage::sql {

using storage::CommitGraph;
using storage::CommitIndex;
using storage::kNoCommit;
using storage::Row;

namespace {

using C = LogColumns;

std::vector<CommitIndex> branch_tips(const storage::Store& store,
                                     const ResolvedDatabase& database) {
    std::vector<CommitIndex> tips;
    if (database.state) {
        for (const auto& [name, branch] : database.state->branches) {
            tips.push_back(store.history().find(branch->head));
        }
    }
    return tips;
}

std::string parents_text(const storage::HistoryIndex& history, CommitIndex index) {
    std::string text;
    history.with_graph([&](const CommitGraph& graph) {
        for (const CommitIndex parent : graph.parents(index)) {
            text += (text.empty() ? "" : ", ") + graph.node(parent).id.text();
        }
    });
    return text;
}

/// Ordinal in dolt_log of column `ordinal` of the short form.
constexpr std::size_t long_ordinal(std::size_t ordinal) {
    return ordinal <= C::kMessage ? ordinal : ordinal + (C::kAuthor - C::kOrder);
}

class LogTable final : public SystemTable {
  public:
    LogTable(Catalog& catalog, ResolvedDatabase database)
        : SystemTable(catalog, std::move(database), log_schema()) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        bool ordered = false;
        const CommitSequence::Order order = log_order(request, C::kDate, C::kOrder, &ordered);
        CommitFilter filter = commit_filter(request, history(), C::kHash, C::kDate);
        ordered = ordered && !filter.commits;
        auto scan = std::make_unique<LogScan>(
            store(), CommitSequence(history(), {tip()}, std::move(filter), order),
            request.wants(C::kRefs) ? ref_names(database_) : RefNames{}, request, false);
        scan->ordered = ordered;
        return scan;
    }

    std::optional<std::uint64_t> exact_count() override {
        return count_ancestors(history(), {tip()});
    }
    std::vector<std::size_t> lookup_columns() const override { return {C::kHash}; }
    std::uint64_t estimate_rows(const std::vector<std::size_t>& equal_columns) const override {
        const CommitIndex at = tip();
        return !equal_columns.empty() ? 1 : at == kNoCommit ? 0 : history().node(at).height;
    }
};

class CommitsTable final : public SystemTable {
  public:
    CommitsTable(Catalog& catalog, ResolvedDatabase database)
        : SystemTable(catalog, std::move(database),
                      SchemaBuilder("dolt_commits")
                          .text("commit_hash")
                          .text("committer")
                          .text("email")
                          .datetime("date", 3, false)
                          .text("message")
                          .text("author")
                          .text("author_email")
                          .datetime("author_date", 3, false)
                          .key({"commit_hash"})
                          .build()) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        return std::make_unique<LogScan>(
            store(),
            CommitSequence(history(), branch_tips(store(), database_),
                           commit_filter(request, history(), C::kHash, C::kDate)),
            RefNames{}, request, true);
    }
    std::optional<std::uint64_t> exact_count() override {
        return count_ancestors(history(), branch_tips(store(), database_));
    }
    std::vector<std::size_t> lookup_columns() const override { return {C::kHash}; }
};

class AncestorsScan final : public VirtualScan {
  public:
    AncestorsScan(const storage::HistoryIndex& history, CommitSequence commits)
        : history_(history), commits_(std::move(commits)) {}

    bool next(Row& row) override {
        if (parent_ >= parents_.size()) {
            const CommitIndex index = commits_.next();
            if (index == kNoCommit) {
                return false;
            }
            commit_ = history_.node(index).id;
            parents_ =
                history_.with_graph([&](const CommitGraph& graph) { return graph.parents(index); });
            parent_ = 0;
        }
        row[0] = text_value(commit_.text());
        row[2] = int_value(static_cast<std::int64_t>(parent_));
        if (!parents_.empty()) {
            row[1] = text_value(history_.node(parents_[parent_]).id.text());
        }
        ++parent_;
        return true;
    }

  private:
    const storage::HistoryIndex& history_;
    CommitSequence commits_;
    storage::CommitId commit_;
    std::vector<CommitIndex> parents_;
    std::size_t parent_ = 0;
};

class AncestorsTable final : public SystemTable {
  public:
    AncestorsTable(Catalog& catalog, ResolvedDatabase database)
        : SystemTable(catalog, std::move(database),
                      SchemaBuilder("dolt_commit_ancestors")
                          .text("commit_hash")
                          .text("parent_hash", true)
                          .integer("parent_index")
                          .build()) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        return std::make_unique<AncestorsScan>(
            history(), CommitSequence(history(), branch_tips(store(), database_),
                                      commit_filter(request, history(), 0, std::nullopt)));
    }
    std::vector<std::size_t> lookup_columns() const override { return {0}; }
};

template <class Table>
VirtualTableRegistry::Factory factory_of() {
    return [](Catalog& catalog, const ResolvedDatabase& database,
              std::string_view) -> std::unique_ptr<VirtualTable> {
        return database.is_virtual ? nullptr : std::make_unique<Table>(catalog, database);
    };
}

}  // namespace

std::shared_ptr<const storage::TableSchema> log_schema() {
    return SchemaBuilder("dolt_log")
        .text("commit_hash")
        .text("committer")
        .text("email")
        .datetime("date", 3, false)
        .text("message")
        .unsigned_bigint("commit_order")
        .text("parents", true)
        .text("refs", true)
        .text("signature", true)
        .text("author")
        .text("author_email")
        .datetime("author_date", 3, false)
        .key({"commit_hash"})
        .build();
}

RefNames ref_names(const ResolvedDatabase& database) {
    RefNames names;
    if (!database.state) {
        return names;
    }
    const auto add = [&](const storage::CommitId& commit, const std::string& name) {
        std::string& text = names[commit];
        text += (text.empty() ? "" : ", ") + name;
    };
    const auto& branches = database.state->branches;
    if (const auto current = branches.find(database.branch); current != branches.end()) {
        add(current->second->head, "HEAD -> " + current->first);
    }
    for (const auto& [name, branch] : branches) {
        if (name != database.branch) {
            add(branch->head, name);
        }
    }
    for (const auto& [name, tag] : database.state->tags) {
        add(tag.commit, "tag: " + name);
    }
    return names;
}

CommitSequence::Order log_order(const ScanRequest& request, std::size_t date_column,
                                std::size_t order_column, bool* delivered) {
    *delivered = false;
    if (request.order.size() != 1) {
        return CommitSequence::Order::kLog;
    }
    const ScanOrder& order = request.order.front();
    if (order.column == date_column) {
        *delivered = true;
        return order.descending ? CommitSequence::Order::kNewestFirst
                                : CommitSequence::Order::kOldestFirst;
    }
    *delivered = order.column == order_column && order.descending;
    return CommitSequence::Order::kLog;
}

LogScan::LogScan(storage::Store& store, CommitSequence commits, RefNames refs,
                 const ScanRequest& request, bool short_form)
    : store_(store),
      commits_(std::move(commits)),
      refs_(std::move(refs)),
      short_form_(short_form),
      context_(request.context) {
    for (const std::size_t column : request.columns) {
        const std::size_t ordinal = short_form ? long_ordinal(column) : column;
        needs_body_ = needs_body_ || ordinal == C::kCommitter || ordinal == C::kEmail ||
                      ordinal == C::kMessage || ordinal >= C::kAuthor;
    }
}

bool LogScan::next(Row& row) {
    CommitIndex index = commits_.next();
    while (index != kNoCommit && accept && !accept(index)) {
        index = commits_.next();
        if (context_ != nullptr && context_->stop != nullptr) {
            context_->stop->check();
        }
    }
    if (index == kNoCommit) {
        return false;
    }
    fill(index, row);
    return true;
}

void LogScan::fill(CommitIndex index, Row& row) {
    const storage::CommitNode node = store_.history().node(index);
    const auto put = [&](std::size_t ordinal, storage::Value value) {
        if (!short_form_) {
            row[ordinal] = std::move(value);
        } else if (ordinal <= C::kMessage) {
            row[ordinal] = std::move(value);
        } else if (ordinal >= C::kAuthor) {
            row[ordinal - (C::kAuthor - C::kOrder)] = std::move(value);
        }
    };
    put(C::kHash, text_value(node.id.text()));
    put(C::kDate, date_value(node.time_micros, 3));
    if (!short_form_) {
        row[C::kOrder] = uint_value(node.height);
        row[C::kParents] =
            text_value(with_parents ? parents_text(store_.history(), index) : std::string());
        const auto refs = refs_.find(node.id);
        row[C::kRefs] = text_value(refs == refs_.end() ? std::string() : refs->second);
        row[C::kSignature] = text_value("");
    }
    if (!needs_body_) {
        return;
    }
    const storage::Commit commit = store_.past().read_commit_body(index);
    put(C::kCommitter, text_value(commit.committer.name));
    put(C::kEmail, text_value(commit.committer.email));
    put(C::kMessage, text_value(commit.message));
    put(C::kAuthor, text_value(commit.author.name));
    put(C::kAuthorEmail, text_value(commit.author.email));
    put(C::kAuthorDate, date_value(commit.author.time_micros, 3));
}

void register_log_tables(VirtualTableRegistry& registry) {
    registry.add_table("", "dolt_log", factory_of<LogTable>());
    registry.add_table("", "dolt_commits", factory_of<CommitsTable>());
    registry.add_table("", "dolt_commit_ancestors", factory_of<AncestorsTable>());
}

}  // namespace afterimage::sql

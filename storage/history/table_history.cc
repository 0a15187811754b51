// SPDX-License-Identifier: Apache-2.0
#include "storage/history/table_history.h"

#include <algorithm>

namespace afterimage::storage {

namespace {

/// The index is asked for so many commits at once at most: 64Ki entries are a few milliseconds.
constexpr std::uint64_t kMaxWindow = 64ULL << 10U;

std::optional<Bytes> find_stored(const std::shared_ptr<const Table>& table, NodeSource& nodes,
                                 ByteView key) {
    if (!table) {
        return std::nullopt;
    }
    if (table->past) {
        return table->past->find(key);
    }
    const std::optional<PinnedRow> found = find_row(nodes, table->rows, key);
    return found ? std::optional<Bytes>(Bytes(found->value)) : std::nullopt;
}

}  // namespace

TableHistory::TableHistory(RootOf& past, const HistoryIndex& index, NodeSource& nodes,
                           const ValueBlocks& blocks, CommitIndex tip, std::string name,
                           TableHistoryFilter filter)
    : past_(past),
      index_(index),
      nodes_(nodes),
      blocks_(blocks),
      filter_(std::move(filter)),
      name_(std::move(name)) {
    const CommitNode node = index.node(tip);
    database_id_ = node.database_id;
    chain_ = index.chain_of(tip);
    schema_commits_ = index.schema_commits(database_id_, chain_, tip);
    schema_at_ = schema_commits_.size();
    position_ = std::uint64_t{tip} + 1;
    candidates_from_ = position_;
    const std::shared_ptr<const PastCatalog> catalog = past.catalog_of(tip);
    const auto found = catalog->tables.find(name_);
    if (!catalog->absent && found != catalog->tables.end()) {
        layout_ = found->second.layout;
        table_id_ = layout_->schema->table_id;
        newest_layout_ = layout_;
    } else if (find_older_table()) {
        newest_layout_ = layout_;
        layout_ = nullptr;
    } else {
        ended_ = true;
    }
}

/// Sets table_id_ and layout_ (as they were before the drop) and leaves schema_at_ behind the
/// commit that dropped it, which is the next step.
bool TableHistory::find_older_table() {
    for (; schema_at_ > 0; --schema_at_) {
        const CommitIndex commit = schema_commits_[schema_at_ - 1];
        const ChangeSet set = past_.read_commit(commit).second;
        for (const TableChanges& changes : set.tables) {
            if (changes.schema_change == SchemaChangeKind::kDropped && changes.table == name_ &&
                changes.old_schema) {
                table_id_ = changes.table_id;
                layout_ = TableLayout::make(changes.old_schema);
                candidate_keys_.reset();
                candidates_.clear();
                position_ = std::uint64_t{commit} + 1;
                candidates_from_ = position_;
                return true;
            }
        }
    }
    return false;
}

bool TableHistory::touches(CommitIndex commit) const {
    const CommitIndex after = commit == 0 ? kNoCommit : commit - 1;
    return !index_.commits_of_table(database_id_, table_id_, chain_, after, commit).empty();
}

std::optional<std::vector<Bytes>> TableHistory::keys_of(
    const std::shared_ptr<const TableLayout>& layout) const {
    if (!filter_.keys || !layout) {
        return std::nullopt;
    }
    std::optional<std::vector<Bytes>> keys = filter_.keys(*layout);
    if (keys) {
        std::ranges::sort(*keys);
        keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
    }
    return keys;
}

/// Commits of row changes in [floor, position_), as far down as one window reaches.
void TableHistory::load_candidates(CommitIndex floor) {
    if (std::optional<std::vector<Bytes>> keys = keys_of(layout_)) {
        if (candidate_keys_ != keys || candidates_from_ > floor) {
            candidates_.clear();
            for (const Bytes& key : *keys) {
                for (const CommitIndex commit :
                     index_.commits_of_key(database_id_, table_id_, key)) {
                    if (commit < position_ && chain_.contains(index_.node(commit))) {
                        candidates_.push_back(commit);
                    }
                }
            }
            std::ranges::sort(candidates_);
            candidates_.erase(std::unique(candidates_.begin(), candidates_.end()),
                              candidates_.end());
            candidates_from_ = 0;
            candidate_keys_ = std::move(keys);
        }
        return;
    }
    while (candidates_.empty() && candidates_from_ > floor) {
        const std::uint64_t up_to = candidates_from_ - 1;
        const std::uint64_t low =
            std::max<std::uint64_t>(floor, up_to >= window_ ? up_to - window_ : 0);
        candidates_ =
            index_.commits_of_table(database_id_, table_id_, chain_,
                                    low == 0 ? kNoCommit : static_cast<CommitIndex>(low - 1),
                                    static_cast<CommitIndex>(up_to));
        candidates_from_ = low;
        window_ = std::min(window_ * 2, kMaxWindow);
    }
}

/// The newest commit of row changes at or above `floor` that the filter lets through.
std::optional<CommitIndex> TableHistory::next_candidate(CommitIndex floor) {
    const std::uint64_t oldest = std::max<std::uint64_t>(floor, filter_.oldest);
    if (filter_.newest != kNoCommit && candidates_from_ > std::uint64_t{filter_.newest} + 1) {
        candidates_from_ = std::uint64_t{filter_.newest} + 1;
    }
    while (true) {
        load_candidates(static_cast<CommitIndex>(oldest));
        while (!candidates_.empty()) {
            const CommitIndex commit = candidates_.back();
            if (commit < oldest) {
                return std::nullopt;
            }
            candidates_.pop_back();
            if (commit < position_ && (filter_.newest == kNoCommit || commit <= filter_.newest) &&
                (!filter_.accept || filter_.accept(index_.node(commit)))) {
                return commit;
            }
        }
        if (candidates_from_ <= oldest) {
            return std::nullopt;
        }
    }
}

bool TableHistory::next() {
    rows_.clear();
    row_at_ = 0;
    reader_.reset();
    diff_.reset();
    while (!ended_) {
        // The next commit that changed the table as a whole bounds the stretch of row changes.
        while (layout_ && schema_at_ > 0 && !touches(schema_commits_[schema_at_ - 1])) {
            --schema_at_;
        }
        const CommitIndex floor = schema_at_ > 0 ? schema_commits_[schema_at_ - 1] : 0;
        if (layout_) {
            const CommitIndex rows_from = schema_at_ > 0 ? floor + 1 : 0;
            if (const std::optional<CommitIndex> commit = next_candidate(rows_from)) {
                position_ = *commit;
                if (begin_row_step(*commit)) {
                    return true;
                }
                continue;
            }
        }
        if (schema_at_ == 0 || floor < filter_.oldest) {
            ended_ = true;
            return false;
        }
        --schema_at_;
        position_ = floor;
        candidates_.clear();
        candidates_from_ = position_;
        if (begin_schema_step(floor)) {
            return true;
        }
    }
    return false;
}

bool TableHistory::begin_row_step(CommitIndex commit) {
    step_ = {commit, index_.node(commit).first_parent, SchemaChangeKind::kNone, layout_, layout_};
    if (candidate_keys_ && candidate_keys_->size() == 1) {
        std::optional<RowChange> change = ChangeSet::find_row(
            nodes_, past_.read_change_set_bytes(commit), table_id_, candidate_keys_->front());
        if (change) {
            rows_.push_back(std::move(*change));
        }
        return !rows_.empty();
    }
    ChangeSet set = past_.read_commit(commit).second;
    for (TableChanges& changes : set.tables) {
        if (changes.table_id == table_id_) {
            keep_wanted_rows(std::move(changes));
        }
    }
    return reader_ || !rows_.empty();
}

void TableHistory::keep_wanted_rows(TableChanges changes) {
    const std::optional<std::vector<Bytes>> keys =
        keys_of(step_.after ? step_.after : step_.before);
    if (!keys) {
        if (changes.has_rows()) {
            all_rows_ = std::make_unique<const TableChanges>(std::move(changes));
            reader_ = std::make_unique<RowChangesReader>(nodes_, *all_rows_);
        }
        return;
    }
    for (const Bytes& key : *keys) {
        if (std::optional<RowChange> change = find_row_change(nodes_, changes, key)) {
            rows_.push_back(std::move(*change));
        }
    }
}

/// False when there is nothing to show for it; the walk goes on before it in any case.
bool TableHistory::begin_schema_step(CommitIndex commit) {
    const ChangeSet set = past_.read_commit(commit).second;
    const TableChanges* changes = set.find_table(table_id_);
    const CommitNode node = index_.node(commit);
    const bool wanted = commit >= filter_.oldest &&
                        (filter_.newest == kNoCommit || commit <= filter_.newest) &&
                        (!filter_.accept || filter_.accept(node));
    if (changes == nullptr) {
        return false;
    }
    step_ = {commit, node.first_parent, changes->schema_change, layout_, layout_};
    const std::string after_name = name_;
    candidate_keys_.reset();
    switch (changes->schema_change) {
        case SchemaChangeKind::kNone:
            break;
        case SchemaChangeKind::kCreated: {
            step_.before = nullptr;
            ++schema_at_;  // the same commit may have dropped an older table of this name
            if (!find_older_table()) {
                ended_ = true;
            }
            layout_ = nullptr;  // until its drop has been shown, the older table is not there
            break;
        }
        case SchemaChangeKind::kDropped:
            layout_ = TableLayout::make(changes->old_schema);
            step_.before = layout_;
            step_.after = nullptr;
            name_ = changes->old_schema->name;
            break;
        case SchemaChangeKind::kReplaced:
        case SchemaChangeKind::kRebuilt:
            layout_ = TableLayout::make(changes->old_schema);
            step_.before = layout_;
            name_ = changes->old_schema->name;
            break;
        case SchemaChangeKind::kTruncated:
            break;
    }
    if (!wanted) {
        return false;
    }
    const bool listed = changes->schema_change == SchemaChangeKind::kNone ||
                        changes->schema_change == SchemaChangeKind::kReplaced ||
                        (changes->schema_change == SchemaChangeKind::kCreated && !changes->bulk);
    if (listed) {
        keep_wanted_rows(*changes);
        return reader_ || !rows_.empty();
    }
    return begin_whole_table_step(commit, name_, after_name);
}

bool TableHistory::begin_whole_table_step(CommitIndex commit, const std::string& before_name,
                                          const std::string& after_name) {
    std::shared_ptr<const Table> before;
    std::shared_ptr<const Table> after;
    if (step_.before && step_.parent != kNoCommit) {
        before = past_.root_of(step_.parent)->find_table(before_name);
    }
    if (step_.after) {
        after = past_.root_of(commit)->find_table(after_name);
    }
    const std::optional<std::vector<Bytes>> old_keys = keys_of(step_.before);
    const std::optional<std::vector<Bytes>> now_keys = keys_of(step_.after);
    if (!filter_.keys || (step_.before && !old_keys) || (step_.after && !now_keys)) {
        diff_ = std::make_unique<TableDiff>(before, after, nodes_, &blocks_);
        return true;
    }
    const bool paired = before && after && same_key_encoding(before->schema(), after->schema());
    for (const Bytes& key : old_keys.value_or(std::vector<Bytes>{})) {
        RowChange change{key, find_stored(before, nodes_, key), std::nullopt};
        if (paired) {
            change.after = find_stored(after, nodes_, key);
        }
        if ((change.before || change.after) && change.before != change.after) {
            rows_.push_back(std::move(change));
        }
    }
    if (!paired) {
        for (const Bytes& key : now_keys.value_or(std::vector<Bytes>{})) {
            if (std::optional<Bytes> value = find_stored(after, nodes_, key)) {
                rows_.push_back({key, std::nullopt, std::move(value)});
            }
        }
    }
    return !rows_.empty();
}

bool TableHistory::next_row() {
    if (row_at_ < rows_.size()) {
        row_ = std::move(rows_[row_at_++]);
        return true;
    }
    if (reader_) {
        if (!reader_->next()) {
            return false;
        }
        row_ = reader_->change();
        return true;
    }
    if (diff_ && diff_->next()) {
        row_.key = Bytes(diff_->key());
        row_.before.reset();
        row_.after.reset();
        if (diff_->before()) {
            row_.before = Bytes(*diff_->before());
        }
        if (diff_->after()) {
            row_.after = Bytes(*diff_->after());
        }
        return true;
    }
    return false;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// The part of a Store that moves refs, reads the past by name, and keeps settings and
// AUTO_INCREMENT marks.
#include <algorithm>

#include "storage/keyframe_writer.h"
#include "storage/store_parts.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void throw_no_database(std::string_view database) {
    throw StorageError(StorageErrorKind::kIo, "no database " + std::string(database));
}

std::shared_ptr<const DatabaseState> get_database(const Heads& heads, std::string_view name) {
    std::shared_ptr<const DatabaseState> database = heads.find_database(name);
    if (!database) {
        throw_no_database(name);
    }
    return database;
}

/// "HEAD~2^" → base "HEAD" and the steps behind it; empty when the suffix is malformed.
struct RevisionSteps {
    std::string_view base;
    struct Step {
        bool first_parents = true;  ///< ~n, else ^n
        std::uint64_t count = 1;
    };
    std::vector<Step> steps;
};

std::optional<RevisionSteps> split_revision(std::string_view text) {
    RevisionSteps result;
    const std::size_t end = text.find_first_of("~^");
    result.base = text.substr(0, end);
    std::size_t at = end == std::string_view::npos ? text.size() : end;
    while (at < text.size()) {
        RevisionSteps::Step step;
        step.first_parents = text[at] == '~';
        if (text[at] != '~' && text[at] != '^') {
            return std::nullopt;
        }
        ++at;
        if (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            step.count = 0;
            for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
                step.count = std::min<std::uint64_t>(
                    step.count * 10 + static_cast<std::uint64_t>(text[at] - '0'),
                    std::uint64_t{1} << 40U);
            }
            if (!step.first_parents && (step.count == 0 || step.count > 2)) {
                return std::nullopt;
            }
        }
        result.steps.push_back(step);
    }
    return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20) && ((x ^ y) & ~0x20) == 0; });
}

}  // namespace

const HistoryIndex& Store::history() const noexcept { return parts_->index; }
RootOf& Store::past() noexcept { return *parts_->root_of; }
RootServices Store::services(const DatabaseState& database) noexcept {
    return parts_->services(database);
}

TransactionRecord Store::read_transaction(std::uint32_t transaction_index) const {
    return TransactionRecord::decode(
        parts_->journal->read_record(parts_->index.transaction(transaction_index).location)
            .payload);
}

std::shared_ptr<const Root> Store::root_of(std::string_view database, const CommitId& commit) {
    const std::shared_ptr<const DatabaseState> state = heads()->find_database(database);
    const CommitIndex index = parts_->index.find(commit);
    if (index == kNoCommit) {
        return nullptr;
    }
    if (state) {
        if (parts_->index.node(index).database_id != state->database_id) {
            return nullptr;
        }
        for (const auto& [name, branch] : state->branches) {
            if (branch->head == commit) {
                return branch->head_root;
            }
        }
    }
    return parts_->root_of->root_of(index);
}

std::optional<Revision> Store::find_revision(std::string_view database, std::string_view text,
                                             const CommitId& head) const {
    const std::shared_ptr<const DatabaseState> state = heads()->find_database(database);
    if (!state) {
        return std::nullopt;
    }
    Revision revision;
    if (equals_ignoring_case(text, "WORKING") || equals_ignoring_case(text, "STAGED")) {
        revision.working = equals_ignoring_case(text, "WORKING");
        revision.staged = !revision.working;
        revision.commit = head;
        return revision;
    }
    const std::optional<RevisionSteps> steps = split_revision(text);
    if (!steps || steps->base.empty()) {
        return std::nullopt;
    }
    CommitIndex index = kNoCommit;
    std::string_view name = steps->base;
    if (name.starts_with("refs/heads/")) {
        name.remove_prefix(11);
    }
    const auto branch = state->branches.find(name);
    const auto tag = state->tags.find(name.starts_with("refs/tags/") ? name.substr(10) : name);
    if (equals_ignoring_case(steps->base, "HEAD")) {
        index = parts_->index.find(head);
    } else if (branch != state->branches.end()) {
        index = parts_->index.find(branch->second->head);
        if (steps->steps.empty()) {
            revision.branch = branch->first;
        }
    } else if (tag != state->tags.end()) {
        index = parts_->index.find(tag->second.commit);
    } else if (const std::optional<Hash> hash = Hash::parse(steps->base)) {
        index = parts_->index.find(*hash);
        if (index != kNoCommit && parts_->index.node(index).database_id != state->database_id) {
            index = kNoCommit;
        }
    } else if (!state->default_branch.empty() && state->branches.contains(state->default_branch)) {
        index = find_source_position(*state, steps->base);
    }
    for (const RevisionSteps::Step& step : steps->steps) {
        if (index == kNoCommit) {
            break;
        }
        index = parts_->index.with_graph([&](const CommitGraph& graph) {
            if (step.first_parents || step.count == 1) {
                return graph.ancestor(index, step.first_parents ? step.count : 1);
            }
            const std::vector<CommitIndex> parents = graph.parents(index);
            return parents.size() > 1 ? parents[1] : kNoCommit;
        });
    }
    if (index == kNoCommit) {
        return std::nullopt;
    }
    revision.commit = parts_->index.node(index).id;
    return revision;
}

CommitIndex Store::find_source_position(const DatabaseState& database,
                                        std::string_view text) const {
    // A GTID names the newest commit of `main` whose transaction is not after that one:
    // transactions are numbered in stream order.
    std::optional<std::uint32_t> wanted;
    for (const std::uint32_t candidate : parts_->index.transactions_of_gtid(text)) {
        if (read_transaction(candidate).gtid == text) {
            wanted = candidate;
        }
    }
    const std::size_t colon = text.rfind(':');
    if (!wanted && colon != std::string_view::npos) {
        wanted = find_file_position(text.substr(0, colon), text.substr(colon + 1));
    }
    if (!wanted) {
        return kNoCommit;
    }
    const CommitIndex head =
        parts_->index.find(database.branches.at(database.default_branch)->head);
    return parts_->index.with_graph([&](const CommitGraph& graph) {
        std::uint64_t low = 0;
        std::uint64_t high =
            graph.node(head).height;  // `main` has no merges: heights count its chain
        // Records ascend along the chain: the first ancestor (newest first) whose record is not
        // after the wanted one.
        while (low < high) {
            const std::uint64_t middle = low + (high - low) / 2;
            const CommitIndex at = graph.ancestor(head, middle);
            const std::optional<TransactionIndex> transaction =
                at == kNoCommit ? std::nullopt : parts_->index.transaction_of_unlocked(at);
            if (at == kNoCommit || !transaction || *transaction <= *wanted) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return graph.ancestor(head, low);
    });
}

std::optional<std::uint32_t> Store::find_file_position(std::string_view file,
                                                       std::string_view position_text) const {
    std::uint64_t position = 0;
    for (const char c : position_text) {
        if (c < '0' || c > '9' || position > (~std::uint64_t{0} - 9) / 10) {
            return std::nullopt;
        }
        position = position * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (position_text.empty()) {
        return std::nullopt;
    }
    // Records stand in stream order: (file, position) ascends.
    std::size_t low = 0;
    std::size_t high = parts_->index.transaction_count();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        const TransactionRecord record = read_transaction(static_cast<std::uint32_t>(middle));
        if (std::pair<std::string_view, std::uint64_t>(record.file, record.position) <=
            std::pair(file, position)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    // A file that nothing came from is no position in the stream, wherever its name would sort.
    const auto is_of_file = [&](std::size_t index) {
        return index < parts_->index.transaction_count() &&
               read_transaction(static_cast<std::uint32_t>(index)).file == file;
    };
    if (low == 0 || !(is_of_file(low - 1) || is_of_file(low))) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(low - 1);
}

std::optional<CommitId> Store::find_commit_at(std::string_view /*database*/, const CommitId& head,
                                              std::int64_t time_micros) const {
    const CommitIndex tip = parts_->index.find(head);
    if (tip == kNoCommit) {
        return std::nullopt;
    }
    const CommitIndex found = parts_->index.with_graph(
        [&](const CommitGraph& graph) { return graph.newest_at(tip, time_micros); });
    return found == kNoCommit ? std::nullopt : std::optional(parts_->index.node(found).id);
}

bool Store::change_refs(std::string_view database,
                        const std::function<bool(DatabaseState&, Bytes&)>& change) {
    std::uint64_t sequence = 0;
    {
        const std::lock_guard lock(parts_->commit_mutex);
        auto state = std::make_shared<DatabaseState>(*get_database(*parts_->live, database));
        Bytes refs;
        if (!change(*state, refs)) {
            return false;
        }
        sequence = parts_->append({}, {{RecordKind::kRefs, refs}}).sequence;
        for (auto& [name, branch] : state->branches.mutable_entries()) {
            const auto before = parts_->live->databases.at(state->name)->branches.find(name);
            if (before == parts_->live->databases.at(state->name)->branches.end() ||
                before->second != branch) {
                auto stamped = std::make_shared<BranchState>(*branch);
                stamped->sequence = sequence;
                branch = std::move(stamped);
            }
        }
        parts_->set_database(std::move(state));
    }
    parts_->journal->wait_durable(sequence);
    const std::lock_guard lock(parts_->commit_mutex);
    parts_->publish(std::string(database));
    return true;
}

void Store::put_branch(std::string_view database, std::string_view branch, const CommitId& commit) {
    const std::shared_ptr<const Root> root = complete_root(database, commit);
    if (!root) {
        throw StorageError(StorageErrorKind::kIo, "no commit " + commit.text());
    }
    static_cast<void>(change_refs(database, [&](DatabaseState& state, Bytes& refs) {
        auto created = std::make_shared<BranchState>();
        created->head = commit;
        created->head_root = created->staged = created->working = root;
        state.branches.insert_or_assign(branch, std::move(created));
        append_set_branch(refs, state.database_id, branch, commit, nullptr, nullptr, nullptr);
        return true;
    }));
}

std::shared_ptr<const Root> Store::complete_root(std::string_view database,
                                                 const CommitId& commit) {
    const std::shared_ptr<const Root> root = root_of(database, commit);
    const CommitIndex index = parts_->index.find(commit);
    const bool lazy = root && std::ranges::any_of(root->tables, [](const auto& entry) {
                          return entry.second->past != nullptr;
                      });
    return lazy && index != kNoCommit ? parts_->root_of->complete_root_of(index) : root;
}

void Store::drop_branch(std::string_view database, std::string_view branch) {
    static_cast<void>(change_refs(database, [&](DatabaseState& state, Bytes& refs) {
        if (state.branches.erase(branch) == 0) {
            throw StorageError(StorageErrorKind::kIo, "no branch " + std::string(branch));
        }
        append_drop_branch(refs, state.database_id, branch);
        return true;
    }));
}

void Store::rename_branch(std::string_view database, std::string_view from, std::string_view to) {
    static_cast<void>(change_refs(database, [&](DatabaseState& state, Bytes& refs) {
        const auto found = state.branches.find(from);
        if (found == state.branches.end()) {
            throw StorageError(StorageErrorKind::kIo, "no branch " + std::string(from));
        }
        const std::shared_ptr<const BranchState> branch = found->second;
        state.branches.erase(found);
        state.branches.insert_or_assign(to, branch);
        append_drop_branch(refs, state.database_id, from);
        parts_->append_branch(refs, state, to, *branch);
        return true;
    }));
}

void Store::put_tag(std::string_view database, std::string_view name, const Tag& tag) {
    static_cast<void>(change_refs(database, [&](DatabaseState& state, Bytes& refs) {
        state.tags.insert_or_assign(name, tag);
        append_put_tag(refs, state.database_id, name, tag);
        return true;
    }));
}

void Store::drop_tag(std::string_view database, std::string_view name) {
    static_cast<void>(change_refs(database, [&](DatabaseState& state, Bytes& refs) {
        if (state.tags.erase(name) == 0) {
            throw StorageError(StorageErrorKind::kIo, "no tag " + std::string(name));
        }
        append_drop_tag(refs, state.database_id, name);
        return true;
    }));
}

bool Store::put_branch_state(std::string_view database, std::string_view branch,
                             const std::shared_ptr<const BranchState>& expected,
                             const BranchState& wanted) {
    return change_refs(database, [&](DatabaseState& state, Bytes& refs) {
        const auto found = state.branches.find(branch);
        if (found == state.branches.end() || !is_same_version(*found->second, *expected)) {
            return false;
        }
        parts_->append_branch(refs, state, branch, wanted);
        state.branches.insert_or_assign(branch, std::make_shared<BranchState>(wanted));
        return true;
    });
}

std::optional<CommitId> Store::commit(const CommitRequest& request) {
    Parts& parts = *parts_;
    std::uint64_t sequence = 0;
    CommitId id;
    {
        const std::shared_ptr<const DatabaseState> database =
            get_database(*heads(), request.database);
        const ChangeSet set =
            diff_roots(request.amend ? *request.amend->parent_root : *request.expected->head_root,
                       *request.new_head, parts.services(*database));
        std::vector<KeyframeEntry> keyframes;
        for (Parts::SpilledTable& spilled : parts.store_spilled(
                 request.amend ? *request.amend->parent_root : *request.expected->head_root,
                 *request.new_head, set, *database)) {
            keyframes.push_back(std::move(spilled.keyframe));
        }
        if (has_bulk(set) || !keyframes.empty()) {
            parts.node_files->sync();
        }
        const std::lock_guard lock(parts.commit_mutex);
        const std::shared_ptr<const DatabaseState> live =
            get_database(*parts.live, request.database);
        const auto found = live->branches.find(request.branch);
        if (found == live->branches.end() || !is_same_version(*found->second, *request.expected)) {
            return std::nullopt;
        }
        auto state = std::make_shared<BranchState>();
        state->head_root = request.new_head;
        state->staged = request.staged;
        state->working = request.working;
        state->merge = request.merge;
        Commit commit;
        commit.parents =
            request.amend ? request.amend->parents : std::vector<CommitId>{request.expected->head};
        commit.parents.insert(commit.parents.end(), request.extra_parents.begin(),
                              request.extra_parents.end());
        commit.author = request.author;
        commit.committer = request.committer;
        commit.message = request.message;
        std::vector<Parts::PreparedCommit> commits{
            parts.prepare_commit(live->database_id, false, std::move(commit), set)};
        commits[0].keyframes = std::move(keyframes);
        id = commits[0].id;
        state->head = id;
        Bytes refs;
        parts.append_branch(refs, *live, request.branch, *state);
        sequence = parts.append(commits, {{RecordKind::kRefs, refs}}).sequence;
        state->sequence = sequence;
        parts.set_branch(live->name, request.branch, std::move(state));
    }
    parts.journal->wait_durable(sequence);
    const std::lock_guard lock(parts.commit_mutex);
    parts.publish(request.database);
    parts.keyframes->note_commit(0);
    return id;
}

std::uint64_t Store::auto_increment(std::string_view database, std::uint64_t table_id) const {
    const std::lock_guard lock(parts_->commit_mutex);
    const std::shared_ptr<const DatabaseState> state = parts_->live->find_database(database);
    const auto found = state ? parts_->auto_increments.find({state->database_id, table_id})
                             : parts_->auto_increments.end();
    return found == parts_->auto_increments.end() ? 1 : found->second;
}

std::uint64_t Store::reserve_auto_increment(std::string_view database, std::uint64_t table_id,
                                            std::uint64_t count, std::uint64_t increment,
                                            std::uint64_t offset) {
    const std::lock_guard lock(parts_->commit_mutex);
    const std::uint64_t next = auto_increment(database, table_id);
    const std::uint64_t step = std::max<std::uint64_t>(increment, 1);
    const std::uint64_t start = offset > step ? 1 : std::max<std::uint64_t>(offset, 1);
    // The smallest value ≥ next that is start + n × step. At the end of the numbers it stays there:
    // the caller finds that the value does not fit its column, or is taken.
    constexpr std::uint64_t kLast = ~std::uint64_t{0};
    const auto times = [](std::uint64_t n, std::uint64_t of) {
        return n != 0 && of > kLast / n ? kLast : n * of;
    };
    const auto plus = [](std::uint64_t a, std::uint64_t b) {
        return a > kLast - b ? kLast : a + b;
    };
    const std::uint64_t beyond = next <= start ? 0 : next - start;
    const std::uint64_t steps = beyond / step + (beyond % step != 0 ? 1 : 0);
    const std::uint64_t first = plus(start, times(steps, step));
    const std::uint64_t last = plus(first, times(std::max<std::uint64_t>(count, 1) - 1, step));
    set_auto_increment(database, table_id, plus(last, 1));
    return first;
}

void Store::raise_auto_increment(std::string_view database, std::uint64_t table_id,
                                 std::uint64_t next) {
    const std::lock_guard lock(parts_->commit_mutex);
    if (auto_increment(database, table_id) < next) {
        set_auto_increment(database, table_id, next);
    }
}

void Store::set_auto_increment(std::string_view database, std::uint64_t table_id,
                               std::uint64_t next) {
    const std::lock_guard lock(parts_->commit_mutex);
    const std::shared_ptr<const DatabaseState> state = parts_->live->find_database(database);
    if (!state) {
        return;  // a database that this transaction creates: raised again when its rows are
                 // committed
    }
    Bytes marks;
    append_auto_increment(marks, {state->database_id, table_id}, next);
    parts_->append({}, {{RecordKind::kAutoIncrement, marks}});
    parts_->auto_increments[{state->database_id, table_id}] = next;
}

void Store::put_setting(std::string_view name, std::optional<Bytes> value) {
    std::uint64_t sequence = 0;
    {
        const std::lock_guard lock(parts_->commit_mutex);
        Bytes options;
        append_option(options, name, value ? &*value : nullptr);
        sequence = parts_->append({}, {{RecordKind::kOptions, options}}).sequence;
        if (value) {
            parts_->settings[std::string(name)] = std::move(*value);
        } else {
            parts_->settings.erase(std::string(name));
        }
    }
    parts_->journal->wait_durable(sequence);
}

std::optional<Bytes> Store::setting(std::string_view name) const {
    const std::lock_guard lock(parts_->commit_mutex);
    const auto found = parts_->settings.find(name);
    return found == parts_->settings.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> Store::setting_names(std::string_view prefix) const {
    const std::lock_guard lock(parts_->commit_mutex);
    std::vector<std::string> names;
    for (auto at = parts_->settings.lower_bound(prefix);
         at != parts_->settings.end() && at->first.starts_with(prefix); ++at) {
        names.push_back(at->first);
    }
    return names;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "procedures/procedure_context.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "sql/catalog/identifier.h"
#include "sql/catalog/session_state.h"
#include "sql/catalog/unknown_revision.h"
#include "sql/sql_error.h"
#include "storage/history/root_of.h"
#include "storage/history/root_summary.h"
#include "storage/value/temporal.h"

namespace afterimage::procedures {

namespace {

/// A keyframe or another commit moves a branch's state at most every few milliseconds.
constexpr int kMaxAttempts = 64;
constexpr std::chrono::milliseconds kMaxPause{50};

std::string text_variable(const ProcedureContext& context, const std::string& name) {
    const storage::Value value = context.session.get_variable(name);
    return value.kind() == storage::ValueKind::kBytes ? value.as_bytes() : std::string();
}

/// Y-M-D, Y/M/D or Y.M.D, with or without T or space and a time, and a zone Z or ±hh:mm.
std::int64_t parse_date(const std::string& text) {
    std::string date = text;
    std::int64_t zone_micros = 0;
    if (date.ends_with('Z')) {
        date.pop_back();
    } else if (date.size() > 16) {
        const std::size_t sign = date.find_last_of("+-");
        if (sign != std::string::npos && sign > 10 && date.size() - sign == 6) {
            const int hours = std::atoi(date.substr(sign + 1, 2).c_str());
            const int minutes = std::atoi(date.substr(sign + 4, 2).c_str());
            zone_micros = (hours * 60 + minutes) * 60'000'000LL * (date[sign] == '-' ? -1 : 1);
            date.resize(sign);
        }
    }
    std::replace(date.begin(),
                 date.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(date.size(), 10)),
                 '/', '-');
    std::replace(date.begin(),
                 date.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(date.size(), 10)),
                 '.', '-');
    std::replace(date.begin(), date.end(), 'T', ' ');
    bool truncated = false;
    const storage::TemporalParseOptions options{false, false, false};
    const std::optional<std::int64_t> packed = storage::parse_datetime(date, options, &truncated);
    if (!packed || truncated) {
        throw_procedure_error("error: '" + text + "' is not in a supported format.");
    }
    return storage::micros_of_datetime(*packed) - zone_micros;
}

}  // namespace

std::shared_ptr<const storage::DatabaseState> current_database(const ProcedureContext& context) {
    const std::string_view full =
        context.database.empty() ? context.session.context.database : context.database;
    const auto [base, revision] = sql::split_revision(full);
    if (base.empty()) {
        throw_procedure_error("Empty database name.");
    }
    auto database = context.store.heads()->find_database(base);
    if (!database) {
        throw_procedure_error("Could not load database " + std::string(base));
    }
    return database;
}

BranchWork current_branch(const ProcedureContext& context) {
    const std::string_view full =
        context.database.empty() ? context.session.context.database : context.database;
    const std::string_view revision = sql::split_revision(full).second;
    BranchWork work;
    work.database = current_database(context);
    if (revision.empty()) {
        work.branch =
            sql::active_branch(context.session, work.database->name, work.database->default_branch);
        if (!work.database->branches.contains(work.branch)) {
            work.branch = work.database->default_branch;
        }
    } else {
        for (const auto& [name, state] : work.database->branches) {
            if (sql::same_name(name, revision)) {
                work.branch = name;
            }
        }
        if (work.branch.empty()) {
            throw_procedure_error("this operation is not supported while in a detached head state");
        }
    }
    const auto found = work.database->branches.find(work.branch);
    if (found == work.database->branches.end()) {
        throw_procedure_error("branch not found: " + work.branch);
    }
    work.state = found->second;
    return work;
}

BranchWork named_branch(const ProcedureContext& context, std::string_view branch) {
    BranchWork work;
    work.database = current_database(context);
    const auto found = work.database->branches.find(branch);
    if (found == work.database->branches.end()) {
        throw_procedure_error("branch not found: " + std::string(branch));
    }
    work.branch = found->first;
    work.state = found->second;
    return work;
}

bool is_replicated_branch(const storage::DatabaseState& database, std::string_view branch) {
    return database.replicated && branch == database.default_branch;
}

void check_writable(const BranchWork& work) {
    if (is_replicated_branch(*work.database, work.branch)) {
        throw sql::SqlError(1290, "HY000",
                            "Branch '" + work.branch + "' of database '" + work.database->name +
                                "' is written by replication alone: create a branch with CALL "
                                "dolt_checkout('-b', 'name') and work there");
    }
}

sql::ResultTable with_branch(
    const ProcedureContext& context,
    const std::function<std::optional<sql::ResultTable>(const BranchWork&)>& step) {
    std::chrono::milliseconds pause{1};
    for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
        if (std::optional<sql::ResultTable> result = step(current_branch(context))) {
            return *std::move(result);
        }
        context.session.stop.check();
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, kMaxPause);
    }
    throw sql::SqlError(1213, "40001",
                        "this transaction conflicts with a committed transaction from another "
                        "client: the branch keeps moving");
}

storage::CommitId resolve_commit(const ProcedureContext& context, const BranchWork& work,
                                 std::string_view revision) {
    const std::optional<storage::Revision> found =
        context.store.find_revision(work.database->name, revision, work.state->head);
    if (found && !found->working && !found->staged) {
        return found->commit;
    }
    sql::throw_unknown_revision(context.store, work.database->name, revision, work.state->head);
}

storage::CommitId resolve_changing_commit(const ProcedureContext& context, const BranchWork& work,
                                          const std::string& revision) {
    const storage::CommitId commit = resolve_commit(context, work, revision);
    const bool is_ref = sql::same_name(revision, "HEAD") || revision.starts_with("refs/") ||
                        work.database->branches.contains(revision) ||
                        work.database->tags.contains(revision) ||
                        revision.find_first_of("~^") != std::string::npos;
    if (is_ref || storage::Hash::parse(revision)) {
        return commit;
    }
    const storage::HistoryIndex& history = context.store.history();
    if (const auto transaction = history.transaction_of(history.find(commit))) {
        const storage::TransactionRecord record = context.store.read_transaction(*transaction);
        if (record.gtid == revision ||
            record.file + ":" + std::to_string(record.position) == revision) {
            return commit;
        }
    }
    throw_procedure_error("transaction " + revision + " changed nothing in database " +
                          work.database->name);
}

std::shared_ptr<const storage::Root> complete_root(storage::Store& store,
                                                   const storage::DatabaseState& database,
                                                   const storage::CommitId& commit) {
    const auto root = store.root_of(database.name, commit);
    if (!root) {
        throw_procedure_error("target commit not found");
    }
    const bool lazy = std::ranges::any_of(
        root->tables, [](const auto& entry) { return entry.second->past != nullptr; });
    return lazy ? store.past().complete_root_of(store.history().find(commit)) : root;
}

storage::Signature signature(const ProcedureContext& context, std::string_view role,
                             const std::optional<std::string>& name_and_email,
                             const std::optional<std::string>& date) {
    const std::string prefix = "dolt_" + std::string(role);
    storage::Signature result;
    result.time_micros = context.session.context.now_micros != 0
                             ? context.session.context.now_micros
                             : context.store.clock().now_us();
    const std::string date_text = date ? *date : text_variable(context, prefix + "_date");
    if (!date_text.empty()) {
        result.time_micros = parse_date(date_text);
    }
    if (name_and_email) {
        const std::size_t open = name_and_email->find('<');
        const std::size_t close = name_and_email->rfind('>');
        if (open == std::string::npos || close == std::string::npos || close < open) {
            throw_procedure_error(
                "Author not formatted correctly. Use 'Name <author@example.com>' "
                "format");
        }
        result.name = name_and_email->substr(0, open);
        while (result.name.ends_with(' ')) {
            result.name.pop_back();
        }
        result.email = name_and_email->substr(open + 1, close - open - 1);
        return result;
    }
    result.name = text_variable(context, prefix + "_name");
    result.email = text_variable(context, prefix + "_email");
    if (result.name.empty()) {
        result.name = context.session.client_user;
    }
    if (result.email.empty()) {
        result.email = context.session.client_user + "@" + context.session.client_host;
    }
    return result;
}

bool session_flag(const ProcedureContext& context, std::string_view variable) {
    const storage::Value value = context.session.get_variable(variable);
    return !value.is_null() && value.kind() != storage::ValueKind::kBytes && value.as_int() != 0;
}

std::shared_ptr<const storage::Root> with_pending(
    storage::Store& store, const std::shared_ptr<const storage::Root>& base,
    const storage::Root& clean, const std::shared_ptr<const storage::Root>& dirty) {
    if (dirty.get() == &clean) {
        return base;
    }
    const auto tables = storage::summarize_difference(&clean, dirty.get(), store.nodes());
    const auto objects = storage::object_differences(&clean, dirty.get());
    if (tables.empty() && objects.empty()) {
        return base;
    }
    auto result = std::make_shared<storage::Root>(*base);
    for (const storage::TableDifference& table : tables) {
        if (table.before) {
            result->tables.erase(table.before->schema().name);
        }
    }
    for (const storage::TableDifference& table : tables) {
        if (table.after) {
            result->tables[table.after->schema().name] = table.after;
        }
    }
    for (const storage::ObjectDifference& object : objects) {
        if (object.after != nullptr) {
            result->objects[{object.after->kind, object.after->name}] = *object.after;
        } else {
            result->objects.erase({object.before->kind, object.before->name});
        }
    }
    return result;
}

sql::ResultTable status_result(std::int64_t status) {
    sql::ResultTable result;
    result.add_bigint("status", false);
    result.rows.push_back({storage::Value::of_int(status)});
    return result;
}

sql::ResultTable hash_result(const storage::CommitId& commit) {
    sql::ResultTable result;
    result.add_long_text("hash", false);
    result.rows.push_back({sql::text_value(commit.text())});
    return result;
}

}  // namespace afterimage::procedures

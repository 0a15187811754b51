// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/log_function.h"

#include <algorithm>
#include <charconv>

#include "sql/catalog/system_tables/function_arguments.h"
#include "sql/catalog/system_tables/log_table.h"

namespace afterimage::sql {

using storage::CommitIndex;
using storage::kNoCommit;

namespace {

struct LogArguments {
    std::vector<CommitIndex> tips, excluded;
    std::size_t min_parents = 0;
    std::vector<std::string> tables;
    bool parents = false;
    bool decorate = true;
};

class ArgumentReader {
  public:
    ArgumentReader(Catalog& catalog, const ResolvedDatabase& database,
                   std::vector<std::string> texts)
        : catalog_(catalog), database_(database), texts_(std::move(texts)) {}

    LogArguments read() {
        for (at_ = 0; at_ < texts_.size(); ++at_) {
            read_one(texts_[at_]);
        }
        if (ranges_ > 0 && revisions_ > 0) {
            throw_system_error(
                "Invalid argument to dolt_log: revision cannot contain '..' or '...' if multiple "
                "revisions exist");
        }
        if (result_.tips.empty()) {
            result_.tips.push_back(tip_of(catalog_.store(), database_));
        }
        return std::move(result_);
    }

  private:
    const std::string& value() {
        if (++at_ >= texts_.size()) {
            throw_system_error("Invalid argument to dolt_log: no value for option `" +
                               texts_[at_ - 1] + "'");
        }
        return texts_[at_];
    }

    CommitIndex commit(const std::string& text) {
        const RevisionState state = get_revision(catalog_, database_, text);
        if (!state.commit) {
            throw_system_error("Invalid argument to dolt_log: " + text + " is not a commit");
        }
        return catalog_.store().history().find(*state.commit);
    }

    void read_one(const std::string& text) {
        if (text == "--merges") {
            result_.min_parents = 2;
        } else if (text == "--parents") {
            result_.parents = true;
        } else if (text == "--min-parents") {
            read_number(value());
        } else if (text.starts_with("--min-parents=")) {
            read_number(text.substr(14));
        } else if (text == "--decorate") {
            result_.decorate = value() != "no";
        } else if (text.starts_with("--decorate=")) {
            result_.decorate = text.substr(11) != "no";
        } else if (text == "-t" || text == "--tables") {
            read_tables(value());
        } else if (text.starts_with("--tables=")) {
            read_tables(text.substr(9));
        } else if (text == "--not") {
            for (++at_; at_ < texts_.size(); ++at_) {
                result_.excluded.push_back(commit(texts_[at_]));
            }
        } else if (text == "--show-signature" || text == "--all") {
            return;
        } else if (text == "-n") {
            static_cast<void>(value());
        } else if (text.starts_with("-")) {
            throw_system_error("Invalid argument to dolt_log: unknown option `" + text + "'");
        } else if (text.starts_with("^")) {
            result_.excluded.push_back(commit(text.substr(1)));
        } else if (text.find("..") != std::string::npos) {
            read_range(text);
        } else {
            ++revisions_;
            result_.tips.push_back(commit(text));
        }
    }

    void read_range(const std::string& text) {
        ++ranges_;
        const std::size_t dots = text.find("..");
        const bool symmetric = text.compare(dots, 3, "...") == 0;
        const CommitIndex a = commit(text.substr(0, dots));
        const CommitIndex b = commit(text.substr(dots + (symmetric ? 3 : 2)));
        result_.tips.push_back(b);
        if (!symmetric) {
            result_.excluded.push_back(a);
            return;
        }
        result_.tips.push_back(a);
        const CommitIndex base = catalog_.store().history().with_graph(
            [&](const storage::CommitGraph& graph) { return graph.merge_base(a, b); });
        if (base != kNoCommit) {
            result_.excluded.push_back(base);
        }
    }

    void read_number(const std::string& text) {
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), result_.min_parents);
        if (error != std::errc() || end != text.data() + text.size()) {
            throw_system_error("Invalid argument to dolt_log: invalid --min-parents " + text);
        }
    }

    void read_tables(const std::string& list) {
        std::size_t begin = 0;
        while (begin <= list.size()) {
            const std::size_t end = std::min(list.find(',', begin), list.size());
            if (end > begin) {
                result_.tables.push_back(list.substr(begin, end - begin));
            }
            begin = end + 1;
        }
    }

    Catalog& catalog_;
    const ResolvedDatabase& database_;
    std::vector<std::string> texts_;
    std::size_t at_ = 0;
    std::size_t ranges_ = 0, revisions_ = 0;
    LogArguments result_;
};

class LogFunction final : public SystemTable {
  public:
    LogFunction(Catalog& catalog, ResolvedDatabase database, LogArguments arguments)
        : SystemTable(catalog, std::move(database), log_schema()),
          arguments_(std::move(arguments)) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        CommitSequence commits(
            history(), arguments_.tips,
            commit_filter(request, history(), LogColumns::kHash, LogColumns::kDate));
        if (!arguments_.excluded.empty()) {
            commits.exclude(arguments_.excluded);
        }
        auto scan = std::make_unique<LogScan>(
            store(), std::move(commits), arguments_.decorate ? ref_names(database_) : RefNames{},
            request, false);
        scan->with_parents = arguments_.parents;
        if (arguments_.min_parents > 0 || !arguments_.tables.empty()) {
            scan->accept = [this](CommitIndex commit) { return accepts(commit); };
        }
        return scan;
    }

  private:
    bool accepts(CommitIndex commit) {
        const std::size_t parents = history().with_graph(
            [&](const storage::CommitGraph& graph) { return graph.parents(commit).size(); });
        if (parents < arguments_.min_parents) {
            return false;
        }
        if (arguments_.tables.empty()) {
            return true;
        }
        for (const storage::TableChanges& changes :
             store().past().read_commit(commit).second.tables) {
            const auto named = [&](const std::string& name) {
                return std::ranges::find(arguments_.tables, name) != arguments_.tables.end();
            };
            if (named(changes.table) || (changes.old_schema && named(changes.old_schema->name))) {
                return true;
            }
        }
        return false;
    }

    LogArguments arguments_;
};

}  // namespace

void register_log_function(VirtualTableRegistry& registry) {
    registry.add_function(
        "dolt_log",
        [](Catalog& catalog, const ResolvedDatabase& database,
           const std::vector<storage::Value>& values) -> std::unique_ptr<VirtualTable> {
            return std::make_unique<LogFunction>(
                catalog, database,
                ArgumentReader(catalog, database, argument_texts("dolt_log", values)).read());
        });
}

}  // namespace afterimage::sql

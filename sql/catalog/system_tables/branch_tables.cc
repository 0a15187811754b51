// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/branch_tables.h"

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/system_table.h"
#include "storage/history/root_summary.h"

namespace afterimage::sql {

using storage::Row;

namespace {

std::vector<Row> branch_rows(Catalog& catalog, const ResolvedDatabase& database,
                             const ScanRequest& request) {
    std::vector<Row> rows;
    if (!database.state) {
        return rows;
    }
    storage::Store& store = catalog.store();
    constexpr std::size_t kDirty = 8;
    for (const auto& [name, branch] : database.state->branches) {
        const storage::CommitIndex index = store.history().find(branch->head);
        if (index == storage::kNoCommit) {
            continue;
        }
        const storage::Commit commit = store.past().read_commit_body(index);
        const bool dirty =
            request.wants(kDirty) && branch->dirty() &&
            !(storage::same_content(*branch->head_root, *branch->staged, store.nodes()) &&
              storage::same_content(*branch->head_root, *branch->working, store.nodes()));
        rows.push_back({text_value(name), text_value(branch->head.text()),
                        text_value(commit.committer.name), text_value(commit.committer.email),
                        date_value(commit.committer.time_micros, 3), text_value(commit.message),
                        text_value(""), text_value(""), bool_value(dirty),
                        text_value(commit.author.name), text_value(commit.author.email),
                        date_value(commit.author.time_micros, 3)});
    }
    return rows;
}

std::vector<Row> tag_rows(Catalog& /*catalog*/, const ResolvedDatabase& database,
                          const ScanRequest& /*request*/) {
    std::vector<Row> rows;
    if (database.state) {
        for (const auto& [name, tag] : database.state->tags) {
            rows.push_back({text_value(name), text_value(tag.commit.text()),
                            text_value(tag.tagger.name), text_value(tag.tagger.email),
                            date_value(tag.tagger.time_micros, 3), text_value(tag.message)});
        }
    }
    return rows;
}

std::vector<Row> no_rows(Catalog& /*catalog*/, const ResolvedDatabase& /*database*/,
                         const ScanRequest& /*request*/) {
    return {};
}

}  // namespace

void register_branch_tables(VirtualTableRegistry& registry) {
    add_list_table(registry,
                   SchemaBuilder("dolt_branches")
                       .text("name")
                       .text("hash")
                       .text("latest_committer", true)
                       .text("latest_committer_email", true)
                       .datetime("latest_commit_date", 3)
                       .text("latest_commit_message", true)
                       .text("remote", true)
                       .text("branch", true)
                       .boolean("dirty", true)
                       .text("latest_author", true)
                       .text("latest_author_email", true)
                       .datetime("latest_author_date", 3)
                       .key({"name"}),
                   branch_rows);
    add_list_table(registry,
                   SchemaBuilder("dolt_remote_branches")
                       .text("name")
                       .text("hash")
                       .text("latest_committer", true)
                       .text("latest_committer_email", true)
                       .datetime("latest_commit_date", 3)
                       .text("latest_commit_message", true)
                       .text("latest_author", true)
                       .text("latest_author_email", true)
                       .datetime("latest_author_date", 3)
                       .key({"name"}),
                   no_rows);
    add_list_table(registry,
                   SchemaBuilder("dolt_tags")
                       .text("tag_name")
                       .text("tag_hash")
                       .text("tagger")
                       .text("email")
                       .datetime("date", 3)
                       .text("message")
                       .key({"tag_name", "tag_hash"}),
                   tag_rows);
    add_list_table(registry,
                   SchemaBuilder("dolt_remotes")
                       .text("name")
                       .text("url")
                       .json("fetch_specs")
                       .json("params")
                       .key({"name"}),
                   no_rows);
    add_list_table(
        registry,
        SchemaBuilder("dolt_backups").text("name").text("url").json("params").key({"name"}),
        no_rows);
    add_list_table(registry,
                   SchemaBuilder("dolt_stashes")
                       .text("name")
                       .text("stash_id")
                       .text("branch")
                       .text("hash")
                       .text("commit_message", true),
                   no_rows);
}

}  // namespace afterimage::sql

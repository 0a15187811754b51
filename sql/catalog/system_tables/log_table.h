// SPDX-License-Identifier: Apache-2.0
// Rows of dolt_log: one commit each, twelve columns. Also what dolt_log() and dolt_commits show.
//
// A scan reads a commit's body only when a column asks for it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sql/catalog/system_tables/commit_scan.h"
#include "sql/catalog/system_tables/system_table.h"

namespace afterimage::sql {

/// Ordinals of dolt_log; dolt_commits has the first five and the last three.
struct LogColumns {
    static constexpr std::size_t kHash = 0, kCommitter = 1, kEmail = 2, kDate = 3, kMessage = 4,
                                 kOrder = 5, kParents = 6, kRefs = 7, kSignature = 8, kAuthor = 9,
                                 kAuthorEmail = 10, kAuthorDate = 11, kCount = 12;
};

[[nodiscard]] std::shared_ptr<const storage::TableSchema> log_schema();

/// "HEAD -> main, tag: v1" by commit.
using RefNames = std::map<storage::CommitId, std::string>;
[[nodiscard]] RefNames ref_names(const ResolvedDatabase& database);

/// Which commits, in which form.
class LogScan final : public VirtualScan {
  public:
    LogScan(storage::Store& store, CommitSequence commits, RefNames refs,
            const ScanRequest& request, bool short_form);
    [[nodiscard]] bool next(storage::Row& row) override;

    bool with_parents = true;  ///< fill `parents` (dolt_log() without --parents leaves it empty)
    /// Commits to show at all; null = every one.
    std::function<bool(storage::CommitIndex)> accept;

  private:
    void fill(storage::CommitIndex index, storage::Row& row);

    storage::Store& store_;
    CommitSequence commits_;
    RefNames refs_;
    bool short_form_;
    bool needs_body_ = false;
    StatementContext* context_;
};

/// The order that a scan can deliver for what the request wants.
[[nodiscard]] CommitSequence::Order log_order(const ScanRequest& request, std::size_t date_column,
                                              std::size_t order_column, bool* delivered);

/// dolt_log, dolt_commits, dolt_commit_ancestors.
void register_log_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql

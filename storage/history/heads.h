// SPDX-License-Identifier: Apache-2.0
// The published states of all branches of all databases: one immutable map, one atomic pointer to
// it. Readers take it and never wait.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/history/commit.h"
#include "storage/history/transaction_record.h"
#include "storage/table/root.h"

namespace afterimage::storage {

/// A merge, revert or cherry-pick that waits for a person: conflicts are kept here until resolved
/// or aborted.
struct MergeState {
    std::string operation;  ///< "merge", "revert", "cherry-pick"
    std::string source;     ///< revision as it was given
    CommitId source_commit;
    std::shared_ptr<const Root> root_before;  ///< WORKING before it began, for --abort
    /// Conflicting rows by table: key, base/ours/theirs stored values.
    struct Conflict {
        Bytes key;
        std::optional<Bytes> base, ours, theirs;
    };
    std::map<std::string, std::vector<Conflict>, NameLess> conflicts;
    /// A series of reverts: HEAD before the first one, and those still to come.
    CommitId head_before;
    std::vector<CommitId> pending;
};

/// HEAD, STAGED and WORKING of one branch. Staged and working equal the head's root when nothing is
/// pending.
struct BranchState {
    CommitId head;
    std::shared_ptr<const Root> head_root;
    std::shared_ptr<const Root> staged;
    std::shared_ptr<const Root> working;
    std::shared_ptr<const MergeState> merge;
    /// Journal sequence of the batch that made this state.
    std::uint64_t sequence = 0;
    [[nodiscard]] bool dirty() const noexcept {
        return staged != head_root || working != head_root;
    }
};

struct Tag {
    CommitId commit;
    Signature tagger;
    std::string message;
};

struct DatabaseState {
    std::string name;
    std::uint32_t database_id = 0;    ///< lasting
    std::uint64_t boundary_seed = 0;  ///< node boundaries of this lineage
    std::string
        replicated_from;  ///< channel whose applier owns `main`; empty for a client's database
    bool replicated = false;
    bool mariadb_flavour = false;
    std::string default_branch = "main";
    SharedMap<std::string, std::shared_ptr<const BranchState>> branches;
    SharedMap<std::string, Tag> tags;
};

struct Heads {
    std::uint64_t generation = 0;
    SharedMap<std::string, std::shared_ptr<const DatabaseState>> databases;
    SharedMap<std::string, ChannelPosition> positions;

    [[nodiscard]] std::shared_ptr<const DatabaseState> find_database(std::string_view name) const;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// What follows the writing of a keyframe: every state that stands on the same trees gets the stored
// ones and the smaller overlay that is left.
//
// Commits go on meanwhile. prepare() does the work for the heads as they are and may be called
// again for later ones, each time for what changed since; apply(), under the commit lock, then has
// only the last few commits to follow.
//
// A state is left alone where the stored trees would make its overlay larger: a branch that stayed
// behind keeps its own base.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "storage/history/change_set.h"
#include "storage/history/heads.h"
#include "storage/tree/node_source.h"

namespace afterimage::storage {

class KeyframeSwap {
  public:
    using TablePtr = std::shared_ptr<const Table>;

    /// `stored` is `frozen` with its overlays merged into its trees.
    KeyframeSwap(NodeSource& nodes, TablePtr frozen, TablePtr stored);

    void prepare(const DatabaseState& database);
    /// `database` with the stored trees; null when it has no use for them.
    [[nodiscard]] std::shared_ptr<DatabaseState> apply(const DatabaseState& database);

  private:
    /// HEAD, STAGED or WORKING of a branch: each has one table of this identity at most.
    enum class Place { kHead, kStaged, kWorking };
    using PlaceKey = std::pair<std::string, Place>;
    struct Done {
        TablePtr from;
        TablePtr to;  ///< null: better left alone
    };

    [[nodiscard]] TablePtr find_table(const Root& root) const;
    [[nodiscard]] bool stands_on_frozen(const Table& table) const;
    [[nodiscard]] TablePtr rebased(const Table& table, const Done* earlier) const;
    [[nodiscard]] TablePtr follow(const PlaceKey& place, const TablePtr& table, bool from_nothing);
    [[nodiscard]] std::shared_ptr<const Root> swapped(const PlaceKey& place,
                                                      const std::shared_ptr<const Root>& root);

    NodeSource& nodes_;
    const TablePtr frozen_;
    const TablePtr stored_;
    std::map<PlaceKey, Done> done_;
    /// One answer for each table and root: "same pointer = same content" holds afterwards too.
    std::map<TablePtr, TablePtr> tables_;
    std::map<std::shared_ptr<const Root>, std::shared_ptr<const Root>> roots_;
};

/// Memory of a table's pending changes, rows and indexes.
[[nodiscard]] std::uint64_t overlay_bytes(const Table& table) noexcept;
/// What `set`, which leads from `before` to `after`, added to it; 0 where it became less.
[[nodiscard]] std::uint64_t overlay_growth(const Root& before, const Root& after,
                                           const ChangeSet& set);

}  // namespace afterimage::storage

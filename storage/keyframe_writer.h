// SPDX-License-Identifier: Apache-2.0
// Writes keyframes in the background: merges the frozen overlay of one table into its trees on disk
// while commits go on, then gives every state that shares those trees the smaller overlay that is
// left.
//
// One thread of its own. Tables are taken one by one when their pending changes pass a cadence that
// grows with the tree (about one change per leaf), or when all overlays together pass the store's
// bound.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "storage/store_parts.h"

namespace afterimage::storage {

class KeyframeWriter {
  public:
    explicit KeyframeWriter(Store::Parts& parts);
    ~KeyframeWriter();

    void start();
    void stop();
    /// Looks for due tables now; also called after every commit, cheaply.
    void note_commit();
    /// Writes keyframes until no table is due under `min_changes`; runs on the caller's thread.
    void write_due(std::uint64_t min_changes);
    /// Bytes of all overlays of published heads, as of the last look.
    [[nodiscard]] std::uint64_t overlay_bytes() const noexcept {
        return overlay_bytes_.load(std::memory_order_relaxed);
    }
    /// Blocks while overlays hold more than twice the bound: back-pressure for writers.
    void wait_for_room();

  private:
    struct Due {
        std::string database;
        std::string branch;
        std::shared_ptr<const Table> table;
        CommitId head;
    };
    [[nodiscard]] std::optional<Due> find_due(std::uint64_t min_changes);
    void write(const Due& due);
    void swap_trees(const Due& due, const Table& stored);
    void run();

    Store::Parts& parts_;
    std::mutex write_mutex_;  ///< one keyframe at a time
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t commits_since_look_ = 0;  // guarded by mutex_
    bool stopping_ = false;                 // guarded by mutex_
    std::string failure_;                   // guarded by mutex_
    std::atomic<std::uint64_t> overlay_bytes_{0};
    std::thread thread_;
};

}  // namespace afterimage::storage

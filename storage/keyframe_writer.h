// SPDX-License-Identifier: Apache-2.0
// Writes keyframes in the background: merges the frozen overlay of one table into its trees on disk
// while commits go on, then gives every state that shares those trees the smaller overlay that is
// left (keyframe_swap.h).
//
// One thread of its own. Tables are taken one by one, the largest overlay first, when they are due
// (StoreOptions in store.h), or when all overlays together pass the store's bound. At twice the
// bound writers wait. What is pending on STAGED and WORKING is stored likewise, for the sake of
// memory alone: the journal goes on to say it as change sets. The commit lock is held for the
// journal record and for following the last few commits, whatever the size of the table.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "storage/keyframe_swap.h"
#include "storage/store_parts.h"

namespace afterimage::storage {

class KeyframeWriter {
  public:
    explicit KeyframeWriter(Store::Parts& parts);
    ~KeyframeWriter();

    void start();
    void stop();
    /// After every commit, cheaply. `growth_bytes` is what it added to the overlays.
    void note_commit(std::uint64_t growth_bytes);
    /// Writes keyframes until no table is due; runs on the caller's thread.
    void write_due();
    /// Writes all that is pending.
    void write_all();
    /// Bytes of all overlays: as counted at the last look, and what commits added since.
    [[nodiscard]] std::uint64_t overlay_bytes() const noexcept {
        return overlay_bytes_.load(std::memory_order_relaxed);
    }
    /// Blocks while overlays hold more than twice the bound: back-pressure for writers.
    void wait_for_room();

  private:
    struct Due {
        std::string database;
        std::shared_ptr<const Table> table;
        std::optional<CommitId> head;  ///< none: of STAGED or WORKING, of which there is no record
    };
    class Look;
    [[nodiscard]] std::optional<Due> find_due(bool everything);
    [[nodiscard]] bool is_due(std::uint32_t database_id, const Table& table, bool is_head) const;
    void write_until_done(bool everything);
    void write(const Due& due);
    [[nodiscard]] std::shared_ptr<const Table> store_table(const RootServices& services,
                                                           const Table& frozen) const;
    void run();

    Store::Parts& parts_;
    std::mutex write_mutex_;  ///< one keyframe at a time
    /// States that a keyframe replaced, until transactions that began on them are over: whoever
    /// lets go of them last has to free large overlays. Guarded by write_mutex_.
    std::shared_ptr<const void> replaced_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t commits_since_look_ = 0;  // guarded by mutex_
    bool stopping_ = false;                 // guarded by mutex_
    std::string failure_;                   // guarded by mutex_
    std::atomic<std::uint64_t> overlay_bytes_{0};
    std::thread thread_;
};

}  // namespace afterimage::storage

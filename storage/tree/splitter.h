// SPDX-License-Identifier: Apache-2.0
// Decides where a node ends, from the entries of that node alone: never from the order of edits.
//
// After each entry the splitter says whether the node ends there. The chance grows with the fourth
// power of the bytes so far (a Weibull distribution with k = 4, as sizes then stay near the target,
// where a constant chance would give sizes from nothing to many times the target); the dice is a
// seeded XXH3 of the entry's key. All arithmetic is on integers, so that every machine agrees.
//
// Why it resynchronises: two runs over the same keys that are out of step use the same dice, and
// the one with the lower chance (fewer bytes so far) ends only where the other ends too; from there
// on both agree.
//
// Not thread-safe; no bounds on the keys. Source of the idea: prolly trees (Noms, Dolt).
#pragma once

#include "storage/bytes/byte_view.h"
#include "storage/tree/tree.h"

namespace afterimage::storage {

class Splitter {
  public:
    /// Mean node size is about 0.91 of this.
    static constexpr std::uint64_t kScaleBytes = 4608;
    /// No node ends earlier, but for the last of its level.
    static constexpr std::uint64_t kMinBytes = 1024;
    /// Every node ends with the entry that reaches this (leaves) once it has kMinChildren.
    static constexpr std::uint64_t kMaxBytes = 16384;
    /// An interior node has at least so many entries, so that levels shrink whatever the keys'
    /// size.
    static constexpr std::size_t kMinChildren = 2;

    /// Levels use different dice: a key that ends a leaf must not end every node above it.
    Splitter(BoundarySeed seed, unsigned level);

    /// Takes note of the next entry; `entry_size_bytes` is what it adds to the node. True if the
    /// node ends behind it, and then the next call begins a new node.
    [[nodiscard]] bool ends_after(ByteView key, std::size_t entry_size_bytes);

    /// Begins a new node.
    void reset() noexcept {
        size_bytes_ = 0;
        entry_count_ = 0;
    }

  private:
    [[nodiscard]] bool decide(ByteView key, std::uint64_t before, std::uint64_t after) const;

    std::uint64_t level_seed_;
    std::size_t min_entries_;
    std::uint64_t size_bytes_ = 0;
    std::size_t entry_count_ = 0;
};

}  // namespace afterimage::storage

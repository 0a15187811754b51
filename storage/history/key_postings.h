// SPDX-License-Identifier: Apache-2.0
// Which commits touched which key of one table: (hash of the key, commit) pairs, for row history
// and AS OF point reads.
//
// Appended in commit order; kept as sorted runs that double in size, with a short unsorted tail, so
// that adding stays cheap for ever and a lookup is a handful of binary searches. Hashes collide:
// the caller compares keys. Not synchronised.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/history/commit_graph.h"

namespace afterimage::storage {

class KeyPostings {
  public:
    [[nodiscard]] static std::uint64_t hash_of(ByteView key) noexcept;

    void add(std::uint64_t key_hash, CommitIndex commit);
    /// Commits whose change sets (probably) hold the key, ascending, each once.
    [[nodiscard]] std::vector<CommitIndex> find(std::uint64_t key_hash) const;
    [[nodiscard]] std::uint64_t size() const noexcept;

  private:
    struct Posting {
        std::uint64_t key_hash;
        CommitIndex commit;
        auto operator<=>(const Posting&) const = default;
    };
    /// Scanned whole by a lookup: 64 KiB.
    static constexpr std::size_t kTailSize = 4096;

    std::vector<std::vector<Posting>> runs_;  ///< older and larger first
    std::vector<Posting> tail_;
};

}  // namespace afterimage::storage

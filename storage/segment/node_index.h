// SPDX-License-Identifier: Apache-2.0
// Hash -> place of a node, for all node files, in memory: 32 bytes an entry and about 40 with the
// free slots.
//
// Open addressing, the slots kept in the order of the keys (Amble and Knuth, "Ordered hash tables",
// 1974): a key's first slot follows from its leading bits, so that the order of slots and of keys
// agree and a search for a missing key ends at the first larger one, even in a table that is 7/8
// full. 256 tables by the first byte, so that growing one never takes long.
//
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "storage/bytes/content_hash.h"

namespace afterimage::storage {

struct NodeLocation {
    std::uint32_t file_number = 0;
    std::uint32_t offset = 0;
    std::uint32_t size_bytes = 0;  ///< of the whole record

    auto operator<=>(const NodeLocation&) const = default;
};

class NodeIndex {
  public:
    [[nodiscard]] std::optional<NodeLocation> find(const Hash& hash) const;
    /// Adds, or replaces the place of, a node; the file number is not 0.
    void put(const Hash& hash, const NodeLocation& location);
    /// Forgets every node whose place is in this file.
    void erase_file(std::uint32_t file_number);
    /// In the order of the hashes.
    void for_each(const std::function<void(const Hash&, const NodeLocation&)>& visit) const;

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

  private:
    struct Slot {
        Hash hash;
        NodeLocation location;  ///< file number 0: free
    };
    static_assert(sizeof(Slot) == 32);

    struct Table {
        std::vector<Slot> slots;  ///< `home_count` homes and a few to run over into
        std::uint64_t home_count = 0;
        std::uint64_t size = 0;
    };

    [[nodiscard]] static std::size_t home(const Table& table, const Hash& hash) noexcept;
    /// The slot of the key, or the first that is free or holds a larger one.
    [[nodiscard]] static std::size_t find_slot(const Table& table, const Hash& hash) noexcept;
    /// Lays the entries that `keep` says yes to out anew over `home_count` homes.
    static void rebuild(Table& table, std::uint64_t home_count,
                        const std::function<bool(const Slot&)>& keep);
    [[nodiscard]] const Table& table_of(const Hash& hash) const noexcept {
        return tables_[static_cast<unsigned char>(hash.bytes[0])];
    }

    std::array<Table, 256> tables_;
    std::uint64_t size_ = 0;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/segment/node_index.h"

#include <algorithm>

#include "storage/bytes/invariant.h"

namespace afterimage::storage {

namespace {

constexpr std::uint64_t kFirstHomes = 16;
// Slots behind the last home: at 7/8 full, runs are some ten slots long; a longer one grows the
// table early.
constexpr std::uint64_t kOverrun = 16;

}  // namespace

std::size_t NodeIndex::home(const Table& table, const Hash& hash) noexcept {
    // The first byte chose the table. The next 32 bits, scaled: monotone in the key.
    const std::uint64_t prefix = load_be(hash.bytes.data() + 1, 4);
    return static_cast<std::size_t>(prefix * table.home_count >> 32U);
}

std::size_t NodeIndex::find_slot(const Table& table, const Hash& hash) noexcept {
    std::size_t at = home(table, hash);
    while (at < table.slots.size() && table.slots[at].location.file_number != 0 &&
           table.slots[at].hash.view() < hash.view()) {
        ++at;
    }
    return at;
}

std::optional<NodeLocation> NodeIndex::find(const Hash& hash) const {
    const Table& table = table_of(hash);
    if (table.size == 0) {
        return std::nullopt;
    }
    const std::size_t at = find_slot(table, hash);
    if (at == table.slots.size() || table.slots[at].location.file_number == 0 ||
        table.slots[at].hash != hash) {
        return std::nullopt;
    }
    return table.slots[at].location;
}

void NodeIndex::put(const Hash& hash, const NodeLocation& location) {
    INVARIANT(location.file_number != 0, "files are numbered from 1");
    Table& table = tables_[static_cast<unsigned char>(hash.bytes[0])];
    if ((table.size + 1) * 8 > table.home_count * 7) {
        rebuild(table, std::max(kFirstHomes, table.home_count + table.home_count / 8 + 1),
                [](const Slot&) { return true; });
    }
    for (;;) {
        const std::size_t at = find_slot(table, hash);
        if (at < table.slots.size() && table.slots[at].location.file_number != 0 &&
            table.slots[at].hash == hash) {
            table.slots[at].location = location;
            return;
        }
        std::size_t free = at;
        while (free < table.slots.size() && table.slots[free].location.file_number != 0) {
            ++free;
        }
        if (free == table.slots.size()) {
            rebuild(table, table.home_count + table.home_count / 8 + 1,
                    [](const Slot&) { return true; });
            continue;
        }
        const auto first = table.slots.begin();
        std::move_backward(first + static_cast<std::ptrdiff_t>(at),
                           first + static_cast<std::ptrdiff_t>(free),
                           first + static_cast<std::ptrdiff_t>(free) + 1);
        table.slots[at] = {hash, location};
        ++table.size;
        ++size_;
        return;
    }
}

void NodeIndex::rebuild(Table& table, std::uint64_t home_count,
                        const std::function<bool(const Slot&)>& keep) {
    Table grown;
    grown.home_count = home_count;
    grown.slots.resize(static_cast<std::size_t>(home_count + kOverrun));
    std::size_t next = 0;
    for (const Slot& slot : table.slots) {
        if (slot.location.file_number == 0 || !keep(slot)) {
            continue;
        }
        const std::size_t at = std::max(next, home(grown, slot.hash));
        if (at >= grown.slots.size()) {
            grown.slots.resize(at + 1);
        }
        grown.slots[at] = slot;
        ++grown.size;
        next = at + 1;
    }
    table = std::move(grown);
}

void NodeIndex::erase_file(std::uint32_t file_number) {
    for (Table& table : tables_) {
        const std::uint64_t before = table.size;
        if (before == 0) {
            continue;
        }
        std::uint64_t left = 0;
        for (const Slot& slot : table.slots) {
            const std::uint32_t number = slot.location.file_number;
            left += number != 0 && number != file_number ? 1 : 0;
        }
        if (left != before) {
            rebuild(table, std::max(kFirstHomes, left + left / 7 + 1),
                    [&](const Slot& slot) { return slot.location.file_number != file_number; });
            size_ -= before - left;
        }
    }
}

void NodeIndex::for_each(const std::function<void(const Hash&, const NodeLocation&)>& visit) const {
    for (const Table& table : tables_) {
        for (const Slot& slot : table.slots) {
            if (slot.location.file_number != 0) {
                visit(slot.hash, slot.location);
            }
        }
    }
}

std::uint64_t NodeIndex::memory_bytes() const noexcept {
    std::uint64_t bytes = sizeof *this;
    for (const Table& table : tables_) {
        bytes += table.slots.capacity() * sizeof(Slot);
    }
    return bytes;
}

}  // namespace afterimage::storage

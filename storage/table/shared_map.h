// SPDX-License-Identifier: Apache-2.0
// A sorted map from names (or other keys) to values whose copies cost one reference count: what
// roots and heads are made of, of which every commit makes a new version.
//
// A value: a copy never changes whatever happens to the original. Reading never copies; the first
// change of a map that others share copies its entries (a vector: one block of memory, whatever the
// number of names). Names are compared by bytes. Any number of threads may read and copy one map;
// changing needs the object for oneself. Iterators are constant, and end with the next change.
#pragma once

#include <algorithm>
#include <atomic>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace afterimage::storage {

template <class Key, class Value>
class SharedMap {
  public:
    /// What keys are looked up by.
    using Lookup =
        std::conditional_t<std::is_same_v<Key, std::string>, std::string_view, const Key&>;
    using Entry = std::pair<Key, Value>;
    using key_type = Key;
    using value_type = Entry;
    using mapped_type = Value;
    using const_iterator = typename std::vector<Entry>::const_iterator;
    using iterator = const_iterator;

    SharedMap() noexcept = default;
    SharedMap(const SharedMap& other) noexcept : node_(other.node_) { share(); }
    SharedMap(SharedMap&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    SharedMap& operator=(const SharedMap& other) noexcept {
        SharedMap copy(other);
        std::swap(node_, copy.node_);
        return *this;
    }
    SharedMap& operator=(SharedMap&& other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~SharedMap() { release(); }

    [[nodiscard]] const_iterator begin() const noexcept { return entries().begin(); }
    [[nodiscard]] const_iterator end() const noexcept { return entries().end(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries().size(); }
    [[nodiscard]] bool empty() const noexcept { return entries().empty(); }

    [[nodiscard]] const_iterator lower_bound(Lookup name) const {
        return std::lower_bound(begin(), end(), name, [](const Entry& entry, Lookup wanted) {
            return entry.first < wanted;
        });
    }
    [[nodiscard]] const_iterator find(Lookup name) const {
        const const_iterator at = lower_bound(name);
        return at != end() && at->first == name ? at : end();
    }
    [[nodiscard]] bool contains(Lookup name) const { return find(name) != end(); }
    [[nodiscard]] const Value& at(Lookup name) const {
        const const_iterator found = find(name);
        if (found == end()) {
            throw std::out_of_range("no such entry");
        }
        return found->second;
    }

    /// Makes the entry where there is none.
    [[nodiscard]] Value& operator[](Lookup name) {
        const auto at = static_cast<std::ptrdiff_t>(lower_bound(name) - begin());
        std::vector<Entry>& own = own_entries();
        if (own.begin() + at == own.end() || own[static_cast<std::size_t>(at)].first != name) {
            own.emplace(own.begin() + at, Key(name), Value{});
        }
        return own[static_cast<std::size_t>(at)].second;
    }
    void insert_or_assign(Lookup name, Value value) { (*this)[name] = std::move(value); }
    /// Returns the place behind it.
    const_iterator erase(const_iterator at) {
        const auto index = static_cast<std::ptrdiff_t>(at - begin());
        std::vector<Entry>& own = own_entries();
        own.erase(own.begin() + index);
        return begin() + index;
    }
    std::size_t erase(Lookup name) {
        const const_iterator found = find(name);
        if (found == end()) {
            return 0;
        }
        erase(found);
        return 1;
    }
    void clear() noexcept {
        release();
        node_ = nullptr;
    }
    /// Puts `value` under the name; copies nothing when it is there already.
    void assign(Lookup name, const Value& value) {
        const const_iterator found = find(name);
        if (found == end() || !(found->second == value)) {
            (*this)[name] = value;
        }
    }
    /// All values, to be changed in place; names must stay.
    [[nodiscard]] std::span<Entry> mutable_entries() { return own_entries(); }

    template <class Predicate>
    friend std::size_t erase_if(SharedMap& map, Predicate predicate) {
        if (std::none_of(map.begin(), map.end(), predicate)) {
            return 0;
        }
        return std::erase_if(map.own_entries(), predicate);
    }

    /// Whether both are the very same version; false says nothing.
    [[nodiscard]] bool is_same_version(const SharedMap& other) const noexcept {
        return node_ == other.node_;
    }
    bool operator==(const SharedMap& other) const {
        return node_ == other.node_ || entries() == other.entries();
    }

  private:
    struct Node {
        std::atomic<std::size_t> references{1};
        std::vector<Entry> entries;
    };

    [[nodiscard]] const std::vector<Entry>& entries() const noexcept {
        static const std::vector<Entry> kNone;
        return node_ == nullptr ? kNone : node_->entries;
    }
    void share() const noexcept {
        if (node_ != nullptr) {
            node_->references.fetch_add(1, std::memory_order_relaxed);
        }
    }
    void release() noexcept {
        if (node_ != nullptr && node_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete node_;
        }
    }
    std::vector<Entry>& own_entries() {
        if (node_ == nullptr) {
            node_ = new Node;
        } else if (node_->references.load(std::memory_order_acquire) != 1) {
            // Acquire: whoever dropped its reference has finished reading before we write.
            auto* copy = new Node;
            copy->entries.reserve(node_->entries.size() + 1);
            copy->entries = node_->entries;
            release();
            node_ = copy;
        }
        return node_->entries;
    }

    Node* node_ = nullptr;
};

}  // namespace afterimage::storage

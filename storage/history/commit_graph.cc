// SPDX-License-Identifier: Apache-2.0
#include "storage/history/commit_graph.h"

#include <algorithm>

#include "storage/bytes/invariant.h"

namespace afterimage::storage {

bool FirstParentChain::contains(const CommitNode& node) const noexcept {
    return std::ranges::any_of(pieces, [&](const Piece& piece) {
        return piece.lineage == node.lineage && node.lineage_position <= piece.last_position;
    });
}

namespace {

template <class Maps>
auto& ids_like(Maps& maps, const CommitId& id) {
    return maps[static_cast<unsigned char>(id.view()[0])];
}

}  // namespace

CommitIndex CommitGraph::add(CommitNode node, const std::vector<CommitIndex>& further_parents) {
    const auto index = static_cast<CommitIndex>(nodes_.size());
    INVARIANT(index != kNoCommit, "fewer than 2^32 commits");
    bool extends = false;
    node.height = 1;
    if (node.first_parent != kNoCommit) {
        const CommitNode& parent = nodes_[node.first_parent];
        node.height = parent.height + 1;
        Lineage& lineage = lineages_[parent.lineage];
        extends = lineage.members.back() == node.first_parent;
        node.lineage = parent.lineage;
    }
    for (const CommitIndex parent : further_parents) {
        node.height = std::max(node.height, nodes_[parent].height + 1);
    }
    if (!extends) {
        node.lineage = static_cast<std::uint32_t>(lineages_.size());
        lineages_.push_back({node.first_parent, {}});
    }
    Lineage& lineage = lineages_[node.lineage];
    node.lineage_position = static_cast<std::uint32_t>(lineage.members.size());
    lineage.members.push_back(index);
    if (!further_parents.empty()) {
        node.flags |= CommitNode::kMerge;
        further_parents_[index] = further_parents;
    }
    ids_like(by_id_, node.id).emplace(node.id, index);
    nodes_.push_back(node);
    return index;
}

CommitIndex CommitGraph::find(const CommitId& id) const {
    const auto& ids = ids_like(by_id_, id);
    const auto found = ids.find(id);
    return found == ids.end() ? kNoCommit : found->second;
}

std::vector<CommitIndex> CommitGraph::parents(CommitIndex index) const {
    std::vector<CommitIndex> result;
    if (nodes_[index].first_parent != kNoCommit) {
        result.push_back(nodes_[index].first_parent);
    }
    const auto further = further_parents_.find(index);
    if (further != further_parents_.end()) {
        result.insert(result.end(), further->second.begin(), further->second.end());
    }
    return result;
}

FirstParentChain CommitGraph::chain_of(CommitIndex tip) const {
    FirstParentChain chain;
    while (tip != kNoCommit) {
        const CommitNode& node = nodes_[tip];
        chain.pieces.push_back({node.lineage, node.lineage_position});
        tip = lineages_[node.lineage].fork;
    }
    return chain;
}

CommitIndex CommitGraph::ancestor(CommitIndex tip, std::uint64_t n) const {
    while (tip != kNoCommit) {
        const CommitNode& node = nodes_[tip];
        if (n <= node.lineage_position) {
            return lineages_[node.lineage].members[node.lineage_position - n];
        }
        n -= std::uint64_t{node.lineage_position} + 1;
        tip = lineages_[node.lineage].fork;
    }
    return kNoCommit;
}

CommitIndex CommitGraph::newest_at(CommitIndex tip, std::int64_t time_micros) const {
    while (tip != kNoCommit) {
        const CommitNode& node = nodes_[tip];
        const Lineage& lineage = lineages_[node.lineage];
        for (std::size_t position = std::size_t{node.lineage_position} + 1; position-- > 0;) {
            if (nodes_[lineage.members[position]].time_micros <= time_micros) {
                return lineage.members[position];
            }
        }
        tip = lineage.fork;
    }
    return kNoCommit;
}

CommitIndex CommitGraph::merge_base(CommitIndex a, CommitIndex b) const {
    // On one chain, or where the chains meet without a merge between, the lineages answer.
    if (is_ancestor(a, b)) {
        return a;
    }
    if (is_ancestor(b, a)) {
        return b;
    }
    constexpr std::uint8_t kFromA = 1, kFromB = 2;
    std::unordered_map<CommitIndex, std::uint8_t> reached{{a, kFromA}, {b, kFromB}};
    const auto lower = [this](CommitIndex x, CommitIndex y) {
        return std::pair(nodes_[x].height, x) < std::pair(nodes_[y].height, y);
    };
    std::vector<CommitIndex> heap{a, b};
    std::ranges::make_heap(heap, lower);
    while (!heap.empty()) {
        std::ranges::pop_heap(heap, lower);
        const CommitIndex index = heap.back();
        heap.pop_back();
        const std::uint8_t from = reached[index];
        if (from == (kFromA | kFromB)) {
            return index;
        }
        for (const CommitIndex parent : parents(index)) {
            auto [entry, is_new] = reached.emplace(parent, from);
            if (is_new) {
                heap.push_back(parent);
                std::ranges::push_heap(heap, lower);
            } else {
                entry->second |= from;
            }
        }
    }
    return kNoCommit;
}

bool CommitGraph::is_ancestor(CommitIndex ancestor_index, CommitIndex of) const {
    const CommitNode& wanted = nodes_[ancestor_index];
    if (chain_of(of).contains(wanted)) {
        return true;
    }
    if (further_parents_.empty()) {
        return false;
    }
    std::vector<CommitIndex> stack{of};
    std::unordered_map<CommitIndex, bool> seen;
    while (!stack.empty()) {
        CommitIndex index = stack.back();
        stack.pop_back();
        // Down the chain to the merges on it; commits no higher than the wanted one cannot descend
        // from it.
        while (index != kNoCommit && nodes_[index].height >= wanted.height &&
               seen.emplace(index, true).second) {
            if (index == ancestor_index) {
                return true;
            }
            if ((nodes_[index].flags & CommitNode::kMerge) != 0) {
                const std::vector<CommitIndex>& further = further_parents_.at(index);
                stack.insert(stack.end(), further.begin(), further.end());
            }
            index = nodes_[index].first_parent;
        }
    }
    return false;
}

CommitGraph::Walk::Walk(const CommitGraph& graph, const std::vector<CommitIndex>& tips)
    : graph_(graph) {
    for (const CommitIndex tip : tips) {
        push(tip);
    }
}

bool CommitGraph::Walk::before(CommitIndex a, CommitIndex b) const {
    const CommitNode& x = graph_.node(a);
    const CommitNode& y = graph_.node(b);
    return std::tuple(x.height, x.time_micros, a) < std::tuple(y.height, y.time_micros, b);
}

void CommitGraph::Walk::push(CommitIndex index) {
    if (queued_.emplace(index, true).second) {
        heap_.push_back(index);
        std::ranges::push_heap(heap_,
                               [this](CommitIndex a, CommitIndex b) { return before(a, b); });
    }
}

CommitIndex CommitGraph::Walk::next() {
    CommitIndex index = single_;
    single_ = kNoCommit;
    if (index == kNoCommit) {
        if (heap_.empty()) {
            return kNoCommit;
        }
        std::ranges::pop_heap(heap_, [this](CommitIndex a, CommitIndex b) { return before(a, b); });
        index = heap_.back();
        heap_.pop_back();
    }
    const CommitNode& node = graph_.node(index);
    if (heap_.empty() && (node.flags & CommitNode::kMerge) == 0) {
        // A single path: no commit can come twice, so that nothing need be remembered.
        single_ = node.first_parent;
        queued_.clear();
        return index;
    }
    for (const CommitIndex parent : graph_.parents(index)) {
        push(parent);
    }
    return index;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/history/key_postings.h"

#include <xxhash.h>

#include <algorithm>
#include <iterator>

namespace afterimage::storage {

std::uint64_t KeyPostings::hash_of(ByteView key) noexcept {
    return XXH3_64bits(key.data(), key.size());
}

void KeyPostings::add(std::uint64_t key_hash, CommitIndex commit) {
    tail_.push_back({key_hash, commit});
    if (tail_.size() < kTailSize) {
        return;
    }
    std::ranges::sort(tail_);
    std::vector<Posting> run = std::move(tail_);
    tail_ = {};
    while (!runs_.empty() && runs_.back().size() <= 2 * run.size()) {
        std::vector<Posting> merged;
        merged.reserve(runs_.back().size() + run.size());
        std::ranges::merge(runs_.back(), run, std::back_inserter(merged));
        runs_.pop_back();
        run = std::move(merged);
    }
    runs_.push_back(std::move(run));
}

std::vector<CommitIndex> KeyPostings::find(std::uint64_t key_hash) const {
    std::vector<CommitIndex> commits;
    for (const std::vector<Posting>& run : runs_) {
        for (auto at = std::ranges::lower_bound(run, Posting{key_hash, 0});
             at != run.end() && at->key_hash == key_hash; ++at) {
            commits.push_back(at->commit);
        }
    }
    for (const Posting& posting : tail_) {
        if (posting.key_hash == key_hash) {
            commits.push_back(posting.commit);
        }
    }
    std::ranges::sort(commits);
    commits.erase(std::unique(commits.begin(), commits.end()), commits.end());
    return commits;
}

std::uint64_t KeyPostings::size() const noexcept {
    std::uint64_t size = tail_.size();
    for (const std::vector<Posting>& run : runs_) {
        size += run.size();
    }
    return size;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/commit_filter.h"

#include <algorithm>

#include "storage/value/temporal.h"

namespace afterimage::sql {

namespace {

/// Dates are shown cut to the column's digits: bounds are widened by what that may hide.
constexpr std::int64_t kSlackMicros = 1'000'000;

void narrow(CommitFilter& filter, const ScanConjunct& conjunct) {
    using Op = ScanConjunct::Op;
    if (conjunct.values.empty()) {
        return;
    }
    std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
    std::int64_t highest = std::numeric_limits<std::int64_t>::min();
    for (const storage::Value& value : conjunct.values) {
        if (value.kind() != storage::ValueKind::kDateTime) {
            return;
        }
        const std::int64_t micros = storage::micros_of_datetime(value.as_packed());
        lowest = std::min(lowest, micros);
        highest = std::max(highest, micros);
    }
    const bool from = conjunct.op == Op::kEqual || conjunct.op == Op::kIn ||
                      conjunct.op == Op::kGreater || conjunct.op == Op::kGreaterEqual;
    const bool to = conjunct.op == Op::kEqual || conjunct.op == Op::kIn ||
                    conjunct.op == Op::kLess || conjunct.op == Op::kLessEqual;
    if (from) {
        filter.from_micros = std::max(filter.from_micros, lowest - kSlackMicros);
    }
    if (to) {
        filter.to_micros = std::min(filter.to_micros, highest + kSlackMicros);
    }
}

}  // namespace

CommitFilter commit_filter(const ScanRequest& request, const storage::HistoryIndex& history,
                           std::optional<std::size_t> hash_column,
                           std::optional<std::size_t> date_column) {
    CommitFilter filter;
    if (const auto* hashes = hash_column ? request.in_values(*hash_column) : nullptr) {
        filter.commits.emplace();
        for (const storage::Value& value : *hashes) {
            if (value.kind() != storage::ValueKind::kBytes) {
                continue;
            }
            const std::optional<storage::Hash> hash = storage::Hash::parse(value.as_bytes());
            const storage::CommitIndex index = hash ? history.find(*hash) : storage::kNoCommit;
            if (index != storage::kNoCommit) {
                filter.commits->push_back(index);
            }
        }
        std::sort(filter.commits->begin(), filter.commits->end());
        filter.commits->erase(std::unique(filter.commits->begin(), filter.commits->end()),
                              filter.commits->end());
    }
    for (const ScanConjunct& conjunct : request.conjuncts) {
        if (date_column && conjunct.column == *date_column) {
            narrow(filter, conjunct);
        }
    }
    return filter;
}

}  // namespace afterimage::sql

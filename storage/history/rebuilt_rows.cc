// SPDX-License-Identifier: Apache-2.0
#include "storage/history/rebuilt_rows.h"

#include <algorithm>

#include "storage/history/table_diff.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

namespace {

/// Pairs the rows of both states by key.
class Pairing {
  public:
    Pairing(const Table& base, const Table& theirs, const OpenTable& ours, NodeSource& nodes,
            ValueBlocks& blocks)
        : base_(base),
          theirs_(theirs),
          ours_(ours),
          blocks_(blocks),
          columns_(base.schema(), theirs.schema()),
          was_(nodes, base.row_tree()),
          now_(nodes, theirs.row_tree()) {}

    std::vector<RowChange> run() {
        was_.seek_to_first();
        now_.seek_to_first();
        while (was_.valid() || now_.valid()) {
            if (!now_.valid() || (was_.valid() && was_.key() < now_.key())) {
                changes_.push_back({Bytes(was_.key()), translated(was_.value()), std::nullopt});
                was_.next();
            } else if (!was_.valid() || now_.key() < was_.key()) {
                changes_.push_back({Bytes(now_.key()), std::nullopt, Bytes(now_.value())});
                now_.next();
            } else {
                add_pair();
                was_.next();
                now_.next();
            }
        }
        return std::move(changes_);
    }

  private:
    [[nodiscard]] Row translated_row(ByteView stored) const {
        const Row row = base_.layout->rows.decode(stored, &blocks_);
        Row result;
        result.reserve(columns_.size());
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            result.push_back(columns_.source(i) == ColumnMap::kNone
                                 ? theirs_.schema().columns[i].missing_value
                                 : row[columns_.source(i)]);
        }
        return result;
    }
    [[nodiscard]] Bytes translated(ByteView stored) const {
        return theirs_.layout->rows.encode(translated_row(stored), &blocks_);
    }

    void add_pair() {
        const Row before = translated_row(was_.value());
        const Row after = theirs_.layout->rows.decode(now_.value(), &blocks_);
        bool differs = false;
        bool differs_in_old_columns = false;
        for (std::size_t i = 0; i < before.size(); ++i) {
            if (!before[i].same_as(after[i])) {
                differs = true;
                differs_in_old_columns =
                    differs_in_old_columns || columns_.source(i) != ColumnMap::kNone;
            }
        }
        if (differs_in_old_columns || (differs && ours_.find(was_.key()))) {
            changes_.push_back({Bytes(was_.key()), theirs_.layout->rows.encode(before, &blocks_),
                                Bytes(now_.value())});
        }
    }

    const Table& base_;
    const Table& theirs_;
    const OpenTable& ours_;
    ValueBlocks& blocks_;
    ColumnMap columns_;
    MergingCursor was_, now_;
    std::vector<RowChange> changes_;
};

}  // namespace

bool adds_columns(const TableSchema& before, const TableSchema& after) {
    return std::ranges::any_of(after.columns, [&](const Column& column) {
        return before.find_column(column.id) == nullptr;
    });
}

std::optional<std::vector<RowChange>> rebuilt_row_changes(const Table& base, const Table& theirs,
                                                          const OpenTable& ours, NodeSource& nodes,
                                                          ValueBlocks& blocks) {
    if (!base.layout->primary || !theirs.layout->primary ||
        !same_key_encoding(base.schema(), theirs.schema()) ||
        !same_key_encoding(theirs.schema(), ours.schema())) {
        return std::nullopt;
    }
    return Pairing(base, theirs, ours, nodes, blocks).run();
}

}  // namespace afterimage::storage

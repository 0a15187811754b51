// SPDX-License-Identifier: Apache-2.0
// The row changes of one table in one change set, whether listed in it or, above 4 MiB, kept
// outside as a *row section*: a tree from key to change in the node files, stored and synced before
// the batch that names it. However large a transaction is, writing and reading its changes takes
// the memory of a few nodes.
//
// A section is a plain value; writers and readers belong to one thread. Reading throws StorageError
// (what TreeCursor throws; kCorruption for a change that cannot be).
//
// Comes from: root_diff. Goes to: change_set (its root and counts), whoever reads changes.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/varint.h"
#include "storage/history/row_change.h"
#include "storage/tree/cursor.h"
#include "storage/tree/node_source.h"
#include "storage/tree/tree.h"

namespace afterimage::storage {

class TreeBuilder;
struct TableChanges;

struct RowSection {
    TreeRoot changes;  ///< key → append_row_images
    std::uint64_t inserted = 0, updated = 0, deleted = 0;
    Hash rows_hash;  ///< RowChangesHash over them: what the commit id covers
    /// Before and after trade places when it is read (a revert's change set); never stored.
    bool inverted = false;
};

/// Stored form: tree root, inserted, updated, deleted (varints), rows hash (20).
void append_row_section(Bytes& out, const RowSection& section);
[[nodiscard]] RowSection read_row_section(ByteReader& reader);

/// Takes changes in key order; lists them while they are few and turns to a section when they pass
/// `max_listed_bytes`.
class RowChangesWriter {
  public:
    RowChangesWriter(NodeSink& sink, BoundarySeed seed, std::uint64_t max_listed_bytes);
    ~RowChangesWriter();
    RowChangesWriter(const RowChangesWriter&) = delete;
    RowChangesWriter& operator=(const RowChangesWriter&) = delete;

    void add(RowChange change);
    /// Gives what was added to `changes`: rows, or a section whose nodes are in the sink.
    void finish(TableChanges& changes);

  private:
    void put(const RowChange& change);

    NodeSink& sink_;
    BoundarySeed seed_;
    const std::uint64_t max_listed_bytes_;
    std::vector<RowChange> listed_;
    std::uint64_t listed_bytes_ = 0;
    std::unique_ptr<TreeBuilder> builder_;  ///< null while listing
    RowChangesHash hash_;
    RowSection section_;
    Bytes images_;
};

/// Reads the row changes of `changes` in key order. Copies nothing that is listed; `changes` and
/// `nodes` outlive it.
class RowChangesReader {
  public:
    RowChangesReader(NodeSource& nodes, const TableChanges& changes);

    /// To the next change (the first one to begin with); false when there is none.
    [[nodiscard]] bool next();
    /// Lives until the next call of next().
    [[nodiscard]] const RowChange& change() const noexcept { return *change_; }

  private:
    const TableChanges& changes_;
    std::size_t at_ = 0;
    std::optional<TreeCursor> cursor_;
    RowChange read_;
    const RowChange* change_ = nullptr;
};

/// The change of one key, if there is one.
[[nodiscard]] std::optional<RowChange> find_row_change(NodeSource& nodes,
                                                       const TableChanges& changes, ByteView key);

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// One table at one instant: its schema's codecs, its rows and its secondary indexes, each as base
// tree plus overlay.
//
// Immutable once shared (shared_ptr<const Table>); copies are cheap. Thread-safe to read.
// Invariants: 1. indexes[i] is the tree of schema->indexes[i].  2. Every row has exactly one entry
// in each index tree (keyless: one per
//             distinct row).  3. content_sum is the sum over the canonical rows.
//
// Comes from: RowWriter, root_of. Goes to: TableReader.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/row/key_codec.h"
#include "storage/row/row_codec.h"
#include "storage/schema/table_schema.h"
#include "storage/tree/merging_cursor.h"
#include "storage/tree/node_source.h"

namespace afterimage::storage {

/// The codecs of one schema, made once. Immutable.
struct TableLayout {
    std::shared_ptr<const TableSchema> schema;
    RowCodec rows;
    std::optional<KeyCodec> primary;  ///< none: keyless
    std::vector<KeyCodec> indexes;

    [[nodiscard]] static std::shared_ptr<const TableLayout> make(
        std::shared_ptr<const TableSchema> schema);

    /// Primary tree key of a row: primary key, or the hash of `row_bytes` when keyless.
    [[nodiscard]] Bytes primary_key(std::span<const Value> row, ByteView row_bytes) const;
    /// Whole entry of secondary index `index`: key = index parts + primary key, value = varint
    /// length of the parts.
    struct IndexEntry {
        Bytes key;
        Bytes value;
        bool has_null = false;
        std::size_t parts_size = 0;
    };
    [[nodiscard]] IndexEntry index_entry(std::size_t index, std::span<const Value> row,
                                         ByteView primary_key) const;
};

/// Where the rows of a past state come from when they are not (yet) an overlay:
/// storage/history/root_of.h implements it.
class PastTable {
  public:
    virtual ~PastTable() = default;
    /// Stored value under a primary tree key, without building the overlay.
    [[nodiscard]] virtual std::optional<Bytes> find(ByteView key) = 0;
    /// Complete trees; built on first use, then shared.
    [[nodiscard]] virtual MergedTree rows() = 0;
    [[nodiscard]] virtual MergedTree index(std::size_t index) = 0;
    [[nodiscard]] virtual ContentSum content_sum() = 0;
};

struct Table {
    std::shared_ptr<const TableLayout> layout;
    MergedTree rows;
    std::vector<MergedTree> indexes;
    ContentSum content_sum;
    /// Drawn anew by TRUNCATE and by a rebuild: two states of a table with one epoch differ row by
    /// row, others as a whole. Not stored.
    std::uint64_t rows_epoch = 0;
    /// Set for lazily computed past states: rows, indexes and content_sum above are then not to be
    /// used.
    std::shared_ptr<PastTable> past;

    [[nodiscard]] const TableSchema& schema() const noexcept { return *layout->schema; }
    [[nodiscard]] MergedTree row_tree() const { return past ? past->rows() : rows; }
    [[nodiscard]] MergedTree index_tree(std::size_t index) const {
        return past ? past->index(index) : indexes[index];
    }
    /// Memory of the pending edits; 0 for past states.
    [[nodiscard]] std::uint64_t overlay_bytes() const noexcept;
    [[nodiscard]] ContentSum sum() const { return past ? past->content_sum() : content_sum; }
};

/// Whether rows that were written under `before` count differently under `after`, although their
/// bytes stay.
[[nodiscard]] bool sum_changes(const TableSchema& before, const TableSchema& after);
/// The content sum counted from the rows.
[[nodiscard]] ContentSum count_sum(const TableLayout& layout, const MergedTree& rows,
                                   NodeSource& nodes, const ValueBlocks& blocks);
/// A value no other rows_epoch has.
[[nodiscard]] std::uint64_t draw_rows_epoch();

/// Keyless tables store (count, row) under a row's hash: varint count, then the row's bytes.
struct KeylessEntry {
    std::uint64_t count = 0;
    ByteView row;
    [[nodiscard]] static Bytes encode(std::uint64_t count, ByteView row);
    [[nodiscard]] static KeylessEntry decode(ByteView value);
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// The rows of a rows event as storage values: binlog cell + table map + stored column type → Value.
//
// A RowDecoder belongs to one thread; event, table map and column types must outlive it. It reads
// row after row, so that an event of a gigabyte never stands in memory as values. Throws EventError
// for malformed bytes and ColumnMismatch when the table map does not fit the stored types: values
// are never converted between types, a difference means that the schema here is not the one of this
// binlog position.
//
// A row is [before image] [after image]; an image is a null bitmap over the present columns, then
// the values of those that are not NULL (surface 2.8, 2.9). Absent cells are NULL here and absent
// in the bitmaps: in an after image they keep the stored value (UPDATE) or take the default
// (WRITE).
//
// Comes from: transaction_assembler. Goes to: the applier, storage/row/row_codec.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "replication/event/rows.h"
#include "replication/event/table_map.h"
#include "replication/json_binary.h"
#include "storage/row/row_codec.h"
#include "storage/schema/table_schema.h"

namespace afterimage::replication {

/// The source's columns are not the ones stored here (MySQL's error 1677, 1532 for the number of
/// columns).
class ColumnMismatch : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Column types in ordinal order; virtual, invisible and hidden (row_start, row_end) columns that
/// stand in the source's images included.
using ColumnTypes = std::vector<const storage::ColumnType*>;
[[nodiscard]] ColumnTypes column_types(const storage::TableSchema& schema);

struct RowChange {
    bool has_before = false;
    bool has_after = false;
    storage::Row before;
    storage::Row after;
    /// JSON columns of the after image that came as changes to a value that is not in the before
    /// image; their cell in `after` is NULL and apply_json_diffs on the stored value makes it.
    struct PartialJson {
        std::size_t column = 0;
        std::vector<JsonDiff> diffs;
    };
    std::vector<PartialJson> partial_json;
};

class RowDecoder {
  public:
    /// Checks the present columns against `columns`.
    RowDecoder(const RowsEventView& event, const TableMap& map, const ColumnTypes& columns);

    /// Reads the next row into `row` (its vectors are reused); false at the end.
    [[nodiscard]] bool next(RowChange& row);

    [[nodiscard]] const ColumnBitmap& before_columns() const noexcept {
        return event_.before_columns;
    }
    [[nodiscard]] const ColumnBitmap& after_columns() const noexcept {
        return event_.after_columns;
    }

  private:
    void check_columns() const;
    void read_image(const ColumnBitmap& present, storage::ByteView partial, RowChange& row,
                    storage::Row& cells);
    storage::ByteView read_partial_bitmap();
    void read_partial_json(std::size_t column, RowChange& row, storage::Row& cells);
    [[noreturn]] void fail(const std::string& reason) const;

    const RowsEventView& event_;
    const TableMap& map_;
    const ColumnTypes& columns_;
    storage::ByteReader reader_;
    std::size_t row_number_ = 0;
    std::size_t column_ = 0;
};

/// All rows at once, for small events and tests.
[[nodiscard]] std::vector<RowChange> decode_rows(const RowsEventView& event, const TableMap& map,
                                                 const ColumnTypes& columns);

/// Whether such a cell can be the value of such a column; a reason when it cannot. Signedness is
/// compared where the source sends it.
[[nodiscard]] std::string column_mismatch(const TableMapColumn& source,
                                          const storage::ColumnType& stored);

/// FULL metadata against a schema: number, names, types, signedness, collations and labels. Empty
/// when everything fits or is not sent.
[[nodiscard]] std::string schema_mismatch(const TableMap& map, const storage::TableSchema& schema);

/// One cell. Throws storage::TruncatedInput.
[[nodiscard]] storage::Value decode_cell(storage::ByteReader& reader, const TableMapColumn& source,
                                         const storage::ColumnType& stored);

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
// Into columns and out of them: what INSERT and UPDATE store, and what a scan reads.
//
// convert_for_column follows sql_mode: strict mode throws SqlError (1048 NULL, 1264 out of range,
// 1265 truncated, 1292 incorrect datetime, 1366 incorrect value, 1406 too long, 3140 JSON); else it
// warns with the same text and stores the adjusted value. INSERT IGNORE passes strict = false.
#pragma once

#include <string_view>
#include <vector>

#include "sql/expr/evaluate.h"
#include "storage/row/cell_codec.h"
#include "storage/row/row_codec.h"
#include "storage/schema/column_type.h"
#include "storage/value/value.h"

namespace afterimage::sql {

/// The column that a value is stored into.
struct ColumnTarget {
    const storage::ColumnType* type = nullptr;
    std::string_view name;
    bool nullable = true;
    std::size_t row_number = 1;  ///< counts from 1 within the statement, for messages
    bool strict = true;          ///< sql_mode is strict and there is no IGNORE
};

/// Whether sql_mode makes writes strict.
[[nodiscard]] bool is_strict(std::uint64_t sql_mode) noexcept;

/// The cell to store for row `row` of `in`, in the canonical form of value.h.
[[nodiscard]] storage::Value convert_for_column(const ColumnVector& in, std::size_t row,
                                                const ResultType& from, const ColumnTarget& target,
                                                EvalContext& context);
/// The same from a value of type `from` (value.h's kinds).
[[nodiscard]] storage::Value convert_for_column(const storage::Value& value, const ResultType& from,
                                                const ColumnTarget& target, EvalContext& context);
/// What NOT NULL columns without a default get in non-strict mode, and what NULL becomes in
/// multi-row INSERT without strict mode: 0, '', '0000-00-00', the first ENUM label.
[[nodiscard]] storage::Value implicit_default(const storage::ColumnType& type);

/// Fills vectors from stored rows, one column at a time, without making Values. Made once per scan.
class ColumnLoader {
  public:
    explicit ColumnLoader(const storage::ColumnType& type);

    /// Empties `out` for cells of this column.
    void begin(ColumnVector& out) const;

    /// The type that the loaded vector has.
    [[nodiscard]] const ResultType& type() const noexcept { return type_; }
    /// Appends one cell. The bytes of the row must stay alive (pinned) as long as `out`, unless
    /// they had to be converted or fetched: then they are in context.arena. ENUM labels live as
    /// long as the loader. `blocks` may be null when no cell is out of line. Throws
    /// StorageError(kCorruption).
    void append(ColumnVector& out, const storage::RowCodec::CellView& cell,
                const storage::ValueBlocks* blocks, EvalContext& context) const;

  private:
    void append_fixed(ColumnVector& out, storage::ByteView payload, EvalContext& context) const;
    void append_labels(ColumnVector& out, std::uint64_t number, EvalContext& context) const;

    ResultType type_;
    VectorKind kind_ = VectorKind::kString;
    storage::CellShape shape_;
    std::vector<std::string> labels_;  ///< ENUM, SET: in the column's charset
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Small steps that every kernel takes: sizing an output vector, visiting the active rows, merging
// null masks, narrowing a selection for a while.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sql/expr/batch.h"

namespace afterimage::sql {

/// Calls fn(row) for each active row, ascending.
template <class Fn>
inline void for_rows(const Batch& rows, Fn&& fn) {
    if (rows.selected) {
        for (const std::uint16_t row : rows.selection) {
            fn(static_cast<std::size_t>(row));
        }
    } else {
        for (std::size_t row = 0; row < rows.row_count; ++row) {
            fn(row);
        }
    }
}

/// Empties `out` and gives it `rows` entries.
inline void prepare(ColumnVector& out, VectorKind kind, std::size_t rows, std::uint8_t scale = 0) {
    out.clear(kind);
    out.scale = scale;
    out.resize(rows);
}

/// One entry for all rows.
inline void prepare_constant(ColumnVector& out, VectorKind kind, std::uint8_t scale = 0) {
    prepare(out, kind, 1, scale);
    out.constant = true;
}

/// Marks row NULL where the argument is; `out` is sized.
void merge_nulls(ColumnVector& out, const ColumnVector& in, std::size_t rows);

/// Copies one entry; both have one kind (and scale).
void copy_cell(ColumnVector& out, std::size_t to, const ColumnVector& in, std::size_t from);

/// A batch of one row and no columns: what constants are computed over.
[[nodiscard]] Batch single_row();

/// Lets other rows of a batch take part until the end of the scope.
class SelectionScope {
  public:
    SelectionScope(Batch& batch, std::vector<std::uint16_t> rows)
        : batch_(batch), kept_(std::move(batch.selection)), selected_(batch.selected) {
        batch_.selection = std::move(rows);
        batch_.selected = true;
    }
    ~SelectionScope() {
        batch_.selection = std::move(kept_);
        batch_.selected = selected_;
    }
    SelectionScope(const SelectionScope&) = delete;
    SelectionScope& operator=(const SelectionScope&) = delete;

  private:
    Batch& batch_;
    std::vector<std::uint16_t> kept_;
    bool selected_;
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Cells from one column vector to another.
//
// Small inline steps for the operators that gather rows.
#pragma once

#include <span>
#include <vector>

#include "sql/expr/batch.h"

namespace afterimage::sql {

/// Appends one cell; both vectors are of one kind. With an arena the string's bytes are copied.
inline void append_cell(ColumnVector& out, const ColumnVector& in, std::size_t row,
                        StringArena* arena) {
    if (in.is_null(row)) {
        out.append_null();
        return;
    }
    const std::size_t at = in.index(row);
    switch (out.kind) {
        case VectorKind::kF64:
            out.f64.push_back(in.f64[at]);
            break;
        case VectorKind::kWideDecimal:
            out.wide.push_back(in.wide[at]);
            break;
        case VectorKind::kString:
            out.strings.push_back(arena ? arena->copy(in.strings[at]) : in.strings[at]);
            break;
        default:
            out.i64.push_back(in.i64[at]);
            break;
    }
    if (!out.nulls.empty()) {
        out.nulls.push_back(0);
    }
}

/// out = the rows of `in` in that order. Strings are views of what `in` views.
template <class Index>
inline void gather(ColumnVector& out, const ColumnVector& in, std::span<const Index> rows) {
    out.clear(in.kind);
    out.scale = in.scale;
    out.reserve(rows.size());
    for (const Index row : rows) {
        append_cell(out, in, static_cast<std::size_t>(row), nullptr);
    }
}

/// `rows` NULLs of a kind.
inline void fill_nulls(ColumnVector& out, VectorKind kind, std::size_t rows) {
    out.clear(kind);
    out.resize(rows);
    out.nulls.assign(rows, 1);
}

}  // namespace afterimage::sql

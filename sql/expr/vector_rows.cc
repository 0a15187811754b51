// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/vector_rows.h"

#include <algorithm>

namespace afterimage::sql {

void merge_nulls(ColumnVector& out, const ColumnVector& in, std::size_t rows) {
    if (in.nulls.empty()) {
        return;
    }
    if (in.constant && in.nulls[0] == 0) {
        return;
    }
    const std::size_t size = out.constant ? 1 : rows;
    if (out.nulls.size() < size) {
        out.nulls.resize(size, 0);
    }
    if (in.constant) {
        std::fill(out.nulls.begin(), out.nulls.end(), std::uint8_t{1});
        return;
    }
    for (std::size_t row = 0; row < size; ++row) {
        out.nulls[row] = static_cast<std::uint8_t>(out.nulls[row] | in.nulls[row]);
    }
}

void copy_cell(ColumnVector& out, std::size_t to, const ColumnVector& in, std::size_t from) {
    if (in.is_null(from)) {
        out.set_null(to);
        return;
    }
    const std::size_t at = in.index(from);
    switch (out.kind) {
        case VectorKind::kF64:
            out.f64[to] = in.f64[at];
            break;
        case VectorKind::kWideDecimal:
            out.wide[to] = in.wide[at];
            break;
        case VectorKind::kString:
            out.strings[to] = in.strings[at];
            break;
        default:
            out.i64[to] = in.i64[at];
            break;
    }
}

Batch single_row() {
    Batch batch;
    batch.row_count = 1;
    return batch;
}

}  // namespace afterimage::sql

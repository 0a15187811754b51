// SPDX-License-Identifier: Apache-2.0
// Stored rows of one source into the slots of its block's batches: only the columns that are read.
//
// One per scan, one thread. Strings are copied into the batch's arena, so that batches outlive the
// cursor's position.
#pragma once

#include <vector>

#include "sql/exec/exec_context.h"
#include "sql/expr/column_convert.h"
#include "storage/table/table_reader.h"

namespace afterimage::sql {

class RowLoader {
  public:
    RowLoader(const BoundSource& source, const storage::TableReader& reader);

    /// Readies the source's columns of a batch for rows.
    void start(Batch& batch) const;
    /// Appends a row. eval.arena must be the batch's.
    void append(Batch& batch, storage::ByteView key, storage::ByteView row,
                EvalContext& eval) const;
    /// The same from an index entry that covers what is read.
    void append_covered(Batch& batch, const storage::KeyCodec& index_codec,
                        const storage::Index& index, storage::ByteView index_key,
                        storage::ByteView primary_key, EvalContext& eval) const;
    /// Appends NULLs (outer joins).
    void append_nulls(Batch& batch) const;

  private:
    struct Column {
        std::size_t ordinal;
        std::size_t slot;
        ResultType type;
        ColumnLoader loader;
        bool is_string;
    };
    const BoundSource& source_;
    const storage::TableReader& reader_;
    std::vector<Column> columns_;
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Stored rows of one source into the slots of its block's batches: only the columns that are read.
//
// One per scan, one thread. Strings are copied into the batch's arena, so that batches outlive the
// cursor's position.
#pragma once

#include <optional>
#include <vector>

#include "sql/exec/exec_context.h"
#include "sql/expr/column_convert.h"
#include "storage/row/integer_key_reader.h"
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
                        storage::ByteView primary_key, EvalContext& eval);
    /// Appends NULLs (outer joins).
    void append_nulls(Batch& batch) const;

  private:
    struct Column {
        std::size_t ordinal;
        std::size_t slot;
        ResultType type;
        ColumnLoader loader;
        bool is_string;
        std::size_t covered_by = 0;  ///< part of the index, or behind them, of the primary key
    };
    void append_integers(Batch& batch, storage::ByteView index_key, storage::ByteView primary_key);
    void plan_covered(const storage::KeyCodec& index_codec, const storage::Index& index);

    const BoundSource& source_;
    const storage::TableReader& reader_;
    std::vector<Column> columns_;
    /// What is read of an entry of `covered_index_`: so many parts of it and of the primary key.
    const storage::Index* covered_index_ = nullptr;
    std::size_t index_parts_ = 0, primary_parts_ = 0;
    /// Where all of those are integers, they are read at once.
    std::optional<storage::IntegerKeyReader> index_integers_, primary_integers_;
    std::vector<storage::IntegerKeyReader::Cell> integers_;
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/row_reader.h"

#include "sql/expr/column_convert.h"
#include "sql/expr/evaluate.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

RowReader::RowReader(std::shared_ptr<const storage::TableLayout> from,
                     std::shared_ptr<const storage::TableSchema> target, std::vector<bool> wanted,
                     const storage::ValueBlocks& blocks, StatementContext* context)
    : from_(std::move(from)),
      target_(std::move(target)),
      wanted_(std::move(wanted)),
      columns_(*from_->schema, *target_),
      blocks_(blocks),
      context_(context) {}

std::uint64_t RowReader::count(storage::ByteView stored) const {
    return from_->primary ? 1 : storage::KeylessEntry::decode(stored).count;
}

void RowReader::read(storage::ByteView stored, storage::Row& row, std::size_t offset) {
    if (!from_->primary) {
        stored = storage::KeylessEntry::decode(stored).row;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const std::size_t source = columns_.source(i);
        if (source == storage::ColumnMap::kNone || (!wanted_.empty() && !wanted_[i])) {
            continue;
        }
        row[offset + i] = converted(from_->rows.decode_column(stored, source, &blocks_), source, i);
    }
}

storage::Value RowReader::converted(storage::Value value, std::size_t from, std::size_t to) {
    const storage::ColumnType& was = from_->schema->columns[from].type;
    const storage::ColumnType& now = target_->columns[to].type;
    if (value.is_null() || was == now || context_ == nullptr) {
        return value;
    }
    ResultType from_type;
    from_type.type = was;
    const ColumnTarget target{&now, target_->columns[to].name, true, 1, true};
    arena_.clear();
    EvalContext evaluation(*context_, arena_);
    try {
        return convert_for_column(value, from_type, target, evaluation);
    } catch (const SqlError& error) {
        context_->warn(error.error_number(), error.message());
        return {};
    }
}

}  // namespace afterimage::sql

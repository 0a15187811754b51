// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/row_loader.h"

#include <algorithm>

#include "sql/expr/cast.h"

namespace afterimage::sql {

RowLoader::RowLoader(const BoundSource& source, const storage::TableReader& reader)
    : source_(source), reader_(reader) {
    const storage::TableSchema& schema = reader.schema();
    for (std::size_t i = 0; i < source.used.size(); ++i) {
        if (!source.used[i]) {
            continue;
        }
        Column column{i, source.first_slot + i, source.columns[i].meta.type,
                      ColumnLoader(schema.columns[i].type), false};
        column.is_string = vector_kind(column.type) == VectorKind::kString;
        columns_.push_back(std::move(column));
    }
}

void RowLoader::start(Batch& batch) const {
    for (const Column& column : columns_) {
        ColumnVector& out = batch.columns[column.slot];
        out.clear(vector_kind(column.type));
        out.scale = column.type.type.scale;
    }
    if (source_.row_identity) {
        batch.columns[source_.key_slot()].clear(VectorKind::kString);
        batch.columns[source_.key_slot() + 1].clear(VectorKind::kString);
    }
}

void RowLoader::append(Batch& batch, storage::ByteView key, storage::ByteView row,
                       EvalContext& eval) const {
    const storage::RowCodec& codec = reader_.layout().rows;
    for (const Column& column : columns_) {
        ColumnVector& out = batch.columns[column.slot];
        column.loader.append(out, codec.cell(row, column.ordinal), &reader_.blocks(), eval);
        if (column.is_string && !out.strings.back().empty()) {
            out.strings.back() = eval.arena->copy(out.strings.back());
        }
    }
    if (source_.row_identity) {
        batch.columns[source_.key_slot()].strings.push_back(eval.arena->copy(key));
        batch.columns[source_.key_slot() + 1].strings.push_back(eval.arena->copy(row));
    }
}

namespace {

/// Leading parts that can be read back whole.
std::size_t readable_parts(const storage::KeyCodec& codec, const storage::Index& described) {
    std::size_t count = 0;
    while (count < described.parts.size() && codec.reversible(count) &&
           described.parts[count].prefix_length == 0) {
        ++count;
    }
    return count;
}

/// The part among the first `count` that holds the column; `count` when none does.
std::size_t part_of(const storage::Index& described, std::size_t count, storage::ColumnId id) {
    std::size_t at = 0;
    while (at < count && described.parts[at].column != id) {
        ++at;
    }
    return at;
}

}  // namespace

// Once an index: which part each column is read from, and how many have to be decoded for that.
void RowLoader::plan_covered(const storage::KeyCodec& index_codec, const storage::Index& index) {
    const storage::TableSchema& schema = reader_.schema();
    const std::size_t index_readable = readable_parts(index_codec, index);
    const std::size_t primary_readable =
        schema.primary_key ? readable_parts(*reader_.layout().primary, *schema.primary_key) : 0;
    covered_index_ = &index;
    index_parts_ = primary_parts_ = 0;
    for (Column& column : columns_) {
        const storage::ColumnId id = schema.columns[column.ordinal].id;
        const std::size_t part = part_of(index, index_readable, id);
        column.covered_by = part;
        if (part < index_readable) {
            index_parts_ = std::max(index_parts_, part + 1);
        } else if (schema.primary_key) {
            const std::size_t key_part = part_of(*schema.primary_key, primary_readable, id);
            column.covered_by = index.parts.size() + key_part;
            primary_parts_ = std::max(primary_parts_, std::min(key_part + 1, primary_readable));
        } else {
            column.covered_by = ~std::size_t{0};
        }
    }
    index_integers_ = storage::IntegerKeyReader::make(schema, index, index_parts_);
    primary_integers_ = primary_parts_ == 0 ? storage::IntegerKeyReader()
                                            : storage::IntegerKeyReader::make(
                                                  schema, *schema.primary_key, primary_parts_);
    integers_.resize(index.parts.size() + primary_parts_);
    for (const Column& column : columns_) {
        // A column that neither holds is NULL: the general way.
        if (column.covered_by >= integers_.size()) {
            index_integers_ = std::nullopt;
        }
    }
}

void RowLoader::append_integers(Batch& batch, storage::ByteView index_key,
                                storage::ByteView primary_key) {
    index_integers_->read(index_key, integers_);
    primary_integers_->read(primary_key,
                            std::span(integers_).subspan(covered_index_->parts.size()));
    for (const Column& column : columns_) {
        ColumnVector& out = batch.columns[column.slot];
        const storage::IntegerKeyReader::Cell& cell = integers_[column.covered_by];
        if (cell.is_null) {
            out.append_null();
            continue;
        }
        out.i64.push_back(cell.bits);
        if (!out.nulls.empty()) {
            out.nulls.push_back(0);
        }
    }
}

void RowLoader::append_covered(Batch& batch, const storage::KeyCodec& index_codec,
                               const storage::Index& index, storage::ByteView index_key,
                               storage::ByteView primary_key, EvalContext& eval) {
    if (covered_index_ != &index) {
        plan_covered(index_codec, index);
    }
    if (index_integers_ && primary_integers_) {
        append_integers(batch, index_key, primary_key);
        return;
    }
    const std::vector<storage::Value> parts = index_codec.decode_parts(index_key, index_parts_);
    std::vector<storage::Value> primary;
    if (primary_parts_ > 0) {
        primary = reader_.layout().primary->decode_parts(primary_key, primary_parts_);
    }
    const storage::Value null;
    for (const Column& column : columns_) {
        const std::size_t part = column.covered_by;
        const std::size_t key_part = part - std::min(part, index.parts.size());
        const bool in_key = part >= index.parts.size();
        const storage::Value& value = !in_key && part < parts.size()        ? parts[part]
                                      : in_key && key_part < primary.size() ? primary[key_part]
                                                                            : null;
        append_value(batch.columns[column.slot], value, column.type, eval);
    }
}

void RowLoader::append_nulls(Batch& batch) const {
    for (const Column& column : columns_) {
        batch.columns[column.slot].append_null();
    }
    if (source_.row_identity) {
        batch.columns[source_.key_slot()].append_null();
        batch.columns[source_.key_slot() + 1].append_null();
    }
}

}  // namespace afterimage::sql

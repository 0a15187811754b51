// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/row_loader.h"

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

void RowLoader::append_covered(Batch& batch, const storage::KeyCodec& index_codec,
                               const storage::Index& index, storage::ByteView index_key,
                               storage::ByteView primary_key, EvalContext& eval) const {
    const storage::TableSchema& schema = reader_.schema();
    const auto readable = [](const storage::KeyCodec& codec, const storage::Index& described) {
        std::size_t count = 0;
        while (count < described.parts.size() && codec.reversible(count) &&
               described.parts[count].prefix_length == 0) {
            ++count;
        }
        return count;
    };
    const std::vector<storage::Value> parts =
        index_codec.decode_parts(index_key, readable(index_codec, index));
    std::vector<storage::Value> primary;
    if (schema.primary_key) {
        const storage::KeyCodec& codec = *reader_.layout().primary;
        primary = codec.decode_parts(primary_key, readable(codec, *schema.primary_key));
    }
    for (const Column& column : columns_) {
        const storage::ColumnId id = schema.columns[column.ordinal].id;
        const storage::Value* value = nullptr;
        for (std::size_t i = 0; i < parts.size() && !value; ++i) {
            value = index.parts[i].column == id ? &parts[i] : nullptr;
        }
        for (std::size_t i = 0; i < primary.size() && !value; ++i) {
            value = schema.primary_key->parts[i].column == id ? &primary[i] : nullptr;
        }
        append_value(batch.columns[column.slot], value ? *value : storage::Value(), column.type,
                     eval);
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

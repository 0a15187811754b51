// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/row_encoder.h"

#include <bit>
#include <cmath>
#include <limits>

#include "server/protocol/cell_text.h"
#include "server/protocol/column_definition.h"
#include "sql/expr/charset.h"
#include "storage/bytes/invariant.h"
#include "storage/value/temporal.h"

namespace afterimage::server {

namespace {

using sql::ColumnVector;
using sql::VectorKind;
using storage::Bytes;

constexpr char kNullText = '\xfb';

std::int64_t integer_of_double(double value) {
    constexpr double kLimit = 9223372036854775807.0;
    if (std::isnan(value)) {
        return 0;
    }
    return value >= kLimit    ? std::numeric_limits<std::int64_t>::max()
           : value <= -kLimit ? std::numeric_limits<std::int64_t>::min()
                              : std::llround(value);
}

std::int64_t integer_at(const ColumnVector& vector, std::size_t row) {
    switch (vector.kind) {
        case VectorKind::kF64:
            return integer_of_double(vector.f64_at(row));
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            return vector.decimal_at(row).to_int();
        case VectorKind::kString:
            return 0;
        default:
            return vector.i64_at(row);
    }
}

double real_at(const ColumnVector& vector, std::size_t row) {
    switch (vector.kind) {
        case VectorKind::kF64:
            return vector.f64_at(row);
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            return vector.decimal_at(row).to_double();
        case VectorKind::kU64:
            return static_cast<double>(vector.u64_at(row));
        case VectorKind::kString:
            return 0;
        default:
            return static_cast<double>(vector.i64_at(row));
    }
}

template <class Integer>
void append_cut(Bytes& out, std::int64_t value) {
    storage::append_le(out, static_cast<Integer>(value));
}

void append_binary_datetime(Bytes& out, std::int64_t packed, bool date_only) {
    const storage::DateTimeParts parts = storage::unpack_datetime(packed);
    const bool has_clock =
        !date_only && (parts.hour | parts.minute | parts.second | parts.micros) != 0;
    const bool has_micros = has_clock && parts.micros != 0;
    const bool is_zero = (parts.year | parts.month | parts.day) == 0 && !has_clock;
    out.push_back(static_cast<char>(is_zero ? 0 : has_micros ? 11 : has_clock ? 7 : 4));
    if (is_zero) {
        return;
    }
    storage::append_le(out, static_cast<std::uint16_t>(parts.year));
    out.push_back(static_cast<char>(parts.month));
    out.push_back(static_cast<char>(parts.day));
    if (has_clock) {
        out.push_back(static_cast<char>(parts.hour));
        out.push_back(static_cast<char>(parts.minute));
        out.push_back(static_cast<char>(parts.second));
    }
    if (has_micros) {
        storage::append_le(out, parts.micros);
    }
}

void append_binary_time(Bytes& out, std::int64_t packed) {
    const storage::TimeParts parts = storage::unpack_time(packed);
    const bool is_zero = (parts.hours | parts.minute | parts.second | parts.micros) == 0;
    out.push_back(static_cast<char>(is_zero ? 0 : parts.micros != 0 ? 12 : 8));
    if (is_zero) {
        return;
    }
    out.push_back(parts.negative ? '\1' : '\0');
    storage::append_le(out, parts.hours / 24);
    out.push_back(static_cast<char>(parts.hours % 24));
    out.push_back(static_cast<char>(parts.minute));
    out.push_back(static_cast<char>(parts.second));
    if (parts.micros != 0) {
        storage::append_le(out, parts.micros);
    }
}

/// Temporal values are packed; text under a temporal type (a driver bug would be the only other
/// reading) is parsed as MySQL would.
std::int64_t packed_at(const ColumnVector& vector, std::size_t row, bool is_time) {
    if (vector.kind != VectorKind::kString) {
        return integer_at(vector, row);
    }
    bool truncated = false;
    const std::optional<std::int64_t> packed =
        is_time ? storage::parse_time(vector.string_at(row), &truncated)
                : storage::parse_datetime(vector.string_at(row), {}, &truncated);
    return packed.value_or(0);
}

}  // namespace

RowEncoder::RowEncoder(const std::vector<sql::ResultColumn>& columns, storage::CollationId results,
                       Form form)
    : results_(results), form_(form) {
    for (const sql::ResultColumn& result : columns) {
        Column column;
        column.type = &result.type.type;
        column.wire = wire_column(result, results).type;
        column.is_null = result.type.is_null_literal;
        const storage::TypeId id = column.type->id;
        const bool is_label = id == storage::TypeId::kEnum || id == storage::TypeId::kSet;
        // Labels are utf8mb4 whatever the column's charset. JSON is announced as binary, so that
        // nothing is converted.
        if (storage::is_text(id) || is_label) {
            column.from = is_label ? sql::kUtf8mb4Bin : column.type->collation;
            column.converts = needs_conversion(column.from, results);
        }
        columns_.push_back(column);
    }
}

void RowEncoder::append_row(Bytes& out, const sql::Batch& batch, std::size_t row) {
    // Columns that only ORDER BY needed may stand behind the result's own.
    INVARIANT(batch.columns.size() >= columns_.size(), "a batch has the result's columns");
    if (form_ == Form::kText) {
        append_text_row(out, batch, row);
    } else {
        append_binary_row(out, batch, row);
    }
}

void RowEncoder::append_text_row(Bytes& out, const sql::Batch& batch, std::size_t row) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].is_null || batch.columns[i].is_null(row)) {
            out.push_back(kNullText);
        } else {
            append_text(out, columns_[i], batch.columns[i], row);
        }
    }
}

void RowEncoder::append_text(Bytes& out, const Column& column, const ColumnVector& vector,
                             std::size_t row) {
    if (column.converts) {
        scratch_.clear();
        append_cell_text(scratch_, vector, row, *column.type);
        converted_.clear();
        sql::charset_convert(converted_, scratch_, column.from, results_);
        append_lenenc_bytes(out, converted_);
        return;
    }
    if (vector.kind == VectorKind::kString) {
        append_lenenc_bytes(out, vector.string_at(row));
        return;
    }
    // Numbers and dates are shorter than 251 bytes: their length is one byte, filled in behind.
    const std::size_t start = out.size();
    out.push_back('\0');
    append_cell_text(out, vector, row, *column.type);
    const std::size_t length = out.size() - start - 1;
    if (length < 251) {
        out[start] = static_cast<char>(length);
        return;
    }
    scratch_.assign(out, start + 1, length);
    out.resize(start);
    append_lenenc_bytes(out, scratch_);
}

void RowEncoder::append_binary_row(Bytes& out, const sql::Batch& batch, std::size_t row) {
    constexpr std::size_t kBitmapShift = 2;
    out.push_back('\0');
    const std::size_t bitmap = out.size();
    out.append((columns_.size() + 7 + kBitmapShift) / 8, '\0');
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].is_null || batch.columns[i].is_null(row)) {
            const std::size_t bit = i + kBitmapShift;
            char& byte = out[bitmap + bit / 8];
            byte = static_cast<char>(static_cast<unsigned char>(byte) | 1U << bit % 8);
        } else {
            append_binary(out, columns_[i], batch.columns[i], row);
        }
    }
}

void RowEncoder::append_binary(Bytes& out, const Column& column, const ColumnVector& vector,
                               std::size_t row) {
    switch (column.wire) {
        case FieldType::kTiny:
            append_cut<std::int8_t>(out, integer_at(vector, row));
            return;
        case FieldType::kShort:
        case FieldType::kYear:
            append_cut<std::int16_t>(out, integer_at(vector, row));
            return;
        case FieldType::kInt24:
        case FieldType::kLong:
            append_cut<std::int32_t>(out, integer_at(vector, row));
            return;
        case FieldType::kLongLong:
            append_cut<std::int64_t>(out, integer_at(vector, row));
            return;
        case FieldType::kFloat:
            storage::append_le(
                out, std::bit_cast<std::uint32_t>(static_cast<float>(real_at(vector, row))));
            return;
        case FieldType::kDouble:
            storage::append_le(out, std::bit_cast<std::uint64_t>(real_at(vector, row)));
            return;
        case FieldType::kDate:
            append_binary_datetime(out, packed_at(vector, row, false), true);
            return;
        case FieldType::kDateTime:
        case FieldType::kTimestamp:
            append_binary_datetime(out, packed_at(vector, row, false), false);
            return;
        case FieldType::kTime:
            append_binary_time(out, packed_at(vector, row, true));
            return;
        default:
            append_text(out, column, vector, row);
            return;
    }
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/cell_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "storage/value/number_text.h"
#include "storage/value/temporal.h"

namespace afterimage::server {

namespace {

using sql::ColumnVector;
using sql::VectorKind;
using storage::Bytes;
using storage::ColumnType;
using storage::TypeId;

constexpr std::uint8_t kNotFixedDecimals = 31;

template <class Integer>
void append_integer(Bytes& out, Integer value) {
    std::array<char, 24> buffer;
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    out.append(buffer.data(), static_cast<std::size_t>(result.ptr - buffer.data()));
}

/// `width` digits, zeros in front.
void append_padded(Bytes& out, std::uint64_t value, std::size_t width) {
    std::array<char, 24> buffer;
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    const auto length = static_cast<std::size_t>(result.ptr - buffer.data());
    out.append(width > length ? width - length : 0, '0');
    out.append(buffer.data(), length);
}

void append_real(Bytes& out, double value, const ColumnType& type) {
    if (type.scale < kNotFixedDecimals) {
        storage::append_fixed_text(out, value, type.scale);
    } else if (type.id == TypeId::kFloat) {
        storage::append_float_text(out, static_cast<float>(value));
    } else {
        storage::append_double_text(out, value);
    }
}

/// A scaled 64-bit integer.
void append_decimal(Bytes& out, std::int64_t unscaled, unsigned scale) {
    if (unscaled < 0) {
        out.push_back('-');
    }
    const std::uint64_t magnitude = unscaled < 0 ? 0 - static_cast<std::uint64_t>(unscaled)
                                                 : static_cast<std::uint64_t>(unscaled);
    append_padded(out, magnitude, scale + 1U);
    if (scale > 0) {
        out.insert(out.size() - scale, 1, '.');
    }
}

void append_fraction(Bytes& out, std::uint32_t micros, unsigned digits) {
    if (digits == 0) {
        return;
    }
    out.push_back('.');
    const std::size_t start = out.size();
    append_padded(out, micros, 6);
    out.resize(start + std::min(digits, 6U));
}

void append_clock(Bytes& out, std::uint32_t minute, std::uint32_t second) {
    out.push_back(':');
    append_padded(out, minute, 2);
    out.push_back(':');
    append_padded(out, second, 2);
}

void append_temporal(Bytes& out, std::int64_t packed, const ColumnType& type) {
    if (type.id == TypeId::kTime) {
        const storage::TimeParts parts = storage::unpack_time(packed);
        if (parts.negative) {
            out.push_back('-');
        }
        append_padded(out, parts.hours, 2);
        append_clock(out, parts.minute, parts.second);
        append_fraction(out, parts.micros, type.scale);
        return;
    }
    const storage::DateTimeParts parts = storage::unpack_datetime(packed);
    append_padded(out, parts.year, 4);
    out.push_back('-');
    append_padded(out, parts.month, 2);
    out.push_back('-');
    append_padded(out, parts.day, 2);
    if (type.id == TypeId::kDate) {
        return;
    }
    out.push_back(' ');
    append_padded(out, parts.hour, 2);
    append_clock(out, parts.minute, parts.second);
    append_fraction(out, parts.micros, type.scale);
}

void append_labels(Bytes& out, std::uint64_t bits, const ColumnType& type) {
    if (type.id == TypeId::kEnum) {
        if (bits >= 1 && bits <= type.labels.size()) {
            out.append(type.labels[bits - 1]);
        }
        return;
    }
    const std::size_t start = out.size();
    for (std::size_t i = 0; i < type.labels.size() && i < 64; ++i) {
        if ((bits >> i & 1U) != 0) {
            if (out.size() != start) {
                out.push_back(',');
            }
            out.append(type.labels[i]);
        }
    }
}

void append_unsigned(Bytes& out, std::uint64_t value, const ColumnType& type) {
    switch (type.id) {
        case TypeId::kEnum:
        case TypeId::kSet:
            append_labels(out, value, type);
            return;
        case TypeId::kBit:
            storage::append_be(out, value, std::clamp((type.length + 7) / 8, 1U, 8U));
            return;
        case TypeId::kYear:
            append_padded(out, value, 4);
            return;
        default:
            if (type.zerofill) {
                append_padded(out, value, type.length);
            } else {
                append_integer(out, value);
            }
            return;
    }
}

void append_signed(Bytes& out, std::int64_t value, const ColumnType& type) {
    const bool special = type.zerofill || type.id == TypeId::kBit || type.id == TypeId::kYear ||
                         type.id == TypeId::kEnum || type.id == TypeId::kSet;
    if (special && value >= 0) {
        append_unsigned(out, static_cast<std::uint64_t>(value), type);
    } else if (type.id == TypeId::kDecimal && type.scale > 0) {
        append_integer(out, value);
        out.push_back('.');
        out.append(type.scale, '0');
    } else {
        append_integer(out, value);
    }
}

}  // namespace

void append_cell_text(Bytes& out, const ColumnVector& column, std::size_t row,
                      const ColumnType& type) {
    switch (column.kind) {
        case VectorKind::kI64:
            append_signed(out, column.i64_at(row), type);
            return;
        case VectorKind::kU64:
            append_unsigned(out, column.u64_at(row), type);
            return;
        case VectorKind::kF64:
            append_real(out, column.f64_at(row), type);
            return;
        case VectorKind::kDecimal:
            append_decimal(out, column.i64_at(row), column.scale);
            return;
        case VectorKind::kWideDecimal:
            out.append(column.wide[column.index(row)].text());
            return;
        case VectorKind::kPacked:
            append_temporal(out, column.i64_at(row), type);
            return;
        case VectorKind::kString:
            out.append(column.string_at(row));
            return;
    }
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/row_hash.h"

#include <cmath>
#include <cstring>

#include "sql/expr/compare_rules.h"
#include "sql/expr/enum_label.h"
#include "sql/expr/json_document.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"
#include "storage/bytes/byte_view.h"

// xxHash is used as plain C functions.
#include <xxhash.h>

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;

namespace {

constexpr std::uint64_t kNullHash = 0x9e3779b97f4a7c15ULL;

/// The finalizer of MurmurHash3: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) noexcept {
    x ^= x >> 33U;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33U;
    x *= 0xc4ceb9fe1a85ec53ULL;
    return x ^ x >> 33U;
}

std::uint64_t combine(std::uint64_t seed, std::uint64_t value) noexcept {
    return mix(seed ^ (value + kNullHash + (seed << 6U) + (seed >> 2U)));
}

std::uint64_t real_bits(double value) noexcept {
    if (value == 0) {
        value = 0;  // -0.0 equals 0.0
    }
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// A number of one word, without trailing zeros of the fraction: 1.50 and 1.5 are one value.
std::uint64_t word_hash(std::int64_t unscaled, unsigned scale) noexcept {
    while (scale > 0 && unscaled % 10 == 0) {
        unscaled /= 10;
        --scale;
    }
    return combine(scale, static_cast<std::uint64_t>(unscaled));
}

std::uint64_t decimal_hash(Decimal value) {
    while (value.scale > 0) {
        const Decimal shorter = value.truncated(value.scale - 1U);
        if (Decimal::compare(shorter, value) != 0) {
            break;
        }
        value = shorter;
    }
    const auto low = static_cast<std::int64_t>(value.limbs[0]);
    const std::uint64_t sign = low < 0 ? ~std::uint64_t{0} : 0;
    if (value.limbs[1] == sign && value.limbs[2] == sign && value.limbs[3] == sign) {
        return word_hash(low, value.scale);
    }
    std::uint64_t hash = value.scale;
    for (const std::uint64_t limb : value.limbs) {
        hash = combine(hash, limb);
    }
    return hash;
}

void append_text_key(std::string& out, std::string_view text, const ResultType& type);

std::uint64_t text_hash(std::string_view text, const ResultType& type,
                        const storage::Collation* collation) {
    if (type.type.id == TypeId::kJson) {
        std::string key;
        append_text_key(key, text, type);
        return XXH3_64bits(key.data(), key.size());
    }
    return collation == nullptr ? XXH3_64bits(text.data(), text.size()) : collation->hash(text);
}

const storage::Collation* collation_of_type(const ResultType& type) {
    return type.type.id == TypeId::kJson ? nullptr : collation_or_binary(type.type.collation);
}

std::uint64_t entry_hash(const ColumnVector& column, std::size_t row, const ResultType& type,
                         const storage::Collation* collation) {
    switch (column.kind) {
        case VectorKind::kF64:
            return real_bits(column.f64_at(row));
        case VectorKind::kDecimal:
            return word_hash(column.i64_at(row), column.scale);
        case VectorKind::kWideDecimal:
            return decimal_hash(column.wide[column.index(row)]);
        case VectorKind::kString:
            return text_hash(column.string_at(row), type, collation);
        default:
            return column.u64_at(row);
    }
}

}  // namespace

void hash_rows(std::span<const ColumnVector* const> columns,
               std::span<const ResultType* const> types, const Batch& rows,
               std::vector<std::uint64_t>& hashes) {
    hashes.assign(rows.row_count, 0);
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const ColumnVector& column = *columns[c];
        const bool integers = column.kind == VectorKind::kI64 || column.kind == VectorKind::kU64 ||
                              column.kind == VectorKind::kPacked;
        if (integers && column.nulls.empty() && !column.constant) {
            const std::int64_t* values = column.i64.data();
            for_rows(rows, [&](std::size_t row) {
                hashes[row] = combine(hashes[row], static_cast<std::uint64_t>(values[row]));
            });
            continue;
        }
        const storage::Collation* collation = collation_of_type(*types[c]);
        for_rows(rows, [&](std::size_t row) {
            const std::uint64_t value =
                column.is_null(row) ? kNullHash : entry_hash(column, row, *types[c], collation);
            hashes[row] = combine(hashes[row], value);
        });
    }
}

std::uint64_t hash_row(std::span<const ColumnVector* const> columns,
                       std::span<const ResultType* const> types, std::size_t row) {
    std::uint64_t hash = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const std::uint64_t value =
            columns[c]->is_null(row)
                ? kNullHash
                : entry_hash(*columns[c], row, *types[c], collation_of_type(*types[c]));
        hash = combine(hash, value);
    }
    return hash;
}

bool cells_equal(const ColumnVector& a, std::size_t row_a, const ColumnVector& b, std::size_t row_b,
                 const ResultType& type) {
    const bool null_a = a.is_null(row_a);
    const bool null_b = b.is_null(row_b);
    if (null_a || null_b) {
        return null_a && null_b;
    }
    if (a.kind == VectorKind::kString && a.string_at(row_a) == b.string_at(row_b)) {
        return true;
    }
    if (a.kind == b.kind && (a.kind == VectorKind::kI64 || a.kind == VectorKind::kU64)) {
        return a.i64_at(row_a) == b.i64_at(row_b);
    }
    return compare_entries(a, row_a, b, row_b, type.type.id == TypeId::kJson,
                           collation_of_type(type)) == 0;
}

int compare_cells(const ColumnVector& a, std::size_t row_a, const ColumnVector& b,
                  std::size_t row_b, const ResultType& type) {
    const bool null_a = a.is_null(row_a);
    const bool null_b = b.is_null(row_b);
    if (null_a || null_b) {
        return null_a == null_b ? 0 : (null_a ? -1 : 1);
    }
    if (type.type.id == TypeId::kEnum || type.type.id == TypeId::kSet) {
        const std::uint64_t x = label_number(a.string_at(row_a), type.type);
        const std::uint64_t y = label_number(b.string_at(row_b), type.type);
        return x < y ? -1 : (x > y ? 1 : 0);
    }
    return compare_entries(a, row_a, b, row_b, type.type.id == TypeId::kJson,
                           collation_of_type(type));
}

namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63U;

/// Most significant byte first, in one step.
void append_word(std::string& out, std::uint64_t value) {
    const std::uint64_t swapped = __builtin_bswap64(value);
    char bytes[sizeof swapped];
    std::memcpy(bytes, &swapped, sizeof swapped);
    out.append(bytes, sizeof bytes);
}

std::uint64_t ordered_bits(double value) noexcept {
    const std::uint64_t bits = real_bits(value);
    return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

/// 32 bytes, sign flipped, at scale 30 where it fits: decimals of one column have one scale, so the
/// unscaled number orders them.
void append_decimal_key(std::string& out, const Decimal& value) {
    append_word(out, value.limbs[3] ^ kSignBit);
    for (std::size_t i = 3; i-- > 0;) {
        append_word(out, value.limbs[i]);
    }
}

/// 00 becomes 00 ff, the end is 00 00: self-delimiting, and a prefix sorts first.
void append_escaped(std::string& out, std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t zero = bytes.find('\0', at);
        if (zero == std::string_view::npos) {
            break;
        }
        out.append(bytes.substr(at, zero - at));
        out.append("\0\xff", 2);
        at = zero + 1;
    }
    out.append(bytes.substr(at));
    out.append("\0\0", 2);
}

void append_json_key(std::string& out, const JsonValue& value);

void append_json_number(std::string& out, const JsonValue& value) {
    const double real = value.kind == JsonKind::kDouble ? value.real
                        : value.kind == JsonKind::kInt
                            ? static_cast<double>(value.integer)
                            : static_cast<double>(static_cast<std::uint64_t>(value.integer));
    append_word(out, ordered_bits(real));
    // Integers that round to one double are told apart behind it; 1.0 is 1.
    std::uint64_t rest = 0;
    if (value.kind == JsonKind::kInt) {
        rest = static_cast<std::uint64_t>(value.integer) ^ kSignBit;
    } else if (value.kind == JsonKind::kUInt) {
        rest = static_cast<std::uint64_t>(value.integer);
    } else if (std::nearbyint(real) == real && std::fabs(real) < 9.2e18) {
        rest = static_cast<std::uint64_t>(static_cast<std::int64_t>(real)) ^ kSignBit;
    }
    append_word(out, rest);
}

/// Objects have no order that matters (MySQL warns): members count, then text.
void append_json_key(std::string& out, const JsonValue& value) {
    switch (value.kind) {
        case JsonKind::kNull:
            out += '\x10';
            break;
        case JsonKind::kInt:
        case JsonKind::kUInt:
        case JsonKind::kDouble:
            out += '\x20';
            append_json_number(out, value);
            break;
        case JsonKind::kString:
            out += '\x30';
            append_escaped(out, value.text);
            break;
        case JsonKind::kObject:
            out += '\x40';
            append_word(out, value.members.size());
            append_escaped(out, json_text(value));
            break;
        case JsonKind::kArray:
            out += '\x50';
            for (const JsonValue& item : value.items) {
                out += '\x01';
                append_json_key(out, item);
            }
            out += '\0';
            break;
        case JsonKind::kBool:
            out += '\x60';
            out += value.boolean ? '\x01' : '\0';
            break;
    }
}

void append_text_key(std::string& out, std::string_view text, const ResultType& type) {
    if (type.type.id == TypeId::kJson) {
        const JsonParse parsed = parse_json(text);
        if (parsed.value.has_value()) {
            append_json_key(out, *parsed.value);
        } else {
            out += '\x70';
            append_escaped(out, text);
        }
        return;
    }
    if (type.type.id == TypeId::kEnum || type.type.id == TypeId::kSet) {
        append_word(out, label_number(text, type.type));
        return;
    }
    const storage::Collation* collation = collation_of_type(type);
    if (collation == nullptr) {
        append_escaped(out, text);
        return;
    }
    storage::Bytes weights;
    collation->append_sort_key(weights, text);
    append_escaped(out, weights);
}

void append_entry_key(std::string& out, const ColumnVector& vector, std::size_t row,
                      const ResultType& type) {
    switch (vector.kind) {
        case VectorKind::kF64:
            append_word(out, ordered_bits(vector.f64_at(row)));
            break;
        case VectorKind::kWideDecimal:
            append_decimal_key(
                out, vector.decimal_at(row).rescaled(Decimal::kMaxPrecision, type.type.scale));
            break;
        case VectorKind::kString:
            append_text_key(out, vector.string_at(row), type);
            break;
        case VectorKind::kU64:
            append_word(out, vector.u64_at(row));
            break;
        default:
            append_word(out, vector.u64_at(row) ^ kSignBit);
            break;
    }
}

}  // namespace

void append_order_key(std::string& out, const ColumnVector& vector, std::size_t row,
                      const ResultType& type, bool descending) {
    const std::size_t start = out.size();
    if (vector.is_null(row)) {
        out += '\0';
    } else {
        out += '\x01';
        append_entry_key(out, vector, row, type);
    }
    if (descending) {
        for (std::size_t i = start; i < out.size(); ++i) {
            out[i] = static_cast<char>(~static_cast<unsigned char>(out[i]));
        }
    }
}

void append_group_key(std::string& out, const ColumnVector& vector, std::size_t row,
                      const ResultType& type) {
    append_order_key(out, vector, row, type, false);
}

}  // namespace afterimage::sql

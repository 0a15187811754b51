// SPDX-License-Identifier: Apache-2.0
// Vectors converted to another type: loops for the pairs that queries are made of, the scalar
// conversions of cell.h for the rest.
#include <algorithm>
#include <limits>

#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/charset.h"
#include "sql/expr/json_convert.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;

namespace {

constexpr std::int64_t kPowers[] = {1,
                                    10,
                                    100,
                                    1000,
                                    10000,
                                    100000,
                                    1000000,
                                    10000000,
                                    100000000,
                                    1000000000,
                                    10000000000,
                                    100000000000,
                                    1000000000000,
                                    10000000000000,
                                    100000000000000,
                                    1000000000000000,
                                    10000000000000000,
                                    100000000000000000,
                                    1000000000000000000};

/// What every conversion below works on. `rows` is the batch, or one row for a constant.
struct Conversion {
    const ColumnVector& in;
    const ResultType& from;
    const ResultType& to;
    CastMode mode;
    const Batch& rows;
    EvalContext& context;
    ColumnVector& out;

    [[nodiscard]] Cell cell(std::size_t row) const { return {in, row, from}; }
    /// Active rows that are not NULL.
    template <class Fn>
    void each(Fn&& fn) const {
        for_rows(rows, [&](std::size_t row) {
            if (!in.is_null(row)) {
                fn(row);
            }
        });
    }
};

std::int64_t year_of(const Conversion& c, std::size_t row) {
    if (is_date_like(c.from)) {
        return storage::unpack_datetime(c.in.i64_at(row)).year;
    }
    const IntegerCell number = integer_of(c.cell(row), c.context);
    std::int64_t year = number.value;
    const bool zero_text = c.in.kind == VectorKind::kString && c.in.string_at(row).size() < 4;
    if (year == 0 && !zero_text) {
        return 0;
    }
    if (year >= 0 && year < 70) {
        year += 2000;
    } else if (year >= 70 && year < 100) {
        year += 1900;
    }
    return year;
}

void to_year(const Conversion& c) {
    c.each([&](std::size_t row) {
        const std::int64_t year = year_of(c, row);
        if (year != 0 && (year < 1901 || year > 2155)) {
            std::string text;
            append_text(text, c.in, row, c.from);
            warn_truncated(c.context, "YEAR", text);
            c.out.set_null(row);
            return;
        }
        c.out.i64[row] = year;
    });
}

/// A negative number or text CAST AS UNSIGNED, an unsigned one CAST AS SIGNED: the bits stay, with
/// a warning where the text hid it.
void warn_complement(const Conversion& c, const IntegerCell& number) {
    if (c.mode != CastMode::kExplicit || c.in.kind != VectorKind::kString) {
        return;
    }
    if (c.to.type.is_unsigned && !number.is_unsigned && number.value < 0) {
        c.context.warn(1105,
                       "Cast to unsigned converted negative integer to its positive complement");
    } else if (!c.to.type.is_unsigned && number.is_unsigned) {
        c.context.warn(1105,
                       "Cast to signed converted positive out-of-range integer to its negative "
                       "complement");
    }
}

void to_integer(const Conversion& c) {
    if (c.to.type.id == TypeId::kYear) {
        to_year(c);
        return;
    }
    if (c.in.kind == VectorKind::kI64 || c.in.kind == VectorKind::kU64) {
        c.each([&](std::size_t row) { c.out.i64[row] = c.in.i64_at(row); });
        return;
    }
    const bool is_unsigned = c.to.type.is_unsigned;
    c.each([&](std::size_t row) {
        if (c.in.kind == VectorKind::kF64 && is_unsigned && c.in.f64_at(row) >= 0) {
            c.out.i64[row] = static_cast<std::int64_t>(round_to_uint(c.in.f64_at(row)));
            return;
        }
        const bool decimal =
            c.in.kind == VectorKind::kDecimal || c.in.kind == VectorKind::kWideDecimal;
        if (decimal && is_unsigned && c.in.decimal_at(row).is_negative() &&
            c.in.decimal_at(row).to_int() < 0) {
            warn_truncated(c.context, "DECIMAL", c.in.decimal_at(row).text());
            c.out.i64[row] = 0;
            return;
        }
        const IntegerCell number = integer_of(c.cell(row), c.context);
        warn_complement(c, number);
        const bool saturate = decimal && !is_unsigned && number.is_unsigned;
        c.out.i64[row] = saturate ? std::numeric_limits<std::int64_t>::max() : number.value;
        if (saturate) {
            warn_truncated(c.context, "DECIMAL", c.in.decimal_at(row).text());
        }
    });
}

void to_real(const Conversion& c) {
    const bool single = c.to.type.id == TypeId::kFloat && c.mode == CastMode::kExplicit;
    if (c.in.kind == VectorKind::kI64 && !single) {
        c.each([&](std::size_t row) { c.out.f64[row] = static_cast<double>(c.in.i64_at(row)); });
        return;
    }
    c.each([&](std::size_t row) {
        const double value = real_of(c.cell(row), c.context);
        c.out.f64[row] = single ? static_cast<double>(static_cast<float>(value)) : value;
    });
}

void store_decimal(const Conversion& c, std::size_t row, const Decimal& value) {
    bool overflow = false;
    const Decimal fitted = value.rescaled(c.to.type.length, c.to.type.scale, &overflow);
    if (overflow) {
        c.context.warn(1264, "Out of range value for column 'cast as decimal' at row 1");
    }
    if (c.out.kind == VectorKind::kWideDecimal) {
        c.out.wide[row] = fitted;
    } else {
        c.out.i64[row] = static_cast<std::int64_t>(fitted.limbs[0]);
    }
}

void to_decimal(const Conversion& c) {
    const bool narrow = c.out.kind == VectorKind::kDecimal;
    const unsigned scale_in = c.in.kind == VectorKind::kDecimal ? c.in.scale : 0;
    if (narrow && (c.in.kind == VectorKind::kI64 || c.in.kind == VectorKind::kDecimal) &&
        c.to.type.scale >= scale_in && c.to.type.length >= 1) {
        const std::int64_t factor = kPowers[c.to.type.scale - scale_in];
        const std::int64_t most = kPowers[c.to.type.length] - 1;
        c.each([&](std::size_t row) {
            const std::int64_t value = c.in.i64_at(row);
            if (value <= most / factor && value >= -(most / factor)) {
                c.out.i64[row] = value * factor;
            } else {
                store_decimal(
                    c, row,
                    c.in.kind == VectorKind::kI64 ? Decimal::of_int(value) : c.in.decimal_at(row));
            }
        });
        return;
    }
    c.each([&](std::size_t row) { store_decimal(c, row, decimal_of(c.cell(row), c.context)); });
}

constexpr std::int64_t kTimeOfDayMask = (std::int64_t{1} << 41U) - 1;

void to_temporal(const Conversion& c) {
    const TypeId target = c.to.type.id;
    const unsigned digits = c.to.type.scale;
    const bool cut = (c.context.statement.sql_mode & kModeTimeTruncateFractional) != 0;
    c.each([&](std::size_t row) {
        if (target == TypeId::kTime) {
            const std::optional<std::int64_t> time = time_of(c.cell(row), c.context);
            if (!time.has_value()) {
                c.out.set_null(row);
            } else {
                c.out.i64[row] = cut || digits >= 6 ? *time : storage::round_time(*time, digits);
            }
            return;
        }
        const std::optional<std::int64_t> moment = datetime_of(c.cell(row), c.context);
        if (!moment.has_value()) {
            c.out.set_null(row);
        } else if (target == TypeId::kDate) {
            c.out.i64[row] = *moment & ~kTimeOfDayMask;
        } else {
            c.out.i64[row] = digits >= 6 ? *moment : storage::round_datetime(*moment, digits);
        }
    });
}

/// Cuts to the length of CAST(… AS CHAR(n)), pads BINARY(n).
std::string_view fit_length(const Conversion& c, std::string_view text, std::string& buffer) {
    const std::uint32_t length = c.to.type.length;
    const storage::Collation* collation = storage::find_collation(c.to.type.collation);
    const bool binary = c.to.type.collation == kBinaryCollation || collation == nullptr;
    if (binary) {
        if (text.size() > length) {
            c.context.warn(1292, "Truncated incorrect BINARY(" + std::to_string(length) +
                                     ") value: '" + printable(text) + "'");
            return text.substr(0, length);
        }
        if (text.size() < length) {
            if (length > c.context.statement.max_allowed_packet) {
                return text;
            }
            buffer.assign(text);
            buffer.resize(length, '\0');
            return buffer;
        }
        return text;
    }
    if (text.size() <= length) {
        return text;
    }
    const std::size_t end = storage::char_offset(collation->charset(), text, length);
    if (end < text.size()) {
        c.context.warn(1292, "Truncated incorrect CHAR(" + std::to_string(length) + ") value: '" +
                                 printable(text) + "'");
    }
    return text.substr(0, end);
}

/// Bytes become text as they are; where they are none, strict mode gives NULL (false), else the
/// good part is kept.
bool is_well_formed(const Conversion& c, std::size_t row, std::string_view& text) {
    const storage::Collation* collation = storage::find_collation(c.to.type.collation);
    if (collation == nullptr) {
        return true;
    }
    const std::size_t whole = storage::well_formed_prefix(collation->charset(), text);
    if (whole == text.size()) {
        return true;
    }
    std::string hex;
    for (const char byte : text.substr(whole, 6)) {
        static constexpr char kDigits[] = "0123456789ABCDEF";
        hex += kDigits[static_cast<unsigned char>(byte) >> 4U];
        hex += kDigits[static_cast<unsigned char>(byte) & 15U];
    }
    c.context.warn(1300, error_message(ErrorCode::ER_INVALID_CHARACTER_STRING,
                                       collation->charset_name(), hex));
    if ((c.context.statement.sql_mode & (kModeStrictTransTables | kModeStrictAllTables)) != 0) {
        c.out.set_null(row);
        return false;
    }
    text = text.substr(0, whole);
    return true;
}

void to_text(const Conversion& c) {
    const bool from_text = c.in.kind == VectorKind::kString;
    // JSON is utf8mb4; numbers and dates are ASCII.
    const storage::CollationId from_collation = !from_text ? kAsciiGeneralCi
                                                : c.from.type.id == TypeId::kJson
                                                    ? kUtf8mb4Bin
                                                    : c.from.type.collation;
    const bool as_is = same_charset(from_collation, c.to.type.collation) ||
                       c.to.type.collation == kBinaryCollation ||
                       from_collation == kBinaryCollation;
    const bool fit = c.mode == CastMode::kExplicit && c.to.type.length != ~std::uint32_t{0};
    const bool check =
        from_text && from_collation == kBinaryCollation && c.to.type.collation != kBinaryCollation;
    std::string text;
    std::string converted;
    std::string fitted;
    c.each([&](std::size_t row) {
        std::string_view result;
        bool borrowed = from_text;
        if (from_text) {
            result = c.in.string_at(row);
        } else {
            text.clear();
            append_text(text, c.in, row, c.from);
            result = text;
        }
        if (!as_is) {
            converted.clear();
            charset_convert(converted, result, from_collation, c.to.type.collation);
            borrowed = borrowed && converted == result;
            result = borrowed ? result : std::string_view(converted);
        }
        if (check && !is_well_formed(c, row, result)) {
            return;
        }
        if (fit) {
            result = fit_length(c, result, fitted);
            borrowed = borrowed && result.data() != fitted.data();
        }
        c.out.strings[row] = borrowed ? result : c.context.arena->copy(result);
    });
}

void to_json(const Conversion& c) {
    std::string text;
    c.each([&](std::size_t row) {
        text.clear();
        if (c.mode == CastMode::kExplicit) {
            append_json_cast(text, c.cell(row), c.context);
        } else {
            append_json_of(text, c.cell(row), c.context);
        }
        c.out.strings[row] = c.context.arena->copy(text);
    });
}

void convert(const Conversion& c) {
    switch (c.out.kind) {
        case VectorKind::kI64:
        case VectorKind::kU64:
            to_integer(c);
            break;
        case VectorKind::kF64:
            to_real(c);
            break;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            to_decimal(c);
            break;
        case VectorKind::kPacked:
            to_temporal(c);
            break;
        case VectorKind::kString:
            if (c.to.type.id == TypeId::kJson) {
                to_json(c);
            } else {
                to_text(c);
            }
            break;
    }
}

}  // namespace

void cast_vector(const ColumnVector& in, const ResultType& from, const ResultType& to,
                 CastMode mode, const Batch& rows, EvalContext& context, ColumnVector& out) {
    const VectorKind kind = vector_kind(to);
    const std::uint8_t scale = kind == VectorKind::kDecimal ? to.type.scale : std::uint8_t{0};
    if (from.is_null_literal) {
        prepare_constant(out, kind, scale);
        out.set_null(0);
        return;
    }
    if (in.constant) {
        prepare_constant(out, kind, scale);
        merge_nulls(out, in, 1);
        const Batch one = single_row();
        convert({in, from, to, mode, one, context, out});
        return;
    }
    prepare(out, kind, rows.row_count, scale);
    merge_nulls(out, in, rows.row_count);
    convert({in, from, to, mode, rows, context, out});
}

}  // namespace afterimage::sql

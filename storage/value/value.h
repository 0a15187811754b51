// SPDX-License-Identifier: Apache-2.0
// One cell: the value of one column in one row, or NULL, in the store's canonical form.
//
// The column's type (storage/schema/column_type.h) fixes which kind a cell has:
//   KIND        COLUMN TYPES                                     PAYLOAD
//   kInt        TINYINT … BIGINT signed                          int64
//   kUInt       the same unsigned; BIT, YEAR, ENUM (index, 0 = the empty error value), SET (bitmap)
//   uint64 kFloat      FLOAT                                            float kDouble     DOUBLE
//   double kDecimal    DECIMAL(p,s)                                     Decimal, scale = the
//   column's kDate       DATE                                             packed int64,
//   storage/value/temporal.h kDateTime   DATETIME(f)                                      packed
//   int64 kTime       TIME(f)                                          packed int64, signed
//   kTimestamp  TIMESTAMP(f)                                     microseconds since 1970-01-01 UTC;
//   0 = the zero date kBytes      CHAR … LONGTEXT, BINARY … LONGBLOB, JSON, spatial types    bytes
//   in the column's charset; JSON as its text in
//               MySQL's normal form (value/json.h) or, under MariaDB, as the text that was written;
//               spatial as SRID + WKB
//
// A plain value type; thread-safe to read. CHAR is held without trailing spaces, BINARY(n) padded
// to n bytes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "storage/bytes/byte_view.h"
#include "storage/value/decimal.h"

namespace afterimage::storage {

enum class ValueKind : std::uint8_t {
    kNull,
    kInt,
    kUInt,
    kFloat,
    kDouble,
    kDecimal,
    kDate,
    kDateTime,
    kTime,
    kTimestamp,
    kBytes
};

class Value {
  public:
    Value() noexcept = default;  ///< NULL

    static Value of_int(std::int64_t value) { return Value(ValueKind::kInt, value); }
    static Value of_uint(std::uint64_t value) {
        return Value(ValueKind::kUInt, static_cast<std::int64_t>(value));
    }
    static Value of_float(float value) {
        Value v;
        v.kind_ = ValueKind::kFloat;
        v.real_ = static_cast<double>(value);
        return v;
    }
    static Value of_double(double value) {
        Value v;
        v.kind_ = ValueKind::kDouble;
        v.real_ = value;
        return v;
    }
    static Value of_decimal(const Decimal& value) {
        Value v;
        v.kind_ = ValueKind::kDecimal;
        v.decimal_ = value;
        return v;
    }
    static Value of_date(std::int64_t packed) { return Value(ValueKind::kDate, packed); }
    static Value of_datetime(std::int64_t packed) { return Value(ValueKind::kDateTime, packed); }
    static Value of_time(std::int64_t packed) { return Value(ValueKind::kTime, packed); }
    static Value of_timestamp(std::int64_t micros) { return Value(ValueKind::kTimestamp, micros); }
    static Value of_bytes(Bytes bytes) {
        Value v;
        v.kind_ = ValueKind::kBytes;
        v.bytes_ = std::move(bytes);
        return v;
    }

    [[nodiscard]] ValueKind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is_null() const noexcept { return kind_ == ValueKind::kNull; }

    // Each accessor requires the kind named in the table above.
    [[nodiscard]] std::int64_t as_int() const noexcept { return integer_; }
    [[nodiscard]] std::uint64_t as_uint() const noexcept {
        return static_cast<std::uint64_t>(integer_);
    }
    [[nodiscard]] float as_float() const noexcept { return static_cast<float>(real_); }
    [[nodiscard]] double as_double() const noexcept { return real_; }  ///< of kFloat too
    [[nodiscard]] const Decimal& as_decimal() const noexcept { return decimal_; }
    [[nodiscard]] std::int64_t as_packed() const noexcept {
        return integer_;
    }  ///< kDate, kDateTime, kTime
    [[nodiscard]] std::int64_t as_micros() const noexcept { return integer_; }  ///< kTimestamp
    [[nodiscard]] const Bytes& as_bytes() const& noexcept { return bytes_; }
    [[nodiscard]] Bytes as_bytes() && noexcept { return std::move(bytes_); }

    /// Same kind and same bits: the tripwire's and the change set's notion of equality (FLOAT by
    /// bits, -0.0 ≠ 0.0, no collation).
    [[nodiscard]] bool same_as(const Value& other) const noexcept;

  private:
    Value(ValueKind kind, std::int64_t integer) noexcept : kind_(kind), integer_(integer) {}

    ValueKind kind_ = ValueKind::kNull;
    std::int64_t integer_ = 0;
    double real_ = 0;
    Decimal decimal_;
    Bytes bytes_;
};

}  // namespace afterimage::storage

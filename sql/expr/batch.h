// SPDX-License-Identifier: Apache-2.0
// Rows in columns: what operators pass to each other and what a result is made of. At most kMaxRows
// rows a batch.
//
// Not thread-safe; a batch belongs to the operator that filled it until its next call. String bytes
// live in the batch's arena or in whatever the filler pinned (Batch::pin); views in it are valid
// until the filler is asked for the next batch.
//
// Invariants: 1. Every column has `row_count` entries, or one entry when it is constant.  2. Data
// under a set null bit is unspecified.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "storage/value/decimal.h"
#include "storage/value/value.h"

namespace afterimage::sql {

/// How a column's values lie in memory.
enum class VectorKind : std::uint8_t {
    kI64,          ///< signed integers; booleans
    kU64,          ///< unsigned integers, BIT, YEAR, ENUM index, SET bitmap
    kF64,          ///< DOUBLE and FLOAT (a FLOAT's value is exactly representable)
    kDecimal,      ///< scaled integers in 64 bits where the type's precision is ≤ 18, see
                   ///< ColumnVector::decimal_at
    kWideDecimal,  ///< storage::Decimal, precision up to 65
    kPacked,       ///< DATE, DATETIME, TIMESTAMP (already in the session's time zone), TIME:
                   ///< storage/value/temporal.h
    kString,       ///< character, binary, JSON, ENUM/SET as text, spatial
};

class ColumnVector {
  public:
    VectorKind kind = VectorKind::kI64;
    bool constant = false;            ///< one entry stands for every row
    std::uint8_t scale = 0;           ///< of kDecimal
    std::vector<std::uint8_t> nulls;  ///< 1 = NULL; empty = no NULL at all
    std::vector<std::int64_t> i64;    ///< kI64, kU64 (same bits), kDecimal, kPacked
    std::vector<double> f64;
    std::vector<storage::Decimal> wide;
    std::vector<std::string_view> strings;

    [[nodiscard]] std::size_t index(std::size_t row) const noexcept { return constant ? 0 : row; }
    [[nodiscard]] bool is_null(std::size_t row) const noexcept {
        return !nulls.empty() && nulls[index(row)] != 0;
    }
    [[nodiscard]] std::int64_t i64_at(std::size_t row) const noexcept { return i64[index(row)]; }
    [[nodiscard]] std::uint64_t u64_at(std::size_t row) const noexcept {
        return static_cast<std::uint64_t>(i64[index(row)]);
    }
    [[nodiscard]] double f64_at(std::size_t row) const noexcept { return f64[index(row)]; }
    [[nodiscard]] std::string_view string_at(std::size_t row) const noexcept {
        return strings[index(row)];
    }
    /// Of kDecimal and kWideDecimal.
    [[nodiscard]] storage::Decimal decimal_at(std::size_t row) const;

    void clear(VectorKind new_kind);
    void reserve(std::size_t rows);
    /// Number of entries.
    [[nodiscard]] std::size_t size() const noexcept;
    /// Grows with zeros, 0.0, empty strings, or cuts.
    void resize(std::size_t rows);
    void append_null();
    void set_null(std::size_t row);  ///< of an appended row
};

/// Bytes that live until clear(): string results of expressions.
class StringArena {
  public:
    [[nodiscard]] std::string_view copy(std::string_view bytes);
    [[nodiscard]] char* allocate(std::size_t size_bytes);
    void clear() noexcept;
    [[nodiscard]] std::size_t size_bytes() const noexcept { return size_bytes_; }

  private:
    std::vector<std::unique_ptr<char[]>> chunks_;
    std::size_t used_ = 0;
    std::size_t capacity_ = 0;
    std::size_t size_bytes_ = 0;
};

struct Batch {
    static constexpr std::size_t kMaxRows = 1024;

    std::vector<ColumnVector> columns;
    std::size_t row_count = 0;
    /// Rows that take part, ascending; empty with `selected` false = all.
    std::vector<std::uint16_t> selection;
    bool selected = false;
    StringArena arena;
    std::vector<std::shared_ptr<const void>> pins;  ///< nodes and rows that string views point into

    [[nodiscard]] std::size_t active_count() const noexcept {
        return selected ? selection.size() : row_count;
    }
    [[nodiscard]] std::size_t active_row(std::size_t i) const noexcept {
        return selected ? selection[i] : i;
    }
    void clear() noexcept;
};

}  // namespace afterimage::sql

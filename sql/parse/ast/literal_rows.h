// SPDX-License-Identifier: Apache-2.0
// The rows of INSERT … VALUES, compact: eight bytes a cell, because extended INSERTs of dumps bring
// millions of literals in one statement and an expression tree for each would weigh thirty times
// their text. A literal cell names its place in the statement text and is decoded when asked for;
// only a cell that is not a plain literal has an expression.
//
// Immutable after parsing and safe to read from several threads. Needs the statement text and the
// arena alive.
//
// Cell, two words:   word 0  place in `text_` (literals), index (kExpression, kParameter)
//                    word 1  kind in the top 4 bits, length in the low 28
#pragma once

#include <string>

#include "sql/parse/ast/expression.h"

namespace afterimage::sql {
class LiteralRowsBuilder;
}

namespace afterimage::sql::ast {

enum class CellKind : std::uint8_t {
    kNull,
    kDefault,
    kTrue,
    kFalse,
    kInteger,      ///< [+-]digits
    kDecimal,      ///< [+-]digits with a point
    kFloat,        ///< [+-]number with an exponent
    kPlainString,  ///< the value is the source between its quotes, without any escape
    kString,  ///< needs decoding: escapes, doubled quotes, adjacent strings, introducer, N'…'
    kHex,     ///< 0x…, x'…'
    kBit,     ///< 0b…, b'…'
    kParameter,
    kExpression,
};

/// A decoded cell. `value` points into the statement text, or into the scratch string given.
struct CellValue {
    CellKind kind = CellKind::kNull;
    std::string_view value;    ///< number text with its sign; decoded bytes of strings, hex, bit
    std::string_view charset;  ///< introducer; empty = none
    bool national = false;
    std::uint32_t parameter = 0;
    const Expr* expression = nullptr;
    std::string_view text;  ///< source, for messages
};

class LiteralRows {
  public:
    [[nodiscard]] std::size_t row_count() const noexcept { return row_count_; }
    /// Cells in each row. `VALUES ()` has 0.
    [[nodiscard]] std::size_t column_count() const noexcept { return column_count_; }
    /// The first row (from 1) whose length differs from the first row's, which is an error (1136)
    /// for the binder; 0 = none. Rows from there on are not kept.
    [[nodiscard]] std::size_t ragged_row() const noexcept { return ragged_row_; }
    /// True if no cell is an expression or a parameter.
    [[nodiscard]] bool all_literals() const noexcept { return all_literals_; }

    [[nodiscard]] CellKind kind(std::size_t row, std::size_t column) const noexcept {
        return static_cast<CellKind>(cell(row, column).kind_and_length >> kLengthBits);
    }
    /// Strings that need decoding are written to `scratch`, which the value then points into.
    [[nodiscard]] CellValue value(std::size_t row, std::size_t column, std::string& scratch) const;

    /// Longest literal that a cell can hold; longer ones are kept as expressions.
    static constexpr std::size_t kMaxLiteralSize = (std::size_t{1} << 28U) - 1;

  private:
    friend class sql::LiteralRowsBuilder;

    struct Cell {
        std::uint32_t place;
        std::uint32_t kind_and_length;
    };
    static constexpr unsigned kLengthBits = 28;
    static constexpr unsigned kBlockBits = 10;  // 8 KiB blocks: no copy while growing, little waste
    static constexpr std::size_t kBlockCells = std::size_t{1} << kBlockBits;

    [[nodiscard]] const Cell& cell(std::size_t row, std::size_t column) const noexcept {
        const std::size_t at = row * column_count_ + column;
        return blocks_[at >> kBlockBits][at & (kBlockCells - 1)];
    }

    std::string_view text_;
    List<Cell*> blocks_;
    List<const Expr*> expressions_;
    std::size_t row_count_ = 0;
    std::size_t column_count_ = 0;
    std::size_t ragged_row_ = 0;
    bool all_literals_ = true;
    bool no_backslash_escapes_ = false;
    bool ansi_quotes_ = false;
};

}  // namespace afterimage::sql::ast

// SPDX-License-Identifier: Apache-2.0
// The only writer of LiteralRows: row by row, cell by cell, a started row may be dropped.
#pragma once

#include "sql/parse/ast/literal_rows.h"
#include "sql/parse/parser_arena.h"

namespace afterimage::sql {

class LiteralRowsBuilder {
  public:
    LiteralRowsBuilder(ParserArena& arena, std::string_view text, const ParseOptions& options);

    void begin_row() noexcept { row_start_ = cell_count_; }
    void drop_row() noexcept { cell_count_ = row_start_; }
    /// Keeps the row, or notes that its length differs from the first's.
    void end_row();

    void add_literal(ast::CellKind kind, const char* from, const char* to);
    /// As compact as the expression allows.
    void add_expression(const ast::Expr& expr);

    [[nodiscard]] const ast::LiteralRows* rows() const noexcept { return rows_; }

  private:
    void add_cell(ast::CellKind kind, std::uint32_t place, std::size_t size);

    ParserArena& arena_;
    ast::LiteralRows* rows_;
    std::size_t row_start_ = 0;
    std::size_t cell_count_ = 0;
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/ast/literal_rows.h"

#include <new>

#include "sql/parse/literal_rows_builder.h"
#include "sql/parse/string_literal.h"

namespace afterimage::sql {
namespace ast {
namespace {

bool is_number(CellKind kind) {
    return kind == CellKind::kInteger || kind == CellKind::kDecimal || kind == CellKind::kFloat;
}

}  // namespace

CellValue LiteralRows::value(std::size_t row, std::size_t column, std::string& scratch) const {
    const Cell& at = cell(row, column);
    const std::size_t size = at.kind_and_length & ((1U << kLengthBits) - 1);
    CellValue value;
    value.kind = static_cast<CellKind>(at.kind_and_length >> kLengthBits);
    if (value.kind == CellKind::kParameter) {
        value.parameter = at.place;
        return value;
    }
    if (value.kind == CellKind::kExpression) {
        value.expression = expressions_[at.place];
        value.text = value.expression->text;
        return value;
    }
    value.text = text_.substr(at.place, size);
    if (value.kind == CellKind::kPlainString) {
        value.value = value.text.substr(1, size - 2);
    } else if (is_number(value.kind)) {
        value.value = value.text.front() == '+' ? value.text.substr(1) : value.text;
    } else if (value.kind == CellKind::kString || value.kind == CellKind::kHex ||
               value.kind == CellKind::kBit) {
        ParseOptions options;
        options.no_backslash_escapes = no_backslash_escapes_;
        options.ansi_quotes = ansi_quotes_;
        const DecodedLiteral decoded = decode_literal(value.text, options, scratch);
        value.value = decoded.value;
        value.charset = decoded.charset;
        value.national = decoded.national;
    }
    return value;
}

}  // namespace ast

using ast::CellKind;
using ast::LiteralRows;

LiteralRowsBuilder::LiteralRowsBuilder(ParserArena& arena, std::string_view text,
                                       const ParseOptions& options)
    : arena_(arena),
      rows_(new (arena.allocate(sizeof(LiteralRows), alignof(LiteralRows))) LiteralRows) {
    rows_->text_ = text;
    rows_->no_backslash_escapes_ = options.no_backslash_escapes;
    rows_->ansi_quotes_ = options.ansi_quotes;
}

void LiteralRowsBuilder::end_row() {
    const std::size_t size = cell_count_ - row_start_;
    if (rows_->row_count_ == 0) {
        rows_->column_count_ = size;
    } else if (size != rows_->column_count_ && rows_->ragged_row_ == 0) {
        rows_->ragged_row_ = rows_->row_count_ + 1;
    }
    if (rows_->ragged_row_ != 0) {
        drop_row();
        return;
    }
    ++rows_->row_count_;
}

void LiteralRowsBuilder::add_cell(CellKind kind, std::uint32_t place, std::size_t size) {
    const std::size_t block = cell_count_ >> LiteralRows::kBlockBits;
    if (block == rows_->blocks_.size()) {
        rows_->blocks_.push_back(
            static_cast<LiteralRows::Cell*>(arena_.allocate(
                sizeof(LiteralRows::Cell) * LiteralRows::kBlockCells, alignof(LiteralRows::Cell))),
            arena_);
    }
    rows_->blocks_[block][cell_count_ & (LiteralRows::kBlockCells - 1)] = {
        place, static_cast<std::uint32_t>(kind) << LiteralRows::kLengthBits |
                   static_cast<std::uint32_t>(size)};
    ++cell_count_;
}

void LiteralRowsBuilder::add_literal(CellKind kind, const char* from, const char* to) {
    add_cell(kind, static_cast<std::uint32_t>(from - rows_->text_.data()),
             static_cast<std::size_t>(to - from));
}

void LiteralRowsBuilder::add_expression(const ast::Expr& expr) {
    if (expr.kind == ast::ExprKind::kParameter) {
        rows_->all_literals_ = false;
        add_cell(CellKind::kParameter, ast::as<ast::ParameterExpr>(expr).index, 0);
        return;
    }
    if (expr.kind == ast::ExprKind::kDefault && ast::as<ast::DefaultExpr>(expr).column == nullptr) {
        add_literal(CellKind::kDefault, expr.text.data(), expr.text.data() + expr.text.size());
        return;
    }
    rows_->all_literals_ = false;
    rows_->expressions_.push_back(&expr, arena_);
    add_cell(CellKind::kExpression, static_cast<std::uint32_t>(rows_->expressions_.size() - 1), 0);
}

}  // namespace afterimage::sql

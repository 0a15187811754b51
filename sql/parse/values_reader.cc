// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/values_reader.h"

#include "sql/parse/ast_builder.h"
#include "sql/parse/string_literal.h"

namespace afterimage::sql::values_reader {
namespace {

using ast::CellKind;

struct Literal {
    CellKind kind;
    const char* from;
    const char* to;
};

bool number_kind(const Token& token, CellKind& kind) {
    switch (token.kind) {
        case T_INTEGER:
            kind = CellKind::kInteger;
            return true;
        case T_DECIMAL:
            kind = CellKind::kDecimal;
            return true;
        case T_FLOAT:
            kind = CellKind::kFloat;
            return true;
        default:
            return false;
    }
}

// One cell and, in `token`, what follows it. False if it is not a literal.
bool read_cell(Lexer& lexer, Token& token, Literal& out) {
    out.from = token.data;
    out.to = token.end();
    switch (token.kind) {
        case T_NULL:
            out.kind = CellKind::kNull;
            break;
        case T_TRUE:
            out.kind = CellKind::kTrue;
            break;
        case T_FALSE:
            out.kind = CellKind::kFalse;
            break;
        case T_DEFAULT:
            out.kind = CellKind::kDefault;
            break;
        case T_HEX:
            out.kind = CellKind::kHex;
            break;
        case T_BIT:
            out.kind = CellKind::kBit;
            break;
        case T_STRING:
            out.kind = token.flags == 0 ? CellKind::kPlainString : CellKind::kString;
            break;
        case T_PLUS:
        case T_MINUS: {
            // Only where the sign touches the number, so that the cell's text is the number's.
            const Token number = lexer.next();
            if (number.data != token.end() || !number_kind(number, out.kind)) {
                return false;
            }
            out.to = number.end();
            break;
        }
        case T_ID: {
            if (token.text().front() != '_' || !is_charset_name(token.text().substr(1))) {
                return false;
            }
            const Token literal = lexer.next();
            if (!literal.is(T_STRING) && !literal.is(T_HEX) && !literal.is(T_BIT)) {
                return false;
            }
            out.kind = CellKind::kString;
            out.to = literal.end();
            break;
        }
        default:
            if (!number_kind(token, out.kind)) {
                return false;
            }
            break;
    }
    token = lexer.next();
    while (token.is(T_STRING) &&
           (out.kind == CellKind::kPlainString || out.kind == CellKind::kString)) {
        out.kind = CellKind::kString;
        out.to = token.end();
        token = lexer.next();
    }
    return static_cast<std::size_t>(out.to - out.from) <= ast::LiteralRows::kMaxLiteralSize;
}

// `( cell, … )`; `end` is behind the closing parenthesis.
bool read_row(Lexer& lexer, LiteralRowsBuilder& rows, const char*& end) {
    if (!lexer.next().is(T_LP)) {
        return false;
    }
    Token token = lexer.next();
    if (token.is(T_RP)) {
        return false;
    }
    while (true) {
        Literal literal{};
        if (!read_cell(lexer, token, literal)) {
            return false;
        }
        rows.add_literal(literal.kind, literal.from, literal.to);
        if (token.is(T_RP)) {
            end = token.end();
            return true;
        }
        if (!token.is(T_COMMA)) {
            return false;
        }
        token = lexer.next();
    }
}

}  // namespace

bool read_rows(Lexer& lexer, AstBuilder& builder, Token& out) {
    const Lexer::Mark start = lexer.mark();
    Lexer::Mark behind = start;
    const char* end = nullptr;
    LiteralRowsBuilder& rows = builder.rows();
    while (true) {
        rows.begin_row();
        if (!read_row(lexer, rows, end)) {
            rows.drop_row();
            break;
        }
        rows.end_row();
        behind = lexer.mark();
        if (!lexer.next().is(T_COMMA)) {
            break;
        }
    }
    lexer.rewind(behind);
    if (end == nullptr) {
        return false;
    }
    // The token covers the last row only: a 32-bit size need not hold the run.
    out = Token{end - 1, 1, T_LITERAL_ROWS, 0};
    return true;
}

}  // namespace afterimage::sql::values_reader

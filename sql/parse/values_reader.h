// SPDX-License-Identifier: Apache-2.0
// Reads the rows of INSERT … VALUES that are nothing but literals, past the grammar: a 64 MiB
// extended INSERT of a dump would otherwise be millions of reductions and expression nodes.
#pragma once

#include "sql/parse/lexer.h"

namespace afterimage::sql {

class AstBuilder;

namespace values_reader {

/// With the lexer before a row: reads as many rows of literals as follow, adds them to the
/// builder's rows and makes one T_LITERAL_ROWS of them. The lexer then stands behind the last such
/// row. False, with the lexer where it was, if the first row is not one.
[[nodiscard]] bool read_rows(Lexer& lexer, AstBuilder& builder, Token& out);

}  // namespace values_reader

}  // namespace afterimage::sql

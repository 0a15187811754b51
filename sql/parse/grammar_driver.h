// SPDX-License-Identifier: Apache-2.0
// The one entry into the generated parser (mysql.y): feeds it tokens until the statement ends or it
// gives up. The parser object lives on the stack of this call, so that a builder may throw.
#pragma once

namespace afterimage::sql {

/// %stack_size of mysql.y.
inline constexpr int kParserStackEntries = 3000;

class AstBuilder;
class TokenStream;

/// Sets builder.failed or builder.overflowed where parsing stopped; builder.current is the token it
/// stopped at. `first_token` selects another start: T_PARSE_EXPRESSION, T_PARSE_QUERY; 0 =
/// statement.
void run_grammar(TokenStream& tokens, AstBuilder& builder, int first_token);

}  // namespace afterimage::sql

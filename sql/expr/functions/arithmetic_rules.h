// SPDX-License-Identifier: Apache-2.0
// What + - * / DIV % and the rounding functions share.
#pragma once

#include <string_view>

#include "sql/expr/expression.h"
#include "sql/expr/type_rules.h"

namespace afterimage::sql {

/// 1690 "BIGINT value is out of range in '(…)'".
[[noreturn]] void throw_out_of_range(std::string_view type_name, const Expression& node);
/// numeric_class of the operand; a hex literal is an integer.
[[nodiscard]] ValueClass arithmetic_class(const Expression& e);

}  // namespace afterimage::sql

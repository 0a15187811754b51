// SPDX-License-Identifier: Apache-2.0
// The tables of functions, one a family: the list that find_function searches.
//
// To add a function: a FunctionDef row in the family's table, its kernel above it, a line in the
// expression tests. To add a family: a file, its table declared here and listed in
// function_tables.cc and CMakeLists.txt.
#pragma once

#include <span>

#include "sql/expr/function_registry.h"

namespace afterimage::sql {

using FunctionTable = std::span<const FunctionDef>;

[[nodiscard]] FunctionTable comparison_functions();
[[nodiscard]] FunctionTable set_membership_functions();
[[nodiscard]] FunctionTable logic_functions();
[[nodiscard]] FunctionTable control_functions();
[[nodiscard]] FunctionTable arithmetic_functions();
[[nodiscard]] FunctionTable division_functions();
[[nodiscard]] FunctionTable bit_functions();
[[nodiscard]] FunctionTable like_functions();
[[nodiscard]] FunctionTable regexp_functions();
[[nodiscard]] FunctionTable string_functions();
[[nodiscard]] FunctionTable string_part_functions();
[[nodiscard]] FunctionTable string_search_functions();
[[nodiscard]] FunctionTable string_encoding_functions();
[[nodiscard]] FunctionTable charset_functions();
[[nodiscard]] FunctionTable digest_functions();
[[nodiscard]] FunctionTable rounding_functions();
[[nodiscard]] FunctionTable math_functions();
[[nodiscard]] FunctionTable date_part_functions();
[[nodiscard]] FunctionTable date_interval_functions();
[[nodiscard]] FunctionTable date_format_functions();
[[nodiscard]] FunctionTable date_convert_functions();
[[nodiscard]] FunctionTable clock_functions();
[[nodiscard]] FunctionTable json_read_functions();
[[nodiscard]] FunctionTable json_write_functions();
[[nodiscard]] FunctionTable information_functions();
[[nodiscard]] FunctionTable lock_functions();
[[nodiscard]] FunctionTable network_functions();

[[nodiscard]] std::span<const FunctionTable> function_tables();

}  // namespace afterimage::sql

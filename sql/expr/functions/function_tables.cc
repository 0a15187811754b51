// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/functions/function_tables.h"

namespace afterimage::sql {

std::span<const FunctionTable> function_tables() {
    static const FunctionTable kTables[] = {
        comparison_functions(), set_membership_functions(), logic_functions(),
        control_functions(),    arithmetic_functions(),     division_functions(),
        bit_functions(),        like_functions(),           regexp_functions(),
    };
    return kTables;
}

}  // namespace afterimage::sql

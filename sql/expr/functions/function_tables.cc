// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/functions/function_tables.h"

namespace afterimage::sql {

std::span<const FunctionTable> function_tables() {
    static const FunctionTable kTables[] = {
        comparison_functions(),
        set_membership_functions(),
        logic_functions(),
        control_functions(),
        arithmetic_functions(),
        division_functions(),
        bit_functions(),
        like_functions(),
        regexp_functions(),
        string_functions(),
        string_part_functions(),
        string_search_functions(),
        string_encoding_functions(),
        charset_functions(),
        digest_functions(),
        rounding_functions(),
        math_functions(),
        date_part_functions(),
        date_interval_functions(),
        date_format_functions(),
        date_convert_functions(),
        clock_functions(),
        json_read_functions(),
        json_write_functions(),
        information_functions(),
        lock_functions(),
        network_functions(),
    };
    return kTables;
}

}  // namespace afterimage::sql

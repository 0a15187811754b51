// SPDX-License-Identifier: Apache-2.0
// Type rules that many functions share: the BindRule column of the function tables.
#pragma once

#include "sql/expr/function_registry.h"
#include "sql/expr/type_rules.h"

namespace afterimage::sql::rules {

void bigint(BindCall& call);
void ubigint(BindCall& call);
void boolean(BindCall& call);
void real(BindCall& call);
/// As long as all text arguments together, in the chosen collation.
void text_sum(BindCall& call);
/// As long as the first argument, in the chosen collation.
void text_first(BindCall& call);
/// LONGTEXT of the chosen collation.
void text_long(BindCall& call);
/// ASCII of N characters in collation_connection.
template <unsigned N>
void ascii_text(BindCall& call);
/// UTF-8 system constants (USER(), DATABASE()).
template <unsigned N>
void system_text(BindCall& call);
void long_blob(BindCall& call);
void json(BindCall& call);
void date(BindCall& call);
/// The common type of all arguments, which are cast to it: COALESCE and kin.
void unified(BindCall& call);

/// Makes the result text in the collation that the collation rule chose.
void set_text(BindCall& call, std::uint64_t characters);
void set_ascii(BindCall& call, std::uint64_t characters);

template <unsigned N>
void ascii_text(BindCall& call) {
    set_ascii(call, N);
}
template <unsigned N>
void system_text(BindCall& call) {
    set_ascii(call, N);
    call.type.coercibility = Coercibility::kSystemConstant;
    call.type.ascii_repertoire = false;
}

}  // namespace afterimage::sql::rules

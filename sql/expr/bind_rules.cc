// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/bind_rules.h"

#include <algorithm>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/collation_rules.h"

namespace afterimage::sql::rules {

void bigint(BindCall& call) { call.type = bigint_type(false); }
void ubigint(BindCall& call) { call.type = bigint_type(true); }
void boolean(BindCall& call) { call.type = boolean_type(); }
void real(BindCall& call) { call.type = double_type(); }
void json(BindCall& call) { call.type = json_type(); }
void date(BindCall& call) { call.type = temporal_type(storage::TypeId::kDate, 0); }

void set_text(BindCall& call, std::uint64_t characters) {
    // The collation rule has left its choice in call.type; numbers make text of the connection.
    const Coercibility coercibility = call.type.coercibility;
    const bool ascii = call.type.ascii_repertoire;
    const storage::CollationId collation = call.type.type.collation;
    call.type = text_type(collation, characters);
    call.type.coercibility =
        coercibility == Coercibility::kNumeric || coercibility == Coercibility::kIgnorable
            ? Coercibility::kLiteral
            : coercibility;
    call.type.ascii_repertoire = ascii;
}

void set_ascii(BindCall& call, std::uint64_t characters) {
    call.type = text_type(call.statement.connection_collation, characters);
    call.type.coercibility = Coercibility::kLiteral;
    call.type.ascii_repertoire = true;
}

void text_sum(BindCall& call) {
    std::uint64_t sum = 0;
    for (const ExpressionPtr& arg : call.args) {
        sum += text_length(arg->type);
    }
    set_text(call, sum);
}

void text_first(BindCall& call) {
    set_text(call, call.args.empty() ? 0 : text_length(call.args[0]->type));
}

void text_long(BindCall& call) { set_text(call, ~std::uint32_t{0}); }

void long_blob(BindCall& call) { call.type = text_type(kBinaryCollation, ~std::uint32_t{0}); }

void unified(BindCall& call) { call.type = unify_types(call.args, call.def.name, call.statement); }

}  // namespace afterimage::sql::rules

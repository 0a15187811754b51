// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/text_of_call.h"

#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::CharsetId;

storage::CollationId collation_of_arg(const RowCall& call, std::size_t i) {
    return call.type(i).type.collation;
}

CharsetId charset_of_arg(const RowCall& call, std::size_t i) {
    const storage::Collation* collation = storage::find_collation(collation_of_arg(call, i));
    return collation == nullptr ? CharsetId::kBinary : collation->charset();
}

std::size_t characters(CharsetId charset, std::string_view text) {
    return charset == CharsetId::kBinary ? text.size() : storage::char_count(charset, text);
}

std::size_t bytes_of(CharsetId charset, std::string_view text, std::uint64_t count) {
    if (count >= text.size()) {
        return text.size();
    }
    const auto wanted = static_cast<std::size_t>(count);
    return charset == CharsetId::kBinary ? wanted : storage::char_offset(charset, text, wanted);
}

bool too_large(RowCall& call, std::uint64_t size_bytes) {
    if (size_bytes <= call.statement().max_allowed_packet) {
        return false;
    }
    call.warn(1301, error_message(ErrorCode::ER_WARN_ALLOWED_PACKET_OVERFLOWED,
                                  call.node().function->name, call.statement().max_allowed_packet));
    call.set_null();
    return true;
}

void set_ascii_result(RowCall& call, std::string_view ascii) {
    const storage::CollationId collation = call.node().type.type.collation;
    if (is_ascii_superset(collation)) {
        call.set_text(ascii);
    } else {
        call.set_text(charset_convert(ascii, kAsciiGeneralCi, collation));
    }
}

void throw_wrong_arguments(const RowCall& call) {
    throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, call.node().function->name);
}

std::string ascii_in_charset(char c, storage::CollationId collation) {
    const std::string_view one(&c, 1);
    return is_ascii_superset(collation) ? std::string(one)
                                        : charset_convert(one, kAsciiGeneralCi, collation);
}

}  // namespace afterimage::sql

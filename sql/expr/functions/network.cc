// SPDX-License-Identifier: Apache-2.0
// UUID, UUID_TO_BIN, INET_ATON and their kin.
#include <openssl/rand.h>

#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/network_text.h"
#include "sql/expr/text_of_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

void random_fill(std::string& bytes) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                   static_cast<int>(bytes.size())) != 1) {
        throw_not_supported("random bytes without a seeded generator");
    }
}

/// Version 1: the statement's time in steps of 100 ns since 1582, made unique by a count, and a
/// random node with the multicast bit, as RFC 4122 asks of a node that is no network card.
void uuid(RowCall& call) {
    struct Node {
        std::string bytes;
        std::uint64_t count = 0;
    };
    Node& node = call.context().state_of<Node>(call.node());
    if (node.bytes.empty()) {
        node.bytes.resize(8);
        random_fill(node.bytes);
        node.bytes[2] = static_cast<char>(static_cast<unsigned char>(node.bytes[2]) | 1U);
    }
    // 1582-10-15 to 1970-01-01 in steps of 100 ns (RFC 4122, 4.1.4).
    constexpr std::uint64_t kEpoch = 0x01b21dd213814000;
    const std::uint64_t ticks =
        static_cast<std::uint64_t>(call.statement().now_micros) * 10 + kEpoch + node.count++;
    std::string bytes;
    storage::append_be(bytes, ticks & 0xffffffffU, 4);
    storage::append_be(bytes, ticks >> 32U & 0xffffU, 2);
    storage::append_be(bytes, (ticks >> 48U & 0x0fffU) | 0x1000U, 2);
    bytes += static_cast<char>((static_cast<unsigned char>(node.bytes[0]) & 0x3fU) | 0x80U);
    bytes += node.bytes[1];
    bytes += node.bytes.substr(2);
    set_ascii_result(call, uuid_text(bytes));
}

void uuid_short(RowCall& call) {
    struct Sequence {
        std::uint64_t next = 0;
    };
    Sequence& sequence = call.context().state_of<Sequence>(call.node());
    if (sequence.next == 0) {
        std::string bytes(3, '\0');
        random_fill(bytes);
        sequence.next = static_cast<std::uint64_t>(call.statement().now_micros / 1000000) << 24U |
                        storage::load_be(bytes.data(), 3);
    }
    call.set_uint(sequence.next++ & 0x7fffffffffffffffU);
}

void is_uuid(RowCall& call) { call.set_bool(parse_uuid(call.text(0)).has_value()); }

/// The time parts change places, so that values made one after the other sort so.
std::string swap_time(std::string_view bytes, bool forward) {
    std::string out;
    if (forward) {
        out += bytes.substr(6, 2);
        out += bytes.substr(4, 2);
        out += bytes.substr(0, 4);
    } else {
        out += bytes.substr(4, 4);
        out += bytes.substr(2, 2);
        out += bytes.substr(0, 2);
    }
    out += bytes.substr(8);
    return out;
}

void uuid_to_bin(RowCall& call) {
    const std::optional<std::string> bytes = parse_uuid(call.text(0));
    if (!bytes.has_value()) {
        throw_sql_error(ErrorCode::ER_WRONG_VALUE_FOR_TYPE, "string", call.text(0), "uuid_to_bin");
    }
    const bool swap = call.arg_count() > 1 && call.integer(1) != 0;
    call.set_text(swap ? swap_time(*bytes, true) : *bytes);
}

void uuid_to_bin_bind(BindCall& call) { call.type = text_type(kBinaryCollation, 16); }

void bin_to_uuid(RowCall& call) {
    const std::string_view bytes = call.text(0);
    if (bytes.size() != 16) {
        throw_sql_error(ErrorCode::ER_WRONG_VALUE_FOR_TYPE, "string", bytes, "bin_to_uuid");
    }
    const bool swap = call.arg_count() > 1 && call.integer(1) != 0;
    set_ascii_result(call, uuid_text(swap ? swap_time(bytes, false) : std::string(bytes)));
}

/// "a.b.c.d"; fewer parts leave the middle ones zero, as 127.1 is 127.0.0.1.
void inet_aton(RowCall& call) {
    const std::string_view text = call.text(0);
    std::uint64_t result = 0;
    std::uint64_t part = 0;
    unsigned dots = 0;
    char last = '.';
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            part = part * 10 + static_cast<std::uint64_t>(c - '0');
            if (part > 255) {
                call.set_null();
                return;
            }
        } else if (c == '.' && last != '.' && dots < 3) {
            result = result << 8U | part;
            part = 0;
            ++dots;
        } else {
            call.set_null();
            return;
        }
        last = c;
    }
    if (last == '.') {
        call.set_null();
        return;
    }
    for (unsigned i = dots; i < 3 && dots > 0; ++i) {
        result <<= 8U;
    }
    call.set_uint(result << 8U | part);
}

void inet_ntoa(RowCall& call) {
    if (call.bits(0) > 0xffffffffU) {
        call.set_null();
        return;
    }
    std::string bytes;
    storage::append_be(bytes, call.bits(0), 4);
    set_ascii_result(call, inet4_text(bytes));
}

void inet6_aton(RowCall& call) {
    std::optional<std::string> bytes = parse_inet4(call.text(0));
    if (!bytes.has_value()) {
        bytes = parse_inet6(call.text(0));
    }
    if (!bytes.has_value()) {
        call.set_null();
        return;
    }
    call.set_text(*bytes);
}

void inet6_ntoa(RowCall& call) {
    const std::string_view bytes = call.text(0);
    if (bytes.size() == 4) {
        set_ascii_result(call, inet4_text(bytes));
    } else if (bytes.size() == 16) {
        set_ascii_result(call, inet6_text(bytes));
    } else {
        call.set_null();
    }
}

void is_ipv4(RowCall& call) {
    call.set_bool(!call.is_null(0) && parse_inet4(call.text(0)).has_value());
}

void is_ipv6(RowCall& call) {
    call.set_bool(!call.is_null(0) && parse_inet6(call.text(0)).has_value());
}

template <bool Mapped>
void is_ipv4_in_ipv6(RowCall& call) {
    if (call.is_null(0) || call.text(0).size() != 16) {
        call.set_bool(false);
        return;
    }
    const std::string_view bytes = call.text(0);
    const std::string zeros(10, '\0');
    const std::string_view middle = bytes.substr(10, 2);
    const bool mapped = middle == std::string_view("\xff\xff", 2);
    const bool compatible =
        middle == std::string_view("\0\0", 2) && storage::load_be(bytes.data() + 12, 4) > 1;
    call.set_bool(bytes.substr(0, 10) == zeros && (Mapped ? mapped : compatible));
}

constexpr FunctionDef one_row(std::string_view name, std::string_view classes, BindRule bind,
                              RowKernel kernel, NullRule nulls = NullRule::kStrict) {
    return {.name = name,
            .min_args = 1,
            .max_args = 1,
            .classes = classes,
            .bind = bind,
            .nulls = nulls,
            .row = kernel};
}

const FunctionDef kTable[] = {
    {.name = "uuid",
     .bind = rules::ascii_text<36>,
     .determinism = Determinism::kVolatile,
     .row = uuid},
    {.name = "uuid_short",
     .bind = rules::ubigint,
     .determinism = Determinism::kVolatile,
     .row = uuid_short},
    one_row("is_uuid", "b", rules::boolean, is_uuid),
    {.name = "uuid_to_bin",
     .min_args = 1,
     .max_args = 2,
     .classes = "bi",
     .bind = uuid_to_bin_bind,
     .row = uuid_to_bin},
    {.name = "bin_to_uuid",
     .min_args = 1,
     .max_args = 2,
     .classes = "bi",
     .bind = rules::ascii_text<36>,
     .row = bin_to_uuid},
    one_row("inet_aton", "b", rules::ubigint, inet_aton),
    one_row("inet_ntoa", "u", rules::ascii_text<15>, inet_ntoa),
    one_row("inet6_aton", "b", uuid_to_bin_bind, inet6_aton),
    one_row("inet6_ntoa", "b", rules::ascii_text<39>, inet6_ntoa),
    one_row("is_ipv4", "b", rules::boolean, is_ipv4, NullRule::kOwn),
    one_row("is_ipv6", "b", rules::boolean, is_ipv6, NullRule::kOwn),
    one_row("is_ipv4_compat", "b", rules::boolean, is_ipv4_in_ipv6<false>, NullRule::kOwn),
    one_row("is_ipv4_mapped", "b", rules::boolean, is_ipv4_in_ipv6<true>, NullRule::kOwn),
};

}  // namespace

FunctionTable network_functions() { return kTable; }

}  // namespace afterimage::sql

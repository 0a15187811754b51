// SPDX-License-Identifier: Apache-2.0
#include "replication/event/statement_context.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;

constexpr std::uint8_t kUnsignedFlag = 1;
constexpr std::size_t kNumberSize = 8;

void check_user_value(const EventView& event, const ByteReader& reader, const UserVarEvent& var) {
    const bool number =
        var.type == UserVarEvent::Type::kReal || var.type == UserVarEvent::Type::kInt;
    if ((number && var.value.size() != kNumberSize) ||
        (var.type == UserVarEvent::Type::kDecimal && var.value.size() < 2)) {
        throw_malformed(event, reader, "value of " + std::to_string(var.value.size()) + " bytes");
    }
}

}  // namespace

IntvarEvent decode_intvar(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        const std::uint8_t kind = reader.u8();
        if (kind != 1 && kind != 2) {
            throw_malformed(event, reader, "unknown kind " + std::to_string(kind));
        }
        return IntvarEvent{static_cast<IntvarEvent::Kind>(kind), reader.u64()};
    });
}

RandEvent decode_rand(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        RandEvent result;
        result.seed1 = reader.u64();
        result.seed2 = reader.u64();
        return result;
    });
}

UserVarEvent decode_user_var(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        UserVarEvent result;
        const std::uint32_t name_size = reader.u32();
        result.name = std::string(reader.bytes(name_size));
        result.is_null = reader.u8() != 0;
        if (result.is_null) {
            return result;
        }
        const std::uint8_t type = reader.u8();
        if (type > 4 || type == 3) {
            throw_malformed(event, reader, "unknown type " + std::to_string(type));
        }
        result.type = static_cast<UserVarEvent::Type>(type);
        result.collation = reader.u32();
        const std::uint32_t size = reader.u32();
        result.value = std::string(reader.bytes(size));
        check_user_value(event, reader, result);
        if (!reader.at_end()) {
            result.is_unsigned = (reader.u8() & kUnsignedFlag) != 0;
        }
        return result;
    });
}

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
// INTVAR (5), RAND (13), USER_VAR (14): values that the next QUERY reads.
//
// Pure, thread-safe; throws EventError. Layouts: surface 2.4.
#pragma once

#include <string>

#include "replication/event/header.h"

namespace afterimage::replication {

struct IntvarEvent {
    enum class Kind : std::uint8_t { kLastInsertId = 1, kInsertId = 2 };
    Kind kind = Kind::kInsertId;
    std::uint64_t value = 0;
};
[[nodiscard]] IntvarEvent decode_intvar(const EventView& event);

struct RandEvent {
    std::uint64_t seed1 = 0;
    std::uint64_t seed2 = 0;
};
[[nodiscard]] RandEvent decode_rand(const EventView& event);

struct UserVarEvent {
    enum class Type : std::uint8_t { kString = 0, kReal = 1, kInt = 2, kDecimal = 4 };
    std::string name;
    bool is_null = false;
    Type type = Type::kString;
    std::uint32_t collation = 63;
    bool is_unsigned = false;
    /// kString: the bytes; kReal: 8 bytes double; kInt: 8 bytes; kDecimal: u8 precision, u8 scale,
    /// the binary form of surface 2.9.
    std::string value;
};
[[nodiscard]] UserVarEvent decode_user_var(const EventView& event);

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
// COM_* packets as structs. Pure decoders; views point into the packet.
//
// Throw ProtocolError 1835 for malformed bodies. Source: MySQL 8.0 source documentation, "Command
// Phase".
//
// Comes from: packet_reader. Goes to: dispatch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/expr/result_type.h"
#include "storage/bytes/byte_view.h"
#include "storage/value/value.h"

namespace afterimage::storage {
class ByteReader;
}

namespace afterimage::server {

enum class CommandCode : std::uint8_t {
    kSleep = 0,
    kQuit = 1,
    kInitDb = 2,
    kQuery = 3,
    kFieldList = 4,
    kRefresh = 7,
    kShutdown = 8,
    kStatistics = 9,
    kProcessInfo = 10,
    kProcessKill = 12,
    kDebug = 13,
    kPing = 14,
    kChangeUser = 17,
    kStmtPrepare = 22,
    kStmtExecute = 23,
    kStmtSendLongData = 24,
    kStmtClose = 25,
    kStmtReset = 26,
    kSetOption = 27,
    kStmtFetch = 28,
    kResetConnection = 31,
};

/// As SHOW PROCESSLIST names it; "Error" for what is not known.
[[nodiscard]] std::string_view command_name(CommandCode code);

/// A value sent with a statement, and the type it was sent as.
struct Parameter {
    std::string name;  ///< query attributes only
    storage::Value value;
    sql::ResultType type;
};

struct QueryCommand {
    std::string_view text;
    std::vector<Parameter> attributes;
};
[[nodiscard]] QueryCommand decode_query(storage::ByteView body, std::uint32_t capabilities);

/// Type codes that COM_STMT_EXECUTE may leave out when unchanged: FieldType, 0x8000 = unsigned.
using ParameterTypes = std::vector<std::uint16_t>;

struct ExecuteCommand {
    std::uint32_t statement_id = 0;
    std::uint8_t cursor_flags = 0;  ///< 1 = read only, 2 = for update, 4 = scrollable
    std::vector<Parameter> parameters;
    std::vector<Parameter> attributes;
};
inline constexpr std::uint8_t kCursorReadOnly = 1;
inline constexpr std::uint8_t kParameterCountAvailable = 8;

/// Values that COM_STMT_SEND_LONG_DATA brought, by parameter.
using LongData = std::vector<std::optional<storage::Bytes>>;

/// Only the statement's number: its parameter count is needed to read on.
[[nodiscard]] std::uint32_t decode_statement_id(storage::ByteView body);
/// `types` are those of the execution before and are replaced when the packet brings new ones.
/// Throws SqlError 1210 when it needs types and has none.
[[nodiscard]] ExecuteCommand decode_execute(storage::ByteView body, std::uint32_t capabilities,
                                            std::size_t parameter_count, const LongData& long_data,
                                            ParameterTypes& types);

struct LongDataCommand {
    std::uint32_t statement_id = 0;
    std::uint16_t parameter = 0;
    storage::ByteView data;
};
[[nodiscard]] LongDataCommand decode_long_data(storage::ByteView body);

struct FetchCommand {
    std::uint32_t statement_id = 0;
    std::uint32_t row_count = 0;
};
[[nodiscard]] FetchCommand decode_fetch(storage::ByteView body);

struct FieldListCommand {
    std::string_view table;
    std::string_view wildcard;
};
[[nodiscard]] FieldListCommand decode_field_list(storage::ByteView body);
[[nodiscard]] std::uint32_t decode_kill(storage::ByteView body);
[[nodiscard]] std::uint16_t decode_set_option(storage::ByteView body);

/// One value of the binary protocol (binary_parameters.cc). Throws TruncatedInput or ProtocolError.
[[nodiscard]] Parameter read_binary_value(storage::ByteReader& reader, std::uint16_t type);
/// The type of a parameter without a value in the packet: NULL or long data.
[[nodiscard]] sql::ResultType parameter_type(std::uint16_t type);

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/command.h"

#include <algorithm>

#include "server/protocol/capabilities.h"
#include "server/protocol/wire_types.h"
#include "server/protocol_error.h"
#include "sql/sql_error.h"
#include "storage/bytes/byte_reader.h"

namespace afterimage::server {

namespace {

using storage::ByteReader;
using storage::ByteView;

/// Runs a decoder and turns short input into the protocol's error.
template <class Decode>
auto decoded(ByteView body, Decode decode) {
    try {
        ByteReader reader(body);
        return decode(reader);
    } catch (const storage::TruncatedInput&) {
        throw ProtocolError::malformed_packet();
    }
}

/// NULL bitmap, types (and names) and values, as both COM_QUERY and COM_STMT_EXECUTE carry them.
struct ParameterBlock {
    ByteView null_bitmap;
    ParameterTypes types;
    std::vector<std::string> names;

    [[nodiscard]] bool is_null(std::size_t i) const {
        return (static_cast<unsigned char>(null_bitmap[i / 8]) >> (i % 8) & 1U) != 0;
    }
};

void read_types(ByteReader& reader, std::size_t count, bool with_names, ParameterBlock& block) {
    block.types.clear();
    for (std::size_t i = 0; i < count; ++i) {
        block.types.push_back(reader.u16());
        block.names.emplace_back(with_names ? reader.lenenc_bytes() : ByteView());
    }
}

std::vector<Parameter> read_values(ByteReader& reader, const ParameterBlock& block,
                                   const LongData& long_data) {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < block.types.size(); ++i) {
        Parameter parameter;
        if (i < long_data.size() && long_data[i]) {
            parameter.value = storage::Value::of_bytes(*long_data[i]);
            parameter.type = parameter_type(block.types[i]);
            if (!storage::is_byte_string(parameter.type.type.id)) {
                parameter.type.type = {};
                parameter.type.type.id = storage::TypeId::kLongBlob;
            }
        } else if (block.is_null(i)) {
            parameter.type = parameter_type(block.types[i]);
        } else {
            parameter = read_binary_value(reader, block.types[i]);
        }
        if (i < block.names.size()) {
            parameter.name = block.names[i];
        }
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

QueryCommand read_query(ByteReader& reader, std::uint32_t capabilities) {
    QueryCommand query;
    if ((capabilities & kClientQueryAttributes) != 0) {
        const std::uint64_t count = reader.lenenc();
        if (reader.lenenc() != 1 || count > reader.left()) {
            throw ProtocolError::malformed_packet();
        }
        if (count > 0) {
            ParameterBlock block;
            block.null_bitmap = reader.bytes((count + 7) / 8);
            if (reader.u8() != 1) {
                throw ProtocolError::malformed_packet();
            }
            read_types(reader, count, true, block);
            query.attributes = read_values(reader, block, {});
        }
    }
    query.text = reader.rest();
    return query;
}

/// How many values the packet carries: with query attributes it says so itself, and counts the
/// attributes behind the statement's parameters.
std::size_t read_value_count(ByteReader& reader, bool attributes, std::uint8_t flags,
                             std::size_t parameter_count) {
    if (!attributes || (parameter_count == 0 && (flags & kParameterCountAvailable) == 0)) {
        return parameter_count;
    }
    const std::uint64_t count = reader.lenenc();
    if (count < parameter_count || count > reader.left() * 8) {
        throw ProtocolError::malformed_packet();
    }
    return count;
}

ExecuteCommand read_execute(ByteReader& reader, std::uint32_t capabilities,
                            std::size_t parameter_count, const LongData& long_data,
                            ParameterTypes& types) {
    ExecuteCommand execute;
    execute.statement_id = reader.u32();
    execute.cursor_flags = reader.u8();
    reader.skip(4);  // iteration count, always 1
    const bool attributes = (capabilities & kClientQueryAttributes) != 0;
    const std::size_t count =
        read_value_count(reader, attributes, execute.cursor_flags, parameter_count);
    if (count == 0) {
        return execute;
    }
    ParameterBlock block;
    block.null_bitmap = reader.bytes((count + 7) / 8);
    if (reader.u8() == 1) {
        read_types(reader, count, attributes, block);
        types = block.types;
    } else if (types.size() == count) {
        block.types = types;
    } else {
        sql::throw_sql_error(sql::ErrorCode{1210}, "mysqld_stmt_execute");
    }
    execute.parameters = read_values(reader, block, long_data);
    const auto first_attribute =
        execute.parameters.begin() + static_cast<std::ptrdiff_t>(parameter_count);
    execute.attributes.assign(std::make_move_iterator(first_attribute),
                              std::make_move_iterator(execute.parameters.end()));
    execute.parameters.resize(parameter_count);
    return execute;
}

}  // namespace

std::string_view command_name(CommandCode code) {
    switch (code) {
        case CommandCode::kSleep:
            return "Sleep";
        case CommandCode::kQuit:
            return "Quit";
        case CommandCode::kInitDb:
            return "Init DB";
        case CommandCode::kQuery:
            return "Query";
        case CommandCode::kFieldList:
            return "Field List";
        case CommandCode::kRefresh:
            return "Refresh";
        case CommandCode::kShutdown:
            return "Shutdown";
        case CommandCode::kStatistics:
            return "Statistics";
        case CommandCode::kProcessInfo:
            return "Processlist";
        case CommandCode::kProcessKill:
            return "Kill";
        case CommandCode::kDebug:
            return "Debug";
        case CommandCode::kPing:
            return "Ping";
        case CommandCode::kChangeUser:
            return "Change user";
        case CommandCode::kStmtPrepare:
            return "Prepare";
        case CommandCode::kStmtExecute:
            return "Execute";
        case CommandCode::kStmtSendLongData:
            return "Long Data";
        case CommandCode::kStmtClose:
            return "Close stmt";
        case CommandCode::kStmtReset:
            return "Reset stmt";
        case CommandCode::kSetOption:
            return "Set option";
        case CommandCode::kStmtFetch:
            return "Fetch";
        case CommandCode::kResetConnection:
            return "Reset Connection";
    }
    return "Error";
}

QueryCommand decode_query(ByteView body, std::uint32_t capabilities) {
    return decoded(body, [&](ByteReader& reader) { return read_query(reader, capabilities); });
}

std::uint32_t decode_statement_id(ByteView body) {
    return decoded(body, [](ByteReader& reader) { return reader.u32(); });
}

ExecuteCommand decode_execute(ByteView body, std::uint32_t capabilities,
                              std::size_t parameter_count, const LongData& long_data,
                              ParameterTypes& types) {
    return decoded(body, [&](ByteReader& reader) {
        return read_execute(reader, capabilities, parameter_count, long_data, types);
    });
}

LongDataCommand decode_long_data(ByteView body) {
    return decoded(body, [](ByteReader& reader) {
        LongDataCommand command;
        command.statement_id = reader.u32();
        command.parameter = reader.u16();
        command.data = reader.rest();
        return command;
    });
}

FetchCommand decode_fetch(ByteView body) {
    return decoded(body, [](ByteReader& reader) {
        FetchCommand command;
        command.statement_id = reader.u32();
        command.row_count = reader.u32();
        return command;
    });
}

FieldListCommand decode_field_list(ByteView body) {
    return decoded(body, [](ByteReader& reader) {
        FieldListCommand command;
        command.table = reader.cstring();
        command.wildcard = reader.rest();
        // The wildcard's own NUL is optional.
        command.wildcard = command.wildcard.substr(0, command.wildcard.find('\0'));
        return command;
    });
}

std::uint32_t decode_kill(ByteView body) {
    return decoded(body, [](ByteReader& reader) { return reader.u32(); });
}

std::uint16_t decode_set_option(ByteView body) {
    return decoded(body, [](ByteReader& reader) { return reader.u16(); });
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "replication/event/gtid.h"

#include <cctype>

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;

constexpr std::uint8_t kMayHaveStatements = 1;
constexpr std::uint8_t kLogicalTimestampType = 2;
constexpr unsigned kTimestampSize = 7;
constexpr std::uint64_t kHasOriginalTime = 1ULL << 55U;
constexpr std::uint32_t kHasOriginalVersion = 1U << 31U;
constexpr std::size_t kMaxTag = 32;

// The variable-length integers of MySQL's mysql::serialization: as many trailing one bits in the
// first byte as bytes follow.
std::uint64_t read_varint(ByteReader& reader) {
    const std::uint8_t first = reader.u8();
    unsigned more = 0;
    while (more < 8 && (first >> more & 1U) != 0) {
        ++more;
    }
    if (more == 0) {
        return first >> 1U;
    }
    const std::uint64_t rest = reader.le(more);
    if (more == 8) {
        return rest;
    }
    const std::uint64_t low = static_cast<std::uint64_t>(first) >> (more + 1);
    return low | rest << (7U - more);
}

std::int64_t read_signed_varint(ByteReader& reader) {
    const std::uint64_t raw = read_varint(reader);
    const auto magnitude = static_cast<std::int64_t>(raw >> 1U);
    return (raw & 1U) != 0 ? -1 - magnitude : magnitude;
}

void check_number(const EventView& event, const ByteReader& reader, std::uint64_t number) {
    if (number == 0 || number > static_cast<std::uint64_t>(INT64_MAX)) {
        throw_malformed(event, reader, "GTID number out of range");
    }
}

void read_times(ByteReader& reader, MysqlGtidEvent& result) {
    const std::uint64_t immediate = reader.le(kTimestampSize);
    result.immediate_commit_micros = immediate & ~kHasOriginalTime;
    result.original_commit_micros = (immediate & kHasOriginalTime) != 0
                                        ? reader.le(kTimestampSize)
                                        : result.immediate_commit_micros;
}

// Everything behind the commit clocks came with a later version: read while bytes remain.
void read_later_fields(ByteReader& reader, MysqlGtidEvent& result) {
    if (reader.left() < kTimestampSize) {
        return;
    }
    read_times(reader, result);
    if (reader.at_end()) {
        return;
    }
    result.transaction_size_bytes = reader.lenenc();
    if (reader.left() < 4) {
        return;
    }
    const std::uint32_t version = reader.u32();
    result.immediate_server_version = version & ~kHasOriginalVersion;
    result.original_server_version =
        (version & kHasOriginalVersion) != 0 ? reader.u32() : result.immediate_server_version;
}

MysqlGtidEvent decode_classic(const EventView& event, ByteReader& reader) {
    MysqlGtidEvent result;
    result.anonymous = event.header.type == EventType::kAnonymousGtid;
    result.may_have_statements = (reader.u8() & kMayHaveStatements) != 0;
    reader.bytes(16).copy(reinterpret_cast<char*>(result.gtid.uuid.data()), 16);
    result.gtid.number = reader.u64();
    if (!result.anonymous) {
        check_number(event, reader, result.gtid.number);
    }
    if (reader.at_end()) {
        return result;  // 5.6
    }
    if (reader.u8() == kLogicalTimestampType) {
        result.last_committed = reader.u64();
        result.sequence = reader.u64();
        read_later_fields(reader, result);
    }
    return result;
}

void read_tagged_field(const EventView& event, ByteReader& reader, std::uint64_t field,
                       MysqlGtidEvent& result) {
    switch (field) {
        case 0:
            result.may_have_statements = (read_varint(reader) & kMayHaveStatements) != 0;
            break;
        case 1:
            for (auto& byte : result.gtid.uuid) {
                const std::uint64_t value = read_varint(reader);
                if (value > 0xff) {
                    throw_malformed(event, reader, "uuid byte out of range");
                }
                byte = static_cast<unsigned char>(value);
            }
            break;
        case 2: {
            const std::int64_t number = read_signed_varint(reader);
            check_number(event, reader, number < 0 ? 0 : static_cast<std::uint64_t>(number));
            result.gtid.number = static_cast<std::uint64_t>(number);
            break;
        }
        case 3: {
            const std::uint64_t size = read_varint(reader);
            if (size > kMaxTag) {
                throw_malformed(event, reader, "tag longer than 32 characters");
            }
            result.gtid.tag = std::string(reader.bytes(size));
            break;
        }
        case 4:
            result.last_committed = static_cast<std::uint64_t>(read_signed_varint(reader));
            break;
        case 5:
            result.sequence = static_cast<std::uint64_t>(read_signed_varint(reader));
            break;
        case 6:
            result.immediate_commit_micros = read_varint(reader);
            break;
        case 7:
            result.original_commit_micros = read_varint(reader);
            break;
        case 8:
            result.transaction_size_bytes = read_varint(reader);
            break;
        case 9:
            result.immediate_server_version = static_cast<std::uint32_t>(read_varint(reader));
            break;
        case 10:
            result.original_server_version = static_cast<std::uint32_t>(read_varint(reader));
            break;
        default:
            read_varint(reader);  // 11: the commit group's ticket
    }
}

MysqlGtidEvent decode_tagged(const EventView& event, ByteReader& reader) {
    constexpr std::uint64_t kLastKnownField = 11;
    MysqlGtidEvent result;
    const std::uint64_t version = read_varint(reader);
    if (version != 1) {
        throw_malformed(event, reader, "serialization version " + std::to_string(version));
    }
    const std::uint64_t size = read_varint(reader);
    if (size > event.body.size()) {
        throw_malformed(event, reader, "size field points past the event");
    }
    const std::uint64_t last_mandatory = read_varint(reader);
    while (reader.position() < size) {
        const std::uint64_t field = read_varint(reader);
        if (field > kLastKnownField) {
            if (field <= last_mandatory) {
                throw_malformed(
                    event, reader,
                    "unknown field " + std::to_string(field) + " that may not be ignored");
            }
            break;  // fields ascend: everything behind may be ignored as well
        }
        read_tagged_field(event, reader, field, result);
    }
    check_number(event, reader, result.gtid.number);
    if (result.original_commit_micros == 0) {
        result.original_commit_micros = result.immediate_commit_micros;
    }
    if (result.original_server_version == 0) {
        result.original_server_version = result.immediate_server_version;
    }
    return result;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::string uuid_text(const Uuid& uuid) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text.push_back('-');
        }
        text.push_back(kDigits[uuid[i] >> 4U]);
        text.push_back(kDigits[uuid[i] & 15U]);
    }
    return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    Uuid uuid{};
    std::size_t digits = 0;
    const bool dashed = text.size() == 36;
    if (!dashed && text.size() != 32) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (dashed && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (text[i] != '-') {
                return std::nullopt;
            }
            continue;
        }
        const int digit = hex_digit(text[i]);
        if (digit < 0) {
            return std::nullopt;
        }
        auto& byte = uuid[digits / 2];
        byte = static_cast<unsigned char>(byte << 4U | static_cast<unsigned>(digit));
        ++digits;
    }
    return uuid;
}

std::string MysqlGtid::text() const {
    return uuid_text(uuid) + ":" + (tag.empty() ? "" : tag + ":") + std::to_string(number);
}

MysqlGtidEvent decode_mysql_gtid(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        return event.header.type == EventType::kGtidTagged ? decode_tagged(event, reader)
                                                           : decode_classic(event, reader);
    });
}

storage::Bytes decode_previous_gtids(const EventView& event) { return storage::Bytes(event.body); }

}  // namespace afterimage::replication

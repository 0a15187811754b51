// SPDX-License-Identifier: Apache-2.0
#include "replication/event/query.h"

#include "replication/event/mariadb_compression.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;

constexpr std::size_t kPostHeaderSize = 13;
constexpr std::uint8_t kTooManyDatabases = 254;
// GTID extra flags that carry the sequence number of the ALTER's start.
constexpr std::uint8_t kCommitOrRollbackAlter = 0x04 | 0x08;

enum StatusCode : std::uint8_t {
    kFlags2 = 0,
    kSqlMode = 1,
    kCatalogWithNul = 2,
    kAutoIncrement = 3,
    kCharset = 4,
    kTimeZone = 5,
    kCatalog = 6,
    kLcTimeNames = 7,
    kDatabaseCollation = 8,
    kMultiUpdateTables = 9,
    kMasterData = 10,
    kInvoker = 11,
    kDatabases = 12,
    kMicroseconds = 13,
    kExplicitTimestampDefaults = 16,
    kDdlXid = 17,
    kDefaultUtf8mb4Collation = 18,
    kRequirePrimaryKey = 19,
    kTableEncryption = 20,
    kMariadbMicroseconds = 128,
    kMariadbXid = 129,
    kMariadbGtidFlags = 130,
};

std::string read_lstr(ByteReader& reader) {
    const std::uint8_t size = reader.u8();
    return std::string(reader.bytes(size));
}

void read_databases(ByteReader& reader, QueryEvent& query) {
    const std::uint8_t count = reader.u8();
    if (count >= kTooManyDatabases) {
        query.too_many_databases = true;
        return;
    }
    std::vector<std::string> names;
    for (unsigned i = 0; i < count; ++i) {
        names.emplace_back(reader.cstring());
    }
    query.databases = std::move(names);
}

// Variables that both families write. False: not one of them.
bool read_common_status(ByteReader& reader, std::uint8_t code, QueryEvent& query) {
    switch (code) {
        case kFlags2:
            query.flags2 = reader.u32();
            return true;
        case kSqlMode:
            query.sql_mode = reader.u64();
            return true;
        case kCatalogWithNul:
            reader.skip(static_cast<std::uint64_t>(reader.u8()) + 1);
            return true;
        case kAutoIncrement:
            query.auto_increment = QueryEvent::AutoIncrement();
            query.auto_increment->increment = reader.u16();
            query.auto_increment->offset = reader.u16();
            return true;
        case kCharset:
            query.charsets = QueryEvent::Charsets();
            query.charsets->client = reader.u16();
            query.charsets->connection = reader.u16();
            query.charsets->server = reader.u16();
            return true;
        case kTimeZone:
            query.time_zone = read_lstr(reader);
            return true;
        case kCatalog:
            reader.skip(reader.u8());
            return true;
        case kLcTimeNames:
            query.lc_time_names = reader.u16();
            return true;
        case kDatabaseCollation:
            query.database_collation = reader.u16();
            return true;
        case kMultiUpdateTables:
            query.multi_update_tables = reader.u64();
            return true;
        case kMasterData:
            reader.skip(4);
            return true;
        case kInvoker:
            query.invoker.emplace();
            query.invoker->user = read_lstr(reader);
            query.invoker->host = read_lstr(reader);
            return true;
        case kDatabases:
            read_databases(reader, query);
            return true;
        case kMicroseconds:
            query.microseconds = reader.u24();
            return true;
        default:
            return false;
    }
}

bool read_mysql_status(ByteReader& reader, std::uint8_t code, QueryEvent& query) {
    switch (code) {
        case kExplicitTimestampDefaults:
            query.explicit_timestamp_defaults = reader.u8();
            return true;
        case kDdlXid:
            query.ddl_xid = reader.u64();
            return true;
        case kDefaultUtf8mb4Collation:
            query.default_utf8mb4_collation = reader.u16();
            return true;
        case kRequirePrimaryKey:
            query.require_primary_key = reader.u8();
            return true;
        case kTableEncryption:
            query.default_table_encryption = reader.u8();
            return true;
        default:
            return false;
    }
}

bool read_mariadb_status(ByteReader& reader, std::uint8_t code, QueryEvent& query) {
    switch (code) {
        case kMariadbMicroseconds:
            query.microseconds = reader.u24();
            return true;
        case kMariadbXid:
            query.mariadb_xid = reader.u64();
            return true;
        case kMariadbGtidFlags:
            query.gtid_extra_flags = reader.u8();
            if ((*query.gtid_extra_flags & kCommitOrRollbackAlter) != 0) {
                query.alter_start_sequence = reader.u64();
            }
            return true;
        default:
            return false;
    }
}

void read_status(ByteView bytes, bool mariadb, QueryEvent& query) {
    ByteReader reader(bytes);
    while (!reader.at_end()) {
        const std::uint8_t code = reader.u8();
        const bool known = read_common_status(reader, code, query) ||
                           (mariadb ? read_mariadb_status(reader, code, query)
                                    : read_mysql_status(reader, code, query));
        if (!known) {
            query.unknown_status = code;
            return;
        }
    }
}

}  // namespace

QueryFrame read_query_post_header(ByteReader& reader, QueryEvent& query) {
    QueryFrame frame;
    query.thread_id = reader.u32();
    query.execution_s = reader.u32();
    frame.database_size = reader.u8();
    query.error_code = reader.u16();
    frame.status_size = reader.u16();
    return frame;
}

void read_query_tail(const EventView& event, ByteReader& reader, const QueryFrame& frame,
                     bool mariadb, QueryEvent& query) {
    read_status(reader.bytes(frame.status_size), mariadb, query);
    query.database = std::string(reader.bytes(frame.database_size));
    if (reader.u8() != 0) {
        throw_malformed(event, reader, "no NUL behind the database name");
    }
}

QueryEvent decode_query(const EventView& event, const FormatDescription& format,
                        std::uint64_t max_bytes) {
    return decode_body(event, [&](ByteReader& reader) {
        QueryEvent query;
        const std::size_t post_header = format.post_header_size(event.header.type);
        if (post_header < kPostHeaderSize) {
            throw_malformed(event, reader,
                            "post-header of " + std::to_string(post_header) +
                                " bytes in the format description");
        }
        const QueryFrame frame = read_query_post_header(reader, query);
        reader.skip(post_header - kPostHeaderSize);
        read_query_tail(event, reader, frame, format.mariadb(), query);
        query.sql = event.header.type == EventType::kQueryCompressed
                        ? inflate_event_part(reader.rest(), max_bytes)
                        : std::string(reader.rest());
        return query;
    });
}

}  // namespace afterimage::replication

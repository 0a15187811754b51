// SPDX-License-Identifier: Apache-2.0
// QUERY (2) and MariaDB's QUERY_COMPRESSED (165): one statement with everything that must be set
// before it runs.
//
// Pure, thread-safe; throws EventError. Layout: post-header u32 thread id, u32 seconds, u8 database
// length, u16 error code, u16 status length; status variables, database, NUL, SQL (surface 2.5).
// A status variable that is not in the event is an empty optional. A status code that this decoder
// does not know has no length: the variables behind it are lost and `unknown_status` names it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replication/event/format_description.h"

namespace afterimage::replication {

/// Bits of QueryEvent::flags2 (status variable 0).
namespace query_flag {
inline constexpr std::uint32_t kSqlAutoIsNull = 0x00004000;
inline constexpr std::uint32_t kNoCheckConstraints = 0x00008000;  ///< MariaDB
inline constexpr std::uint32_t kNotAutocommit = 0x00080000;
inline constexpr std::uint32_t kExplicitTimestampDefaults = 0x01000000;  ///< MariaDB
inline constexpr std::uint32_t kNoForeignKeyChecks = 0x04000000;
inline constexpr std::uint32_t kRelaxedUniqueChecks = 0x08000000;
inline constexpr std::uint32_t kIfExists = 0x10000000;  ///< MariaDB
}  // namespace query_flag

struct QueryEvent {
    struct AutoIncrement {
        std::uint16_t increment = 1;
        std::uint16_t offset = 1;
    };
    struct Charsets {
        std::uint16_t client = 0;  ///< the SQL's own; the numbers are collation ids
        std::uint16_t connection = 0;
        std::uint16_t server = 0;
    };
    struct Invoker {
        std::string user;
        std::string host;
    };

    std::uint32_t thread_id = 0;
    std::uint32_t execution_s = 0;
    /// Not 0: the source stopped in the middle with this error; a replica expects the same one.
    std::uint16_t error_code = 0;
    std::string database;
    std::string sql;

    std::optional<std::uint32_t> flags2;
    std::optional<std::uint64_t> sql_mode;
    std::optional<AutoIncrement> auto_increment;
    std::optional<Charsets> charsets;
    std::optional<std::string> time_zone;
    std::optional<std::uint16_t> lc_time_names;
    std::optional<std::uint16_t> database_collation;
    std::optional<std::uint64_t> multi_update_tables;
    std::optional<Invoker> invoker;
    std::optional<std::vector<std::string>> databases;  ///< empty optional also for "too many"
    bool too_many_databases = false;
    std::optional<std::uint32_t> microseconds;  ///< added to the header's timestamp: NOW(6)
    std::optional<std::uint8_t> explicit_timestamp_defaults;  ///< MySQL
    std::optional<std::uint64_t> ddl_xid;                     ///< MySQL
    std::optional<std::uint16_t> default_utf8mb4_collation;   ///< MySQL
    std::optional<std::uint8_t> require_primary_key;          ///< MySQL
    std::optional<std::uint8_t> default_table_encryption;     ///< MySQL
    std::optional<std::uint64_t> mariadb_xid;
    std::optional<std::uint8_t> gtid_extra_flags;  ///< MariaDB, as in its GTID event
    std::uint64_t alter_start_sequence = 0;        ///< when those say COMMIT or ROLLBACK ALTER
    std::optional<std::uint8_t> unknown_status;
};

/// `max_bytes` bounds what a compressed statement may inflate to.
[[nodiscard]] QueryEvent decode_query(const EventView& event, const FormatDescription& format,
                                      std::uint64_t max_bytes = 1ULL << 30U);

/// The post-header and status variables that QUERY and EXECUTE_LOAD_QUERY share.
struct QueryFrame {
    std::uint8_t database_size = 0;
    std::uint16_t status_size = 0;
};
[[nodiscard]] QueryFrame read_query_post_header(storage::ByteReader& reader, QueryEvent& query);
void read_query_tail(const EventView& event, storage::ByteReader& reader, const QueryFrame& frame,
                     bool mariadb, QueryEvent& query);

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
// What SHOW REPLICA STATUS and its older and MariaDB spellings print, as one struct and two tables
// of columns.
//
// Plain values; the replica copies one out under its lock. Column order and names are those of
// MySQL 8.0 and MariaDB 10.11 (surface 1.4); monitors read them by name and by position.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace afterimage::replication {

struct ReplicaStatus {
    enum class Running : std::uint8_t { kNo, kConnecting, kYes };
    struct Error {
        unsigned number = 0;
        std::string message;
        std::string timestamp;  ///< "YYMMDD hh:mm:ss", empty when there is no error
    };
    struct Filters {
        std::string do_db, ignore_db, do_table, ignore_table, wild_do_table, wild_ignore_table;
        std::string ignore_server_ids, do_domain_ids, ignore_domain_ids, rewrite_db;
    };
    struct Tls {
        bool allowed = false;
        bool verify_server_cert = false;
        std::string ca_file, ca_path, cert, cipher, key, crl, crl_path, version;
        std::string public_key_path;
        bool get_public_key = false;
    };

    std::string channel;
    std::string io_state;   ///< "Waiting for source to send event"
    std::string sql_state;  ///< "Replica has read all relay log; waiting for more updates"
    Running io_running = Running::kNo;
    Running sql_running = Running::kNo;

    std::string source_host, source_user, source_bind;
    std::uint16_t source_port = 3306;
    std::uint32_t source_server_id = 0;
    std::string source_uuid;
    std::uint32_t connect_retry_s = 60;
    std::uint64_t retry_count = 86400;

    std::string read_file;  ///< what has been read from the source
    std::uint64_t read_position = 0;
    std::string executed_file;  ///< what has been applied
    std::uint64_t executed_position = 0;
    std::uint64_t queued_bytes = 0;  ///< read, not yet applied: Relay_Log_Space

    Filters filters;
    Tls tls;
    Error last_io_error;
    Error last_sql_error;
    std::uint64_t skip_counter = 0;
    std::string until_condition = "None";  ///< "Master", "Gtid", "SQL_BEFORE_GTIDS" …
    std::string until_file;
    std::uint64_t until_position = 0;

    /// Empty: not running, so not known.
    std::optional<std::uint64_t> seconds_behind;
    std::uint64_t delay_s = 0;
    std::optional<std::uint64_t> remaining_delay_s;

    bool auto_position = false;
    std::string retrieved_gtids, executed_gtids;  ///< MySQL sets
    std::string mariadb_using_gtid = "No";        ///< "No", "Slave_Pos", "Current_Pos"
    std::string mariadb_gtid_io_position;
    std::string mariadb_gtid_slave_position;
    std::string network_namespace;

    std::uint64_t ddl_groups = 0, non_transactional_groups = 0, transactional_groups = 0;
    std::uint64_t retried_transactions = 0, executed_events = 0, received_heartbeats = 0;
    double heartbeat_period_s = 30;
};

struct ReplicaStatusColumn {
    std::string_view name;      ///< SHOW REPLICA STATUS; MariaDB's table: its only name
    std::string_view old_name;  ///< SHOW SLAVE STATUS of MySQL
    /// Text of the cell; empty optional is NULL.
    std::optional<std::string> (*get)(const ReplicaStatus&);
    bool all_only = false;  ///< MariaDB: only in SHOW ALL SLAVES STATUS
};

/// The 60 columns of MySQL 8.0.
[[nodiscard]] std::span<const ReplicaStatusColumn> mysql_status_columns() noexcept;
/// The columns of MariaDB 10.11's SHOW ALL SLAVES STATUS; without all_only: SHOW SLAVE STATUS.
[[nodiscard]] std::span<const ReplicaStatusColumn> mariadb_status_columns() noexcept;

}  // namespace afterimage::replication

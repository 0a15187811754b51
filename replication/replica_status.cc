// SPDX-License-Identifier: Apache-2.0
#include "replication/replica_status.h"

#include <cstdio>

namespace afterimage::replication {
namespace {

using S = ReplicaStatus;
using Cell = std::optional<std::string>;

Cell number(std::uint64_t value) { return std::to_string(value); }
Cell number(const std::optional<std::uint64_t>& value) {
    return value ? Cell(std::to_string(*value)) : std::nullopt;
}
Cell yes_no(bool value) { return value ? "Yes" : "No"; }
Cell running(S::Running state) {
    return state == S::Running::kYes ? "Yes" : state == S::Running::kNo ? "No" : "Connecting";
}
// Last_Errno and Last_Error are the applier's, as in the servers.
Cell nothing(const S&) { return ""; }
Cell zero(const S&) { return "0"; }

Cell heartbeat_period(const S& s) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", s.heartbeat_period_s);
    return text;
}

constexpr ReplicaStatusColumn kMysql[] = {
    {"Replica_IO_State", "Slave_IO_State", [](const S& s) -> Cell { return s.io_state; }},
    {"Source_Host", "Master_Host", [](const S& s) -> Cell { return s.source_host; }},
    {"Source_User", "Master_User", [](const S& s) -> Cell { return s.source_user; }},
    {"Source_Port", "Master_Port", [](const S& s) { return number(s.source_port); }},
    {"Connect_Retry", "Connect_Retry", [](const S& s) { return number(s.connect_retry_s); }},
    {"Source_Log_File", "Master_Log_File", [](const S& s) -> Cell { return s.read_file; }},
    {"Read_Source_Log_Pos", "Read_Master_Log_Pos",
     [](const S& s) { return number(s.read_position); }},
    {"Relay_Log_File", "Relay_Log_File", nothing},
    {"Relay_Log_Pos", "Relay_Log_Pos", zero},
    {"Relay_Source_Log_File", "Relay_Master_Log_File",
     [](const S& s) -> Cell { return s.executed_file; }},
    {"Replica_IO_Running", "Slave_IO_Running", [](const S& s) { return running(s.io_running); }},
    {"Replica_SQL_Running", "Slave_SQL_Running", [](const S& s) { return running(s.sql_running); }},
    {"Replicate_Do_DB", "Replicate_Do_DB", [](const S& s) -> Cell { return s.filters.do_db; }},
    {"Replicate_Ignore_DB", "Replicate_Ignore_DB",
     [](const S& s) -> Cell { return s.filters.ignore_db; }},
    {"Replicate_Do_Table", "Replicate_Do_Table",
     [](const S& s) -> Cell { return s.filters.do_table; }},
    {"Replicate_Ignore_Table", "Replicate_Ignore_Table",
     [](const S& s) -> Cell { return s.filters.ignore_table; }},
    {"Replicate_Wild_Do_Table", "Replicate_Wild_Do_Table",
     [](const S& s) -> Cell { return s.filters.wild_do_table; }},
    {"Replicate_Wild_Ignore_Table", "Replicate_Wild_Ignore_Table",
     [](const S& s) -> Cell { return s.filters.wild_ignore_table; }},
    {"Last_Errno", "Last_Errno", [](const S& s) { return number(s.last_sql_error.number); }},
    {"Last_Error", "Last_Error", [](const S& s) -> Cell { return s.last_sql_error.message; }},
    {"Skip_Counter", "Skip_Counter", [](const S& s) { return number(s.skip_counter); }},
    {"Exec_Source_Log_Pos", "Exec_Master_Log_Pos",
     [](const S& s) { return number(s.executed_position); }},
    {"Relay_Log_Space", "Relay_Log_Space", [](const S& s) { return number(s.queued_bytes); }},
    {"Until_Condition", "Until_Condition", [](const S& s) -> Cell { return s.until_condition; }},
    {"Until_Log_File", "Until_Log_File", [](const S& s) -> Cell { return s.until_file; }},
    {"Until_Log_Pos", "Until_Log_Pos", [](const S& s) { return number(s.until_position); }},
    {"Source_SSL_Allowed", "Master_SSL_Allowed", [](const S& s) { return yes_no(s.tls.allowed); }},
    {"Source_SSL_CA_File", "Master_SSL_CA_File", [](const S& s) -> Cell { return s.tls.ca_file; }},
    {"Source_SSL_CA_Path", "Master_SSL_CA_Path", [](const S& s) -> Cell { return s.tls.ca_path; }},
    {"Source_SSL_Cert", "Master_SSL_Cert", [](const S& s) -> Cell { return s.tls.cert; }},
    {"Source_SSL_Cipher", "Master_SSL_Cipher", [](const S& s) -> Cell { return s.tls.cipher; }},
    {"Source_SSL_Key", "Master_SSL_Key", [](const S& s) -> Cell { return s.tls.key; }},
    {"Seconds_Behind_Source", "Seconds_Behind_Master",
     [](const S& s) { return number(s.seconds_behind); }},
    {"Source_SSL_Verify_Server_Cert", "Master_SSL_Verify_Server_Cert",
     [](const S& s) { return yes_no(s.tls.verify_server_cert); }},
    {"Last_IO_Errno", "Last_IO_Errno", [](const S& s) { return number(s.last_io_error.number); }},
    {"Last_IO_Error", "Last_IO_Error", [](const S& s) -> Cell { return s.last_io_error.message; }},
    {"Last_SQL_Errno", "Last_SQL_Errno",
     [](const S& s) { return number(s.last_sql_error.number); }},
    {"Last_SQL_Error", "Last_SQL_Error",
     [](const S& s) -> Cell { return s.last_sql_error.message; }},
    {"Replicate_Ignore_Server_Ids", "Replicate_Ignore_Server_Ids",
     [](const S& s) -> Cell { return s.filters.ignore_server_ids; }},
    {"Source_Server_Id", "Master_Server_Id", [](const S& s) { return number(s.source_server_id); }},
    {"Source_UUID", "Master_UUID", [](const S& s) -> Cell { return s.source_uuid; }},
    {"Source_Info_File", "Master_Info_File", nothing},
    {"SQL_Delay", "SQL_Delay", [](const S& s) { return number(s.delay_s); }},
    {"SQL_Remaining_Delay", "SQL_Remaining_Delay",
     [](const S& s) { return number(s.remaining_delay_s); }},
    {"Replica_SQL_Running_State", "Slave_SQL_Running_State",
     [](const S& s) -> Cell { return s.sql_state; }},
    {"Source_Retry_Count", "Master_Retry_Count", [](const S& s) { return number(s.retry_count); }},
    {"Source_Bind", "Master_Bind", [](const S& s) -> Cell { return s.source_bind; }},
    {"Last_IO_Error_Timestamp", "Last_IO_Error_Timestamp",
     [](const S& s) -> Cell { return s.last_io_error.timestamp; }},
    {"Last_SQL_Error_Timestamp", "Last_SQL_Error_Timestamp",
     [](const S& s) -> Cell { return s.last_sql_error.timestamp; }},
    {"Source_SSL_Crl", "Master_SSL_Crl", [](const S& s) -> Cell { return s.tls.crl; }},
    {"Source_SSL_Crlpath", "Master_SSL_Crlpath", [](const S& s) -> Cell { return s.tls.crl_path; }},
    {"Retrieved_Gtid_Set", "Retrieved_Gtid_Set",
     [](const S& s) -> Cell { return s.retrieved_gtids; }},
    {"Executed_Gtid_Set", "Executed_Gtid_Set", [](const S& s) -> Cell { return s.executed_gtids; }},
    {"Auto_Position", "Auto_Position",
     [](const S& s) { return number(s.auto_position ? 1U : 0U); }},
    {"Replicate_Rewrite_DB", "Replicate_Rewrite_DB",
     [](const S& s) -> Cell { return s.filters.rewrite_db; }},
    {"Channel_Name", "Channel_Name", [](const S& s) -> Cell { return s.channel; }},
    {"Source_TLS_Version", "Master_TLS_Version", [](const S& s) -> Cell { return s.tls.version; }},
    {"Source_public_key_path", "Master_public_key_path",
     [](const S& s) -> Cell { return s.tls.public_key_path; }},
    {"Get_Source_public_key", "Get_master_public_key",
     [](const S& s) { return number(s.tls.get_public_key ? 1U : 0U); }},
    {"Network_Namespace", "Network_Namespace",
     [](const S& s) -> Cell { return s.network_namespace; }},
};

constexpr bool kAllOnly = true;

// A column that MySQL's table has under its old name.
constexpr ReplicaStatusColumn shared(std::string_view old_name) {
    for (const auto& column : kMysql) {
        if (column.old_name == old_name) {
            return {old_name, old_name, column.get};
        }
    }
    throw "no such column";  // not a constant expression: a wrong name does not compile
}

constexpr ReplicaStatusColumn own(std::string_view name, Cell (*get)(const S&),
                                  bool all_only = false) {
    return {name, name, get, all_only};
}

constexpr ReplicaStatusColumn kMariadb[] = {
    own(
        "Connection_name", [](const S& s) -> Cell { return s.channel; }, kAllOnly),
    own(
        "Slave_SQL_State", [](const S& s) -> Cell { return s.sql_state; }, kAllOnly),
    shared("Slave_IO_State"),
    shared("Master_Host"),
    shared("Master_User"),
    shared("Master_Port"),
    shared("Connect_Retry"),
    shared("Master_Log_File"),
    shared("Read_Master_Log_Pos"),
    shared("Relay_Log_File"),
    shared("Relay_Log_Pos"),
    shared("Relay_Master_Log_File"),
    shared("Slave_IO_Running"),
    shared("Slave_SQL_Running"),
    shared("Replicate_Do_DB"),
    shared("Replicate_Ignore_DB"),
    shared("Replicate_Do_Table"),
    shared("Replicate_Ignore_Table"),
    shared("Replicate_Wild_Do_Table"),
    shared("Replicate_Wild_Ignore_Table"),
    shared("Last_Errno"),
    shared("Last_Error"),
    shared("Skip_Counter"),
    shared("Exec_Master_Log_Pos"),
    shared("Relay_Log_Space"),
    shared("Until_Condition"),
    shared("Until_Log_File"),
    shared("Until_Log_Pos"),
    shared("Master_SSL_Allowed"),
    shared("Master_SSL_CA_File"),
    shared("Master_SSL_CA_Path"),
    shared("Master_SSL_Cert"),
    shared("Master_SSL_Cipher"),
    shared("Master_SSL_Key"),
    shared("Seconds_Behind_Master"),
    shared("Master_SSL_Verify_Server_Cert"),
    shared("Last_IO_Errno"),
    shared("Last_IO_Error"),
    shared("Last_SQL_Errno"),
    shared("Last_SQL_Error"),
    shared("Replicate_Ignore_Server_Ids"),
    shared("Master_Server_Id"),
    shared("Master_SSL_Crl"),
    shared("Master_SSL_Crlpath"),
    own("Using_Gtid", [](const S& s) -> Cell { return s.mariadb_using_gtid; }),
    own("Gtid_IO_Pos", [](const S& s) -> Cell { return s.mariadb_gtid_io_position; }),
    own("Replicate_Do_Domain_Ids", [](const S& s) -> Cell { return s.filters.do_domain_ids; }),
    own("Replicate_Ignore_Domain_Ids",
        [](const S& s) -> Cell { return s.filters.ignore_domain_ids; }),
    own("Parallel_Mode", [](const S&) -> Cell { return "none"; }),
    shared("SQL_Delay"),
    shared("SQL_Remaining_Delay"),
    shared("Slave_SQL_Running_State"),
    own("Slave_DDL_Groups", [](const S& s) { return number(s.ddl_groups); }),
    own("Slave_Non_Transactional_Groups",
        [](const S& s) { return number(s.non_transactional_groups); }),
    own("Slave_Transactional_Groups", [](const S& s) { return number(s.transactional_groups); }),
    own("Replicate_Rewrite_DB", [](const S& s) -> Cell { return s.filters.rewrite_db; }),
    own(
        "Retried_transactions", [](const S& s) { return number(s.retried_transactions); },
        kAllOnly),
    own("Max_relay_log_size", zero, kAllOnly),
    own(
        "Executed_log_entries", [](const S& s) { return number(s.executed_events); }, kAllOnly),
    own(
        "Slave_received_heartbeats", [](const S& s) { return number(s.received_heartbeats); },
        kAllOnly),
    own("Slave_heartbeat_period", heartbeat_period, kAllOnly),
    own(
        "Gtid_Slave_Pos", [](const S& s) -> Cell { return s.mariadb_gtid_slave_position; },
        kAllOnly),
};

}  // namespace

std::span<const ReplicaStatusColumn> mysql_status_columns() noexcept { return kMysql; }
std::span<const ReplicaStatusColumn> mariadb_status_columns() noexcept { return kMariadb; }

}  // namespace afterimage::replication

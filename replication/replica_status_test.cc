// SPDX-License-Identifier: Apache-2.0
#include "replication/replica_status.h"

#include <doctest/doctest.h>

#include <set>

using namespace afterimage::replication;

namespace {

std::optional<std::string> cell(std::span<const ReplicaStatusColumn> columns, std::string_view name,
                                const ReplicaStatus& status) {
    for (const auto& column : columns) {
        if (column.name == name || column.old_name == name) {
            return column.get(status);
        }
    }
    FAIL("no column " << std::string(name));
    return std::nullopt;
}

}  // namespace

TEST_CASE("status: column lists are those of the servers") {
    const auto mysql = mysql_status_columns();
    REQUIRE(mysql.size() == 60);
    CHECK(mysql.front().name == "Replica_IO_State");
    CHECK(mysql[9].name == "Relay_Source_Log_File");
    CHECK(mysql[32].name == "Seconds_Behind_Source");
    CHECK(mysql[53].name == "Auto_Position");
    CHECK(mysql.back().name == "Network_Namespace");
    const auto mariadb = mariadb_status_columns();
    REQUIRE(mariadb.size() == 62);
    CHECK(mariadb.front().name == "Connection_name");
    CHECK(mariadb.back().name == "Gtid_Slave_Pos");
    std::set<std::string_view> names;
    for (const auto& column : mysql) {
        CHECK(names.insert(column.name).second);
        CHECK(column.old_name.find("Source") == std::string_view::npos);
        CHECK(column.old_name.find("Replica_") == std::string_view::npos);
    }
    std::size_t single = 0;
    for (const auto& column : mariadb) {
        single += column.all_only ? 0U : 1U;
    }
    CHECK(single == 54);
}

TEST_CASE("status: cells") {
    ReplicaStatus status;
    status.source_host = "db1";
    status.io_running = ReplicaStatus::Running::kConnecting;
    status.last_sql_error = {1032, "row missing", "261122 10:00:00"};
    const auto mysql = mysql_status_columns();
    const auto mariadb = mariadb_status_columns();
    CHECK(cell(mysql, "Source_Host", status) == "db1");
    CHECK(cell(mariadb, "Master_Host", status) == "db1");
    CHECK(cell(mysql, "Slave_IO_Running", status) == "Connecting");
    CHECK(cell(mysql, "Replica_SQL_Running", status) == "No");
    CHECK(cell(mysql, "Last_Errno", status) == "1032");
    CHECK(cell(mysql, "Last_SQL_Error", status) == "row missing");
    CHECK(!cell(mysql, "Seconds_Behind_Source", status).has_value());
    status.seconds_behind = 0;
    CHECK(cell(mysql, "Seconds_Behind_Master", status) == "0");
    CHECK(cell(mariadb, "Slave_heartbeat_period", status) == "30.000");
    CHECK(cell(mariadb, "Using_Gtid", status) == "No");
}

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mariadb_server.h"

#include <doctest/doctest.h>

#include <filesystem>

using afterimage::tests::MariadbClient;
using afterimage::tests::MariadbServer;

TEST_CASE("test server: starts, answers, survives a kill, cleans up" *
          doctest::skip(!MariadbServer::available())) {
    std::string directory;
    {
        MariadbServer server({.server_id = 77, .arguments = {"--binlog-format=ROW"}});
        directory = server.data_directory();
        {
            MariadbClient client(server);
            client.execute("CREATE DATABASE d");
            client.execute("CREATE TABLE d.t (a INT)");
            client.execute("INSERT INTO d.t VALUES (1), (NULL)");
            CHECK(client.query_one("SELECT @@server_id") == "77");
            CHECK(client.query_one("SELECT @@log_bin") == "1");
            CHECK(client.query_one("SELECT @@binlog_format") == "ROW");
        }
        server.kill();
        CHECK(!server.running());
        server.start();
        MariadbClient client(server, "d");
        const auto rows = client.query("SELECT a FROM t ORDER BY a");
        REQUIRE(rows.size() == 2);
        CHECK(!rows[0][0].has_value());
        CHECK(rows[1][0] == "1");
        CHECK_THROWS(client.execute("SELEKT"));
        server.stop();
    }
    CHECK(!std::filesystem::exists(directory));
}

// SPDX-License-Identifier: Apache-2.0
#include "sql/session/session.h"

#include <doctest/doctest.h>

#include <functional>

#include "sql/sql_error.h"

namespace afterimage::sql {
namespace {

using storage::Value;

Value text(std::string_view bytes) { return Value::of_bytes(storage::Bytes(bytes)); }

std::uint16_t error_of(const std::function<void()>& run) {
    try {
        run();
    } catch (const SqlError& error) {
        return error.error_number();
    }
    return 0;
}

struct Fixture {
    GlobalVariables globals;
    Session session{SessionServices{&globals, nullptr, nullptr}, 7};
};

TEST_CASE_FIXTURE(Fixture, "variables: at least 200, found in any case, aliases resolved") {
    CHECK(system_variables().size() >= 200);
    for (const SystemVariable& variable : system_variables()) {
        CHECK(find_system_variable(variable.name) == &variable);
    }
    CHECK(find_system_variable("AutoCommit")->name == "autocommit");
    CHECK(find_system_variable("tx_isolation")->name == "transaction_isolation");
    CHECK(find_system_variable("no_such") == nullptr);
    CHECK(session.get_variable("version").as_bytes() == "8.0.33-afterimage");
}

TEST_CASE_FIXTURE(Fixture, "variables: every settable default is accepted by its own SET") {
    for (const SystemVariable& variable : system_variables()) {
        if (variable.scope == VariableScope::kGlobal ||
            variable.access == VariableAccess::kReadOnly ||
            variable.access == VariableAccess::kGlobalOnlySet) {
            continue;
        }
        CAPTURE(variable.name);
        const Value before = session.get_session_variable(variable.name);
        if (!before.is_null()) {
            CHECK(error_of([&] { session.set_variable(variable.name, before); }) == 0);
            CHECK(session.warnings.empty());
        }
    }
}

TEST_CASE_FIXTURE(Fixture, "variables: MySQL's error for each misuse") {
    CHECK(error_of([&] { session.set_variable("nope", text("x")); }) == 1193);
    CHECK(error_of([&] { static_cast<void>(session.get_variable("nope")); }) == 1193);
    CHECK(error_of([&] { session.set_global_variable("timestamp", Value::of_int(1)); }) == 1228);
    CHECK(error_of([&] { session.set_variable("max_connections", Value::of_int(1)); }) == 1229);
    CHECK(error_of([&] { session.set_variable("autocommit", text("maybe")); }) == 1231);
    CHECK(error_of([&] { session.set_variable("autocommit", {}); }) == 1231);
    CHECK(error_of([&] { session.set_variable("wait_timeout", text("10")); }) == 1232);
    CHECK(error_of([&] { session.set_variable("version", text("9")); }) == 1238);
    CHECK(error_of([&] { session.set_global_variable("port", Value::of_int(1)); }) == 1238);
    CHECK(error_of([&] { static_cast<void>(session.get_session_variable("port")); }) == 1238);
    CHECK(error_of([&] { static_cast<void>(session.get_global_variable("insert_id")); }) == 1238);
    CHECK(error_of([&] { session.set_variable("max_allowed_packet", Value::of_int(1)); }) == 1621);
    CHECK(error_of([&] { session.set_variable("character_set_client", text("klingon")); }) == 1115);
    CHECK(error_of([&] { session.set_variable("character_set_client", text("utf16")); }) == 1231);
    CHECK(error_of([&] { session.set_variable("collation_connection", text("x_ci")); }) == 1273);
    CHECK(error_of([&] { session.set_variable("time_zone", text("Mars/Base")); }) == 1298);
    CHECK(error_of([&] { session.set_variable("time_zone", text("../passwd")); }) == 1298);
    CHECK(error_of([&] { session.set_variable("sql_mode", text("ORACLE")); }) == 1231);
    CHECK(error_of([&] { session.set_names("utf8mb4", "latin1_bin"); }) == 1253);
}

TEST_CASE_FIXTURE(Fixture, "variables: effects reach the statement context") {
    session.set_variable("autocommit", Value::of_int(0));
    CHECK_FALSE(session.autocommit);
    session.set_variable("sql_mode", text("ansi_quotes, no_backslash_escapes"));
    CHECK(session.context.sql_mode == (kModeAnsiQuotes | kModeNoBackslashEscapes));
    CHECK(session.get_variable("sql_mode").as_bytes() == "ANSI_QUOTES,NO_BACKSLASH_ESCAPES");
    session.set_variable("foreign_key_checks", text("OFF"));
    CHECK_FALSE(session.context.foreign_key_checks);
    session.set_variable("time_zone", text("+2:30"));
    CHECK(session.context.time_zone == "+02:30");
    session.set_variable("timestamp", Value::of_int(1000));
    session.begin_statement(5);
    CHECK(session.context.now_micros == 1'000'000'000);
    session.set_variable("timestamp", Value::of_int(0));
    session.begin_statement(5);
    CHECK(session.context.now_micros == 5);
    session.set_variable("insert_id", Value::of_int(9));
    CHECK(session.context.insert_id == 9);
    session.set_names("latin1", "");
    CHECK(session.context.connection_collation == 8);
    CHECK(session.get_variable("character_set_connection").as_bytes() == "latin1");
    session.set_variable("character_set_results", {});
    CHECK(session.context.results_collation == 63);
}

TEST_CASE_FIXTURE(Fixture, "variables: numbers out of range are cut with warning 1292") {
    session.context.sql_mode &= ~std::uint64_t{kModeStrictAllTables};
    session.set_variable("div_precision_increment", Value::of_int(99));
    CHECK(session.context.div_precision_increment == 30);
    REQUIRE(session.warnings.size() == 1);
    CHECK(session.warnings[0].code == 1292);
    CHECK(session.warnings[0].message == "Truncated incorrect div_precision_increment value: '99'");
    session.context.sql_mode |= kModeStrictAllTables;
    CHECK(error_of([&] { session.set_variable("div_precision_increment", Value::of_int(99)); }) ==
          1231);
}

TEST_CASE_FIXTURE(Fixture, "variables: a session keeps the globals of its beginning") {
    session.set_global_variable("wait_timeout", Value::of_int(60));
    CHECK(session.get_variable("wait_timeout").as_uint() == 28800);
    CHECK(session.get_global_variable("wait_timeout").as_uint() == 60);
    Session later(SessionServices{&globals, nullptr, nullptr}, 8);
    CHECK(later.get_variable("wait_timeout").as_uint() == 60);
    session.set_variable_default("wait_timeout");
    CHECK(session.get_variable("wait_timeout").as_uint() == 60);
    session.set_global_variable_default("wait_timeout");
    CHECK(session.get_global_variable("wait_timeout").as_uint() == 28800);
}

TEST_CASE_FIXTURE(Fixture, "session: reset forgets variables, user variables and transaction") {
    session.set_variable("autocommit", Value::of_int(0));
    session.user_variables["x"] = Value::of_int(1);
    session.in_transaction = true;
    session.set_database("shop", 45);
    session.reset();
    CHECK(session.autocommit);
    CHECK(session.user_variables.empty());
    CHECK_FALSE(session.in_transaction);
    CHECK(session.context.database == "shop");
    CHECK(session.context.database_collation == 45);
}

TEST_CASE_FIXTURE(Fixture, "session: tracked variables and database are told to the client") {
    session.set_variable("autocommit", Value::of_int(0));
    session.set_variable("wait_timeout", Value::of_int(5));
    REQUIRE(session.changes.variables.size() == 1);
    CHECK(session.changes.variables[0].first == "autocommit");
    CHECK(session.changes.variables[0].second == "OFF");
    session.set_database("shop", 255);
    CHECK(session.changes.schema_changed);
}

TEST_CASE("sql_mode: combinations expand, legacy names of dumps are ignored") {
    CHECK(sql_mode_text(sql_mode_of_text("ANSI")) ==
          "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ONLY_FULL_GROUP_BY,ANSI");
    CHECK((sql_mode_of_text("traditional") & kModeStrictAllTables) != 0);
    CHECK(sql_mode_of_text("NO_AUTO_CREATE_USER") == 0);
    // The same mode as a bit, as a source's events carry it.
    constexpr std::uint64_t kNoAutoCreateUser = std::uint64_t{1} << 28U;
    CHECK(known_sql_modes(kNoAutoCreateUser | kModeStrictTransTables) == kModeStrictTransTables);
    CHECK(sql_mode_of_text("") == 0);
}

TEST_CASE("stop token: each reason is its error") {
    StopToken stop;
    CHECK(error_of([&] { stop.check(); }) == 0);
    stop.request(StopToken::Reason::kQueryKilled);
    CHECK(error_of([&] { stop.check(); }) == 1317);
    stop.request(StopToken::Reason::kTimeout);
    CHECK(error_of([&] { stop.check(); }) == 3024);
    stop.request(StopToken::Reason::kShutdown);
    CHECK(error_of([&] { stop.check(); }) == 1053);
}

TEST_CASE("accounts: host patterns match as MySQL's") {
    CHECK(host_matches("%", "10.1.2.3"));
    CHECK(host_matches("10.1.%", "10.1.2.3"));
    CHECK_FALSE(host_matches("10.2.%", "10.1.2.3"));
    CHECK(host_matches("localhost", "LOCALHOST"));
    CHECK(host_matches("192.168.1.0/255.255.255.0", "192.168.1.77"));
    CHECK_FALSE(host_matches("192.168.1.0/255.255.255.0", "192.168.2.77"));
    CHECK(host_matches("host\\_a", "host_a"));
    CHECK_FALSE(host_matches("host\\_a", "hostxa"));
}

TEST_CASE("accounts: privileges add up over server, database, table") {
    PrivilegeSet set;
    set.databases["shop"] = kPrivilegeSelect;
    set.tables[{"shop", "orders"}] = kPrivilegeInsert;
    CHECK(set.has_database("shop", kPrivilegeSelect));
    CHECK_FALSE(set.has_database("shop", kPrivilegeInsert));
    CHECK(set.has_table("shop", "orders", kPrivilegeSelect | kPrivilegeInsert));
    CHECK(set.sees_database("shop"));
    CHECK_FALSE(set.sees_database("other"));
    set.global = kPrivilegeProcess;
    CHECK_FALSE(set.sees_database("other"));
    set.global = kPrivilegeSelect;
    CHECK(set.sees_database("other"));
}

}  // namespace
}  // namespace afterimage::sql

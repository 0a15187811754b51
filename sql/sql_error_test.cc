// SPDX-License-Identifier: Apache-2.0
#include "sql/sql_error.h"

#include <doctest/doctest.h>

namespace afterimage::sql {

TEST_CASE("errors carry number, SQLSTATE and MySQL's text") {
    try {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, "d", std::string("t"));
    } catch (const SqlError& error) {
        CHECK(error.code() == ErrorCode::ER_NO_SUCH_TABLE);
        CHECK(error.error_number() == 1146);
        CHECK(error.sqlstate() == "42S02");
        CHECK(error.message() == "Table 'd.t' doesn't exist");
        CHECK(std::string(error.what()) == error.message());
    }
}

TEST_CASE("messages take text and numbers in order; missing ones leave a hole") {
    CHECK(error_message(ErrorCode::ER_WRONG_VALUE_COUNT_ON_ROW, 3) ==
          "Column count doesn't match value count at row 3");
    CHECK(error_message(ErrorCode::ER_DUP_ENTRY, "1", "t.PRIMARY") ==
          "Duplicate entry '1' for key 't.PRIMARY'");
    CHECK(error_message(ErrorCode::ER_DUP_ENTRY, "1") == "Duplicate entry '1' for key ''");
    CHECK(error_message(ErrorCode::ER_DUP_ENTRY, "{}", "x") == "Duplicate entry '{}' for key 'x'");
    CHECK(error_message(ErrorCode::ER_REGEXP_BAD_INTERVAL) ==
          "Incorrect description of a {min,max} interval.");
}

TEST_CASE("names, states and MariaDB's words are looked up by code") {
    CHECK(error_name(ErrorCode::ER_LOCK_DEADLOCK) == "ER_LOCK_DEADLOCK");
    CHECK(error_sqlstate(ErrorCode::ER_LOCK_DEADLOCK) == "40001");
    CHECK(message_format(ErrorCode::ER_NOT_SUPPORTED_YET, true) ==
          "This version of MariaDB doesn't yet support '{}'");
    CHECK(message_format(ErrorCode::ER_LOCK_DEADLOCK, true) ==
          message_format(ErrorCode::ER_LOCK_DEADLOCK, false));
    CHECK(error_sqlstate(static_cast<ErrorCode>(7)) == "HY000");
    CHECK(error_name(static_cast<ErrorCode>(7)).empty());
    CHECK_THROWS_AS(throw_not_supported("HANDLER"), SqlError);
    CHECK(SqlError(1644, "45000", "mine").sqlstate() == "45000");
    CHECK(SqlError(1644, "bad", "mine").sqlstate() == "HY000");
}

TEST_CASE("every row has a five-character SQLSTATE and a number of its own") {
    struct Row {
        ErrorCode code;
        std::string_view name;
        std::string_view state;
    };
    static constexpr Row kRows[] = {
#define AFTERIMAGE_ERROR(name, number, state, message, mariadb_message) \
    {ErrorCode::name, #name, state},
#include "sql/error_codes.def"
#undef AFTERIMAGE_ERROR
    };
    CHECK(std::size(kRows) > 180);
    for (const Row& row : kRows) {
        CAPTURE(row.name);
        CHECK(row.state.size() == 5);
        CHECK(error_name(row.code) == row.name);  // a number used twice would name the other row
    }
}

}  // namespace afterimage::sql

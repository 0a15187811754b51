// SPDX-License-Identifier: Apache-2.0
// Expressions against the answers of a real server.
#include <doctest/doctest.h>

#include <string>

#include "sql/expr/testing/golden_file.h"

namespace afterimage::sql::testing {

namespace {

void check_file(const std::string& name) {
    StatementContext statement = golden_session();
    for (const GoldenLine& line : read_golden_file("sql/expr/golden/" + name + ".txt")) {
        INFO(name, ":", line.number, ": ", line.expression);
        CHECK_EQ(answer_of(line.expression, statement), line.answer);
    }
}

}  // namespace

TEST_CASE("golden: arithmetic and bits as the servers compute them") { check_file("arithmetic"); }
TEST_CASE("golden: comparison, logic and choice") { check_file("comparison"); }
TEST_CASE("golden: casts and character sets") { check_file("cast"); }
TEST_CASE("golden: strings") { check_file("string"); }
TEST_CASE("golden: numbers") { check_file("number"); }
TEST_CASE("golden: dates and times") { check_file("date"); }
TEST_CASE("golden: JSON") { check_file("json"); }

}  // namespace afterimage::sql::testing

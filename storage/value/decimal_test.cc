// SPDX-License-Identifier: Apache-2.0
#include "storage/value/decimal.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace afterimage::storage {
namespace {

Decimal d(std::string_view text) {
    const auto value = Decimal::parse(text);
    REQUIRE(value.has_value());
    return *value;
}

TEST_CASE("decimal: every vector of Python's decimal module holds") {
    // One vector a line: operation, operands, result; made with Python's decimal, rounding half up
    // (away from zero), 65 digits.
    std::ifstream file("storage/value/decimal_golden.txt");
    REQUIRE(file);
    std::string line;
    int count = 0;
    while (std::getline(file, line)) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        std::istringstream in(line);
        std::string op;
        std::string a;
        std::string b;
        std::string expected;
        in >> op >> a >> b >> expected;
        INFO(line);
        if (op == "add") {
            CHECK(Decimal::add(d(a), d(b)).text() == expected);
        } else if (op == "sub") {
            CHECK(Decimal::subtract(d(a), d(b)).text() == expected);
        } else if (op == "mul") {
            CHECK(Decimal::multiply(d(a), d(b)).text() == expected);
        } else if (op == "div4") {
            CHECK(Decimal::divide(d(a), d(b), 4)->text() == expected);
        } else if (op == "mod") {
            CHECK(Decimal::modulo(d(a), d(b))->text() == expected);
        } else if (op == "cmp") {
            CHECK(Decimal::compare(d(a), d(b)) == std::stoi(expected));
        } else if (op == "scale") {
            CHECK(d(a).rescaled(65, static_cast<unsigned>(std::stoi(b))).text() == expected);
        } else if (op == "trunc") {
            CHECK(d(a).truncated(static_cast<unsigned>(std::stoi(b))).text() == expected);
        } else {
            FAIL("unknown operation");
        }
        ++count;
    }
    CHECK(count > 700);
}

TEST_CASE("decimal: the longest prefix that is a number is read") {
    std::size_t consumed = 0;
    CHECK(Decimal::parse("12.5e1abc", &consumed)->text() == "125");
    CHECK(consumed == 6);
    CHECK(Decimal::parse("  -1.50 x", &consumed)->text() == "-1.50");
    CHECK(consumed == 7);
    CHECK(Decimal::parse(".5", &consumed)->text() == "0.5");
    CHECK(Decimal::parse("5.", &consumed)->text() == "5");
    CHECK(consumed == 2);
    CHECK(Decimal::parse("1e", &consumed)->text() == "1");
    CHECK(consumed == 1);
    CHECK(Decimal::parse("1e+", &consumed)->text() == "1");
    CHECK(consumed == 1);
    CHECK(Decimal::parse("1e-2", &consumed)->text() == "0.01");
    CHECK(Decimal::parse("007", &consumed)->text() == "7");
    CHECK(Decimal::parse("0.000", &consumed)->text() == "0.000");
    CHECK(Decimal::parse("-0.0")->is_negative() == false);
    CHECK_FALSE(Decimal::parse("", &consumed));
    CHECK_FALSE(Decimal::parse(".", &consumed));
    CHECK_FALSE(Decimal::parse("-", &consumed));
    CHECK_FALSE(Decimal::parse("e5", &consumed));
    CHECK(consumed == 0);
}

TEST_CASE(
    "decimal: what does not fit is rounded in the fraction and saturates in the integer part") {
    bool overflow = false;
    const std::string nines(65, '9');
    CHECK(Decimal::parse("1" + std::string(65, '0'), nullptr, &overflow)->text() == nines);
    CHECK(overflow);
    CHECK(Decimal::parse("-1e999999999999", nullptr, &overflow)->text() == "-" + nines);
    CHECK(overflow);
    CHECK(Decimal::parse("1e-999999999999", nullptr, &overflow)->is_zero());
    CHECK_FALSE(overflow);
    CHECK(d("0." + std::string(30, '0') + "5").text() == "0." + std::string(29, '0') + "1");
    CHECK(d(std::string(60, '1') + ".123456").text() == std::string(60, '1') + ".12346");
    CHECK(Decimal::add(d(nines), d("1"), &overflow).text() == nines);
    CHECK(overflow);
    CHECK(Decimal::multiply(d("-" + nines), d("10"), &overflow).text() == "-" + nines);
    CHECK(overflow);
    CHECK(d("123.45").rescaled(4, 2, &overflow).text() == "99.99");
    CHECK(overflow);
    CHECK(d("-123.45").rescaled(4, 2, &overflow).text() == "-99.99");
    CHECK(d("99.995").rescaled(4, 2, &overflow).text() == "99.99");
    CHECK(overflow);
    CHECK(d("99.994").rescaled(4, 2, &overflow).text() == "99.99");
    CHECK_FALSE(overflow);
}

TEST_CASE("decimal: integers and doubles come and go exactly where they can") {
    bool overflow = false;
    CHECK(Decimal::of_int(INT64_MIN).text() == "-9223372036854775808");
    CHECK(Decimal::of_uint(UINT64_MAX).text() == "18446744073709551615");
    CHECK(Decimal::of_uint(UINT64_MAX).to_uint(&overflow) == UINT64_MAX);
    CHECK_FALSE(overflow);
    CHECK(Decimal::of_uint(UINT64_MAX).to_int(&overflow) == INT64_MAX);
    CHECK(overflow);
    CHECK(d("-0.5").to_int(&overflow) == -1);
    CHECK_FALSE(overflow);
    CHECK(d("-0.4").to_uint(&overflow) == 0);
    CHECK_FALSE(overflow);
    CHECK(d("-1").to_uint(&overflow) == 0);
    CHECK(overflow);
    CHECK(d("0.1").to_double() == 0.1);
    CHECK(d("123456789012345678901234567890.5").to_double() == 123456789012345678901234567890.5);
    CHECK(Decimal::of_double(0.1, 1).text() == "0.1");
    CHECK(Decimal::of_double(1e20, 2).text() == "100000000000000000000.00");
    CHECK(Decimal::of_double(-2.5, 0).text() == "-3");
    CHECK(Decimal::of_double(1.0 / 3, 20).text() == "0.33333333333333330000");
    CHECK(Decimal::of_double(1e300, 0).text() == std::string(65, '9'));
}

TEST_CASE("decimal: division by zero has no result") {
    CHECK_FALSE(Decimal::divide(d("1"), d("0.00"), 4));
    CHECK_FALSE(Decimal::modulo(d("1"), d("0")));
}

TEST_CASE("decimal: equality is of bits, comparison of values") {
    CHECK(Decimal::compare(d("1.0"), d("1.00")) == 0);
    CHECK_FALSE(d("1.0") == d("1.00"));
    CHECK(d("1.0").negated().negated() == d("1.0"));
    CHECK(d("0.00").digit_count() == 1);
    CHECK(d("-120.0").digit_count() == 4);
}

}  // namespace
}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/ast/literal_rows.h"

#include <doctest/doctest.h>

#include "sql/parse/parse_test_support.h"

namespace afterimage::sql::test {
namespace {

// Counts what a parse takes from the heap.
class CountingResource : public std::pmr::memory_resource {
  public:
    std::size_t taken_bytes = 0;

  private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        taken_bytes += size;
        return std::pmr::new_delete_resource()->allocate(size, alignment);
    }
    void do_deallocate(void* at, std::size_t size, std::size_t alignment) override {
        std::pmr::new_delete_resource()->deallocate(at, size, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};

}  // namespace

TEST_CASE("literal rows: every kind of literal is a compact cell with its value") {
    const Parsed parsed(
        "INSERT INTO t VALUES (1, -2.5, +3e4, NULL, TRUE, FALSE, DEFAULT, 'a', 'it''s', 'x' 'y', "
        "_latin1'z', N'n', 0x414, X'4142', b'101', '\\n', \"dq\", _binary 'ab', _utf8mb4 X'43', "
        "'')");
    const auto& rows = *parsed.as<ast::InsertStatement>().rows;
    REQUIRE(rows.row_count() == 1);
    REQUIRE(rows.column_count() == 20);
    CHECK(rows.all_literals());
    struct Case {
        ast::CellKind kind;
        std::string_view value;
        std::string_view charset;
    };
    using Kind = ast::CellKind;
    static constexpr Case kCases[] = {
        {Kind::kInteger, "1", ""},       {Kind::kDecimal, "-2.5", ""},
        {Kind::kFloat, "3e4", ""},       {Kind::kNull, "", ""},
        {Kind::kTrue, "", ""},           {Kind::kFalse, "", ""},
        {Kind::kDefault, "", ""},        {Kind::kPlainString, "a", ""},
        {Kind::kString, "it's", ""},     {Kind::kString, "xy", ""},
        {Kind::kString, "z", "latin1"},  {Kind::kString, "n", ""},
        {Kind::kHex, "\x04\x14", ""},    {Kind::kHex, "AB", ""},
        {Kind::kBit, "\x05", ""},        {Kind::kString, "\n", ""},
        {Kind::kPlainString, "dq", ""},  {Kind::kString, "ab", "binary"},
        {Kind::kString, "C", "utf8mb4"}, {Kind::kPlainString, "", ""}};
    std::string scratch;
    for (std::size_t i = 0; i < std::size(kCases); ++i) {
        CAPTURE(i);
        const ast::CellValue value = rows.value(0, i, scratch);
        CHECK(value.kind == kCases[i].kind);
        CHECK(value.value == kCases[i].value);
        CHECK(value.charset == kCases[i].charset);
        CHECK(value.national == (i == 11));
    }
}

TEST_CASE("literal rows: rows with expressions and parameters stand between rows of literals") {
    ParseOptions options;
    options.allow_parameters = true;
    const Parsed parsed("INSERT INTO t VALUES (1,'a'),(2,NOW()),(3,'b'),(?,?),(4,-a),(5, - 6)",
                        options);
    const auto& rows = *parsed.as<ast::InsertStatement>().rows;
    REQUIRE(rows.row_count() == 6);
    CHECK_FALSE(rows.all_literals());
    std::string scratch;
    CHECK(rows.value(0, 1, scratch).value == "a");
    CHECK(rows.kind(1, 1) == ast::CellKind::kExpression);
    CHECK(rows.value(2, 0, scratch).value == "3");
    CHECK(rows.value(3, 1, scratch).parameter == 1);
    CHECK(print_expression(*rows.value(4, 1, scratch).expression) == "-`a`");
    CHECK(parsed.result().parameter_count == 2);
}

TEST_CASE("literal rows: the first row of another length is named") {
    const Parsed parsed("INSERT INTO t VALUES (1,2),(3,4),(5),(6,7)");
    const auto& rows = *parsed.as<ast::InsertStatement>().rows;
    CHECK(rows.row_count() == 2);
    CHECK(rows.ragged_row() == 3);
    CHECK(Parsed("INSERT INTO t VALUES (), (1)").as<ast::InsertStatement>().rows->ragged_row() ==
          2);
}

TEST_CASE("literal rows: what follows the rows is the grammar's") {
    CHECK(Parsed("INSERT INTO t VALUES (1),(2) ON DUPLICATE KEY UPDATE a = VALUES(a)")
              .as<ast::InsertStatement>()
              .on_duplicate);
    CHECK(near("INSERT INTO t VALUES (1),(2) (3)") == "'(3)' at line 1");
    CHECK(near("INSERT INTO t VALUES (1),(2),") == "'' at line 1");
    CHECK(near("INSERT INTO t VALUES (1),\n(2 3)") == "'3)' at line 2");
    CHECK(near("INSERT INTO t VALUES (1) (2") == "'(2' at line 1");
    const Parsed two("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)");
    CHECK(two.result().consumed == 25);
}

TEST_CASE("literal rows: a large extended INSERT takes memory in proportion to its text") {
    std::string text = "INSERT INTO t VALUES ";
    constexpr int kRows = 200000;
    for (int i = 0; i < kRows; ++i) {
        text += i == 0 ? "(" : ",(";
        text += std::to_string(i) + ",'some text',NULL)";
    }
    CountingResource heap;
    Arena arena(&heap);
    const ParseResult result = parse_one(text, {}, arena);
    const auto& rows = *ast::as<ast::InsertStatement>(*result.statement).rows;
    CHECK(rows.row_count() == kRows);
    std::string scratch;
    CHECK(rows.value(kRows - 1, 0, scratch).value == std::to_string(kRows - 1));
    CHECK(heap.taken_bytes < 3 * text.size());
}

TEST_CASE("literal rows: sql_mode acts on their strings") {
    ParseOptions options;
    options.no_backslash_escapes = true;
    const Parsed parsed("INSERT INTO t VALUES ('a\\', 'b''c\\n')", options);
    const auto& rows = *parsed.as<ast::InsertStatement>().rows;
    std::string scratch;
    CHECK(rows.value(0, 0, scratch).value == "a\\");
    CHECK(rows.value(0, 1, scratch).value == "b'c\\n");
}

}  // namespace afterimage::sql::test

// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/testing/expression_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/testing/token_cursor.h"
#include "storage/value/collation.h"
#include "storage/value/temporal.h"

namespace afterimage::sql::testing {

namespace {

using storage::TypeId;
using storage::Value;

class Reader : private TokenCursor {
  public:
    Reader(std::string_view text, StatementContext& statement,
           const std::vector<NamedColumn>& columns)
        : TokenCursor(text), statement_(statement), columns_(columns) {}

    ExpressionPtr whole() {
        ExpressionPtr result = expression();
        if (token().kind != Token::Kind::kEnd) {
            fail("something behind the expression");
        }
        return result;
    }

  private:
    using Args = std::vector<ExpressionPtr>;

    ExpressionPtr call(std::string_view name, Args args, std::uint32_t option = 0) {
        return bind_function(name, std::move(args), statement_, option);
    }
    template <class... Operands>
    ExpressionPtr op(std::string_view name, Operands... operands) {
        Args args;
        (args.push_back(std::move(operands)), ...);
        return call(name, std::move(args));
    }

    ExpressionPtr expression() {
        ExpressionPtr left = xor_expression();
        while (take_word("OR") || take_sign("||")) {
            left = op("or", std::move(left), xor_expression());
        }
        return left;
    }
    ExpressionPtr xor_expression() {
        ExpressionPtr left = and_expression();
        while (take_word("XOR")) {
            left = op("xor", std::move(left), and_expression());
        }
        return left;
    }
    ExpressionPtr and_expression() {
        ExpressionPtr left = not_expression();
        while (take_word("AND") || take_sign("&&")) {
            left = op("and", std::move(left), not_expression());
        }
        return left;
    }
    ExpressionPtr not_expression() {
        if (take_word("NOT")) {
            return op("not", not_expression());
        }
        return comparison();
    }

    ExpressionPtr comparison() {
        ExpressionPtr left = predicate();
        while (true) {
            std::string name;
            for (const std::string_view sign : {"<=>", "<=", ">=", "<>", "!=", "=", "<", ">"}) {
                if (take_sign(sign)) {
                    name = sign == "!=" ? "<>" : std::string(sign);
                    break;
                }
            }
            if (!name.empty()) {
                left = op(name, std::move(left), predicate());
            } else if (take_word("IS")) {
                left = is_test(std::move(left));
            } else {
                return left;
            }
        }
    }

    ExpressionPtr is_test(ExpressionPtr left) {
        const bool negated = take_word("NOT");
        const std::string middle = negated ? "is_not_" : "is_";
        for (const std::string_view word : {"TRUE", "FALSE", "NULL", "UNKNOWN"}) {
            if (take_word(word)) {
                const std::string name = middle + (word == "TRUE"    ? "true"
                                                   : word == "FALSE" ? "false"
                                                                     : "null");
                return op(name, std::move(left));
            }
        }
        fail("expected TRUE, FALSE, NULL");
    }

    ExpressionPtr predicate() {
        ExpressionPtr left = bit_or();
        const std::string prefix = is_word("NOT") && !is_sign("(", 1) ? "not_" : "";
        if (!prefix.empty()) {
            ++at_;
        }
        if (take_word("IN")) {
            expect("(");
            Args args;
            args.push_back(std::move(left));
            do {
                args.push_back(expression());
            } while (take_sign(","));
            expect(")");
            return call(prefix + "in", std::move(args));
        }
        if (take_word("BETWEEN")) {
            ExpressionPtr low = bit_or();
            expect_word("AND");
            return op(prefix + "between", std::move(left), std::move(low), bit_or());
        }
        if (take_word("LIKE")) {
            Args args;
            args.push_back(std::move(left));
            args.push_back(bit_or());
            if (take_word("ESCAPE")) {
                args.push_back(bit_or());
            }
            return call(prefix + "like", std::move(args));
        }
        if (take_word("REGEXP") || take_word("RLIKE")) {
            return op(prefix + "regexp", std::move(left), bit_or());
        }
        if (take_word("SOUNDS")) {
            expect_word("LIKE");
            return op("sounds_like", std::move(left), bit_or());
        }
        if (take_word("MEMBER")) {
            expect_word("OF");
            expect("(");
            ExpressionPtr array = expression();
            expect(")");
            return op("member_of", std::move(left), std::move(array));
        }
        return left;
    }

    ExpressionPtr bit_or() {
        ExpressionPtr left = bit_and();
        while (take_sign("|")) {
            left = op("|", std::move(left), bit_and());
        }
        return left;
    }
    ExpressionPtr bit_and() {
        ExpressionPtr left = shift();
        while (take_sign("&")) {
            left = op("&", std::move(left), shift());
        }
        return left;
    }
    ExpressionPtr shift() {
        ExpressionPtr left = sum();
        while (is_sign("<<") || is_sign(">>")) {
            const std::string name = token().text;
            ++at_;
            left = op(name, std::move(left), sum());
        }
        return left;
    }

    ExpressionPtr sum() {
        ExpressionPtr left = product();
        while (is_sign("+") || is_sign("-")) {
            const bool plus = token().text == "+";
            ++at_;
            if (is_word("INTERVAL")) {
                left = with_interval(plus ? "date_add" : "date_sub", std::move(left));
            } else {
                left = op(plus ? "+" : "-", std::move(left), product());
            }
        }
        return left;
    }

    ExpressionPtr with_interval(std::string_view name, ExpressionPtr date) {
        expect_word("INTERVAL");
        Args args;
        args.push_back(std::move(date));
        args.push_back(expression());
        return call(name, std::move(args), unit());
    }

    ExpressionPtr product() {
        ExpressionPtr left = power();
        while (true) {
            if (take_sign("*")) {
                left = op("*", std::move(left), power());
            } else if (take_sign("/")) {
                left = op("/", std::move(left), power());
            } else if (take_sign("%") || (is_word("MOD") && !is_sign("(", 1) && ++at_ > 0)) {
                left = op("%", std::move(left), power());
            } else if (take_word("DIV")) {
                left = op("div", std::move(left), power());
            } else {
                return left;
            }
        }
    }
    ExpressionPtr power() {
        ExpressionPtr left = unary();
        while (take_sign("^")) {
            left = op("^", std::move(left), unary());
        }
        return left;
    }
    ExpressionPtr unary() {
        if (take_sign("-")) {
            return op("neg", unary());
        }
        if (take_sign("+")) {
            return unary();
        }
        if (take_sign("~")) {
            return op("~", unary());
        }
        if (take_sign("!")) {
            return op("not", unary());
        }
        if (is_word("BINARY") && !is_sign("(", 1)) {
            ++at_;
            storage::ColumnType binary;
            binary.id = TypeId::kVarbinary;
            binary.length = ~std::uint32_t{0};
            return make_cast(unary(), binary, CastMode::kExplicit, statement_);
        }
        ExpressionPtr result = primary();
        while (take_word("COLLATE")) {
            result = make_collate(std::move(result), token().text, statement_);
            ++at_;
        }
        return result;
    }

    ExpressionPtr primary() {
        const Token current = token();
        switch (current.kind) {
            case Token::Kind::kNumber:
                ++at_;
                return number(current.text);
            case Token::Kind::kString:
                ++at_;
                return make_text_literal(current.text, statement_.connection_collation);
            case Token::Kind::kHex:
                ++at_;
                return make_hex_literal(current.text);
            case Token::Kind::kSign:
                return parenthesized();
            case Token::Kind::kWord:
                return word();
            default:
                fail("expected an expression");
        }
    }

    static ExpressionPtr number(const std::string& text) {
        if (text.find_first_of("eE") != std::string::npos) {
            return make_double_literal(std::strtod(text.c_str(), nullptr));
        }
        std::uint64_t value = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
        if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) {
            return value > INT64_MAX ? make_uint_literal(value)
                                     : make_int_literal(static_cast<std::int64_t>(value));
        }
        return make_decimal_literal(storage::Decimal::parse(text).value());
    }

    ExpressionPtr parenthesized() {
        expect("(");
        Args items;
        do {
            items.push_back(expression());
        } while (take_sign(","));
        expect(")");
        return items.size() == 1 ? std::move(items[0]) : make_row(std::move(items));
    }

    ExpressionPtr temporal_literal(TypeId id) {
        ++at_;
        const std::string text = token().text;
        ++at_;
        const std::size_t point = text.find('.');
        const auto digits =
            static_cast<unsigned>(point == std::string::npos ? 0 : text.size() - point - 1);
        bool truncated = false;
        const std::optional<std::int64_t> packed =
            id == TypeId::kTime ? storage::parse_time(text, &truncated)
                                : storage::parse_datetime(text, {}, &truncated);
        if (!packed.has_value()) {
            fail("bad literal " + text);
        }
        return make_temporal_literal(id, *packed, digits);
    }

    ExpressionPtr word() {
        const std::string name = token().upper;
        const std::string current = token().text;
        if (token(1).kind == Token::Kind::kString) {
            if (name == "DATE" || name == "TIME" || name == "TIMESTAMP") {
                return temporal_literal(name == "DATE"   ? TypeId::kDate
                                        : name == "TIME" ? TypeId::kTime
                                                         : TypeId::kDateTime);
            }
            if (name[0] == '_') {
                return introduced();
            }
        }
        if (name[0] == '_' && token(1).kind == Token::Kind::kHex) {
            return introduced();
        }
        ++at_;
        if (name == "NULL") {
            return make_null();
        }
        if (name == "TRUE" || name == "FALSE") {
            return make_bool_literal(name == "TRUE");
        }
        if (name == "CASE") {
            return case_expression();
        }
        if (!is_sign("(")) {
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                if (columns_[i].name == current) {
                    return make_slot(i, columns_[i].type, current);
                }
            }
            return call(name, {});
        }
        ++at_;
        return function(name);
    }

    ExpressionPtr introduced() {
        const std::string charset = token().text.substr(1);
        ++at_;
        const storage::Collation* collation = storage::default_collation(charset, true);
        if (collation == nullptr) {
            fail("unknown charset " + charset);
        }
        const std::string bytes = token().text;
        ++at_;
        return make_text_literal(bytes, collation->id());
    }

    ExpressionPtr case_expression() {
        ExpressionPtr operand;
        if (!is_word("WHEN")) {
            operand = expression();
        }
        Args args;
        while (take_word("WHEN")) {
            ExpressionPtr condition = expression();
            if (operand != nullptr) {
                condition = op("=", clone(*operand), std::move(condition));
            }
            args.push_back(std::move(condition));
            expect_word("THEN");
            args.push_back(expression());
        }
        if (take_word("ELSE")) {
            args.push_back(expression());
        }
        expect_word("END");
        return call("case", std::move(args));
    }

    ExpressionPtr function(const std::string& name) {
        if (name == "CAST" || name == "CONVERT") {
            return cast();
        }
        if (name == "EXTRACT") {
            const std::uint32_t option = unit();
            expect_word("FROM");
            Args args;
            args.push_back(expression());
            expect(")");
            return call("extract", std::move(args), option);
        }
        if (name == "TRIM") {
            return trim();
        }
        if (name == "TIMESTAMPADD" || name == "TIMESTAMPDIFF") {
            const std::uint32_t option = unit();
            expect(",");
            return call(name, rest(), option);
        }
        if (name == "GET_FORMAT") {
            Args args;
            args.push_back(make_text_literal(token().upper, statement_.connection_collation));
            ++at_;
            expect(",");
            args.push_back(expression());
            expect(")");
            return call(name, std::move(args));
        }
        if (name == "CHAR") {
            return char_function();
        }
        return call_with_special_separators(name);
    }

    ExpressionPtr call_with_special_separators(const std::string& name) {
        Args args;
        const bool position = name == "POSITION";
        while (!is_sign(")")) {
            if (is_word("INTERVAL") && args.size() == 1) {
                const bool add = name == "DATE_ADD" || name == "ADDDATE";
                ExpressionPtr result =
                    with_interval(add ? "date_add" : "date_sub", std::move(args[0]));
                expect(")");
                return result;
            }
            args.push_back(position && args.empty() ? bit_or() : expression());
            if (!take_sign(",") && !take_word("FROM") && !take_word("FOR") &&
                !(position && take_word("IN"))) {
                break;
            }
        }
        expect(")");
        return call(name, std::move(args));
    }

    Args rest() {
        Args args;
        while (!is_sign(")")) {
            args.push_back(expression());
            if (!take_sign(",")) {
                break;
            }
        }
        expect(")");
        return args;
    }

    ExpressionPtr char_function() {
        Args args;
        std::uint32_t collation = 0;
        do {
            args.push_back(expression());
        } while (take_sign(","));
        if (take_word("USING")) {
            collation = storage::default_collation(token().text, true)->id();
            ++at_;
        }
        expect(")");
        return call("char", std::move(args), collation);
    }

    ExpressionPtr trim() {
        std::string name = "trim";
        if (take_word("LEADING")) {
            name = "trim_leading";
        } else if (take_word("TRAILING")) {
            name = "trim_trailing";
        } else {
            take_word("BOTH");
        }
        Args args;
        if (!is_word("FROM")) {
            args.push_back(expression());
        }
        if (take_word("FROM")) {
            args.insert(args.begin(), expression());
        }
        expect(")");
        return call(name, std::move(args));
    }

    ExpressionPtr cast() {
        ExpressionPtr operand = expression();
        if (take_word("USING")) {
            const storage::Collation* collation = storage::default_collation(token().text, true);
            ++at_;
            expect(")");
            return make_convert_using(std::move(operand), collation->id(), statement_);
        }
        if (!take_word("AS")) {
            expect(",");
        }
        const storage::ColumnType target = type();
        expect(")");
        return make_cast(std::move(operand), target, CastMode::kExplicit, statement_);
    }

    StatementContext& statement_;
    const std::vector<NamedColumn>& columns_;
};

}  // namespace

ExpressionPtr read_expression(std::string_view text, StatementContext& statement,
                              const std::vector<NamedColumn>& columns) {
    return Reader(text, statement, columns).whole();
}

}  // namespace afterimage::sql::testing

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
#include "sql/parse/ast/expression.h"
#include "storage/value/collation.h"
#include "storage/value/temporal.h"

namespace afterimage::sql::testing {

namespace {

using storage::TypeId;
using storage::Value;

struct Token {
    enum class Kind : std::uint8_t { kEnd, kWord, kNumber, kString, kHex, kSign };
    Kind kind = Kind::kEnd;
    std::string text;
    std::string upper;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::vector<Token> all() {
        std::vector<Token> tokens;
        while (true) {
            while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) {
                ++at_;
            }
            if (at_ >= text_.size()) {
                break;
            }
            tokens.push_back(next());
        }
        tokens.emplace_back();
        return tokens;
    }

  private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    Token make(Token::Kind kind, std::string text) const {
        Token token;
        token.kind = kind;
        token.upper = text;
        for (char& c : token.upper) {
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        }
        token.text = std::move(text);
        return token;
    }

    Token next() {
        const char c = peek();
        const bool quoted_hex = (c == 'x' || c == 'X' || c == 'b' || c == 'B') && peek(1) == '\'';
        if (quoted_hex) {
            at_ += 2;
            const std::size_t end = text_.find('\'', at_);
            std::string digits(text_.substr(at_, end - at_));
            at_ = end + 1;
            return make(Token::Kind::kHex, bytes_of(digits, c == 'x' || c == 'X'));
        }
        if (c == '0' && (peek(1) == 'x' || peek(1) == 'b')) {
            const bool hex = peek(1) == 'x';
            at_ += 2;
            const std::size_t start = at_;
            while (is_word(peek())) {
                ++at_;
            }
            return make(Token::Kind::kHex,
                        bytes_of(std::string(text_.substr(start, at_ - start)), hex));
        }
        if (c == '\'' || c == '"') {
            return string(c);
        }
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
            return number();
        }
        if (is_word(c)) {
            const std::size_t start = at_;
            while (is_word(peek())) {
                ++at_;
            }
            return make(Token::Kind::kWord, std::string(text_.substr(start, at_ - start)));
        }
        for (const std::string_view sign :
             {"<=>", "<<", ">>", "<=", ">=", "<>", "!=", "&&", "||", "->"}) {
            if (text_.substr(at_, sign.size()) == sign) {
                at_ += sign.size();
                return make(Token::Kind::kSign, std::string(sign));
            }
        }
        ++at_;
        return make(Token::Kind::kSign, std::string(1, c));
    }

    static std::string bytes_of(std::string digits, bool hex) {
        const std::size_t group = hex ? 2 : 8;
        while (digits.size() % group != 0) {
            digits.insert(0, 1, '0');
        }
        std::string out;
        for (std::size_t i = 0; i < digits.size(); i += group) {
            out += static_cast<char>(
                std::strtoul(digits.substr(i, group).c_str(), nullptr, hex ? 16 : 2));
        }
        return out;
    }

    Token number() {
        const std::size_t start = at_;
        while (is_digit(peek()) || peek() == '.') {
            ++at_;
        }
        if (peek() == 'e' || peek() == 'E') {
            at_ += peek(1) == '-' || peek(1) == '+' ? 2U : 1U;
            while (is_digit(peek())) {
                ++at_;
            }
        }
        return make(Token::Kind::kNumber, std::string(text_.substr(start, at_ - start)));
    }

    Token string(char quote) {
        std::string out;
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == quote) {
                if (peek() == quote) {
                    out += quote;
                    ++at_;
                    continue;
                }
                break;
            }
            if (c != '\\') {
                out += c;
                continue;
            }
            const char escaped = text_[at_++];
            constexpr std::string_view kFrom = "0btnrZ";
            const std::string_view to("\0\b\t\n\r\032", 6);
            const std::size_t found = kFrom.find(escaped);
            if (found != std::string_view::npos) {
                out += to[found];
            } else if (escaped == '%' || escaped == '_') {
                out += '\\';
                out += escaped;
            } else {
                out += escaped;
            }
        }
        return make(Token::Kind::kString, out);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

class Reader {
  public:
    Reader(std::vector<Token> tokens, StatementContext& statement)
        : tokens_(std::move(tokens)), statement_(statement) {}

    ExpressionPtr whole() {
        ExpressionPtr result = expression();
        if (token().kind != Token::Kind::kEnd) {
            fail("something behind the expression");
        }
        return result;
    }

  private:
    using Args = std::vector<ExpressionPtr>;

    [[noreturn]] void fail(const std::string& why) const {
        throw std::runtime_error(why + " at '" + token().text + "'");
    }
    [[nodiscard]] const Token& token(std::size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    [[nodiscard]] bool is_word(std::string_view word, std::size_t ahead = 0) const {
        return token(ahead).kind == Token::Kind::kWord && token(ahead).upper == word;
    }
    [[nodiscard]] bool is_sign(std::string_view sign, std::size_t ahead = 0) const {
        return token(ahead).kind == Token::Kind::kSign && token(ahead).text == sign;
    }
    bool take_word(std::string_view word) {
        const bool found = is_word(word);
        at_ += found ? 1 : 0;
        return found;
    }
    bool take_sign(std::string_view sign) {
        const bool found = is_sign(sign);
        at_ += found ? 1 : 0;
        return found;
    }
    void expect(std::string_view sign) {
        if (!take_sign(sign)) {
            fail("expected " + std::string(sign));
        }
    }
    void expect_word(std::string_view word) {
        if (!take_word(word)) {
            fail("expected " + std::string(word));
        }
    }

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

    std::uint32_t unit() {
        for (std::uint32_t i = 0; i <= static_cast<std::uint32_t>(ast::IntervalUnit::kYearMonth);
             ++i) {
            std::string name(kUnits[i]);
            if (take_word(name)) {
                return i;
            }
        }
        fail("expected a unit");
    }

    static constexpr std::string_view kUnits[] = {"MICROSECOND",
                                                  "SECOND",
                                                  "MINUTE",
                                                  "HOUR",
                                                  "DAY",
                                                  "WEEK",
                                                  "MONTH",
                                                  "QUARTER",
                                                  "YEAR",
                                                  "SECOND_MICROSECOND",
                                                  "MINUTE_MICROSECOND",
                                                  "MINUTE_SECOND",
                                                  "HOUR_MICROSECOND",
                                                  "HOUR_SECOND",
                                                  "HOUR_MINUTE",
                                                  "DAY_MICROSECOND",
                                                  "DAY_SECOND",
                                                  "DAY_MINUTE",
                                                  "DAY_HOUR",
                                                  "YEAR_MONTH"};

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

    std::uint32_t number_in_parentheses() {
        const auto value =
            static_cast<std::uint32_t>(std::strtoul(token().text.c_str(), nullptr, 10));
        ++at_;
        return value;
    }

    storage::ColumnType type() {
        const std::string name = token().upper;
        ++at_;
        storage::ColumnType result;
        result.collation = 0;
        result.length = ~std::uint32_t{0};
        if (name == "SIGNED" || name == "UNSIGNED") {
            take_word("INTEGER");
            result.id = TypeId::kBigInt;
            result.is_unsigned = name == "UNSIGNED";
        } else if (name == "CHAR" || name == "NCHAR") {
            result.id = TypeId::kVarchar;
        } else if (name == "BINARY") {
            result.id = TypeId::kVarbinary;
            result.collation = 63;
        } else if (name == "DECIMAL") {
            result.id = TypeId::kDecimal;
            result.length = 10;
        } else {
            static constexpr std::pair<std::string_view, TypeId> kNames[] = {
                {"DATE", TypeId::kDate},   {"DATETIME", TypeId::kDateTime},
                {"TIME", TypeId::kTime},   {"YEAR", TypeId::kYear},
                {"JSON", TypeId::kJson},   {"DOUBLE", TypeId::kDouble},
                {"FLOAT", TypeId::kFloat}, {"REAL", TypeId::kDouble}};
            const auto* found =
                std::find_if(std::begin(kNames), std::end(kNames),
                             [&](const auto& entry) { return entry.first == name; });
            if (found == std::end(kNames)) {
                fail("unknown type");
            }
            result.id = found->second;
        }
        if (take_sign("(")) {
            const std::uint32_t first = number_in_parentheses();
            const bool fraction = result.id == TypeId::kTime || result.id == TypeId::kDateTime;
            if (fraction) {
                result.scale = static_cast<std::uint8_t>(first);
            } else {
                result.length = first;
            }
            if (take_sign(",")) {
                result.scale = static_cast<std::uint8_t>(number_in_parentheses());
            }
            expect(")");
        }
        if (take_word("CHARACTER")) {
            expect_word("SET");
            result.collation = storage::default_collation(token().text, true)->id();
            ++at_;
        }
        return result;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    StatementContext& statement_;
};

}  // namespace

ExpressionPtr read_expression(std::string_view text, StatementContext& statement) {
    return Reader(Scanner(text).all(), statement).whole();
}

}  // namespace afterimage::sql::testing

// SPDX-License-Identifier: Apache-2.0
// Statement digests: the text with its literals taken out.
#include "sql/parse/keywords.h"
#include "sql/parse/lexer.h"
#include "sql/parse/parser.h"

namespace afterimage::sql {
namespace {

bool is_literal(const Token& token) {
    switch (token.kind) {
        case T_STRING:
        case T_INTEGER:
        case T_DECIMAL:
        case T_FLOAT:
        case T_HEX:
        case T_BIT:
        case T_PARAM:
            return true;
        default:
            return false;
    }
}

std::string spelling(const Token& token) {
    std::string_view text = token.text();
    if (token.is(T_ID) || token.is(T_QUOTED_ID)) {
        if (token.is(T_QUOTED_ID)) {
            text = text.substr(1, text.size() - 2);
        }
        std::string name = "`";
        return name.append(text).append("`");
    }
    const Keyword* keyword = is_identifier_byte(text.front()) ? find_keyword(text) : nullptr;
    return std::string(keyword == nullptr ? text : keyword->word);
}

// Appends words so that `?, ?` becomes `...`, `(...), (...)` one `(...)` with a mark.
class DigestWriter {
  public:
    explicit DigestWriter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    [[nodiscard]] bool full() const noexcept { return out_.size() >= max_bytes_; }

    void add(std::string_view word) {
        if (!out_.empty()) {
            out_ += ' ';
        }
        out_ += word;
        if (word == "?") {
            replace_tail("? , ?", "...");
            replace_tail("... , ?", "...");
        } else if (word == ")") {
            replace_tail("( ? )", "(?)");
            replace_tail("( ... )", "(...)");
            replace_tail("(?) , (?)", "(?) /* , ... */");
            replace_tail("(...) , (...)", "(...) /* , ... */");
            replace_tail("(?) /* , ... */ , (?)", "(?) /* , ... */");
            replace_tail("(...) /* , ... */ , (...)", "(...) /* , ... */");
        }
    }

    [[nodiscard]] std::string take() {
        if (out_.size() > max_bytes_) {
            out_.resize(max_bytes_);
        }
        return std::move(out_);
    }

  private:
    void replace_tail(std::string_view tail, std::string_view by) {
        if (out_.size() >= tail.size() &&
            std::string_view(out_).substr(out_.size() - tail.size()) == tail) {
            out_.resize(out_.size() - tail.size());
            out_ += by;
        }
    }

    std::size_t max_bytes_;
    std::string out_;
};

}  // namespace

std::string statement_digest(std::string_view text, const ParseOptions& options,
                             std::size_t max_bytes) {
    ParseOptions all = options;
    all.allow_parameters = true;
    Lexer lexer(text, all);
    DigestWriter writer(max_bytes);
    bool value_expected = true;  // a sign here belongs to the literal behind it
    for (Token token = lexer.next();
         !token.is(kEndOfStatement) && !token.is(T_SEMI) && !token.is(T_ILLEGAL) && !writer.full();
         token = lexer.next()) {
        if ((token.is(T_MINUS) || token.is(T_PLUS)) && value_expected) {
            const Lexer::Mark mark = lexer.mark();
            const Token following = lexer.next();
            if (is_literal(following)) {
                token = following;
            } else {
                lexer.rewind(mark);
            }
        }
        if (is_literal(token)) {
            writer.add("?");
            value_expected = false;
            continue;
        }
        writer.add(spelling(token));
        value_expected = token.is(T_LP) || token.is(T_COMMA) || token.is(T_EQ) || token.is(T_LT) ||
                         token.is(T_GT) || token.is(T_LE) || token.is(T_GE) || token.is(T_NE) ||
                         find_keyword(token.text()) != nullptr;
    }
    return writer.take();
}

}  // namespace afterimage::sql

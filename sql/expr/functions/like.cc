// SPDX-License-Identifier: Apache-2.0
// LIKE: character by character under the collation, % by greedy matching with one point of return
// (a later % makes the earlier one's choices final, so the time is bounded by text times pattern).
#include <optional>
#include <string>
#include <vector>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/row_call.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using storage::CharsetId;
using storage::Collation;

struct Token {
    enum class Kind : std::uint8_t { kCharacter, kAnyOne, kAnyMany };
    Kind kind = Kind::kCharacter;
    std::string character;
};

/// A pattern taken apart, and how characters compare.
class Matcher {
  public:
    Matcher(std::string_view pattern, std::string_view escape, const Collation* collation)
        : collation_(collation),
          charset_(collation == nullptr ? CharsetId::kBinary : collation->charset()),
          bytes_only_(collation == nullptr || collation->name().ends_with("_bin")),
          single_byte_(charset_ == CharsetId::kBinary || charset_ == CharsetId::kLatin1 ||
                       charset_ == CharsetId::kAscii) {
        compile(pattern, escape);
    }

    [[nodiscard]] bool matches(std::string_view text) const {
        std::size_t token = 0;
        std::size_t at = 0;
        std::size_t star_token = kNone;
        std::size_t star_at = 0;
        while (at < text.size()) {
            if (token < tokens_.size() && tokens_[token].kind == Token::Kind::kAnyMany) {
                star_token = ++token;
                star_at = at;
                continue;
            }
            const std::size_t length = char_length(text, at);
            if (token < tokens_.size() && one_matches(tokens_[token], text.substr(at, length))) {
                ++token;
                at += length;
                continue;
            }
            if (star_token == kNone) {
                return false;
            }
            token = star_token;
            star_at += char_length(text, star_at);
            at = star_at;
        }
        while (token < tokens_.size() && tokens_[token].kind == Token::Kind::kAnyMany) {
            ++token;
        }
        return token == tokens_.size();
    }

  private:
    static constexpr std::size_t kNone = ~std::size_t{0};

    [[nodiscard]] std::size_t char_length(std::string_view text, std::size_t at) const {
        if (single_byte_) {
            return 1;
        }
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool utf8 = charset_ == CharsetId::kUtf8mb4 || charset_ == CharsetId::kUtf8mb3;
        if (utf8 && byte < 0x80) {
            return 1;
        }
        const std::size_t length = storage::char_offset(charset_, text.substr(at), 1);
        return length == 0 ? 1 : length;
    }

    void compile(std::string_view pattern, std::string_view escape) {
        for (std::size_t at = 0; at < pattern.size();) {
            std::size_t length = char_length(pattern, at);
            std::string_view c = pattern.substr(at, length);
            at += length;
            Token token;
            if (!escape.empty() && c == escape && at < pattern.size()) {
                length = char_length(pattern, at);
                token.character = std::string(pattern.substr(at, length));
                at += length;
            } else if (is(c, '%')) {
                token.kind = Token::Kind::kAnyMany;
                if (!tokens_.empty() && tokens_.back().kind == Token::Kind::kAnyMany) {
                    continue;
                }
            } else if (is(c, '_')) {
                token.kind = Token::Kind::kAnyOne;
            } else {
                token.character = std::string(c);
            }
            tokens_.push_back(std::move(token));
        }
    }

    /// Whether the character is this ASCII sign, in wide charsets too.
    static bool is(std::string_view c, char sign) {
        if (c.empty() || c.back() != sign) {
            return false;
        }
        return c.find_first_not_of('\0') == c.size() - 1;
    }

    [[nodiscard]] bool one_matches(const Token& token, std::string_view c) const {
        if (token.kind == Token::Kind::kAnyOne) {
            return true;
        }
        if (token.kind == Token::Kind::kAnyMany) {
            return false;
        }
        if (token.character == c) {
            return true;
        }
        return !bytes_only_ && collation_->compare(token.character, c) == 0;
    }

    const Collation* collation_;
    CharsetId charset_;
    bool bytes_only_;
    bool single_byte_;
    std::vector<Token> tokens_;
};

void like(BatchCall& call) {
    const bool negated = call.node.function->name == "not_like";
    const Collation* collation = collation_or_binary(call.node.collation);
    const ColumnVector& text = *call.args[0];
    const ColumnVector& pattern = *call.args[1];
    const bool no_default = (call.context.statement.sql_mode & kModeNoBackslashEscapes) != 0;
    const auto escape_at = [&](std::size_t row) -> std::string_view {
        if (call.args.size() > 2) {
            return call.args[2]->string_at(row);
        }
        return no_default ? std::string_view() : std::string_view("\\");
    };
    std::optional<Matcher> fixed;
    const bool constant = pattern.constant && (call.args.size() < 3 || call.args[2]->constant);
    for_rows(call.rows, [&](std::size_t row) {
        if (call.out.is_null(row)) {
            return;
        }
        if (!constant || !fixed.has_value()) {
            const std::string_view escape = escape_at(row);
            const CharsetId charset =
                collation == nullptr ? CharsetId::kBinary : collation->charset();
            if (storage::char_count(charset, escape) > 1) {
                throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, "ESCAPE");
            }
            fixed.emplace(pattern.string_at(row), escape, collation);
        }
        call.out.i64[row] = fixed->matches(text.string_at(row)) != negated ? 1 : 0;
    });
}

constexpr FunctionDef like_row(std::string_view name) {
    return {.name = name,
            .min_args = 2,
            .max_args = 3,
            .classes = "s",
            .bind = rules::boolean,
            .collation = CollationRule::kCompare,
            .batch = like,
            .is_operator = true};
}

const FunctionDef kTable[] = {like_row("like"), like_row("not_like")};

}  // namespace

FunctionTable like_functions() { return kTable; }

}  // namespace afterimage::sql

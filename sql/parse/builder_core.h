// SPDX-License-Identifier: Apache-2.0
// The part of AstBuilder that knows no grammar: the arena, lists, texts, names; and the state that
// grammar, token stream and builder share.
#pragma once

#include <string>
#include <type_traits>

#include "sql/parse/builder_parts.h"
#include "sql/parse/parser_arena.h"
#include "sql/parse/token.h"

namespace afterimage::sql {

class BuilderCore {
  public:
    template <class T>
    using List = ast::List<T>;
    using Expr = ast::Expr;
    using Exprs = List<const Expr*>;
    using Identifiers = List<ast::Identifier>;
    using ObjectName = ast::ObjectName;
    using Statement = ast::Statement;
    using Query = ast::Query;
    using QueryBody = ast::QueryBody;
    using TableRef = ast::TableRef;
    using Accounts = List<ast::AccountName>;

    BuilderCore(std::string_view text, const ParseOptions& options, Arena& arena)
        : text_(text), options_(options), arena_(arena, options.memory_limit_bytes) {}

    // ---- State that grammar and driver share ----
    bool failed = false;      ///< syntax error at `current`
    bool overflowed = false;  ///< the parser's stack is full
    Token current{};          ///< being fed: the first behind the rule being reduced
    Token previous{};         ///< the last token of the rule being reduced
    bool body_started = false;
    bool body_to_end = false;  ///< the body takes the whole rest of the text
    bool in_compound = false;  ///< the body is that of BEGIN NOT ATOMIC

    Statement* result = nullptr;
    Expr* result_expression = nullptr;
    Query* result_query = nullptr;
    std::uint32_t parameter_count = 0;

    ast::CreateTableStatement* new_table = nullptr;  ///< under construction
    ast::ColumnDefinition* col = nullptr;            ///< under construction
    const Expr* reset_to = nullptr;

    // ---- Memory, text ----
    template <class T>
    [[nodiscard]] T* make() {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (arena_.allocate(sizeof(T), alignof(T))) T();
    }
    template <class T>
    [[nodiscard]] T* make_statement(ast::StatementKind kind) {
        T* made = make<T>();
        made->kind = kind;
        return made;
    }
    template <class T>
    [[nodiscard]] List<T>* list(const T& first) {
        auto* made = make<List<T>>();
        made->push_back(first, arena_);
        return made;
    }
    template <class T>
    List<T>* append(List<T>* to, const std::type_identity_t<T>& item) {
        to->push_back(item, arena_);
        return to;
    }
    template <class T>
    List<T>* append_or_new(List<T>* to, const std::type_identity_t<T>& item) {
        return append(to == nullptr ? make<List<T>>() : to, item);
    }
    /// A list that may be absent, by value.
    template <class T>
    [[nodiscard]] static List<T> value(const List<T>* list) {
        return list == nullptr ? List<T>() : *list;
    }
    /// From `from` to the end of the rule being reduced.
    [[nodiscard]] std::string_view span(const char* from) const noexcept;
    [[nodiscard]] Str str(std::string_view text) const noexcept {
        return {text.data(), text.size(), text.data()};
    }
    [[nodiscard]] Str str_concat(std::string_view a, std::string_view b, std::string_view c = {});
    [[nodiscard]] Str upper(const Token& token);
    template <class T>
    void drop(const T&) const noexcept {}  ///< a value that a rule does not need

    [[nodiscard]] Str name(const Token& token) const noexcept {
        return {token.data, token.size, token.data};
    }
    [[nodiscard]] Str quoted_name(const Token& token);
    [[nodiscard]] Str word(const Token& token) const noexcept {
        return {token.data, token.size, token.data};
    }
    [[nodiscard]] Str string(const Token& token);
    [[nodiscard]] Str variable_name(const Token& token);
    [[nodiscard]] std::uint64_t number(const Token& token);
    [[nodiscard]] ObjectName* object(Str database, Str object_name);
    [[nodiscard]] ast::AccountName* account(std::string_view user);
    [[nodiscard]] ast::AccountName* account_at(std::string_view user, std::string_view host);
    [[nodiscard]] ast::AccountName* current_account();

    [[nodiscard]] const ParseOptions& options() const noexcept { return options_; }

  protected:
    ~BuilderCore() = default;

    std::string_view upper_text(std::string_view text);
    static bool same_word(std::string_view word, std::string_view upper) noexcept;

    std::string_view text_;
    const ParseOptions& options_;
    ParserArena arena_;
    std::string scratch_;
};

}  // namespace afterimage::sql

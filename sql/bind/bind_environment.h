// SPDX-License-Identifier: Apache-2.0
// What binding one statement needs from outside, and what it leaves behind.
//
// Lives as long as the statement is bound; the catalog outlives it. One thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/expr/result_type.h"
#include "sql/parse/ast/node.h"
#include "sql/parse/parser.h"
#include "sql/session/session.h"
#include "storage/value/value.h"

namespace afterimage::sql {

struct BindEnvironment {
    BindEnvironment(Catalog& catalog_in, Arena& arena_in)
        : statement(catalog_in.session().context),
          arena(arena_in),
          catalog_(&catalog_in),
          session(&catalog_in.session()) {}
    /// Expressions of stored schemas: no tables, no session.
    BindEnvironment(StatementContext& statement_in, Arena& arena_in)
        : statement(statement_in), arena(arena_in) {}

    /// Throws ER_NOT_SUPPORTED_YET where there is none.
    [[nodiscard]] Catalog& catalog();
    [[nodiscard]] bool has_catalog() const noexcept { return catalog_ != nullptr; }

    StatementContext& statement;
    Arena& arena;  ///< syntax trees of view texts
    /// Values and types of ?, in order; null at COM_STMT_PREPARE, when they are not known.
    const std::vector<storage::Value>* parameters = nullptr;
    const std::vector<ResultType>* parameter_types = nullptr;
    bool check_privileges = true;
    /// Inside a view's text: the database that plain names mean, at the view's revision.
    std::optional<ResolvedDatabase> view_database;
    bool inside_view = false;  ///< the definer's rights count, not the caller's
    unsigned view_depth = 0;
    std::deque<std::string> texts;  ///< view texts that syntax trees point into

    /// Queries inside queries, views and common table expressions put in their places: whoever
    /// walks the bound query recurses as deep (1473).
    static constexpr unsigned kMaxQueryDepth = 200;
    /// A few references to references to … make any number of queries (1473).
    static constexpr unsigned kMaxQueries = 5000;
    unsigned query_depth = 0;
    unsigned query_count = 0;

    /// Views inside views, deeper than any real schema; also stops recursion.
    static constexpr unsigned kMaxViewDepth = 32;

    [[nodiscard]] ParseOptions parse_options() const;
    /// Database of a table name: the view's, the session's, or the named one, also a dropped one
    /// whose history goes on (its root is absent). Throws 1046, 1049.
    [[nodiscard]] ResolvedDatabase find_database(std::string_view name);
    /// Throws 1142 when the session may not.
    void require(const ResolvedDatabase& database, std::string_view table, std::uint64_t privilege,
                 std::string_view command) const;

  private:
    Catalog* catalog_ = nullptr;

  public:
    Session* session = nullptr;  ///< may be null
};

/// The parts of sql_mode and flavour that the parser looks at.
[[nodiscard]] ParseOptions parse_options_of(const StatementContext& statement);

}  // namespace afterimage::sql

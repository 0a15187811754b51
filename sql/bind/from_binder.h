// SPDX-License-Identifier: Apache-2.0
// FROM: tables, views, derived tables, CTEs, table functions and their joins.
//
// A part of the query binder; lives while its block is bound.
#pragma once

#include <memory>
#include <vector>

#include "sql/bind/bind_environment.h"
#include "sql/bind/bound_query.h"
#include "sql/bind/scope.h"

namespace afterimage::sql {

/// One side of a join as bound so far.
struct FromPart {
    std::unique_ptr<FromNode> node;
    ScopeNames names;
    /// WHERE of merged derived tables: holds for every row that this part delivers.
    std::vector<ExpressionPtr> filters;
};

class FromBinder {
  public:
    /// `outer` = scope around the block.
    FromBinder(BindEnvironment& environment, BoundSelect& select, Scope* outer,
               const CteScope* ctes)
        : environment_(environment), select_(select), outer_(outer), ctes_(ctes) {}

    [[nodiscard]] FromPart bind(const ast::TableRef& table);

    bool correlated = false;    ///< an ON clause or derived table reads the enclosing block
    bool row_identity = false;  ///< base tables get the slots of DML

  private:
    [[nodiscard]] FromPart bind_named(const ast::NamedTableRef& table);
    [[nodiscard]] FromPart bind_table(const ast::NamedTableRef& table,
                                      const ResolvedDatabase& database,
                                      std::shared_ptr<const storage::Table> stored);
    [[nodiscard]] FromPart bind_virtual(std::string_view alias, const ResolvedDatabase& database,
                                        std::shared_ptr<VirtualTable> table);
    [[nodiscard]] FromPart bind_view(const ast::NamedTableRef& table,
                                     const ResolvedDatabase& database,
                                     const storage::SchemaObject& view);
    [[nodiscard]] FromPart bind_cte(const ast::NamedTableRef& table, const CteScope::Found& found);
    [[nodiscard]] FromPart bind_function(const ast::FunctionTableRef& table);
    [[nodiscard]] FromPart bind_derived(const ast::DerivedTableRef& table);
    [[nodiscard]] FromPart bind_join(const ast::JoinRef& join);
    void bind_join_condition(const ast::JoinRef& join, FromPart& left, FromPart& right,
                             FromNode& node, ScopeNames& names);
    /// Makes a bound query a source, or merges it into this block.
    [[nodiscard]] FromPart add_query(std::shared_ptr<BoundQuery> query, std::string_view alias,
                                     std::string_view database,
                                     const std::vector<std::string>& column_names, bool lateral);
    [[nodiscard]] FromPart merge_query(BoundQuery& query, ScopeTable names);
    [[nodiscard]] FromPart add_source(std::unique_ptr<BoundSource> source,
                                      std::string_view database);
    [[nodiscard]] ResolvedDatabase at_revision(ResolvedDatabase database,
                                               const ast::AsOfClause& as_of);

    BindEnvironment& environment_;
    BoundSelect& select_;
    Scope* outer_;
    const CteScope* ctes_;
    const ScopeNames* lateral_names_ = nullptr;  ///< what a LATERAL table sees
    bool null_extended_ = false;                 ///< below the optional side of an outer join
};

/// AS OF: the database at the revision or time that the clause names. Throws SqlError.
[[nodiscard]] ResolvedDatabase resolve_as_of(BindEnvironment& environment,
                                             const ResolvedDatabase& database,
                                             const ast::AsOfClause& as_of);

/// A bound query that a block may take over: plain SELECT without grouping, DISTINCT, LIMIT …
[[nodiscard]] bool is_mergeable(const BoundQuery& query, bool null_extended);

/// The first slot that a new block inside the current one should use, so that it can be merged.
std::unique_ptr<BoundQuery> bind_block_query(BindEnvironment& environment, const ast::Query& query,
                                             Scope* outer, const CteScope* ctes,
                                             std::size_t first_slot);

/// Binds a CTE for one reference.
[[nodiscard]] std::shared_ptr<BoundQuery> bind_cte_reference(BindEnvironment& environment,
                                                             const CteScope::Found& found,
                                                             Scope* reference_outer,
                                                             std::size_t first_slot);

}  // namespace afterimage::sql

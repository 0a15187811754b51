// SPDX-License-Identifier: Apache-2.0
// Which names an expression may use: the sources of its SELECT block, then those of the blocks
// around it.
//
// Lives while its block is bound. Resolving a name of an outer block makes kOuterSlot expressions
// and marks every block in between as correlated.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/bind/bound_query.h"

namespace afterimage::sql {

/// A name that can be used: a column of a source, or a column of a merged derived table, which
/// stands for an expression over the block's row.
struct ScopeColumn {
    std::string name;
    std::shared_ptr<const Expression> expression;  ///< over the block's stage-1 row
    ResultColumn meta;
    bool hidden = false;
    BoundSource* source = nullptr;  ///< null for merged columns
    std::size_t ordinal = 0;        ///< of `source`
};

struct ScopeTable {
    std::string database;  ///< base or revision name; empty for derived tables
    std::string alias;
    std::vector<std::shared_ptr<ScopeColumn>> columns;
};

/// What FROM made visible so far: tables by name, and the columns in the order of `*`.
struct ScopeNames {
    std::vector<ScopeTable> tables;
    /// Unqualified names: after USING and NATURAL joins, the joined column once.
    std::vector<std::shared_ptr<ScopeColumn>> visible;
};

struct Scope;

/// One name of a WITH. Its query is bound where it is used: as often as there are references while
/// it can be merged into them, else once.
struct CteEntry {
    std::shared_ptr<CteDefinition> definition;
    const ast::CommonTableExpr* syntax = nullptr;
    Scope* outer = nullptr;  ///< what encloses the WITH
    bool recursive = false;
};

/// CTE names of one WITH, on top of those around it.
struct CteScope {
    std::vector<CteEntry> entries;
    /// The recursive CTE that is being bound: references read its working table.
    std::shared_ptr<CteDefinition> working;
    const CteScope* parent = nullptr;

    struct Found {
        const CteEntry* entry = nullptr;
        std::shared_ptr<CteDefinition> working;  ///< set instead of `entry`
        const CteScope* scope = nullptr;
        std::size_t index = 0;  ///< of the entry in its scope
    };
    [[nodiscard]] Found find(std::string_view name) const;
};

struct Scope {
    ScopeNames names;
    BoundSelect* select = nullptr;
    Scope* parent = nullptr;
    bool correlated = false;  ///< something below reads a column of `parent` or above
    /// Where the block's expressions stand now: references from subqueries in a grouped block's
    /// select list read its group row through this.
    std::function<ExpressionPtr(const Expression& slot)> to_group_row;

    /// Null when there is none; throws 1052 when the name is ambiguous.
    [[nodiscard]] ScopeColumn* find(const ast::ColumnExpr& column, std::string_view clause) const;
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// What the grammar passes between its rules that is not yet a node of the tree: clauses that a
// later rule puts into one. All live in the parser's arena.
#pragma once

#include "sql/parse/ast/account.h"
#include "sql/parse/ast/admin.h"
#include "sql/parse/ast/ddl.h"
#include "sql/parse/ast/dml.h"
#include "sql/parse/ast/query.h"
#include "sql/parse/ast/replication.h"
#include "sql/parse/ast/session.h"
#include "sql/parse/ast/stored_program.h"

namespace afterimage::sql {

/// A string_view that is trivial, as the generated parser's union needs it, and knows where in the
/// source it came from: a name's opening quote, say.
struct Str {
    const char* data;
    std::size_t size;
    const char* source;

    operator std::string_view() const noexcept { return {data, size}; }
};

/// What table_name makes, so that a table's text can begin at its name.
struct SourcedName : ast::ObjectName {
    const char* begin = nullptr;
};

/// Where its outermost opening parenthesis stands, null without one.
struct SourcedQuery : ast::Query {
    const char* open = nullptr;
};

struct SourcedWith : ast::WithClause {
    const char* begin = nullptr;
};

struct CallArgs {
    ast::List<const ast::Expr*> args;
    ast::List<ast::Identifier> names;
    bool star = false;
    bool distinct = false;
};

struct JsonOnClauses {
    ast::JsonOnClause empty;
    ast::JsonOnClause error;
};

struct FrameClause {
    ast::FrameUnit unit = ast::FrameUnit::kNone;
    ast::FrameBound start;
    ast::FrameBound end;
    ast::FrameExclusion exclusion = ast::FrameExclusion::kNone;
};

struct TypeLength {
    std::uint64_t length = 0;
    std::uint64_t decimals = 0;
    bool has_decimals = false;
};

struct SelectHead {
    const char* begin = nullptr;
    ast::SelectOptions options;
};

struct GroupBy {
    ast::List<ast::OrderItem> items;
    bool rollup = false;
};

/// What may follow a query's body.
struct QuerySuffix {
    ast::List<ast::OrderItem> order_by;
    ast::LimitClause limit;
    ast::List<ast::LockingClause> locking;
    ast::IntoClause into;
    const ast::Expr* procedure = nullptr;
};

struct WaitClause {
    ast::LockWait wait = ast::LockWait::kDefault;
    const ast::Expr* seconds = nullptr;
};

struct TableAlias {
    ast::Identifier name;
    ast::List<ast::Identifier> columns;
};

struct InsertValues {
    ast::Identifier alias;
    ast::List<ast::Identifier> alias_columns;
};

struct InsertSource {
    bool columns_given = false;
    ast::List<const ast::ColumnExpr*> columns;
    const InsertValues* values = nullptr;
    bool set_form = false;
    ast::List<ast::Assignment> assignments;
    ast::Identifier alias;
    ast::List<ast::Identifier> alias_columns;
    const ast::Query* query = nullptr;
};

struct CreateQuery {
    ast::DuplicateRows duplicates = ast::DuplicateRows::kError;
    const ast::Query* query = nullptr;
};

struct Constraint {
    const char* begin = nullptr;
    ast::Identifier name;
};

struct Position {
    ast::ColumnPosition place = ast::ColumnPosition::kLast;
    ast::Identifier after;
};

struct IndexLock {
    std::string_view algorithm;
    std::string_view lock;
};

struct ProgramAttrs {
    ast::ViewAlgorithm algorithm = ast::ViewAlgorithm::kUnset;
    ast::AccountName definer;
    ast::SecurityContext security = ast::SecurityContext::kUnset;
    bool aggregate = false;
};

struct ViewQuery {
    const ast::Query* query = nullptr;
    std::string_view text;
};

struct TriggerPlace {
    ast::TriggerOrder order = ast::TriggerOrder::kNone;
    ast::Identifier trigger;
};

struct RoutineParameters {
    ast::List<ast::RoutineParameter> list;
    std::string_view text;
};

struct RoleList {
    ast::RoleSet set = ast::RoleSet::kNone;
    ast::List<ast::AccountName> roles;
};

/// A privilege or a role: words until ON or TO decides.
struct GrantItem {
    std::string_view words;  ///< upper case
    ast::List<ast::Identifier> columns;
    ast::AccountName account;  ///< as a role
};

struct GrantAs {
    ast::AccountName user;
    ast::RoleSet set = ast::RoleSet::kNone;
    ast::List<ast::AccountName> roles;
};

struct Channel {
    std::string_view name;
};

}  // namespace afterimage::sql

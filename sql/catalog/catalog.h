// SPDX-License-Identifier: Apache-2.0
// Names to databases and tables at a snapshot: `shop`, `shop/fix`, `shop/<commit>`, AS OF.
//
// One catalog serves one statement on one thread; it reads through the statement's DdlTarget, so
// that it sees the transaction's own writes. Throws SqlError for names that are not there where the
// function says get_.
//
// Comes from: engine. Goes to: binder, DDL, SHOW, virtual tables.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/ddl_target.h"
#include "sql/catalog/virtual_table.h"
#include "sql/session/session.h"
#include "storage/store.h"
#include "storage/table/table_reader.h"

namespace afterimage::sql {

class ProcedureRegistry;
class Grants;

/// A database at the revision that its name or an AS OF chose.
struct ResolvedDatabase {
    std::string name;         ///< as DATABASE() shows it: "shop", "shop/fix"
    std::string base;         ///< "shop", in its stored case
    std::string branch;       ///< the branch whose working set this is; empty when detached
    bool detached = false;    ///< a commit, tag, STAGED, or AS OF: read-only
    bool is_virtual = false;  ///< information_schema and the like
    std::optional<storage::CommitId> commit;  ///< detached: the commit; else the branch's HEAD
    std::shared_ptr<const storage::DatabaseState> state;  ///< null when virtual or just created
    std::shared_ptr<const storage::Root> root;            ///< null when virtual

    [[nodiscard]] bool mariadb_flavour() const noexcept { return state && state->mariadb_flavour; }
};

class Catalog {
  public:
    struct Registries {
        const VirtualTableRegistry* built_in = nullptr;  ///< information_schema …
        const VirtualTableRegistry* plugged = nullptr;   ///< dolt_* …; may be null
        const ProcedureRegistry* procedures = nullptr;   ///< may be null
        Grants* grants = nullptr;
    };

    Catalog(storage::Store& store, Session& session, DdlTarget& target, Registries registries);

    [[nodiscard]] storage::Store& store() noexcept { return store_; }
    [[nodiscard]] Session& session() noexcept { return session_; }
    [[nodiscard]] DdlTarget& target() noexcept { return target_; }
    [[nodiscard]] const Registries& registries() const noexcept { return registries_; }

    /// Empty name = the session's database (1046 when there is none). Null when there is none of
    /// the name, or the name's database is dropped and no revision is named.
    [[nodiscard]] std::optional<ResolvedDatabase> find_database(std::string_view name);
    [[nodiscard]] ResolvedDatabase get_database(std::string_view name);  ///< throws 1046, 1049
    /// get_database(), or the database of this name that was dropped and whose history goes on: its
    /// root is absent. For AS OF and the history tables, which outlive the database.
    [[nodiscard]] ResolvedDatabase get_database_or_dropped(std::string_view name);
    /// The same database at another revision (AS OF 'text'). Throws 1105 for an unknown revision.
    [[nodiscard]] ResolvedDatabase at_revision(const ResolvedDatabase& database,
                                               std::string_view revision);
    /// AS OF a time, in UTC microseconds. Throws 1105 when nothing is that old.
    [[nodiscard]] ResolvedDatabase at_time(const ResolvedDatabase& database,
                                           std::int64_t time_micros);

    [[nodiscard]] std::shared_ptr<const storage::Table> find_table(const ResolvedDatabase& database,
                                                                   std::string_view name) const;
    [[nodiscard]] const storage::SchemaObject* find_view(const ResolvedDatabase& database,
                                                         std::string_view name) const;
    [[nodiscard]] std::unique_ptr<VirtualTable> find_virtual_table(const ResolvedDatabase& database,
                                                                   std::string_view name);
    [[nodiscard]] const VirtualTableRegistry::FunctionFactory* find_function(
        std::string_view name) const;
    [[nodiscard]] const VirtualTableRegistry::ScalarFunction* find_scalar(
        std::string_view name) const;
    [[nodiscard]] storage::TableReader reader(std::shared_ptr<const storage::Table> table);

    /// For writing. Throws 1290 for the replicated branch and for detached revisions, 1792 in a
    /// read-only transaction, 1044 for virtual databases.
    [[nodiscard]] storage::OpenRoot& open_for_write(const ResolvedDatabase& database);
    void check_writable(const ResolvedDatabase& database) const;

    /// All databases that exist now, in their stored case, virtual ones included, sorted.
    [[nodiscard]] std::vector<std::string> database_names() const;
    /// Fixed tables of a virtual database.
    [[nodiscard]] std::vector<std::string> virtual_table_names(std::string_view database) const;

  private:
    [[nodiscard]] std::optional<ResolvedDatabase> find_branch_or_revision(
        const std::shared_ptr<const storage::DatabaseState>& state, std::string_view base,
        std::string_view revision);

    storage::Store& store_;
    Session& session_;
    DdlTarget& target_;
    Registries registries_;
};

}  // namespace afterimage::sql

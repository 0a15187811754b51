// SPDX-License-Identifier: Apache-2.0
// A client's transaction: what BEGIN opens and COMMIT closes, or one statement's under autocommit.
//
// Belongs to its session's thread. Statements, procedures and the engine reach it through the
// functions below; nothing else touches session.transaction.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/catalog/ddl_target.h"
#include "sql/session/session.h"

namespace afterimage::sql {

class ClientTransaction : public SessionTransaction, public DdlTarget {
  public:
    explicit ClientTransaction(storage::Store& store);
    ~ClientTransaction() override;

    [[nodiscard]] std::shared_ptr<const storage::Heads> snapshot() const override;
    [[nodiscard]] std::shared_ptr<const storage::Root> root(std::string_view database,
                                                            std::string_view branch) override;
    [[nodiscard]] storage::OpenRoot& open(std::string_view database,
                                          std::string_view branch) override;
    storage::OpenRoot& create_database(std::string_view database, storage::CollationId collation,
                                       bool mariadb_flavour) override;
    void drop_database(std::string_view database) override;
    [[nodiscard]] std::size_t savepoint() override;
    void rollback_to(std::size_t savepoint) override;
    [[nodiscard]] storage::RowRules* rules() const override { return rules_.get(); }
    [[nodiscard]] bool replicated() const noexcept override { return false; }

    [[nodiscard]] storage::Transaction& transaction() noexcept { return transaction_; }

    /// Throws 1213 when another transaction got in the way.
    void commit();
    /// The same as an outcome.
    [[nodiscard]] storage::CommitOutcome try_commit();

    // SAVEPOINT names: a later one of the same name replaces the earlier.
    void set_named(std::string_view name);
    void rollback_to_named(std::string_view name);  ///< throws 1305
    void release_named(std::string_view name);      ///< throws 1305

  private:
    std::unique_ptr<storage::RowRules> rules_;
    storage::Transaction transaction_;
    std::vector<storage::Transaction::Savepoint> savepoints_;
    std::vector<std::pair<std::string, std::size_t>> named_;
};

/// The session's open transaction; null under autocommit between statements.
[[nodiscard]] ClientTransaction* open_transaction(Session& session);
/// The session's open transaction, opened now if there is none: procedures that read or write
/// working sets. Under autocommit the engine commits it after the statement.
[[nodiscard]] ClientTransaction& require_transaction(Session& session, storage::Store& store);
/// COMMIT and ROLLBACK, also the implicit commit of DDL and of procedures. Nothing open: nothing
/// happens. A failed commit has rolled back; throws 1213.
void commit_transaction(Session& session);
void rollback_transaction(Session& session);

}  // namespace afterimage::sql

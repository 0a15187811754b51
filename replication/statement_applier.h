// SPDX-License-Identifier: Apache-2.0
// Runs the DDL of QUERY events inside an open replicated transaction, under everything the event
// says: sql_mode, charsets, time, default database, invoker.
//
// One thread. Throws ApplyError with the statement's own error number.
//
// Comes from: applier. Goes to: sql/ddl/ddl_executor.
#pragma once

#include "replication/applier.h"
#include "sql/session/session.h"

namespace afterimage::replication {

/// What SHOW CREATE says a text was written under; empty = the default of a copy.
struct WrittenUnder {
    std::string sql_mode;
    std::string client_charset;
    std::string connection_collation;
};

class StatementApplier final : public StatementRunner {
  public:
    /// The references outlive the applier. `rules` may be null.
    StatementApplier(storage::Store& store, storage::RowRules* rules,
                     sql::GlobalVariables& globals);

    void run(storage::Store::ReplicatedTransaction& transaction, const QueryStatement& statement,
             const SourceTransaction& source, const Filter& filter) override;

    /// The same for text that did not come as an event: SHOW CREATE output during the first copy.
    /// utf8mb4, sql_mode empty unless `under` says otherwise, foreign keys off.
    void run_text(storage::Store::ReplicatedTransaction& transaction, std::string_view database,
                  std::string_view text, bool mariadb, const Filter& filter,
                  const WrittenUnder& under = {});

  private:
    void execute(storage::Store::ReplicatedTransaction& transaction, sql::Session& session,
                 std::string_view text, bool mariadb, const Filter& filter);

    storage::Store& store_;
    storage::RowRules* rules_;
    sql::GlobalVariables& globals_;
};

}  // namespace afterimage::replication

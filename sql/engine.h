// SPDX-License-Identifier: Apache-2.0
// The door to SQL: text in, results out. Clients, replication and stored routines all come through
// here.
//
// Thread-safety: an Engine is shared by all threads; a Session is used by one thread at a time. The
// engine is the one place where a StorageError becomes an SqlError.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/result_stream.h"
#include "sql/session/session.h"

namespace afterimage::storage {
class Store;
}

namespace afterimage::sql {

class ProcedureRegistry;
class ReplicaControl;
class VirtualTableRegistry;
class DdlTarget;
class Grants;
class PreparedStatement;

/// One statement of a COM_QUERY text and how many bytes it took (its `;` included).
struct ExecutedStatement {
    std::unique_ptr<ResultStream> result;
    std::size_t bytes_consumed = 0;
    bool is_last = true;
};

class Engine {
  public:
    struct Parts;
    struct Plugins {
        const ProcedureRegistry* procedures = nullptr;  ///< CALL; may be null
        ReplicaControl* replica = nullptr;              ///< START REPLICA and its kin; may be null
        /// dolt_*, afterimage_*: tables, table functions, scalar functions; may be null
        const VirtualTableRegistry* system_tables = nullptr;
        std::function<void()> shutdown;  ///< SHUTDOWN; empty = refused
    };

    Engine(storage::Store& store, Plugins plugins);
    ~Engine();

    [[nodiscard]] storage::Store& store() noexcept;

    /// Runs the first statement of `text`. Throws SqlError; the session stays usable. The result
    /// may still be reading: it must be drained or destroyed before the session runs another
    /// statement.
    [[nodiscard]] ExecutedStatement execute(Session& session, std::string_view text);

    /// One statement inside a transaction that the caller owns (the applier's): DDL and DML run in
    /// `target` and commit nothing. Throws SqlError, having undone the statement's own changes.
    StatementOutcome execute_in(Session& session, DdlTarget& target, std::string_view text);

    /// Accounts and privileges, which login uses too.
    [[nodiscard]] Grants& grants() noexcept;

    /// COM_STMT_PREPARE. The statement keeps its own text and plan.
    [[nodiscard]] std::unique_ptr<PreparedStatement> prepare(Session& session,
                                                             std::string_view text);
    [[nodiscard]] std::unique_ptr<ResultStream> execute_prepared(
        Session& session, PreparedStatement& statement,
        const std::vector<storage::Value>& parameters,
        const std::vector<ResultType>& parameter_types);

    /// COM_FIELD_LIST, COM_INIT_DB, COM_RESET_CONNECTION and disconnect.
    void use_database(Session& session, std::string_view database);
    void reset_session(Session& session);

  private:
    std::unique_ptr<Parts> parts_;
};

class PreparedStatement {
  public:
    virtual ~PreparedStatement() = default;
    [[nodiscard]] virtual std::size_t parameter_count() const = 0;
    /// What COM_STMT_PREPARE announces; empty for statements without rows.
    [[nodiscard]] virtual const std::vector<ResultColumn>& columns() const = 0;
    [[nodiscard]] virtual const std::vector<ResultColumn>& parameters() const = 0;
};

}  // namespace afterimage::sql

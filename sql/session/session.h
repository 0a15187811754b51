// SPDX-License-Identifier: Apache-2.0
// One connection's state as SQL sees it: statement context, variables, database, transaction,
// prepared statements, identity.
//
// Used by one thread at a time (the worker that runs its statement); `stop` alone may be touched
// from others. Lives as long as its connection; the services it points to outlive it. Replication
// and stored routines make sessions of their own, without client.
//
// Invariants: 1. context.user_variables, warnings and stop point into this object.  2. The fields
// of `context` that mirror @@variables change only through set_variable() (or the applier, which
// sets the context directly).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/session/account.h"
#include "sql/session/statement_context.h"
#include "sql/session/system_variables.h"

namespace afterimage::sql {

class LocalInfile;
class PreparedStatement;
class ProcessList;

/// An open SQL transaction; sql/exec derives it. Destroying it rolls back.
class SessionTransaction {
  public:
    virtual ~SessionTransaction() = default;
};

/// Anything else that the engine keeps per session (temporary tables, plan cache); destroyed with
/// the session and by reset().
class SessionExtension {
  public:
    virtual ~SessionExtension() = default;
};

/// What a session needs from the server around it. `globals` is required; the others may be null.
struct SessionServices {
    GlobalVariables* globals = nullptr;
    ProcessList* processes = nullptr;
    const AccountStore* accounts = nullptr;
};

/// What the OK packet tells a client that asked for session tracking. Filled by Session and the
/// engine, taken by the server after each statement.
struct SessionChanges {
    bool schema_changed = false;
    bool state_changed = false;
    std::vector<std::pair<std::string, std::string>> variables;  ///< name, text

    [[nodiscard]] bool empty() const noexcept {
        return !schema_changed && !state_changed && variables.empty();
    }
    void clear();
};

class Session {
  public:
    Session(SessionServices services, std::uint64_t connection_id);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Statement state
    StatementContext context;
    std::map<std::string, storage::Value, std::less<>> user_variables;  ///< lower-case names
    std::vector<Warning> warnings;
    StopToken stop;

    // Transaction state
    bool autocommit = true;
    bool in_transaction = false;  ///< SERVER_STATUS_IN_TRANS
    bool transaction_read_only = false;
    std::unique_ptr<SessionTransaction> transaction;

    // PREPARE name FROM …: lower-case names
    std::map<std::string, std::shared_ptr<PreparedStatement>, std::less<>> prepared;
    std::unique_ptr<SessionExtension> extension;

    // Client
    std::string client_user;  ///< as it logged in
    std::string client_host;  ///< "localhost" or its address
    PrivilegeSet privileges;
    std::uint64_t client_capabilities = 0;
    std::vector<std::pair<std::string, std::string>> connection_attributes;
    /// SHOW SESSION STATUS beside the server's own: Ssl_cipher, Compression …
    std::vector<std::pair<std::string, std::string>> connection_status;
    LocalInfile* local_infile = nullptr;  ///< null: the client cannot send files

    // Last statement: ROW_COUNT(), SHOW ERRORS, @@error_count
    std::uint16_t last_error_code = 0;
    std::string last_error_message;
    std::uint64_t affected_rows = 0;

    SessionChanges changes;

    [[nodiscard]] const SessionServices& services() const noexcept { return services_; }
    [[nodiscard]] std::uint64_t id() const noexcept { return context.connection_id; }

    /// Puts the identity into place after login: USER(), CURRENT_USER(), privileges.
    void set_identity(std::string user, std::string host, const Account& account);

    /// Before each statement: sets NOW() (or what SET timestamp fixed). Warnings are cleared by the
    /// engine, which knows whether the statement is SHOW WARNINGS.
    void begin_statement(std::int64_t now_micros);
    void clear_warnings() noexcept { warnings.clear(); }

    /// @@name: the session's value where there is one, else the global one. Throws 1193.
    [[nodiscard]] storage::Value get_variable(std::string_view name) const;
    /// @@session.name. Throws 1193, 1238.
    [[nodiscard]] storage::Value get_session_variable(std::string_view name) const;
    /// @@global.name. Throws 1193, 1238.
    [[nodiscard]] storage::Value get_global_variable(std::string_view name) const;
    /// SET [SESSION] name = value, with its effects. Throws as system_variables.h says.
    void set_variable(std::string_view name, const storage::Value& value);
    void set_variable_default(std::string_view name);
    /// SET GLOBAL name = value; the caller has checked the privilege.
    void set_global_variable(std::string_view name, const storage::Value& value);
    void set_global_variable_default(std::string_view name);

    /// SET NAMES charset [COLLATE collation]; `collation` empty = the charset's default. Throws
    /// 1115, 1253, 1273.
    void set_names(std::string_view charset, std::string_view collation);
    /// The collation that a handshake names: client, connection and results. Unknown numbers fall
    /// back to the server's default.
    void set_client_collation(storage::CollationId collation);
    /// USE: the engine has resolved it. Empty = none.
    void set_database(std::string name, storage::CollationId collation);

    /// COM_RESET_CONNECTION and COM_CHANGE_USER: as after login, but for identity and database.
    /// Rolls an open transaction back by dropping it.
    void reset();

  private:
    void apply_effect(const SystemVariable& variable, const storage::Value& value);
    [[nodiscard]] storage::Value computed_value(const SystemVariable& variable) const;
    void store_and_track(const SystemVariable& variable, storage::Value value);
    void load_context();

    SessionServices services_;
    SessionVariables variables_;
    std::int64_t fixed_now_micros_ = 0;  ///< SET timestamp; 0 = the clock
};

}  // namespace afterimage::sql

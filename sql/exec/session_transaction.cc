// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/session_transaction.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/exec/row_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

ClientTransaction::ClientTransaction(storage::Store& store)
    : rules_(make_row_rules()), transaction_(store, rules_.get()) {}

ClientTransaction::~ClientTransaction() = default;

std::shared_ptr<const storage::Heads> ClientTransaction::snapshot() const {
    return transaction_.snapshot();
}

std::shared_ptr<const storage::Root> ClientTransaction::root(std::string_view database,
                                                             std::string_view branch) {
    return transaction_.working_root(database, branch);
}

storage::OpenRoot& ClientTransaction::open(std::string_view database, std::string_view branch) {
    return transaction_.open(database, branch);
}

storage::OpenRoot& ClientTransaction::create_database(std::string_view database,
                                                      storage::CollationId collation,
                                                      bool mariadb_flavour) {
    return transaction_.create_database(database, collation, mariadb_flavour);
}

void ClientTransaction::drop_database(std::string_view database) {
    transaction_.drop_database(database);
}

std::size_t ClientTransaction::savepoint() {
    savepoints_.push_back(transaction_.savepoint());
    return savepoints_.size() - 1;
}

void ClientTransaction::rollback_to(std::size_t savepoint) {
    transaction_.rollback_to(savepoints_.at(savepoint));
    savepoints_.resize(savepoint + 1);
}

storage::CommitOutcome ClientTransaction::try_commit() { return transaction_.commit(); }

void ClientTransaction::commit() {
    const storage::CommitOutcome outcome = try_commit();
    if (outcome.kind == storage::CommitOutcome::Kind::kConflict) {
        throw_sql_error(ErrorCode::ER_LOCK_DEADLOCK);
    }
}

void ClientTransaction::set_named(std::string_view name) {
    std::erase_if(named_, [&](const auto& entry) { return same_name(entry.first, name); });
    named_.emplace_back(std::string(name), savepoint());
}

namespace {

[[noreturn]] void no_savepoint(std::string_view name) {
    throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, "SAVEPOINT", name);
}

}  // namespace

void ClientTransaction::rollback_to_named(std::string_view name) {
    for (std::size_t i = 0; i < named_.size(); ++i) {
        if (same_name(named_[i].first, name)) {
            rollback_to(named_[i].second);
            named_.resize(i + 1);
            return;
        }
    }
    no_savepoint(name);
}

void ClientTransaction::release_named(std::string_view name) {
    for (std::size_t i = 0; i < named_.size(); ++i) {
        if (same_name(named_[i].first, name)) {
            named_.resize(i);
            return;
        }
    }
    no_savepoint(name);
}

ClientTransaction* open_transaction(Session& session) {
    return static_cast<ClientTransaction*>(session.transaction.get());
}

ClientTransaction& require_transaction(Session& session, storage::Store& store) {
    if (!session.transaction) {
        session.transaction = std::make_unique<ClientTransaction>(store);
        session.in_transaction = session.in_transaction || !session.autocommit;
    }
    return *open_transaction(session);
}

void commit_transaction(Session& session) {
    const std::unique_ptr<SessionTransaction> held = std::move(session.transaction);
    session.in_transaction = false;
    session.transaction_read_only = false;
    if (held) {
        static_cast<ClientTransaction&>(*held).commit();
    }
}

void rollback_transaction(Session& session) {
    session.transaction.reset();
    session.in_transaction = false;
    session.transaction_read_only = false;
}

}  // namespace afterimage::sql

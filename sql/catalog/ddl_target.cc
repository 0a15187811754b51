// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/ddl_target.h"

#include <stdexcept>
#include <vector>

namespace afterimage::sql {

namespace {

class ReplicatedTarget : public DdlTarget {
  public:
    ReplicatedTarget(storage::Store& store, storage::Store::ReplicatedTransaction& transaction,
                     storage::RowRules* rules)
        : heads_(store.heads()), transaction_(transaction), rules_(rules) {}

    std::shared_ptr<const storage::Heads> snapshot() const override { return heads_; }

    std::shared_ptr<const storage::Root> root(std::string_view database,
                                              std::string_view /*branch*/) override {
        return transaction_.root(database);
    }

    storage::OpenRoot& open(std::string_view database, std::string_view /*branch*/) override {
        storage::OpenRoot* root = transaction_.open(database);
        if (!root) {
            throw storage::StorageError(storage::StorageErrorKind::kIo,
                                        "no replicated database " + std::string(database));
        }
        return *root;
    }

    storage::OpenRoot& create_database(std::string_view database, storage::CollationId collation,
                                       bool mariadb_flavour) override {
        return transaction_.create_database(database, collation, mariadb_flavour);
    }

    void drop_database(std::string_view database) override { open(database, {}).drop_database(); }

    std::size_t savepoint() override {
        savepoints_.push_back(transaction_.savepoint());
        return savepoints_.size() - 1;
    }

    void rollback_to(std::size_t savepoint) override {
        transaction_.rollback_to(savepoints_.at(savepoint));
        savepoints_.resize(savepoint + 1);
    }

    storage::RowRules* rules() const override { return rules_; }
    bool replicated() const noexcept override { return true; }

  private:
    std::shared_ptr<const storage::Heads> heads_;
    storage::Store::ReplicatedTransaction& transaction_;
    storage::RowRules* rules_;
    std::vector<storage::Store::ReplicatedTransaction::Savepoint> savepoints_;
};

}  // namespace

std::unique_ptr<DdlTarget> replicated_target(storage::Store& store,
                                             storage::Store::ReplicatedTransaction& transaction,
                                             storage::RowRules* rules) {
    return std::make_unique<ReplicatedTarget>(store, transaction, rules);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// For tests of procedures and system tables: a store in a folder of its own with the database
// `shop`, a session, and short ways to write rows and call procedures without the engine.
//
// One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/result_table.h"
#include "sql/session/session.h"
#include "storage/os/clock.h"
#include "storage/os/file.h"
#include "storage/store.h"
#include "storage/transaction.h"

namespace afterimage::procedures {

/// products: id → (name, price)
struct Product {
    std::string name;
    std::int64_t price = 0;
    bool operator==(const Product&) const = default;
};
using Products = std::map<std::int64_t, Product>;

class ShopBench {
  public:
    ShopBench();
    ~ShopBench();
    ShopBench(const ShopBench&) = delete;
    ShopBench& operator=(const ShopBench&) = delete;

    [[nodiscard]] storage::Store& store() { return *store_; }
    [[nodiscard]] sql::Session& session() { return *session_; }
    /// Closes the store and opens it again.
    void reopen();

    sql::ResultTable call(std::string_view procedure, std::vector<std::string> args = {});
    /// Text of the error that the call ends with; empty when it succeeds.
    std::string error_of(std::string_view procedure, std::vector<std::string> args = {});
    /// Column of the first row, as text; "NULL".
    [[nodiscard]] static std::string cell(const sql::ResultTable& result, std::string_view column);

    /// A SQL transaction on the session's branch.
    void write(const std::function<void(storage::OpenRoot&)>& change);
    void put(std::int64_t id, const std::string& name, std::int64_t price);
    void remove(std::int64_t id);
    void create_table(const std::string& name);
    /// put and commit in one.
    std::string commit(const std::string& message);

    [[nodiscard]] std::string branch();
    [[nodiscard]] std::shared_ptr<const storage::BranchState> state();
    /// Rows of WORKING on the session's branch.
    [[nodiscard]] Products products();
    [[nodiscard]] Products products_of(const storage::Root& root, const std::string& table);

    [[nodiscard]] static storage::TableSchema products_schema(const std::string& name);
    [[nodiscard]] static storage::Bytes key_of(storage::OpenTable& table, std::int64_t id);

  private:
    void open();

    std::string path_;
    storage::SystemClock clock_;
    std::unique_ptr<storage::Directory> directory_;
    std::unique_ptr<storage::Store> store_;
    sql::GlobalVariables globals_;
    std::unique_ptr<sql::Session> session_;
    std::int64_t now_micros_ = 0;  ///< of the last call: a second after the one before
};

}  // namespace afterimage::procedures

// SPDX-License-Identifier: Apache-2.0
// For tests: system tables, table functions and scalar functions read through their scan interface,
// rows as texts joined by '|'.
//
// Belongs to one thread; sees the heads of the moment it was made. The bench outlives it.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "procedures/procedure_test_support.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/system_tables/register.h"
#include "sql/sql_error.h"

namespace afterimage::procedures {

using storage::Value;

/// A client's transaction as statements see it.
class TestTarget final : public sql::DdlTarget {
  public:
    explicit TestTarget(storage::Store& store) : transaction_(store, nullptr) {}
    std::shared_ptr<const storage::Heads> snapshot() const override {
        return transaction_.snapshot();
    }
    std::shared_ptr<const storage::Root> root(std::string_view database,
                                              std::string_view branch) override {
        return transaction_.working_root(database, branch);
    }
    storage::OpenRoot& open(std::string_view database, std::string_view branch) override {
        return transaction_.open(database, branch);
    }
    storage::OpenRoot& create_database(std::string_view name, storage::CollationId collation,
                                       bool mariadb) override {
        return transaction_.create_database(name, collation, mariadb);
    }
    void drop_database(std::string_view name) override { transaction_.drop_database(name); }
    std::size_t savepoint() override { return 0; }
    void rollback_to(std::size_t) override {}
    storage::RowRules* rules() const override { return nullptr; }
    bool replicated() const noexcept override { return false; }

  private:
    storage::Transaction transaction_;
};

struct Condition {
    std::string column;
    sql::ScanConjunct::Op op;
    Value value;
};

inline Condition equals(const std::string& column, const std::string& text) {
    return {column, sql::ScanConjunct::Op::kEqual, sql::text_value(text)};
}
inline Condition equals(const std::string& column, std::int64_t number) {
    return {column, sql::ScanConjunct::Op::kEqual, Value::of_int(number)};
}

struct Query {
    std::vector<Condition> conditions;
    std::vector<std::pair<std::string, bool>> order;
    std::size_t limit = static_cast<std::size_t>(-1);
};

/// Reads system tables of the bench's current branch.
class SystemTableReader {
  public:
    explicit SystemTableReader(ShopBench& shop)
        : shop_(shop),
          target_(shop.store()),
          catalog_(shop.store(), shop.session(), target_, {nullptr, &registry(), nullptr, nullptr}),
          database_(catalog_.get_database({})) {}

    std::vector<std::string> rows(const std::string& table, const std::string& columns,
                                  const Query& query = {}) {
        auto found = catalog_.find_virtual_table(database_, table);
        REQUIRE_MESSAGE(found, table);
        return read(*found, columns, query);
    }

    std::vector<std::string> call(const std::string& function,
                                  const std::vector<std::string>& arguments,
                                  const std::string& columns, const Query& query = {}) {
        std::vector<Value> values;
        for (const std::string& argument : arguments) {
            values.push_back(sql::text_value(argument));
        }
        const auto* factory = catalog_.find_function(function);
        REQUIRE_MESSAGE(factory != nullptr, function);
        return read(*(*factory)(catalog_, database_, values), columns, query);
    }

    Value scalar(const std::string& function, const std::vector<std::string>& arguments) {
        std::vector<Value> values;
        for (const std::string& argument : arguments) {
            values.push_back(sql::text_value(argument));
        }
        return (*catalog_.find_scalar(function))(catalog_, values);
    }

    sql::Catalog& catalog() { return catalog_; }
    const sql::ResolvedDatabase& database() { return database_; }

  private:
    static const sql::VirtualTableRegistry& registry() {
        static const sql::VirtualTableRegistry instance = [] {
            sql::VirtualTableRegistry made;
            sql::register_system_tables(made);
            return made;
        }();
        return instance;
    }

    static std::size_t column_of(const storage::TableSchema& schema, const std::string& name) {
        const storage::Column* column = schema.find_column(name);
        REQUIRE_MESSAGE(column != nullptr, name);
        return schema.ordinal_of(column->id);
    }

    std::vector<std::string> read(sql::VirtualTable& table, const std::string& columns,
                                  const Query& query) {
        const storage::TableSchema& schema = table.schema();
        std::vector<std::size_t> shown;
        for (std::size_t begin = 0; begin < columns.size();) {
            const std::size_t end = std::min(columns.find(',', begin), columns.size());
            shown.push_back(column_of(schema, columns.substr(begin, end - begin)));
            begin = end + 1;
        }
        sql::ScanRequest request;
        request.context = &shop_.session().context;
        request.columns = shown;
        for (const Condition& condition : query.conditions) {
            const std::size_t column = column_of(schema, condition.column);
            request.conjuncts.push_back({column, condition.op, {condition.value}});
            request.columns.push_back(column);
        }
        for (const auto& [column, descending] : query.order) {
            request.order.push_back({column_of(schema, column), descending});
            request.columns.push_back(request.order.back().column);
        }
        std::ranges::sort(request.columns);
        const auto same = std::ranges::unique(request.columns);
        request.columns.erase(same.begin(), same.end());
        const auto scan = table.open(request);
        std::vector<std::string> result;
        storage::Row row(schema.columns.size());
        while (result.size() < query.limit && scan->next(row)) {
            if (passes(request, row)) {
                std::string text;
                for (const std::size_t column : shown) {
                    text += (column == shown.front() ? "" : "|") + cell(row[column]);
                }
                result.push_back(text);
            }
            row.assign(schema.columns.size(), Value());
        }
        return result;
    }

    /// What the executor tests again.
    static bool passes(const sql::ScanRequest& request, const storage::Row& row) {
        return std::ranges::all_of(request.conjuncts, [&](const sql::ScanConjunct& conjunct) {
            const Value& value = row[conjunct.column];
            if (conjunct.op != sql::ScanConjunct::Op::kEqual) {
                return true;
            }
            return value.same_as(conjunct.values[0]);
        });
    }

    static std::string cell(const Value& value) {
        switch (value.kind()) {
            case storage::ValueKind::kNull:
                return "NULL";
            case storage::ValueKind::kBytes:
                return value.as_bytes();
            case storage::ValueKind::kDateTime:
                return std::to_string(value.as_packed());
            default:
                return std::to_string(value.as_int());
        }
    }

    ShopBench& shop_;
    TestTarget target_;
    sql::Catalog catalog_;
    sql::ResolvedDatabase database_;
};

}  // namespace afterimage::procedures

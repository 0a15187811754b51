// SPDX-License-Identifier: Apache-2.0
#include "procedures/procedure_test_support.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "procedures/procedure_context.h"
#include "procedures/procedure_names.h"
#include "sql/catalog/session_state.h"
#include "sql/sql_error.h"
#include "storage/os/posix_file.h"
#include "storage/table/row_writer.h"
#include "storage/table/table_reader.h"

namespace afterimage::procedures {

namespace {

void require_ok(const storage::WriteOutcome& outcome) {
    if (!outcome.ok()) {
        throw std::runtime_error("test row was not written: " + outcome.constraint +
                                 outcome.detail);
    }
}

}  // namespace

ShopBench::ShopBench() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "afterimage-shop-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    path_ = pattern;
    open();
    // The first commit of a database is made at the clock's time: calls come after it.
    now_micros_ = clock_.now_us();
    storage::Transaction transaction(*store_, nullptr);
    transaction.create_database("shop", 45, true).create_table(products_schema("products"));
    static_cast<void>(transaction.commit());
    call("dolt_commit", {"-Am", "create products"});
}

ShopBench::~ShopBench() {
    session_.reset();
    store_.reset();
    std::filesystem::remove_all(path_);
}

void ShopBench::open() {
    storage::StoreOptions options;
    options.journal_file_bytes = 256U << 10U;
    options.keyframe_thread = false;
    directory_ = storage::open_posix_directory(path_);
    store_ = storage::Store::open(*directory_, clock_, options, [](const std::string&) {});
    session_ = std::make_unique<sql::Session>(sql::SessionServices{&globals_, nullptr, nullptr}, 1);
    session_->client_user = "root";
    session_->client_host = "localhost";
    session_->context.database = "shop";
}

void ShopBench::reopen() {
    session_.reset();
    store_.reset();
    open();
}

sql::ResultTable ShopBench::call(std::string_view procedure, std::vector<std::string> args) {
    now_micros_ += 1'000'000;
    session_->context.now_micros = now_micros_;
    session_->clear_warnings();
    ProcedureContext context{
        .store = *store_,
        .session = *session_,
        .rules = nullptr,
        .name = std::string(procedure),
        .database = {},
        .args = std::move(args),
        .variables = {},
        .autocommit = session_->autocommit,
        .commit_transaction = [] {},
    };
    context.variables.resize(context.args.size());
    if (procedure == "dolt_commit_hash_out") {
        context.variables[0] = "hash";
    }
    return run_procedure(context);
}

std::string ShopBench::error_of(std::string_view procedure, std::vector<std::string> args) {
    try {
        static_cast<void>(call(procedure, std::move(args)));
    } catch (const sql::SqlError& error) {
        return error.message();
    }
    return {};
}

std::string ShopBench::cell(const sql::ResultTable& result, std::string_view column) {
    for (std::size_t i = 0; i < result.columns.size(); ++i) {
        if (result.columns[i].name == column && !result.rows.empty()) {
            const storage::Value& value = result.rows.front()[i];
            return value.is_null()                              ? "NULL"
                   : value.kind() == storage::ValueKind::kBytes ? value.as_bytes()
                                                                : std::to_string(value.as_int());
        }
    }
    return "no such column";
}

void ShopBench::write(const std::function<void(storage::OpenRoot&)>& change) {
    storage::Transaction transaction(*store_, nullptr);
    change(transaction.open("shop", branch()));
    static_cast<void>(transaction.commit());
}

void ShopBench::put(std::int64_t id, const std::string& name, std::int64_t price) {
    write([&](storage::OpenRoot& root) {
        storage::OpenTable& table = *root.find_table("products");
        storage::RowWriter writer(root, nullptr, {});
        storage::Row row{storage::Value::of_int(id), storage::Value::of_bytes(name),
                         storage::Value::of_int(price)};
        const storage::Bytes key = key_of(table, id);
        require_ok(table.find(key) ? writer.update(table, key, std::move(row))
                                   : writer.insert(table, std::move(row)));
    });
}

void ShopBench::remove(std::int64_t id) {
    write([&](storage::OpenRoot& root) {
        storage::OpenTable& table = *root.find_table("products");
        require_ok(storage::RowWriter(root, nullptr, {}).remove(table, key_of(table, id)));
    });
}

void ShopBench::create_table(const std::string& name) {
    write([&](storage::OpenRoot& root) { root.create_table(products_schema(name)); });
}

std::string ShopBench::commit(const std::string& message) {
    return cell(call("dolt_commit", {"-Am", message}), "hash");
}

std::string ShopBench::branch() { return sql::active_branch(*session_, "shop", "main"); }

std::shared_ptr<const storage::BranchState> ShopBench::state() {
    return store_->heads()->find_database("shop")->branches.at(branch());
}

Products ShopBench::products() { return products_of(*state()->working, "products"); }

Products ShopBench::products_of(const storage::Root& root, const std::string& table) {
    Products result;
    const auto found = root.find_table(table);
    if (!found) {
        return result;
    }
    const storage::TableReader reader(found, store_->nodes(), store_->blocks());
    const auto cursor = reader.scan();
    while (cursor->next()) {
        const storage::Row row = reader.layout().rows.decode(cursor->row(), &store_->blocks());
        result[row[0].as_int()] = {row[1].as_bytes(), row[2].as_int()};
    }
    return result;
}

storage::TableSchema ShopBench::products_schema(const std::string& name) {
    storage::TableSchema schema;
    schema.name = name;
    storage::Column id;
    id.id = 1;
    id.name = "id";
    id.type.id = storage::TypeId::kInt;
    id.nullable = false;
    storage::Column product_name;
    product_name.id = 2;
    product_name.name = "name";
    product_name.type.id = storage::TypeId::kVarchar;
    product_name.type.length = 40;
    product_name.type.collation = 45;
    storage::Column price;
    price.id = 3;
    price.name = "price";
    price.type.id = storage::TypeId::kBigInt;
    schema.columns = {id, product_name, price};
    schema.next_column_id = 4;
    storage::Index primary;
    primary.name = "PRIMARY";
    primary.unique = true;
    primary.parts = {storage::IndexPart{1, 0, false, {}}};
    schema.primary_key = primary;
    storage::Index by_name;
    by_name.name = "by_name";
    by_name.unique = true;
    by_name.parts = {storage::IndexPart{2, 0, false, {}}};
    schema.indexes = {by_name};
    schema.collation = 45;
    return schema;
}

storage::Bytes ShopBench::key_of(storage::OpenTable& table, std::int64_t id) {
    const std::vector<storage::Value> key{storage::Value::of_int(id)};
    return table.layout().primary->encode_prefix(key);
}

}  // namespace afterimage::procedures

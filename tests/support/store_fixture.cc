// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include <stdexcept>

#include "storage/table/table_reader.h"

namespace afterimage::storage {

namespace {

constexpr CollationId kUtf8General = 45;

Column column(ColumnId id, const std::string& name, TypeId type, std::uint32_t length) {
    Column result;
    result.id = id;
    result.name = name;
    result.type.id = type;
    result.type.length = length;
    result.type.collation = length != 0 ? kUtf8General : 63;
    result.nullable = id != 1;
    return result;
}

Index index_on(const std::string& name, ColumnId id, bool unique) {
    Index index;
    index.name = name;
    index.unique = unique;
    index.parts = {IndexPart{id, 0, false, {}}};
    return index;
}

TableSchema accounts_schema() {
    TableSchema schema;
    schema.name = "accounts";
    schema.collation = kUtf8General;
    schema.columns = {column(1, "id", TypeId::kInt, 0), column(2, "k", TypeId::kInt, 0),
                      column(3, "name", TypeId::kVarchar, 60)};
    schema.next_column_id = 4;
    schema.primary_key = index_on("PRIMARY", 1, true);
    schema.indexes = {index_on("by_k", 2, false), index_on("by_name", 3, false)};
    return schema;
}

WriteOptions replicated() {
    WriteOptions options;
    options.mode = WriteMode::kReplicatedRow;
    return options;
}

void require_ok(const WriteOutcome& outcome) {
    if (!outcome.ok()) {
        throw std::logic_error("a row was not written");
    }
}

}  // namespace

Row AccountsTable::row(std::int64_t id, std::uint64_t n) {
    // Names differ in their first characters, so that index entries are spread.
    const std::uint64_t mixed =
        (static_cast<std::uint64_t>(id) * 2654435761U + n * 40503U) & 0x7fffffffU;
    return {Value::of_int(id), Value::of_int(static_cast<std::int64_t>(mixed)),
            Value::of_bytes(std::to_string(mixed) + " name of " + std::to_string(id) + " at " +
                            std::to_string(n))};
}

void AccountsTable::create(std::int64_t rows) {
    auto transaction = store_->begin_replicated("");
    OpenRoot& root = transaction->create_database("shop", kUtf8General, true);
    OpenTable& table = root.create_table(accounts_schema());
    RowWriter writer(root, nullptr, replicated());
    for (std::int64_t id = 0; id < rows; ++id) {
        require_ok(writer.insert(table, row(id, 1)));
    }
    transaction->commit(source_transaction(1));
}

std::uint64_t AccountsTable::update(std::uint64_t n, std::int64_t id) {
    auto transaction = store_->begin_replicated("");
    OpenRoot& root = *transaction->open("shop");
    OpenTable& table = *root.find_table("accounts");
    RowWriter writer(root, nullptr, replicated());
    const std::vector<Value> key{Value::of_int(id)};
    require_ok(writer.update(table, table.layout().primary->encode_prefix(key), row(id, n)));
    return transaction->commit(source_transaction(n));
}

std::shared_ptr<const BranchState> AccountsTable::main() const {
    return store_->heads()->find_database("shop")->branches.at("main");
}

std::string AccountsTable::name_of(const Root& root, std::int64_t id) const {
    const TableReader reader(root.find_table("accounts"), store_->nodes(), store_->blocks());
    const std::vector<Value> key{Value::of_int(id)};
    const std::optional<Bytes> row = reader.find(reader.layout().primary->encode_prefix(key));
    return row ? Bytes(reader.layout().rows.decode_column(*row, 2, nullptr).as_bytes()) : "";
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// RENAME TABLE into another database: the rows are written there, and the table is dropped here.
#include "sql/ddl/ddl_parts.h"
#include "sql/sql_error.h"
#include "storage/table/row_writer.h"

namespace afterimage::sql {

namespace {

void check_no_foreign_keys(const storage::Root& root, const std::string& table) {
    for (const auto& [name, other] : root.tables) {
        for (const storage::ForeignKey& key : other->schema().foreign_keys) {
            if (name == table || key.parent_table == table) {
                throw_not_supported("RENAME of a table with foreign keys to another database");
            }
        }
    }
}

}  // namespace

void move_table(DdlContext& context, const std::string& from_database, const std::string& from,
                const std::string& to_database, const std::string& to) {
    storage::OpenRoot& source = open_root(context, from_database);
    storage::OpenRoot& target = open_root(context, to_database);
    if (target.current().find_table(to) ||
        target.current().find_object(storage::SchemaObjectKind::kView, to) != nullptr) {
        throw_sql_error(ErrorCode::ER_TABLE_EXISTS_ERROR, to);
    }
    check_no_foreign_keys(source.current(), from);
    const std::shared_ptr<const storage::Table> before = source.view()->find_table(from);
    storage::TableSchema schema = before->schema();
    const std::uint64_t next = context.store.auto_increment(from_database, schema.table_id);
    schema.name = to;
    schema.table_id = 0;
    storage::OpenTable& made = target.create_table(std::move(schema));
    storage::WriteOptions options;
    options.mode = storage::WriteMode::kReplicatedStatement;
    options.foreign_key_checks = false;
    options.check_constraint_checks = false;
    storage::RowWriter writer(target, context.target.rules(), options);
    const storage::TableReader reader(before, source.services().nodes, source.blocks());
    const std::unique_ptr<storage::RowCursor> cursor = reader.scan();
    std::size_t row_number = 0;
    while (cursor->next()) {
        if (++row_number % 1024 == 0 && context.session.context.stop != nullptr) {
            context.session.context.stop->check();
        }
        if (!writer.insert(made, reader.layout().rows.decode(cursor->row(), &source.blocks()))
                 .ok()) {
            throw_sql_error(ErrorCode::ER_ERROR_ON_RENAME, from, to, std::uint64_t{0}, "");
        }
    }
    if (next > 1) {
        context.store.set_auto_increment(to_database, made.schema().table_id, next);
    }
    source.drop_table(from);
}

}  // namespace afterimage::sql

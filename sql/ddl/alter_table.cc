// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE: the actions change a copy of the schema one after the other; then the table is given
// that schema by the cheapest way that is right.
#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/ddl/ddl_parts.h"
#include "sql/expr/column_convert.h"
#include "sql/sql_error.h"
#include "storage/history/root_diff.h"
#include "storage/table/row_writer.h"

namespace afterimage::sql {

namespace {

using storage::Column;
using storage::TableSchema;
using storage::Value;
using storage::WriteOutcome;

/// Makes rows of the new schema from rows of the old one, cells matched by column id.
class RowConversion {
  public:
    RowConversion(DdlContext& context, const TableSchema& from, const TableSchema& to)
        : context_(context), from_(from), to_(to), evaluation_(context.session.context, arena_) {
        for (const Column& column : to.columns) {
            const Column* source = from.find_column(column.id);
            sources_.push_back(source == nullptr ? SIZE_MAX : from.ordinal_of(column.id));
            std::optional<Value> fill;
            if (source == nullptr && !column.generated_sql && !column.auto_increment) {
                fill = constant_default(column, context.session.context);
                if (!fill && column.default_sql &&
                    column.default_sql->starts_with("CURRENT_TIMESTAMP")) {
                    fill = now_of(column);
                } else if (!fill) {
                    throw_not_supported("adding a column whose default is an expression");
                }
                if (fill->is_null() && !column.nullable) {
                    fill = implicit_default(column.type);
                }
            }
            fills_.push_back(fill.value_or(Value()));
        }
    }

    [[nodiscard]] storage::Row convert(const storage::Row& row, std::size_t row_number) {
        storage::Row result;
        result.reserve(sources_.size());
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            const Column& column = to_.columns[i];
            if (sources_[i] == SIZE_MAX) {
                result.push_back(column.auto_increment ? auto_value(column, row_number)
                                                       : fills_[i]);
                continue;
            }
            const Column& source = from_.columns[sources_[i]];
            const Value& value = row[sources_[i]];
            if (value.is_null() && !column.nullable) {
                if (is_strict(context_.session.context.sql_mode)) {
                    throw_sql_error(ErrorCode::ER_INVALID_USE_OF_NULL);
                }
                result.push_back(implicit_default(column.type));
            } else if (source.type == column.type || value.is_null()) {
                result.push_back(value);
            } else {
                ResultType from;
                from.type = source.type;
                const ColumnTarget target{&column.type, column.name, column.nullable, row_number,
                                          is_strict(context_.session.context.sql_mode)};
                result.push_back(convert_for_column(value, from, target, evaluation_));
            }
        }
        return result;
    }

  private:
    Value now_of(const Column& column) {
        ResultType from;
        from.type.id = storage::TypeId::kTimestamp;
        from.type.scale = 6;
        return convert_for_column(Value::of_timestamp(context_.session.context.now_micros), from,
                                  {&column.type, column.name, true, 1, false}, evaluation_);
    }
    static Value auto_value(const Column& column, std::size_t row_number) {
        return column.type.is_unsigned ? Value::of_uint(row_number)
                                       : Value::of_int(static_cast<std::int64_t>(row_number));
    }

    DdlContext& context_;
    const TableSchema& from_;
    const TableSchema& to_;
    StringArena arena_;
    EvalContext evaluation_;
    std::vector<std::size_t> sources_;
    std::vector<Value> fills_;
};

[[noreturn]] void throw_row_error(const TableSchema& schema, const WriteOutcome& outcome) {
    switch (outcome.kind) {
        case WriteOutcome::Kind::kDuplicate:
            throw_sql_error(
                ErrorCode::ER_DUP_ENTRY, "?",
                schema.name + "." +
                    (outcome.index == storage::kPrimaryIndex ? std::string("PRIMARY")
                                                             : schema.indexes[outcome.index].name));
        case WriteOutcome::Kind::kCheckViolated:
            throw_sql_error(ErrorCode::ER_CHECK_CONSTRAINT_VIOLATED, outcome.constraint);
        case WriteOutcome::Kind::kNotNullViolated:
            throw_sql_error(ErrorCode::ER_BAD_NULL_ERROR, outcome.constraint);
        default:
            throw_sql_error(ErrorCode::ER_INVALID_USE_OF_NULL);
    }
}

/// A new AUTO_INCREMENT column numbers rows in the source's order: of a table without a primary key
/// nobody here knows it.
void check_row_order(const DdlContext& context, const storage::TableReader& before,
                     const TableSchema& after) {
    if (!context.target.replicated() || before.schema().primary_key || before.row_count() < 2) {
        return;
    }
    for (const Column& column : after.columns) {
        if (column.auto_increment && before.schema().find_column(column.id) == nullptr) {
            throw_not_supported(
                "adding an AUTO_INCREMENT column to a table without a primary key that has rows");
        }
    }
}

void rebuild(DdlContext& context, storage::OpenRoot& root, const std::string& table,
             TableSchema schema) {
    const std::shared_ptr<const storage::Table> before = root.find_table(table)->view();
    storage::OpenTable& rebuilt = root.begin_rebuild(table, std::move(schema));
    RowConversion conversion(context, before->schema(), rebuilt.schema());
    storage::WriteOptions options;
    options.mode = storage::WriteMode::kReplicatedStatement;
    options.foreign_key_checks = false;
    storage::RowWriter writer(root, context.target.rules(), options);
    const storage::TableReader reader(before, root.services().nodes, root.blocks());
    const std::unique_ptr<storage::RowCursor> cursor = reader.scan();
    check_row_order(context, reader, rebuilt.schema());
    std::size_t row_number = 0;
    while (cursor->next()) {
        if (++row_number % 1024 == 0 && context.session.context.stop != nullptr) {
            context.session.context.stop->check();
        }
        const storage::Row row = reader.layout().rows.decode(cursor->row(), &root.blocks());
        const WriteOutcome outcome = writer.insert(rebuilt, conversion.convert(row, row_number));
        if (!outcome.ok()) {
            throw_row_error(rebuilt.schema(), outcome);
        }
    }
}

/// The rows that DROP and TRUNCATE PARTITION take along: a column that says whether a row belongs
/// to the partitions is computed for each.
void remove_partition_rows(DdlContext& context, storage::OpenRoot& root, const std::string& table,
                           const ast::AlterAction& action) {
    const std::shared_ptr<const storage::Table> before = root.find_table(table)->view();
    if (context.target.rules() == nullptr) {
        throw_not_supported("DROP and TRUNCATE PARTITION here");
    }
    TableSchema schema = before->schema();
    Column member;
    member.id = schema.next_column_id++;
    member.name = "partition member";
    member.type.id = storage::TypeId::kBigInt;
    member.generated_stored = true;
    member.generated_sql =
        partition_condition(schema.partition_sql, action, partition_context(context, schema));
    schema.name += " partitioned: " + *member.generated_sql;
    schema.table_id = 0;
    schema.checks.clear();
    schema.columns.push_back(std::move(member));
    storage::WriteOptions options;
    options.mode = storage::WriteMode::kReplicatedStatement;
    options.foreign_key_checks = false;
    options.cascade = false;
    storage::RowWriter writer(root, context.target.rules(), options);
    const storage::TableReader reader(before, root.services().nodes, root.blocks());
    const std::unique_ptr<storage::RowCursor> cursor = reader.scan();
    std::size_t row_number = 0;
    while (cursor->next()) {
        if (++row_number % 1024 == 0 && context.session.context.stop != nullptr) {
            context.session.context.stop->check();
        }
        const storage::Row stored = reader.layout().rows.decode(cursor->row(), &root.blocks());
        storage::Row row = stored;
        row.emplace_back();
        context.target.rules()->compute_generated(schema, row);
        if (row.back().is_null() || row.back().as_int() == 0) {
            continue;
        }
        // A keyless table counts equal rows under one key: each is taken once.
        const WriteOutcome outcome =
            writer.remove(*root.find_table(table), storage::Bytes(cursor->key()), &stored);
        if (!outcome.ok()) {
            throw_row_error(before->schema(), outcome);
        }
    }
}

/// New UNIQUE keys over rows that stay as they are.
void check_new_unique_keys(storage::OpenRoot& root, const std::string& table,
                           const TableSchema& before) {
    const std::shared_ptr<const storage::Table> now = root.find_table(table)->view();
    const storage::TableReader reader(now, root.services().nodes, root.blocks());
    for (std::size_t i = 0; i < now->schema().indexes.size(); ++i) {
        const storage::Index& index = now->schema().indexes[i];
        const storage::Index* old = before.find_index(index.name);
        if (!index.unique || (old != nullptr && old->unique && old->parts == index.parts)) {
            continue;
        }
        const std::unique_ptr<storage::RowCursor> cursor = reader.scan_index(i, {});
        std::string previous;
        while (cursor->next()) {
            const std::string_view key = cursor->index_key();
            const std::string parts(key.substr(0, key.size() - cursor->key().size()));
            if (!previous.empty() && parts == previous) {
                bool has_null = false;
                const storage::Row row = reader.layout().rows.decode(cursor->row(), &root.blocks());
                static_cast<void>(reader.layout().indexes[i].encode_row(row, &has_null));
                if (!has_null) {
                    throw_sql_error(ErrorCode::ER_DUP_ENTRY, "?", table + "." + index.name);
                }
            }
            previous = parts;
        }
    }
}

bool affects_partitions(ast::AlterActionKind kind) {
    switch (kind) {
        case ast::AlterActionKind::kAddPartition:
        case ast::AlterActionKind::kDropPartition:
        case ast::AlterActionKind::kTruncatePartition:
        case ast::AlterActionKind::kCoalescePartition:
        case ast::AlterActionKind::kReorganizePartition:
        case ast::AlterActionKind::kExchangePartition:
        case ast::AlterActionKind::kConvertPartition:
        case ast::AlterActionKind::kConvertTable:
        case ast::AlterActionKind::kDiscardPartitionTablespace:
        case ast::AlterActionKind::kImportPartitionTablespace:
            return true;
        default:
            return false;
    }
}

void set_default(TableBuilder& builder, const ast::AlterAction& action) {
    Column& column = builder.get_column(action.name);
    if (action.kind == ast::AlterActionKind::kDropDefault) {
        column.default_sql.reset();
    } else {
        column.default_sql = default_text(*action.value, column, builder.context());
    }
}

void convert_charset(TableBuilder& builder, const ast::AlterAction& action,
                     const storage::Root& root) {
    const storage::CollationId collation = resolve_collation(
        action.charset, action.collation, root.collation, builder.context().mariadb);
    builder.schema().collation = collation;
    for (Column& column : builder.schema().columns) {
        if (storage::is_text(column.type.id) || column.type.id == storage::TypeId::kEnum ||
            column.type.id == storage::TypeId::kSet) {
            column.type.collation = collation;
        }
    }
}

/// True when the action was a rename of the table, which comes last.
void apply_action(DdlContext& context, TableBuilder& builder, const ast::AlterAction& action,
                  const storage::Root& root, ast::ObjectName& new_name) {
    using Kind = ast::AlterActionKind;
    const bool column_missing = action.if_exists && builder.find_column(action.name) == nullptr;
    switch (action.kind) {
        case Kind::kAddColumn:
            if (!((action.if_not_exists || action.column->if_not_exists) &&
                  builder.find_column(action.column->name) != nullptr)) {
                builder.add_column(*action.column, action.position, action.after);
            }
            return;
        case Kind::kDropColumn:
            if (!column_missing) {
                builder.drop_column(action.name);
            }
            return;
        case Kind::kModifyColumn:
            if (!(action.if_exists && builder.find_column(action.column->name) == nullptr)) {
                builder.change_column(action.column->name, *action.column, action.position,
                                      action.position != ast::ColumnPosition::kLast, action.after);
            }
            return;
        case Kind::kChangeColumn:
            if (!column_missing) {
                builder.change_column(action.name, *action.column, action.position,
                                      action.position != ast::ColumnPosition::kLast, action.after);
            }
            return;
        case Kind::kRenameColumn:
            if (!column_missing) {
                builder.rename_column(action.name, action.new_name);
            }
            return;
        case Kind::kSetDefault:
        case Kind::kDropDefault:
            set_default(builder, action);
            return;
        case Kind::kSetColumnVisibility:
            builder.get_column(action.name).invisible = action.visible == ast::Toggle::kOff;
            return;
        case Kind::kAddKey:
            builder.add_key(*action.key);
            return;
        case Kind::kDropKey:
            if (!(action.if_exists && builder.schema().find_index(action.name) == nullptr)) {
                builder.drop_key(action.name);
            }
            return;
        case Kind::kDropPrimaryKey:
            if (!(action.if_exists && !builder.schema().primary_key)) {
                builder.drop_primary_key();
            }
            return;
        case Kind::kRenameKey:
        case Kind::kSetKeyVisibility: {
            const auto found = std::ranges::find_if(
                builder.schema().indexes,
                [&](const storage::Index& index) { return same_name(index.name, action.name); });
            if (found == builder.schema().indexes.end()) {
                if (action.if_exists) {
                    return;
                }
                throw_sql_error(ErrorCode::ER_KEY_DOES_NOT_EXITS, action.name,
                                builder.schema().name);
            }
            if (action.kind == Kind::kRenameKey) {
                found->name = action.new_name;
            } else {
                found->invisible = action.visible == ast::Toggle::kOff;
            }
            return;
        }
        case Kind::kAddForeignKey: {
            const bool exists = std::ranges::any_of(
                builder.schema().foreign_keys, [&](const storage::ForeignKey& key) {
                    return same_name(key.name, action.foreign_key->constraint);
                });
            if (!(action.foreign_key->if_not_exists && exists)) {
                builder.add_foreign_key(*action.foreign_key);
            }
            return;
        }
        case Kind::kDropForeignKey:
            if (!(action.if_exists && std::ranges::none_of(builder.schema().foreign_keys,
                                                           [&](const storage::ForeignKey& key) {
                                                               return same_name(key.name,
                                                                                action.name);
                                                           }))) {
                builder.drop_foreign_key(action.name);
            }
            return;
        case Kind::kAddCheck:
            builder.add_check(*action.check);
            return;
        case Kind::kDropCheck:
            builder.drop_check(action.name);
            return;
        case Kind::kDropConstraint: {
            const TableSchema& schema = builder.schema();
            if (std::ranges::any_of(schema.checks, [&](const auto& check) {
                    return same_name(check.name, action.name);
                })) {
                builder.drop_check(action.name);
            } else if (std::ranges::any_of(schema.foreign_keys, [&](const auto& key) {
                           return same_name(key.name, action.name);
                       })) {
                builder.drop_foreign_key(action.name);
            } else if (schema.find_index(action.name) != nullptr) {
                builder.drop_key(action.name);
            } else if (!action.if_exists) {
                throw_sql_error(ErrorCode::ER_CONSTRAINT_NOT_FOUND, action.name);
            }
            return;
        }
        case Kind::kSetEnforced:
            for (storage::CheckConstraint& check : builder.schema().checks) {
                if (same_name(check.name, action.name)) {
                    check.enforced = action.visible != ast::Toggle::kOff;
                }
            }
            return;
        case Kind::kRenameTable:
            new_name = action.table;
            return;
        case Kind::kConvertCharset:
            convert_charset(builder, action, root);
            return;
        case Kind::kOptions:
            builder.set_options(*action.options);
            return;
        case Kind::kPartitionBy:
            builder.set_partition(
                partition_text(*action.partition_by, partition_context(context, builder.schema())));
            return;
        case Kind::kRemovePartitioning:
            builder.set_partition({});
            return;
        case Kind::kAddPeriod:
        case Kind::kDropPeriod:
        case Kind::kAddSystemVersioning:
        case Kind::kDropSystemVersioning:
            throw_not_supported("system versioning and periods");
        case Kind::kDiscardTablespace:
        case Kind::kImportTablespace:
            throw_not_supported("DISCARD and IMPORT TABLESPACE");
        default:
            if (affects_partitions(action.kind)) {
                builder.set_partition(
                    changed_partition_text(builder.schema().partition_sql, action,
                                           partition_context(context, builder.schema())));
            }
            return;  // how the work is done, not what: ALGORITHM, LOCK, FORCE, ORDER BY, ENABLE
                     // KEYS …
    }
}

void rename_to(DdlContext& context, storage::OpenRoot& root, const std::string& database,
               const std::string& table, const ast::ObjectName& to) {
    const std::string new_name(to.name);
    const std::string new_database = to.database.empty() ? database : database_of(context, to);
    if (new_database != database) {
        if (!accepts(context, new_database, new_name)) {
            throw_not_supported("RENAME TABLE into or out of what is replicated");
        }
        return move_table(context, database, table, new_database, new_name);
    }
    if (new_name == table) {
        return;
    }
    if (root.current().find_table(new_name)) {
        throw_sql_error(ErrorCode::ER_TABLE_EXISTS_ERROR, new_name);
    }
    root.rename_table(table, new_name);
    follow_renamed_parent(context, database, table, database, new_name);
}

/// Foreign keys of other tables follow renamed columns.
void follow_renamed_columns(storage::OpenRoot& root, const std::string& table,
                            const std::map<std::string, std::string>& renamed) {
    if (renamed.empty()) {
        return;
    }
    const std::shared_ptr<const storage::Root> view = root.view();
    for (const auto& [name, other] : view->tables) {
        TableSchema schema = other->schema();
        bool changed = false;
        for (storage::ForeignKey& key : schema.foreign_keys) {
            if (key.parent_table != table || !key.parent_database.empty() || name == table) {
                continue;
            }
            for (std::string& column : key.parent_columns) {
                const auto found = renamed.find(column);
                if (found != renamed.end()) {
                    column = found->second;
                    changed = true;
                }
            }
        }
        if (changed) {
            root.replace_schema(name, std::move(schema));
        }
    }
}

}  // namespace

void change_schema(DdlContext& context, storage::OpenRoot& root, const std::string& table,
                   TableSchema schema) {
    const std::shared_ptr<const storage::Table> before = root.find_table(table)->view();
    const TableSchema& old_schema = before->schema();
    // Columns added at the end need no rewrite when what old rows read there is a constant.
    for (std::size_t i = old_schema.columns.size(); i < schema.columns.size(); ++i) {
        Column& column = schema.columns[i];
        if (column.generated_sql || column.auto_increment ||
            old_schema.find_column(column.id) != nullptr) {
            rebuild(context, root, table, std::move(schema));
            return;
        }
        std::optional<Value> constant = constant_default(column, context.session.context);
        if (!constant) {
            rebuild(context, root, table, std::move(schema));
            return;
        }
        column.missing_value =
            constant->is_null() && !column.nullable ? implicit_default(column.type) : *constant;
    }
    const bool generated_changed = !std::ranges::equal(
        old_schema.columns,
        std::span(schema.columns).first(std::min(schema.columns.size(), old_schema.columns.size())),
        {}, &Column::generated_sql, &Column::generated_sql);
    if (generated_changed || !storage::rows_compatible(old_schema, schema)) {
        for (Column& column : schema.columns) {
            column.missing_value = Value();
        }
        rebuild(context, root, table, std::move(schema));
        return;
    }
    root.rebuild_indexes(table, std::move(schema));
    check_new_unique_keys(root, table, old_schema);
}

void alter_table(DdlContext& context, const std::string& database,
                 const ast::AlterTableStatement& statement) {
    storage::OpenRoot& root = open_root(context, database);
    const std::string table(statement.table.name);
    const std::shared_ptr<const storage::Root> view = root.view();
    const std::shared_ptr<const storage::Table> current = view->find_table(table);
    if (!current) {
        if (statement.if_exists) {
            note(context, ErrorCode::ER_NO_SUCH_TABLE,
                 error_message(ErrorCode::ER_NO_SUCH_TABLE, database, table));
            return;
        }
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database, table);
    }
    TableBuilder builder(current->schema(), database, view.get(),
                         definition_context(context, current->schema().collation));
    ast::ObjectName new_table;
    // Drops first: ALTER … DROP KEY k, ADD KEY k (…) names one key twice.
    for (const bool drops : {true, false}) {
        for (const ast::AlterAction* action : statement.actions) {
            using Kind = ast::AlterActionKind;
            const bool is_drop =
                action->kind == Kind::kDropKey || action->kind == Kind::kDropPrimaryKey ||
                action->kind == Kind::kDropForeignKey || action->kind == Kind::kDropCheck ||
                action->kind == Kind::kDropConstraint;
            if (is_drop == drops) {
                apply_action(context, builder, *action, *view, new_table);
            }
        }
    }
    for (const ast::AlterAction* action : statement.actions) {
        if (takes_rows(action->kind)) {
            remove_partition_rows(context, root, table, *action);
        }
    }
    TableSchema schema = builder.finish();
    if (!(schema == current->schema())) {
        change_schema(context, root, table, std::move(schema));
        follow_renamed_columns(root, table, builder.renamed_columns());
        if (!builder.renamed_columns().empty()) {
            follow_renamed_parent(context, database, table, database, table,
                                  builder.renamed_columns());
        }
    }
    if (builder.auto_increment() != 0) {
        context.store.set_auto_increment(database, current->schema().table_id,
                                         builder.auto_increment());
    }
    if (!new_table.empty()) {
        rename_to(context, root, database, table, new_table);
    }
}

}  // namespace afterimage::sql

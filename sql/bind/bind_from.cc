// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sql/bind/expression_binder.h"
#include "sql/bind/from_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/column_convert.h"
#include "sql/expr/function_registry.h"
#include "sql/parse/ast/stored_program.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::TableSchema;

namespace {

bool is_key_part(const storage::Index& index, storage::ColumnId id, bool first_only) {
    for (const storage::IndexPart& part : index.parts) {
        if (part.column == id) {
            return true;
        }
        if (first_only) {
            return false;
        }
    }
    return false;
}

std::vector<SourceColumn> source_columns(const TableSchema& schema, std::string_view alias,
                                         std::string_view database) {
    std::vector<SourceColumn> columns;
    columns.reserve(schema.columns.size());
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        SourceColumn column;
        column.meta = column_metadata(schema, i, alias, database);
        column.hidden = schema.columns[i].invisible;
        columns.push_back(std::move(column));
    }
    return columns;
}

}  // namespace

ResultColumn column_metadata(const TableSchema& schema, std::size_t ordinal, std::string_view alias,
                             std::string_view database) {
    const storage::Column& column = schema.columns[ordinal];
    ResultColumn meta;
    meta.name = column.name;
    meta.original_name = column.name;
    meta.table = alias;
    meta.original_table = schema.name;
    meta.database = database;
    meta.type = ColumnLoader(column.type).type();
    meta.type.nullable = column.nullable;
    meta.type.coercibility = Coercibility::kImplicit;
    meta.primary_key = schema.primary_key && is_key_part(*schema.primary_key, column.id, false);
    for (const storage::Index& index : schema.indexes) {
        const bool single_unique = index.unique && index.parts.size() == 1;
        if (!is_key_part(index, column.id, true)) {
            continue;
        }
        meta.unique_key = meta.unique_key || single_unique;
        meta.multiple_key = meta.multiple_key || !single_unique;
    }
    meta.auto_increment = column.auto_increment;
    meta.no_default = !column.nullable && !column.default_sql && !column.auto_increment;
    meta.on_update_now = column.on_update_sql.has_value();
    return meta;
}

void add_table_columns(Scope& scope, const TableSchema& schema, std::string_view alias,
                       std::string_view database) {
    ScopeTable table;
    table.alias = alias;
    table.database = database;
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        auto column = std::make_shared<ScopeColumn>();
        column->name = schema.columns[i].name;
        column->meta = column_metadata(schema, i, alias, database);
        column->expression = make_slot(i, column->meta.type, column->name);
        table.columns.push_back(column);
        scope.names.visible.push_back(column);
    }
    scope.names.tables.push_back(std::move(table));
}

FromPart FromBinder::bind(const ast::TableRef& table) {
    switch (table.kind) {
        case ast::TableRefKind::kTable:
            return bind_named(ast::as<ast::NamedTableRef>(table));
        case ast::TableRefKind::kDerived:
            return bind_derived(ast::as<ast::DerivedTableRef>(table));
        case ast::TableRefKind::kFunction:
            return bind_function(ast::as<ast::FunctionTableRef>(table));
        case ast::TableRefKind::kJoin:
            return bind_join(ast::as<ast::JoinRef>(table));
        case ast::TableRefKind::kJsonTable:
            break;
    }
    throw_not_supported("JSON_TABLE");
}

FromPart FromBinder::add_source(std::unique_ptr<BoundSource> source, std::string_view database) {
    BoundSource& added = *source;
    added.first_slot = select_.slot_count;
    added.used.assign(added.columns.size(), false);
    select_.slot_count += added.slot_count();
    FromPart part;
    part.node = std::make_unique<FromNode>();
    part.node->source = select_.sources.size();
    ScopeTable names;
    names.alias = added.alias;
    names.database = database;
    for (std::size_t i = 0; i < added.columns.size(); ++i) {
        auto column = std::make_shared<ScopeColumn>();
        column->name = added.columns[i].meta.name;
        column->meta = added.columns[i].meta;
        column->hidden = added.columns[i].hidden;
        column->source = &added;
        column->ordinal = i;
        column->expression = make_slot(added.first_slot + i, column->meta.type,
                                       "`" + added.alias + "`.`" + column->name + "`");
        names.columns.push_back(column);
        part.names.visible.push_back(column);
    }
    part.names.tables.push_back(std::move(names));
    select_.sources.push_back(std::move(source));
    return part;
}

// ---- Names --------------------------------------------------------------------------------------

FromPart FromBinder::bind_named(const ast::NamedTableRef& table) {
    if (table.name.database.empty() && ctes_) {
        const CteScope::Found found = ctes_->find(table.name.name);
        if (found.entry || found.working) {
            return bind_cte(table, found);
        }
    }
    const ResolvedDatabase now = environment_.find_database(table.name.database);
    const ResolvedDatabase database =
        table.as_of.kind == ast::AsOfKind::kNone ? now : at_revision(now, table.as_of);
    if (auto stored = environment_.catalog().find_table(database, table.name.name)) {
        return bind_table(table, database, std::move(stored));
    }
    // A view AS OF is today's text over the tables of then; one that is gone shows its own.
    for (const ResolvedDatabase* text_of : {&now, &database}) {
        if (const storage::SchemaObject* view =
                environment_.catalog().find_view(*text_of, table.name.name)) {
            return bind_view(table, database, *view);
        }
    }
    if (auto virtual_table = environment_.catalog().find_virtual_table(database, table.name.name)) {
        return bind_virtual(table.alias.empty() ? table.name.name : table.alias, database,
                            std::move(virtual_table));
    }
    if (database.root && database.root->absent && !database.detached) {
        throw_sql_error(ErrorCode::ER_BAD_DB_ERROR, database.name);
    }
    throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database.name, table.name.name);
}

FromPart FromBinder::bind_table(const ast::NamedTableRef& table, const ResolvedDatabase& database,
                                std::shared_ptr<const storage::Table> stored) {
    environment_.require(database, stored->schema().name, kPrivilegeSelect, "SELECT");
    auto source = std::make_unique<BoundSource>();
    source->kind = SourceKind::kTable;
    source->alias = table.alias.empty() ? std::string(table.name.name) : std::string(table.alias);
    source->database = database;
    source->columns = source_columns(stored->schema(), source->alias, database.name);
    source->row_identity = row_identity;
    const TableSchema& schema = stored->schema();
    for (const ast::IndexHint& hint : table.hints) {
        std::vector<std::size_t> named;
        for (const ast::Identifier& name : hint.indexes) {
            if (same_name(name, "PRIMARY") && schema.primary_key) {
                named.push_back(static_cast<std::size_t>(-1));
                continue;
            }
            const auto found = std::find_if(
                schema.indexes.begin(), schema.indexes.end(),
                [&](const storage::Index& index) { return same_name(index.name, name); });
            if (found == schema.indexes.end()) {
                throw_sql_error(ErrorCode::ER_KEY_DOES_NOT_EXITS, name, source->alias);
            }
            named.push_back(static_cast<std::size_t>(found - schema.indexes.begin()));
        }
        if (hint.kind == ast::IndexHintKind::kIgnore) {
            source->ignore_indexes.insert(source->ignore_indexes.end(), named.begin(), named.end());
        } else {
            source->use_indexes = named;
        }
    }
    source->table = std::move(stored);
    return add_source(std::move(source), database.name);
}

FromPart FromBinder::bind_virtual(std::string_view alias, const ResolvedDatabase& database,
                                  std::shared_ptr<VirtualTable> table) {
    auto source = std::make_unique<BoundSource>();
    source->kind = SourceKind::kVirtual;
    source->alias = alias;
    source->database = database;
    source->columns = source_columns(table->schema(), alias, database.name);
    source->virtual_table = std::move(table);
    return add_source(std::move(source), database.name);
}

FromPart FromBinder::bind_view(const ast::NamedTableRef& table, const ResolvedDatabase& database,
                               const storage::SchemaObject& view) {
    environment_.require(database, view.name, kPrivilegeSelect, "SELECT");
    if (environment_.view_depth >= BindEnvironment::kMaxViewDepth) {
        throw_sql_error(ErrorCode::ER_VIEW_RECURSIVE, database.name, view.name);
    }
    // A view's text is read under the modes that it was written under.
    StatementContext written_under = environment_.statement;
    written_under.sql_mode = view.sql_mode;
    environment_.texts.push_back(view.create_sql);
    const ParseResult parsed =
        parse_one(environment_.texts.back(), parse_options_of(written_under), environment_.arena);
    if (parsed.statement->kind != ast::StatementKind::kCreateView) {
        throw_sql_error(ErrorCode::ER_VIEW_INVALID, database.name, view.name);
    }
    const auto& statement = ast::as<ast::CreateViewStatement>(*parsed.statement);
    const auto outer_database = environment_.view_database;
    const bool outer_inside = environment_.inside_view;
    environment_.view_database = database;
    environment_.inside_view = true;
    ++environment_.view_depth;
    std::shared_ptr<BoundQuery> query;
    try {
        query =
            bind_block_query(environment_, *statement.query, nullptr, nullptr, select_.slot_count);
    } catch (const SqlError& error) {
        environment_.view_database = outer_database;
        environment_.inside_view = outer_inside;
        --environment_.view_depth;
        const bool names_missing = error.error_number() == 1054 || error.error_number() == 1146 ||
                                   error.error_number() == 1049;
        if (names_missing) {
            throw_sql_error(ErrorCode::ER_VIEW_INVALID, database.name, view.name);
        }
        throw;
    }
    environment_.view_database = outer_database;
    environment_.inside_view = outer_inside;
    --environment_.view_depth;
    std::vector<std::string> names;
    for (const ast::Identifier& name : statement.columns) {
        names.emplace_back(name);
    }
    return add_query(std::move(query), table.alias.empty() ? table.name.name : table.alias,
                     database.name, names, false);
}

FromPart FromBinder::bind_cte(const ast::NamedTableRef& table, const CteScope::Found& found) {
    const std::string_view alias = table.alias.empty() ? table.name.name : table.alias;
    if (found.working) {
        ++found.working->references;
        auto source = std::make_unique<BoundSource>();
        source->kind = SourceKind::kCteWorking;
        source->alias = alias;
        source->columns = found.working->columns;
        for (SourceColumn& column : source->columns) {
            column.meta.table = alias;
        }
        source->cte = found.working;
        return add_source(std::move(source), {});
    }
    auto query = bind_cte_reference(environment_, found, outer_, select_.slot_count);
    const auto& definition = found.entry->definition;
    if (definition->is_recursive() || definition->query == query) {
        auto source = std::make_unique<BoundSource>();
        source->kind = SourceKind::kQuery;
        source->alias = alias;
        source->columns = definition->columns;
        for (SourceColumn& column : source->columns) {
            column.meta.table = alias;
        }
        source->query = query;
        source->cte = definition;
        ++definition->references;
        correlated = correlated || query->correlated;
        return add_source(std::move(source), {});
    }
    std::vector<std::string> names;
    for (const ast::Identifier& name : found.entry->syntax->columns) {
        names.emplace_back(name);
    }
    correlated = correlated || query->correlated;
    return add_query(std::move(query), alias, {}, names, false);
}

FromPart FromBinder::bind_function(const ast::FunctionTableRef& table) {
    const auto* factory = environment_.catalog().find_function(table.name.name);
    if (!factory) {
        throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, "FUNCTION", table.name.name);
    }
    ResolvedDatabase database = environment_.find_database(table.name.database);
    if (table.as_of.kind != ast::AsOfKind::kNone) {
        database = at_revision(database, table.as_of);
    }
    std::vector<storage::Value> values;
    for (const ast::Expr* arg : table.args) {
        ExpressionBinder binder(environment_, nullptr, nullptr);
        const ExpressionPtr bound = binder.bind_scalar(*arg);
        StringArena arena;
        EvalContext context(environment_.statement, arena);
        context.parameters = environment_.parameters;
        values.push_back(evaluate_constant(*bound, context));
    }
    std::shared_ptr<VirtualTable> opened = (*factory)(environment_.catalog(), database, values);
    FromPart part = bind_virtual(table.alias.empty() ? table.name.name : table.alias, database,
                                 std::move(opened));
    for (std::size_t i = 0; i < table.columns.size() && i < part.names.visible.size(); ++i) {
        part.names.visible[i]->name = table.columns[i];
        part.names.visible[i]->meta.name = table.columns[i];
    }
    return part;
}

FromPart FromBinder::bind_derived(const ast::DerivedTableRef& table) {
    std::vector<std::string> names;
    for (const ast::Identifier& name : table.columns) {
        names.emplace_back(name);
    }
    if (!table.lateral) {
        std::shared_ptr<BoundQuery> query =
            bind_block_query(environment_, *table.query, outer_, ctes_, select_.slot_count);
        correlated = correlated || query->correlated;
        return add_query(std::move(query), table.alias, {}, names, false);
    }
    Scope beside;
    if (lateral_names_) {
        beside.names = *lateral_names_;
    }
    beside.select = &select_;
    beside.parent = outer_;
    std::shared_ptr<BoundQuery> query =
        bind_block_query(environment_, *table.query, &beside, ctes_, 0);
    correlated = correlated || beside.correlated;
    return add_query(std::move(query), table.alias, {}, names, true);
}

// ---- Derived tables -----------------------------------------------------------------------------

bool is_mergeable(const BoundQuery& query, bool null_extended) {
    if (query.kind != BoundQuery::Kind::kSelect || query.limit || query.offset ||
        query.calc_found_rows) {
        return false;
    }
    const BoundSelect& select = *query.select;
    if (!select.from || select.grouped || select.distinct || !select.having.empty() ||
        !select.windows.empty() || select.straight_join) {
        return false;
    }
    for (std::size_t i = 0; i < select.visible; ++i) {
        const Expression& item = *select.items[i];
        if (null_extended && item.kind != ExpressionKind::kSlot) {
            return false;
        }
        bool plain = true;
        walk(item, [&](const Expression& node) {
            plain = plain && node.kind != ExpressionKind::kSubquery &&
                    node.kind != ExpressionKind::kAssign &&
                    node.kind != ExpressionKind::kUserVariable;
            if (node.kind == ExpressionKind::kCall) {
                plain = plain && node.function->determinism != Determinism::kVolatile;
            }
        });
        if (!plain) {
            return false;
        }
    }
    for (const auto& source : select.sources) {
        if (source->lateral) {
            return false;
        }
    }
    return true;
}

FromPart FromBinder::merge_query(BoundQuery& query, ScopeTable names) {
    BoundSelect& inner = *query.select;
    FromPart part;
    // The inner block's slots were numbered from this block's end on: they stay what they are.
    const std::size_t first_source = select_.sources.size();
    select_.slot_count = std::max(select_.slot_count, inner.slot_count);
    const std::function<void(FromNode&)> renumber = [&](FromNode& node) {
        if (node.kind == FromNode::Kind::kSource) {
            node.source += first_source;
        } else {
            renumber(*node.left);
            renumber(*node.right);
        }
    };
    renumber(*inner.from);
    part.node = std::move(inner.from);
    part.filters = std::move(inner.where);
    for (auto& source : inner.sources) {
        select_.sources.push_back(std::move(source));
    }
    for (std::size_t i = 0; i < inner.visible; ++i) {
        names.columns[i]->expression = std::shared_ptr<const Expression>(std::move(inner.items[i]));
    }
    part.names.visible = names.columns;
    part.names.tables.push_back(std::move(names));
    return part;
}

FromPart FromBinder::add_query(std::shared_ptr<BoundQuery> query, std::string_view alias,
                               std::string_view database,
                               const std::vector<std::string>& column_names, bool lateral) {
    if (!column_names.empty() && column_names.size() != query->columns.size()) {
        throw_sql_error(ErrorCode::ER_VIEW_WRONG_LIST);
    }
    std::vector<SourceColumn> columns;
    for (std::size_t i = 0; i < query->columns.size(); ++i) {
        SourceColumn column;
        column.meta = query->columns[i];
        column.meta.table = alias;
        if (!column_names.empty()) {
            column.meta.name = column_names[i];
        }
        for (const SourceColumn& before : columns) {
            if (same_name(before.meta.name, column.meta.name)) {
                throw_sql_error(ErrorCode::ER_DUP_FIELDNAME, column.meta.name);
            }
        }
        columns.push_back(std::move(column));
    }
    if (!lateral && is_mergeable(*query, null_extended_)) {
        ScopeTable names;
        names.alias = alias;
        names.database = database;
        for (SourceColumn& column : columns) {
            auto scope_column = std::make_shared<ScopeColumn>();
            scope_column->name = column.meta.name;
            scope_column->meta = std::move(column.meta);
            names.columns.push_back(std::move(scope_column));
        }
        return merge_query(*query, std::move(names));
    }
    auto source = std::make_unique<BoundSource>();
    source->kind = SourceKind::kQuery;
    source->alias = alias;
    source->columns = std::move(columns);
    source->query = std::move(query);
    source->lateral = lateral;
    return add_source(std::move(source), database);
}

}  // namespace afterimage::sql

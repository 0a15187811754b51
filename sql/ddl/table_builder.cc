// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/table_builder.h"

#include <algorithm>
#include <array>

#include "sql/catalog/identifier.h"
#include "sql/parse/ast_printer.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using storage::Column;
using storage::ColumnId;
using storage::Index;
using storage::IndexPart;

constexpr std::size_t kMaxIdentifierBytes = 64 * 4;
constexpr std::size_t kMaxColumns = 4096;  // MySQL's

constexpr std::array<std::string_view, 12> kOptionOrder = {
    "MIN_ROWS",         "MAX_ROWS",          "AVG_ROW_LENGTH",     "PACK_KEYS",
    "STATS_PERSISTENT", "STATS_AUTO_RECALC", "STATS_SAMPLE_PAGES", "CHECKSUM",
    "PAGE_CHECKSUM",    "DELAY_KEY_WRITE",   "TRANSACTIONAL",      "KEY_BLOCK_SIZE"};

void replace_column_name(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

}  // namespace

void check_identifier(std::string_view name) {
    if (name.size() > kMaxIdentifierBytes) {
        throw_sql_error(ErrorCode::ER_TOO_LONG_IDENT, name);
    }
}

bool mentions_column(std::string_view text, std::string_view column) {
    return text.find(quote_identifier(column)) != std::string_view::npos;
}

TableBuilder::TableBuilder(storage::TableSchema schema, std::string database,
                           const storage::Root* root, DefinitionContext context)
    : schema_(std::move(schema)), database_(std::move(database)), root_(root), context_(context) {
    context_.table_collation = schema_.collation;
}

Column* TableBuilder::find_column(std::string_view name) {
    const auto found = std::ranges::find_if(
        schema_.columns, [&](const Column& column) { return same_name(column.name, name); });
    return found == schema_.columns.end() ? nullptr : &*found;
}

Column& TableBuilder::get_column(std::string_view name) {
    Column* column = find_column(name);
    if (column == nullptr) {
        throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, name, schema_.name);
    }
    return *column;
}

void TableBuilder::place(Column column, ast::ColumnPosition position, std::string_view after) {
    auto at = schema_.columns.end();
    if (position == ast::ColumnPosition::kFirst) {
        at = schema_.columns.begin();
    } else if (position == ast::ColumnPosition::kAfter) {
        at = schema_.columns.begin() + (&get_column(after) - schema_.columns.data()) + 1;
    }
    schema_.columns.insert(at, std::move(column));
}

void TableBuilder::add_column(const ast::ColumnDefinition& definition, ast::ColumnPosition position,
                              std::string_view after) {
    check_identifier(definition.name);
    if (find_column(definition.name) != nullptr) {
        throw_sql_error(ErrorCode::ER_DUP_FIELDNAME, definition.name);
    }
    if (schema_.columns.size() >= kMaxColumns) {
        throw_sql_error(ErrorCode::ER_TOO_MANY_FIELDS);
    }
    ResolvedColumn resolved = resolve_column(definition, context_);
    resolved.column.id = schema_.next_column_id++;
    const ColumnId id = resolved.column.id;
    const std::string name = resolved.column.name;
    place(std::move(resolved.column), position, after);
    if (resolved.json_check) {
        schema_.checks.push_back({name, "json_valid(" + quote_identifier(name) + ")", true, id});
    }
    for (const ast::CheckDefinition* check : definition.checks) {
        add_check(*check, id);
    }
    add_column_keys(definition, id);
}

void TableBuilder::change_column(std::string_view name, const ast::ColumnDefinition& definition,
                                 ast::ColumnPosition position, bool positioned,
                                 std::string_view after) {
    const Column old_column = get_column(name);
    if (!same_name(name, definition.name)) {
        if (find_column(definition.name) != nullptr) {
            throw_sql_error(ErrorCode::ER_DUP_FIELDNAME, definition.name);
        }
    }
    if (old_column.name != definition.name) {
        rename_column(name, definition.name);
    }
    ResolvedColumn resolved = resolve_column(definition, context_);
    resolved.column.id = old_column.id;
    std::erase_if(schema_.checks, [&](const storage::CheckConstraint& check) {
        return check.column == old_column.id;
    });
    if (resolved.json_check) {
        schema_.checks.push_back({resolved.column.name,
                                  "json_valid(" + quote_identifier(resolved.column.name) + ")",
                                  true, old_column.id});
    }
    if (schema_.primary_key &&
        std::ranges::any_of(schema_.primary_key->parts,
                            [&](const IndexPart& part) { return part.column == old_column.id; })) {
        resolved.column.nullable = false;
        if (resolved.column.default_sql == "NULL") {
            resolved.column.default_sql.reset();
        }
    }
    if (positioned) {
        std::erase_if(schema_.columns,
                      [&](const Column& column) { return column.id == old_column.id; });
        place(std::move(resolved.column), position, after);
    } else {
        *find_column(definition.name) = std::move(resolved.column);
    }
    for (const ast::CheckDefinition* check : definition.checks) {
        add_check(*check, old_column.id);
    }
    add_column_keys(definition, old_column.id);
}

void TableBuilder::rename_column(std::string_view from, std::string_view to) {
    check_identifier(to);
    Column& column = get_column(from);
    if (!same_name(from, to) && find_column(to) != nullptr) {
        throw_sql_error(ErrorCode::ER_DUP_FIELDNAME, to);
    }
    const std::string old_name = std::exchange(column.name, std::string(to));
    const std::string old_quoted = quote_identifier(old_name);
    const std::string new_quoted = quote_identifier(to);
    for (Column& other : schema_.columns) {
        for (std::optional<std::string>* text : {&other.generated_sql, &other.default_sql}) {
            if (*text) {
                replace_column_name(**text, old_quoted, new_quoted);
            }
        }
    }
    for (storage::CheckConstraint& check : schema_.checks) {
        replace_column_name(check.expression_sql, old_quoted, new_quoted);
    }
    for (Index& index : schema_.indexes) {
        for (IndexPart& part : index.parts) {
            replace_column_name(part.expression_sql, old_quoted, new_quoted);
        }
    }
    for (storage::ForeignKey& key : schema_.foreign_keys) {
        if (key.parent_table == schema_.name && key.parent_database.empty()) {
            std::ranges::replace(key.parent_columns, old_name, std::string(to));
        }
    }
    renamed_[old_name] = to;
}

void TableBuilder::drop_column(std::string_view name) {
    const Column* column = find_column(name);
    if (column == nullptr) {
        throw_sql_error(ErrorCode::ER_CANT_DROP_FIELD_OR_KEY, name);
    }
    const ColumnId id = column->id;
    const std::string column_name = column->name;
    for (const storage::ForeignKey& key : schema_.foreign_keys) {
        if (std::ranges::find(key.columns, id) != key.columns.end()) {
            throw_sql_error(ErrorCode::ER_FK_COLUMN_CANNOT_DROP, name, key.name);
        }
    }
    for (const Column& other : schema_.columns) {
        if (other.id != id && other.generated_sql &&
            mentions_column(*other.generated_sql, column_name)) {
            throw_sql_error(ErrorCode::ER_DEPENDENT_BY_GENERATED_COLUMN, column_name);
        }
    }
    if (schema_.columns.size() == 1) {
        throw_sql_error(ErrorCode::ER_CANT_REMOVE_ALL_FIELDS);
    }
    std::erase_if(schema_.columns, [&](const Column& other) { return other.id == id; });
    std::erase_if(schema_.checks,
                  [&](const storage::CheckConstraint& check) { return check.column == id; });
    // A key loses the part; a key without parts goes.
    const auto lose_part = [&](Index& index) {
        std::erase_if(index.parts, [&](const IndexPart& part) {
            return part.column == id && part.expression_sql.empty();
        });
    };
    std::ranges::for_each(schema_.indexes, lose_part);
    std::erase_if(schema_.indexes, [](const Index& index) { return index.parts.empty(); });
    if (schema_.primary_key) {
        lose_part(*schema_.primary_key);
        if (schema_.primary_key->parts.empty()) {
            schema_.primary_key.reset();
        }
    }
}

void TableBuilder::add_check(const ast::CheckDefinition& definition, ColumnId column) {
    storage::CheckConstraint check;
    check.name = definition.constraint;
    check.expression_sql = expression_text(*definition.expr, context_.mariadb,
                                           context_.statement.connection_collation);
    check.enforced = definition.enforced != ast::Toggle::kOff;
    check.column = context_.mariadb && check.name.empty() ? column : 0;
    if (check.column != 0) {
        check.name = schema_.columns[schema_.ordinal_of(column)].name;
    } else if (check.name.empty()) {
        const std::string prefix = context_.mariadb ? "CONSTRAINT_" : schema_.name + "_chk_";
        unsigned n = 1;
        const auto taken = [&](const storage::CheckConstraint& other) {
            return same_name(other.name, prefix + std::to_string(n));
        };
        while (std::ranges::any_of(schema_.checks, taken)) {
            ++n;
        }
        check.name = prefix + std::to_string(n);
    } else if (std::ranges::any_of(schema_.checks, [&](const storage::CheckConstraint& other) {
                   return other.column == 0 && same_name(other.name, check.name);
               })) {
        if (definition.if_not_exists) {
            return;
        }
        throw_sql_error(ErrorCode::ER_CHECK_CONSTRAINT_DUP_NAME, check.name);
    }
    schema_.checks.push_back(std::move(check));
}

void TableBuilder::drop_primary_key() {
    if (!schema_.primary_key) {
        throw_sql_error(ErrorCode::ER_CANT_DROP_FIELD_OR_KEY, "PRIMARY");
    }
    schema_.primary_key.reset();
}

void TableBuilder::drop_key(std::string_view name) {
    if (same_name(name, "PRIMARY")) {
        drop_primary_key();
        return;
    }
    if (std::erase_if(schema_.indexes,
                      [&](const Index& index) { return same_name(index.name, name); }) == 0) {
        throw_sql_error(ErrorCode::ER_CANT_DROP_FIELD_OR_KEY, name);
    }
}

void TableBuilder::drop_foreign_key(std::string_view name) {
    if (std::erase_if(schema_.foreign_keys, [&](const storage::ForeignKey& key) {
            return same_name(key.name, name);
        }) == 0) {
        throw_sql_error(ErrorCode::ER_CANT_DROP_FIELD_OR_KEY, name);
    }
}

void TableBuilder::drop_check(std::string_view name) {
    if (std::erase_if(schema_.checks, [&](const storage::CheckConstraint& check) {
            return same_name(check.name, name);
        }) == 0) {
        throw_sql_error(ErrorCode::ER_CHECK_CONSTRAINT_NOT_FOUND, name);
    }
}

void TableBuilder::set_options(const ast::TableOptions& options) {
    if (options.system_versioning == ast::Toggle::kOn) {
        throw_not_supported("system-versioned tables");
    }
    if (!options.engine.empty()) {
        schema_.engine = options.engine;
    }
    if (options.has_auto_increment) {
        auto_increment_ = options.auto_increment;
    }
    schema_.collation =
        resolve_collation(options.charset, options.collation, schema_.collation, context_.mariadb);
    context_.table_collation = schema_.collation;
    if (options.has_comment) {
        schema_.comment = options.comment;
    }
    if (!options.row_format.empty()) {
        schema_.row_format = same_name(options.row_format, "DEFAULT")
                                 ? std::string()
                                 : upper_case(options.row_format);
    }
    for (const ast::OptionValue& option : options.other) {
        std::string text(option.text);
        if (option.is_string) {
            text.clear();
            append_plain_string(text, option.text);
        }
        const auto known = std::ranges::find(schema_.options, std::string(option.name),
                                             [](const auto& entry) { return entry.first; });
        if (known != schema_.options.end()) {
            known->second = std::move(text);
        } else {
            schema_.options.emplace_back(option.name, std::move(text));
        }
    }
    // As a source shows them, in whatever order they were written.
    std::ranges::stable_sort(schema_.options, {}, [](const auto& entry) {
        const auto* const place = std::ranges::find(kOptionOrder, entry.first);
        return place - kOptionOrder.begin();
    });
}

void TableBuilder::check_auto_increment() const {
    const Column* found = nullptr;
    for (const Column& column : schema_.columns) {
        if (!column.auto_increment) {
            continue;
        }
        const auto leads = [&](const Index& index) { return index.parts[0].column == column.id; };
        const bool keyed = (schema_.primary_key && leads(*schema_.primary_key)) ||
                           std::ranges::any_of(schema_.indexes, leads);
        if (found != nullptr || !keyed) {
            throw_sql_error(ErrorCode::ER_WRONG_AUTO_KEY);
        }
        found = &column;
    }
}

storage::TableSchema TableBuilder::finish() {
    if (schema_.columns.empty()) {
        throw_sql_error(ErrorCode::ER_TABLE_MUST_HAVE_COLUMNS);
    }
    unsigned number = 0;
    const std::string prefix = schema_.name + "_ibfk_";
    for (const storage::ForeignKey& key : schema_.foreign_keys) {
        if (key.name.starts_with(prefix)) {
            number = std::max(number, static_cast<unsigned>(std::strtoul(
                                          key.name.c_str() + prefix.size(), nullptr, 10)));
        }
    }
    for (std::size_t i = 0; i < new_foreign_keys_.size(); ++i) {
        storage::ForeignKey& key = new_foreign_keys_[i];
        resolve_parent(key, schema_);
        if (key.name.empty()) {
            key.name = prefix + std::to_string(++number);
        }
        if (std::ranges::any_of(schema_.foreign_keys, [&](const storage::ForeignKey& other) {
                return same_name(other.name, key.name);
            })) {
            throw_sql_error(ErrorCode::ER_FK_DUP_NAME, key.name);
        }
        if (!has_key_on(key.columns)) {
            Index index;
            const std::string& name = implied_key_names_[i];
            index.name = free_key_name(
                name.empty() ? schema_.columns[schema_.ordinal_of(key.columns[0])].name : name);
            for (const ColumnId column : key.columns) {
                index.parts.push_back({column, 0, false, {}});
            }
            schema_.indexes.push_back(std::move(index));
        }
        schema_.foreign_keys.push_back(std::move(key));
    }
    new_foreign_keys_.clear();
    check_auto_increment();
    sort_keys();
    return schema_;
}

}  // namespace afterimage::sql

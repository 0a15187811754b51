// SPDX-License-Identifier: Apache-2.0
// Keys and foreign keys of a table under definition.
#include <algorithm>
#include <span>

#include "sql/catalog/identifier.h"
#include "sql/ddl/table_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using storage::Column;
using storage::ColumnId;
using storage::ForeignKeyAction;
using storage::Index;
using storage::IndexKind;
using storage::IndexPart;

constexpr std::size_t kMaxKeyParts = 16;  // MySQL's; MariaDB allows 32
constexpr std::size_t kMaxKeys = 64;      // MySQL's

// MariaDB shows NO ACTION where it was written and nothing else as RESTRICT; MySQL the other way.
ForeignKeyAction action_of(ast::ReferenceAction action, bool mariadb) {
    switch (action) {
        case ast::ReferenceAction::kCascade:
            return ForeignKeyAction::kCascade;
        case ast::ReferenceAction::kSetNull:
            return ForeignKeyAction::kSetNull;
        case ast::ReferenceAction::kRestrict:
            return ForeignKeyAction::kRestrict;
        case ast::ReferenceAction::kSetDefault:
            return ForeignKeyAction::kSetDefault;
        case ast::ReferenceAction::kNoAction:
            return ForeignKeyAction::kNoAction;
        case ast::ReferenceAction::kUnset:
            break;
    }
    return mariadb ? ForeignKeyAction::kRestrict : ForeignKeyAction::kNoAction;
}

}  // namespace

void TableBuilder::add_column_keys(const ast::ColumnDefinition& definition, ColumnId id) {
    if (definition.primary_key) {
        add_primary_key(
            {"PRIMARY", true, IndexKind::kBTree, {IndexPart{id, 0, false, {}}}, {}, {}, false, 1});
    }
    if (definition.unique_key || definition.type.name == ast::TypeName::kSerial ||
        definition.serial_default) {
        schema_.indexes.push_back({free_key_name(std::string(definition.name)),
                                   true,
                                   IndexKind::kBTree,
                                   {IndexPart{id, 0, false, {}}},
                                   {},
                                   {},
                                   false,
                                   1});
    }
    // MySQL parses REFERENCES at a column and does nothing with it; MariaDB makes the foreign key.
    if (definition.references != nullptr && context_.mariadb) {
        storage::ForeignKey key;
        key.name = definition.references_constraint;
        key.columns = {id};
        key.parent_database = definition.references->table.database;
        key.parent_table = definition.references->table.name;
        for (const ast::KeyPart& part : definition.references->columns) {
            key.parent_columns.emplace_back(part.column);
        }
        key.on_delete = action_of(definition.references->on_delete, context_.mariadb);
        key.on_update = action_of(definition.references->on_update, context_.mariadb);
        new_foreign_keys_.push_back(std::move(key));
        implied_key_names_.emplace_back();
    }
}

IndexPart TableBuilder::key_part(const ast::KeyPart& part, const ast::KeyDefinition& key) {
    if (part.expr != nullptr) {
        throw_not_supported("functional key parts");
    }
    Column* column = find_column(part.column);
    if (column == nullptr) {
        throw_sql_error(ErrorCode::ER_KEY_COLUMN_DOES_NOT_EXITS, part.column);
    }
    IndexPart result{column->id, 0, part.descending, {}};
    const storage::TypeId type = column->type.id;
    const bool string = storage::is_text(type) || storage::is_blob(type);
    if (part.has_length && string) {
        const bool whole =
            (type == storage::TypeId::kChar || type == storage::TypeId::kVarchar ||
             type == storage::TypeId::kBinary || type == storage::TypeId::kVarbinary) &&
            part.length >= column->type.length;
        result.prefix_length =
            whole ? 0 : static_cast<std::uint32_t>(std::min<std::uint64_t>(part.length, 3072));
    } else if (string && key.kind != ast::KeyKind::kFullText &&
               type >= storage::TypeId::kTinyText && type <= storage::TypeId::kLongBlob) {
        // MariaDB takes 3072 bytes' worth (a UNIQUE on the whole value is a hash index there).
        if (!context_.mariadb) {
            throw_sql_error(ErrorCode::ER_BLOB_KEY_WITHOUT_LENGTH, part.column);
        }
    }
    return result;
}

void TableBuilder::add_primary_key(Index index) {
    if (schema_.primary_key) {
        throw_sql_error(ErrorCode::ER_MULTIPLE_PRI_KEY);
    }
    for (const IndexPart& part : index.parts) {
        Column& column = schema_.columns[schema_.ordinal_of(part.column)];
        column.nullable = false;
        if (column.default_sql == "NULL") {
            column.default_sql.reset();
        }
    }
    schema_.primary_key = std::move(index);
}

std::string TableBuilder::free_key_name(const std::string& wanted) const {
    const std::string base = same_name(wanted, "PRIMARY") ? std::string("index") : wanted;
    std::string name = base;
    for (unsigned n = 2; schema_.find_index(name) != nullptr; ++n) {
        name = base + "_" + std::to_string(n);
    }
    return name;
}

void TableBuilder::add_key(const ast::KeyDefinition& key) {
    if (key.parts.size() > kMaxKeyParts * 2) {
        throw_sql_error(ErrorCode::ER_TOO_MANY_KEY_PARTS, std::uint64_t{kMaxKeyParts});
    }
    if (key.kind == ast::KeyKind::kVector) {
        throw_not_supported("VECTOR indexes");
    }
    Index index;
    for (const ast::KeyPart& part : key.parts) {
        index.parts.push_back(key_part(part, key));
        for (std::size_t i = 0; i + 1 < index.parts.size(); ++i) {
            if (index.parts[i].column == index.parts.back().column) {
                throw_sql_error(ErrorCode::ER_DUP_FIELDNAME, part.column);
            }
        }
    }
    index.comment = key.options.comment;
    index.invisible = key.options.visible == ast::Toggle::kOff;
    index.algorithm = key.options.algorithm == ast::KeyAlgorithm::kBTree  ? "BTREE"
                      : key.options.algorithm == ast::KeyAlgorithm::kHash ? "HASH"
                                                                          : "";
    if (key.kind == ast::KeyKind::kPrimary) {
        index.name = "PRIMARY";
        index.unique = true;
        add_primary_key(std::move(index));
        return;
    }
    index.unique = key.kind == ast::KeyKind::kUnique;
    index.kind = key.kind == ast::KeyKind::kFullText  ? IndexKind::kFullText
                 : key.kind == ast::KeyKind::kSpatial ? IndexKind::kSpatial
                                                      : IndexKind::kBTree;
    std::string name(key.name.empty() ? key.constraint : key.name);
    if (name.empty()) {
        name = free_key_name(schema_.columns[schema_.ordinal_of(index.parts[0].column)].name);
    } else if (schema_.find_index(name) != nullptr) {
        if (key.if_not_exists) {
            return;
        }
        throw_sql_error(ErrorCode::ER_DUP_KEYNAME, name);
    }
    check_identifier(name);
    if (same_name(name, "PRIMARY")) {
        throw_sql_error(ErrorCode::ER_WRONG_NAME_FOR_INDEX, name);
    }
    index.name = std::move(name);
    schema_.indexes.push_back(std::move(index));
    if (schema_.indexes.size() > kMaxKeys) {
        throw_sql_error(ErrorCode::ER_TOO_MANY_KEYS, std::uint64_t{kMaxKeys});
    }
}

void TableBuilder::add_foreign_key(const ast::ForeignKeyDefinition& definition) {
    storage::ForeignKey key;
    key.name = definition.constraint.empty() && context_.mariadb ? definition.index_name
                                                                 : definition.constraint;
    for (const ast::KeyPart& part : definition.columns) {
        const Column* column = find_column(part.column);
        if (column == nullptr) {
            throw_sql_error(ErrorCode::ER_KEY_COLUMN_DOES_NOT_EXITS, part.column);
        }
        key.columns.push_back(column->id);
    }
    key.parent_database = definition.references.table.database == database_
                              ? std::string_view()
                              : definition.references.table.database;
    key.parent_table = definition.references.table.name;
    for (const ast::KeyPart& part : definition.references.columns) {
        key.parent_columns.emplace_back(part.column);
    }
    key.on_delete = action_of(definition.references.on_delete, context_.mariadb);
    key.on_update = action_of(definition.references.on_update, context_.mariadb);
    new_foreign_keys_.push_back(std::move(key));
    implied_key_names_.emplace_back(definition.constraint.empty() ? definition.index_name
                                                                  : definition.constraint);
}

bool TableBuilder::has_key_on(const std::vector<ColumnId>& columns) const {
    const auto begins_with = [&](const Index& index) {
        return index.kind == IndexKind::kBTree && index.parts.size() >= columns.size() &&
               std::ranges::equal(columns, std::span(index.parts).first(columns.size()),
                                  [](ColumnId column, const IndexPart& part) {
                                      return part.column == column && part.prefix_length == 0;
                                  });
    };
    return (schema_.primary_key && begins_with(*schema_.primary_key)) ||
           std::ranges::any_of(schema_.indexes, begins_with);
}

void TableBuilder::resolve_parent(storage::ForeignKey& key,
                                  const storage::TableSchema& child) const {
    if (!key.parent_database.empty() && key.parent_database != database_) {
        // What a source has is kept and followed; on a branch nobody could check it.
        if (!context_.replicated || key.parent_columns.empty()) {
            throw_not_supported("foreign keys to another database");
        }
        return;
    }
    if (key.parent_columns.size() != key.columns.size() && !key.parent_columns.empty()) {
        throw_sql_error(ErrorCode::ER_WRONG_FK_DEF, key.name,
                        "Key reference and table reference don't match");
    }
    const storage::TableSchema* parent = nullptr;
    std::shared_ptr<const storage::Table> table;
    if (key.parent_table == child.name) {
        parent = &child;
    } else if (root_ != nullptr && (table = root_->find_table(key.parent_table))) {
        parent = &table->schema();
    }
    if (parent == nullptr) {
        if (context_.statement.foreign_key_checks && root_ != nullptr) {
            throw_sql_error(ErrorCode::ER_FK_CANNOT_OPEN_PARENT, key.parent_table);
        }
        return;
    }
    if (key.parent_columns.empty() && parent->primary_key) {
        for (const IndexPart& part : parent->primary_key->parts) {
            key.parent_columns.push_back(parent->columns[parent->ordinal_of(part.column)].name);
        }
    }
    for (std::string& name : key.parent_columns) {
        const Column* column = parent->find_column(name);
        if (column == nullptr) {
            throw_sql_error(ErrorCode::ER_FK_NO_COLUMN_PARENT, name, key.name, key.parent_table);
        }
        name = column->name;
    }
}

void TableBuilder::sort_keys() {
    const auto rank = [&](const Index& index) {
        if (index.kind != IndexKind::kBTree) {
            return 3;
        }
        if (!index.unique) {
            return 2;
        }
        return std::ranges::any_of(
                   index.parts,
                   [&](const IndexPart& part) {
                       return schema_.columns[schema_.ordinal_of(part.column)].nullable;
                   })
                   ? 1
                   : 0;
    };
    std::ranges::stable_sort(schema_.indexes,
                             [&](const Index& a, const Index& b) { return rank(a) < rank(b); });
}

}  // namespace afterimage::sql

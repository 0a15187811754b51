// SPDX-License-Identifier: Apache-2.0
// Keys, foreign keys and checks of a table under construction.
#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/ddl/table_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Column;
using storage::ColumnId;
using storage::ForeignKeyAction;
using storage::Index;
using storage::IndexKind;
using storage::IndexPart;

namespace {

constexpr std::size_t kMaxKeyParts = 16;  // MySQL's; MariaDB allows 32
constexpr std::size_t kMaxKeys = 64;

}  // namespace

ForeignKeyAction foreign_key_action(ast::ReferenceAction action) {
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
        case ast::ReferenceAction::kUnset:
            break;
    }
    return ForeignKeyAction::kNoAction;
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
    key.on_delete = foreign_key_action(definition.references.on_delete);
    key.on_update = foreign_key_action(definition.references.on_update);
    new_foreign_keys_.push_back(std::move(key));
    implied_key_names_.emplace_back(definition.constraint.empty() ? definition.index_name
                                                                  : definition.constraint);
}

void TableBuilder::add_check(const ast::CheckDefinition& definition, ColumnId column) {
    storage::CheckConstraint check;
    check.name = definition.constraint;
    check.expression_sql = expression_text(*definition.expr, context_.mariadb);
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

}  // namespace afterimage::sql

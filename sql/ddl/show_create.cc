// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/show_create.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/parse/ast_printer.h"
#include "sql/parse/parser.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

namespace {

using storage::Column;
using storage::ForeignKeyAction;
using storage::Index;
using storage::IndexKind;
using storage::TableSchema;
using storage::TypeId;

std::string quoted(std::string_view text) {
    std::string out;
    append_plain_string(out, text);
    return out;
}

std::string_view charset_of(storage::CollationId id) {
    const storage::Collation* collation = storage::find_collation(id);
    return collation == nullptr ? std::string_view("binary") : collation->charset_name();
}

std::string_view collation_name(storage::CollationId id) {
    const storage::Collation* collation = storage::find_collation(id);
    return collation == nullptr ? std::string_view("binary") : collation->name();
}

bool is_default_collation(storage::CollationId id, bool mariadb) {
    const storage::Collation* by_default = storage::default_collation(charset_of(id), mariadb);
    return by_default != nullptr && by_default->id() == id;
}

bool has_charset(const Column& column) {
    return storage::is_text(column.type.id) || column.type.id == TypeId::kEnum ||
           column.type.id == TypeId::kSet;
}

/// What stands between type and NOT NULL where the column's charset or collation is not the
/// table's.
void append_charset(std::string& out, const TableSchema& schema, const Column& column) {
    if (!has_charset(column)) {
        return;
    }
    const storage::CollationId own = column.type.collation;
    if (schema.mariadb_flavour) {
        if (own == schema.collation) {
            return;
        }
        if (charset_of(own) != charset_of(schema.collation)) {
            out += " CHARACTER SET " + std::string(charset_of(own));
        } else {
            out += " CHARACTER SET " + std::string(charset_of(own));
        }
        out += " COLLATE " + std::string(collation_name(own));
        return;
    }
    if (charset_of(own) != charset_of(schema.collation)) {
        out += " CHARACTER SET " + std::string(charset_of(own));
    } else if (own != schema.collation) {
        out += " CHARACTER SET " + std::string(charset_of(own));
    }
    if (!is_default_collation(own, false) ||
        (own != schema.collation && charset_of(own) == charset_of(schema.collation))) {
        out += " COLLATE " + std::string(collation_name(own));
    }
}

bool is_number(TypeId id) {
    return storage::is_integer(id) || id == TypeId::kDecimal || id == TypeId::kFloat ||
           id == TypeId::kDouble || id == TypeId::kYear;
}

std::string now_text(const std::string& text, bool mariadb) {
    if (!mariadb) {
        return text;
    }
    const std::size_t parenthesis = text.find('(');
    return "current_timestamp" +
           (parenthesis == std::string::npos ? std::string("()") : text.substr(parenthesis));
}

/// Operations stand in parentheses, calls do not.
std::string mariadb_default(const std::string& text) {
    Arena arena;
    ParseOptions options;
    options.flavour = ParseFlavour::kMariaDb;
    return is_operation(*parse_expression(text, options, arena)) ? "(" + text + ")" : text;
}

void append_default(std::string& out, const TableSchema& schema, const Column& column) {
    if (!column.default_sql || column.auto_increment) {
        return;
    }
    const std::string& text = *column.default_sql;
    out += " DEFAULT ";
    if (text.starts_with("CURRENT_TIMESTAMP")) {
        out += now_text(text, schema.mariadb_flavour);
    } else if (text.starts_with("(")) {
        out += schema.mariadb_flavour ? mariadb_default(text.substr(1, text.size() - 2)) : text;
    } else if (text != "NULL" && is_number(column.type.id) && !schema.mariadb_flavour) {
        out += "'" + text + "'";
    } else {
        out += text;
    }
}

std::string_view action_text(ForeignKeyAction action) {
    switch (action) {
        case ForeignKeyAction::kCascade:
            return "CASCADE";
        case ForeignKeyAction::kSetNull:
            return "SET NULL";
        case ForeignKeyAction::kRestrict:
            return "RESTRICT";
        case ForeignKeyAction::kSetDefault:
            return "SET DEFAULT";
        case ForeignKeyAction::kNoAction:
            break;
    }
    return "NO ACTION";
}

void append_options(std::string& out, const TableSchema& schema, std::uint64_t auto_increment) {
    out += ") ENGINE=" + schema.engine;
    if (auto_increment > 1) {
        out += " AUTO_INCREMENT=" + std::to_string(auto_increment);
    }
    out += " DEFAULT CHARSET=" + std::string(charset_of(schema.collation));
    if (schema.mariadb_flavour || !is_default_collation(schema.collation, false) ||
        charset_of(schema.collation) == "utf8mb4") {
        out += " COLLATE=" + std::string(collation_name(schema.collation));
    }
    if (!schema.row_format.empty()) {
        out += " ROW_FORMAT=" + schema.row_format;
    }
    for (const auto& [name, value] : schema.options) {
        out += " " + name + "=" + value;
    }
    if (!schema.comment.empty()) {
        out += " COMMENT=" + quoted(schema.comment);
    }
    if (!schema.partition_sql.empty()) {
        out += schema.mariadb_flavour ? "\n " + schema.partition_sql
                                      : "\n/*!50100 " + schema.partition_sql + " */";
    }
}

}  // namespace

std::string show_column(const TableSchema& schema, const Column& column) {
    const bool mariadb = schema.mariadb_flavour;
    std::string out =
        quote_identifier(column.name) + " " + storage::column_type_text(column.type, mariadb);
    append_charset(out, schema, column);
    if (column.generated_sql) {
        out += " GENERATED ALWAYS AS (" + *column.generated_sql + ") " +
               (column.generated_stored ? "STORED" : "VIRTUAL");
        if (!column.nullable && !mariadb) {
            out += " NOT NULL";
        }
    } else {
        if (!column.nullable) {
            out += " NOT NULL";
        } else if (column.type.id == TypeId::kTimestamp) {
            out += " NULL";
        }
        out += column.invisible && mariadb ? " INVISIBLE" : "";
        append_default(out, schema, column);
        if (column.on_update_sql) {
            out += " ON UPDATE " + now_text(*column.on_update_sql, mariadb);
        }
        if (column.auto_increment) {
            out += " AUTO_INCREMENT";
        }
    }
    if (column.invisible && (!mariadb || column.generated_sql)) {
        out += mariadb ? " INVISIBLE" : " /*!80023 INVISIBLE */";
    }
    if (!column.comment.empty()) {
        out += " COMMENT " + quoted(column.comment);
    }
    if (mariadb) {
        for (const storage::CheckConstraint& check : schema.checks) {
            if (check.column == column.id) {
                out += " CHECK (" + check.expression_sql + ")";
            }
        }
    }
    return out;
}

std::string show_index(const TableSchema& schema, const Index& index) {
    std::string out;
    if (same_name(index.name, "PRIMARY")) {
        out = "PRIMARY KEY";
    } else {
        out = index.kind == IndexKind::kFullText  ? "FULLTEXT KEY "
              : index.kind == IndexKind::kSpatial ? "SPATIAL KEY "
              : index.unique                      ? "UNIQUE KEY "
                                                  : "KEY ";
        out += quote_identifier(index.name);
    }
    out += " (";
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
        const storage::IndexPart& part = index.parts[i];
        out += i == 0 ? "" : ",";
        if (!part.expression_sql.empty()) {
            out += "(" + part.expression_sql + ")";
        } else {
            out += quote_identifier(schema.columns[schema.ordinal_of(part.column)].name);
        }
        if (part.prefix_length != 0) {
            out += "(" + std::to_string(part.prefix_length) + ")";
        }
        out += part.descending ? " DESC" : "";
    }
    out += ")";
    if (!index.algorithm.empty()) {
        out += " USING " + index.algorithm;
    }
    if (!index.comment.empty()) {
        out += " COMMENT " + quoted(index.comment);
    }
    if (index.invisible) {
        out += schema.mariadb_flavour ? " IGNORED" : " /*!80000 INVISIBLE */";
    }
    return out;
}

std::string show_foreign_key(const TableSchema& schema, const storage::ForeignKey& key) {
    std::string out = "CONSTRAINT " + quote_identifier(key.name) + " FOREIGN KEY (";
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        out += (i == 0 ? "" : ", ") +
               quote_identifier(schema.columns[schema.ordinal_of(key.columns[i])].name);
    }
    out += ") REFERENCES ";
    if (!key.parent_database.empty()) {
        out += quote_identifier(key.parent_database) + ".";
    }
    out += quote_identifier(key.parent_table) + " (";
    for (std::size_t i = 0; i < key.parent_columns.size(); ++i) {
        out += (i == 0 ? "" : ", ") + quote_identifier(key.parent_columns[i]);
    }
    out += ")";
    // What a foreign key without the clause has: RESTRICT in MariaDB, NO ACTION in MySQL.
    const auto shown = [&](ForeignKeyAction action) {
        return action !=
               (schema.mariadb_flavour ? ForeignKeyAction::kRestrict : ForeignKeyAction::kNoAction);
    };
    if (shown(key.on_delete)) {
        out += " ON DELETE " + std::string(action_text(key.on_delete));
    }
    if (shown(key.on_update)) {
        out += " ON UPDATE " + std::string(action_text(key.on_update));
    }
    return out;
}

std::string show_create_table(const TableSchema& schema, std::uint64_t auto_increment) {
    std::string out = "CREATE TABLE " + quote_identifier(schema.name) + " (\n";
    std::vector<std::string> lines;
    for (const Column& column : schema.columns) {
        lines.push_back(show_column(schema, column));
    }
    if (schema.primary_key) {
        lines.push_back(show_index(schema, *schema.primary_key));
    }
    for (const Index& index : schema.indexes) {
        lines.push_back(show_index(schema, index));
    }
    // InnoDB keeps them by name, and MariaDB shows them so.
    std::vector<const storage::ForeignKey*> foreign_keys;
    for (const storage::ForeignKey& key : schema.foreign_keys) {
        foreign_keys.push_back(&key);
    }
    if (schema.mariadb_flavour) {
        std::ranges::sort(foreign_keys, {}, &storage::ForeignKey::name);
    }
    for (const storage::ForeignKey* key : foreign_keys) {
        lines.push_back(show_foreign_key(schema, *key));
    }
    for (const storage::CheckConstraint& check : schema.checks) {
        if (check.column != 0 && schema.mariadb_flavour) {
            continue;  // stands at its column
        }
        std::string line =
            "CONSTRAINT " + quote_identifier(check.name) + " CHECK (" + check.expression_sql + ")";
        if (!check.enforced) {
            line += " /*!80016 NOT ENFORCED */";
        }
        lines.push_back(std::move(line));
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        out += "  " + lines[i] + (i + 1 < lines.size() ? ",\n" : "\n");
    }
    append_options(out, schema, auto_increment);
    return out;
}

std::string show_create_database(std::string_view name, storage::CollationId collation,
                                 bool mariadb) {
    std::string out = "CREATE DATABASE " + quote_identifier(name) +
                      " /*!40100 DEFAULT CHARACTER SET " + std::string(charset_of(collation));
    if (mariadb || !is_default_collation(collation, mariadb) ||
        charset_of(collation) == "utf8mb4") {
        out += " COLLATE " + std::string(collation_name(collation));
    }
    out += " */";
    if (!mariadb) {
        out += " /*!80016 DEFAULT ENCRYPTION='N' */";
    }
    return out;
}

}  // namespace afterimage::sql

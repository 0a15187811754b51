// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/write_errors.h"

#include <algorithm>

#include "sql/ddl/show_create.h"
#include "sql/parse/ast_printer.h"
#include "storage/value/text_form.h"

namespace afterimage::sql {

namespace {

/// MySQL cuts the key in the message at 64 characters.
constexpr std::size_t kMaxKeyText = 64;

std::string key_text(const storage::TableSchema& schema, const storage::Index& index,
                     const storage::Row& row) {
    std::string text;
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
        text += i == 0 ? "" : "-";
        if (index.parts[i].column == 0) {
            continue;
        }
        const std::size_t ordinal = schema.ordinal_of(index.parts[i].column);
        if (row[ordinal].is_null()) {
            text += "NULL";
        } else {
            storage::append_text(text, row[ordinal], schema.columns[ordinal].type);
        }
    }
    if (text.size() > kMaxKeyText) {
        text.resize(kMaxKeyText);
    }
    return text;
}

std::string constraint_text(storage::OpenRoot& root, const std::string& table,
                            const std::string& constraint) {
    std::string text = quote_identifier(root.database()) + "." + quote_identifier(table);
    const storage::OpenTable* child = root.find_table(table);
    if (child) {
        for (const storage::ForeignKey& key : child->schema().foreign_keys) {
            if (key.name == constraint) {
                text += ", " + show_foreign_key(child->schema(), key);
            }
        }
    }
    return text;
}

}  // namespace

SqlError write_error(const storage::WriteOutcome& outcome, const storage::OpenTable& table,
                     const storage::Row& row, storage::OpenRoot& root) {
    using Kind = storage::WriteOutcome::Kind;
    const storage::TableSchema& schema = table.schema();
    switch (outcome.kind) {
        case Kind::kDuplicate: {
            const storage::Index& index = outcome.index == storage::kPrimaryIndex
                                              ? *schema.primary_key
                                              : schema.indexes[outcome.index];
            return make_sql_error(ErrorCode::ER_DUP_ENTRY, key_text(schema, index, row),
                                  schema.name + "." + index.name);
        }
        case Kind::kParentMissing:
            return make_sql_error(
                ErrorCode::ER_NO_REFERENCED_ROW_2,
                constraint_text(root, outcome.table.empty() ? schema.name : outcome.table,
                                outcome.constraint));
        case Kind::kChildExists:
            return make_sql_error(ErrorCode::ER_ROW_IS_REFERENCED_2,
                                  constraint_text(root, outcome.table, outcome.constraint));
        case Kind::kCheckViolated:
            return make_sql_error(ErrorCode::ER_CHECK_CONSTRAINT_VIOLATED, outcome.constraint);
        case Kind::kNotNullViolated:
            return make_sql_error(ErrorCode::ER_BAD_NULL_ERROR, outcome.constraint);
        case Kind::kRowMissing:
            return make_sql_error(ErrorCode::ER_KEY_NOT_FOUND, schema.name);
        default:
            break;
    }
    return SqlError(1105, "HY000",
                    "row of table " + schema.name + " is not as expected: " + outcome.detail);
}

}  // namespace afterimage::sql

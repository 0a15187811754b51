// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/patch/schema_patch.h"

#include <algorithm>
#include <map>

#include "sql/catalog/identifier.h"
#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/patch/sql_literal.h"
#include "sql/ddl/show_create.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

using storage::Column;
using storage::ForeignKey;
using storage::Index;
using storage::TableSchema;

namespace {

std::string alter(const TableSchema& schema) { return "ALTER TABLE " + quote_name(schema.name); }

std::string text_literal(const std::string& text) {
    return readable_literal(text_value(text), varchar_type(0, 45));
}

/// `before` with `after`'s column names: what RENAME COLUMN makes of it, and what its keys then
/// print as.
TableSchema with_names_of(const TableSchema& before, const TableSchema& after) {
    TableSchema result = before;
    result.name = after.name;
    if (before.table_id != after.table_id) {
        return result;
    }
    for (Column& column : result.columns) {
        if (const Column* renamed = after.find_column(column.id)) {
            column.name = renamed->name;
        }
    }
    return result;
}

const Column* partner(const TableSchema& schema, const TableSchema& of, const Column& column) {
    return schema.table_id == of.table_id ? schema.find_column(column.id)
                                          : schema.find_column(column.name);
}

/// Column statements: drops, then the target's order from left to right.
class ColumnChanges {
  public:
    ColumnChanges(const TableSchema& before, const TableSchema& after,
                  std::vector<std::string>& out)
        : before_(before), after_(after), out_(out) {}

    void write() {
        for (const Column& column : before_.columns) {
            const Column* now = partner(after_, before_, column);
            if (now == nullptr) {
                continue;
            }
            if (now->name != column.name) {
                out_.push_back(alter(after_) + " RENAME COLUMN " + quote_name(column.name) +
                               " TO " + quote_name(now->name));
            }
        }
        const TableSchema interim = with_names_of(before_, after_);
        for (const Column& column : interim.columns) {
            if (partner(after_, interim, column) == nullptr) {
                out_.push_back(alter(after_) + " DROP " + quote_name(column.name));
            } else {
                names_.push_back(column.name);
            }
        }
        for (std::size_t i = 0; i < after_.columns.size(); ++i) {
            place(interim, i);
        }
    }

  private:
    void place(const TableSchema& interim, std::size_t i) {
        const Column& column = after_.columns[i];
        const auto at = std::ranges::find(names_, column.name);
        const auto target = names_.begin() + static_cast<std::ptrdiff_t>(i);
        const std::string position =
            i == 0 ? " FIRST" : " AFTER " + quote_name(after_.columns[i - 1].name);
        if (at == names_.end()) {
            const bool last = i == names_.size();
            out_.push_back(alter(after_) + " ADD " + show_column(after_, column) +
                           (last ? "" : position));
            names_.insert(target, column.name);
            return;
        }
        const Column* old = interim.find_column(column.name);
        const bool moved = at != target;
        if (!moved && show_column(interim, *old) == show_column(after_, column)) {
            return;
        }
        out_.push_back(alter(after_) + " MODIFY COLUMN " + show_column(after_, column) +
                       (moved ? position : ""));
        if (moved) {
            names_.erase(at);
            names_.insert(names_.begin() + static_cast<std::ptrdiff_t>(i), column.name);
        }
    }

    const TableSchema& before_;
    const TableSchema& after_;
    std::vector<std::string>& out_;
    std::vector<std::string> names_;  ///< of the columns as the statements so far leave them
};

void primary_key_changes(const TableSchema& interim, const TableSchema& after,
                         std::vector<std::string>& out) {
    const std::string was =
        interim.primary_key ? show_index(interim, *interim.primary_key) : std::string();
    const std::string now =
        after.primary_key ? show_index(after, *after.primary_key) : std::string();
    if (was == now) {
        return;
    }
    // In one statement: an AUTO_INCREMENT column may not be without a key in between.
    std::string statement = alter(after);
    if (!was.empty()) {
        statement += " DROP PRIMARY KEY";
    }
    if (!now.empty()) {
        statement += (was.empty() ? " ADD " : ", ADD ") + now;
    }
    out.push_back(std::move(statement));
}

template <class T>
const T* find_named(const std::vector<T>& list, const std::string& name) {
    const auto found =
        std::ranges::find_if(list, [&](const T& item) { return same_name(item.name, name); });
    return found == list.end() ? nullptr : &*found;
}

std::string check_text(const storage::CheckConstraint& check) {
    return "CONSTRAINT " + quote_name(check.name) + " CHECK (" + check.expression_sql + ")" +
           (check.enforced ? "" : " NOT ENFORCED");
}

void drop_keys(const TableSchema& interim, const TableSchema& after,
               std::vector<std::string>& out) {
    for (const Index& index : interim.indexes) {
        const Index* now = find_named(after.indexes, index.name);
        if (now == nullptr || show_index(after, *now) != show_index(interim, index)) {
            out.push_back(alter(after) + " DROP INDEX " + quote_name(index.name));
        }
    }
    for (const storage::CheckConstraint& check : interim.checks) {
        const auto* now = find_named(after.checks, check.name);
        if (now == nullptr || check_text(*now) != check_text(check)) {
            out.push_back(alter(after) + " DROP CONSTRAINT " + quote_name(check.name));
        }
    }
}

void add_keys(const TableSchema& interim, const TableSchema& after, std::vector<std::string>& out) {
    for (const Index& index : after.indexes) {
        const Index* was = find_named(interim.indexes, index.name);
        if (was == nullptr || show_index(interim, *was) != show_index(after, index)) {
            out.push_back(alter(after) + " ADD " + show_index(after, index));
        }
    }
    for (const storage::CheckConstraint& check : after.checks) {
        const auto* was = find_named(interim.checks, check.name);
        if (was == nullptr || check_text(*was) != check_text(check)) {
            out.push_back(alter(after) + " ADD " + check_text(check));
        }
    }
}

std::string collation_name(storage::CollationId id) {
    const storage::Collation* collation = storage::find_collation(id);
    return collation != nullptr ? std::string(collation->name()) : "binary";
}

void option_changes(const TableSchema& before, const TableSchema& after,
                    std::vector<std::string>& out) {
    if (before.collation != after.collation) {
        out.push_back(alter(after) + " COLLATE='" + collation_name(after.collation) + "'");
    }
    if (!same_name(before.engine, after.engine)) {
        out.push_back(alter(after) + " ENGINE=" + after.engine);
    }
    if (before.comment != after.comment) {
        out.push_back(alter(after) + " COMMENT=" + text_literal(after.comment));
    }
    if (before.row_format != after.row_format) {
        out.push_back(alter(after) +
                      " ROW_FORMAT=" + (after.row_format.empty() ? "DEFAULT" : after.row_format));
    }
    const std::map<std::string, std::string> was(before.options.begin(), before.options.end());
    for (const auto& [name, value] : after.options) {
        const auto found = was.find(name);
        if (found == was.end() || found->second != value) {
            out.push_back(alter(after) + " " + name + "=" + value);
        }
    }
    if (before.partition_sql != after.partition_sql) {
        out.push_back(alter(after) + " " +
                      (after.partition_sql.empty() ? "REMOVE PARTITIONING" : after.partition_sql));
    }
}

std::string_view object_word(storage::SchemaObjectKind kind) {
    switch (kind) {
        case storage::SchemaObjectKind::kView:
            return "VIEW";
        case storage::SchemaObjectKind::kTrigger:
            return "TRIGGER";
        case storage::SchemaObjectKind::kProcedure:
            return "PROCEDURE";
        case storage::SchemaObjectKind::kFunction:
            return "FUNCTION";
        case storage::SchemaObjectKind::kEvent:
            return "EVENT";
        case storage::SchemaObjectKind::kSequence:
            return "SEQUENCE";
    }
    return "VIEW";
}

}  // namespace

std::vector<std::string> dropped_foreign_keys(const TableSchema& before, const TableSchema* after) {
    std::vector<std::string> out;
    if (after == nullptr) {
        return out;
    }
    const TableSchema interim = with_names_of(before, *after);
    for (const ForeignKey& key : before.foreign_keys) {
        const ForeignKey* now = find_named(after->foreign_keys, key.name);
        if (now == nullptr || show_foreign_key(*after, *now) != show_foreign_key(interim, key)) {
            out.push_back(alter(before) + " DROP FOREIGN KEY " + quote_name(key.name));
        }
    }
    return out;
}

std::vector<std::string> added_foreign_keys(const TableSchema& before, const TableSchema& after) {
    std::vector<std::string> out;
    const TableSchema interim = with_names_of(before, after);
    for (const ForeignKey& key : after.foreign_keys) {
        const ForeignKey* was = find_named(before.foreign_keys, key.name);
        if (was == nullptr || show_foreign_key(interim, *was) != show_foreign_key(after, key)) {
            out.push_back(alter(after) + " ADD " + show_foreign_key(after, key));
        }
    }
    return out;
}

std::vector<std::string> altered_definition(const TableSchema& before, const TableSchema& after) {
    std::vector<std::string> out;
    const TableSchema interim = with_names_of(before, after);
    drop_keys(interim, after, out);
    ColumnChanges(before, after, out).write();
    primary_key_changes(interim, after, out);
    add_keys(interim, after, out);
    option_changes(before, after, out);
    return out;
}

std::vector<std::string> object_statements(const storage::SchemaObject* before,
                                           const storage::SchemaObject* after) {
    std::vector<std::string> out;
    if (before != nullptr) {
        out.push_back("DROP " + std::string(object_word(before->kind)) + " IF EXISTS " +
                      quote_name(before->name));
    }
    if (after != nullptr) {
        const bool whole = same_name(std::string_view(after->create_sql).substr(0, 6), "CREATE");
        out.push_back(whole ? after->create_sql
                            : "CREATE " + std::string(object_word(after->kind)) + " " +
                                  quote_name(after->name) + " AS " + after->create_sql);
    }
    return out;
}

}  // namespace afterimage::sql

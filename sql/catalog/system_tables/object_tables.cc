// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/object_tables.h"

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/session/system_variables.h"

namespace afterimage::sql {

using storage::Row;
using storage::SchemaObjectKind;

namespace {

bool is_routine(SchemaObjectKind kind) {
    return kind == SchemaObjectKind::kProcedure || kind == SchemaObjectKind::kFunction;
}

std::string_view type_word(SchemaObjectKind kind) {
    switch (kind) {
        case SchemaObjectKind::kView:
            return "view";
        case SchemaObjectKind::kTrigger:
            return "trigger";
        case SchemaObjectKind::kEvent:
            return "event";
        default:
            return "sequence";
    }
}

std::vector<Row> schema_rows(Catalog& /*catalog*/, const ResolvedDatabase& database,
                             const ScanRequest& /*request*/) {
    std::vector<Row> rows;
    if (database.root) {
        for (const auto& [key, object] : database.root->objects) {
            if (!is_routine(key.kind)) {
                rows.push_back({text_value(type_word(key.kind)),
                                text_value(object.name),
                                text_value(object.create_sql),
                                {},
                                text_value(sql_mode_text(object.sql_mode))});
            }
        }
    }
    return rows;
}

std::vector<Row> procedure_rows(Catalog& /*catalog*/, const ResolvedDatabase& database,
                                const ScanRequest& /*request*/) {
    std::vector<Row> rows;
    if (database.root) {
        for (const auto& [key, object] : database.root->objects) {
            if (is_routine(key.kind)) {
                rows.push_back({text_value(object.name),
                                text_value(object.create_sql),
                                {},
                                {},
                                text_value(sql_mode_text(object.sql_mode))});
            }
        }
    }
    return rows;
}

}  // namespace

void register_object_tables(VirtualTableRegistry& registry) {
    add_list_table(registry,
                   SchemaBuilder("dolt_schemas")
                       .varchar("type", 64)
                       .varchar("name", 64)
                       .long_text("fragment", true)
                       .json("extra")
                       .varchar("sql_mode", 256, true)
                       .key({"type", "name"}),
                   schema_rows);
    add_list_table(registry,
                   SchemaBuilder("dolt_procedures")
                       .varchar("name", 64)
                       .long_text("create_stmt", true)
                       .datetime("created_at", 6)
                       .datetime("modified_at", 6)
                       .varchar("sql_mode", 256, true)
                       .key({"name"}),
                   procedure_rows);
}

}  // namespace afterimage::sql

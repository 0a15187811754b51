// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/status_tables.h"

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/system_table.h"
#include "storage/history/root_summary.h"

namespace afterimage::sql {

using storage::Root;
using storage::Row;

namespace {

std::string status_word(const storage::TableDifference& difference) {
    if (difference.added()) {
        return "new table";
    }
    if (difference.dropped()) {
        return "deleted";
    }
    return difference.renamed() ? "renamed" : "modified";
}

void add_row(std::vector<Row>& rows, const std::string& table, bool staged,
             const std::string& status) {
    rows.push_back({text_value(table), bool_value(staged), text_value(status)});
}

/// Views and triggers are shown as the table dolt_schemas, routines as dolt_procedures.
void add_objects(std::vector<Row>& rows, const Root& before, const Root& after, bool staged) {
    for (const bool routines : {false, true}) {
        const auto is_wanted = [&](storage::SchemaObjectKind kind) {
            return (kind == storage::SchemaObjectKind::kProcedure ||
                    kind == storage::SchemaObjectKind::kFunction) == routines;
        };
        const auto has = [&](const Root& root) {
            for (const auto& [key, object] : root.objects) {
                if (is_wanted(key.kind)) {
                    return true;
                }
            }
            return false;
        };
        bool differs = false;
        for (const storage::ObjectDifference& difference :
             storage::object_differences(&before, &after)) {
            const storage::SchemaObject& object =
                difference.after != nullptr ? *difference.after : *difference.before;
            differs = differs || is_wanted(object.kind);
        }
        if (differs) {
            add_row(rows, routines ? "dolt_procedures" : "dolt_schemas", staged,
                    !has(before)  ? "new table"
                    : !has(after) ? "deleted"
                                  : "modified");
        }
    }
}

void add_changes(std::vector<Row>& rows, storage::NodeSource& nodes, const Root& before,
                 const Root& after, bool staged) {
    if (&before == &after) {
        return;
    }
    for (const storage::TableDifference& difference :
         storage::summarize_difference(&before, &after, nodes)) {
        const std::string name = difference.renamed()
                                     ? difference.before->schema().name + " -> " + difference.name()
                                     : difference.name();
        add_row(rows, name, staged, status_word(difference));
    }
    add_objects(rows, before, after, staged);
    if (before.collation != after.collation) {
        add_row(rows, "__DATABASE__", staged, "modified");
    }
}

std::vector<Row> status_rows(Catalog& catalog, const ResolvedDatabase& database,
                             const ScanRequest& /*request*/) {
    std::vector<Row> rows;
    const auto state = branch_state(database);
    if (!state) {
        return rows;
    }
    const auto working = catalog.target().root(database.base, database.branch);
    storage::NodeSource& nodes = catalog.store().nodes();
    add_changes(rows, nodes, *state->head_root, *state->staged, true);
    if (working) {
        add_changes(rows, nodes, *state->staged, *working, false);
    }
    const auto live = live_branch_state(catalog, database);
    if (live && live->merge) {
        for (const auto& [table, conflicts] : live->merge->conflicts) {
            if (!conflicts.empty()) {
                add_row(rows, table, false, "conflict");
            }
        }
    }
    return rows;
}

std::vector<Row> merge_status_rows(Catalog& catalog, const ResolvedDatabase& database,
                                   const ScanRequest& /*request*/) {
    const auto state = live_branch_state(catalog, database);
    if (!state || !state->merge) {
        return {{bool_value(false), {}, {}, {}, {}}};
    }
    std::string unmerged;
    for (const auto& [table, conflicts] : state->merge->conflicts) {
        if (!conflicts.empty()) {
            unmerged += (unmerged.empty() ? "" : ", ") + table;
        }
    }
    return {{bool_value(true), text_value(state->merge->source),
             text_value(state->merge->source_commit.text()),
             text_value("refs/heads/" + database.branch), text_value(unmerged)}};
}

}  // namespace

void register_status_tables(VirtualTableRegistry& registry) {
    add_list_table(registry,
                   SchemaBuilder("dolt_status").text("table_name").boolean("staged").text("status"),
                   status_rows);
    add_list_table(registry,
                   SchemaBuilder("dolt_merge_status")
                       .boolean("is_merging")
                       .text("source", true)
                       .text("source_commit", true)
                       .text("target", true)
                       .text("unmerged_tables", true),
                   merge_status_rows);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// ENGINES, PLUGINS, KEYWORDS, PROCESSLIST.
#include "sql/catalog/information_schema/server_tables.h"

#include <algorithm>

#include "sql/catalog/information_schema/information_schema.h"
#include "sql/parse/keywords.h"

namespace afterimage::sql {

namespace {

constexpr ColumnSpec kEngines[] = {
    text_column("ENGINE"),           text_column("SUPPORT", 8),
    text_column("COMMENT", 80),      text_column("TRANSACTIONS", 3).optional(),
    text_column("XA", 3).optional(), text_column("SAVEPOINTS", 3).optional(),
};

constexpr ColumnSpec kPlugins[] = {
    text_column("PLUGIN_NAME"),
    text_column("PLUGIN_VERSION", 20),
    text_column("PLUGIN_STATUS", 10),
    text_column("PLUGIN_TYPE", 80),
    text_column("PLUGIN_TYPE_VERSION", 20),
    text_column("PLUGIN_LIBRARY").optional(),
    text_column("PLUGIN_LIBRARY_VERSION", 20).optional(),
    text_column("PLUGIN_AUTHOR").optional(),
    long_text_column("PLUGIN_DESCRIPTION").optional(),
    text_column("PLUGIN_LICENSE", 80).optional(),
    text_column("LOAD_OPTION"),
};

constexpr ColumnSpec kKeywords[] = {
    text_column("WORD", 128).optional(),
    int_column("RESERVED").optional(),
};

constexpr ColumnSpec kProcessList[] = {
    unsigned_column("ID"),           text_column("USER", 32),
    text_column("HOST", 261),        name_column("DB").optional(),
    text_column("COMMAND", 16),      int_column("TIME"),
    text_column("STATE").optional(), long_text_column("INFO").optional(),
};

void fill_engines(Fill& fill) {
    for (const EngineFacts& engine : engines()) {
        fill.row()
            .text(engine.name)
            .text(engine.support)
            .text(engine.comment)
            .text(engine.transactions)
            .text(engine.xa)
            .text(engine.savepoints)
            .add();
    }
}

void fill_plugins(Fill& fill) {
    for (const PluginFacts& plugin : plugins()) {
        fill.row()
            .text(plugin.name)
            .text(plugin.version)
            .text("ACTIVE")
            .text(plugin.type)
            .text(plugin.version)
            .null(2)
            .text(plugin.author)
            .text(plugin.description)
            .text("Apache-2.0")
            .text("FORCE")
            .add();
    }
}

void fill_keywords(Fill& fill) {
    for (const Keyword* word = keywords_begin(); word != keywords_end(); ++word) {
        const bool reserved = word->status == KeywordStatus::kReserved ||
                              word->status == KeywordStatus::kSoftReserved;
        fill.row().text(word->word).number(reserved ? 1 : 0).add();
    }
}

void fill_process_list(Fill& fill) {
    for (const Process& process : visible_processes(fill.catalog.session())) {
        fill.row()
            .number(process.id)
            .text(process.user)
            .text(process.host)
            .text_or_null(process.database)
            .text(process.command)
            .number(process.time_seconds)
            .text(process.state)
            .text_or_null(process.info)
            .add();
    }
}

}  // namespace

std::vector<Process> visible_processes(const Session& session) {
    std::vector<Process> processes;
    if (session.services().processes != nullptr) {
        processes = session.services().processes->processes();
    }
    if (!session.privileges.has_global(kPrivilegeProcess)) {
        std::erase_if(processes,
                      [&](const Process& process) { return process.user != session.client_user; });
    }
    return processes;
}

const std::vector<EngineFacts>& engines() {
    static const std::vector<EngineFacts> all{
        {"InnoDB", "DEFAULT", "Supports transactions, row-level locking, and foreign keys", "YES",
         "YES", "YES"},
    };
    return all;
}

const std::vector<PluginFacts>& plugins() {
    static const std::vector<PluginFacts> all{
        {"mysql_native_password", "1.1", "AUTHENTICATION", "Afterimage",
         "Native MySQL authentication"},
        {"caching_sha2_password", "1.0", "AUTHENTICATION", "Afterimage",
         "Caching sha2 authentication"},
        {"InnoDB", "8.0", "STORAGE ENGINE", "Afterimage",
         "Supports transactions, row-level locking, and foreign keys"},
    };
    return all;
}

void register_server_tables(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "ENGINES", kEngines, fill_engines);
    add_filled_table(registry, "information_schema", "PLUGINS", kPlugins, fill_plugins);
    add_filled_table(registry, "information_schema", "KEYWORDS", kKeywords, fill_keywords);
    add_filled_table(registry, "information_schema", "PROCESSLIST", kProcessList,
                     fill_process_list);
    add_filled_table(registry, "performance_schema", "processlist", kProcessList,
                     fill_process_list);
}

}  // namespace afterimage::sql

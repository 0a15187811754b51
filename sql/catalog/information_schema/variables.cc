// SPDX-License-Identifier: Apache-2.0
// GLOBAL_VARIABLES and its three siblings, in information_schema (MariaDB's place) and
// performance_schema (MySQL's); the rest of performance_schema that clients read; sys.version.
#include <algorithm>

#include "sql/catalog/information_schema/information_schema.h"
#include "sql/catalog/information_schema/server_tables.h"

namespace afterimage::sql {

namespace {

constexpr ColumnSpec kVariables[] = {
    text_column("VARIABLE_NAME"),
    text_column("VARIABLE_VALUE", 2048).optional(),
};

constexpr ColumnSpec kConnectAttributes[] = {
    unsigned_column("PROCESSLIST_ID"),
    text_column("ATTR_NAME", 32),
    text_column("ATTR_VALUE", 1024).optional(),
    int_column("ORDINAL_POSITION").optional(),
};

constexpr ColumnSpec kThreads[] = {
    unsigned_column("THREAD_ID"),
    text_column("NAME", 128),
    text_column("TYPE", 10),
    unsigned_column("PROCESSLIST_ID").optional(),
    text_column("PROCESSLIST_USER", 32).optional(),
    text_column("PROCESSLIST_HOST", 255).optional(),
    name_column("PROCESSLIST_DB").optional(),
    text_column("PROCESSLIST_COMMAND", 16).optional(),
    bigint_column("PROCESSLIST_TIME").optional(),
    text_column("PROCESSLIST_STATE").optional(),
    long_text_column("PROCESSLIST_INFO").optional(),
    unsigned_column("PARENT_THREAD_ID").optional(),
    text_column("ROLE", 64).optional(),
    text_column("INSTRUMENTED", 3),
    text_column("HISTORY", 3),
    text_column("CONNECTION_TYPE", 16).optional(),
    unsigned_column("THREAD_OS_ID").optional(),
    text_column("RESOURCE_GROUP").optional(),
};

constexpr ColumnSpec kSysVersion[] = {
    text_column("sys_version", 5),
    text_column("mysql_version", 64),
};

void fill_pairs(Fill& fill, const std::vector<std::pair<std::string, std::string>>& pairs) {
    for (const auto& [name, value] : pairs) {
        if (fill.allows(0, name)) {
            fill.row().text(name).text(value).add();
        }
    }
}

FillFunction variables_of(bool global) {
    return
        [global](Fill& fill) { fill_pairs(fill, variable_values(fill.catalog.session(), global)); };
}

FillFunction status_of(bool global) {
    return
        [global](Fill& fill) { fill_pairs(fill, status_values(fill.catalog.session(), global)); };
}

void fill_attributes(Fill& fill) {
    const Session& session = fill.catalog.session();
    std::uint64_t position = 0;
    for (const auto& [name, value] : session.connection_attributes) {
        fill.row().number(session.id()).text(name).text(value).number(position++).add();
    }
}

void fill_threads(Fill& fill) {
    for (const Process& process : visible_processes(fill.catalog.session())) {
        RowBuilder row = fill.row();
        row.number(process.id).text("thread/sql/one_connection").text("FOREGROUND");
        row.number(process.id).text(process.user).text(process.host);
        row.text_or_null(process.database).text(process.command).number(process.time_seconds);
        row.text_or_null(process.state).text_or_null(process.info).null(2).yes_no(true);
        row.yes_no(true).null(3).add();
    }
}

void fill_sys_version(Fill& fill) {
    const storage::Value version = fill.catalog.session().get_variable("version");
    fill.row().text("2.1.2").text(version.is_null() ? std::string() : version.as_bytes()).add();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> variable_values(const Session& session,
                                                                 bool global) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const SystemVariable& variable : system_variables()) {
        if (global && variable.scope == VariableScope::kSession) {
            continue;
        }
        const storage::Value value = global ? session.get_global_variable(variable.name)
                                            : session.get_variable(variable.name);
        out.emplace_back(variable.name, variable_text(variable, value));
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> status_values(const Session& session,
                                                               bool global) {
    std::vector<std::pair<std::string, std::string>> out;
    if (session.services().processes != nullptr) {
        out = session.services().processes->status();
    }
    if (!global) {
        for (const auto& [name, value] : session.connection_status) {
            const auto found =
                std::find_if(out.begin(), out.end(),
                             [&name = name](const auto& pair) { return pair.first == name; });
            if (found == out.end()) {
                out.emplace_back(name, value);
            } else {
                found->second = value;
            }
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

void register_variables(VirtualTableRegistry& registry) {
    for (const auto& [database, upper] :
         {std::pair("information_schema", true), std::pair("performance_schema", false)}) {
        add_filled_table(registry, database, upper ? "GLOBAL_VARIABLES" : "global_variables",
                         kVariables, variables_of(true), {0});
        add_filled_table(registry, database, upper ? "SESSION_VARIABLES" : "session_variables",
                         kVariables, variables_of(false), {0});
        add_filled_table(registry, database, upper ? "GLOBAL_STATUS" : "global_status", kVariables,
                         status_of(true), {0});
        add_filled_table(registry, database, upper ? "SESSION_STATUS" : "session_status",
                         kVariables, status_of(false), {0});
    }
    for (const char* name : {"session_connect_attrs", "session_account_connect_attrs"}) {
        add_filled_table(registry, "performance_schema", name, kConnectAttributes, fill_attributes);
    }
    add_filled_table(registry, "performance_schema", "threads", kThreads, fill_threads);
    add_empty_table(registry, "performance_schema", "persisted_variables", kVariables);
    add_filled_table(registry, "sys", "version", kSysVersion, fill_sys_version);
}

}  // namespace afterimage::sql

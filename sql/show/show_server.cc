// SPDX-License-Identifier: Apache-2.0
// SHOW of what belongs to the server and the session: variables, status, warnings, engines,
// character sets, connections, replication.
#include <algorithm>

#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/character_sets.h"
#include "sql/catalog/information_schema/server_tables.h"
#include "sql/catalog/replica_control.h"
#include "sql/show/show_run.h"
#include "sql/sql_error.h"
#include "storage/history/history_index.h"

namespace afterimage::sql {

using ast::ShowKind;
using storage::Value;

namespace {

ResultTable pair_table(const std::vector<std::pair<std::string, std::string>>& pairs,
                       const ast::ShowStatement& show) {
    ResultTable table;
    table.add_text("Variable_name", 64, false).add_text("Value", 2048);
    const auto wanted = name_filter(show, true);
    for (const auto& [name, value] : pairs) {
        if (wanted(name)) {
            table.rows.push_back(text_row({name, value}));
        }
    }
    return table;
}

std::string_view level_name(Warning::Level level) {
    switch (level) {
        case Warning::Level::kNote:
            return "Note";
        case Warning::Level::kWarning:
            return "Warning";
        case Warning::Level::kError:
            break;
    }
    return "Error";
}

/// What the statement before left: its warnings, and its error if it failed.
std::vector<Warning> diagnostics(const Session& session, bool errors_only) {
    std::vector<Warning> all = session.warnings;
    const bool told = std::any_of(all.begin(), all.end(), [&](const Warning& warning) {
        return warning.level == Warning::Level::kError && warning.code == session.last_error_code;
    });
    if (session.last_error_code != 0 && !told) {
        all.push_back(
            {Warning::Level::kError, session.last_error_code, session.last_error_message});
    }
    if (errors_only) {
        std::erase_if(all, [](const Warning& w) { return w.level != Warning::Level::kError; });
    }
    return all;
}

}  // namespace

ResultTable show_variables(const ShowRun& run, const ast::ShowStatement& show) {
    return pair_table(variable_values(run.session(), show.scope == ast::VariableScope::kGlobal),
                      show);
}

ResultTable show_status(const ShowRun& run, const ast::ShowStatement& show) {
    return pair_table(status_values(run.session(), show.scope == ast::VariableScope::kGlobal),
                      show);
}

ResultTable show_warnings(const ShowRun& run, const ast::ShowStatement& show) {
    ResultTable table;
    table.add_text("Level", 7, false).add_unsigned("Code", false).add_text("Message", 512, false);
    for (const Warning& warning : diagnostics(run.session(), show.show == ShowKind::kErrors)) {
        table.rows.push_back({text_value(level_name(warning.level)), Value::of_uint(warning.code),
                              text_value(warning.message)});
    }
    keep_limit(run, show.limit, table);
    return table;
}

ResultTable show_warning_count(const ShowRun& run, const ast::ShowStatement& show) {
    const bool errors = show.show == ShowKind::kCountErrors;
    ResultTable table;
    table.add_unsigned(errors ? "@@session.error_count" : "@@session.warning_count", false);
    table.rows.push_back({Value::of_uint(diagnostics(run.session(), errors).size())});
    return table;
}

ResultTable show_engines() {
    ResultTable table;
    table.add_text("Engine", 64, false).add_text("Support", 8, false).add_text("Comment", 80);
    table.add_text("Transactions", 3).add_text("XA", 3).add_text("Savepoints", 3);
    for (const EngineFacts& engine : engines()) {
        table.rows.push_back(text_row({engine.name, engine.support, engine.comment,
                                       engine.transactions, engine.xa, engine.savepoints}));
    }
    return table;
}

ResultTable show_engine(const ShowRun& run, const ast::ShowStatement& show) {
    require_global(run.session(), kPrivilegeProcess, "PROCESS");
    ResultTable table;
    table.add_text("Type", 10, false).add_text("Name", 512, false);
    table.add_long_text("Status", false);
    if (!same_name(show.name, "INNODB") && !same_name(show.name, "ALL")) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_STORAGE_ENGINE, show.name);
    }
    if (same_name(show.detail, "STATUS")) {
        const storage::HistoryIndex& history = run.catalog.store().history();
        const std::string text =
            "\nAfterimage keeps tables in its own versioned store; InnoDB is the name that clients "
            "know.\nTransactions of the source: " +
            std::to_string(history.transaction_count()) +
            "\nKeyframes: " + std::to_string(history.keyframe_count()) + "\n";
        table.rows.push_back(text_row({"InnoDB", "", text}));
    }
    return table;
}

ResultTable show_character_sets(const ast::ShowStatement& show) {
    ResultTable table;
    table.add_text("Charset", 64, false).add_text("Description", 2048, false);
    table.add_text("Default collation", 64, false).add_bigint("Maxlen", false);
    const auto wanted = name_filter(show, true);
    for (const CharacterSetFacts& charset : character_sets()) {
        if (wanted(charset.name)) {
            storage::Row row =
                text_row({charset.name, charset.description, charset.default_collation});
            row.push_back(Value::of_int(charset.max_bytes));
            table.rows.push_back(std::move(row));
        }
    }
    return table;
}

ResultTable show_collations(const ast::ShowStatement& show) {
    ResultTable table;
    table.add_text("Collation", 64, false).add_text("Charset", 64, false).add_unsigned("Id", false);
    table.add_text("Default", 3, false).add_text("Compiled", 3, false);
    table.add_bigint("Sortlen", false).add_text("Pad_attribute", 9, false);
    const auto wanted = name_filter(show, true);
    for (const CollationFacts& collation : collations()) {
        if (!wanted(collation.name)) {
            continue;
        }
        table.rows.push_back({text_value(collation.name), text_value(collation.charset),
                              Value::of_uint(collation.id),
                              text_value(collation.is_default ? "Yes" : ""), text_value("Yes"),
                              Value::of_int(collation.sort_length),
                              text_value(collation.pad_space ? "PAD SPACE" : "NO PAD")});
    }
    return table;
}

ResultTable show_plugins() {
    ResultTable table;
    table.add_text("Name", 64, false).add_text("Status", 10, false).add_text("Type", 80, false);
    table.add_text("Library", 64).add_text("License", 80);
    for (const PluginFacts& plugin : plugins()) {
        table.rows.push_back(text_row({plugin.name, "ACTIVE", plugin.type, {}, "Apache-2.0"}));
    }
    return table;
}

ResultTable show_privileges() {
    ResultTable table;
    table.add_text("Privilege", 64, false).add_text("Context", 64, false);
    table.add_text("Comment", 256, false);
    const auto title = [](std::string_view name) {
        std::string out = lower_case(name);
        bool first = true;
        for (char& c : out) {
            c = first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
            first = false;
        }
        return out;
    };
    for (const PrivilegeName& privilege : privilege_names()) {
        table.rows.push_back(
            text_row({title(privilege.name), privilege.context, privilege.comment}));
    }
    table.rows.push_back(text_row({"Usage", "Server Admin", "No privileges - allow connect only"}));
    return table;
}

ResultTable show_process_list(const ShowRun& run, const ast::ShowStatement& show) {
    constexpr std::size_t kShortInfo = 100;
    ResultTable table;
    table.add_unsigned("Id", false).add_text("User", 32, false).add_text("Host", 261, false);
    table.add_text("db", 64).add_text("Command", 16, false).add_bigint("Time", false);
    table.add_text("State", 64).add_long_text("Info");
    for (Process& process : visible_processes(run.session())) {
        if (!show.full && process.info.size() > kShortInfo) {
            process.info.resize(
                storage::well_formed_prefix(storage::CharsetId::kUtf8mb4,
                                            std::string_view(process.info).substr(0, kShortInfo)));
        }
        table.rows.push_back({Value::of_uint(process.id), text_value(process.user),
                              text_value(process.host), text_or_null(process.database),
                              text_value(process.command),
                              Value::of_int(static_cast<std::int64_t>(process.time_seconds)),
                              text_value(process.state), text_or_null(process.info)});
    }
    return table;
}

namespace {

ResultTable empty_binary_log_status() {
    ResultTable table;
    table.add_text("File", 255, false).add_unsigned("Position", false);
    table.add_text("Binlog_Do_DB", 255, false).add_text("Binlog_Ignore_DB", 255, false);
    table.add_text("Executed_Gtid_Set", 255, false);
    return table;
}

ResultTable empty_log_events() {
    ResultTable table;
    table.add_text("Log_name", 255, false).add_unsigned("Pos", false);
    table.add_text("Event_type", 20, false).add_unsigned("Server_id", false);
    table.add_unsigned("End_log_pos", false).add_text("Info", 255, false);
    return table;
}

ResultTable empty_replicas(bool old_words) {
    ResultTable table;
    table.add_unsigned(old_words ? "Server_id" : "Server_Id", false).add_text("Host", 255, false);
    table.add_unsigned("Port", false).add_unsigned(old_words ? "Master_id" : "Source_Id", false);
    table.add_text(old_words ? "Slave_UUID" : "Replica_UUID", 36, false);
    return table;
}

void require_replication_client(const Session& session) {
    if (!session.privileges.has_global(kPrivilegeReplicationClient) &&
        !session.privileges.has_global(kPrivilegeSuper)) {
        throw_sql_error(ErrorCode::ER_SPECIFIC_ACCESS_DENIED_ERROR, "SUPER, REPLICATION CLIENT");
    }
}

}  // namespace

ResultTable show_replication(const ShowRun& run, const ast::ShowStatement& show) {
    require_replication_client(run.session());
    switch (show.show) {
        case ShowKind::kBinaryLogs:
            throw_sql_error(ErrorCode::ER_NO_BINARY_LOGGING);
        case ShowKind::kBinaryLogStatus:
            return empty_binary_log_status();
        case ShowKind::kBinlogEvents:
        case ShowKind::kRelaylogEvents:
            return empty_log_events();
        case ShowKind::kReplicas:
            return empty_replicas(show.old_words);
        default:
            break;
    }
    if (run.services.replica != nullptr) {
        return run.services.replica->status(show.old_words, show.channel, show.all);
    }
    ResultTable none;
    none.add_text(show.old_words ? "Slave_IO_State" : "Replica_IO_State", 255, false);
    return none;
}

ResultTable show_profiles(const ast::ShowStatement& show) {
    ResultTable table;
    if (show.show == ShowKind::kProfiles) {
        table.add_bigint("Query_ID", false).add_double("Duration", false);
        table.add_text("Query", 300, false);
    } else {
        table.add_text("Status", 30, false).add_double("Duration", false);
    }
    return table;
}

}  // namespace afterimage::sql

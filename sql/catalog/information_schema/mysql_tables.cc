// SPDX-License-Identifier: Apache-2.0
// The mysql database, read-only: accounts and privileges as rows, and the tables that clients
// expect to be there, empty. Reading it needs SELECT on mysql, as it holds password hashes.
#include <array>

#include "sql/catalog/grants.h"
#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

constexpr ColumnSpec flag(std::string_view name) { return text_column(name, 1); }

constexpr ColumnSpec kUser[] = {
    text_column("Host", 255),
    text_column("User", 32),
    flag("Select_priv"),
    flag("Insert_priv"),
    flag("Update_priv"),
    flag("Delete_priv"),
    flag("Create_priv"),
    flag("Drop_priv"),
    flag("Reload_priv"),
    flag("Shutdown_priv"),
    flag("Process_priv"),
    flag("File_priv"),
    flag("Grant_priv"),
    flag("References_priv"),
    flag("Index_priv"),
    flag("Alter_priv"),
    flag("Show_db_priv"),
    flag("Super_priv"),
    flag("Create_tmp_table_priv"),
    flag("Lock_tables_priv"),
    flag("Execute_priv"),
    flag("Repl_slave_priv"),
    flag("Repl_client_priv"),
    flag("Create_view_priv"),
    flag("Show_view_priv"),
    flag("Create_routine_priv"),
    flag("Alter_routine_priv"),
    flag("Create_user_priv"),
    flag("Event_priv"),
    flag("Trigger_priv"),
    flag("Create_tablespace_priv"),
    text_column("ssl_type", 9),
    long_text_column("ssl_cipher"),
    long_text_column("x509_issuer"),
    long_text_column("x509_subject"),
    unsigned_int_column("max_questions"),
    unsigned_int_column("max_updates"),
    unsigned_int_column("max_connections"),
    unsigned_int_column("max_user_connections"),
    text_column("plugin"),
    long_text_column("authentication_string").optional(),
    flag("password_expired"),
    datetime_column("password_last_changed"),
    unsigned_int_column("password_lifetime").optional(),
    flag("account_locked"),
    flag("Create_role_priv"),
    flag("Drop_role_priv"),
    unsigned_int_column("Password_reuse_history").optional(),
    unsigned_int_column("Password_reuse_time").optional(),
    flag("Password_require_current").optional(),
    {"User_attributes", ColumnKind::kJson, 0, true},
};
/// Select_priv … Create_tablespace_priv are the first privileges in the order of their bits.
constexpr std::size_t kUserFlags = 29;

constexpr ColumnSpec kDb[] = {
    text_column("Host", 255),   name_column("Db"),
    text_column("User", 32),    flag("Select_priv"),
    flag("Insert_priv"),        flag("Update_priv"),
    flag("Delete_priv"),        flag("Create_priv"),
    flag("Drop_priv"),          flag("Grant_priv"),
    flag("References_priv"),    flag("Index_priv"),
    flag("Alter_priv"),         flag("Create_tmp_table_priv"),
    flag("Lock_tables_priv"),   flag("Create_view_priv"),
    flag("Show_view_priv"),     flag("Create_routine_priv"),
    flag("Alter_routine_priv"), flag("Execute_priv"),
    flag("Event_priv"),         flag("Trigger_priv"),
};
constexpr std::array<std::uint64_t, 19> kDbBits = {
    kPrivilegeSelect,     kPrivilegeInsert,   kPrivilegeUpdate,          kPrivilegeDelete,
    kPrivilegeCreate,     kPrivilegeDrop,     kPrivilegeGrant,           kPrivilegeReferences,
    kPrivilegeIndex,      kPrivilegeAlter,    kPrivilegeCreateTemporary, kPrivilegeLockTables,
    kPrivilegeCreateView, kPrivilegeShowView, kPrivilegeCreateRoutine,   kPrivilegeAlterRoutine,
    kPrivilegeExecute,    kPrivilegeEvent,    kPrivilegeTrigger};

constexpr ColumnSpec kTablesPriv[] = {
    text_column("Host", 255),       name_column("Db"),
    text_column("User", 32),        name_column("Table_name"),
    text_column("Grantor", 288),    datetime_column("Timestamp"),
    text_column("Table_priv", 255), text_column("Column_priv", 64),
};

constexpr ColumnSpec kColumnsPriv[] = {
    text_column("Host", 255),       name_column("Db"),          text_column("User", 32),
    name_column("Table_name"),      text_column("Column_name"), datetime_column("Timestamp"),
    text_column("Column_priv", 64),
};

constexpr ColumnSpec kProcsPriv[] = {
    text_column("Host", 255),       name_column("Db"),
    text_column("User", 32),        text_column("Routine_name"),
    text_column("Routine_type", 9), text_column("Grantor", 288),
    text_column("Proc_priv", 64),   datetime_column("Timestamp"),
};

constexpr ColumnSpec kFunc[] = {
    text_column("name"),
    int_column("ret"),
    text_column("dl", 128),
    text_column("type", 9),
};

constexpr ColumnSpec kHelpTopic[] = {
    unsigned_int_column("help_topic_id"),
    text_column("name"),
    unsigned_int_column("help_category_id"),
    long_text_column("description"),
    long_text_column("example"),
    long_text_column("url"),
};

constexpr ColumnSpec kHelpCategory[] = {
    unsigned_int_column("help_category_id"),
    text_column("name"),
    unsigned_int_column("parent_category_id").optional(),
    long_text_column("url"),
};

constexpr ColumnSpec kTimeZoneName[] = {
    text_column("Name"),
    unsigned_int_column("Time_zone_id"),
};

constexpr ColumnSpec kTimeZone[] = {
    unsigned_int_column("Time_zone_id"),
    text_column("Use_leap_seconds", 1),
};

constexpr ColumnSpec kServers[] = {
    text_column("Server_name"), text_column("Host", 255), text_column("Db"),
    text_column("Username"),    text_column("Password"),  int_column("Port"),
    text_column("Socket"),      text_column("Wrapper"),   text_column("Owner"),
};

// mariadb-dump and mysqldump ask for the definitions of both logs.
constexpr ColumnSpec kGeneralLog[] = {
    datetime_column("event_time"),    long_text_column("user_host"),   unsigned_column("thread_id"),
    unsigned_int_column("server_id"), text_column("command_type", 64), long_text_column("argument"),
};

constexpr ColumnSpec kSlowLog[] = {
    datetime_column("start_time"),    long_text_column("user_host"), text_column("query_time", 15),
    text_column("lock_time", 15),     int_column("rows_sent"),       int_column("rows_examined"),
    text_column("db", 512),           int_column("last_insert_id"),  int_column("insert_id"),
    unsigned_int_column("server_id"), long_text_column("sql_text"),  unsigned_column("thread_id"),
};

constexpr ColumnSpec kPlugin[] = {
    text_column("name"),
    text_column("dl", 128),
};

using Visit = std::function<void(const Account&)>;

void for_each_account(Fill& fill, const Visit& visit) {
    require_table(fill.catalog.session(), "mysql", fill.schema.name, kPrivilegeSelect, "SELECT");
    if (const Grants* grants = fill.catalog.registries().grants) {
        for (const auto& account : grants->accounts()) {
            visit(*account);
        }
    }
}

std::string_view yes(bool held) { return held ? "Y" : "N"; }

void fill_user(Fill& fill) {
    for_each_account(fill, [&](const Account& account) {
        RowBuilder row = fill.row();
        row.text(account.host).text(account.user);
        const std::uint64_t held = account.privileges.global;
        for (std::size_t i = 0; i < kUserFlags; ++i) {
            row.text(yes((held & privilege_names()[i].bit) != 0));
        }
        row.text(account.require_tls ? "ANY" : "").text("").text("").text("");
        row.number(0).number(0).number(0).number(0).text(account.plugin);
        row.text(account.authentication_string).text(yes(account.password_expired)).null(2);
        row.text(yes(account.locked)).text(yes((held & kPrivilegeCreateRole) != 0));
        row.text(yes((held & kPrivilegeDropRole) != 0)).null(4).add();
    });
}

void fill_db(Fill& fill) {
    for_each_account(fill, [&](const Account& account) {
        for (const auto& [database, bits] : account.privileges.databases) {
            RowBuilder row = fill.row();
            row.text(account.host).text(database).text(account.user);
            for (const std::uint64_t bit : kDbBits) {
                row.text(yes((bits & bit) != 0));
            }
            row.add();
        }
    });
}

/// The members of mysql.tables_priv.Table_priv's SET.
std::string table_priv_text(std::uint64_t bits) {
    std::string out;
    const std::pair<std::uint64_t, std::string_view> words[] = {
        {kPrivilegeSelect, "Select"},
        {kPrivilegeInsert, "Insert"},
        {kPrivilegeUpdate, "Update"},
        {kPrivilegeDelete, "Delete"},
        {kPrivilegeCreate, "Create"},
        {kPrivilegeDrop, "Drop"},
        {kPrivilegeGrant, "Grant"},
        {kPrivilegeReferences, "References"},
        {kPrivilegeIndex, "Index"},
        {kPrivilegeAlter, "Alter"},
        {kPrivilegeCreateView, "Create View"},
        {kPrivilegeShowView, "Show view"},
        {kPrivilegeTrigger, "Trigger"}};
    for (const auto& [bit, word] : words) {
        if ((bits & bit) != 0) {
            out.append(out.empty() ? "" : ",").append(word);
        }
    }
    return out;
}

void fill_tables_priv(Fill& fill) {
    for_each_account(fill, [&](const Account& account) {
        for (const auto& [table, bits] : account.privileges.tables) {
            fill.row()
                .text(account.host)
                .text(table.first)
                .text(account.user)
                .text(table.second)
                .text("")
                .null()
                .text(table_priv_text(bits))
                .text("")
                .add();
        }
    });
}

}  // namespace

void register_mysql_tables(VirtualTableRegistry& registry) {
    add_filled_table(registry, "mysql", "user", kUser, fill_user);
    add_filled_table(registry, "mysql", "db", kDb, fill_db);
    add_filled_table(registry, "mysql", "tables_priv", kTablesPriv, fill_tables_priv);
    add_empty_table(registry, "mysql", "columns_priv", kColumnsPriv);
    add_empty_table(registry, "mysql", "procs_priv", kProcsPriv);
    add_empty_table(registry, "mysql", "func", kFunc);
    add_empty_table(registry, "mysql", "help_topic", kHelpTopic);
    add_empty_table(registry, "mysql", "help_category", kHelpCategory);
    add_empty_table(registry, "mysql", "time_zone_name", kTimeZoneName);
    add_empty_table(registry, "mysql", "time_zone", kTimeZone);
    add_empty_table(registry, "mysql", "servers", kServers);
    add_empty_table(registry, "mysql", "plugin", kPlugin);
    add_empty_table(registry, "mysql", "general_log", kGeneralLog);
    add_empty_table(registry, "mysql", "slow_log", kSlowLog);
}

}  // namespace afterimage::sql

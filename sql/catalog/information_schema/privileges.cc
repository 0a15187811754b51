// SPDX-License-Identifier: Apache-2.0
// USER_PRIVILEGES, SCHEMA_PRIVILEGES, TABLE_PRIVILEGES, COLUMN_PRIVILEGES, USER_ATTRIBUTES: one's
// own, or everybody's for those who may read mysql.*.
#include "sql/catalog/grants.h"
#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

constexpr ColumnSpec kUserPrivileges[] = {
    text_column("GRANTEE", 292),
    text_column("TABLE_CATALOG", 512),
    text_column("PRIVILEGE_TYPE"),
    text_column("IS_GRANTABLE", 3),
};

constexpr ColumnSpec kSchemaPrivileges[] = {
    text_column("GRANTEE", 292),   text_column("TABLE_CATALOG", 512), name_column("TABLE_SCHEMA"),
    text_column("PRIVILEGE_TYPE"), text_column("IS_GRANTABLE", 3),
};

constexpr ColumnSpec kTablePrivilegeColumns[] = {
    text_column("GRANTEE", 292), text_column("TABLE_CATALOG", 512), name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),   text_column("PRIVILEGE_TYPE"),     text_column("IS_GRANTABLE", 3),
};

constexpr ColumnSpec kColumnPrivileges[] = {
    text_column("GRANTEE", 292),    text_column("TABLE_CATALOG", 512),
    name_column("TABLE_SCHEMA"),    name_column("TABLE_NAME"),
    text_column("COLUMN_NAME"),     text_column("PRIVILEGE_TYPE"),
    text_column("IS_GRANTABLE", 3),
};

constexpr ColumnSpec kUserAttributes[] = {
    text_column("USER", 32),
    text_column("HOST", 255),
    {"ATTRIBUTE", ColumnKind::kLongText, 0, true},
};

using Visit = std::function<void(const Account&, const std::string& grantee)>;

void for_each_account(Fill& fill, const Visit& visit) {
    const Grants* grants = fill.catalog.registries().grants;
    if (grants == nullptr) {
        return;
    }
    const Session& session = fill.catalog.session();
    const bool all = session.privileges.has_database("mysql", kPrivilegeSelect);
    for (const auto& account : grants->accounts()) {
        if (all || session.context.current_user == account->user + "@" + account->host) {
            visit(*account, "'" + account->user + "'@'" + account->host + "'");
        }
    }
}

/// One row for each privilege but GRANT OPTION, or USAGE where there is none.
template <class Begin>
void add_bits(std::uint64_t bits, bool usage, const Begin& begin) {
    const bool grantable = (bits & kPrivilegeGrant) != 0;
    bits &= ~std::uint64_t{kPrivilegeGrant};
    if (bits == 0 && usage) {
        begin().text("USAGE").yes_no(grantable).add();
    }
    for (const PrivilegeName& privilege : privilege_names()) {
        if ((bits & privilege.bit) != 0) {
            begin().text(privilege.name).yes_no(grantable).add();
        }
    }
}

void fill_users(Fill& fill) {
    for_each_account(fill, [&](const Account& account, const std::string& grantee) {
        add_bits(account.privileges.global, true, [&] {
            RowBuilder row = fill.row();
            row.text(grantee).text("def");
            return row;
        });
    });
}

void fill_schemas(Fill& fill) {
    for_each_account(fill, [&](const Account& account, const std::string& grantee) {
        for (const auto& [database, bits] : account.privileges.databases) {
            add_bits(bits, false, [&, name = std::string_view(database)] {
                RowBuilder row = fill.row();
                row.text(grantee).text("def").text(name);
                return row;
            });
        }
    });
}

void fill_tables(Fill& fill) {
    for_each_account(fill, [&](const Account& account, const std::string& grantee) {
        for (const auto& [table, bits] : account.privileges.tables) {
            add_bits(bits, false, [&, &names = table] {
                RowBuilder row = fill.row();
                row.text(grantee).text("def").text(names.first).text(names.second);
                return row;
            });
        }
    });
}

void fill_attributes(Fill& fill) {
    for_each_account(fill, [&](const Account& account, const std::string&) {
        fill.row().text(account.user).text(account.host).null().add();
    });
}

}  // namespace

void register_privileges(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "USER_PRIVILEGES", kUserPrivileges,
                     fill_users);
    add_filled_table(registry, "information_schema", "SCHEMA_PRIVILEGES", kSchemaPrivileges,
                     fill_schemas);
    add_filled_table(registry, "information_schema", "TABLE_PRIVILEGES", kTablePrivilegeColumns,
                     fill_tables);
    add_empty_table(registry, "information_schema", "COLUMN_PRIVILEGES", kColumnPrivileges);
    add_filled_table(registry, "information_schema", "USER_ATTRIBUTES", kUserAttributes,
                     fill_attributes);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Tables of information_schema that describe what is not here (tablespace files, histograms, roles,
// traces): clients ask, and the answer is no rows.
#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

constexpr ColumnSpec kFiles[] = {
    bigint_column("FILE_ID").optional(),
    long_text_column("FILE_NAME").optional(),
    text_column("FILE_TYPE", 256).optional(),
    text_column("TABLESPACE_NAME", 268),
    text_column("TABLE_CATALOG"),
    text_column("TABLE_SCHEMA").optional(),
    text_column("TABLE_NAME").optional(),
    text_column("LOGFILE_GROUP_NAME", 256).optional(),
    bigint_column("LOGFILE_GROUP_NUMBER").optional(),
    text_column("ENGINE"),
    text_column("FULLTEXT_KEYS", 1).optional(),
    text_column("DELETED_ROWS", 1).optional(),
    text_column("UPDATE_COUNT", 1).optional(),
    bigint_column("FREE_EXTENTS").optional(),
    bigint_column("TOTAL_EXTENTS").optional(),
    bigint_column("EXTENT_SIZE").optional(),
    bigint_column("INITIAL_SIZE").optional(),
    bigint_column("MAXIMUM_SIZE").optional(),
    bigint_column("AUTOEXTEND_SIZE").optional(),
    datetime_column("CREATION_TIME"),
    datetime_column("LAST_UPDATE_TIME"),
    datetime_column("LAST_ACCESS_TIME"),
    bigint_column("RECOVER_TIME").optional(),
    bigint_column("TRANSACTION_COUNTER").optional(),
    bigint_column("VERSION").optional(),
    text_column("ROW_FORMAT", 256).optional(),
    bigint_column("TABLE_ROWS").optional(),
    bigint_column("AVG_ROW_LENGTH").optional(),
    bigint_column("DATA_LENGTH").optional(),
    bigint_column("MAX_DATA_LENGTH").optional(),
    bigint_column("INDEX_LENGTH").optional(),
    bigint_column("DATA_FREE").optional(),
    datetime_column("CREATE_TIME"),
    datetime_column("UPDATE_TIME"),
    datetime_column("CHECK_TIME"),
    bigint_column("CHECKSUM").optional(),
    text_column("STATUS", 256).optional(),
    text_column("EXTRA", 256).optional(),
};

constexpr ColumnSpec kColumnStatistics[] = {
    name_column("SCHEMA_NAME"),
    name_column("TABLE_NAME"),
    text_column("COLUMN_NAME"),
    {"HISTOGRAM", ColumnKind::kJson, 0, false},
};

constexpr ColumnSpec kTablespaces[] = {
    text_column("TABLESPACE_NAME"),
    text_column("ENGINE"),
    text_column("TABLESPACE_TYPE").optional(),
    text_column("LOGFILE_GROUP_NAME").optional(),
    unsigned_column("EXTENT_SIZE").optional(),
    unsigned_column("AUTOEXTEND_SIZE").optional(),
    unsigned_column("MAXIMUM_SIZE").optional(),
    unsigned_column("NODEGROUP_ID").optional(),
    text_column("TABLESPACE_COMMENT", 2048).optional(),
};

constexpr ColumnSpec kApplicableRoles[] = {
    text_column("USER", 97).optional(),       text_column("HOST", 256).optional(),
    text_column("GRANTEE", 97).optional(),    text_column("GRANTEE_HOST", 256).optional(),
    text_column("ROLE_NAME", 255).optional(), text_column("ROLE_HOST", 256).optional(),
    text_column("IS_GRANTABLE", 3),           text_column("IS_DEFAULT", 3).optional(),
    text_column("IS_MANDATORY", 3),
};

constexpr ColumnSpec kEnabledRoles[] = {
    text_column("ROLE_NAME", 255).optional(),
    text_column("ROLE_HOST", 255).optional(),
    text_column("IS_DEFAULT", 3).optional(),
    text_column("IS_MANDATORY", 3),
};

constexpr ColumnSpec kRoleTableGrants[] = {
    text_column("GRANTOR", 97).optional(),
    text_column("GRANTOR_HOST", 256).optional(),
    text_column("GRANTEE", 32),
    text_column("GRANTEE_HOST", 255),
    text_column("TABLE_CATALOG", 3),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    text_column("PRIVILEGE_TYPE", 98),
    text_column("IS_GRANTABLE", 3),
};

constexpr ColumnSpec kResourceGroups[] = {
    text_column("RESOURCE_GROUP_NAME"),   text_column("RESOURCE_GROUP_TYPE", 6),
    int_column("RESOURCE_GROUP_ENABLED"), long_text_column("VCPU_IDS").optional(),
    int_column("THREAD_PRIORITY"),
};

constexpr ColumnSpec kOptimizerTrace[] = {
    long_text_column("QUERY"),
    long_text_column("TRACE"),
    int_column("MISSING_BYTES_BEYOND_MAX_MEM_SIZE"),
    int_column("INSUFFICIENT_PRIVILEGES"),
};

constexpr ColumnSpec kProfiling[] = {
    int_column("QUERY_ID"),
    int_column("SEQ"),
    text_column("STATE", 30),
    bigint_column("DURATION"),
};

constexpr ColumnSpec kSpatialSystems[] = {
    text_column("SRS_NAME", 80),
    unsigned_int_column("SRS_ID"),
    text_column("ORGANIZATION", 256).optional(),
    unsigned_int_column("ORGANIZATION_COORDSYS_ID").optional(),
    text_column("DEFINITION", 4096),
    text_column("DESCRIPTION", 2048).optional(),
};

constexpr ColumnSpec kInnodbTables[] = {
    unsigned_column("TABLE_ID"),
    text_column("NAME", 655),
    int_column("FLAG"),
    int_column("N_COLS"),
    bigint_column("SPACE"),
    text_column("ROW_FORMAT", 12).optional(),
    unsigned_int_column("ZIP_PAGE_SIZE"),
    text_column("SPACE_TYPE", 10).optional(),
    int_column("INSTANT_COLS"),
    int_column("TOTAL_ROW_VERSIONS"),
};

}  // namespace

void register_empty_tables(VirtualTableRegistry& registry) {
    const auto add = [&registry](std::string_view name, std::span<const ColumnSpec> specs) {
        add_empty_table(registry, "information_schema", name, specs);
    };
    add("FILES", kFiles);
    add("COLUMN_STATISTICS", kColumnStatistics);
    add("TABLESPACES", kTablespaces);
    add("APPLICABLE_ROLES", kApplicableRoles);
    add("ADMINISTRABLE_ROLE_AUTHORIZATIONS", kApplicableRoles);
    add("ENABLED_ROLES", kEnabledRoles);
    add("ROLE_TABLE_GRANTS", kRoleTableGrants);
    add("RESOURCE_GROUPS", kResourceGroups);
    add("OPTIMIZER_TRACE", kOptimizerTrace);
    add("PROFILING", kProfiling);
    add("ST_SPATIAL_REFERENCE_SYSTEMS", kSpatialSystems);
    add("INNODB_TABLES", kInnodbTables);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/register.h"

#include "sql/catalog/system_tables/blame_table.h"
#include "sql/catalog/system_tables/branch_tables.h"
#include "sql/catalog/system_tables/conflict_tables.h"
#include "sql/catalog/system_tables/database_variables.h"
#include "sql/catalog/system_tables/diff_functions.h"
#include "sql/catalog/system_tables/diff_tables.h"
#include "sql/catalog/system_tables/history_table.h"
#include "sql/catalog/system_tables/log_function.h"
#include "sql/catalog/system_tables/log_table.h"
#include "sql/catalog/system_tables/object_tables.h"
#include "sql/catalog/system_tables/patch_function.h"
#include "sql/catalog/system_tables/repair_function.h"
#include "sql/catalog/system_tables/scalar_functions.h"
#include "sql/catalog/system_tables/status_tables.h"
#include "sql/catalog/system_tables/store_status_table.h"
#include "sql/catalog/system_tables/table_diff_table.h"
#include "sql/catalog/system_tables/transactions_table.h"
#include "sql/catalog/system_tables/two_state_diff.h"
#include "sql/catalog/system_tables/versions_table.h"

namespace afterimage::sql {

void register_system_tables(VirtualTableRegistry& registry) {
    register_log_tables(registry);
    register_branch_tables(registry);
    register_status_tables(registry);
    register_diff_tables(registry);
    register_table_diff(registry);
    register_two_state_diffs(registry);
    register_history_table(registry);
    register_blame_table(registry);
    register_versions_table(registry);
    register_transactions_table(registry);
    register_conflict_tables(registry);
    register_object_tables(registry);
    register_store_status_table(registry);
    register_diff_functions(registry);
    register_log_function(registry);
    register_patch_function(registry);
    register_repair_function(registry);
    register_scalar_functions(registry);
    register_database_variables(registry);
}

}  // namespace afterimage::sql

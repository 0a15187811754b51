// SPDX-License-Identifier: Apache-2.0
// afterimage_patch(from, to [, table]): the statements that bring the primary, which is in the
// state of `from`, what `to` changed since the two parted (their merge base). What `from` got since
// then stays; a cell that both changed is an error.
//
//   statement_order, table_name, diff_type ('session', 'transaction', 'check', 'insert', 'update',
//   'delete'), statement, note
//
// `SELECT statement FROM afterimage_patch('main','fix')`, piped into `mysql` in its order, changes
// everything or nothing: one transaction, statements that find only rows as the plan knows them, a
// check behind each. Rows of tables that take part in no transaction come after its COMMIT, marked
// in `note`. Tables whose definitions differ are refused: DDL is dolt_patch()'s.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_repair_function(VirtualTableRegistry& registry);

}  // namespace afterimage::sql

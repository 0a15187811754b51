// SPDX-License-Identifier: Apache-2.0
// afterimage_versions_<t>: one row for each change of a row, newest first, along first parents.
//
//   commit_hash, commit_date, transaction_id (afterimage_transactions), gtid,
//   change_type ('insert', 'update', 'delete'),
//   <col>…         the row after the change; after a delete NULL, but for the primary key
//   before_<col>…  the row before it; NULL for an insert
//
// So `WHERE id = 7` is the whole life of one row, its end included. Conditions on the whole primary
// key, on commit_hash and on commit_date are answered from the index in memory.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_versions_table(VirtualTableRegistry& registry);

}  // namespace afterimage::sql

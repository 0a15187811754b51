// SPDX-License-Identifier: Apache-2.0
// afterimage_transactions: one row for each transaction of the source, newest first, whatever
// databases it touched; commit_hash is its commit in this database.
//
// transaction_id counts from 1 in the order of the stream. Conditions on transaction_id, gtid,
// commit_hash and commit_time, and ORDER BY transaction_id, are answered from the index in memory.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_transactions_table(VirtualTableRegistry& registry);

}  // namespace afterimage::sql

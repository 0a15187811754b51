// SPDX-License-Identifier: Apache-2.0
// Generated columns and CHECK constraints for storage's RowWriter, from the texts that schemas
// keep.
//
// An object belongs to one thread and caches bound expressions by schema. Evaluation is in UTC and
// under the default sql_mode: stored expressions may not depend on the session.
#pragma once

#include <memory>

#include "storage/table/row_rules.h"

namespace afterimage::sql {

/// For transactions, the applier, merges.
[[nodiscard]] std::unique_ptr<storage::RowRules> make_row_rules();

}  // namespace afterimage::sql

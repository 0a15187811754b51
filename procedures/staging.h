// SPDX-License-Identifier: Apache-2.0
// Moving tables between the roots of a branch: what dolt_add, dolt_commit -a, dolt_reset and the
// table form of dolt_checkout have in common.
//
// Pure functions on immutable roots. Views and triggers move together under the name dolt_schemas,
// routines under dolt_procedures, as Dolt shows them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "procedures/procedure_context.h"

namespace afterimage::procedures {

/// `to` with `tables` as they are in `from`: taken over, or dropped where `from` has none. Names
/// that neither has are added to `*unknown`.
[[nodiscard]] std::shared_ptr<const storage::Root> with_tables_of(
    const std::shared_ptr<const storage::Root>& to, const storage::Root& from,
    const std::vector<std::string>& tables, std::vector<std::string>* unknown);

/// STAGED with all changes of WORKING (`include_new`: tables that are not staged yet, too).
[[nodiscard]] std::shared_ptr<const storage::Root> stage_all(storage::Store& store,
                                                             const storage::BranchState& state,
                                                             bool include_new);

/// "error: the table(s) a, b do not exist"
[[noreturn]] void throw_unknown_tables(const std::vector<std::string>& names);

/// The branch's state with other roots, so that equal content is one pointer: clean is clean.
[[nodiscard]] storage::BranchState with_roots(storage::Store& store,
                                              const storage::BranchState& state,
                                              std::shared_ptr<const storage::Root> staged,
                                              std::shared_ptr<const storage::Root> working);

}  // namespace afterimage::procedures

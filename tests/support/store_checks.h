// SPDX-License-Identifier: Apache-2.0
// What must hold of any state of a store, whatever led to it; and a state as text, to be compared.
//
// Throw std::logic_error that says what does not hold.
#pragma once

#include <string>

#include "storage/store.h"
#include "storage/table/root.h"

namespace afterimage::storage {

/// Every row is in every index once and nothing else is; row counts and content sums are those of a
/// full count; past states too.
void check_root(Store& store, const Root& root);

/// Every branch of every database, STAGED and WORKING included.
void check_heads(Store& store);

/// The rows and the schema of the two are equal, whatever trees they stand on.
[[nodiscard]] bool equal_content(const Root& a, const Root& b);

/// All that a client could see: refs, commits, contents by their hash, settings, positions.
[[nodiscard]] std::string fingerprint(Store& store);

}  // namespace afterimage::storage

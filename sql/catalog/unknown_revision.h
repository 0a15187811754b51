// SPDX-License-Identifier: Apache-2.0
// The error for a revision that Store::find_revision() does not know, in Dolt's words: which part
// of it is wrong. Throws SqlError 1105.
#pragma once

#include <string_view>

#include "storage/store.h"

namespace afterimage::sql {

/// `head` is what HEAD means.
[[noreturn]] void throw_unknown_revision(const storage::Store& store, std::string_view database,
                                         std::string_view text, const storage::CommitId& head);

}  // namespace afterimage::sql

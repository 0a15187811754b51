// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/unknown_revision.h"

#include <string>

#include "sql/sql_error.h"

namespace afterimage::sql {

void throw_unknown_revision(const storage::Store& store, std::string_view database,
                            std::string_view text, const storage::CommitId& head) {
    const std::size_t suffix = text.find_first_of("~^");
    const std::string_view base = text.substr(0, suffix);
    if (suffix != std::string_view::npos && store.find_revision(database, base, head)) {
        throw SqlError(1105, "HY000", "invalid ancestor spec: " + std::string(text));
    }
    if (storage::Hash::parse(base)) {
        throw SqlError(1105, "HY000", "target commit not found");
    }
    throw SqlError(1105, "HY000", "branch not found: " + std::string(base));
}

}  // namespace afterimage::sql

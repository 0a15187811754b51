// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/function_arguments.h"

#include "sql/catalog/system_tables/system_table.h"
#include "sql/catalog/system_tables/table_at.h"

namespace afterimage::sql {

std::vector<std::string> argument_texts(std::string_view function,
                                        const std::vector<storage::Value>& arguments) {
    std::vector<std::string> texts;
    for (const storage::Value& value : arguments) {
        if (value.is_null()) {
            throw_system_error("Invalid argument to " + std::string(function) + ": NULL");
        }
        texts.push_back(text_of(value));
    }
    return texts;
}

DiffArguments diff_arguments(Catalog& catalog, const ResolvedDatabase& database,
                             std::string_view function,
                             const std::vector<storage::Value>& arguments) {
    std::vector<std::string> texts = argument_texts(function, arguments);
    if (texts.empty() || texts.size() > 3) {
        throw_system_error("function '" + std::string(function) + "' expected 1 to 3 arguments, " +
                           std::to_string(texts.size()) + " received");
    }
    DiffArguments result;
    auto range = find_revision_range(catalog, database, texts[0]);
    if (!range && texts.size() < 2) {
        throw_system_error("Invalid argument to " + std::string(function) +
                           ": There are less than 2 arguments present, and the first does not "
                           "contain '..'");
    }
    if (range && texts.size() > 2) {
        throw_system_error("function '" + std::string(function) +
                           "' expected 1 to 2 arguments, 3 received");
    }
    std::size_t used = 1;
    if (range) {
        result.from = std::move(range->first);
        result.to = std::move(range->second);
    } else {
        result.from = get_revision(catalog, database, texts[0]);
        result.to = get_revision(catalog, database, texts[1]);
        used = 2;
    }
    if (texts.size() > used) {
        const auto [before, after] = tables_between(result.from, result.to, texts[used]);
        if (!before && !after) {
            throw_system_error("table not found: " + texts[used]);
        }
        result.table = (after ? after : before)->schema().name;
    }
    return result;
}

}  // namespace afterimage::sql

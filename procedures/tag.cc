// SPDX-License-Identifier: Apache-2.0
// dolt_tag: names a commit for good.
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/ref_name.h"

namespace afterimage::procedures {

namespace {

constexpr std::array kOptions{OptionSpec{"message", 'm', true}, OptionSpec{"author", '\0', true},
                              OptionSpec{"delete", 'd', false}, OptionSpec{"verbose", 'v', false}};

}  // namespace

sql::ResultTable call_tag(ProcedureContext& context) {
    const Arguments arguments("dolt_tag", context.args, kOptions);
    const std::vector<std::string>& names = arguments.positionals();
    if (names.empty() || arguments.has("verbose")) {
        throw_procedure_error("error: invalid argument, use 'dolt_tags' system table to list tags");
    }
    const BranchWork work = current_branch(context);
    if (arguments.has("delete")) {
        if (arguments.has("message")) {
            throw_procedure_error("delete and tag message options are incompatible");
        }
        for (const std::string& name : names) {
            if (!work.database->tags.contains(name)) {
                throw_procedure_error("tag not found: " + name);
            }
        }
        for (const std::string& name : names) {
            context.store.drop_tag(work.database->name, name);
        }
        return status_result();
    }
    if (names.size() > 2) {
        throw_procedure_error("create tag takes at most two args");
    }
    if (!is_valid_ref_name(names[0])) {
        throw_procedure_error("'" + names[0] + "' is not a valid user tag name");
    }
    if (work.database->tags.contains(names[0])) {
        throw_procedure_error("tag '" + names[0] + "' already exists");
    }
    storage::Tag tag;
    tag.commit = names.size() == 2 ? resolve_commit(context, work, names[1]) : work.state->head;
    tag.tagger = signature(context, "author", arguments.value("author"), std::nullopt);
    tag.message = arguments.value("message").value_or("");
    context.store.put_tag(work.database->name, names[0], tag);
    return status_result();
}

}  // namespace afterimage::procedures

// SPDX-License-Identifier: Apache-2.0
#include "procedures/arguments.h"

#include <algorithm>

#include "sql/sql_error.h"

namespace afterimage::procedures {

namespace {

const OptionSpec* find_long(std::span<const OptionSpec> specs, std::string_view name) {
    const auto found = std::ranges::find(specs, name, &OptionSpec::name);
    return found == specs.end() ? nullptr : &*found;
}

const OptionSpec* find_short(std::span<const OptionSpec> specs, char name) {
    const auto found = std::ranges::find(specs, name, &OptionSpec::short_name);
    return found == specs.end() ? nullptr : &*found;
}

[[noreturn]] void throw_unknown(std::string_view option) {
    throw_procedure_error("error: unknown option `" + std::string(option) + "'");
}

[[noreturn]] void throw_no_value(std::string_view option) {
    throw_procedure_error("error: no value for option `" + std::string(option) + "'");
}

}  // namespace

void throw_procedure_error(const std::string& message) {
    throw sql::SqlError(1105, "HY000", message);
}

Arguments::Arguments(std::string_view procedure, const std::vector<std::string>& args,
                     std::span<const OptionSpec> specs, std::size_t max_positionals) {
    std::size_t at = 0;
    const auto take_value = [&](std::string_view option) {
        if (++at >= args.size()) {
            throw_no_value(option);
        }
        return args[at];
    };
    for (; at < args.size(); ++at) {
        const std::string_view arg = args[at];
        if (dashes_at_ || arg.size() < 2 || arg[0] != '-') {
            positionals_.emplace_back(arg);
        } else if (arg == "--") {
            dashes_at_ = positionals_.size();
        } else if (arg[1] == '-') {
            const std::size_t equals = arg.find('=');
            const std::string_view name = arg.substr(2, equals - (equals == arg.npos ? 0 : 2));
            const OptionSpec* spec = find_long(specs, name);
            if (spec == nullptr || (equals != arg.npos && !spec->takes_value)) {
                throw_unknown(name);
            }
            if (!spec->takes_value) {
                set(*spec, {});
            } else {
                set(*spec,
                    equals != arg.npos ? std::string(arg.substr(equals + 1)) : take_value(name));
            }
        } else {
            for (std::size_t i = 1; i < arg.size(); ++i) {
                const OptionSpec* spec = find_short(specs, arg[i]);
                if (spec == nullptr) {
                    throw_unknown(arg.substr(i, 1));
                }
                if (!spec->takes_value) {
                    set(*spec, {});
                    continue;
                }
                std::string_view joined = arg.substr(i + 1);
                if (joined.starts_with('=')) {
                    joined.remove_prefix(1);
                }
                set(*spec, joined.empty() ? take_value(spec->name) : std::string(joined));
                break;
            }
        }
    }
    if (positionals_.size() > max_positionals) {
        throw_procedure_error("error: " + std::string(procedure) +
                              " has too many positional arguments. Expected at most " +
                              std::to_string(max_positionals) + ", found " +
                              std::to_string(positionals_.size()));
    }
}

std::optional<std::string> Arguments::value(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? std::nullopt : std::optional(found->second);
}

void Arguments::set(const OptionSpec& spec, std::string value) {
    if (!options_.emplace(std::string(spec.name), std::move(value)).second) {
        throw_procedure_error("error: multiple values provided for `" + std::string(spec.name) +
                              "'");
    }
}

}  // namespace afterimage::procedures

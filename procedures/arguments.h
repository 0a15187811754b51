// SPDX-License-Identifier: Apache-2.0
// The argument grammar of CALL dolt_…: options and positional arguments as a command line spells
// them.
//
//   --flag  -f  -am (clustered shorts)  --opt value  --opt=value  -mvalue; `--` ends the options.
//
// A plain value. Throws SqlError 1105 for an option that is not known or repeated, for a missing
// value, and for too many positional arguments.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace afterimage::procedures {

struct OptionSpec {
    std::string_view name;  ///< without dashes
    char short_name = '\0';
    bool takes_value = false;
};

class Arguments {
  public:
    static constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

    Arguments(std::string_view procedure, const std::vector<std::string>& args,
              std::span<const OptionSpec> specs, std::size_t max_positionals = kAnyNumber);

    [[nodiscard]] bool has(std::string_view name) const { return options_.contains(name); }
    [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
    [[nodiscard]] const std::vector<std::string>& positionals() const noexcept {
        return positionals_;
    }
    /// How many positionals stand before `--`; none = there was no `--`.
    [[nodiscard]] std::optional<std::size_t> dashes_at() const noexcept { return dashes_at_; }

  private:
    void set(const OptionSpec& spec, std::string value);

    std::map<std::string, std::string, std::less<>> options_;
    std::vector<std::string> positionals_;
    std::optional<std::size_t> dashes_at_;
};

/// SqlError 1105 with `message`: what nearly every procedure error is.
[[noreturn]] void throw_procedure_error(const std::string& message);

}  // namespace afterimage::procedures

// SPDX-License-Identifier: Apache-2.0
// Which names branches and tags may have: git's rules, as Dolt has them.
#pragma once

#include <string_view>

namespace afterimage::procedures {

/// Not empty, not HEAD, nothing shaped like a commit hash, no character that revisions use.
[[nodiscard]] bool is_valid_ref_name(std::string_view name);

}  // namespace afterimage::procedures

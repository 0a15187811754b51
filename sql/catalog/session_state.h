// SPDX-License-Identifier: Apache-2.0
// What SQL keeps per session beyond sql/session/session.h: which branch each database stands on
// (dolt_checkout), and the engine's own parts.
//
// Belongs to its session's thread. Made on first use, dropped by Session::reset().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sql/session/session.h"

namespace afterimage::sql {

struct SessionState : SessionExtension {
    /// Lower-case database name → branch that the plain name means in this session.
    std::map<std::string, std::string, std::less<>> branches;
};

[[nodiscard]] SessionState& session_state(Session& session);

/// The branch that plain `database` means; `default_branch` unless checked out otherwise.
[[nodiscard]] std::string active_branch(Session& session, std::string_view database,
                                        std::string_view default_branch);
/// dolt_checkout: the plain name means `branch` from now on.
void set_active_branch(Session& session, std::string_view database, std::string_view branch);

}  // namespace afterimage::sql

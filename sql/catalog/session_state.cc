// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/session_state.h"

#include "sql/catalog/identifier.h"

namespace afterimage::sql {

SessionState& session_state(Session& session) {
    if (!session.extension) {
        session.extension = std::make_unique<SessionState>();
    }
    return static_cast<SessionState&>(*session.extension);
}

std::string active_branch(Session& session, std::string_view database,
                          std::string_view default_branch) {
    const SessionState& state = session_state(session);
    const auto found = state.branches.find(lower_case(database));
    return found == state.branches.end() ? std::string(default_branch) : found->second;
}

void set_active_branch(Session& session, std::string_view database, std::string_view branch) {
    session_state(session).branches[lower_case(database)] = std::string(branch);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// One statement while it runs: who asks, over which transaction, with which parameters.
//
// Made by the engine on the stack of execute(); executors get a reference. One thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sql/bind/bind_environment.h"
#include "sql/engine.h"
#include "sql/exec/query_run.h"
#include "sql/result_stream.h"

namespace afterimage::sql {

class ClientTransaction;
class Grants;

/// The engine's own parts that statements use.
struct EngineServices {
    Engine& engine;
    storage::Store& store;
    const Engine::Plugins& plugins;
    const VirtualTableRegistry& built_in;
    Grants& grants;

    [[nodiscard]] Catalog::Registries registries() const {
        return {&built_in, plugins.system_tables, plugins.procedures, &grants};
    }
};

struct StatementFrame {
    StatementFrame(EngineServices& services_in, Session& session_in, DdlTarget& target_in,
                   Arena& arena_in);

    EngineServices& services;
    Session& session;
    DdlTarget& target;
    Arena& arena;
    std::unique_ptr<Catalog> catalog;  ///< taken by a result that goes on reading
    const std::vector<storage::Value>* parameters = nullptr;
    const std::vector<ResultType>* parameter_types = nullptr;
    bool check_privileges = true;

    [[nodiscard]] StatementContext& context() noexcept { return session.context; }
    /// For one bound statement.
    [[nodiscard]] BindEnvironment environment();
    /// Value of an expression without columns.
    [[nodiscard]] storage::Value evaluate(const ast::Expr& expr);
    [[nodiscard]] std::string evaluate_text(const ast::Expr& expr);
    void require_global(std::uint64_t privilege, std::string_view name) const;
    void require_database(std::string_view database, std::uint64_t privilege) const;
    void require_table(const ResolvedDatabase& database, std::string_view table,
                       std::uint64_t privilege, std::string_view command);
};

/// What DML leaves in the session: ROW_COUNT(), LAST_INSERT_ID(), the OK's fields.
[[nodiscard]] StatementOutcome finish_write(StatementFrame& frame, std::uint64_t affected,
                                            std::string message);

}  // namespace afterimage::sql

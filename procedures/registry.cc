// SPDX-License-Identifier: Apache-2.0
#include "procedures/registry.h"

#include "procedures/procedure_context.h"
#include "procedures/procedure_names.h"
#include "sql/catalog/identifier.h"
#include "sql/engine.h"
#include "sql/exec/row_rules.h"
#include "sql/exec/session_transaction.h"

namespace afterimage::procedures {

namespace {

class Registry final : public sql::ProcedureRegistry {
  public:
    bool has(std::string_view name) const override { return has_procedure(sql::lower_case(name)); }

    sql::ProcedureResult call(sql::ProcedureCall& call) const override {
        const std::unique_ptr<storage::RowRules> rules = sql::make_row_rules();
        const bool autocommit = call.session.autocommit && !call.session.in_transaction;
        ProcedureContext context{
            .store = call.engine.store(),
            .session = call.session,
            .rules = rules.get(),
            .name = sql::lower_case(call.name),
            .database = call.database,
            .args = call.args,
            .variables = call.variables,
            .autocommit = autocommit,
            .commit_transaction = [&call] { sql::commit_transaction(call.session); },
        };
        return run_procedure(context);
    }

    std::vector<std::string> names() const override { return procedure_names(); }
};

}  // namespace

std::unique_ptr<sql::ProcedureRegistry> make_procedure_registry() {
    return std::make_unique<Registry>();
}

}  // namespace afterimage::procedures

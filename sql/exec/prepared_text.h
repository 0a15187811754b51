// SPDX-License-Identifier: Apache-2.0
// A prepared statement: text and syntax tree, parsed once; bound anew for each execution, because
// its tables and the types of its parameters may be others by then.
//
// Belongs to one session.
#pragma once

#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "sql/engine.h"
#include "sql/exec/statement_frame.h"
#include "sql/parse/parser.h"

namespace afterimage::sql {

class PreparedText : public PreparedStatement {
  public:
    /// Throws SqlError for text that does not parse, names that are not there, and statements that
    /// cannot be prepared (1295).
    PreparedText(EngineServices& services, Session& session, std::string_view text);

    [[nodiscard]] std::size_t parameter_count() const override { return parsed_.parameter_count; }
    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    [[nodiscard]] const std::vector<ResultColumn>& parameters() const override {
        return parameters_;
    }

    [[nodiscard]] std::unique_ptr<ResultStream> execute(EngineServices& services, Session& session,
                                                        const std::vector<storage::Value>& values,
                                                        const std::vector<ResultType>& types);

  private:
    void describe(EngineServices& services, Session& session);

    std::string text_;
    Arena arena_;
    ParseResult parsed_;
    std::vector<ResultColumn> columns_;
    std::vector<ResultColumn> parameters_;
};

}  // namespace afterimage::sql

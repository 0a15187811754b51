// SPDX-License-Identifier: Apache-2.0
// The statements that a connection prepared through the binary protocol (COM_STMT_*).
//
// Belongs to one connection. Bounded by max_prepared_stmt_count; long data by max_allowed_packet.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "server/protocol/command.h"
#include "server/protocol/cursor_rows.h"
#include "sql/engine.h"

namespace afterimage::server {

struct ClientStatement {
    std::uint32_t id = 0;
    std::string text;
    std::unique_ptr<sql::PreparedStatement> prepared;
    ParameterTypes types;  ///< of the last execution that sent them
    LongData long_data;
    std::uint64_t long_data_bytes = 0;
    bool long_data_too_large = false;  ///< reported by the next execution
    std::unique_ptr<CursorRows> cursor;

    void reset();  ///< COM_STMT_RESET: long data and cursor go
};

class ClientStatements {
  public:
    /// Throws SqlError 1461 above `max_count`.
    ClientStatement& add(std::string text, std::unique_ptr<sql::PreparedStatement> prepared,
                         std::uint64_t max_count);
    [[nodiscard]] ClientStatement* find(std::uint32_t id);
    /// Throws SqlError 1243; `function` is the name that MySQL gives in it.
    [[nodiscard]] ClientStatement& get(std::uint32_t id, std::string_view function);
    void close(std::uint32_t id) { statements_.erase(id); }
    void clear() { statements_.clear(); }
    [[nodiscard]] std::size_t size() const noexcept { return statements_.size(); }

  private:
    std::map<std::uint32_t, ClientStatement> statements_;
    std::uint32_t last_id_ = 0;
};

}  // namespace afterimage::server

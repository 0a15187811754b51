// SPDX-License-Identifier: Apache-2.0
// Text dumps of decoded events, for snapshots; not part of the server.
#pragma once

#include <map>
#include <string>

#include "replication/event/table_map.h"
#include "replication/stream_event.h"
#include "storage/schema/column_type.h"
#include "storage/value/value.h"

namespace afterimage::tests {

/// The stored type that a column of this form would have, as far as the table map tells.
[[nodiscard]] storage::ColumnType guessed_type(const replication::TableMapColumn& column);

/// "NULL", "-5", "'abc'", "0x00ff", "2024-01-31 10:00:00.25".
[[nodiscard]] std::string value_text(const storage::Value& value, const storage::ColumnType& type);

/// Decodes everything in the event and prints it, one line or more, each ending in a newline.
/// Remembers the table maps between calls.
class EventDumper {
  public:
    [[nodiscard]] std::string dump(const replication::StreamEvent& event);
    [[nodiscard]] std::string dump(const replication::EventView& event,
                                   const replication::FormatDescription& format);

  private:
    std::string dump_rows(const replication::EventView& event,
                          const replication::FormatDescription& format);
    std::map<std::uint64_t, replication::TableMap> maps_;
};

}  // namespace afterimage::tests

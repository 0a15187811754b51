// SPDX-License-Identifier: Apache-2.0
// What the live tests share: streaming a real source's log and keeping what the assembler says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "replication/row_image.h"
#include "replication/source_connection.h"
#include "replication/transaction_assembler.h"
#include "tests/support/mariadb_server.h"

namespace afterimage::tests {

/// A rows event decoded with types guessed from its table map.
struct KeptRows {
    std::string table;
    std::string statement;
    replication::RowsKind kind = replication::RowsKind::kWrite;
    replication::TableMap map;
    std::vector<replication::RowChange> rows;
    replication::ColumnBitmap before_columns;
    replication::ColumnBitmap after_columns;
};

struct KeptTransaction {
    replication::SourceTransaction description;
    std::vector<KeptRows> rows;
    std::vector<replication::QueryStatement> statements;
    std::vector<replication::SavepointChange> savepoints;
    std::string load_data;
    std::vector<replication::LoadStatement> loads;
};

/// Keeps everything that was committed, prepared or rolled back, in order.
class KeepingSink : public replication::TransactionSink {
  public:
    /// Types for a table, or empty for guessed ones.
    using Types = std::function<std::vector<storage::ColumnType>(const replication::TableMap&)>;
    explicit KeepingSink(Types types = {}) : types_(std::move(types)) {}

    void on_begin(const replication::SourceTransaction& transaction) override;
    void on_change(const replication::SourceTransaction& transaction,
                   const replication::SourceChange& change) override;
    void on_end(const replication::SourceTransaction& transaction) override;
    void on_drop(const replication::SourceTransaction& transaction,
                 const std::string& reason) override;

    std::vector<KeptTransaction> transactions;
    std::vector<std::string> dropped;

  private:
    Types types_;
    KeptTransaction open_;
};

[[nodiscard]] replication::SourceOptions source_options(const MariadbServer& server);

/// Reads the log from `start` to its end into `sink`; returns the position behind it.
replication::BinlogPosition stream_log(const MariadbServer& server,
                                       const replication::DumpStart& start,
                                       replication::TransactionSink& sink);

}  // namespace afterimage::tests

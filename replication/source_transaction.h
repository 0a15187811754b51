// SPDX-License-Identifier: Apache-2.0
// One source transaction as the assembler hands it on: its description, which grows until its end,
// and its changes, one after the other.
//
// Changes hold views into the event being fed: they are valid during the call alone. A consumer
// that keeps something copies it (or keeps the shared table map).
//
// Comes from: transaction_assembler. Goes to: the applier.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "replication/event/gtid.h"
#include "replication/event/load_data.h"
#include "replication/event/mariadb_gtid.h"
#include "replication/event/rows.h"
#include "replication/event/statement_context.h"
#include "replication/event/table_map.h"
#include "replication/query_class.h"
#include "replication/stream_event.h"

namespace afterimage::replication {

enum class TransactionEnd : std::uint8_t {
    kOpen,        ///< not ended yet
    kCommit,      ///< XID, COMMIT, the one statement of a group without BEGIN
    kRollback,    ///< rows of transactional tables in it are not to be kept
    kXaPrepare,   ///< park the changes under `xa`
    kXaCommit,    ///< commit what was parked under `xa`; the group has no other change
    kXaRollback,  ///< forget what was parked under `xa`
};

struct SourceTransaction {
    std::string channel;
    SourceFamily family = SourceFamily::kMysql;
    std::uint32_t source_version = 0;  ///< FormatDescription::version_number

    /// None for an anonymous transaction.
    std::variant<std::monostate, MysqlGtid, MariadbGtid> gtid;
    /// The opener as it came, for flags that few need.
    std::optional<MysqlGtidEvent> mysql_opener;
    std::optional<MariadbGtidEvent> mariadb_opener;
    AlterPhase alter_phase = AlterPhase::kNone;
    std::uint64_t alter_start_sequence = 0;

    std::uint32_t server_id = 0;    ///< of the server on which the transaction ran first
    BinlogPosition begin;           ///< start of its first event
    BinlogPosition end;             ///< end of its last event; grows
    bool skip_replication = false;  ///< MariaDB's @@skip_replication was set

    /// Commit time on the first source in microseconds; MySQL 8 sends it in the opener, the others
    /// only seconds (and microseconds of a statement) at the end. Final at the end.
    std::int64_t commit_micros = 0;
    std::optional<std::uint32_t> thread_id;
    std::optional<QueryEvent::Invoker> invoker;
    /// SQL texts in order, as far as the source sends them, up to the assembler's bound.
    std::vector<std::string> statements;
    bool statements_cut = false;

    TransactionEnd end_kind = TransactionEnd::kOpen;
    std::optional<XaId> xa;
    std::uint64_t event_count = 0;
    std::uint64_t event_bytes = 0;

    /// "uuid:5", "0-1-42", or empty.
    [[nodiscard]] std::string gtid_text() const;
};

/// A rows event with its table.
struct RowsChange {
    std::shared_ptr<const TableMap> map;
    RowsEventView event;
    std::string_view statement;  ///< SQL text behind it, or empty
};

/// A statement with everything to set before it runs.
struct QueryStatement {
    EventHeader header;  ///< timestamp = NOW(), kThreadSpecific = temporary tables
    QueryEvent query;
    QueryKind kind;
    std::optional<std::uint64_t> last_insert_id;
    std::optional<std::uint64_t> insert_id;
    std::optional<RandEvent> rand;
    std::vector<UserVarEvent> user_vars;
};

struct SavepointChange {
    enum class Kind : std::uint8_t { kSet, kRollbackTo, kRelease };
    Kind kind = Kind::kSet;
    std::string name;
};

/// LOAD DATA under statement format: the file comes first, in blocks.
struct LoadFileDropped {
    std::uint32_t file_id = 0;
};
struct LoadStatement {
    QueryStatement statement;
    std::uint32_t file_id = 0;
    std::uint32_t name_begin = 0;
    std::uint32_t name_end = 0;
    ExecuteLoadQuery::Duplicates duplicates = ExecuteLoadQuery::Duplicates::kError;
};

using SourceChange = std::variant<RowsChange, QueryStatement, SavepointChange, LoadBlockView,
                                  LoadFileDropped, LoadStatement>;

/// What the assembler calls. An exception of a sink passes through feed() and leaves the assembler
/// unusable until disconnect().
class TransactionSink {
  public:
    virtual ~TransactionSink() = default;
    virtual void on_begin(const SourceTransaction& transaction) = 0;
    virtual void on_change(const SourceTransaction& transaction, const SourceChange& change) = 0;
    /// Complete: commit, roll back, or park it. The position behind it is transaction.end.
    virtual void on_end(const SourceTransaction& transaction) = 0;
    /// The rest will not come: forget everything since on_begin. It comes again from `begin`.
    virtual void on_drop(const SourceTransaction& transaction, const std::string& reason) = 0;
    /// The source's server stopped or started here: its temporary tables are gone.
    virtual void on_source_restart() {}
    /// MariaDB: the position at the start of a file, and whether START … UNTIL is fulfilled.
    virtual void on_gtid_list(const MariadbGtidListEvent& list) { static_cast<void>(list); }
};

}  // namespace afterimage::replication

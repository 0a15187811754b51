// SPDX-License-Identifier: Apache-2.0
#include "replication/transaction_assembler.h"

#include <utility>

#include "replication/event/incident.h"
#include "replication/event/partial_row_data.h"
#include "replication/event/statement_text.h"
#include "replication/event/transaction_payload.h"

namespace afterimage::replication {
namespace {

// No statement touches more tables: MySQL joins at most 61, triggers and cascades add to them.
constexpr std::size_t kMaxTableMaps = 10'000;
// Decoded maps kept between statements: a source's busy tables, some hundred bytes each.
constexpr std::size_t kMaxKnownMaps = 1000;
// User variables read by one statement.
constexpr std::size_t kMaxUserVars = 10'000;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

std::string SourceTransaction::gtid_text() const {
    if (const auto* mysql = std::get_if<MysqlGtid>(&gtid)) {
        return mysql->text();
    }
    const auto* mariadb = std::get_if<MariadbGtid>(&gtid);
    return mariadb == nullptr ? "" : mariadb->text();
}

bool TransactionAssembler::Context::empty() const noexcept {
    return !last_insert_id && !insert_id && !rand && user_vars.empty();
}

TransactionAssembler::TransactionAssembler(TransactionSink& sink, Options options)
    : sink_(sink), options_(std::move(options)) {}

void TransactionAssembler::fail(const Current& current, const std::string& reason) {
    throw AssemblyError(event_type_name(current.view.header.type) + " event at " +
                        current.outer->begin_position().text() + ": " + reason);
}

void TransactionAssembler::disconnect(const std::string& reason) {
    drop_group(reason);
    free_maps();
    context_ = {};
    pieces_.clear();
    pieces_seen_ = 0;
}

void TransactionAssembler::drop_group(const std::string& reason) {
    if (open_) {
        open_ = false;
        sink_.on_drop(transaction_, reason);
    }
}

void TransactionAssembler::free_maps() noexcept {
    maps_.clear();
    statement_text_.clear();
}

void TransactionAssembler::feed(const StreamEvent& event) {
    Current current{&event, event.view(), event.format.get()};
    if (current.format == nullptr && event.header.type != EventType::kRotate &&
        event.header.type != EventType::kHeartbeat &&
        event.header.type != EventType::kHeartbeatV2) {
        fail(current, "before the first FORMAT_DESCRIPTION");
    }
    if (event.header.size_bytes > options_.max_event_bytes) {
        fail(current, std::to_string(event.header.size_bytes) + " bytes, over the limit of " +
                          std::to_string(options_.max_event_bytes));
    }
    if (open_ && event.end > event.begin) {
        transaction_.end = event.end_position();
        ++transaction_.event_count;
        transaction_.event_bytes += event.header.size_bytes;
    }
    if (!dispatch_outside(current)) {
        dispatch(current);
    }
}

// Events that belong to the log, not to a transaction. False: not one of them.
bool TransactionAssembler::dispatch_outside(const Current& current) {
    switch (current.view.header.type) {
        case EventType::kFormatDescription:
            format_description(current);
            return true;
        case EventType::kStop:
            sink_.on_source_restart();
            return true;
        case EventType::kIncident:
            fail(current, "the source lost changes: " + decode_incident(current.view).message);
        case EventType::kMariadbGtidList:
            sink_.on_gtid_list(decode_mariadb_gtid_list(current.view));
            return true;
        case EventType::kRotate:
        case EventType::kHeartbeat:
        case EventType::kHeartbeatV2:
        case EventType::kIgnorable:
        case EventType::kPreviousGtids:
        case EventType::kTransactionContext:
        case EventType::kBinlogCheckpoint:
        case EventType::kStartEncryption:
            return true;
        default:
            return false;
    }
}

void TransactionAssembler::dispatch(const Current& current) {
    switch (current.view.header.type) {
        case EventType::kGtid:
        case EventType::kAnonymousGtid:
        case EventType::kGtidTagged:
            return open_mysql(current);
        case EventType::kMariadbGtid:
            return open_mariadb(current);
        case EventType::kQuery:
        case EventType::kQueryCompressed:
            return query(current);
        case EventType::kXid:
            if (!open_) {
                fail(current, "outside a transaction");
            }
            return end_group(current, TransactionEnd::kCommit);
        case EventType::kXaPrepare:
            return xa_prepare(current);
        case EventType::kViewChange:
            // Group replication: with a GTID it is a group of its own, without data.
            return open_ ? end_group(current, TransactionEnd::kCommit) : void();
        case EventType::kIntvar:
        case EventType::kRand:
        case EventType::kUserVar:
            return context_event(current);
        case EventType::kBeginLoadQuery:
        case EventType::kAppendBlock:
        case EventType::kDeleteFile:
        case EventType::kExecuteLoadQuery:
            return load_event(current);
        case EventType::kAnnotateRows:
        case EventType::kRowsQuery:
            return statement_text(current);
        case EventType::kTableMap:
            return table_map(current);
        case EventType::kPartialRowData:
            return row_piece(current);
        case EventType::kTransactionPayload:
            return payload(current);
        default:
            break;
    }
    if (is_rows_event(current.view.header.type)) {
        return rows(current);
    }
    if (!current.view.header.has(event_flag::kIgnorable)) {
        throw EventError(current.view.header, 4,
                         "an event of a type this replica does not know and may not ignore");
    }
}

void TransactionAssembler::format_description(const Current& current) {
    free_maps();
    known_maps_.clear();  // the layout of table maps is the format's
    // 0 in front of a start in the middle of a file: then nothing happened at the source.
    if (current.format->created_s != 0) {
        drop_group("the source restarted inside the transaction");
        sink_.on_source_restart();
    }
}

void TransactionAssembler::begin_group(const Current& current) {
    if (open_) {
        fail(current, "transaction " + transaction_.gtid_text() + " that began at " +
                          transaction_.begin.text() + " has no end");
    }
    transaction_ = SourceTransaction();
    transaction_.channel = options_.channel;
    transaction_.family = current.format->family;
    transaction_.source_version = current.format->version_number;
    transaction_.server_id = current.view.header.server_id;
    transaction_.begin = current.outer->begin_position();
    transaction_.end = current.outer->end_position();
    transaction_.skip_replication =
        current.format->mariadb() && current.view.header.has(event_flag::kSkipReplication);
    transaction_.event_count = 1;
    transaction_.event_bytes = current.view.header.size_bytes;
    statement_bytes_ = 0;
    begin_seen_ = false;
    standalone_ = false;
    free_maps();
    context_ = {};
    open_ = true;
}

void TransactionAssembler::open_mysql(const Current& current) {
    // Decoded first: a group that the sink has not seen begin must not be open.
    MysqlGtidEvent opener = decode_mysql_gtid(current.view);
    begin_group(current);
    if (!opener.anonymous) {
        transaction_.gtid = opener.gtid;
    }
    transaction_.commit_micros = static_cast<std::int64_t>(opener.original_commit_micros);
    transaction_.mysql_opener = std::move(opener);
    sink_.on_begin(transaction_);
}

void TransactionAssembler::open_mariadb(const Current& current) {
    MariadbGtidEvent opener = decode_mariadb_gtid(current.view);
    begin_group(current);
    standalone_ = opener.standalone;
    transaction_.gtid = opener.gtid;
    transaction_.alter_phase = opener.alter_phase;
    transaction_.alter_start_sequence = opener.alter_start_sequence;
    transaction_.thread_id = opener.thread_id;
    transaction_.xa = opener.xa;
    transaction_.mariadb_opener = std::move(opener);
    sink_.on_begin(transaction_);
}

void TransactionAssembler::end_group(const Current& current, TransactionEnd kind) {
    if (pieces_seen_ != 0) {
        fail(current, "the transaction ends inside the pieces of a rows event");
    }
    if (transaction_.commit_micros == 0) {
        transaction_.commit_micros =
            static_cast<std::int64_t>(current.view.header.timestamp_s) * kMicrosPerSecond;
    }
    transaction_.end = current.outer->end_position();
    transaction_.end_kind = kind;
    open_ = false;
    free_maps();
    context_ = {};
    sink_.on_end(transaction_);
}

void TransactionAssembler::change(SourceChange change) { sink_.on_change(transaction_, change); }

void TransactionAssembler::keep_statement(const std::string& sql) {
    const std::size_t room = options_.max_statement_bytes - statement_bytes_;
    if (sql.size() > room) {
        transaction_.statements_cut = true;
    }
    if (room > 0) {
        transaction_.statements.push_back(sql.substr(0, room));
        statement_bytes_ += transaction_.statements.back().size();
    }
}

void TransactionAssembler::note_query(const QueryEvent& query) {
    if (!transaction_.thread_id) {
        transaction_.thread_id = query.thread_id;
    }
    if (query.invoker && !transaction_.invoker) {
        transaction_.invoker = query.invoker;
    }
}

void TransactionAssembler::query(const Current& current) {
    QueryEvent query = decode_query(current.view, *current.format, options_.max_event_bytes);
    constexpr std::uint64_t kAnsiQuotes = 4;
    QueryKind kind = classify_query(query.sql, current.format->mariadb(),
                                    (query.sql_mode.value_or(0) & kAnsiQuotes) != 0);
    if (!open_) {
        // A source without GTIDs: BEGIN, or one statement by itself.
        begin_group(current);
        sink_.on_begin(transaction_);
    }
    note_query(query);
    if (kind.type == QueryClass::kControl) {
        return control_query(current, query, std::move(kind));
    }
    keep_statement(query.sql);
    if (transaction_.commit_micros == 0 && query.microseconds && !begin_seen_ &&
        (standalone_ || !current.format->mariadb())) {
        transaction_.commit_micros =
            static_cast<std::int64_t>(current.view.header.timestamp_s) * kMicrosPerSecond +
            *query.microseconds;
    }
    change(take_statement(current, std::move(query), std::move(kind)));
    lone_or_inner_statement(current);
}

// A statement ends the group unless BEGIN, or a MariaDB GTID without STANDALONE, promised an end.
void TransactionAssembler::lone_or_inner_statement(const Current& current) {
    const bool has_end = begin_seen_ || (transaction_.mariadb_opener.has_value() && !standalone_);
    if (!has_end) {
        end_group(current, TransactionEnd::kCommit);
    }
}

void TransactionAssembler::control_query(const Current& current, const QueryEvent& query,
                                         QueryKind kind) {
    switch (kind.control) {
        case QueryControl::kBegin:
        case QueryControl::kXaStart:
            if (begin_seen_) {
                fail(current, "a second " + kind.verb + " in one transaction");
            }
            begin_seen_ = true;
            return;
        case QueryControl::kCommit:
            return end_group(current, TransactionEnd::kCommit);
        case QueryControl::kRollback:
            return end_group(current, TransactionEnd::kRollback);
        case QueryControl::kSavepoint:
            return change(SavepointChange{SavepointChange::Kind::kSet, kind.savepoint});
        case QueryControl::kRollbackTo:
            return change(SavepointChange{SavepointChange::Kind::kRollbackTo, kind.savepoint});
        case QueryControl::kReleaseSavepoint:
            return change(SavepointChange{SavepointChange::Kind::kRelease, kind.savepoint});
        case QueryControl::kXaEnd:
            return;  // XA_PREPARE, or XA ROLLBACK, follows
        case QueryControl::kXaPrepare:
            transaction_.xa = std::move(kind.xa);
            return end_group(current, TransactionEnd::kXaPrepare);
        case QueryControl::kXaCommit:
        case QueryControl::kXaRollback:
            transaction_.xa = std::move(kind.xa);
            return end_group(current, kind.control == QueryControl::kXaCommit
                                          ? TransactionEnd::kXaCommit
                                          : TransactionEnd::kXaRollback);
        case QueryControl::kNone:
            break;
    }
    fail(current, "unknown transaction statement " + query.sql.substr(0, 100));
}

QueryStatement TransactionAssembler::take_statement(const Current& current, QueryEvent query,
                                                    QueryKind kind) {
    QueryStatement statement;
    statement.header = current.view.header;
    statement.query = std::move(query);
    statement.kind = std::move(kind);
    statement.last_insert_id = context_.last_insert_id;
    statement.insert_id = context_.insert_id;
    statement.rand = context_.rand;
    statement.user_vars = std::move(context_.user_vars);
    context_ = {};
    return statement;
}

void TransactionAssembler::context_event(const Current& current) {
    if (!open_) {
        begin_group(current);  // a source without GTIDs: belongs to the statement behind it
        sink_.on_begin(transaction_);
    }
    switch (current.view.header.type) {
        case EventType::kIntvar: {
            const IntvarEvent intvar = decode_intvar(current.view);
            (intvar.kind == IntvarEvent::Kind::kInsertId ? context_.insert_id
                                                         : context_.last_insert_id) = intvar.value;
            return;
        }
        case EventType::kRand:
            context_.rand = decode_rand(current.view);
            return;
        default:
            if (context_.user_vars.size() >= kMaxUserVars) {
                fail(current, "more user variables than a statement has");
            }
            context_.user_vars.push_back(decode_user_var(current.view));
    }
}

void TransactionAssembler::load_event(const Current& current) {
    if (!open_) {
        begin_group(current);
        sink_.on_begin(transaction_);
    }
    switch (current.view.header.type) {
        case EventType::kBeginLoadQuery:
        case EventType::kAppendBlock:
            return change(decode_load_block(current.view));
        case EventType::kDeleteFile:
            return change(LoadFileDropped{decode_delete_file(current.view)});
        default:
            break;
    }
    ExecuteLoadQuery load = decode_execute_load_query(current.view, *current.format);
    note_query(load.query);
    keep_statement(load.query.sql);
    QueryKind kind = classify_query(load.query.sql, current.format->mariadb());
    LoadStatement statement;
    statement.file_id = load.file_id;
    statement.name_begin = load.name_begin;
    statement.name_end = load.name_end;
    statement.duplicates = load.duplicates;
    statement.statement = take_statement(current, std::move(load.query), std::move(kind));
    change(std::move(statement));
    lone_or_inner_statement(current);
}

void TransactionAssembler::statement_text(const Current& current) {
    if (open_) {
        statement_text_ = decode_statement_text(current.view);
        keep_statement(statement_text_);
    }
}

void TransactionAssembler::table_map(const Current& current) {
    if (!open_) {
        fail(current, "outside a transaction");
    }
    std::shared_ptr<const TableMap> map = decoded_map(current);
    if (maps_.size() >= kMaxTableMaps) {
        fail(current, "more tables than a statement has");
    }
    maps_[map->table_id] = std::move(map);
}

// A source sends the same bytes before every statement on a table: they are decoded once, and the
// sink knows an unchanged map by its address.
std::shared_ptr<const TableMap> TransactionAssembler::decoded_map(const Current& current) {
    const auto known = known_maps_.find(current.view.body);
    if (known != known_maps_.end()) {
        return known->second;
    }
    auto map = std::make_shared<const TableMap>(decode_table_map(current.view, *current.format));
    if (known_maps_.size() >= kMaxKnownMaps) {
        known_maps_.clear();
    }
    known_maps_.emplace(current.view.body, map);
    return map;
}

void TransactionAssembler::rows(const Current& current) {
    if (!open_) {
        fail(current, "outside a transaction");
    }
    RowsChange rows;
    rows.event = decode_rows_event(current.view, *current.format, options_.max_event_bytes);
    const bool ends_statement = rows.event.has(rows_flag::kStatementEnd);
    if (!rows.event.is_dummy()) {
        const auto found = maps_.find(rows.event.table_id);
        if (found == maps_.end()) {
            fail(current, "no table map of id " + std::to_string(rows.event.table_id));
        }
        rows.map = found->second;
        rows.statement = statement_text_;
        change(std::move(rows));
    }
    if (ends_statement) {
        free_maps();
        if (standalone_) {
            end_group(current, TransactionEnd::kCommit);
        }
    }
}

// MariaDB 12.3: pieces in order, then one whole rows event, header included.
void TransactionAssembler::row_piece(const Current& current) {
    const RowDataPieceView piece = decode_partial_row_data(current.view);
    if (piece.piece_number == 1) {
        pieces_.clear();
        pieces_seen_ = 0;
    }
    if (piece.piece_number != pieces_seen_ + 1) {
        fail(current, "piece " + std::to_string(piece.piece_number) + " after piece " +
                          std::to_string(pieces_seen_));
    }
    if (piece.data.size() > options_.max_event_bytes - pieces_.size()) {
        fail(current, "rows event over the limit of " + std::to_string(options_.max_event_bytes));
    }
    pieces_.append(piece.data);
    pieces_seen_ = piece.piece_number;
    if (piece.piece_number != piece.piece_count) {
        return;
    }
    const storage::Bytes whole = std::exchange(pieces_, {});
    pieces_seen_ = 0;
    Current joined = current;
    joined.view = decode_frame(whole, ChecksumAlgorithm::kNone);
    if (!is_rows_event(joined.view.header.type)) {
        fail(joined, "in the pieces of a rows event");
    }
    rows(joined);
}

void TransactionAssembler::payload(const Current& current) {
    if (!open_) {
        fail(current, "outside a transaction");
    }
    PayloadReader reader(current.view, options_.max_event_bytes);
    while (const auto inner = reader.next()) {
        if (!open_) {
            fail(current, "events behind the end of the compressed transaction");
        }
        dispatch({current.outer, *inner, current.format});
    }
    if (open_) {
        fail(current, "compressed transaction without an end");
    }
}

void TransactionAssembler::xa_prepare(const Current& current) {
    if (!open_) {
        fail(current, "outside a transaction");
    }
    XaPrepareEvent prepare = decode_xa_prepare(current.view);
    transaction_.xa = std::move(prepare.id);
    end_group(current, prepare.one_phase ? TransactionEnd::kCommit : TransactionEnd::kXaPrepare);
}

}  // namespace afterimage::replication

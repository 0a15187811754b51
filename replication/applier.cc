// SPDX-License-Identifier: Apache-2.0
#include "replication/applier.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "storage/value/text_form.h"

namespace afterimage::replication {

namespace {

using storage::WriteOutcome;
using Kind = WriteOutcome::Kind;

// MySQL's numbers: monitors look for them.
constexpr std::uint32_t kErrKeyNotFound = 1032, kErrDuplicate = 1062, kErrNoSuchTable = 1146,
                        kErrSlaveFatal = 1593, kErrConversion = 1677, kErrRowIsReferenced = 1451,
                        kErrNoReferencedRow = 1452, kErrUnsupported = 1235;

constexpr std::size_t kMaxMessageBytes = 200;

std::string_view verb_of(RowsKind kind) {
    switch (kind) {
        case RowsKind::kWrite:
            return "Write_rows";
        case RowsKind::kDelete:
            return "Delete_rows";
        default:
            return "Update_rows";
    }
}

std::string first_line(std::string_view text) {
    std::string line;
    for (const char c : text.substr(0, kMaxMessageBytes)) {
        line.push_back(c == '\n' || c == '\r' || c == '\t' ? ' ' : c);
    }
    // Never half a UTF-8 character at the cut.
    if (text.size() > kMaxMessageBytes) {
        while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0U) == 0x80U) {
            line.pop_back();
        }
        if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xc0U) {
            line.pop_back();
        }
        line += " …";
    }
    return line;
}

/// Names a transaction in messages: its GTID, else where it began.
std::string place_of(const SourceTransaction& transaction) {
    const std::string gtid = transaction.gtid_text();
    return gtid.empty() ? transaction.begin.text() : gtid;
}

/// "id=7, name='x'": the key cells of a row, for an error.
std::string key_text(const storage::TableSchema& schema, const storage::Row& row) {
    std::string text;
    for (std::size_t i = 0; i < schema.columns.size() && i < row.size(); ++i) {
        const bool in_key =
            !schema.primary_key ||
            std::ranges::any_of(schema.primary_key->parts, [&](const storage::IndexPart& part) {
                return part.column == schema.columns[i].id;
            });
        if (!in_key || text.size() > kMaxMessageBytes) {
            continue;
        }
        text += text.empty() ? "" : ", ";
        text += schema.columns[i].name + "=";
        if (row[i].is_null()) {
            text += "NULL";
        } else {
            storage::append_text(text, row[i], schema.columns[i].type);
        }
    }
    return text;
}

}  // namespace

Applier::Applier(storage::Store& store, storage::RowRules* rules, StatementRunner& statements,
                 Options options)
    : store_(store), rules_(rules), statements_(statements), options_(std::move(options)) {
    const std::shared_ptr<const storage::Heads> heads = store.heads();
    const auto found = heads->positions.find(options_.channel);
    if (found != heads->positions.end()) {
        progress_.position = found->second;
        const std::string& gtid = found->second.gtid;
        if (gtid.find(':') != std::string::npos) {
            mysql_position_ = MysqlGtidSet::parse(gtid);
        } else {
            mariadb_position_ = MariadbGtidPosition::parse(gtid);
        }
    }
}

Applier::~Applier() = default;

ApplierProgress Applier::progress() const {
    const std::lock_guard lock(mutex_);
    return progress_;
}

void Applier::skip_next(std::uint64_t groups) {
    const std::lock_guard lock(mutex_);
    progress_.skip_groups = groups;
}

void Applier::note_passed(const BinlogPosition& position) {
    const std::lock_guard lock(mutex_);
    if (at_or_behind(position, {progress_.position.file, progress_.position.position})) {
        progress_.position.file = position.file;
        progress_.position.position = position.position;
    }
}

bool Applier::until_reached() const {
    if (options_.until.kind() == UntilCondition::Kind::kNone) {
        return false;
    }
    const storage::ChannelPosition position = progress().position;
    return options_.until.reached(
        {{position.file, position.position}, mariadb_position_, mysql_position_});
}

void Applier::forget() {
    writer_ = {};
    checked_map_ = nullptr;
    checked_schema_ = nullptr;
    open_ = nullptr;
    counts_.clear();
    savepoints_.clear();
    if (changes_schema_) {
        foreign_children_.reset();
    }
    filtered_ = passed_over_ = skipping_ = foreign_ = changes_schema_ = false;
    rows_in_group_ = 0;
}

/// "None twice": what stands in the position has been applied.
void Applier::check_is_new(const SourceTransaction& transaction) const {
    bool known = false;
    if (const auto* mysql = std::get_if<MysqlGtid>(&transaction.gtid)) {
        known = mysql_position_.contains(*mysql);
    } else if (const auto* mariadb = std::get_if<MariadbGtid>(&transaction.gtid)) {
        const MariadbGtid* last = mariadb_position_.find(mariadb->domain);
        known = last != nullptr && *last == *mariadb;
    }
    if (known) {
        throw ApplyError(kErrSlaveFatal, "the source sends transaction " + place_of(transaction) +
                                             ", which has been applied already");
    }
}

void Applier::on_begin(const SourceTransaction& transaction) {
    forget();
    if (options_.until.stops_before(transaction)) {
        throw UntilReached();
    }
    check_is_new(transaction);
    open_ = store_.begin_replicated(options_.channel);
    foreign_ = options_.accepts_origin && !options_.accepts_origin(transaction);
    const std::lock_guard lock(mutex_);
    skipping_ = progress_.skip_groups > 0;
}

void Applier::on_drop(const SourceTransaction& /*transaction*/, const std::string& /*reason*/) {
    forget();
}

void Applier::on_change(const SourceTransaction& transaction, const SourceChange& change) {
    if (skipping_ || foreign_) {
        return;
    }
    if (const auto* rows = std::get_if<RowsChange>(&change)) {
        apply_rows(transaction, *rows);
    } else if (const auto* statement = std::get_if<QueryStatement>(&change)) {
        apply_statement(transaction, *statement);
    } else if (const auto* savepoint = std::get_if<SavepointChange>(&change)) {
        apply_savepoint(*savepoint);
    } else {
        throw ApplyError(kErrUnsupported,
                         "LOAD DATA in statement format: " + std::string(kRowFormatAdvice));
    }
}

void Applier::check_source_table(const RowsChange& change, const storage::TableSchema& schema) {
    if (checked_map_ == change.map && checked_schema_ == &schema) {
        return;
    }
    const std::string mismatch = schema_mismatch(*change.map, schema);
    if (!mismatch.empty()) {
        throw ApplyError(kErrConversion, "table " + change.map->database + "." + change.map->table +
                                             " differs from the source's: " + mismatch);
    }
    checked_map_ = change.map;
    checked_schema_ = &schema;
}

void Applier::apply_rows(const SourceTransaction& transaction, const RowsChange& change) {
    const TableMap& map = *change.map;
    if (!options_.filter.accepts_table(map.database, map.table)) {
        filtered_ = true;
        return;
    }
    storage::OpenRoot* root = open_->open(map.database);
    storage::OpenTable* table = root == nullptr ? nullptr : root->find_table(map.table);
    if (table == nullptr) {
        throw ApplyError(kErrNoSuchTable,
                         "Table '" + map.database + "." + map.table + "' doesn't exist");
    }
    check_source_table(change, table->schema());
    storage::TransactionRecord::TableCounts& counts = counts_[{map.database, map.table}];
    try {
        const ColumnTypes types = column_types(table->schema());
        RowDecoder decoder(change.event, map, types);
        const bool has_before = change.event.kind != RowsKind::kWrite;
        const bool has_after = change.event.kind != RowsKind::kDelete;
        if ((has_before && !decoder.before_columns().all()) ||
            (has_after && !decoder.after_columns().all())) {
            throw ApplyError(kErrUnsupported,
                             "a row image without all columns; set SET GLOBAL binlog_row_image = "
                             "FULL on the source (new "
                             "sessions use it) and start again");
        }
        while (decoder.next(row_)) {
            if (!row_.partial_json.empty()) {
                throw ApplyError(kErrUnsupported,
                                 "a partial JSON update; set SET GLOBAL binlog_row_value_options = "
                                 "'' on the source (new "
                                 "sessions use it) and start again");
            }
            const WriteOutcome outcome = apply_row(*root, *table, change, row_);
            if (!outcome.ok()) {
                fail_row(transaction, change, row_, table->schema(), outcome);
            }
            ++(has_before ? (has_after ? counts.updated : counts.deleted) : counts.inserted);
            ++rows_in_group_;
        }
    } catch (const ColumnMismatch& error) {
        throw ApplyError(kErrConversion,
                         "table " + map.database + "." + map.table + ": " + error.what());
    }
}

storage::RowWriter& Applier::writer(storage::OpenRoot& root, const RowsEventView& event) {
    if (writer_.root != &root || writer_.flags != event.flags || !writer_.writer) {
        storage::WriteOptions write_options;
        write_options.mode = storage::WriteMode::kReplicatedRow;
        write_options.foreign_roots = this;
        write_options.cascade =
            !event.has(rows_flag::kNoForeignKeyChecks) && !event.has(rows_flag::kForeignKeysLogged);
        writer_ = {&root, event.flags,
                   std::make_unique<storage::RowWriter>(root, rules_, write_options)};
    }
    return *writer_.writer;
}

storage::OpenRoot* Applier::find_root(const std::string& database) { return open_->open(database); }

const std::vector<std::string>& Applier::children_of(const std::string& database) {
    static const std::vector<std::string> kNone;
    if (!foreign_children_) {
        find_foreign_children();
    }
    const auto found = foreign_children_->find(database);
    return found == foreign_children_->end() ? kNone : found->second;
}

/// Foreign keys change with the schema alone: between schema changes this is looked up once.
void Applier::find_foreign_children() {
    foreign_children_.emplace();
    const std::shared_ptr<const storage::Heads> heads = store_.heads();
    for (const auto& [name, state] : heads->databases) {
        const std::shared_ptr<const storage::Root> root = open_->root(name);
        if (!root) {
            continue;
        }
        for (const auto& [table_name, table] : root->tables) {
            for (const storage::ForeignKey& key : table->schema().foreign_keys) {
                if (key.parent_database.empty() || key.parent_database == name) {
                    continue;
                }
                std::vector<std::string>& children = (*foreign_children_)[key.parent_database];
                if (children.empty() || children.back() != name) {
                    children.push_back(name);
                }
            }
        }
    }
}

WriteOutcome Applier::apply_row(storage::OpenRoot& root, storage::OpenTable& table,
                                const RowsChange& change, const RowChange& row) {
    storage::RowWriter& rows = writer(root, change.event);
    if (!row.has_before) {
        return rows.insert(table, row.after);
    }
    const storage::Bytes key = table.schema().keyless()
                                   ? storage::Bytes()
                                   : table.layout().primary->encode_row(row.before);
    return row.has_after ? rows.update(table, key, row.after, &row.before)
                         : rows.remove(table, key, &row.before);
}

void Applier::fail_row(const SourceTransaction& transaction, const RowsChange& change,
                       const RowChange& row, const storage::TableSchema& schema,
                       const WriteOutcome& outcome) const {
    const std::string table = change.map->database + "." + change.map->table;
    std::string reason;
    std::uint32_t code = kErrSlaveFatal;
    switch (outcome.kind) {
        case Kind::kRowMissing:
            code = kErrKeyNotFound;
            reason = "Can't find record in '" + change.map->table + "'";
            break;
        case Kind::kBeforeImageDiffers:
            code = kErrKeyNotFound;
            reason = "the stored row is not the source's before image: " + outcome.detail;
            break;
        case Kind::kDuplicate:
            code = kErrDuplicate;
            reason =
                "Duplicate entry for key '" +
                (outcome.index == storage::kPrimaryIndex ? std::string("PRIMARY")
                                                         : schema.indexes[outcome.index].name) +
                "'";
            break;
        case Kind::kChildExists:
            code = kErrRowIsReferenced;
            reason = "the row is referenced by foreign key " + outcome.constraint + " of table " +
                     outcome.table;
            break;
        case Kind::kParentMissing:
            code = kErrNoReferencedRow;
            reason = "foreign key " + outcome.constraint + " of table " + outcome.table +
                     " has no parent row";
            break;
        default:
            reason = "the row breaks " + outcome.constraint;
    }
    throw ApplyError(code, "Could not execute " + std::string(verb_of(change.event.kind)) +
                               " event on table " + table + "; " + reason + "; row " +
                               key_text(schema, row.has_before ? row.before : row.after) +
                               "; transaction " + place_of(transaction) + ", the event ends at " +
                               transaction.end.text());
}

void Applier::apply_statement(const SourceTransaction& transaction,
                              const QueryStatement& statement) {
    const std::string text = first_line(statement.query.sql);
    switch (statement.kind.type) {
        case QueryClass::kPassedOver:
            passed_over_ = true;
            return;
        case QueryClass::kDml:
            if (!statement.query.database.empty() &&
                !options_.filter.accepts_database(statement.query.database) &&
                statement.query.databases &&
                std::ranges::none_of(*statement.query.databases, [&](const std::string& name) {
                    return options_.filter.accepts_database(name);
                })) {
                filtered_ = true;
                return;
            }
            throw ApplyError(kErrUnsupported,
                             "statement \"" + text + "\": " + std::string(kRowFormatAdvice));
        case QueryClass::kUnknown:
            throw ApplyError(kErrUnsupported, "statement \"" + text + "\" (" + statement.kind.verb +
                                                  ") is not known to be safe to apply");
        case QueryClass::kApplied:
        case QueryClass::kStored:
            if (transaction.alter_phase == AlterPhase::kStart ||
                transaction.alter_phase == AlterPhase::kRollback) {
                passed_over_ = true;  // applied when the source commits it
                return;
            }
            if (statement.kind.temporary) {
                passed_over_ = true;  // of the source's session alone
                return;
            }
            writer_ = {};
            checked_map_ = nullptr;
            changes_schema_ = true;
            foreign_children_.reset();
            log("schema change begins: " + place_of(transaction) + " " + text);
            statements_.run(*open_, statement, transaction, options_.filter);
            return;
        case QueryClass::kControl:
            return;
    }
}

void Applier::apply_savepoint(const SavepointChange& change) {
    // Names of savepoints have no case.
    const std::string name = sql::lower_case(change.name);
    const auto found = std::ranges::find(savepoints_, name, &Savepoint::name);
    switch (change.kind) {
        case SavepointChange::Kind::kSet:
            if (found != savepoints_.end()) {
                savepoints_.erase(found);
            }
            savepoints_.push_back({name, open_->savepoint(), counts_, rows_in_group_});
            return;
        case SavepointChange::Kind::kRelease:
            savepoints_.erase(found, savepoints_.end());
            return;
        case SavepointChange::Kind::kRollbackTo:
            if (found == savepoints_.end()) {
                throw ApplyError(kErrSlaveFatal, "ROLLBACK TO SAVEPOINT " + change.name +
                                                     ", which the group has not set");
            }
            writer_ = {};
            checked_map_ = nullptr;
            open_->rollback_to(found->roots);
            counts_ = found->counts;
            rows_in_group_ = found->rows_in_group;
            savepoints_.erase(found + 1, savepoints_.end());
            return;
    }
}

/// A group that ends in ROLLBACK is logged for the sake of tables that cannot roll back: rows of
/// the others are not to be kept.
void Applier::roll_back_group() {
    for (const auto& [key, counts] : counts_) {
        const std::shared_ptr<const storage::Root> root = open_->root(key.database);
        const std::shared_ptr<const storage::Table> table =
            root == nullptr ? nullptr : root->find_table(key.table);
        const std::string engine = table == nullptr ? "" : table->schema().engine;
        if (!engine.empty() && !sql::same_name(engine, "InnoDB")) {
            throw ApplyError(kErrUnsupported,
                             "a transaction that ends in ROLLBACK and has changed table " +
                                 key.database + "." + key.table + ", whose engine (" + engine +
                                 ") cannot roll back");
        }
    }
    writer_ = {};
    open_ = store_.begin_replicated(options_.channel);
    counts_.clear();
    rows_in_group_ = 0;
}

void Applier::note_gtid(const SourceTransaction& transaction) {
    if (const auto* mariadb = std::get_if<MariadbGtid>(&transaction.gtid)) {
        mariadb_position_.set(*mariadb);
    } else if (const auto* mysql = std::get_if<MysqlGtid>(&transaction.gtid)) {
        mysql_position_.add(*mysql);
    }
}

storage::ReplicatedCommit Applier::commit_request(const SourceTransaction& transaction) const {
    storage::ReplicatedCommit request;
    request.channel = options_.channel;
    storage::TransactionRecord& record = request.record;
    record.channel = options_.channel;
    record.source_epoch = options_.source_epoch;
    record.gtid = transaction.gtid_text();
    record.file = transaction.end.file;
    record.position = transaction.end.position;
    record.commit_time_micros = transaction.commit_micros;
    record.server_id = transaction.server_id;
    record.connection_id = transaction.thread_id.value_or(0);
    if (transaction.invoker) {
        record.user = transaction.invoker->user + "@" + transaction.invoker->host;
    }
    for (const std::string& statement : transaction.statements) {
        record.statement += record.statement.empty() ? "" : ";\n";
        record.statement += statement;
    }
    record.statement_truncated = transaction.statements_cut;
    for (const auto& [key, counts] : counts_) {
        record.tables.push_back(
            {key.database, key.table, counts.inserted, counts.updated, counts.deleted});
    }
    record.filter_epoch = options_.filter_epoch;

    if (!record.statement.empty()) {
        request.message = first_line(record.statement);
    } else {
        for (const storage::TransactionRecord::TableCounts& counts : record.tables) {
            request.message += request.message.empty() ? "" : ", ";
            request.message +=
                counts.database + "." + counts.table + ": +" + std::to_string(counts.inserted) +
                " ~" + std::to_string(counts.updated) + " -" + std::to_string(counts.deleted);
        }
    }
    if (!record.gtid.empty()) {
        request.message += " [" + record.gtid + "]";
    }
    request.author.name = transaction.invoker && !transaction.invoker->user.empty()
                              ? transaction.invoker->user
                              : "source";
    request.author.email =
        request.author.name + "@" +
        (transaction.invoker ? transaction.invoker->host
                             : "server-" + std::to_string(transaction.server_id));
    request.author.time_micros = transaction.commit_micros;
    return request;
}

void Applier::on_end(const SourceTransaction& transaction) {
    const bool takes_part = !skipping_ && !foreign_;
    if (transaction.end_kind == TransactionEnd::kRollback) {
        roll_back_group();
    } else if (transaction.end_kind != TransactionEnd::kCommit && takes_part) {
        throw ApplyError(kErrUnsupported, "transaction " + place_of(transaction) +
                                              " is an XA transaction that is prepared apart from "
                                              "its commit");
    }
    storage::ReplicatedCommit request = commit_request(transaction);
    using Outcome = storage::TransactionOutcome;
    request.record.outcome = skipping_            ? Outcome::kSkipped
                             : foreign_           ? Outcome::kFiltered
                             : rows_in_group_ > 0 ? Outcome::kApplied
                             : filtered_          ? Outcome::kFiltered
                             : passed_over_       ? Outcome::kPassedOver
                                                  : Outcome::kApplied;
    note_gtid(transaction);
    request.position.gtid =
        mysql_position_.empty() ? mariadb_position_.text() : mysql_position_.text();
    request.position.file = transaction.end.file;
    request.position.position = transaction.end.position;
    const std::uint64_t sequence = open_->commit(request);
    if (options_.durable_commits) {
        store_.wait_durable(sequence);
    }
    note_progress(transaction, request, sequence);
    forget();
    if (until_reached()) {
        throw UntilReached();
    }
}

void Applier::note_progress(const SourceTransaction& transaction,
                            const storage::ReplicatedCommit& request, std::uint64_t sequence) {
    if (changes_schema_) {
        log("schema change ends: " + place_of(transaction));
    }
    if (skipping_) {
        log("replication: skipped " + place_of(transaction) + " as sql_replica_skip_counter asked");
    }
    const bool transactional =
        !transaction.mariadb_opener || transaction.mariadb_opener->transactional;
    const std::lock_guard lock(mutex_);
    progress_.position = request.position;
    progress_.last_commit_micros = transaction.commit_micros;
    progress_.last_gtid = request.record.gtid;
    progress_.last_sequence = sequence;
    ++progress_.transactions;
    progress_.rows += rows_in_group_;
    progress_.ddl_groups += changes_schema_ ? 1 : 0;
    progress_.non_transactional_groups += !changes_schema_ && !transactional ? 1 : 0;
    if (skipping_ && progress_.skip_groups > 0) {
        --progress_.skip_groups;
    }
}

void Applier::log(const std::string& line) const {
    if (options_.log) {
        options_.log(line);
    }
}

}  // namespace afterimage::replication

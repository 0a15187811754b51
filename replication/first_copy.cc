// SPDX-License-Identifier: Apache-2.0
#include "replication/first_copy.h"

#include <algorithm>
#include <charconv>

#include "replication/source_rows.h"
#include "storage/table/bulk_loader.h"
#include "storage/value/collation.h"

namespace afterimage::replication {

namespace {

constexpr std::uint64_t kRowsPerProgressLine = 1'000'000;

std::uint64_t number(const std::optional<std::string>& text) {
    std::uint64_t value = 0;
    if (text) {
        std::from_chars(text->data(), text->data() + text->size(), value);
    }
    return value;
}

std::string quoted_text(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    return out + "'";
}

/// Channels may copy at one time, and may be called anything.
std::string scratch_name(const std::string& channel) {
    return "copy-" + storage::Hash::of(channel).text();
}

[[noreturn]] void throw_no_position(const std::string& what) {
    throw SourceError(SourceErrorKind::kFatal, 0, "HY000", what);
}

}  // namespace

FirstCopy::FirstCopy(storage::Store& store, StatementApplier& statements, FirstCopyOptions options,
                     CopyProgress& progress, std::function<void(const std::string&)> log)
    : store_(store),
      statements_(statements),
      options_(std::move(options)),
      progress_(progress),
      log_(std::move(log)) {}

bool FirstCopy::take_lock(SourceConnection& source, bool must) {
    try {
        source.query("FLUSH TABLES WITH READ LOCK");
        return true;
    } catch (const SourceError& error) {
        if (must || error.kind() == SourceErrorKind::kRetry) {
            throw;
        }
        log_(std::string("first copy: no read lock (") + error.what() +
             "): grant RELOAD, else DDL during the copy may stop replication");
        return false;
    }
}

storage::ChannelPosition FirstCopy::begin_snapshot(SourceConnection& source,
                                                   const SourceIdentity& identity) {
    const bool mariadb = identity.family == SourceFamily::kMariadb;
    source.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    source.query("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    storage::ChannelPosition position;
    if (mariadb) {
        for (const TextRow& row : source.query("SHOW STATUS LIKE 'binlog_snapshot_%'")) {
            if (row[0] == "Binlog_snapshot_file") {
                position.file = row[1].value_or("");
            } else if (row[0] == "Binlog_snapshot_position") {
                position.position = number(row[1]);
            }
        }
        if (position.file.empty()) {
            throw_no_position("the source gives no binlog position for a snapshot: is log_bin on?");
        }
        const TextRows gtid = source.query("SELECT BINLOG_GTID_POS(" + quoted_text(position.file) +
                                           "," + std::to_string(position.position) + ")");
        position.gtid = gtid.empty() ? "" : gtid[0][0].value_or("");
        return position;
    }
    TextRows status;
    try {
        status = source.query("SHOW BINARY LOG STATUS");
    } catch (const SourceError&) {
        status = source.query("SHOW MASTER STATUS");
    }
    if (status.empty()) {
        throw_no_position("the source has no binary log: is log_bin on?");
    }
    position.file = status[0][0].value_or("");
    position.position = number(status[0][1]);
    const TextRows executed = source.query("SELECT @@GLOBAL.gtid_executed");
    position.gtid = executed.empty() ? "" : executed[0][0].value_or("");
    std::erase_if(position.gtid, [](char c) { return c == '\n' || c == ' '; });
    return position;
}

std::vector<std::string> FirstCopy::list_databases(SourceConnection& source) const {
    std::vector<std::string> databases;
    for (const TextRow& row : source.query("SHOW DATABASES")) {
        if (row[0] && options_.filter.accepts_database(*row[0])) {
            databases.push_back(*row[0]);
        }
    }
    std::ranges::sort(databases);
    return databases;
}

std::vector<FirstCopy::TableToCopy> FirstCopy::list_tables(
    SourceConnection& source, const std::vector<std::string>& databases) const {
    std::vector<TableToCopy> tables;
    for (const std::string& database : databases) {
        for (const TextRow& row : source.query(
                 "SELECT TABLE_NAME, ENGINE, AUTO_INCREMENT, TABLE_ROWS, TABLE_TYPE FROM "
                 "information_schema.TABLES "
                 "WHERE TABLE_SCHEMA = " +
                 quoted_text(database) + " AND TABLE_TYPE <> 'VIEW' ORDER BY TABLE_NAME")) {
            const std::string name = row[0].value_or("");
            if (!options_.filter.accepts_table(database, name)) {
                continue;
            }
            if (row[4] != "BASE TABLE") {
                throw ApplyError(1235, "table " + database + "." + name + " is a " +
                                           row[4].value_or("") +
                                           ", which is not supported; leave it out by a filter");
            }
            tables.push_back({database, name, row[1].value_or(""), number(row[2]), number(row[3])});
        }
    }
    return tables;
}

FirstCopy::Plan FirstCopy::read_plan(SourceConnection& source) {
    Plan plan;
    const std::vector<std::string> names = list_databases(source);
    plan.tables = list_tables(source, names);
    for (const std::string& name : names) {
        const TextRows rows = source.query(
            "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = " +
            quoted_text(name));
        plan.databases.push_back({name, rows.empty() ? "" : rows[0][0].value_or("")});
        read_objects(source, name, plan);
    }
    return plan;
}

void FirstCopy::create_databases(const std::vector<DatabaseToCopy>& databases, bool mariadb) {
    for (const DatabaseToCopy& database : databases) {
        const storage::Collation* collation = storage::find_collation(database.collation);
        if (collation == nullptr) {
            throw ApplyError(1273, "database " + database.name + " has the unknown collation '" +
                                       database.collation + "'");
        }
        transaction_->create_database(database.name, collation->id(), mariadb);
    }
}

void FirstCopy::copy_table(SourceConnection& source, const TableToCopy& table) {
    storage::OpenRoot& root = *transaction_->open(table.database);
    storage::OpenTable& target = *root.find_table(table.name);
    std::string columns;
    std::vector<const storage::ColumnType*> types;
    for (const storage::Column& column : target.schema().columns) {
        columns += (columns.empty() ? "" : ",") + exact_column(column);
        types.push_back(&column.type);
    }
    std::string sql = "SELECT " + columns + " FROM " + quoted_name(table.database) + "." +
                      quoted_name(table.name);
    if (target.schema().primary_key) {
        std::string order;
        for (const storage::IndexPart& part : target.schema().primary_key->parts) {
            const storage::Column& column =
                target.schema().columns[target.schema().ordinal_of(part.column)];
            order += (order.empty() ? "" : ",") + quoted_name(column.name) +
                     (part.descending ? " DESC" : "");
        }
        sql += " ORDER BY " + order;
    }
    storage::BulkLoader loader(root.services(), store_.scratch(), scratch_name(options_.channel),
                               target.view()->layout);
    std::uint64_t rows = 0;
    source.read_rows(sql, types, [&](const storage::Row& row) {
        loader.add(row);
        ++rows;
        progress_.rows_done.fetch_add(1, std::memory_order_relaxed);
        if (rows % kRowsPerProgressLine == 0) {
            log_("first copy: " + table.database + "." + table.name + ": " + std::to_string(rows) +
                 " rows");
        }
    });
    log_("first copy: " + table.database + "." + table.name + ": all rows read, building " +
         std::to_string(target.schema().indexes.size()) + " indexes");
    try {
        root.put_table(loader.finish());
    } catch (const storage::DuplicateKey& error) {
        throw ApplyError(
            1062, "first copy of " + table.database + "." + table.name + ": " + error.what());
    }
    progress_.tables_done.fetch_add(1, std::memory_order_relaxed);
    log_("first copy: " + table.database + "." + table.name + " done, " + std::to_string(rows) +
         " rows");
}

void FirstCopy::read_objects(SourceConnection& source, const std::string& database, Plan& plan) {
    // Beside the text stand the charset and collation it was written under, before programs' texts
    // their sql_mode.
    const auto create = [&](const std::string& show, std::size_t column, std::size_t charset) {
        const TextRows rows = source.query(show);
        if (rows.empty() || rows[0].size() <= column || !rows[0][column]) {
            throw ApplyError(1142, show +
                                       ": the source shows no text; grant SHOW VIEW, TRIGGER, "
                                       "EVENT and SELECT on mysql.proc to the replication user");
        }
        WrittenUnder under;
        under.sql_mode = column == 1 ? std::string() : rows[0][1].value_or("");
        if (rows[0].size() > charset + 1) {
            under.client_charset = rows[0][charset].value_or("");
            under.connection_collation = rows[0][charset + 1].value_or("");
        }
        plan.objects.push_back({database, *rows[0][column], std::move(under)});
    };
    const std::string schema = quoted_text(database);
    const std::string prefix = quoted_name(database) + ".";
    for (const TextRow& row : source.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE "
                                           "TABLE_TYPE = 'VIEW' AND TABLE_SCHEMA = " +
                                           schema)) {
        if (options_.filter.accepts_table(database, *row[0])) {
            create("SHOW CREATE VIEW " + prefix + quoted_name(*row[0]), 1, 2);
        }
    }
    for (const TextRow& row :
         source.query("SELECT ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES WHERE "
                      "ROUTINE_TYPE IN ('PROCEDURE','FUNCTION') "
                      "AND ROUTINE_SCHEMA = " +
                      schema)) {
        create("SHOW CREATE " + *row[1] + " " + prefix + quoted_name(*row[0]), 2, 3);
    }
    for (const TextRow& row : source.query("SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE FROM "
                                           "information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = " +
                                           schema)) {
        if (options_.filter.accepts_table(database, *row[1])) {
            create("SHOW CREATE TRIGGER " + prefix + quoted_name(*row[0]), 2, 3);
        }
    }
    for (const TextRow& row : source.query(
             "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = " + schema)) {
        create("SHOW CREATE EVENT " + prefix + quoted_name(*row[0]), 3, 4);
    }
}

storage::ChannelPosition FirstCopy::run(SourceConnection& source, const SourceIdentity& identity) {
    const bool mariadb = identity.family == SourceFamily::kMariadb;
    progress_.running = true;
    progress_.tables_done = progress_.rows_done = 0;
    struct StopRunning {
        CopyProgress& progress;
        ~StopRunning() { progress.running = false; }
    } const stop_running{progress_};

    source.query(
        "SET SESSION sql_mode='', time_zone='+00:00', net_write_timeout=3600, "
        "net_read_timeout=3600, wait_timeout=86400");
    source.query("SET NAMES utf8mb4");
    // Which engines there are decides about the lock, before the snapshot is taken.
    const auto needs_lock = [](const std::vector<TableToCopy>& tables) {
        return std::ranges::any_of(
            tables, [](const TableToCopy& table) { return table.engine != "InnoDB"; });
    };
    const bool must = !mariadb || needs_lock(list_tables(source, list_databases(source)));
    log_("first copy: begins");
    // Under the lock everything is listed that is no row, and every table is touched, so that this
    // transaction's metadata locks keep DDL out until it has been read.
    const bool locked = take_lock(source, must);
    const storage::ChannelPosition position = begin_snapshot(source, identity);
    const Plan plan = read_plan(source);
    const bool lock = needs_lock(plan.tables);
    if (lock && !locked) {
        throw SourceError(SourceErrorKind::kRetry, 0, "HY000",
                          "a table that is not InnoDB was created when the copy began");
    }
    if (lock) {
        log_("first copy: tables that are not InnoDB are copied under a read lock");
    }
    if (locked) {
        for (const TableToCopy& table : plan.tables) {
            source.query("SELECT 1 FROM " + quoted_name(table.database) + "." +
                         quoted_name(table.name) + " LIMIT 0");
        }
        if (!lock) {
            source.query("UNLOCK TABLES");
        }
    }
    const std::int64_t snapshot_micros =
        static_cast<std::int64_t>(number(source.query("SELECT UNIX_TIMESTAMP()")[0][0])) *
        1'000'000;
    log_("first copy: snapshot at " + position.file + ":" + std::to_string(position.position) +
         " gtid " + position.gtid);

    transaction_ = store_.begin_replicated(options_.channel);
    create_databases(plan.databases, mariadb);
    copy_tables(source, plan.tables, mariadb, lock);
    for (const ObjectToCopy& object : plan.objects) {
        statements_.run_text(*transaction_, object.database, object.text, mariadb, options_.filter,
                             object.under);
    }
    source.query("COMMIT");
    commit_copy(position, identity, snapshot_micros, plan.tables);
    log_("first copy complete: " + std::to_string(plan.tables.size()) + " tables, " +
         std::to_string(progress_.rows_done.load()) + " rows");
    return position;
}

void FirstCopy::copy_tables(SourceConnection& source, const std::vector<TableToCopy>& tables,
                            bool mariadb, bool locked) {
    progress_.tables_total = tables.size();
    progress_.rows_estimated = 0;
    for (const TableToCopy& table : tables) {
        progress_.rows_estimated += table.estimated_rows;
        const TextRows rows = source.query("SHOW CREATE TABLE " + quoted_name(table.database) +
                                           "." + quoted_name(table.name));
        statements_.run_text(*transaction_, table.database, rows.at(0).at(1).value_or(""), mariadb,
                             options_.filter);
    }
    source.query("SET character_set_results = NULL");
    // Non-transactional tables first: the lock can go as soon as they are read.
    for (const bool transactional : {false, true}) {
        for (const TableToCopy& table : tables) {
            if ((table.engine == "InnoDB") == transactional) {
                copy_table(source, table);
            }
        }
        if (!transactional && locked) {
            source.query("UNLOCK TABLES");
        }
    }
    source.query("SET NAMES utf8mb4");
}

void FirstCopy::commit_copy(const storage::ChannelPosition& position,
                            const SourceIdentity& identity, std::int64_t snapshot_micros,
                            const std::vector<TableToCopy>& tables) {
    storage::ReplicatedCommit request;
    request.channel = options_.channel;
    request.position = position;
    request.record.channel = options_.channel;
    request.record.source_epoch = options_.source_epoch;
    request.record.filter_epoch = options_.filter_epoch;
    request.record.file = position.file;
    request.record.position = position.position;
    request.record.commit_time_micros = snapshot_micros;
    request.record.server_id = identity.server_id;
    request.record.outcome = storage::TransactionOutcome::kFirstCopy;
    request.author = {"source", "source@server-" + std::to_string(identity.server_id),
                      snapshot_micros};
    request.message =
        "First copy of the source at " +
        (position.gtid.empty() ? position.file + ":" + std::to_string(position.position)
                               : position.gtid);
    store_.wait_durable(transaction_->commit(request));
    transaction_ = nullptr;
    for (const TableToCopy& table : tables) {
        if (table.auto_increment > 1) {
            const std::shared_ptr<const storage::DatabaseState> database =
                store_.heads()->find_database(table.database);
            const std::shared_ptr<const storage::Table> copied =
                database->branches.at(database->default_branch)->head_root->find_table(table.name);
            store_.raise_auto_increment(table.database, copied->schema().table_id,
                                        table.auto_increment);
        }
    }
}

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
#include "tests/replication/live_support.h"

#include <utility>

#include "tests/replication/event_dump.h"

namespace afterimage::tests {

using namespace replication;

void KeepingSink::on_begin(const SourceTransaction& transaction) {
    open_ = {};
    open_.description = transaction;
}

void KeepingSink::on_change(const SourceTransaction&, const SourceChange& change) {
    if (const auto* rows = std::get_if<RowsChange>(&change)) {
        KeptRows kept;
        kept.table = rows->map->table;
        kept.statement = std::string(rows->statement);
        kept.kind = rows->event.kind;
        kept.map = *rows->map;
        kept.before_columns = rows->event.before_columns;
        kept.after_columns = rows->event.after_columns;
        std::vector<storage::ColumnType> types;
        if (types_) {
            types = types_(*rows->map);
        }
        if (types.empty()) {
            for (const auto& column : rows->map->columns) {
                types.push_back(guessed_type(column));
            }
        }
        ColumnTypes pointers;
        for (const auto& type : types) {
            pointers.push_back(&type);
        }
        kept.rows = decode_rows(rows->event, *rows->map, pointers);
        open_.rows.push_back(std::move(kept));
    } else if (const auto* query = std::get_if<QueryStatement>(&change)) {
        open_.statements.push_back(*query);
    } else if (const auto* savepoint = std::get_if<SavepointChange>(&change)) {
        open_.savepoints.push_back(*savepoint);
    } else if (const auto* block = std::get_if<LoadBlockView>(&change)) {
        open_.load_data += std::string(block->data);
    } else if (const auto* load = std::get_if<LoadStatement>(&change)) {
        open_.loads.push_back(*load);
    }
}

void KeepingSink::on_end(const SourceTransaction& transaction) {
    open_.description = transaction;
    transactions.push_back(std::move(open_));
    open_ = {};
}

void KeepingSink::on_drop(const SourceTransaction&, const std::string& reason) {
    dropped.push_back(reason);
    open_ = {};
}

SourceOptions source_options(const MariadbServer& server) {
    SourceOptions options;
    options.host = "127.0.0.1";
    options.port = server.port();
    options.user = "root";
    return options;
}

BinlogPosition stream_log(const MariadbServer& server, const DumpStart& start,
                          TransactionSink& sink) {
    SourceConnection connection(source_options(server));
    connection.connect();
    AttachOptions attach;
    attach.server_id = 4242;
    attach.non_blocking = true;
    const SourceIdentity identity = connection.attach(attach);
    connection.start_dump(attach, start);
    BinlogPosition from;
    if (const auto* file = std::get_if<DumpFromFile>(&start)) {
        from = file->position;
    }
    PacketStream stream(connection, from, identity.checksum);
    TransactionAssembler assembler(sink, {});
    while (const auto event = stream.next()) {
        assembler.feed(*event);
    }
    return stream.position();
}

}  // namespace afterimage::tests

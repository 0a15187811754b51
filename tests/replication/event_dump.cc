// SPDX-License-Identifier: Apache-2.0
#include "tests/replication/event_dump.h"

#include <algorithm>
#include <sstream>

#include "replication/event/gtid.h"
#include "replication/event/heartbeat.h"
#include "replication/event/incident.h"
#include "replication/event/load_data.h"
#include "replication/event/mariadb_gtid.h"
#include "replication/event/partial_row_data.h"
#include "replication/event/query.h"
#include "replication/event/rotate.h"
#include "replication/event/rows.h"
#include "replication/event/statement_context.h"
#include "replication/event/statement_text.h"
#include "replication/event/transaction_payload.h"
#include "replication/event/xid.h"
#include "replication/gtid_set.h"
#include "replication/row_image.h"
#include "storage/value/temporal.h"

namespace afterimage::tests {
namespace {

using namespace replication;
using storage::ColumnType;
using storage::TypeId;
using storage::Value;
using storage::ValueKind;

constexpr std::uint64_t kMaxEventBytes = 1U << 26U;

std::string quoted(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    const bool printable = std::all_of(bytes.begin(), bytes.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != '\x7f';
    });
    if (printable) {
        return "'" + std::string(bytes) + "'";
    }
    std::string text = "0x";
    for (const char c : bytes) {
        text.push_back(kDigits[static_cast<unsigned char>(c) >> 4U]);
        text.push_back(kDigits[static_cast<unsigned char>(c) & 15U]);
    }
    return text;
}

void status_text(std::ostream& out, const QueryEvent& query) {
    if (query.flags2) {
        out << " flags2=0x" << std::hex << *query.flags2 << std::dec;
    }
    if (query.sql_mode) {
        out << " sql_mode=0x" << std::hex << *query.sql_mode << std::dec;
    }
    if (query.auto_increment) {
        out << " auto_increment=" << query.auto_increment->increment << "/"
            << query.auto_increment->offset;
    }
    if (query.charsets) {
        out << " charsets=" << query.charsets->client << "/" << query.charsets->connection << "/"
            << query.charsets->server;
    }
    if (query.time_zone) {
        out << " time_zone=" << *query.time_zone;
    }
    if (query.lc_time_names) {
        out << " lc_time_names=" << *query.lc_time_names;
    }
    if (query.database_collation) {
        out << " database_collation=" << *query.database_collation;
    }
    if (query.invoker) {
        out << " invoker=" << query.invoker->user << "@" << query.invoker->host;
    }
    if (query.databases) {
        out << " databases=";
        for (const auto& name : *query.databases) {
            out << name << ";";
        }
    }
    if (query.microseconds) {
        out << " micros=" << *query.microseconds;
    }
    if (query.explicit_timestamp_defaults) {
        out << " explicit_timestamp_defaults=" << +*query.explicit_timestamp_defaults;
    }
    if (query.ddl_xid) {
        out << " ddl_xid=" << *query.ddl_xid;
    }
    if (query.default_utf8mb4_collation) {
        out << " utf8mb4_collation=" << *query.default_utf8mb4_collation;
    }
    if (query.require_primary_key) {
        out << " require_primary_key=" << +*query.require_primary_key;
    }
    if (query.default_table_encryption) {
        out << " table_encryption=" << +*query.default_table_encryption;
    }
    if (query.mariadb_xid) {
        out << " xid=" << *query.mariadb_xid;
    }
    if (query.unknown_status) {
        out << " UNKNOWN_STATUS=" << +*query.unknown_status;
    }
}

void query_text(std::ostream& out, const QueryEvent& query) {
    out << " thread=" << query.thread_id << " error=" << query.error_code
        << " db=" << query.database;
    status_text(out, query);
    out << "\n    " << query.sql;
}

void table_map_text(std::ostream& out, const TableMap& map) {
    out << " " << map.database << "." << map.table << " flags=0x" << std::hex << map.flags
        << std::dec;
    for (const auto& column : map.columns) {
        out << "\n    " << wire_type_name(column.type) << " size=" << column.size
            << " scale=" << +column.scale << (column.nullable ? "" : " not null");
        if (column.is_unsigned) {
            out << (*column.is_unsigned ? " unsigned" : " signed");
        }
        if (column.collation) {
            out << " collation=" << *column.collation;
        }
        if (column.name) {
            out << " name=" << *column.name;
        }
        if (column.labels) {
            out << " labels=";
            for (const auto& label : *column.labels) {
                out << quoted(label) << ";";
            }
        }
        if (column.geometry_type) {
            out << " geometry=" << *column.geometry_type;
        }
        if (column.visible) {
            out << (*column.visible ? "" : " invisible");
        }
    }
    if (map.primary_key) {
        out << "\n    primary key";
        for (const auto& part : *map.primary_key) {
            out << " " << part.column << "(" << part.prefix_length << ")";
        }
    }
}

void gtid_text(std::ostream& out, const MysqlGtidEvent& gtid) {
    out << " " << (gtid.anonymous ? "anonymous" : gtid.gtid.text())
        << " last_committed=" << gtid.last_committed << " sequence=" << gtid.sequence
        << " committed=" << gtid.immediate_commit_micros << "/" << gtid.original_commit_micros
        << " size=" << gtid.transaction_size_bytes << " version=" << gtid.immediate_server_version
        << "/" << gtid.original_server_version;
}

void mariadb_gtid_text(std::ostream& out, const MariadbGtidEvent& gtid) {
    out << " " << gtid.gtid.text() << " flags=0x" << std::hex << +gtid.flags << std::dec;
    if (gtid.group_commit_id) {
        out << " group=" << *gtid.group_commit_id;
    }
    if (gtid.xa) {
        out << " xa=" << gtid.xa->text();
    }
    if (gtid.alter_phase != AlterPhase::kNone) {
        out << " alter_phase=" << static_cast<int>(gtid.alter_phase) << "/"
            << gtid.alter_start_sequence;
    }
}

// The events that carry little; false: not one of them.
bool small_event_text(std::ostream& out, const EventView& event) {
    switch (event.header.type) {
        case EventType::kRotate: {
            const auto rotate = decode_rotate(event);
            out << " " << rotate.next_file << ":" << rotate.position;
            return true;
        }
        case EventType::kXid:
            out << " " << decode_xid(event).xid;
            return true;
        case EventType::kXaPrepare: {
            const auto prepare = decode_xa_prepare(event);
            out << " one_phase=" << prepare.one_phase << " " << prepare.id.text();
            return true;
        }
        case EventType::kIntvar: {
            const auto intvar = decode_intvar(event);
            out << " kind=" << static_cast<int>(intvar.kind) << " value=" << intvar.value;
            return true;
        }
        case EventType::kRand: {
            const auto rand = decode_rand(event);
            out << " " << rand.seed1 << " " << rand.seed2;
            return true;
        }
        case EventType::kUserVar: {
            const auto var = decode_user_var(event);
            out << " @" << var.name << (var.is_null ? " NULL" : "")
                << " type=" << static_cast<int>(var.type) << " collation=" << var.collation
                << (var.is_unsigned ? " unsigned " : " ") << quoted(var.value);
            return true;
        }
        case EventType::kRowsQuery:
        case EventType::kAnnotateRows:
            out << "\n    " << decode_statement_text(event);
            return true;
        case EventType::kHeartbeat:
        case EventType::kHeartbeatV2: {
            const auto heartbeat = decode_heartbeat(event);
            out << " " << heartbeat.file << ":" << heartbeat.position;
            return true;
        }
        case EventType::kIncident:
            out << " " << decode_incident(event).message;
            return true;
        case EventType::kBinlogCheckpoint:
            out << " " << decode_binlog_checkpoint(event).file;
            return true;
        case EventType::kStartEncryption:
            out << " key version " << decode_start_encryption(event).key_version;
            return true;
        default:
            return false;
    }
}

// Groups' openers and LOAD DATA; false: not one of them.
bool other_event_text(std::ostream& out, const EventView& event, const FormatDescription& format) {
    switch (event.header.type) {
        case EventType::kGtid:
        case EventType::kAnonymousGtid:
        case EventType::kGtidTagged:
            gtid_text(out, decode_mysql_gtid(event));
            return true;
        case EventType::kPreviousGtids:
            out << " " << MysqlGtidSet::decode(decode_previous_gtids(event)).text();
            return true;
        case EventType::kMariadbGtid:
            mariadb_gtid_text(out, decode_mariadb_gtid(event));
            return true;
        case EventType::kMariadbGtidList:
            for (const auto& gtid : decode_mariadb_gtid_list(event).position) {
                out << " " << gtid.text();
            }
            return true;
        case EventType::kBeginLoadQuery:
        case EventType::kAppendBlock: {
            const auto block = decode_load_block(event);
            out << " file=" << block.file_id << " " << quoted(block.data);
            return true;
        }
        case EventType::kDeleteFile:
            out << " file=" << decode_delete_file(event);
            return true;
        case EventType::kExecuteLoadQuery: {
            const auto load = decode_execute_load_query(event, format);
            out << " file=" << load.file_id << " name=[" << load.name_begin << "," << load.name_end
                << ") duplicates=" << static_cast<int>(load.duplicates);
            query_text(out, load.query);
            return true;
        }
        case EventType::kPartialRowData: {
            const auto piece = decode_partial_row_data(event);
            out << " " << piece.piece_number << " of " << piece.piece_count;
            return true;
        }
        case EventType::kQuery:
        case EventType::kQueryCompressed:
            query_text(out, decode_query(event, format, kMaxEventBytes));
            return true;
        default:
            return false;
    }
}

TypeId blob_type(std::uint32_t length_bytes) {
    constexpr TypeId kTypes[] = {TypeId::kTinyBlob, TypeId::kBlob, TypeId::kMediumBlob,
                                 TypeId::kLongBlob};
    return kTypes[length_bytes - 1];
}

}  // namespace

ColumnType guessed_type(const TableMapColumn& column) {
    // The types that nothing but the wire type decides.
    static const std::map<WireType, TypeId> kTypes = {
        {WireType::kTiny, TypeId::kTinyInt},
        {WireType::kShort, TypeId::kSmallInt},
        {WireType::kInt24, TypeId::kMediumInt},
        {WireType::kLong, TypeId::kInt},
        {WireType::kLongLong, TypeId::kBigInt},
        {WireType::kFloat, TypeId::kFloat},
        {WireType::kDouble, TypeId::kDouble},
        {WireType::kYear, TypeId::kYear},
        {WireType::kNewDecimal, TypeId::kDecimal},
        {WireType::kBit, TypeId::kBit},
        {WireType::kDate, TypeId::kDate},
        {WireType::kOldTime, TypeId::kTime},
        {WireType::kTime2, TypeId::kTime},
        {WireType::kOldDateTime, TypeId::kDateTime},
        {WireType::kDateTime2, TypeId::kDateTime},
        {WireType::kOldTimestamp, TypeId::kTimestamp},
        {WireType::kTimestamp2, TypeId::kTimestamp},
        {WireType::kEnum, TypeId::kEnum},
        {WireType::kSet, TypeId::kSet},
        {WireType::kString, TypeId::kChar},
        {WireType::kVarchar, TypeId::kVarbinary},
        {WireType::kVarString, TypeId::kVarbinary},
        {WireType::kVarcharCompressed, TypeId::kVarbinary},
        {WireType::kJson, TypeId::kJson},
        {WireType::kGeometry, TypeId::kGeometry},
    };
    ColumnType type;
    type.is_unsigned = column.is_unsigned.value_or(false);
    type.scale = column.scale;
    type.length = column.size;
    const auto found = kTypes.find(column.type);
    type.id = found == kTypes.end() ? blob_type(column.size) : found->second;
    if (type.id == TypeId::kEnum || type.id == TypeId::kSet) {
        const std::size_t most = type.id == TypeId::kEnum ? 65535 : 64;
        type.labels = column.labels.value_or(std::vector<std::string>(most));
    }
    return type;
}

std::string value_text(const Value& value, const ColumnType& type) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return "NULL";
        case ValueKind::kInt:
            return std::to_string(value.as_int());
        case ValueKind::kUInt:
            return std::to_string(value.as_uint());
        case ValueKind::kFloat:
        case ValueKind::kDouble: {
            std::ostringstream out;
            out.precision(value.kind() == ValueKind::kFloat ? 9 : 17);
            out << value.as_double();
            return out.str();
        }
        case ValueKind::kDecimal:
            return value.as_decimal().text();
        case ValueKind::kDate:
            return storage::date_text(value.as_packed());
        case ValueKind::kDateTime:
            return storage::datetime_text(value.as_packed(), type.scale);
        case ValueKind::kTime:
            return storage::time_text(value.as_packed(), type.scale);
        case ValueKind::kTimestamp:
            return value.as_micros() == 0
                       ? "zero"
                       : storage::datetime_text(storage::datetime_of_micros(value.as_micros()),
                                                type.scale);
        case ValueKind::kBytes:
            return quoted(value.as_bytes());
    }
    return "?";
}

std::string EventDumper::dump_rows(const EventView& event, const FormatDescription& format) {
    std::ostringstream out;
    const RowsEventView rows = decode_rows_event(event, format, kMaxEventBytes);
    out << " flags=0x" << std::hex << rows.flags << std::dec;
    if (rows.is_dummy()) {
        return out.str();
    }
    const auto found = maps_.find(rows.table_id);
    if (found == maps_.end()) {
        throw EventError(event.header, EventHeader::kSize, "no table map");
    }
    std::vector<ColumnType> types;
    for (const auto& column : found->second.columns) {
        types.push_back(guessed_type(column));
    }
    ColumnTypes pointers;
    for (const auto& type : types) {
        pointers.push_back(&type);
    }
    const auto image = [&](const char* name, const ColumnBitmap& present, const storage::Row& row) {
        out << "\n    " << name;
        for (std::size_t i = 0; i < row.size(); ++i) {
            out << " " << (present.test(i) ? value_text(row[i], types[i]) : "absent");
        }
    };
    RowDecoder decoder(rows, found->second, pointers);
    RowChange row;
    while (decoder.next(row)) {
        if (row.has_before) {
            image("-", decoder.before_columns(), row.before);
        }
        if (row.has_after) {
            image("+", decoder.after_columns(), row.after);
        }
        for (const auto& partial : row.partial_json) {
            for (const auto& diff : partial.diffs) {
                out << "\n      partial " << partial.column << " "
                    << static_cast<int>(diff.operation) << " " << diff.path << " "
                    << diff.value_text;
            }
        }
    }
    return out.str();
}

std::string EventDumper::dump(const EventView& event, const FormatDescription& format) {
    std::ostringstream out;
    out << event_type_name(event.header.type) << " time=" << event.header.timestamp_s
        << " server=" << event.header.server_id << " eflags=0x" << std::hex << event.header.flags
        << std::dec;
    if (event.header.type == EventType::kFormatDescription) {
        const auto description = decode_format_description(event);
        out << " " << description.server_version << " (" << description.version_number
            << (description.mariadb() ? ", MariaDB" : ", MySQL") << ") created "
            << description.created_s << " checksum " << static_cast<int>(description.checksum);
    } else if (event.header.type == EventType::kTableMap) {
        TableMap map = decode_table_map(event, format);
        table_map_text(out, map);
        maps_[map.table_id] = std::move(map);
    } else if (event.header.type == EventType::kTransactionPayload) {
        PayloadReader reader(event, kMaxEventBytes);
        out << " announced=" << reader.announced_size_bytes() << "\n";
        while (const auto inner = reader.next()) {
            out << "  | " << dump(*inner, format);
        }
        return out.str();
    } else if (is_rows_event(event.header.type)) {
        out << dump_rows(event, format);
    } else if (!small_event_text(out, event) && !other_event_text(out, event, format)) {
        out << " (" << event.body.size() << " bytes)";
    }
    out << "\n";
    return out.str();
}

std::string EventDumper::dump(const StreamEvent& event) {
    static const FormatDescription kNone;
    return std::to_string(event.begin) + ".." + std::to_string(event.end) + " " +
           dump(event.view(), event.format ? *event.format : kNone);
}

}  // namespace afterimage::tests

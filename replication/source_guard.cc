// SPDX-License-Identifier: Apache-2.0
#include "replication/source_guard.h"

#include <charconv>

#include "replication/gtid_set.h"
#include "storage/bytes/byte_reader.h"
#include "storage/bytes/varint.h"

namespace afterimage::replication {

namespace {

constexpr unsigned kFatalReadingBinlog = 1236;

[[noreturn]] void throw_other_log(const std::string& what) {
    throw SourceError(SourceErrorKind::kFatal, kFatalReadingBinlog, "HY000",
                      "the source's log is not the one that is followed here: " + what +
                          ". It was restored from a backup, reset, or is another server. Nothing "
                          "has been applied. Attach this replica to the right source, or begin "
                          "with an empty data folder");
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return out + "'";
}

std::optional<std::string> first_cell(const TextRows& rows) {
    return rows.empty() || rows[0].empty() ? std::nullopt : rows[0][0];
}

/// Size of a file of the source's log; none when it is not there (purged, or another server's).
std::optional<std::uint64_t> log_file_bytes(SourceQueries& source, const std::string& file) {
    for (const TextRow& row : source.query("SHOW BINARY LOGS")) {
        if (row.size() >= 2 && row[0] == file && row[1]) {
            std::uint64_t size = 0;
            std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), size);
            return size;
        }
    }
    return std::nullopt;
}

/// The source says which GTIDs its log holds before the file and position at which we stand.
void check_mariadb(SourceQueries& source, const storage::ChannelPosition& position) {
    const std::optional<std::uint64_t> bytes = log_file_bytes(source, position.file);
    if (!bytes) {
        return;  // purged: the dump itself is refused when the GTID is gone
    }
    const std::string here = position.file + ":" + std::to_string(position.position);
    if (*bytes < position.position) {
        throw_other_log(position.file + " ends at " + std::to_string(*bytes) +
                        ", this replica stands at " + here);
    }
    const std::optional<std::string> gtid =
        first_cell(source.query("SELECT BINLOG_GTID_POS(" + quoted(position.file) + "," +
                                std::to_string(position.position) + ")"));
    if (!gtid) {
        throw_other_log("at " + here + " no transaction ends");
    }
    const MariadbGtidPosition theirs = MariadbGtidPosition::parse(*gtid);
    const MariadbGtidPosition ours = MariadbGtidPosition::parse(position.gtid);
    if (!(theirs == ours)) {
        throw_other_log("at " + here + " it stands at GTID " + theirs.text() +
                        ", this replica at " + ours.text());
    }
}

void check_mysql(SourceQueries& source, const storage::ChannelPosition& position) {
    const std::optional<std::string> contained = first_cell(
        source.query("SELECT GTID_SUBSET(" + quoted(position.gtid) + ", @@GLOBAL.gtid_executed)"));
    if (contained == "0") {
        throw_other_log("it has not executed all of " + position.gtid);
    }
}

}  // namespace

std::string SourceMark::encode() const {
    std::string out;
    out.push_back('\1');
    storage::append_varint(out, server_id);
    storage::append_varint_bytes(out, server_uuid);
    return out;
}

SourceMark SourceMark::decode(std::string_view bytes) {
    storage::ByteReader reader(bytes);
    if (reader.u8() != 1) {
        throw storage::TruncatedInput("source mark of a newer format");
    }
    SourceMark mark;
    mark.server_id = static_cast<std::uint32_t>(reader.varint());
    mark.server_uuid = std::string(reader.varint_bytes());
    return mark;
}

void check_continuity(SourceQueries& source, const SourceIdentity& identity,
                      const std::optional<SourceMark>& known,
                      const storage::ChannelPosition& position, bool by_gtid) {
    const bool mariadb = identity.family == SourceFamily::kMariadb;
    const bool same_server = !known || (known->server_id == identity.server_id &&
                                        known->server_uuid == identity.server_uuid);
    if (!by_gtid && !same_server) {
        throw_other_log("its server id is " + std::to_string(identity.server_id) +
                        (identity.server_uuid.empty() ? "" : " (" + identity.server_uuid + ")") +
                        ", the position belongs to server id " + std::to_string(known->server_id) +
                        (known->server_uuid.empty() ? "" : " (" + known->server_uuid + ")"));
    }
    if (position.gtid.empty()) {
        return;
    }
    if (!mariadb) {
        if (by_gtid) {
            check_mysql(source, position);
        }
    } else if (same_server && !position.file.empty()) {
        check_mariadb(source, position);
    }
}

}  // namespace afterimage::replication

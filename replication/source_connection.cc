// SPDX-License-Identifier: Apache-2.0
#include "replication/source_connection.h"

#include <sys/socket.h>

#include <charconv>
#include <ctime>
#include <utility>

#include "storage/bytes/invariant.h"

#include "replication/source_library.h"

namespace afterimage::replication {
namespace {

using storage::append_le;
using storage::Bytes;
using storage::ByteView;

constexpr unsigned kUnknownVariable = 1193;
constexpr unsigned kServerGone = 2006;
constexpr unsigned kTlsError = 2026;
constexpr unsigned kEqualServerIds = 1593;  // ER_SLAVE_FATAL_ERROR
constexpr unsigned kRegisterSlave = 0x15;
constexpr unsigned kBinlogDump = 0x12;
constexpr unsigned kBinlogDumpGtid = 0x1e;
constexpr std::uint16_t kNonBlocking = 1;
constexpr std::uint16_t kSendAnnotateRows = 2;  // MariaDB
constexpr std::uint32_t kFirstPosition = 4;
constexpr std::uint64_t kNanosPerMilli = 1'000'000;
// MariaDB: this replica understands GTID events; less and the source rewrites them.
constexpr std::string_view kMariadbCapability = "SET @mariadb_slave_capability=4";
// MySQL 8.3 is the first with tagged GTIDs.
constexpr std::uint32_t kFirstTaggedVersion = 80300;

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    return out + "'";
}

template <typename Number>
Number number_of(const std::optional<std::string>& text) {
    Number value{};
    if (text) {
        std::from_chars(text->data(), text->data() + text->size(), value);
    }
    return value;
}

void append_lstr(Bytes& out, std::string_view text) {
    const std::string_view cut = text.substr(0, 255);
    out.push_back(static_cast<char>(cut.size()));
    out.append(cut);
}

void set_string(MYSQL* mysql, mysql_option option, const std::string& value) {
    if (!value.empty()) {
        mysql_options(mysql, option, value.c_str());
    }
}

}  // namespace

SourceConnection::SourceConnection(SourceOptions options) : options_(std::move(options)) {}

SourceConnection::~SourceConnection() {
    const std::lock_guard lock(socket_mutex_);
    socket_ = -1;  // the library closes it
}

void SourceConnection::throw_error(bool connecting) {
    MYSQL* mysql = library_->mysql;
    const unsigned number = mysql_errno(mysql);
    const SourceErrorKind kind =
        interrupted_ ? SourceErrorKind::kInterrupted : classify_source_error(number, connecting);
    throw SourceError(kind, number, mysql_sqlstate(mysql), mysql_error(mysql));
}

void SourceConnection::apply_options(bool with_tls) {
    MYSQL* mysql = library_->mysql;
    const unsigned connect_timeout = options_.connect_timeout_s;
    const unsigned net_timeout = options_.net_timeout_s;
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &net_timeout);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &net_timeout);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options4(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "afterimage");
    const unsigned protocol =
        options_.unix_socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    // LOAD DATA LOCAL would let a source read our files.
    const unsigned off = 0;
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
    set_string(mysql, MYSQL_OPT_BIND, options_.bind_address);
    set_string(mysql, MYSQL_SERVER_PUBLIC_KEY, options_.public_key_path);
    if (options_.compress) {
        mysql_options(mysql, MYSQL_OPT_COMPRESS, nullptr);
    }
    if (!with_tls) {
        return;
    }
    set_string(mysql, MYSQL_OPT_SSL_CA, options_.tls_ca);
    set_string(mysql, MYSQL_OPT_SSL_CAPATH, options_.tls_ca_path);
    set_string(mysql, MYSQL_OPT_SSL_CERT, options_.tls_cert);
    set_string(mysql, MYSQL_OPT_SSL_KEY, options_.tls_key);
    set_string(mysql, MYSQL_OPT_SSL_CIPHER, options_.tls_cipher);
    set_string(mysql, MYSQL_OPT_SSL_CRL, options_.tls_crl);
    set_string(mysql, MYSQL_OPT_SSL_CRLPATH, options_.tls_crl_path);
    set_string(mysql, MARIADB_OPT_TLS_VERSION, options_.tls_version);
    const my_bool enforce = 1;
    const my_bool verify = options_.tls == SourceOptions::Tls::kVerifyIdentity ? 1 : 0;
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

bool SourceConnection::try_connect(bool with_tls) {
    library_ = std::make_unique<Library>();
    if (library_->mysql == nullptr) {
        throw std::bad_alloc();
    }
    apply_options(with_tls);
    const auto text = [](const std::string& value) {
        return value.empty() ? nullptr : value.c_str();
    };
    return mysql_real_connect(library_->mysql, text(options_.host), options_.user.c_str(),
                              options_.password.c_str(), nullptr, options_.port,
                              text(options_.unix_socket), 0) != nullptr;
}

void SourceConnection::connect() {
    {
        const std::lock_guard lock(socket_mutex_);
        socket_ = -1;
    }
    identity_.reset();
    if (interrupted_) {
        throw SourceError(SourceErrorKind::kInterrupted, 0, "HY000", "interrupted");
    }
    bool connected = try_connect(options_.tls != SourceOptions::Tls::kOff);
    // The library knows no "if the source offers it".
    if (!connected && options_.tls == SourceOptions::Tls::kPreferred &&
        mysql_errno(library_->mysql) == kTlsError) {
        connected = try_connect(false);
    }
    if (!connected) {
        throw_error(true);
    }
    // The library goes on in plain text when the server offers no TLS, whatever was asked of it.
    if (options_.tls >= SourceOptions::Tls::kRequired && !uses_tls()) {
        library_.reset();
        throw SourceError(SourceErrorKind::kRetry, kTlsError, "HY000",
                          "TLS is required, but the source does not offer it");
    }
    const std::lock_guard lock(socket_mutex_);
    socket_ = static_cast<int>(mysql_get_socket(library_->mysql));
    if (interrupted_) {
        ::shutdown(socket_, SHUT_RDWR);
    }
}

void SourceConnection::interrupt() noexcept {
    interrupted_ = true;
    const std::lock_guard lock(socket_mutex_);
    if (socket_ >= 0) {
        ::shutdown(socket_, SHUT_RDWR);
    }
}

bool SourceConnection::uses_tls() const {
    return library_ && mysql_get_ssl_cipher(library_->mysql) != nullptr;
}

std::uint32_t SourceConnection::thread_id() const {
    return library_ ? static_cast<std::uint32_t>(mysql_thread_id(library_->mysql)) : 0;
}

SourceConnection::Library& SourceConnection::connected() const {
    if (!library_) {
        throw SourceError(SourceErrorKind::kRetry, kServerGone, "HY000", "not connected");
    }
    return *library_;
}

TextRows SourceConnection::query(std::string_view sql) {
    MYSQL* mysql = connected().mysql;
    if (mysql_real_query(mysql, sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
        throw_error(false);
    }
    TextRows rows;
    const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(mysql),
                                                                          &mysql_free_result);
    if (!result) {
        if (mysql_field_count(mysql) != 0) {
            throw_error(false);
        }
        return rows;
    }
    const unsigned width = mysql_num_fields(result.get());
    while (MYSQL_ROW raw = mysql_fetch_row(result.get())) {
        const unsigned long* lengths = mysql_fetch_lengths(result.get());
        TextRow row(width);
        for (unsigned i = 0; i < width; ++i) {
            if (raw[i] != nullptr) {
                row[i] = std::string(raw[i], lengths[i]);
            }
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

// The last cell of the first row: SELECT x, or SHOW VARIABLES' value.
std::optional<std::string> SourceConnection::query_value(std::string_view sql) {
    const TextRows rows = query(sql);
    return rows.empty() || rows[0].empty() ? std::nullopt : rows[0].back();
}

// Old servers do not know every variable.
std::optional<std::string> SourceConnection::query_if_known(std::string_view sql) {
    try {
        return query_value(sql);
    } catch (const SourceError& error) {
        if (error.number() != kUnknownVariable) {
            throw;
        }
        return std::nullopt;
    }
}

void SourceConnection::execute_if_known(std::string_view sql) {
    static_cast<void>(query_if_known(sql));
}

SourceIdentity SourceConnection::attach(const AttachOptions& options) {
    SourceIdentity identity;
    identity.version = mysql_get_server_info(connected().mysql);
    parse_server_version(identity.version, identity.family, identity.version_number);
    identity.clock_ahead_s = number_of<std::int64_t>(query_value("SELECT UNIX_TIMESTAMP()")) -
                             static_cast<std::int64_t>(std::time(nullptr));
    const bool mariadb = identity.family == SourceFamily::kMariadb;
    identity.server_id = number_of<std::uint32_t>(
        query_value(mariadb ? "SHOW VARIABLES LIKE 'SERVER_ID'" : "SELECT @@GLOBAL.SERVER_ID"));
    if (identity.server_id == options.server_id) {
        throw SourceError(SourceErrorKind::kFatal, kEqualServerIds, "HY000",
                          "the source and this replica have the same server id " +
                              std::to_string(options.server_id));
    }
    const std::string period = std::to_string(options.heartbeat_period_ms * kNanosPerMilli);
    execute_if_known(mariadb ? "SET @master_heartbeat_period=" + period
                             : "SET @master_heartbeat_period=" + period +
                                   ", @source_heartbeat_period=" + period);
    execute_if_known(mariadb ? "SET @master_binlog_checksum=@@global.binlog_checksum"
                             : "SET @master_binlog_checksum=@@global.binlog_checksum, "
                               "@source_binlog_checksum=@@global.binlog_checksum");
    const auto checksum = query_value("SELECT @master_binlog_checksum");
    identity.checksum =
        checksum.value_or("NONE") == "CRC32" ? ChecksumAlgorithm::kCrc32 : ChecksumAlgorithm::kNone;
    if (mariadb) {
        negotiate_mariadb(identity);
    } else {
        negotiate_mysql(options, identity);
    }
    identity_ = identity;
    return identity;
}

void SourceConnection::negotiate_mariadb(SourceIdentity& identity) {
    execute_if_known(kMariadbCapability);
    identity.gtid_domain_id =
        number_of<std::uint32_t>(query_if_known("SELECT @@GLOBAL.gtid_domain_id"));
}

void SourceConnection::negotiate_mysql(const AttachOptions& options, SourceIdentity& identity) {
    identity.gtid_mode = query_if_known("SELECT @@GLOBAL.GTID_MODE").value_or("OFF");
    identity.server_uuid = query_if_known("SELECT @@GLOBAL.SERVER_UUID").value_or("");
    if (options.server_uuid.empty()) {
        return;
    }
    if (identity.server_uuid == options.server_uuid) {
        throw SourceError(
            SourceErrorKind::kFatal, kEqualServerIds, "HY000",
            "the source and this replica have the same server uuid " + options.server_uuid);
    }
    const std::string uuid = quoted(options.server_uuid);
    execute_if_known("SET @slave_uuid=" + uuid + ", @replica_uuid=" + uuid);
}

void SourceConnection::command(unsigned command, ByteView payload, bool read_answer) {
    MYSQL* mysql = connected().mysql;
    const my_bool skip_check = read_answer ? 0 : 1;
    if (mysql->methods->db_command(mysql, static_cast<enum_server_command>(command), payload.data(),
                                   payload.size(), skip_check, nullptr) != 0) {
        throw_error(false);
    }
}

void SourceConnection::register_replica(const AttachOptions& options) {
    Bytes payload;
    append_le<std::uint32_t>(payload, options.server_id);
    append_lstr(payload, options.report_host);
    append_lstr(payload, "");  // user and password are never reported
    append_lstr(payload, "");
    append_le<std::uint16_t>(payload, options.report_port);
    append_le<std::uint32_t>(payload, 0);
    append_le<std::uint32_t>(payload, 0);
    command(kRegisterSlave, payload, true);
}

void SourceConnection::start_dump(const AttachOptions& options, const DumpStart& start) {
    INVARIANT(identity_.has_value(), "start_dump comes after attach");
    const bool mariadb = identity_->family == SourceFamily::kMariadb;
    if (const auto* gtid = std::get_if<DumpFromMariadbGtid>(&start)) {
        query("SET @slave_connect_state=" + quoted(gtid->position.text()));
        query(std::string("SET @slave_gtid_strict_mode=") + (gtid->strict ? "1" : "0"));
        query("SET @slave_gtid_ignore_duplicates=0");
        if (!gtid->until.empty()) {
            query("SET @slave_until_gtid=" + quoted(gtid->until));
        }
    }
    register_replica(options);
    const auto flags = static_cast<std::uint16_t>((options.non_blocking ? kNonBlocking : 0) |
                                                  (mariadb ? kSendAnnotateRows : 0));
    Bytes payload;
    if (const auto* gtids = std::get_if<DumpFromMysqlGtids>(&start)) {
        if (gtids->executed.has_tags() && identity_->version_number < kFirstTaggedVersion) {
            throw SourceError(SourceErrorKind::kFatal, kEqualServerIds, "HY000",
                              "the position holds tagged GTIDs, which the source (" +
                                  identity_->version + ") does not know");
        }
        const Bytes set = gtids->executed.encode();
        append_le<std::uint16_t>(payload, flags);
        append_le<std::uint32_t>(payload, options.server_id);
        append_le<std::uint32_t>(payload, 0);
        append_le<std::uint64_t>(payload, kFirstPosition);
        append_le(payload, static_cast<std::uint32_t>(set.size()));
        payload += set;
        return command(kBinlogDumpGtid, payload, false);
    }
    BinlogPosition from{"", kFirstPosition};
    if (const auto* file = std::get_if<DumpFromFile>(&start)) {
        from = file->position;
        from.position = std::max<std::uint64_t>(from.position, kFirstPosition);
    }
    if (from.position > UINT32_MAX) {
        throw SourceError(SourceErrorKind::kFatal, kEqualServerIds, "HY000",
                          "position " + from.text() +
                              " is above 4 GiB, which the protocol cannot ask for; use GTIDs");
    }
    append_le(payload, static_cast<std::uint32_t>(from.position));
    append_le<std::uint16_t>(payload, flags);
    append_le<std::uint32_t>(payload, options.server_id);
    payload += from.file;
    command(kBinlogDump, payload, false);
}

ByteView SourceConnection::read_packet() {
    MYSQL* mysql = connected().mysql;
    const unsigned long size = mysql_net_read_packet(mysql);
    if (size == packet_error) {
        throw_error(false);
    }
    return {reinterpret_cast<const char*>(mysql->net.read_pos), size};
}

}  // namespace afterimage::replication

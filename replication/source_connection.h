// SPDX-License-Identifier: Apache-2.0
// The connection to a source: login and TLS by MariaDB Connector/C, queries, registration, the dump
// request, and raw packets from there on.
//
// One thread uses a connection, except interrupt(), which any thread may call at any time: it
// breaks a blocking read and everything after it, for ever. The library's types stay in the .cc
// file, its replication API is not used (it does not know newer events). Throws SourceError.
//
// Commands (surface 2.1), behind the command byte, little-endian:
//   COM_REGISTER_SLAVE   u32 server id, u8-length host, user, password, u16 port, u32 0, u32 0
//   COM_BINLOG_DUMP      u32 position, u16 flags, u32 server id, file name
//   COM_BINLOG_DUMP_GTID u16 flags, u32 server id, u32 name length, name, u64 position 4, u32
//   length,
//                        GTID set
//
// Goes to: packet_stream, source_examination, first_copy.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "replication/event/format_description.h"
#include "replication/gtid_set.h"
#include "replication/packet_stream.h"
#include "storage/row/row_codec.h"

namespace afterimage::replication {

/// Rows as text; NULL is an empty optional.
using TextRow = std::vector<std::optional<std::string>>;
using TextRows = std::vector<TextRow>;

/// Runs SQL at the source; what source_examination needs, so that tests can answer instead.
class SourceQueries {
  public:
    virtual ~SourceQueries() = default;
    virtual TextRows query(std::string_view sql) = 0;
};

struct SourceOptions {
    enum class Tls : std::uint8_t {
        kOff,
        kPreferred,       ///< when the source offers it
        kRequired,        ///< without it no connection; the certificate is not checked
        kVerifyIdentity,  ///< certificate checked against CA and host name
    };
    std::string host;
    std::uint16_t port = 3306;
    std::string unix_socket;  ///< instead of host and port
    std::string user;
    std::string password;
    std::string bind_address;
    Tls tls = Tls::kPreferred;
    std::string tls_ca, tls_ca_path, tls_cert, tls_key, tls_cipher, tls_crl, tls_crl_path;
    std::string tls_version;      ///< "TLSv1.2,TLSv1.3"
    std::string public_key_path;  ///< of the source, for caching_sha2_password without TLS
    bool compress = false;
    std::uint32_t connect_timeout_s = 10;
    /// No packet, not even a heartbeat, for so long: the source is gone.
    std::uint32_t net_timeout_s = 60;
};

/// What attach() learnt.
struct SourceIdentity {
    SourceFamily family = SourceFamily::kMysql;
    std::string version;
    std::uint32_t version_number = 0;
    std::uint32_t server_id = 0;
    std::string server_uuid;           ///< MySQL
    std::string gtid_mode;             ///< MySQL: "ON", "OFF", …
    std::uint32_t gtid_domain_id = 0;  ///< MariaDB
    std::int64_t clock_ahead_s = 0;    ///< the source's clock minus ours
    ChecksumAlgorithm checksum = ChecksumAlgorithm::kNone;
};

struct DumpFromFile {
    BinlogPosition position;  ///< empty file name: the oldest there is
};
struct DumpFromMysqlGtids {
    MysqlGtidSet executed;  ///< the source leaves these out
};
struct DumpFromMariadbGtid {
    MariadbGtidPosition position;  ///< empty: from the beginning of the log
    bool strict = false;
    std::string until;  ///< GTID list, or empty
};
using DumpStart = std::variant<DumpFromFile, DumpFromMysqlGtids, DumpFromMariadbGtid>;

struct AttachOptions {
    std::uint32_t server_id = 0;  ///< ours; must differ from the source's
    std::string server_uuid;      ///< ours; MySQL
    std::string report_host;
    std::uint16_t report_port = 0;
    std::uint32_t heartbeat_period_ms = 30'000;
    /// Ends at the end of the log instead of waiting for more.
    bool non_blocking = false;
};

class SourceConnection : public PacketSource, public SourceQueries {
  public:
    explicit SourceConnection(SourceOptions options);
    ~SourceConnection() override;
    SourceConnection(const SourceConnection&) = delete;
    SourceConnection& operator=(const SourceConnection&) = delete;

    /// Logs in; kRequired and kVerifyIdentity never end in a connection without TLS. Takes at most
    /// connect_timeout_s a step; interrupt() acts behind it.
    void connect();
    TextRows query(std::string_view sql) override;

    /// Runs a SELECT by the binary protocol and hands its rows on one by one as values of `types`,
    /// in the order of the select list (see exact_column in source_rows.h). Nothing is buffered:
    /// the source waits while `on_row` works. What `on_row` throws ends the query; the connection
    /// is then of no further use.
    void read_rows(std::string_view sql, const std::vector<const storage::ColumnType*>& types,
                   const std::function<void(storage::Row&&)>& on_row);

    /// The queries and SETs a replica begins with, in the servers' order; equal server ids or uuids
    /// are fatal.
    SourceIdentity attach(const AttachOptions& options);
    /// Registers and asks for the log; read_packet() gives it. attach() must have been called.
    void start_dump(const AttachOptions& options, const DumpStart& start);
    storage::ByteView read_packet() override;

    /// Any thread.
    void interrupt() noexcept;

    [[nodiscard]] bool uses_tls() const;
    [[nodiscard]] std::uint32_t thread_id() const;  ///< of this connection at the source

  private:
    struct Library;  // owns the MYSQL

    [[nodiscard]] Library& connected() const;
    [[noreturn]] void throw_error(bool connecting);
    bool try_connect(bool with_tls);
    void apply_options(bool with_tls);
    std::optional<std::string> query_value(std::string_view sql);
    std::optional<std::string> query_if_known(std::string_view sql);
    void execute_if_known(std::string_view sql);
    void negotiate_mysql(const AttachOptions& options, SourceIdentity& identity);
    void negotiate_mariadb(SourceIdentity& identity);
    void command(unsigned command, storage::ByteView payload, bool read_answer);
    void register_replica(const AttachOptions& options);

    SourceOptions options_;
    std::unique_ptr<Library> library_;
    std::optional<SourceIdentity> identity_;
    std::atomic<bool> interrupted_ = false;
    std::mutex socket_mutex_;
    int socket_ = -1;  // guarded by socket_mutex_; -1 when there is no connection
};

}  // namespace afterimage::replication

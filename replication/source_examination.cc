// SPDX-License-Identifier: Apache-2.0
#include "replication/source_examination.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace afterimage::replication {
namespace {

constexpr std::uint32_t kOldestMysql = 50700;
constexpr std::uint32_t kOldestMariadb = 100200;
constexpr std::uint32_t kMariadbSplitPrivileges = 100502;
constexpr std::uint32_t kMysqlReplicaWords = 80022;
// A weekend without this replica should not outlast the log.
constexpr std::int64_t kShortRetentionS = 3 * 24 * 3600;

std::string upper(std::string text) {
    for (auto& c : text) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return text;
}

bool is_on(const std::string& value) {
    const std::string text = upper(value);
    return text == "1" || text == "ON" || text == "YES" || text == "TRUE";
}

// `a`@`b`, also from a@b as CURRENT_USER() prints it.
std::string account_text(const std::string& user) {
    const std::size_t at = user.rfind('@');
    const auto quote = [](const std::string& part) { return "'" + part + "'"; };
    return at == std::string::npos ? quote(user)
                                   : quote(user.substr(0, at)) + "@" + quote(user.substr(at + 1));
}

class Examiner {
  public:
    Examiner(SourceQueries& source, const ExaminationOptions& options)
        : source_(source),
          options_(options),
          mariadb_(options.identity.family == SourceFamily::kMariadb) {}

    std::vector<Finding> run() {
        version();
        log_bin();
        ids();
        binlog_format();
        row_image();
        row_metadata();
        checksum();
        statement_texts();
        gtid();
        chained();
        log_filters();
        retention();
        privileges();
        tls();
        return std::move(findings_);
    }

  private:
    // Empty: no such variable, or not for us.
    std::optional<std::string> variable(const std::string& name) {
        const auto rows = ask("SELECT @@GLOBAL." + name);
        return rows && !rows->empty() && !rows->front().empty() ? rows->front()[0] : std::nullopt;
    }

    // A refusal is an answer; a lost connection is not.
    std::optional<TextRows> ask(const std::string& sql) {
        try {
            return source_.query(sql);
        } catch (const SourceError& error) {
            if (error.kind() != SourceErrorKind::kFatal) {
                throw;
            }
            return std::nullopt;
        }
    }

    void fine(std::string subject, std::string value) {
        findings_.push_back({Verdict::kFine, std::move(subject), std::move(value), "", {}});
    }
    void cope(std::string subject, std::string value, std::string why,
              std::vector<std::string> remedy = {}) {
        findings_.push_back({Verdict::kCopedWith, std::move(subject), std::move(value),
                             std::move(why), std::move(remedy)});
    }
    void must(std::string subject, std::string value, std::string why,
              std::vector<std::string> remedy) {
        findings_.push_back({Verdict::kMustChange, std::move(subject), std::move(value),
                             std::move(why), std::move(remedy)});
    }

    void version() {
        const auto& identity = options_.identity;
        const std::uint32_t oldest = mariadb_ ? kOldestMariadb : kOldestMysql;
        if (identity.version_number < oldest) {
            return must("version", identity.version,
                        mariadb_ ? "MariaDB before 10.2 is not supported"
                                 : "MySQL before 5.7 is not supported",
                        {});
        }
        fine("version", identity.version);
    }

    void log_bin() {
        const std::string value = variable("log_bin").value_or("0");
        if (is_on(value)) {
            return fine("log_bin", "ON");
        }
        must("log_bin", "OFF", "without a binary log nothing can be followed",
             {"[mysqld] log_bin = binlog"});
    }

    void ids() {
        const std::uint32_t id = options_.identity.server_id;
        if (id == 0) {
            must("server_id", "0", "a source without an id does not send its log",
                 {"SET GLOBAL server_id = 1", "[mysqld] server_id = 1"});
        } else if (id == options_.server_id) {
            must("server_id", std::to_string(id),
                 "this replica has the same id: give it another one in its configuration", {});
        } else {
            fine("server_id", std::to_string(id));
        }
        if (!options_.identity.server_uuid.empty()) {
            if (options_.identity.server_uuid == options_.server_uuid) {
                must("server_uuid", options_.server_uuid,
                     "this replica has the same uuid: give it another one in its configuration",
                     {});
            } else {
                fine("server_uuid", options_.identity.server_uuid);
            }
        }
    }

    void binlog_format() {
        // MySQL 9 may drop the variable: ROW is then all there is.
        const std::string value = upper(variable("binlog_format").value_or("ROW"));
        if (value == "ROW") {
            return fine("binlog_format", value);
        }
        const std::vector<std::string> remedy = {"SET GLOBAL binlog_format = ROW",
                                                 "[mysqld] binlog_format = ROW"};
        if (options_.applies_statements) {
            return cope("binlog_format", value,
                        "changes that come as statements are run again here; on data that is not "
                        "determined by the statement the result may differ",
                        remedy);
        }
        must("binlog_format", value,
             "changes that come as statements cannot be turned into rows; sessions that are open "
             "keep the old format until they reconnect",
             remedy);
    }

    void row_image() {
        const std::string value = upper(variable("binlog_row_image").value_or("FULL"));
        if (value == "FULL") {
            fine("binlog_row_image", value);
        } else {
            must("binlog_row_image", value,
                 "rows come without all of their columns; sessions that are open keep the old "
                 "image until they reconnect",
                 {"SET GLOBAL binlog_row_image = FULL", "[mysqld] binlog_row_image = FULL"});
        }
        const std::string options = variable("binlog_row_value_options").value_or("");
        if (!options.empty()) {
            must("binlog_row_value_options", options, "JSON documents come in parts",
                 {"SET GLOBAL binlog_row_value_options = ''"});
        }
    }

    void row_metadata() {
        const auto value = variable("binlog_row_metadata");
        if (!value) {
            return cope("binlog_row_metadata", "not known to this version",
                        "columns are bound by position to the schema as it is followed here");
        }
        if (upper(*value) == "FULL") {
            return fine("binlog_row_metadata", "FULL");
        }
        cope("binlog_row_metadata", upper(*value),
             "columns are bound by position to the schema as it is followed here; FULL lets names "
             "and types be checked with every change",
             {"SET GLOBAL binlog_row_metadata = FULL"});
    }

    void checksum() {
        const std::string value = upper(variable("binlog_checksum").value_or("NONE"));
        if (value == "CRC32") {
            return fine("binlog_checksum", value);
        }
        cope("binlog_checksum", value, "damage on the way or on the source's disk goes unnoticed",
             {"SET GLOBAL binlog_checksum = CRC32"});
    }

    void statement_texts() {
        const std::string name =
            mariadb_ ? "binlog_annotate_row_events" : "binlog_rows_query_log_events";
        const std::string value = variable(name).value_or("0");
        if (is_on(value)) {
            return fine(name, "ON");
        }
        cope(name, "OFF", "commits will not show the statement that made them",
             {"SET GLOBAL " + name + " = ON"});
    }

    void gtid() {
        if (mariadb_) {
            return fine("gtid", "always on in MariaDB");
        }
        const std::string mode = upper(variable("gtid_mode").value_or("OFF"));
        if (mode == "ON") {
            return fine("gtid_mode", mode);
        }
        cope("gtid_mode", mode,
             "the log is followed by file and position; after a failover of the source the new "
             "position has to be given by hand",
             {"SET GLOBAL enforce_gtid_consistency = ON", "SET GLOBAL gtid_mode = OFF_PERMISSIVE",
              "SET GLOBAL gtid_mode = ON_PERMISSIVE", "SET GLOBAL gtid_mode = ON"});
    }

    void chained() {
        const bool new_words = !mariadb_ && options_.identity.version_number >= kMysqlReplicaWords;
        const std::string name = new_words ? "log_replica_updates" : "log_slave_updates";
        const auto value = variable(name);
        if (!value || is_on(*value)) {
            return fine(name, value ? "ON" : "not known");
        }
        const auto status = ask(new_words ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS");
        const std::vector<std::string> remedy = {"[mysqld] " + name + " = ON"};
        if (status && !status->empty()) {
            return must(name, "OFF",
                        "the source is a replica itself and does not log what it replicates",
                        remedy);
        }
        if (status) {
            return fine(name, "OFF, and the source is no replica itself");
        }
        cope(name, "OFF",
             "were the source a replica itself, what it replicates would be missing here", remedy);
    }

    // Columns of SHOW MASTER STATUS: File, Position, Binlog_Do_DB, Binlog_Ignore_DB …
    void log_filters() {
        auto status = ask("SHOW MASTER STATUS");
        if (!status) {
            status = ask("SHOW BINARY LOG STATUS");
        }
        if (!status || status->empty() || status->front().size() < 4) {
            return;
        }
        for (const auto& [column, name] :
             {std::pair<std::size_t, const char*>{2, "binlog_do_db"}, {3, "binlog_ignore_db"}}) {
            const std::string value = status->front()[column].value_or("");
            if (!value.empty()) {
                cope(name, value,
                     "the source leaves changes of databases out of its log: they will never "
                     "arrive here",
                     {std::string("[mysqld] remove ") + name});
            }
        }
    }

    void retention() {
        std::int64_t seconds = number(variable("binlog_expire_logs_seconds"));
        if (seconds == 0) {
            seconds = number(variable("expire_logs_days")) * 24 * 3600;
        }
        if (seconds == 0) {
            return fine("log retention", "no expiry by time");
        }
        const std::string value = std::to_string(seconds) + " s";
        if (seconds >= kShortRetentionS) {
            return fine("log retention", value);
        }
        const bool by_seconds = variable("binlog_expire_logs_seconds").has_value();
        cope("log retention", value,
             "a replica that is away for longer has to copy everything again",
             {by_seconds ? "SET GLOBAL binlog_expire_logs_seconds = 604800"
                         : "SET GLOBAL expire_logs_days = 7"});
    }

    static std::int64_t number(const std::optional<std::string>& text) {
        double value = 0;  // expire_logs_days of MariaDB prints as 0.000000
        if (text) {
            std::from_chars(text->data(), text->data() + text->size(), value);
        }
        return static_cast<std::int64_t>(value);
    }

    void privileges() {
        const auto grants = ask("SHOW GRANTS");
        const auto user = ask("SELECT CURRENT_USER()");
        std::string account = "''@''";
        if (user && !user->empty() && !user->front().empty()) {
            account = account_text(user->front()[0].value_or(""));
        }
        if (!grants) {
            return cope("privileges", "not visible", "SHOW GRANTS was refused");
        }
        read_grants(*grants);
        const bool split = mariadb_ && options_.identity.version_number >= kMariadbSplitPrivileges;
        need("REPLICATION SLAVE", {"REPLICATION SLAVE"}, account,
             "without it the source does not send its log");
        need("SELECT", {"SELECT"}, account, "without it the first copy cannot read the tables");
        if (split) {
            need("BINLOG MONITOR", {"BINLOG MONITOR", "REPLICATION CLIENT"}, account,
                 "without it the position of the first copy cannot be read");
        } else {
            need("REPLICATION CLIENT", {"REPLICATION CLIENT"}, account,
                 "without it the position of the first copy cannot be read");
        }
        if (!mariadb_ && !has({"RELOAD"}) && !has({"LOCK TABLES"})) {
            must("privilege RELOAD", "missing",
                 "the first copy needs a moment in which nothing is written (RELOAD, or LOCK "
                 "TABLES where the service refuses RELOAD)",
                 {"GRANT RELOAD ON *.* TO " + account});
        }
    }

    // Global grants: GRANT a, b ON *.* TO …
    void read_grants(const TextRows& rows) {
        for (const auto& row : rows) {
            const std::string line = upper(row.empty() ? "" : row[0].value_or(""));
            const std::size_t on = line.find(" ON ");
            if (!line.starts_with("GRANT ")) {
                continue;
            }
            if (on == std::string::npos) {
                has_roles_ = true;  // GRANT `role` TO …
                continue;
            }
            const std::string scope = line.substr(on + 4, 3);
            std::string list = line.substr(6, on - 6);
            if (scope != "*.*") {
                continue;
            }
            while (!list.empty()) {
                const std::size_t comma = list.find(", ");
                granted_.push_back(list.substr(0, comma));
                list.erase(0, comma == std::string::npos ? list.size() : comma + 2);
            }
        }
    }

    [[nodiscard]] bool has(const std::vector<std::string>& any_of) const {
        return std::any_of(granted_.begin(), granted_.end(), [&](const std::string& granted) {
            return granted == "ALL PRIVILEGES" || granted == "ALL" || granted == "SUPER" ||
                   std::find(any_of.begin(), any_of.end(), granted) != any_of.end();
        });
    }

    void need(const std::string& privilege, const std::vector<std::string>& any_of,
              const std::string& account, const std::string& why) {
        const std::string subject = "privilege " + privilege;
        if (has(any_of)) {
            return fine(subject, "granted");
        }
        const std::vector<std::string> remedy = {"GRANT " + privilege + " ON *.* TO " + account};
        if (has_roles_) {
            return cope(subject, "not granted directly",
                        "it may come from a role, whose privileges SHOW GRANTS does not list",
                        remedy);
        }
        must(subject, "missing", why, remedy);
    }

    void tls() {
        if (options_.uses_tls) {
            return fine("TLS", "on");
        }
        cope("TLS", "off", "the password's proof and all data travel unencrypted",
             {"[mysqld] ssl_cert, ssl_key and ssl_ca, then SOURCE_SSL = 1 here"});
    }

    SourceQueries& source_;
    const ExaminationOptions& options_;
    bool mariadb_;
    std::vector<Finding> findings_;
    std::vector<std::string> granted_;
    bool has_roles_ = false;
};

}  // namespace

std::vector<Finding> examine_source(SourceQueries& source, const ExaminationOptions& options) {
    return Examiner(source, options).run();
}

bool can_attach(const std::vector<Finding>& findings) noexcept {
    return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.verdict == Verdict::kMustChange;
    });
}

std::string_view verdict_text(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::kFine:
            return "fine";
        case Verdict::kCopedWith:
            return "coped with";
        case Verdict::kMustChange:
            return "must change";
    }
    return "";
}

}  // namespace afterimage::replication

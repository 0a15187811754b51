// SPDX-License-Identifier: Apache-2.0
// What stands at the source between it and a good replica, found before the first row is copied:
// each finding is fine, coped with, or must change, with the exact statement that changes it.
//
// Asks by plain SELECT and SHOW; a variable that the source does not know or a question it refuses
// is no error but a finding. Only a broken connection throws (SourceError). Source of the rules:
// surface 2.13 and the privileges of 1.6.
#pragma once

#include <string>
#include <vector>

#include "replication/source_connection.h"

namespace afterimage::replication {

enum class Verdict : std::uint8_t { kFine, kCopedWith, kMustChange };

struct Finding {
    Verdict verdict = Verdict::kFine;
    std::string subject;      ///< "binlog_format"
    std::string value;        ///< what the source has
    std::string explanation;  ///< why it matters; empty when fine
    /// What to run at the source, in order; a line that begins with "[mysqld]" belongs into its
    /// configuration file, with a restart.
    std::vector<std::string> remedy;
};

struct ExaminationOptions {
    SourceIdentity identity;  ///< as attach() found it; the checks of ids are repeated here
    std::uint32_t server_id = 0;
    std::string server_uuid;
    bool uses_tls = false;
    /// Whether DML that comes as statements can be applied; else binlog_format must be ROW.
    bool applies_statements = false;
};

[[nodiscard]] std::vector<Finding> examine_source(SourceQueries& source,
                                                  const ExaminationOptions& options);

/// No finding must change.
[[nodiscard]] bool can_attach(const std::vector<Finding>& findings) noexcept;

/// "fine", "coped with", "must change".
[[nodiscard]] std::string_view verdict_text(Verdict verdict) noexcept;

}  // namespace afterimage::replication

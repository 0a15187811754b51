// SPDX-License-Identifier: Apache-2.0
// What a replica does with the statement of a QUERY event: the one table that decides it.
//
// Pure, thread-safe. It reads first words, not grammar: comments are skipped, versioned comments
// are read as their content, MariaDB's SET STATEMENT … FOR is looked through. A statement that is
// not in the table is kUnknown, and unknown stops replication: nothing is passed over by accident.
//
// Comes from: transaction_assembler. Goes to: the applier.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replication/event/xid.h"

namespace afterimage::replication {

enum class QueryClass : std::uint8_t {
    kApplied,     ///< DDL on tables, views, sequences, databases, indexes
    kStored,      ///< triggers, procedures, functions, events: kept as text, never fired
    kPassedOver,  ///< accounts, maintenance: the position advances, no commit
    kControl,     ///< BEGIN, COMMIT, SAVEPOINT, XA …
    kDml,         ///< statement format: runs under its context, or is refused with kRowFormatAdvice
    kUnknown,
};

enum class QueryControl : std::uint8_t {
    kNone,
    kBegin,
    kCommit,
    kRollback,
    kSavepoint,
    kRollbackTo,
    kReleaseSavepoint,
    kXaStart,
    kXaEnd,
    kXaPrepare,
    kXaCommit,
    kXaRollback,
};

struct QueryKind {
    QueryClass type = QueryClass::kUnknown;
    QueryControl control = QueryControl::kNone;
    std::string verb;       ///< "CREATE TABLE", "GRANT"; the first word when unknown
    std::string savepoint;  ///< of kSavepoint, kRollbackTo, kReleaseSavepoint
    std::optional<XaId> xa;
    bool temporary = false;            ///< CREATE/DROP TEMPORARY
    bool creates_from_select = false;  ///< CREATE TABLE … SELECT: data beside the schema
};

/// `ansi_quotes`: sql_mode has it, so that "x" is a name. `mariadb`: whose versioned comments
/// count.
[[nodiscard]] QueryKind classify_query(std::string_view sql, bool mariadb,
                                       bool ansi_quotes = false);

/// What to tell the user of a source whose data changes come as statements.
inline constexpr std::string_view kRowFormatAdvice =
    "the source logs this change as a statement; set SET GLOBAL binlog_format = ROW there (new "
    "sessions use it) and start again";

}  // namespace afterimage::replication

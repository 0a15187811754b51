// SPDX-License-Identifier: Apache-2.0
// The @@variables: one row each in system_variables.def, their global values, and a session's own.
//
// GlobalVariables is thread-safe; SessionVariables belongs to its session's thread. A session sees
// the global values of the moment it began (as MySQL copies them) through a shared immutable
// snapshot, and holds only what it changed: an idle session costs a pointer.
//
// Values are storage::Value: kInt for booleans (0/1) and signed, kUInt, kDouble, kBytes (utf8mb4),
// kNull. Names are case-insensitive. Throws SqlError: 1193 unknown, 1231 bad value, 1232 bad type,
// 1238 read only or wrong scope of a read, 1228/1229 wrong scope of a SET, 1115/1273 charset and
// collation, 1298 time zone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/value/value.h"

namespace afterimage::sql {

struct StatementContext;

enum class VariableScope : std::uint8_t { kGlobal, kSession, kBoth };
enum class VariableType : std::uint8_t {
    kBool,      ///< SELECT gives 0/1, SHOW gives ON/OFF
    kInteger,   ///< signed
    kUnsigned,  ///< BIGINT UNSIGNED
    kDouble,
    kString,
    kEnum,       ///< one of `labels`, or its number
    kSet,        ///< comma list of `labels`, or a bitmap
    kCharset,    ///< a character set's name or number; NULL where the default is NULL
    kCollation,  ///< a collation's name or number
    kTimeZone,
};
enum class VariableAccess : std::uint8_t {
    kSettable,
    kReadOnly,
    kGlobalOnlySet,  ///< the session value can be read, only SET GLOBAL is allowed (1621)
    kIgnored,        ///< settable and remembered, nothing here acts on it
};
/// What else a session SET changes; kComputed values are read from the session, not from the table.
enum class VariableEffect : std::uint8_t {
    kNone,
    kAutocommit,
    kSqlMode,
    kSessionTimeZone,
    kCharsetClient,
    kCharsetConnection,
    kCharsetResults,
    kCollationConnection,
    kCharsetDatabase,
    kCollationDatabase,
    kCharsetServer,
    kCollationServer,
    kForeignKeyChecks,
    kUniqueChecks,
    kCheckConstraintChecks,
    kAutoIncrementIncrement,
    kAutoIncrementOffset,
    kGroupConcatMaxLen,
    kDivPrecisionIncrement,
    kMaxAllowedPacket,
    kLcTimeNames,
    kInsertId,
    kLastInsertId,
    kTimestamp,
    kRandSeed1,
    kRandSeed2,
    kComputed,
};

struct SystemVariable {
    std::string_view name;  ///< lower case
    VariableScope scope = VariableScope::kBoth;
    VariableType type = VariableType::kString;
    std::string_view default_text;  ///< "\1" stands for NULL
    std::int64_t minimum = 0;       ///< of numbers
    std::uint64_t maximum = 0;
    std::string_view labels;  ///< of kEnum and kSet: comma list in numeric order, '-' = unused bit
    VariableAccess access = VariableAccess::kSettable;
    VariableEffect effect = VariableEffect::kNone;
};

/// All of them, by name.
[[nodiscard]] std::span<const SystemVariable> system_variables() noexcept;
/// Null when there is none. Case-insensitive.
[[nodiscard]] const SystemVariable* find_system_variable(std::string_view name) noexcept;

/// As SHOW VARIABLES prints a value: ON/OFF for booleans, "" for NULL.
[[nodiscard]] std::string variable_text(const SystemVariable& variable,
                                        const storage::Value& value);
/// Checks and converts a SET value to the variable's canonical one. Numbers out of range are cut to
/// it with warning 1292 (`context` may be null), or refused under STRICT_ALL_TABLES.
[[nodiscard]] storage::Value checked_value(const SystemVariable& variable,
                                           const storage::Value& value, StatementContext* context);

/// sql_mode text <-> bits (SqlMode); combinations such as ANSI and TRADITIONAL are expanded.
/// Throws 1231.
[[nodiscard]] std::uint64_t sql_mode_of_text(std::string_view text);
[[nodiscard]] std::string sql_mode_text(std::uint64_t mode);
/// The bits of a source's sql_mode that its text would give: those of modes that change nothing
/// here are gone.
[[nodiscard]] std::uint64_t known_sql_modes(std::uint64_t bits);

using VariableValues = std::vector<storage::Value>;  ///< in the order of system_variables()

class GlobalVariables {
  public:
    GlobalVariables();

    [[nodiscard]] std::shared_ptr<const VariableValues> snapshot() const;
    /// Throws 1193, 1238 for a session variable.
    [[nodiscard]] storage::Value get(std::string_view name) const;
    /// SET GLOBAL. Throws as the header says.
    void set(std::string_view name, const storage::Value& value, StatementContext* context);
    void set_default(std::string_view name);
    /// For the server at start: read-only variables too (port, datadir, version …).
    void initialize(std::string_view name, storage::Value value);

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const VariableValues> values_;
};

class SessionVariables {
  public:
    explicit SessionVariables(std::shared_ptr<const VariableValues> globals);

    /// The stored session value (the snapshot's if not changed). `variable` must not be kGlobal.
    [[nodiscard]] const storage::Value& value(const SystemVariable& variable) const;
    void store(const SystemVariable& variable, storage::Value value);
    void reset(std::shared_ptr<const VariableValues> globals);
    [[nodiscard]] const storage::Value& global_at_start(const SystemVariable& variable) const;

  private:
    std::shared_ptr<const VariableValues> globals_;
    std::map<std::size_t, storage::Value> changed_;
};

}  // namespace afterimage::sql

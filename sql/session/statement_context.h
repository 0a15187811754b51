// SPDX-License-Identifier: Apache-2.0
// Everything outside its text that a statement's result may depend on. Clients, the applier and
// stored routines fill it; no function reads a clock, a random source or a variable except through
// it (MySQL's Query event carries the same list).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/schema/column_type.h"
#include "storage/value/value.h"

namespace afterimage::sql {

/// sql_mode bits in MySQL 8.0's numbering (also the numbers that Query events carry).
enum SqlMode : std::uint64_t {
    kModeRealAsFloat = 1ULL << 0,
    kModePipesAsConcat = 1ULL << 1,
    kModeAnsiQuotes = 1ULL << 2,
    kModeIgnoreSpace = 1ULL << 3,
    kModeOnlyFullGroupBy = 1ULL << 5,
    kModeNoUnsignedSubtraction = 1ULL << 6,
    kModeNoDirInCreate = 1ULL << 7,
    kModeAnsi = 1ULL << 18,
    kModeNoAutoValueOnZero = 1ULL << 19,
    kModeNoBackslashEscapes = 1ULL << 20,
    kModeStrictTransTables = 1ULL << 21,
    kModeStrictAllTables = 1ULL << 22,
    kModeNoZeroInDate = 1ULL << 23,
    kModeNoZeroDate = 1ULL << 24,
    kModeAllowInvalidDates = 1ULL << 25,
    kModeErrorForDivisionByZero = 1ULL << 26,
    kModeTraditional = 1ULL << 27,
    kModeHighNotPrecedence = 1ULL << 29,
    kModeNoEngineSubstitution = 1ULL << 30,
    kModePadCharToFullLength = 1ULL << 31,
    kModeTimeTruncateFractional = 1ULL << 32,
};

/// What a statement warned about: SHOW WARNINGS.
struct Warning {
    enum class Level : std::uint8_t { kNote, kWarning, kError };
    Level level = Level::kWarning;
    std::uint16_t code = 0;
    std::string message;
};

/// KILL, timeout, closed connection, shutdown: read per batch and inside long functions.
class StopToken {
  public:
    enum class Reason : std::uint8_t {
        kNone,
        kQueryKilled,
        kConnectionKilled,
        kTimeout,
        kShutdown
    };
    void request(Reason reason) noexcept { reason_.store(reason, std::memory_order_relaxed); }
    void reset() noexcept { reason_.store(Reason::kNone, std::memory_order_relaxed); }
    [[nodiscard]] Reason reason() const noexcept { return reason_.load(std::memory_order_relaxed); }
    /// Throws SqlError (1317, 3024, 1053) when asked to stop.
    void check() const;

  private:
    std::atomic<Reason> reason_{Reason::kNone};
};

struct StatementContext {
    std::uint64_t sql_mode = kModeOnlyFullGroupBy | kModeStrictTransTables | kModeNoZeroInDate |
                             kModeNoZeroDate | kModeErrorForDivisionByZero |
                             kModeNoEngineSubstitution;
    storage::CollationId client_collation = 255;      ///< character_set_client (its charset)
    storage::CollationId connection_collation = 255;  ///< collation_connection: of literals
    storage::CollationId results_collation = 255;     ///< character_set_results; 63 = no conversion
    storage::CollationId database_collation = 255;
    std::string time_zone = "SYSTEM";        ///< "SYSTEM", "+02:00" or a zone's name
    std::int64_t now_micros = 0;             ///< statement start, UTC microseconds
    std::uint64_t last_insert_id = 0;        ///< LAST_INSERT_ID() of the statement before
    std::optional<std::uint64_t> insert_id;  ///< SET INSERT_ID / INTVAR: next AUTO_INCREMENT value
    std::uint64_t auto_increment_increment = 1, auto_increment_offset = 1;
    std::uint64_t rand_seed1 = 0, rand_seed2 = 0;
    bool foreign_key_checks = true, unique_checks = true, check_constraint_checks = true;
    std::uint64_t row_count = 0;  ///< ROW_COUNT() of the statement before; ~0 = -1
    std::uint64_t found_rows = 0;
    std::uint64_t connection_id = 0;
    std::string user;          ///< USER(): name@host
    std::string current_user;  ///< CURRENT_USER(): matched account
    std::string database;      ///< DATABASE(): may hold a revision ("shop/fix")
    std::string active_branch;
    std::uint32_t group_concat_max_len = 1024;
    std::uint32_t div_precision_increment = 4;
    std::uint64_t max_allowed_packet = 64ULL << 20U;
    bool mariadb_flavour = false;
    std::string lc_time_names = "en_US";
    std::map<std::string, storage::Value, std::less<>>* user_variables =
        nullptr;                               ///< lower-case names
    std::vector<Warning>* warnings = nullptr;  ///< bounded by max_error_count (1024)
    const StopToken* stop = nullptr;

    void warn(std::uint16_t code, std::string message,
              Warning::Level level = Warning::Level::kWarning);
};

}  // namespace afterimage::sql

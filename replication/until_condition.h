// SPDX-License-Identifier: Apache-2.0
// START REPLICA … UNTIL: the place at which the applier stops by itself, between two transactions.
//
// A plain value. A MariaDB position that names some domains alone stops in front of the first group
// of any other.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "replication/gtid_set.h"
#include "replication/source_transaction.h"

namespace afterimage::replication {

/// Not an error: thrown by the applier when the place is reached, between two transactions.
class UntilReached : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override {
        return "the UNTIL condition of START REPLICA is fulfilled";
    }
};

/// What has been applied, in whichever form the source has it.
struct AppliedPosition {
    BinlogPosition file;
    const MariadbGtidPosition& mariadb;
    const MysqlGtidSet& mysql;
};

class UntilCondition {
  public:
    enum class Kind : std::uint8_t {
        kNone,
        kSourcePosition,   ///< SOURCE_LOG_FILE, SOURCE_LOG_POS
        kMariadbPosition,  ///< MASTER_GTID_POS
        kBeforeGtids,      ///< SQL_BEFORE_GTIDS
        kAfterGtids,       ///< SQL_AFTER_GTIDS
    };

    UntilCondition() = default;
    [[nodiscard]] static UntilCondition at(BinlogPosition position);
    /// The GTIDs of either family, as text. Throws GtidError.
    [[nodiscard]] static UntilCondition at_gtids(Kind kind, std::string_view text);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] const BinlogPosition& position() const noexcept { return position_; }

    /// Whether this transaction is not to be applied any more.
    [[nodiscard]] bool stops_before(const SourceTransaction& transaction) const;
    /// Whether nothing is left to apply.
    [[nodiscard]] bool reached(const AppliedPosition& applied) const;

    /// Until_Condition of SHOW REPLICA STATUS.
    [[nodiscard]] std::string name() const;

  private:
    Kind kind_ = Kind::kNone;
    BinlogPosition position_;
    bool is_mysql_ = false;
    MysqlGtidSet mysql_;
    MariadbGtidPosition mariadb_;
};

/// Order of places in one source's log; files are numbered and may grow a digit.
[[nodiscard]] bool at_or_behind(const BinlogPosition& place, const BinlogPosition& other) noexcept;

}  // namespace afterimage::replication

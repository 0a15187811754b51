// SPDX-License-Identifier: Apache-2.0
#include "replication/until_condition.h"

#include <algorithm>

namespace afterimage::replication {

bool at_or_behind(const BinlogPosition& place, const BinlogPosition& other) noexcept {
    if (place.file.size() != other.file.size()) {
        return place.file.size() > other.file.size();
    }
    return place.file != other.file ? place.file > other.file : place.position >= other.position;
}

UntilCondition UntilCondition::at(BinlogPosition position) {
    UntilCondition condition;
    condition.kind_ = Kind::kSourcePosition;
    condition.position_ = std::move(position);
    return condition;
}

UntilCondition UntilCondition::at_gtids(Kind kind, std::string_view text) {
    UntilCondition condition;
    condition.kind_ = kind;
    condition.is_mysql_ = text.find(':') != std::string_view::npos;
    if (condition.is_mysql_) {
        condition.mysql_ = MysqlGtidSet::parse(text);
    } else {
        condition.mariadb_ = MariadbGtidPosition::parse(text);
    }
    return condition;
}

bool UntilCondition::stops_before(const SourceTransaction& transaction) const {
    const auto* mariadb = std::get_if<MariadbGtid>(&transaction.gtid);
    const auto* mysql = std::get_if<MysqlGtid>(&transaction.gtid);
    const MariadbGtid* limit = mariadb == nullptr ? nullptr : mariadb_.find(mariadb->domain);
    switch (kind_) {
        case Kind::kNone:
            return false;
        case Kind::kSourcePosition:
            return at_or_behind(transaction.begin, position_);
        case Kind::kBeforeGtids:
            return mysql != nullptr ? mysql_.contains(*mysql)
                                    : limit != nullptr && mariadb->sequence >= limit->sequence;
        case Kind::kMariadbPosition:
            return mariadb != nullptr && (limit == nullptr || mariadb->sequence > limit->sequence);
        case Kind::kAfterGtids:
            return limit != nullptr && mariadb->sequence > limit->sequence;
    }
    return false;
}

bool UntilCondition::reached(const AppliedPosition& applied) const {
    switch (kind_) {
        case Kind::kNone:
            return false;
        case Kind::kSourcePosition:
            return at_or_behind(applied.file, position_);
        case Kind::kMariadbPosition:
            return applied.mariadb.contains(mariadb_);
        case Kind::kAfterGtids:
            return is_mysql_ ? applied.mysql.contains(mysql_) : applied.mariadb.contains(mariadb_);
        case Kind::kBeforeGtids: {
            if (!is_mysql_) {
                return std::ranges::any_of(mariadb_.domains(), [&](const auto& entry) {
                    return applied.mariadb.contains(entry.second);
                });
            }
            MysqlGtidSet left = mysql_;
            left.subtract(applied.mysql);
            return !(left == mysql_);
        }
    }
    return false;
}

std::string UntilCondition::name() const {
    switch (kind_) {
        case Kind::kNone:
            break;
        case Kind::kSourcePosition:
            return "Master";
        case Kind::kMariadbPosition:
            return "Gtid";
        case Kind::kBeforeGtids:
            return "SQL_BEFORE_GTIDS";
        case Kind::kAfterGtids:
            return "SQL_AFTER_GTIDS";
    }
    return "None";
}

}  // namespace afterimage::replication

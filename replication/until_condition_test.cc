// SPDX-License-Identifier: Apache-2.0
#include "replication/until_condition.h"

#include <doctest/doctest.h>

using namespace afterimage::replication;

namespace {

SourceTransaction mariadb(const std::string& gtid) {
    SourceTransaction transaction;
    transaction.gtid = MariadbGtidPosition::parse_gtid(gtid);
    return transaction;
}

SourceTransaction at(const std::string& file, std::uint64_t position) {
    SourceTransaction transaction;
    transaction.begin = {file, position};
    return transaction;
}

bool reached(const UntilCondition& until, const std::string& gtids) {
    const bool mysql = gtids.find(':') != std::string::npos;
    const MariadbGtidPosition none;
    const MysqlGtidSet empty;
    const MariadbGtidPosition position = mysql ? none : MariadbGtidPosition::parse(gtids);
    const MysqlGtidSet set = mysql ? MysqlGtidSet::parse(gtids) : empty;
    return until.reached({{"binlog.000001", 4}, position, set});
}

}  // namespace

TEST_CASE("until: without a condition nothing stops") {
    const UntilCondition none;
    CHECK_FALSE(none.stops_before(mariadb("0-1-5")));
    CHECK_FALSE(reached(none, "0-1-5"));
    CHECK(none.name() == "None");
}

TEST_CASE("until: a place in the log, also where the file numbers grow a digit") {
    const UntilCondition until = UntilCondition::at({"binlog.999999", 500});
    CHECK_FALSE(until.stops_before(at("binlog.999999", 499)));
    CHECK(until.stops_before(at("binlog.999999", 500)));
    CHECK(until.stops_before(at("binlog.1000000", 4)));
    CHECK_FALSE(until.stops_before(at("binlog.000099", 9000)));
    const MariadbGtidPosition mariadb_position;
    const MysqlGtidSet mysql_set;
    CHECK(until.reached({{"binlog.999999", 500}, mariadb_position, mysql_set}));
    CHECK_FALSE(until.reached({{"binlog.999999", 100}, mariadb_position, mysql_set}));
}

TEST_CASE("until: MariaDB's position, domain by domain") {
    const UntilCondition until =
        UntilCondition::at_gtids(UntilCondition::Kind::kMariadbPosition, "0-1-10,1-1-5");
    CHECK_FALSE(until.stops_before(mariadb("0-1-10")));
    CHECK(until.stops_before(mariadb("0-1-11")));
    CHECK(until.stops_before(mariadb("7-1-1")));
    CHECK_FALSE(reached(until, "0-1-10"));
    CHECK(reached(until, "0-1-10,1-2-6"));
}

TEST_CASE("until: before and after GTIDs of both families") {
    using Kind = UntilCondition::Kind;
    const std::string uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    const UntilCondition before = UntilCondition::at_gtids(Kind::kBeforeGtids, uuid + ":5-7");
    SourceTransaction transaction;
    const MysqlGtidSet five = MysqlGtidSet::parse(uuid + ":5");
    MysqlGtid gtid;
    gtid.uuid = five.intervals().begin()->first.uuid;
    gtid.number = 4;
    transaction.gtid = gtid;
    CHECK_FALSE(before.stops_before(transaction));
    gtid.number = 5;
    transaction.gtid = gtid;
    CHECK(before.stops_before(transaction));
    CHECK_FALSE(reached(before, uuid + ":1-4"));
    CHECK(reached(before, uuid + ":1-6"));

    const UntilCondition after = UntilCondition::at_gtids(Kind::kAfterGtids, uuid + ":5-7");
    CHECK_FALSE(after.stops_before(transaction));
    CHECK_FALSE(reached(after, uuid + ":1-6"));
    CHECK(reached(after, uuid + ":1-7"));

    const UntilCondition mariadb_before = UntilCondition::at_gtids(Kind::kBeforeGtids, "0-1-10");
    CHECK(mariadb_before.stops_before(mariadb("0-2-10")));
    CHECK_FALSE(mariadb_before.stops_before(mariadb("0-2-9")));
    CHECK_FALSE(mariadb_before.stops_before(mariadb("1-2-90")));
    CHECK_THROWS_AS(static_cast<void>(UntilCondition::at_gtids(Kind::kAfterGtids, "x-y")),
                    GtidError);
}

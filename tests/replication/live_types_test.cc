// SPDX-License-Identifier: Apache-2.0
// Every column type of a real MariaDB: what the row images hold is what SELECT returns, at every
// level of metadata and for every kind of row image.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "storage/value/temporal.h"
#include "tests/replication/live_support.h"

using namespace afterimage;
using namespace afterimage::replication;
using namespace afterimage::tests;
using storage::ColumnType;
using storage::TypeId;
using storage::Value;
using storage::ValueKind;

namespace {

struct TypeCase {
    std::string sql_type;
    ColumnType type;
    std::string select;  // what makes a text of column c that plain_text() makes of the value
    std::vector<std::string> values;
};

ColumnType column(TypeId id, std::uint32_t length = 0, std::uint8_t scale = 0) {
    ColumnType type;
    type.id = id;
    type.length = length;
    type.scale = scale;
    return type;
}

ColumnType text(TypeId id, std::uint32_t length, storage::CollationId collation) {
    ColumnType type = column(id, length);
    type.collation = collation;
    return type;
}

ColumnType labelled(TypeId id, std::vector<std::string> labels) {
    ColumnType type = text(id, 0, 45);
    type.labels = std::move(labels);
    return type;
}

std::vector<std::string> numbered(int count) {
    std::vector<std::string> labels;
    for (int i = 0; i < count; ++i) {
        labels.push_back("l" + std::to_string(i));
    }
    return labels;
}

std::string label_list(const std::vector<std::string>& labels) {
    std::string list;
    for (const auto& label : labels) {
        list += (list.empty() ? "'" : ",'") + label + "'";
    }
    return list;
}

std::string hex(const std::string& bytes) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : bytes) {
        out.push_back(kDigits[static_cast<unsigned char>(c) >> 4U]);
        out.push_back(kDigits[static_cast<unsigned char>(c) & 15U]);
    }
    return out;
}

// The text that the case's SELECT gives; "NULL" for NULL.
std::string plain_text(const Value& value, const ColumnType& type) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return "NULL";
        case ValueKind::kInt:
            return std::to_string(value.as_int());
        case ValueKind::kUInt:
            return std::to_string(value.as_uint());
        case ValueKind::kFloat:
        case ValueKind::kDouble: {
            char buffer[64];
            std::snprintf(buffer, sizeof buffer, "%.17g", value.as_double());
            return buffer;
        }
        case ValueKind::kDecimal:
            return value.as_decimal().text();
        case ValueKind::kDate:
            return storage::date_text(value.as_packed());
        case ValueKind::kDateTime:
            return storage::datetime_text(value.as_packed(), type.scale);
        case ValueKind::kTime:
            return storage::time_text(value.as_packed(), type.scale);
        case ValueKind::kTimestamp:
            return value.as_micros() == 0
                       ? storage::datetime_text(0, type.scale)
                       : storage::datetime_text(storage::datetime_of_micros(value.as_micros()),
                                                type.scale);
        case ValueKind::kBytes:
            return hex(value.as_bytes());
    }
    return "";
}

void add_numbers(std::vector<TypeCase>& cases) {
    const auto integer = [&](const std::string& name, TypeId id, const std::string& low,
                             const std::string& high, const std::string& unsigned_high) {
        cases.push_back({name, column(id), "c", {low, "0", "-1", high}});
        ColumnType type = column(id);
        type.is_unsigned = true;
        cases.push_back({name + " UNSIGNED", type, "c", {"0", "1", unsigned_high}});
    };
    integer("TINYINT", TypeId::kTinyInt, "-128", "127", "255");
    integer("SMALLINT", TypeId::kSmallInt, "-32768", "32767", "65535");
    integer("MEDIUMINT", TypeId::kMediumInt, "-8388608", "8388607", "16777215");
    integer("INT", TypeId::kInt, "-2147483648", "2147483647", "4294967295");
    integer("BIGINT", TypeId::kBigInt, "-9223372036854775808", "9223372036854775807",
            "18446744073709551615");
    for (const auto& [precision, scale] : {std::pair<int, int>{1, 0},
                                           {5, 2},
                                           {9, 9},
                                           {10, 0},
                                           {18, 9},
                                           {20, 1},
                                           {30, 30},
                                           {38, 17},
                                           {65, 0},
                                           {65, 30}}) {
        const std::string nines =
            std::string(static_cast<std::size_t>(precision - scale), '9') +
            (scale == 0 ? "" : "." + std::string(static_cast<std::size_t>(scale), '9'));
        const std::string one =
            scale == 0 ? "1" : "0." + std::string(static_cast<std::size_t>(scale - 1), '0') + "1";
        cases.push_back({"DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")",
                         column(TypeId::kDecimal, static_cast<std::uint32_t>(precision),
                                static_cast<std::uint8_t>(scale)),
                         "c",
                         {"0", nines, "-" + nines, one, "-" + one}});
    }
    cases.push_back({"FLOAT",
                     column(TypeId::kFloat),
                     "CAST(c AS DOUBLE)",
                     {"0", "1.5", "-3.25e10", "0.1", "1e-38"}});
    cases.push_back({"DOUBLE", column(TypeId::kDouble), "c", {"0", "0.1", "-1.7e308", "5e-324"}});
    cases.push_back({"BIT(1)", column(TypeId::kBit, 1), "c+0", {"0", "1"}});
    cases.push_back({"BIT(10)", column(TypeId::kBit, 10), "c+0", {"0", "513", "1023"}});
    cases.push_back({"BIT(64)", column(TypeId::kBit, 64), "c+0", {"0", "18446744073709551615"}});
    cases.push_back({"YEAR", column(TypeId::kYear), "c+0", {"0", "1901", "2024", "2155"}});
}

void add_times(std::vector<TypeCase>& cases) {
    cases.push_back(
        {"DATE",
         column(TypeId::kDate),
         "c",
         {"'0000-00-00'", "'2024-00-00'", "'1000-01-01'", "'2024-02-29'", "'9999-12-31'"}});
    for (std::uint8_t fsp = 0; fsp <= 6; ++fsp) {
        const std::string suffix = "(" + std::to_string(fsp) + ")";
        cases.push_back(
            {"TIME" + suffix,
             column(TypeId::kTime, 0, fsp),
             "c",
             {"'00:00:00'", "'-00:00:00.123456'", "'-00:00:01'", "'-00:00:01.25'", "'838:59:59'",
              "'-838:59:59'", "'-838:59:58.999999'", "'12:34:56.789012'", "'-12:34:56.000001'"}});
        cases.push_back({"DATETIME" + suffix,
                         column(TypeId::kDateTime, 0, fsp),
                         "c",
                         {"'0000-00-00'", "'1000-01-01 00:00:00.123456'",
                          "'9999-12-31 23:59:59.999999'", "'2024-00-10 01:02:03.5'"}});
        cases.push_back({"TIMESTAMP" + suffix + " NULL",
                         column(TypeId::kTimestamp, 0, fsp),
                         "c",
                         {"'0000-00-00'", "'1970-01-01 00:00:01.000001'",
                          "'2038-01-19 03:14:07.999999'", "'2024-02-29 12:00:00.5'"}});
    }
}

void add_strings(std::vector<TypeCase>& cases) {
    const std::vector<std::string> texts = {"''", "'a'", "'trail  '", "'\\'q\\''",
                                            "REPEAT('x',10)"};
    const auto string = [&](const std::string& name, ColumnType type,
                            std::vector<std::string> values) {
        cases.push_back({name, std::move(type), "HEX(c)", std::move(values)});
    };
    string("CHAR(10) CHARACTER SET latin1", text(TypeId::kChar, 10, 8), texts);
    string("CHAR(255) CHARACTER SET utf8mb4", text(TypeId::kChar, 255, 45),
           {"''", "'é€😀'", "REPEAT('😀',255)"});
    string("VARCHAR(10) CHARACTER SET latin1", text(TypeId::kVarchar, 10, 8), texts);
    string("VARCHAR(255) CHARACTER SET latin1", text(TypeId::kVarchar, 255, 8),
           {"REPEAT('y',255)"});
    string("VARCHAR(256) CHARACTER SET latin1", text(TypeId::kVarchar, 256, 8),
           {"''", "REPEAT('y',256)"});
    string("VARCHAR(100) CHARACTER SET utf8mb4", text(TypeId::kVarchar, 100, 45),
           {"'😀'", "REPEAT('é',100)"});
    string("BINARY(4)", column(TypeId::kBinary, 4),
           {"''", "X'00000000'", "X'61006200'", "X'00000001'"});
    string("VARBINARY(300)", column(TypeId::kVarbinary, 300), {"''", "X'6100'", "REPEAT('z',300)"});
    const std::vector<std::string> blobs = {"''", "X'00ff00'", "REPEAT('b',200)"};
    string("TINYBLOB", column(TypeId::kTinyBlob), blobs);
    string("BLOB", column(TypeId::kBlob), blobs);
    string("MEDIUMBLOB", column(TypeId::kMediumBlob), {"''", "REPEAT('m',70000)"});
    string("LONGBLOB", column(TypeId::kLongBlob), blobs);
    string("TINYTEXT", text(TypeId::kTinyText, 0, 45), texts);
    string("TEXT", text(TypeId::kText, 0, 45), texts);
    string("MEDIUMTEXT", text(TypeId::kMediumText, 0, 45), texts);
    string("LONGTEXT CHARACTER SET latin1", text(TypeId::kLongText, 0, 8), texts);
    string("JSON", column(TypeId::kJson), {"'{\"a\": [1, null]}'", "'[]'", "'1'"});
    string("VARCHAR(100) COMPRESSED CHARACTER SET latin1", text(TypeId::kVarchar, 100, 8),
           {"''", "'short'", "REPEAT('q',100)"});
    string("VARCHAR(1000) COMPRESSED CHARACTER SET utf8mb4", text(TypeId::kVarchar, 1000, 45),
           {"''", "REPEAT('é',1000)"});
    string("TEXT COMPRESSED", text(TypeId::kText, 0, 45), {"''", "'short'", "REPEAT('q',5000)"});
    string("LONGBLOB COMPRESSED", column(TypeId::kLongBlob),
           {"''", "RANDOM_BYTES(1000)", "REPEAT('q',100000)"});
}

void add_others(std::vector<TypeCase>& cases) {
    const auto few = numbered(3);
    const auto many = numbered(300);
    const auto twenty = numbered(20);
    const auto all = numbered(64);
    cases.push_back({"ENUM(" + label_list(few) + ")",
                     labelled(TypeId::kEnum, few),
                     "c+0",
                     {"'l0'", "'l2'", "'wrong'"}});
    cases.push_back({"ENUM(" + label_list(many) + ")",
                     labelled(TypeId::kEnum, many),
                     "c+0",
                     {"'l0'", "'l299'"}});
    cases.push_back(
        {"SET(" + label_list(few) + ")", labelled(TypeId::kSet, few), "c+0", {"''", "'l0,l2'"}});
    cases.push_back({"SET(" + label_list(twenty) + ")",
                     labelled(TypeId::kSet, twenty),
                     "c+0",
                     {"''", "'l0,l19'"}});
    cases.push_back({"SET(" + label_list(all) + ")",
                     labelled(TypeId::kSet, all),
                     "CAST(c+0 AS UNSIGNED)",
                     {"'l0'", "'l63'", "18446744073709551615"}});
    cases.push_back(
        {"GEOMETRY",
         column(TypeId::kGeometry),
         "HEX(c)",
         {"ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('LINESTRING(0 0,1 1)', 4)"}});
    cases.push_back({"POINT", column(TypeId::kPoint), "HEX(c)", {"ST_GeomFromText('POINT(1 2)')"}});
    cases.push_back({"POLYGON",
                     column(TypeId::kPolygon),
                     "HEX(c)",
                     {"ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')"}});
    cases.push_back(
        {"UUID",
         column(TypeId::kUuid),
         "UPPER(REPLACE(c,'-',''))",
         {"'12345678-1234-1234-1234-123456789abc'", "'00000000-0000-0000-0000-000000000000'"}});
    cases.push_back({"INET4",
                     column(TypeId::kInet4),
                     "HEX(INET6_ATON(c))",
                     {"'127.0.0.0'", "'0.0.0.0'", "'255.255.255.255'"}});
    cases.push_back(
        {"INET6", column(TypeId::kInet6), "HEX(INET6_ATON(c))", {"'::'", "'::1'", "'2001:db8::'"}});
}

std::vector<TypeCase> all_cases() {
    std::vector<TypeCase> cases;
    add_numbers(cases);
    add_times(cases);
    add_strings(cases);
    add_others(cases);
    return cases;
}

// FLOAT and DOUBLE compare as the number that both texts mean.
std::string comparable(const std::string& from_server, const TypeCase& type_case) {
    if ((type_case.type.id != TypeId::kDouble && type_case.type.id != TypeId::kFloat) ||
        from_server == "NULL") {
        return from_server;
    }
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.17g", std::strtod(from_server.c_str(), nullptr));
    return buffer;
}

std::vector<std::string> selected(MariadbClient& client, const std::string& table,
                                  const TypeCase& type_case) {
    std::vector<std::string> out;
    for (const auto& row :
         client.query("SELECT " + type_case.select + " FROM " + table + " ORDER BY id")) {
        out.push_back(comparable(row[0].value_or("NULL"), type_case));
    }
    return out;
}

// Tables t0, t1 … in database d, one a case; INSERT all values, then id = id + 100, then DELETE.
struct Expected {
    std::vector<std::string> inserted;
};

std::vector<Expected> write_all(MariadbClient& client, const std::vector<TypeCase>& cases) {
    std::vector<Expected> expected;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const std::string table = "t" + std::to_string(i);
        client.execute("CREATE TABLE " + table + " (id INT PRIMARY KEY, c " + cases[i].sql_type +
                       ")");
        std::string sql = "INSERT INTO " + table + " VALUES (0,NULL)";
        for (std::size_t v = 0; v < cases[i].values.size(); ++v) {
            sql += ",(" + std::to_string(v + 1) + "," + cases[i].values[v] + ")";
        }
        client.execute(sql);
        expected.push_back({selected(client, table, cases[i])});
        client.execute("UPDATE " + table + " SET id=id+100");
        client.execute("DELETE FROM " + table);
    }
    return expected;
}

ColumnType id_type() { return column(TypeId::kInt); }

storage::TableSchema schema_of(const TypeCase& type_case) {
    storage::TableSchema schema;
    schema.columns.resize(2);
    schema.columns[0].name = "id";
    schema.columns[0].type = id_type();
    schema.columns[1].name = "C";
    schema.columns[1].type = type_case.type;
    return schema;
}

std::size_t case_of(const std::string& table) {
    return static_cast<std::size_t>(std::stoul(table.substr(1)));
}

std::string joined(const std::vector<std::string>& values) {
    std::string out;
    for (const auto& value : values) {
        out += value + "\n";
    }
    return out;
}

void check_table(const TypeCase& type_case, const Expected& expected,
                 const std::vector<const KeptRows*>& events) {
    CAPTURE(type_case.sql_type);
    std::vector<std::string> inserted;
    std::vector<std::string> updated_from;
    std::vector<std::string> updated_to;
    std::vector<std::string> deleted;
    for (const KeptRows* event : events) {
        for (const auto& row : event->rows) {
            const auto put = [&](const storage::Row& cells, const ColumnBitmap& present,
                                 std::vector<std::string>& out) {
                out.push_back(present.test(1) ? plain_text(cells[1], type_case.type) : "absent");
            };
            if (event->kind == RowsKind::kWrite) {
                put(row.after, event->after_columns, inserted);
            } else if (event->kind == RowsKind::kDelete) {
                put(row.before, event->before_columns, deleted);
            } else {
                put(row.before, event->before_columns, updated_from);
                put(row.after, event->after_columns, updated_to);
            }
        }
        if (event->map.columns[0].name) {
            CHECK(schema_mismatch(event->map, schema_of(type_case)) == "");
        }
    }
    CHECK(joined(inserted) == joined(expected.inserted));
    const auto all_absent = [](const std::vector<std::string>& list) {
        return std::all_of(list.begin(), list.end(), [](const auto& v) { return v == "absent"; });
    };
    for (const auto* list : {&updated_from, &updated_to, &deleted}) {
        CHECK(list->size() == expected.inserted.size());
        if (!all_absent(*list)) {
            // The UPDATE runs over the primary key in any order.
            auto left = *list;
            auto right = expected.inserted;
            std::sort(left.begin(), left.end());
            std::sort(right.begin(), right.end());
            CHECK(joined(left) == joined(right));
        }
    }
}

void run(MariadbServer& server, const std::vector<TypeCase>& cases, const std::string& metadata,
         const std::string& image) {
    CAPTURE(metadata);
    CAPTURE(image);
    MariadbClient admin(server);
    admin.execute("SET GLOBAL binlog_row_metadata=" + metadata);
    admin.execute("SET GLOBAL binlog_row_image=" + image);
    const std::string begin = admin.query_one("SELECT @@gtid_binlog_pos");
    MariadbClient client(server);
    client.execute("CREATE OR REPLACE DATABASE d CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
    client.execute("USE d");
    client.execute("SET sql_mode=''");
    client.execute("SET time_zone='+00:00'");
    const auto expected = write_all(client, cases);

    KeepingSink sink([&](const TableMap& map) {
        return std::vector<ColumnType>{id_type(), cases.at(case_of(map.table)).type};
    });
    stream_log(server, DumpFromMariadbGtid{MariadbGtidPosition::parse(begin), true, ""}, sink);
    std::vector<std::vector<const KeptRows*>> by_table(cases.size());
    for (const auto& transaction : sink.transactions) {
        for (const auto& rows : transaction.rows) {
            by_table.at(case_of(rows.table)).push_back(&rows);
        }
    }
    for (std::size_t i = 0; i < cases.size(); ++i) {
        check_table(cases[i], expected[i], by_table[i]);
    }
}

}  // namespace

TEST_CASE("live types: row images hold what SELECT returns" *
          doctest::skip(!MariadbServer::available())) {
    MariadbServer server({.arguments = {"--binlog-format=ROW"}});
    const auto cases = all_cases();
    run(server, cases, "NO_LOG", "FULL");
    run(server, cases, "MINIMAL", "FULL");
    run(server, cases, "FULL", "FULL");
    run(server, cases, "NO_LOG", "MINIMAL");
    run(server, cases, "FULL", "NOBLOB");
}

TEST_CASE("live types: tables in the temporal formats from before 5.6" *
          doctest::skip(!MariadbServer::available())) {
    MariadbServer server({.arguments = {"--binlog-format=ROW", "--mysql56-temporal-format=OFF"}});
    std::vector<TypeCase> cases;
    cases.push_back({"TIME",
                     column(TypeId::kTime),
                     "c",
                     {"'00:00:00'", "'-00:00:01'", "'838:59:59'", "'-838:59:59'", "'12:34:56'"}});
    cases.push_back({"DATETIME",
                     column(TypeId::kDateTime),
                     "c",
                     {"'0000-00-00'", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'"}});
    cases.push_back({"TIMESTAMP NULL",
                     column(TypeId::kTimestamp),
                     "c",
                     {"'0000-00-00'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'"}});
    run(server, cases, "NO_LOG", "FULL");
}

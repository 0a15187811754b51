// SPDX-License-Identifier: Apache-2.0
#include "storage/schema/column_type.h"

#include <doctest/doctest.h>

namespace afterimage::storage {
namespace {

ColumnType typed(TypeId id, std::uint32_t length = 0, std::uint8_t scale = 0) {
    ColumnType type;
    type.id = id;
    type.length = length;
    type.scale = scale;
    return type;
}

std::string mysql(const ColumnType& type) { return column_type_text(type, false); }
std::string mariadb(const ColumnType& type) { return column_type_text(type, true); }

TEST_CASE("column type: integers print widths as each flavour does") {
    ColumnType type = typed(TypeId::kInt, 11);
    CHECK(mysql(type) == "int");
    CHECK(mariadb(type) == "int(11)");
    type.is_unsigned = true;
    type.length = 0;
    CHECK(mysql(type) == "int unsigned");
    CHECK(mariadb(type) == "int(10) unsigned");
    type.zerofill = true;
    type.length = 5;
    CHECK(mysql(type) == "int(5) unsigned zerofill");
    CHECK(mysql(typed(TypeId::kTinyInt, 1)) == "tinyint(1)");
    CHECK(mysql(typed(TypeId::kTinyInt, 4)) == "tinyint");
    CHECK(mariadb(typed(TypeId::kBigInt)) == "bigint(20)");
    CHECK(mariadb(typed(TypeId::kYear)) == "year(4)");
    CHECK(mysql(typed(TypeId::kYear)) == "year");
}

TEST_CASE("column type: lengths, scales and labels print as the servers print them") {
    CHECK(mysql(typed(TypeId::kDecimal, 10, 2)) == "decimal(10,2)");
    CHECK(mysql(typed(TypeId::kFloat, 0, 31)) == "float");
    CHECK(mysql(typed(TypeId::kDouble, 10, 3)) == "double(10,3)");
    CHECK(mysql(typed(TypeId::kBit, 7)) == "bit(7)");
    CHECK(mysql(typed(TypeId::kDateTime, 0, 6)) == "datetime(6)");
    CHECK(mysql(typed(TypeId::kTimestamp)) == "timestamp");
    CHECK(mysql(typed(TypeId::kVarchar, 20)) == "varchar(20)");
    CHECK(mysql(typed(TypeId::kVarbinary, 20)) == "varbinary(20)");
    CHECK(mysql(typed(TypeId::kMediumText)) == "mediumtext");
    CHECK(mysql(typed(TypeId::kGeometryCollection)) == "geomcollection");
    CHECK(mariadb(typed(TypeId::kGeometryCollection)) == "geometrycollection");
    ColumnType labels = typed(TypeId::kEnum);
    labels.labels = {"a", "it's", "back\\slash"};
    CHECK(mysql(labels) == R"(enum('a','it''s','back\\slash'))");
    labels.id = TypeId::kSet;
    labels.labels = {"x"};
    CHECK(mysql(labels) == "set('x')");
}

TEST_CASE("column type: families do not overlap where callers rely on it") {
    for (unsigned i = 1; i <= 40; ++i) {
        const auto id = static_cast<TypeId>(i);
        INFO(type_name(id));
        CHECK(type_name(id) != "unknown");
        CHECK(int{is_integer(id)} + int{is_text(id)} + int{is_blob(id)} + int{is_temporal(id)} +
                  int{is_spatial(id)} <=
              1);
        CHECK((!is_text(id) || is_byte_string(id)));
        CHECK((!is_blob(id) || is_byte_string(id)));
    }
    CHECK(type_name(TypeId::kDecimal) == "decimal");
    CHECK(type_name(TypeId::kLongBlob) == "longblob");
    CHECK(type_name(TypeId::kMultiPolygon) == "multipolygon");
    CHECK(type_name(TypeId::kInet6) == "inet6");
    CHECK(type_name(static_cast<TypeId>(200)) == "unknown");
    CHECK(is_byte_string(TypeId::kJson));
    CHECK_FALSE(is_byte_string(TypeId::kEnum));
}

}  // namespace
}  // namespace afterimage::storage

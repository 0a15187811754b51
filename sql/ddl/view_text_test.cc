// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/view_text.h"

#include <doctest/doctest.h>

#include "sql/parse/parser.h"

using namespace afterimage::sql;

namespace {

std::string canonical(std::string_view query, bool mariadb = true) {
    Arena arena;
    ParseOptions options;
    options.flavour = mariadb ? ParseFlavour::kMariaDb : ParseFlavour::kMySql;
    const std::string text = "CREATE VIEW v AS " + std::string(query);
    const ParseResult parsed = parse_one(text, options, arena);
    ViewTextContext context;
    context.database = "shop";
    context.mariadb = mariadb;
    context.charset = "utf8mb4";
    context.columns_of = [](std::string_view database,
                            std::string_view name) -> std::optional<std::vector<ViewSourceColumn>> {
        if (database == "shop" && name == "t") {
            return std::vector<ViewSourceColumn>{{"id", false}, {"name", false}, {"gone", true}};
        }
        if (database == "shop" && name == "o") {
            return std::vector<ViewSourceColumn>{{"id", false}, {"qty", false}};
        }
        if (database == "other" && name == "x") {
            return std::vector<ViewSourceColumn>{{"id", false}, {"v", false}};
        }
        return std::nullopt;
    };
    return view_query_text(ast::as<ast::CreateViewStatement>(*parsed.statement), context).text;
}

}  // namespace

TEST_CASE("view text: what was written and what MariaDB shows of it become one text") {
    const std::pair<const char*, const char*> cases[] = {
        {"SELECT * FROM t",
         "select `shop`.`t`.`id` AS `id`,`shop`.`t`.`name` AS `name` from "
         "`shop`.`t`"},
        {"SELECT id, COUNT(*) n FROM t GROUP BY id HAVING n > 1 ORDER BY n DESC",
         "select `t`.`id` AS `id`,count(0) AS `n` from `t` group by `t`.`id` having `n` > 1 order "
         "by count(0) desc"},
        {"SELECT t.id FROM t RIGHT JOIN o USING (id)",
         "select `t`.`id` AS `id` from (`o` left join `t` on(`t`.`id` = `o`.`id`))"},
        {"SELECT v FROM other.x NATURAL JOIN t",
         "select `other`.`x`.`v` AS `v` from (`other`.`x` join `shop`.`t` on(`other`.`x`.`id` = "
         "`shop`.`t`.`id`))"},
        {"SELECT NOT (id AND name), UPPER(name) u, id IN (5) i FROM t WHERE NOT id = 3",
         "select `t`.`id` = 0 or `t`.`name` = 0 AS `NOT (id AND name)`,ucase(`t`.`name`) AS "
         "`u`,`t`.`id` = 5 AS `i` from `t` where `t`.`id` <> 3"},
        {"SELECT id FROM t WHERE EXISTS (SELECT * FROM o WHERE qty > t.id)",
         "select `t`.`id` AS `id` from `t` where exists(select 1 from `o` where `o`.`qty` > "
         "`t`.`id` limit 1)"},
        {"SELECT d.n FROM (SELECT name n FROM t) d",
         "select `d`.`n` AS `n` from (select `t`.`name` AS `n` from `t`) `d`"},
        {"SELECT CAST(id AS CHAR), DATE_ADD(NOW(), INTERVAL 1 DAY) x FROM t",
         "select cast(`t`.`id` as char charset utf8mb4) AS `CAST(id AS CHAR)`,current_timestamp() "
         "+ interval 1 day AS `x` from `t`"},
    };
    for (const auto& [written, shown] : cases) {
        CAPTURE(written);
        CHECK(canonical(written) == canonical(shown));
        CHECK(canonical(canonical(written)) == canonical(written));
    }
}

TEST_CASE("view text: names of the own database are left out, of others kept, unknown ones too") {
    CHECK(canonical("SELECT shop.t.id FROM shop.t") == "select `t`.`id` AS `id` from `t`");
    CHECK(canonical("SELECT v FROM other.x") == "select `other`.`x`.`v` AS `v` from `other`.`x`");
    CHECK(canonical("SELECT * FROM later") == "select * from `later`");
    CHECK(canonical("SELECT id FROM t", false) == "select `t`.`id` AS `id` from `t`");
    CHECK(canonical("SELECT NOT UPPER(name) FROM t", false) ==
          "select (not upper(`t`.`name`)) AS `NOT UPPER(name)` from `t`");
}

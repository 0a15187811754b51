# SPDX-License-Identifier: Apache-2.0
"""Whole statements for differential_test.py, out of the expressions of random_sql.py."""

from random_sql import DECIMAL, DOUBLE, INTEGER, TEXT, RandomSql

AGGREGATES = ["COUNT(%s)", "COUNT(DISTINCT %s)", "MIN(%s)", "MAX(%s)", "SUM(%s)", "AVG(%s)", "SUM(DISTINCT %s)"]


class RandomQueries(RandomSql):
    def __init__(self, random, tables):
        super().__init__(random)
        self.tables = tables

    def columns_of(self, table, alias):
        return [("%s.id" % alias, INTEGER)] + [("%s.%s" % (alias, c.name), c.kind) for c in table.columns]

    # ---- FROM ----
    def source(self, alias, depth):
        """A table or derived table: its text and columns."""
        table = self.one(self.tables)
        if depth <= 0 or self.maybe(0.75):
            return "%s AS %s" % (table.name, alias), self.columns_of(table, alias)
        inner = self.columns_of(table, "d")
        kinds = [self.one([INTEGER, DECIMAL, TEXT, DOUBLE]) for _ in range(2)]
        items = ["%s AS x%d" % (self.value(inner, kind, 1), i) for i, kind in enumerate(kinds)]
        where = " WHERE %s" % self.condition(inner, 1) if self.maybe(0.5) else ""
        text = "(SELECT d.id AS id, %s FROM %s AS d%s) AS %s" % (", ".join(items), table.name, where, alias)
        return text, [("%s.id" % alias, INTEGER)] + [("%s.x%d" % (alias, i), kind) for i, kind in enumerate(kinds)]

    def sources(self, depth):
        text, columns = self.source("a", depth)
        for alias in "bc"[:self.one([0, 0, 1, 1, 2])]:
            other, more = self.source(alias, depth)
            join = self.one(["JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "CROSS JOIN"])
            on = ""
            if join != "CROSS JOIN":
                on = " ON %s = %s" % (self.equal_pair(columns, more)) if self.maybe(0.7) else " ON " + self.condition(columns + more, 1)
                if self.maybe(0.25):
                    on += " AND " + self.condition(columns + more, 1)
            text = "%s %s %s%s" % (text, join, other, on)
            columns = columns + more
        return text, columns

    def equal_pair(self, left, right):
        pairs = [(a, b) for a, ka in left for b, kb in right if ka == kb]
        return self.one(pairs)

    def where(self, columns):
        if self.maybe(0.3):
            return ""
        parts = [self.subquery_condition(columns) if self.maybe(0.2) else self.condition(columns, 2)
                 for _ in range(self.one([1, 1, 2]))]
        return " WHERE " + " AND ".join("(%s)" % p for p in parts)

    def subquery_condition(self, columns):
        table = self.one(self.tables)
        inner = self.columns_of(table, "s")
        kind = self.one([INTEGER, INTEGER, TEXT])
        outer = self.value(columns, kind, 1)
        correlated = " WHERE %s" % self.condition(inner + columns, 1) if self.maybe(0.7) else ""
        body = "SELECT %s FROM %s AS s%s" % (self.value(inner, kind, 1), table.name, correlated)
        return self.one([
            "%s %sIN (%s)" % (outer, self.one(["", "NOT "]), body),
            "%sEXISTS (%s)" % (self.one(["", "NOT "]), body),
            "%s %s (SELECT MAX(%s) FROM %s AS s%s)" % (outer, self.one(["=", "<", ">="]), self.value(inner, INTEGER, 1), table.name, correlated),
            "%s %s %s (%s)" % (outer, self.one([">", "<=", "="]), self.one(["ANY", "ALL"]), body),
        ])

    # ---- SELECT ----
    def select(self):
        self.picks = self.ordered = False
        form = self.one([self.plain, self.plain, self.plain, self.grouped, self.grouped, self.union, self.windowed])
        return form()

    def finish(self, text, width, ordered=0.5):
        """ORDER BY all columns, then LIMIT cuts between equal rows alone."""
        if self.maybe(ordered):
            order = ["%d%s" % (i + 1, self.one(["", " DESC"])) for i in range(width)]
            self.random.shuffle(order)
            text += " ORDER BY " + ", ".join(order)
            self.ordered = True
            if self.maybe(0.4) and not self.picks:
                self.picks = True  # of rows that are equal to ORDER BY
                text += " LIMIT %d" % self.random.randint(0, 8)
                text += " OFFSET %d" % self.random.randint(0, 3) if self.maybe(0.3) else ""
        return text

    def items(self, columns, count):
        items = []
        for i in range(count):
            text = self.one(columns)[0] if self.maybe(0.4) else self.any_value(columns, 3)
            if self.maybe(0.1):
                table = self.one(self.tables)
                text = "(SELECT COUNT(*) FROM %s AS q WHERE %s)" % (table.name, self.condition(self.columns_of(table, "q") + columns, 1))
            items.append(text + (" AS i%d" % i if self.maybe(0.7) else ""))
        return items

    def plain(self):
        sources, columns = self.sources(1)
        width = self.random.randint(1, 4)
        distinct = self.maybe(0.2)
        self.picks = distinct
        text = "SELECT %s%s FROM %s%s" % ("DISTINCT " if distinct else "", ", ".join(self.items(columns, width)), sources, self.where(columns))
        if self.maybe(0.2) and not distinct:
            self.ordered = True
            return text + " ORDER BY " + ", ".join(alias + ".id" for alias in self.aliases(columns))
        return self.finish(text, width)

    @staticmethod
    def aliases(columns):
        return sorted({text.split(".")[0] for text, _ in columns})

    def aggregate(self, columns):
        form = self.one(AGGREGATES + ["COUNT(*)", "GROUP_CONCAT(%s ORDER BY 1)"])
        if form == "COUNT(*)":
            return form
        if form.startswith("GROUP_CONCAT"):
            return "GROUP_CONCAT(%s ORDER BY %s)" % (("%s.id" % self.aliases(columns)[0],) * 2)
        if form.startswith(("SUM", "AVG")):
            return form % self.number(columns, 2)
        return form % self.any_value(columns, 2)

    def grouped(self):
        self.picks = True
        sources, columns = self.sources(1)
        keys = [self.one(columns)[0] if self.maybe(0.6) else self.any_value(columns, 1) for _ in range(self.one([0, 1, 1, 2]))]
        items = keys + [self.aggregate(columns) for _ in range(self.random.randint(1, 3))]
        text = "SELECT %s FROM %s%s" % (", ".join("%s AS g%d" % (item, i) for i, item in enumerate(items)), sources, self.where(columns))
        if keys:
            text += " GROUP BY " + ", ".join("g%d" % i for i in range(len(keys)))
            if self.maybe(0.3):
                text += " HAVING %s %s %s" % (self.aggregate(columns), self.one(["=", ">", "<", "<>"]), self.one(["1", "2", "10"]))
        return self.finish(text, len(items))

    def union(self):
        self.picks = True
        width = self.random.randint(1, 3)
        kinds = [self.one([INTEGER, DECIMAL, TEXT]) for _ in range(width)]
        arms = []
        for _ in range(self.one([2, 2, 3])):
            sources, columns = self.sources(0)
            arms.append("SELECT %s FROM %s%s" % (", ".join(self.value(columns, kind, 2) for kind in kinds), sources, self.where(columns)))
        text = arms[0]
        for arm in arms[1:]:
            text += " %s %s" % (self.one(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]), arm)
        return self.finish(text, width)

    def windowed(self):
        table = self.one(self.tables)
        columns = self.columns_of(table, "a")
        frame = self.one(["", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " ROWS UNBOUNDED PRECEDING"])
        partition = "PARTITION BY %s " % self.one(columns)[0] if self.maybe(0.6) else ""
        function = self.one(["ROW_NUMBER()", "RANK()", "DENSE_RANK()", "LAG(%s)", "LEAD(%s)", "SUM(%s)", "COUNT(%s)", "MIN(%s)", "FIRST_VALUE(%s)"])
        if "%s" in function:
            function = function % (self.number(columns, 1))
        if not function.startswith(("SUM", "COUNT", "MIN", "FIRST")):
            frame = ""
        return "SELECT a.id, %s OVER (%sORDER BY a.id%s) AS w FROM %s AS a%s" % (function, partition, frame, table.name, self.where(columns))

    # ---- Changes: each row gets a value that does not depend on the order of rows ----
    def change(self):
        table = self.one(self.tables)
        columns = self.columns_of(table, table.name)
        column = self.one(table.columns)
        new = self.value(columns, column.kind, 2) if self.maybe(0.7) else self.stored(column)
        condition = self.condition(columns, 2)
        form = self.one(["update", "update", "delete", "insert", "upsert", "replace", "copy"])
        ignore = "IGNORE " if self.maybe(0.3) else ""
        if form == "update":
            return "UPDATE %s%s SET %s = %s WHERE %s" % (ignore, table.name, column.name, new, condition)
        if form == "delete":
            return "DELETE FROM %s WHERE %s AND id %% 5 = %d" % (table.name, condition, self.random.randint(0, 4))
        cells = ", ".join(self.stored(c) for c in table.columns)
        key = self.random.randint(1, 60)
        if form == "insert":
            return "INSERT %sINTO %s VALUES (%d, %s)" % (ignore, table.name, key, cells)
        if form == "upsert":
            return "INSERT INTO %s VALUES (%d, %s) ON DUPLICATE KEY UPDATE %s = %s" % (table.name, key, cells, column.name, new)
        if form == "replace":
            return "REPLACE INTO %s VALUES (%d, %s)" % (table.name, key, cells)
        return "INSERT %sINTO %s (id, %s) SELECT a.id + 100, %s FROM %s AS a WHERE a.id < 10" % (
            ignore, table.name, column.name, self.value(self.columns_of(table, "a"), column.kind, 1), table.name)

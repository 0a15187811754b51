# SPDX-License-Identifier: Apache-2.0
"""Random tables, rows, queries and changes for differential_test.py: all from one random.Random.

What is made gives one answer under MySQL's rules: LIMIT stands only over a total order, nothing depends on
the order of rows, doubles are multiples of 0.25 that add up exactly. A query that picks one of several equal
strings (DISTINCT, GROUP BY, UNION, MIN and MAX under a case-insensitive collation) says so: `picks`.
"""

INTEGER, DECIMAL, DOUBLE, TEXT, BINARY, DATE, DATETIME, TIME = (
    "integer", "decimal", "double", "text", "binary", "date", "datetime", "time")

# type, class, generator of literals
COLUMN_TYPES = [
    ("INT", INTEGER), ("TINYINT", INTEGER), ("SMALLINT UNSIGNED", INTEGER), ("MEDIUMINT", INTEGER), ("BIGINT", INTEGER),
    ("BIGINT UNSIGNED", INTEGER), ("DECIMAL(10,2)", DECIMAL), ("DECIMAL(20,6)", DECIMAL), ("DECIMAL(40,3)", DECIMAL),
    ("DOUBLE", DOUBLE), ("FLOAT", DOUBLE), ("VARCHAR(20)", TEXT), ("CHAR(8)", TEXT), ("VARCHAR(20) COLLATE utf8mb4_bin", TEXT),
    ("VARCHAR(10) CHARACTER SET latin1", TEXT), ("TEXT", TEXT), ("VARBINARY(12)", BINARY), ("BLOB", BINARY), ("DATE", DATE),
    ("DATETIME", DATETIME), ("DATETIME(6)", DATETIME), ("TIMESTAMP(3) NULL", DATETIME), ("TIME", TIME), ("TIME(2)", TIME),
    ("YEAR", INTEGER), ("ENUM('red','green','Blue')", TEXT), ("SET('x','y','z')", TEXT),
]
WORDS = ["", "a", "A", "b", "ab", "Abc", "abc ", "z", "Z", "10", "9", "1.5", "-3", "green", "Blue", "x,y", "2020-01-02", "é", "e_f", "a%"]
INTEGERS = ["0", "1", "2", "3", "5", "7", "10", "42", "99", "100", "-1", "-2", "-7", "127"]
DECIMALS = ["0", "0.01", "1.50", "-1.25", "2.5", "3.333", "10.00", "99.99", "-0.5", "1234567.891"]
DOUBLES = ["0e0", "25e-2", "1.5e0", "-2.75e0", "3e0", "100.5e0", "1e3", "-1e0"]
DATES = ["'2020-01-01'", "'2020-02-29'", "'2019-12-31'", "'1999-06-15'", "'2037-01-19'"]
TIMES = ["'00:00:00'", "'10:11:12'", "'23:59:59'", "'-01:30:00'", "'100:00:01'"]
CLOCKS = ["00:00:00", "10:11:12", "23:59:59", "10:11:12.25", "03:04:05.123456"]


class Column:
    def __init__(self, name, sql_type, kind, nullable):
        self.name, self.sql_type, self.kind, self.nullable = name, sql_type, kind, nullable


class Table:
    def __init__(self, name, columns, keys):
        self.name, self.columns, self.keys = name, columns, keys

    def create(self):
        parts = ["id INT NOT NULL PRIMARY KEY"]
        parts += ["%s %s%s" % (c.name, c.sql_type, "" if c.nullable else " NOT NULL") for c in self.columns]
        return "CREATE TABLE %s (%s)" % (self.name, ", ".join(parts + self.keys))


class RandomSql:
    """Methods return SQL text; columns are written alias.name."""

    def __init__(self, random):
        self.random = random
        self.picks = False
        self.ordered = False  # the query's ORDER BY decides the order of all rows

    def one(self, items):
        return self.random.choice(items)

    def maybe(self, probability):
        return self.random.random() < probability

    # ---- Tables and rows ----
    def table(self, name):
        columns = []
        for i in range(self.random.randint(3, 7)):
            sql_type, kind = self.one(COLUMN_TYPES)
            columns.append(Column("c%d" % i, sql_type, kind, self.maybe(0.75)))
        keys = []
        for i, column in enumerate(columns):
            if self.maybe(0.35):
                prefix = "(4)" if column.sql_type in ("TEXT", "BLOB") else ""
                keys.append("KEY k%d (%s%s)" % (i, column.name, prefix))
        return Table(name, columns, keys)

    def insert(self, table, first, count):
        rows = []
        for i in range(first, first + count):
            cells = [str(i)] + [self.stored(c) for c in table.columns]
            rows.append("(%s)" % ", ".join(cells))
        return "INSERT IGNORE INTO %s VALUES %s" % (table.name, ", ".join(rows))

    def stored(self, column):
        if column.nullable and self.maybe(0.2):
            return "NULL"
        if column.sql_type == "YEAR":
            return self.one(["1999", "2020", "2001", "1970"])
        if column.sql_type.startswith("ENUM"):
            return self.one(["'red'", "'green'", "'Blue'"])
        if column.sql_type.startswith("SET"):
            return self.one(["''", "'x'", "'y,x'", "'x,y,z'", "'z'"])
        return self.literal(column.kind)

    def literal(self, kind):
        if kind == INTEGER:
            return self.one(INTEGERS)
        if kind == DECIMAL:
            return self.one(DECIMALS)
        if kind == DOUBLE:
            return self.one(DOUBLES)
        if kind == TEXT:
            return "'%s'" % self.one(WORDS)
        if kind == BINARY:
            return self.one(["x'00'", "x'41'", "x'6162'", "''", "'ab'", "x'FF00'"])
        if kind == DATE:
            return self.one(DATES)
        if kind == DATETIME:
            return "'%s %s'" % (self.one(DATES).strip("'"), self.one(CLOCKS))
        return self.one(TIMES)

    # ---- Expressions over `columns`: list of (text, kind) ----
    def typed_literal(self, kind):
        text = self.literal(kind)
        if kind in (DATE, TIME):
            return "%s %s" % ("DATE" if kind == DATE else "TIME", text)
        if kind == DATETIME:
            return "TIMESTAMP %s" % text
        return text

    def leaf(self, columns, kind):
        fitting = [text for text, of in columns if of == kind]
        if fitting and self.maybe(0.8):
            return self.one(fitting)
        return "NULL" if self.maybe(0.04) else self.typed_literal(kind)

    def any_value(self, columns, depth):
        return self.value(columns, self.one([INTEGER, DECIMAL, DOUBLE, TEXT, DATE, DATETIME, TIME]), depth)

    def value(self, columns, kind, depth):
        if depth <= 0 or self.maybe(0.25):
            return self.leaf(columns, kind)
        return getattr(self, kind + "_value")(columns, depth - 1)

    def number(self, columns, depth):
        return self.value(columns, self.one([INTEGER, INTEGER, DECIMAL, DOUBLE]), depth)

    def integer_value(self, columns, depth):
        v = lambda kind=INTEGER: self.value(columns, kind, depth)  # noqa: E731
        forms = [
            lambda: "(%s %s %s)" % (v(), self.one(["+", "-", "*", "DIV", "%"]), v()),
            lambda: "(%s DIV %s)" % (self.number(columns, depth), self.number(columns, depth)),
            lambda: "(%s)" % self.condition(columns, depth),
            lambda: "CASE WHEN %s THEN %s ELSE %s END" % (self.condition(columns, depth), v(), v()),
            lambda: "IF(%s, %s, %s)" % (self.condition(columns, depth), v(), v()),
            lambda: "%s(%s, %s)" % (self.one(["COALESCE", "IFNULL", "GREATEST", "LEAST", "NULLIF"]), v(), v()),
            lambda: "%s(%s)" % (self.one(["LENGTH", "CHAR_LENGTH", "ASCII"]), v(TEXT)),
            lambda: "ABS(%s)" % v(), lambda: "SIGN(%s)" % self.number(columns, depth), lambda: "(-%s)" % v(),
            lambda: "%s(%s)" % (self.one(["YEAR", "MONTH", "DAYOFMONTH", "TO_DAYS", "DAYOFWEEK", "WEEK", "QUARTER"]), v(DATE)),
            lambda: "%s(%s)" % (self.one(["HOUR", "MINUTE", "SECOND", "DAY"]), v(DATETIME)),
            lambda: "DATEDIFF(%s, %s)" % (v(DATE), v(DATETIME)),
            lambda: "LOCATE(%s, %s)" % (v(TEXT), v(TEXT)),
            lambda: "CAST(%s AS SIGNED)" % self.any_value(columns, depth),
            lambda: "(%s %s %s)" % (v(), self.one(["&", "|", "^"]), v()),
            lambda: "FIND_IN_SET(%s, %s)" % (v(TEXT), v(TEXT)),
            lambda: "%s(%s)" % (self.one(["FLOOR", "CEILING", "ROUND"]), v(DECIMAL)),
            lambda: "INTERVAL(%s, 1, 5, 10)" % v(),
        ]
        return self.one(forms)()

    def decimal_value(self, columns, depth):
        v = lambda kind=DECIMAL: self.value(columns, kind, depth)  # noqa: E731
        forms = [
            lambda: "(%s %s %s)" % (v(), self.one(["+", "-", "*", "/"]), v()),
            lambda: "(%s %s %s)" % (v(INTEGER), self.one(["+", "-", "*", "/", "%"]), v()),
            lambda: "(%s / %s)" % (v(INTEGER), v(INTEGER)),
            lambda: "ROUND(%s, %d)" % (v(), self.random.randint(-1, 4)),
            lambda: "TRUNCATE(%s, %d)" % (v(), self.random.randint(-1, 4)),
            lambda: "CAST(%s AS DECIMAL(%s))" % (self.any_value(columns, depth), self.one(["10,2", "20,5", "30", "5,1"])),
            lambda: "%s(%s, %s)" % (self.one(["COALESCE", "IFNULL", "GREATEST", "LEAST"]), v(), v(INTEGER)),
            lambda: "IF(%s, %s, %s)" % (self.condition(columns, depth), v(), v(INTEGER)),
            lambda: "ABS(%s)" % v(), lambda: "(-%s)" % v(), lambda: "MOD(%s, %s)" % (v(), v(INTEGER)),
        ]
        return self.one(forms)()

    def double_value(self, columns, depth):
        v = lambda kind=DOUBLE: self.value(columns, kind, depth)  # noqa: E731
        forms = [
            lambda: "(%s %s %s)" % (v(), self.one(["+", "-", "*"]), v(self.one([DOUBLE, INTEGER]))),
            lambda: "(%s / 4e0)" % v(),
            lambda: "(%s + 0e0)" % v(self.one([INTEGER, TEXT])),
            lambda: "COALESCE(%s, %s)" % (v(), v(INTEGER)),
            lambda: "IF(%s, %s, %s)" % (self.condition(columns, depth), v(), v()),
            lambda: "ABS(%s)" % v(),
        ]
        return self.one(forms)()

    def text_value(self, columns, depth):
        v = lambda kind=TEXT: self.value(columns, kind, depth)  # noqa: E731
        forms = [
            lambda: "CONCAT(%s, %s)" % (v(), self.any_value(columns, depth)),
            lambda: "%s(%s)" % (self.one(["UPPER", "LOWER", "TRIM", "REVERSE", "LTRIM", "RTRIM"]), v()),
            lambda: "%s(%s, %d)" % (self.one(["LEFT", "RIGHT", "REPEAT"]), v(), self.random.randint(-1, 3)),
            lambda: "SUBSTRING(%s, %d, %d)" % (v(), self.random.randint(-3, 3), self.random.randint(-1, 4)),
            lambda: "REPLACE(%s, 'a', %s)" % (v(), self.leaf([], TEXT)),
            lambda: "COALESCE(%s, %s)" % (v(), v()), lambda: "NULLIF(%s, %s)" % (v(), v()),
            lambda: "CASE %s WHEN %s THEN %s ELSE %s END" % (v(), v(), v(), v()),
            lambda: "IF(%s, %s, %s)" % (self.condition(columns, depth), v(), self.any_value(columns, depth)),
            lambda: "CAST(%s AS CHAR)" % self.any_value(columns, depth),
            lambda: "LPAD(%s, %d, 'xy')" % (v(), self.random.randint(0, 8)),
            lambda: "HEX(%s)" % v(self.one([TEXT, INTEGER])),
            lambda: "CONCAT_WS('-', %s, %s)" % (v(), self.any_value(columns, depth)),
            lambda: "SUBSTRING_INDEX(%s, 'b', %d)" % (v(), self.one([-1, 1, 2])),
            lambda: "DATE_FORMAT(%s, '%s')" % (v(DATETIME), self.one(["%Y-%m", "%d.%m.%y", "%W %j", "%H:%i:%s"])),
        ]
        return self.one(forms)()

    def binary_value(self, columns, depth):
        return "CAST(%s AS BINARY)" % self.value(columns, TEXT, depth)

    def interval(self):
        unit = self.one(["DAY", "MONTH", "YEAR", "WEEK"])
        return "INTERVAL %d %s" % (self.random.randint(-3, 14), unit)

    def date_value(self, columns, depth):
        v = lambda kind=DATE: self.value(columns, kind, depth)  # noqa: E731
        forms = [
            lambda: "(%s %s %s)" % (v(), self.one(["+", "-"]), self.interval()),
            lambda: "DATE(%s)" % v(DATETIME), lambda: "LAST_DAY(%s)" % v(),
            lambda: "COALESCE(%s, %s)" % (v(), v()), lambda: "IF(%s, %s, %s)" % (self.condition(columns, depth), v(), v()),
            lambda: "CAST(%s AS DATE)" % v(DATETIME),
        ]
        return self.one(forms)()

    def datetime_value(self, columns, depth):
        v = lambda kind=DATETIME: self.value(columns, kind, depth)  # noqa: E731
        forms = [
            lambda: "(%s + INTERVAL %d %s)" % (v(), self.random.randint(-90, 90), self.one(["HOUR", "MINUTE", "SECOND", "DAY", "MONTH"])),
            lambda: "CAST(%s AS DATETIME)" % v(DATE), lambda: "COALESCE(%s, %s)" % (v(), v()),
            lambda: "GREATEST(%s, %s)" % (v(), v()), lambda: "TIMESTAMP(%s)" % v(DATE),
        ]
        return self.one(forms)()

    def time_value(self, columns, depth):
        v = lambda kind=TIME: self.value(columns, kind, depth)  # noqa: E731
        forms = [
            lambda: "TIME(%s)" % v(DATETIME), lambda: "COALESCE(%s, %s)" % (v(), v()),
            lambda: "ADDTIME(%s, %s)" % (v(), v()), lambda: "SEC_TO_TIME(%s)" % v(INTEGER),
        ]
        return self.one(forms)()

    def condition(self, columns, depth):
        kind = self.one([INTEGER, INTEGER, DECIMAL, DOUBLE, TEXT, TEXT, DATE, DATETIME, TIME])
        v = lambda: self.value(columns, kind, depth - 1)  # noqa: E731
        # What is no date compares with dates in ways of their own (MySQL: error 1525).
        others = [INTEGER, DECIMAL, DOUBLE, TEXT] if kind in (INTEGER, DECIMAL, DOUBLE, TEXT) else [DATE, DATETIME]
        mixed = self.value(columns, self.one(others), depth - 1) if self.maybe(0.25) and kind != TIME else v()
        forms = [
            lambda: "%s %s %s" % (v(), self.one(["=", "<", ">", "<=", ">=", "<>", "<=>"]), mixed),
            lambda: "%s %s %s" % (v(), self.one(["=", "<", ">", "<=", ">=", "<>", "<=>"]), mixed),
            lambda: "%s IS %sNULL" % (v(), self.one(["", "NOT "])),
            lambda: "%s %sBETWEEN %s AND %s" % (v(), self.one(["", "NOT "]), v(), v()),
            lambda: "%s %sIN (%s, %s, %s)" % (v(), self.one(["", "NOT "]), v(), v(), v()),
            lambda: "%s LIKE '%s'" % (self.value(columns, TEXT, depth - 1), self.one(["a%", "%b%", "_", "%", "A_c", "1%"])),
        ]
        if depth > 0:
            inner = lambda: self.condition(columns, depth - 1)  # noqa: E731
            forms += [
                lambda: "(%s %s %s)" % (inner(), self.one(["AND", "OR", "XOR"]), inner()),
                lambda: "(NOT (%s))" % inner(), lambda: "((%s) IS %s)" % (inner(), self.one(["TRUE", "FALSE", "UNKNOWN", "NOT TRUE"])),
            ]
        return self.one(forms)()

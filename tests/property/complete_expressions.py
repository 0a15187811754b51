#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completes sql/expr/golden/*.txt with the answers of a real MariaDB.

A line is `expression<TAB>answer`. The answer is the text of the value, NULL, or ERROR and its number;
backslash, newline, tab and NUL are escaped, bytes that are no UTF-8 are x'..'. A line that begins
with `!` is left alone: its answer is MySQL 8.0's, where MariaDB's differs, or ours on purpose, with
the reason behind a second tab. Empty lines and # comments stay.

    complete_expressions.py SOCKET sql/expr/golden/*.txt

store.txt has a column type, a value, and what INSERT keeps in strict and in lenient mode;
aggregate.txt a call over the column v, the values of v, and the answer.

columns.txt begins with the columns of a table, and has expressions with the answers of all rows.

The session is what expression_golden_test.cc sets up: MySQL's default sql_mode, utf8mb4 with
utf8mb4_general_ci, UTC, the clock at 2023-11-14 22:13:20.123456.
"""
import sys

import pymysql

SETUP = [
    "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
    "SET time_zone = '+00:00'",
    "SET timestamp = 1700000000.123456",
    "SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    "CREATE DATABASE IF NOT EXISTS golden CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "USE golden",
]


def escaped(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            return "x'" + value.hex().upper() + "'"
    out = str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return out.replace("\0", "\\0")


def answer(cursor, expression):
    try:
        cursor.execute("SELECT " + expression)
        return escaped(cursor.fetchall()[0][0])
    except pymysql.MySQLError as error:
        return "ERROR %d" % error.args[0]


STRICT = (
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)


def stored(cursor, column, value, mode):
    """What a row keeps: the value, then the numbers of the warnings."""
    cursor.execute("SET sql_mode = ''")
    cursor.execute("CREATE OR REPLACE TEMPORARY TABLE kept (c %s)" % column)
    cursor.execute("SET sql_mode = '%s'" % mode)
    try:
        cursor.execute("INSERT INTO kept SELECT " + value)
    except pymysql.MySQLError as error:
        return "ERROR %d" % error.args[0]
    cursor.execute("SHOW WARNINGS")
    warnings = "".join(" [%s]" % row[1] for row in cursor.fetchall())
    cursor.execute("SELECT c FROM kept")
    return escaped(cursor.fetchall()[0][0]) + warnings


def aggregated(cursor, call, values):
    rows = " UNION ALL ".join("SELECT %s AS v" % value for value in values.split(";"))
    return answer(cursor, "%s FROM (%s) AS t" % (call, rows))


def make_table(cursor, lines):
    """columns.txt: `@ name type: value;value` lines become a table of that many rows."""
    columns = []
    for line in lines:
        if line.startswith("@ "):
            head, values = line[2:].split(": ", 1)
            columns.append((head, values.split(";")))
    cursor.execute("CREATE OR REPLACE TABLE filled (%s)" % ", ".join(head for head, _ in columns))
    for row in range(len(columns[0][1])):
        cursor.execute("INSERT INTO filled SELECT " + ", ".join(v[row] for _, v in columns))


def row_answers(cursor, expression):
    try:
        cursor.execute("SELECT %s FROM filled ORDER BY id" % expression)
        return " | ".join(escaped(row[0]) for row in cursor.fetchall())
    except pymysql.MySQLError as error:
        return "ERROR %d" % error.args[0]


def complete_rows(cursor, path):
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    make_table(cursor, lines)
    for i, line in enumerate(lines):
        if line and not line.startswith(("#", "!", "@")):
            expression = line.split("\t")[0]
            lines[i] = expression + "\t" + row_answers(cursor, expression)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def complete_columns(cursor, path):
    """store.txt and aggregate.txt: two columns are given, the others are answers."""
    lines = []
    with open(path, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if not line or line.startswith(("#", "!")):
                lines.append(line)
                continue
            first, second = line.split("\t")[:2]
            if path.endswith("store.txt"):
                answers = [stored(cursor, first, second, STRICT), stored(cursor, first, second, "")]
            else:
                answers = [aggregated(cursor, first, second)]
            lines.append("\t".join([first, second] + answers))
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    cursor.execute("SET sql_mode = '%s'" % STRICT)


def complete(cursor, path):
    lines = []
    with open(path, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if not line or line.startswith(("#", "!")):
                lines.append(line)
                continue
            expression = line.split("\t")[0]
            lines.append(expression + "\t" + answer(cursor, expression))
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def main():
    connection = pymysql.connect(unix_socket=sys.argv[1], user="root", conv={}, charset="utf8mb4")
    cursor = connection.cursor()
    for statement in SETUP:
        cursor.execute(statement)
    for path in sys.argv[2:]:
        if path.endswith("columns.txt"):
            complete_rows(cursor, path)
        elif path.endswith(("store.txt", "aggregate.txt")):
            complete_columns(cursor, path)
        else:
            complete(cursor, path)


if __name__ == "__main__":
    main()

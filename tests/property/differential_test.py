#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same random statements on Afterimage and on a real MariaDB: rows, column names and errors must agree.

    differential_test.py --binary build/release/bin/afterimage [--seed N] [--rounds N] [--statements N]

A round makes tables of random types with random rows, asks queries, and changes rows, comparing whole
tables after each change. Round i of seed N is replayed by --seed N+i --rounds 1. Prints every difference
with its seed and ends with 1 when there was one (--keep-going: goes on after the first of a round).
"""

import argparse
import pathlib
import random
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import pymysql  # noqa: E402
from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402
from random_queries import RandomQueries  # noqa: E402

SESSION = [
    "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
    "SET time_zone = '+00:00'",
    "SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION%s'",
    "DROP DATABASE IF EXISTS d",
    "CREATE DATABASE d CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "USE d",
]
# MySQL 8.0's number for what MariaDB numbers otherwise.
CONVERSION_ERRORS = {1292, 1365, 1366, 1411, 1441}
SAME_ERROR = {4025: 3819, 1906: 3105, 4078: 1267}


class Side:
    """One server: statements in, comparable answers out."""

    def __init__(self, connection, extra_mode):
        self.cursor = connection.cursor()
        self.extra_mode = extra_mode

    def reset(self):
        for statement in SESSION:
            self.cursor.execute(statement % self.extra_mode if "%s" in statement else statement)

    def run(self, sql):
        """("error", number, text) or ("rows", names, rows) or ("done", affected)."""
        try:
            affected = self.cursor.execute(sql)
            if self.cursor.description is None:
                return ("done", affected)
            return ("rows", [c[0] for c in self.cursor.description], list(self.cursor.fetchall()))
        except pymysql.err.OperationalError as error:
            if error.args[0] in (2006, 2013):
                raise
            return ("error", SAME_ERROR.get(error.args[0], error.args[0]), error.args[1])
        except pymysql.MySQLError as error:
            return ("error", SAME_ERROR.get(error.args[0], error.args[0]), error.args[1])


def printed(value):
    if value is None:
        return "\0NULL"
    if isinstance(value, bytes):
        return value.hex()
    return "0" if value == "-0" else value  # MySQL prints the sign of a zero DOUBLE


def folded(value):
    """Equal for strings that utf8mb4_general_ci takes for equal."""
    text = unicodedata.normalize("NFD", printed(value)).upper().rstrip(" ")
    return "".join(c for c in text if not unicodedata.combining(c))


def comparable(answer, ordered, picks):
    """What must agree: equal strings may come in any order, and, where a query picks one of them, as either."""
    if answer[0] == "error":
        return answer[:2]
    if answer[0] == "done":
        return answer
    rows = [tuple(folded(value) for value in row) for row in answer[2]]
    exact = [] if picks else sorted(tuple(printed(value) for value in row) for row in answer[2])
    return ("rows", answer[1], rows if ordered else sorted(rows), exact)


class Round:
    def __init__(self, seed, ours, theirs, statements, keep_going):
        self.seed, self.ours, self.theirs = seed, ours, theirs
        self.statements, self.keep_going = statements, keep_going
        self.differences = 0

    def both(self, sql, ordered=True, picks=False):
        """Whether both sides say the same."""
        a, b = self.ours.run(sql), self.theirs.run(sql)
        if comparable(a, ordered, picks) == comparable(b, ordered, picks):
            return True
        self.differences += 1
        print("seed %d: %s\n  afterimage: %s\n  mariadb:    %s" % (self.seed, sql, self.shown(a, b), self.shown(b, a)), flush=True)
        return False

    def conversion_fails(self, sql):
        """Whether a value that cannot be converted makes one side refuse: when it does depends on what it evaluates."""
        failed = False
        for side in (self.ours, self.theirs):
            side.cursor.execute("START TRANSACTION")
            answer = side.run(sql)
            side.cursor.execute("ROLLBACK")
            failed = failed or answer[0] == "error" and answer[1] in CONVERSION_ERRORS
        return failed

    @staticmethod
    def shown(answer, other):
        if answer[0] != "rows" or other[0] != "rows":
            return str(answer)[:600]
        if answer[1] != other[1]:
            return "columns %s" % (answer[1],)
        extra = [row for row in answer[2] if row not in other[2]]
        return "%d rows, %s; only here: %s" % (len(answer[2]), "order" if not extra else "", str(extra[:3])[:500])

    def run(self):
        generator = random.Random(self.seed)
        self.ours.reset()
        self.theirs.reset()
        queries = RandomQueries(generator, [])
        for name in ("t1", "t2", "t3")[:generator.randint(1, 3)]:
            table = queries.table(name)
            queries.tables.append(table)
            if not self.both(table.create()):
                return
            if not self.both(queries.insert(table, 1, generator.randint(0, 25))):
                return
            if not self.both("SELECT * FROM %s ORDER BY id" % name):
                return
        for i in range(self.statements):
            fine = self.changed(queries) if i % 4 == 3 else self.both(queries.select(), queries.ordered, queries.picks)
            if not fine and not self.keep_going:
                return

    def changed(self, queries):
        sql = queries.change()
        if self.conversion_fails(sql):
            return True
        same = self.both(sql)
        for table in queries.tables:
            if not self.both("SELECT * FROM %s ORDER BY id" % table.name):
                print("  after: %s" % sql, flush=True)
                return False
        return same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--statements", type=int, default=40)
    parser.add_argument("--keep-going", action="store_true")
    arguments = parser.parse_args()
    print("seed %d, %d rounds of %d statements" % (arguments.seed, arguments.rounds, arguments.statements), flush=True)
    differences = 0
    with MariadbServer(log_bin=False) as theirs, AfterimageServer(arguments.binary) as ours, \
            theirs.connect(conv={}) as right, ours.connect(conv={}) as left:
        # MySQL rounds fractions of seconds; MariaDB cuts them unless told otherwise.
        sides = Side(left, ""), Side(right, ",TIME_ROUND_FRACTIONAL")
        for seed in range(arguments.seed, arguments.seed + arguments.rounds):
            current = Round(seed, *sides, arguments.statements, arguments.keep_going)
            current.run()
            differences += current.differences
    print("%d differences" % differences)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Errors as clients see them: number, SQLSTATE and text of the statements in error_table.txt, beside a real MariaDB.

    error_table_test.py BINARY [FILE]
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import pymysql  # noqa: E402
from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

SESSION = [
    "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
    "SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    "CREATE DATABASE d CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "USE d",
]
# MariaDB's words for the same, as MySQL 8.0 has them.
WORDS = [(re.compile(pattern), text) for pattern, text in (
    (r"(1054 42S22 Unknown column '[^']*' in )'(?:SELECT|INSERT INTO|SET)'", r"\1'field list'"),
    (r"(1054 42S22 Unknown column '[^']*' in )'WHERE'", r"\1'where clause'"),
    (r"(1054 42S22 Unknown column '[^']*' in )'ORDER BY'", r"\1'order clause'"),
    (r"(1054 42S22 Unknown column '[^']*' in )'GROUP BY'", r"\1'group statement'"),
    (r"(1054 42S22 Unknown column '[^']*' in )'HAVING'", r"\1'having clause'"),
    (r"(1054 42S22 Unknown column '[^']*' in )'FROM'", r"\1'from clause'"),
    (r"(1052 23000 Column '[^']*' in) SELECT", r"\1 field list"),
    (r"(1062 23000 Duplicate entry '[^']*' for key ')", r"\1t."),
    (r"for column `[^`]*`\.`[^`]*`\.`([^`]*)`", r"for column '\1'"),
    (r"MariaDB server", r"MySQL server"),
)]
last_packet = b""
raise_error = pymysql.err.raise_mysql_exception


def keep_packet(data):
    """PyMySQL drops the SQLSTATE: kept from the packet."""
    global last_packet
    last_packet = bytes(data)
    raise_error(data)


def answer(connection, sql):
    """ "number SQLSTATE text", or "ok"."""
    connection.ping(reconnect=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.fetchall()
        return "ok"
    except pymysql.MySQLError as error:
        text = "%d %s %s" % (error.args[0], last_packet[4:9].decode(), error.args[1])
        for pattern, words in WORDS if "MariaDB" in connection.server_version else ():
            text = pattern.sub(words, text)
        return text


def compare(ours, theirs, path):
    compared, failures = 0, []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("@ "):
            for connection in (ours, theirs):
                done = answer(connection, line[2:])
                if done != "ok":
                    failures.append("line %d: %s" % (number, done))
            continue
        own = line.startswith("! ")
        expected, sql = line[2:].split("\t") if own else (answer(theirs, line), line)
        got = answer(ours, sql)
        compared += 1
        if got != expected or expected == "ok":
            failures.append("line %d: %s\n  afterimage: %s\n  expected:   %s" % (number, sql, got, expected))
    return compared, failures


def main():
    pymysql.err.raise_mysql_exception = keep_packet
    path = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "error_table.txt"
    with MariadbServer(log_bin=False) as mariadb, AfterimageServer(sys.argv[1]) as afterimage, \
            mariadb.connect() as theirs, afterimage.connect() as ours:
        for connection in (ours, theirs):
            with connection.cursor() as cursor:
                for statement in SESSION:
                    cursor.execute(statement)
        compared, failures = compare(ours, theirs, path)
    for failure in failures:
        print(failure)
    print("%d statements, %d failures" % (compared, len(failures)))
    return 1 if failures or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

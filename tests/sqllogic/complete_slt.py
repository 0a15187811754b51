#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills the expected results of sqllogic scripts from a real MariaDB, or with --check compares them.

    complete_slt.py [--check] [--binary build/release/bin/afterimage] FILE.slt…

Starts a MariaDB of its own and runs each script in a fresh database, in the session that the runner gives
to scripts of ours: MySQL 8.0's default sql_mode, utf8mb4 with utf8mb4_general_ci, UTC. Then it writes for
each record the outcome (ok or the error's number) or the result. A paragraph that has no header is SQL
and gets one. Comments and the sort modes of records stay.

A record whose comment begins with `# MySQL:` or `# Ours:` is left alone: its answer is MySQL 8.0's where
MariaDB's differs, or ours on purpose; the comment goes on with the reason. With --binary those that have no
header yet get Afterimage's answer, to be read before it is committed.
"""

import argparse
import contextlib
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

SESSION = [
    "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
    "SET time_zone = '+00:00'",
    "SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    "DROP DATABASE IF EXISTS test",
    "CREATE DATABASE test CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "USE test",
]
HEADER = re.compile(r"(statement|query|halt|hash-threshold|skipif|onlyif)\b")
OWN_ANSWER = re.compile(r"# (MySQL|Ours): \S")
INTEGER_TYPES = {1, 2, 3, 8, 9, 13}  # TINY, SHORT, LONG, LONGLONG, INT24, YEAR


def shown(value):
    """A value as the runner prints it: text, control bytes as @."""
    if value is None:
        return "NULL"
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    return "".join("@" if c < " " else c for c in text) or "(empty)"


def sorted_values(rows, mode):
    if mode == "rowsort":
        rows = sorted(rows, key=lambda row: [value.encode() for value in row])
    values = [value for row in rows for value in row]
    return sorted(values, key=str.encode) if mode == "valuesort" else values


class Script:
    """One file: paragraphs between empty lines, each comments, a header, SQL, ----, the result."""

    def __init__(self, text):
        self.paragraphs = [p.split("\n") for p in re.split(r"\n\s*\n", text.strip("\n"))]

    def completed(self, cursor, own_cursor=None):
        return "\n\n".join("\n".join(self.paragraph(p, cursor, own_cursor)) for p in self.paragraphs) + "\n"

    def paragraph(self, lines, cursor, own_cursor):
        comments = [line for line in lines if line.startswith("#")]
        rest = lines[len(comments):]
        if not rest:
            return lines
        header = rest[0] if HEADER.match(rest[0]) else ""
        body = rest[1:] if header else rest
        if header.split(" ")[0] in ("halt", "hash-threshold", "skipif", "onlyif"):
            return lines
        sql = body[:body.index("----")] if "----" in body else body
        outcome = self.run(cursor, "\n".join(sql), header)
        own_outcome = self.run(own_cursor, "\n".join(sql), header) if own_cursor else []
        if any(OWN_ANSWER.match(line) for line in comments):
            if header or not own_outcome:
                return lines
            outcome = own_outcome
        return comments + outcome[:1] + sql + outcome[1:]

    def run(self, cursor, sql, header):
        """The header, then, for a query, ---- and the values."""
        import pymysql
        try:
            cursor.execute(sql)
            rows = [[shown(value) for value in row] for row in cursor.fetchall()]
        except pymysql.MySQLError as error:
            return ["statement error %d" % error.args[0]]
        if cursor.description is None:
            return ["statement ok"]
        words = header.split(" ")
        mode = words[2] if len(words) > 2 else "nosort"
        types = "".join("I" if column[1] in INTEGER_TYPES else "T" for column in cursor.description)
        if len(words) > 1 and words[0] == "query" and len(words[1]) == len(types):
            types = words[1]
        for row in rows:
            for i, kind in enumerate(types):
                if kind == "R" and row[i] != "NULL":
                    row[i] = "%.3f" % float(row[i])
                if kind == "I" and not re.fullmatch(r"NULL|-?[0-9]+", row[i]):
                    row[i] = str(int(float(row[i])))
        return [" ".join(["query", types, mode] + words[3:]), "----"] + sorted_values(rows, mode)


def session(connection):
    cursor = connection.cursor()
    for statement in SESSION:
        cursor.execute(statement)
    return cursor


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="name the files that would change, change none")
    parser.add_argument("--binary", help="Afterimage's program, for records marked as its own that have no answer yet")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    changed = 0
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(MariadbServer())
        ours = stack.enter_context(AfterimageServer(arguments.binary)) if arguments.binary else None
        for name in arguments.files:
            path = pathlib.Path(name)
            text = path.read_text(encoding="utf-8")
            with contextlib.ExitStack() as connections:
                cursor = session(connections.enter_context(server.connect(conv={})))
                own_cursor = session(connections.enter_context(ours.connect(conv={}))) if ours else None
                after = Script(text).completed(cursor, own_cursor)
            if after != text:
                changed += 1
                print(("differs: " if arguments.check else "completed: ") + name)
                if not arguments.check:
                    path.write_text(after, encoding="utf-8")
    return 1 if arguments.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())

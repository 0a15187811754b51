# SPDX-License-Identifier: Apache-2.0
"""DDL that a MariaDB primary sends: followed, it is shown as the primary shows it; copied, it has the same content hash.

Usage: ddl_test.py SERVER_BINARY. The statements are ddl_statements.sql. One Afterimage follows them one by one; another copies
the outcome; tables, views, routines, triggers and events of both and of the primary are compared.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import pymysql  # noqa: E402

from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

DATABASES = ("ddl", "ddl2")
# What a client reads of information_schema, in both servers' words. Not compared: what VERSION() 8.0 makes differ (EXTRA,
# COLUMN_DEFAULT's quotes, NULL and '' for what is absent).
SCHEMA_ROWS = {
    "COLUMNS": ("TABLE_SCHEMA", "TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, "
                "CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, CHARACTER_SET_NAME, COLLATION_NAME, "
                "COLUMN_TYPE, COLUMN_KEY, COLUMN_COMMENT"),
    "STATISTICS": ("TABLE_SCHEMA", "TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, NON_UNIQUE, COLUMN_NAME, NULLABLE, INDEX_COMMENT"),
    "TABLE_CONSTRAINTS": ("TABLE_SCHEMA", "TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE"),
    "KEY_COLUMN_USAGE": ("TABLE_SCHEMA", "TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, ORDINAL_POSITION, REFERENCED_TABLE_SCHEMA, "
                         "REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME"),
    "REFERENTIAL_CONSTRAINTS": ("CONSTRAINT_SCHEMA", "TABLE_NAME, CONSTRAINT_NAME, UNIQUE_CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE, "
                                "REFERENCED_TABLE_NAME"),
    "TABLES": ("TABLE_SCHEMA", "TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION"),
    "VIEWS": ("TABLE_SCHEMA", "TABLE_NAME, CHECK_OPTION, DEFINER, SECURITY_TYPE"),
    "ROUTINES": ("ROUTINE_SCHEMA", "ROUTINE_NAME, ROUTINE_TYPE, DATA_TYPE, ROUTINE_DEFINITION, IS_DETERMINISTIC, SQL_DATA_ACCESS, "
                 "SECURITY_TYPE, ROUTINE_COMMENT, DEFINER"),
    "PARAMETERS": ("SPECIFIC_SCHEMA", "SPECIFIC_NAME, ORDINAL_POSITION, PARAMETER_MODE, PARAMETER_NAME, DATA_TYPE"),
    "TRIGGERS": ("TRIGGER_SCHEMA", "TRIGGER_NAME, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_ORDER, ACTION_STATEMENT, "
                 "ACTION_TIMING, DEFINER"),
    "EVENTS": ("EVENT_SCHEMA", "EVENT_NAME, DEFINER, EVENT_DEFINITION, EVENT_TYPE, INTERVAL_VALUE, INTERVAL_FIELD, STATUS, "
               "ON_COMPLETION, EVENT_COMMENT"),
}


def statements():
    with open(os.path.join(HERE, "ddl_statements.sql"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("--"):
                text, _, remark = line.strip().partition(" -- ")
                yield text, remark == "fails"


def wait(primary, follower):
    file, position = primary.query("SHOW MASTER STATUS")[0][:2]
    follower.wait_for_file_position(file, int(position), timeout_s=60)


class Comparison:
    def __init__(self, one, other):
        self.one = one
        self.other = other
        self.differences = []

    def rows(self, server, sql, database):
        try:
            return [tuple(self.cell(cell) for cell in row) for row in server.query(sql, db=database)]
        except pymysql.MySQLError as error:
            return [repr(error)]

    @staticmethod
    def cell(cell):
        if not isinstance(cell, str):
            return cell
        # Neither the mode nor the spaces say anything here; MariaDB writes `db`.`t` where a view looks elsewhere too.
        return re.sub(r"\s+", " ", cell).replace("NO_AUTO_CREATE_USER,", "").replace("( ", "(").replace(" )", ")")

    def compare(self, sql, database, columns=None, change=lambda row: row):
        one, other = (self.rows(server, sql, database) for server in (self.one, self.other))
        if columns:
            one, other = ([change(tuple(row[i] for i in columns if i < len(row))) for row in rows] for rows in (one, other))
        for left, right in zip(one, other):
            if left != right:
                self.differences.append(f"{database}: {sql}\n    {left}\n    {right}")
        if len(one) != len(other):
            self.differences.append(f"{database}: {sql}: {len(one)} and {len(other)} rows\n    {one}\n    {other}"[:2000])


# MariaDB shows these with words that say nothing: X'…' beside 0x…, parentheses round a SELECT of a UNION.
OTHER_WORDS = {"v22", "v34"}


def words(row):
    """A view's text without quotes, capitals, and the databases that MariaDB puts before every name as soon as one is of another."""
    return tuple(re.sub(r"\bddl2?\.", "", cell.replace("`", "").lower()).replace(")select", ") select").replace(", ", ",") if isinstance(cell, str) else cell
                 for cell in row)


def compare_shown(primary, follower):
    comparison = Comparison(primary, follower)
    for database in DATABASES:
        comparison.compare(f"SHOW CREATE DATABASE {database}", database)
        comparison.compare(f"SHOW FULL TABLES FROM {database}", database)
        for name, kind in primary.query(f"SHOW FULL TABLES FROM {database}"):
            if kind == "VIEW":
                if name not in OTHER_WORDS:
                    comparison.compare(f"SHOW CREATE VIEW `{name}`", database, (0, 1, 2, 3), words)
            else:
                comparison.compare(f"SHOW CREATE TABLE `{name}`", database)
                comparison.compare(f"SHOW FULL COLUMNS FROM `{name}`", database, (0, 1, 2, 3, 4, 8))
        for name, kind in primary.query(f"SELECT ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '{database}'"):
            comparison.compare(f"SHOW CREATE {kind} `{name}`", database)
        for (name,) in primary.query(f"SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '{database}'"):
            comparison.compare(f"SHOW CREATE TRIGGER `{name}`", database, range(6))
        for (name,) in primary.query(f"SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '{database}'"):
            comparison.compare(f"SHOW CREATE EVENT `{name}`", database)
        for table, (key, columns) in SCHEMA_ROWS.items():
            # Types of a view's expressions are each server's own.
            tables_alone = "AND TABLE_NAME NOT REGEXP '^[vw][0-9]+b?$'" if table == "COLUMNS" else ""
            comparison.compare(f"SELECT {columns} FROM information_schema.{table} WHERE {key} = '{database}' {tables_alone} "
                               "ORDER BY 1, 2, 3", database)
    return comparison.differences


def compare_hashes(followed, copied):
    """dolt_hashof_db of both; where it differs, what stands behind it."""
    differences = []
    for database in DATABASES:
        if followed.query("SELECT dolt_hashof_db()", db=database) == copied.query("SELECT dolt_hashof_db()", db=database):
            continue
        differences.append(f"{database}: content hashes differ")
        for name, kind in followed.query(f"SHOW FULL TABLES FROM {database}"):
            question = f"SHOW CREATE VIEW `{name}`" if kind == "VIEW" else f"SELECT dolt_hashof_table('{name}')"
            answers = [server.query(question, db=database) for server in (followed, copied)]
            if answers[0] != answers[1]:
                answers += [server.query(f"SHOW CREATE TABLE `{name}`", db=database) for server in (followed, copied)]
                differences.append(f"{database}.{name}\n    " + "\n    ".join(map(str, answers)))
        comparison = Comparison(followed, copied)
        for kind, table, column, key in (("PROCEDURE", "ROUTINES", "ROUTINE_NAME", "ROUTINE_TYPE = 'PROCEDURE' AND ROUTINE_SCHEMA"),
                                         ("FUNCTION", "ROUTINES", "ROUTINE_NAME", "ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_SCHEMA"),
                                         ("TRIGGER", "TRIGGERS", "TRIGGER_NAME", "TRIGGER_SCHEMA"),
                                         ("EVENT", "EVENTS", "EVENT_NAME", "EVENT_SCHEMA")):
            for (name,) in followed.query(f"SELECT {column} FROM information_schema.{table} WHERE {key} = '{database}'"):
                comparison.compare(f"SHOW CREATE {kind} `{name}`", database)
        differences += comparison.differences
    return differences


def main():
    binary = sys.argv[1]
    failed = False
    with MariadbServer(arguments=["--binlog-format=ROW", "--character-set-server=utf8mb4"]) as primary:
        for database in DATABASES:
            primary.query(f"CREATE DATABASE {database}")
        source = f"mysql://root@127.0.0.1:{primary.port}"
        with AfterimageServer(binary, source=source) as followed:
            wait(primary, followed)
            connection = primary.connect(db="ddl")
            with connection.cursor() as cursor:
                for text, fails in statements():
                    try:
                        cursor.execute(text)
                        assert not fails, "should fail on the primary: " + text
                    except pymysql.MySQLError:
                        if not fails:
                            raise
            wait(primary, followed)
            with AfterimageServer(binary, source=source) as copied:
                wait(primary, copied)
                for title, differences in (("shown as the primary shows it", compare_shown(primary, followed)),
                                           ("followed and copied have one hash", compare_hashes(followed, copied))):
                    print(("FAILED  " if differences else "ok      ") + title, flush=True)
                    print("\n".join(differences), flush=True)
                    failed = failed or bool(differences)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

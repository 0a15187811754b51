# SPDX-License-Identifier: Apache-2.0
"""Dumps both ways: what Afterimage followed loads into a MariaDB server equal, and a MariaDB server's dump loads into Afterimage equal.

Usage: dump_test.py SERVER_BINARY [--keep]. The schema is dump_schema.sql; every table is compared row for row, and what
SHOW CREATE prints of tables, views, routines, triggers and events statement for statement.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

from afterimage_server import PASSWORD, AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

DATABASES = ("full", "second")
# Shown by MariaDB only where the session's time zone or the moment decides.
PROGRAM_COLUMNS = {"PROCEDURE": 2, "FUNCTION": 2, "TRIGGER": 2, "EVENT": 3}


def client(server, program, *arguments):
    """The command line of a client program for either kind of server."""
    if isinstance(server, AfterimageServer):
        place = ["--host=127.0.0.1", f"--port={server.port}", "--user=root", f"--password={PASSWORD}"]
    else:
        place = [f"--socket={server.socket_path}", "--user=root"]
    return [program, "--no-defaults", *place, "--default-character-set=utf8mb4", *arguments]


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError("%s: %s" % (" ".join(command[-4:]), done.stderr.decode(errors="replace")[-2000:]))
    return done.stdout


def load(server, text, *arguments):
    run(client(server, "mariadb", "--binary-mode", *arguments), text)


def dump(server, *arguments):
    return run(client(server, "mariadb-dump", *arguments))


class Differences:
    """Collects what differs, so that one run shows all of it."""

    def __init__(self):
        self.found = []
        self.failed = False

    def check(self, what, one, other):
        if one != other:
            self.found.append(f"{what}\n    {str(one)[:1500]}\n    {str(other)[:1500]}")

    def end(self, title):
        """Prints how a part went and begins the next."""
        if self.found:
            self.failed = True
            print(f"FAILED  {title}: {len(self.found)} differ\n" + "\n".join(self.found), flush=True)
        else:
            print(f"ok      {title}", flush=True)
        self.found = []


def rows_of(server, database, table):
    columns = [row[0] for row in server.query(f"SHOW COLUMNS FROM `{table}`", db=database)]
    # Invisible columns too, and floats as they are stored.
    names = ",".join("`" + name.replace("`", "``") + "`" for name in columns)
    connection = server.connect(db=database, charset="utf8mb4")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute(f"SELECT {names} FROM `{table}`")
            return sorted(cursor.fetchall(), key=repr)
    finally:
        connection.close()


def tables_of(server, database):
    return {row[0]: row[1] for row in server.query(f"SHOW FULL TABLES FROM `{database}`")}


def compare_rows(differences, one, other, names=lambda name: name):
    for database in DATABASES:
        tables = tables_of(one, database)
        differences.check(f"tables of {database}", tables, tables_of(other, names(database)))
        for table in tables:
            try:
                differences.check(f"{database}.{table}", rows_of(one, database, table), rows_of(other, names(database), table))
            except Exception as error:  # noqa: BLE001  (reported beside the others)
                differences.check(f"{database}.{table}", "rows", repr(error))


def shown(server, database, statement, column):
    text = server.query(statement, db=database)[0][column]
    # A mode that says nothing here; a database before every name of a view that looks elsewhere too.
    text = text.replace("NO_AUTO_CREATE_USER,", "").replace("`full`.", "")
    return re.sub(r"\s+", " ", text)


def programs_of(server, database):
    found = [(kind, name) for name, kind in server.query(
        f"SELECT ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '{database}' ORDER BY 1")]
    found += [("TRIGGER", row[0]) for row in server.query(
        f"SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '{database}' ORDER BY 1")]
    found += [("EVENT", row[0]) for row in server.query(
        f"SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '{database}' ORDER BY 1")]
    return found


def compare_definitions(differences, one, other, tables=True):
    for database in DATABASES:
        differences.check(f"SHOW CREATE DATABASE {database}", shown(one, database, f"SHOW CREATE DATABASE `{database}`", 1),
                          shown(other, database, f"SHOW CREATE DATABASE `{database}`", 1))
        for table in tables_of(one, database) if tables else ():
            statement = f"SHOW CREATE TABLE `{table}`"
            try:
                differences.check(f"{database}: {statement}", shown(one, database, statement, 1), shown(other, database, statement, 1))
            except Exception as error:  # noqa: BLE001
                differences.check(f"{database}: {statement}", "text", repr(error))
        programs = programs_of(one, database)
        differences.check(f"programs of {database}", programs, programs_of(other, database))
        for kind, name in programs:
            statement = f"SHOW CREATE {kind} `{name}`"
            try:
                for column in (PROGRAM_COLUMNS[kind], 1):  # text and sql_mode
                    differences.check(f"{database}: {statement}", shown(one, database, statement, column),
                                      shown(other, database, statement, column))
            except Exception as error:  # noqa: BLE001
                differences.check(f"{database}: {statement}", "text", repr(error))


def followed_into_mariadb(differences, primary, followed, target):
    """Afterimage shows what the primary shows, and its dump makes the same databases on another server."""
    compare_rows(differences, primary, followed)
    compare_definitions(differences, primary, followed)
    differences.end("what was followed reads as on the primary")

    text = dump(followed, "--single-transaction", "--routines", "--triggers", "--events", "--databases", *DATABASES)
    load(target, text)
    compare_rows(differences, primary, target)
    compare_definitions(differences, primary, target)
    differences.end("mariadb-dump of Afterimage loads into MariaDB")

    for database in DATABASES:
        target.query(f"DROP DATABASE `{database}`")
    load(target, dump(followed, "--all-databases", "--routines", "--triggers", "--events", "--single-transaction"))
    compare_rows(differences, primary, target)
    compare_definitions(differences, primary, target)
    differences.end("mariadb-dump --all-databases of Afterimage loads into MariaDB")

    load(target, b"DROP DATABASE second; CREATE DATABASE second CHARACTER SET latin1")
    load(target, dump(followed, "--hex-blob", "--skip-extended-insert", "--complete-insert", "--skip-opt", "--create-options", "second/main"), "second")
    differences.check("second", rows_of(primary, "second", "small"), rows_of(target, "second", "small"))
    differences.end("mariadb-dump of a branch, with other options")


def mariadb_into_afterimage(differences, primary, own):
    """A dump of the primary makes the same databases of a client."""
    text = dump(primary, "--single-transaction", "--routines", "--triggers", "--events", "--databases", *DATABASES)
    load(own, text)
    compare_rows(differences, primary, own)
    differences.check("programs", [programs_of(primary, name) for name in DATABASES], [programs_of(own, name) for name in DATABASES])
    differences.end("mariadb-dump of MariaDB loads into Afterimage")

    load(own, b"CREATE DATABASE copy; USE copy; CALL dolt_commit('--allow-empty', '-m', 'begin'); CALL dolt_checkout('-b', 'loaded')")
    load(own, dump(primary, "full", "--ignore-table=full.across"), "copy/loaded")
    for table in tables_of(primary, "full"):
        if table != "across":
            differences.check(f"copy/loaded.{table}", rows_of(primary, "full", table), rows_of(own, "copy/loaded", table))
    differences.check("main of copy", {}, tables_of(own, "copy"))
    differences.end("mariadb-dump of MariaDB loads into a branch")


def own_into_mariadb(differences, primary, own, target):
    """What a client loaded (MySQL's dialect) makes the same rows on MariaDB."""
    for database in DATABASES:
        target.query(f"DROP DATABASE IF EXISTS `{database}`")
    load(target, dump(own, "--single-transaction", "--routines", "--triggers", "--events", "--databases", *DATABASES))
    compare_rows(differences, primary, target)
    differences.end("a client's database, dumped, loads into MariaDB")


def main():
    binary = sys.argv[1]
    with MariadbServer(arguments=["--binlog-format=ROW", "--character-set-server=utf8mb4"]) as primary, \
            MariadbServer(server_id=2, log_bin=False) as target, AfterimageServer(binary) as own:
        with open(os.path.join(HERE, "dump_schema.sql"), "rb") as schema:
            script = schema.read()
        # One half is copied, the other followed: both have to read the same.
        load(primary, script)
        source = f"mysql://root@127.0.0.1:{primary.port}"
        differences = Differences()
        with AfterimageServer(binary, source=source) as followed:
            file, position = primary.query("SHOW MASTER STATUS")[0][:2]
            followed.wait_for_file_position(file, int(position))
            for test in (lambda: followed_into_mariadb(differences, primary, followed, target),
                         lambda: mariadb_into_afterimage(differences, primary, own),
                         lambda: own_into_mariadb(differences, primary, own, target)):
                try:
                    test()
                except AssertionError as error:  # a client program that failed
                    differences.check(str(error), "loads", "fails")
                    differences.end("the rest of this part")
        return 1 if differences.failed else 0


if __name__ == "__main__":
    sys.exit(main())

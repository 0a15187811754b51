# SPDX-License-Identifier: Apache-2.0
"""Random bad transactions on a real primary among good ones; reverted on a branch of the replica; the patch applied to the primary. Afterwards the
primary is equal to a twin that never saw the bad writes, or revert or patch was refused by name and the primary is as it was.

Usage: patch_property_test.py SERVER_BINARY [--rounds N] [--seed N]

The twin is a second database of the same primary. A good transaction counts only when it does the same in both: a write that the bad ones made
impossible, or possible, is something no repair can know of.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import pymysql  # noqa: E402

from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

SCHEMA = [
    """CREATE TABLE parents (id INT PRIMARY KEY, code VARCHAR(20) UNIQUE, note VARCHAR(40), changed TIMESTAMP(6) NOT NULL DEFAULT '2001-01-01'
       ON UPDATE CURRENT_TIMESTAMP(6)) ENGINE=InnoDB""",
    """CREATE TABLE parts (id INT PRIMARY KEY, parent INT, amount DECIMAL(10,2), weight FLOAT, doubled DECIMAL(11,2) AS (amount * 2) STORED,
       CONSTRAINT fk_parts FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE=InnoDB""",
    """CREATE TABLE notes (id INT PRIMARY KEY, parent INT, text VARCHAR(40) CHARACTER SET latin1,
       CONSTRAINT fk_notes FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE SET NULL) ENGINE=InnoDB""",
    "CREATE TABLE uniques (id INT PRIMARY KEY, u INT UNIQUE, b VARBINARY(8)) ENGINE=InnoDB",
    "CREATE TABLE keyless (a INT, b VARCHAR(10)) ENGINE=InnoDB",
]
TABLES = ["parents", "parts", "notes", "uniques", "keyless"]
FIRST_ROWS = 12
EVERYDAY_ERRORS = (1062, 1451, 1452, 1205, 1213)
# What revert and patch may say when they refuse.
REFUSALS = ("Merge conflict detected", "constraint violations", "conflicts with", "cannot order the changes", "cannot reach the wanted state")


class Workload:
    def __init__(self, rng):
        self.rng = rng
        self.next_id = 1000

    def transaction(self):
        return [self.statement() for _ in range(self.rng.choice((1, 1, 2, 3)))]

    def statement(self):
        rng = self.rng
        row = rng.randrange(1, FIRST_ROWS + 4)
        other = rng.randrange(1, FIRST_ROWS + 4)
        self.next_id += 1
        return rng.choice([
            # `changed` is written so that both databases hold the same.
            lambda: "UPDATE parents SET note = '%s', changed = changed WHERE id = %d" % (self.word(), row),
            lambda: "UPDATE parents SET code = '%s', changed = changed WHERE id = %d" % (self.word(), row),
            lambda: "INSERT INTO parents (id, code, note) VALUES (%d, '%s', 'new')" % (row, self.word()),
            lambda: "DELETE FROM parents WHERE id = %d" % row,
            lambda: "UPDATE parents SET id = %d, changed = changed WHERE id = %d" % (other, row),
            lambda: "INSERT INTO parts (id, parent, amount, weight) VALUES (%d, %d, %d.25, 0.%d)" % (self.next_id, row, other, row),
            lambda: "UPDATE parts SET amount = %d.5 WHERE parent = %d" % (other, row),
            lambda: "UPDATE parts SET parent = %d WHERE id = %d" % (other, row),
            lambda: "UPDATE parts SET weight = %d / 7e0 WHERE id = %d" % (other, row),
            lambda: "DELETE FROM parts WHERE id = %d" % row,
            lambda: "INSERT INTO notes VALUES (%d, %d, '%s')" % (self.next_id, row, self.word()),
            lambda: "UPDATE notes SET parent = %s WHERE id = %d" % (rng.choice(("NULL", str(other))), row),
            lambda: "UPDATE notes SET text = 'Gr\u00fcn it''s %s' WHERE id = %d" % (self.word(), row),
            lambda: "DELETE FROM notes WHERE id = %d" % row,
            lambda: "UPDATE uniques SET u = %d WHERE id = %d" % (other * 10, row),
            lambda: "UPDATE uniques SET b = X'%04x' WHERE id = %d" % (rng.randrange(65536), row),
            lambda: "UPDATE uniques SET u = u + 5 WHERE id IN (%d, %d)" % (row, other),
            lambda: "DELETE FROM uniques WHERE id = %d" % row,
            lambda: "INSERT INTO keyless VALUES (%d, '%s')" % (row % 3, rng.choice("xyz")),
            lambda: "DELETE FROM keyless WHERE a = %d AND b = '%s' LIMIT 1" % (row % 3, rng.choice("xyz")),
        ])()

    def swap(self):
        """The unique values of two rows exchanged, in one transaction."""
        row = self.rng.randrange(1, FIRST_ROWS)
        return ["UPDATE uniques SET u = -1 WHERE id = %d" % row, "UPDATE uniques SET u = %d WHERE id = %d" % (row * 10, row + 1),
                "UPDATE uniques SET u = %d WHERE id = %d" % (row * 10 + 10, row)]

    def word(self):
        return self.rng.choice(("a", "b", "c", "A", "d\u00e9", "e f", "", "it''s"))


class Property:
    def __init__(self, primary, server, seed):
        self.primary = primary
        self.server = server
        self.rng = random.Random(seed)
        self.workload = Workload(self.rng)
        self.equal = 0
        self.refused = {}
        self.reverted = 0

    def execute(self, database, statements):
        """Counts of changed rows, or the error's number; nothing is committed yet."""
        connection = self.primary.connect(db=database, autocommit=False)
        with connection.cursor() as cursor:
            try:
                return connection, [cursor.execute(statement) for statement in statements]
            except pymysql.err.MySQLError as error:
                if error.args[0] not in EVERYDAY_ERRORS:
                    raise
                connection.rollback()
                return connection, error.args[0]

    def good(self, statements):
        shop, shop_outcome = self.execute("shop", statements)
        twin, twin_outcome = self.execute("twin", statements)
        for connection in (shop, twin):
            if shop_outcome == twin_outcome and isinstance(shop_outcome, list):
                connection.commit()
            else:
                connection.rollback()
            connection.close()

    def bad(self, statements):
        """GTID of the transaction; None when it changed nothing."""
        connection, outcome = self.execute("shop", statements)
        gtid = None
        if isinstance(outcome, list) and any(outcome):
            connection.commit()
            with connection.cursor() as cursor:
                cursor.execute("SELECT @@last_gtid")
                gtid = cursor.fetchone()[0]
        connection.close()
        return gtid

    def content(self, database):
        result = {}
        for table in TABLES:
            columns = [row[0] for row in self.primary.query("SHOW COLUMNS FROM %s.%s" % (database, table))]
            shown = ", ".join("changed" if c == "changed" else "HEX(%s)" % c if c in ("text", "b", "code", "note") else c for c in columns)
            result[table] = sorted(self.primary.query("SELECT %s FROM %s.%s" % (shown, database, table)), key=repr)
        return result

    def wait(self):
        (file, position) = self.primary.query("SHOW MASTER STATUS")[0][:2]
        self.server.wait_for_file_position(file, position)

    def prepare(self):
        for database in ("shop", "twin"):
            connection = self.primary.connect(db=database)
            with connection.cursor() as cursor:
                cursor.execute("SET foreign_key_checks = 0")
                cursor.execute("DROP TABLE IF EXISTS " + ", ".join(TABLES))
                cursor.execute("SET foreign_key_checks = 1")
                for statement in SCHEMA:
                    cursor.execute(statement)
                for row in range(1, FIRST_ROWS + 1):
                    cursor.execute("INSERT INTO parents (id, code, note) VALUES (%d, 'c%d', 'n')" % (row, row))
                for row in range(1, FIRST_ROWS + 1):
                    cursor.execute("INSERT INTO parts (id, parent, amount, weight) VALUES (%d, %d, %d, 0.1)" % (row, (row % 5) + 1, row))
                    cursor.execute("INSERT INTO notes VALUES (%d, %d, 'n')" % (row, (row % 4) + 1))
                    cursor.execute("INSERT INTO uniques VALUES (%d, %d, NULL)" % (row, row * 10))
                    cursor.execute("INSERT INTO keyless VALUES (%d, 'x')" % (row % 3))
            connection.close()

    def round(self, number):
        self.prepare()
        bad = []
        for _ in range(self.rng.randrange(2, 9)):
            if self.rng.random() < 0.4:
                statements = self.workload.swap() if self.rng.random() < 0.2 else self.workload.transaction()
                gtid = self.bad(statements)
                if gtid:
                    bad.append((gtid, statements))
            else:
                self.good(self.workload.transaction())
        self.wait()
        before = self.content("shop")
        branch = "fix%d" % number
        refusal, patch = self.repair(branch, [gtid for gtid, _ in reversed(bad)])
        if refusal is not None:
            assert any(known in refusal for known in REFUSALS), (refusal, bad)
            name = next(known for known in REFUSALS if known in refusal)
            self.refused[name] = self.refused.get(name, 0) + 1
            assert self.content("shop") == before
            return
        done = subprocess.run([shutil.which("mariadb"), "--no-defaults", "--socket=" + self.primary.socket_path, "--user=root", "--batch", "shop"],
                              input="".join(s + "\n" for s in patch).encode(), capture_output=True, check=False)
        assert done.returncode == 0, (done.stderr.decode(), patch, bad)
        assert self.content("shop") == self.content("twin"), self.difference(bad, patch)
        self.equal += 1

    def repair(self, branch, gtids):
        """The refusal's text or None, and the patch."""
        connection = self.server.connect("shop")
        try:
            with connection.cursor() as cursor:
                cursor.execute("CALL dolt_checkout('-b', %s)", (branch,))
                for gtid in gtids:
                    try:
                        cursor.execute("CALL dolt_revert(%s)", (gtid,))
                        self.reverted += 1
                    except pymysql.err.MySQLError as error:
                        # Undone since by a good write, or a transaction that left no difference.
                        if not re.search("nothing to commit|changed nothing in database", error.args[1]):
                            return error.args[1], []
                try:
                    cursor.execute("SELECT statement FROM afterimage_patch('main', %s)", (branch,))
                except pymysql.err.MySQLError as error:
                    return error.args[1], []
                return None, [row[0] for row in cursor.fetchall()]
        finally:
            connection.close()

    def difference(self, bad, patch):
        shop, twin = self.content("shop"), self.content("twin")
        lines = ["bad: %r" % (bad,), "patch: %r" % (patch,)]
        for table in TABLES:
            lines += ["%s shop only: %r" % (table, row) for row in shop[table] if row not in twin[table]]
            lines += ["%s twin only: %r" % (table, row) for row in twin[table] if row not in shop[table]]
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20260214)
    arguments = parser.parse_args()
    print("seed", arguments.seed)
    with MariadbServer(arguments=["--binlog-format=ROW", "--binlog-row-image=FULL"]) as primary:
        for statement in ("CREATE DATABASE shop CHARACTER SET utf8mb4", "CREATE DATABASE twin CHARACTER SET utf8mb4",
                          "CREATE USER 'afterimage'@'%' IDENTIFIED BY 'secret'", "GRANT ALL ON *.* TO 'afterimage'@'%'"):
            primary.query(statement)
        with AfterimageServer(arguments.binary, source="mysql://afterimage:secret@127.0.0.1:%d" % primary.port) as server:
            run = Property(primary, server, arguments.seed)
            for number in range(arguments.rounds):
                run.round(number)
            print("%d rounds: %d repaired and equal, refused: %r, %d transactions reverted" %
                  (arguments.rounds, run.equal, run.refused, run.reverted))
            # A repair that always refuses is no repair.
            assert run.equal * 2 > arguments.rounds, "refused too often"


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""afterimage_patch() applied to the real primary: it changes everything or nothing.

Usage: patch_test.py SERVER_BINARY

Each case makes a bad transaction on the primary, reverts it on a branch of the replica, and pipes the patch into `mariadb` in batch mode, with
and without something having happened on the primary meanwhile.
"""

import os
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import pymysql  # noqa: E402

from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

BINARY = None
OUT_OF_RANGE = "1690"

SCHEMA = [
    """CREATE TABLE parents (id INT PRIMARY KEY, code VARCHAR(20) UNIQUE, note VARCHAR(40), changed TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6)
       ON UPDATE CURRENT_TIMESTAMP(6)) ENGINE=InnoDB""",
    """CREATE TABLE parts (id INT PRIMARY KEY, parent INT, amount DECIMAL(10,2), doubled DECIMAL(11,2) AS (amount * 2) STORED,
       CONSTRAINT fk_parts FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE=InnoDB""",
    """CREATE TABLE notes (id INT PRIMARY KEY, parent INT, text VARCHAR(40),
       CONSTRAINT fk_notes FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE SET NULL) ENGINE=InnoDB""",
    """CREATE TABLE all_types (id INT PRIMARY KEY, b BIT(9), f FLOAT, db DOUBLE, y YEAR, e ENUM('x','y'), st SET('a','b','c'), d DECIMAL(20,5),
       dt DATE, tm TIME(3), dtt DATETIME(6), ts TIMESTAMP(6) NULL, v VARCHAR(20) CHARACTER SET utf8mb4, l VARCHAR(20) CHARACTER SET latin1,
       bin BINARY(4), vb VARBINARY(9), bl BLOB, j JSON, g GEOMETRY, u BIGINT UNSIGNED) ENGINE=InnoDB""",
    "CREATE TABLE keyless (a INT, b VARCHAR(10)) ENGINE=InnoDB",
    "CREATE TABLE plain (id INT PRIMARY KEY, n INT) ENGINE=Aria",
    "CREATE TABLE uniques (id INT PRIMARY KEY, u INT UNIQUE) ENGINE=InnoDB",
]
ROWS = [
    "INSERT INTO parents (id, code, note) VALUES (1,'a','one'),(2,'b','two'),(3,'c','three')",
    "INSERT INTO parts (id, parent, amount) VALUES (10,1,1.50),(11,1,2.50),(12,2,3.50)",
    "INSERT INTO notes VALUES (20,1,'n1'),(21,2,'n2')",
    """INSERT INTO all_types VALUES (1,b'101010101',0.1,0.1,2024,'y','a,c',-123.456,'2024-02-29','-12:34:56.789','2024-02-29 10:11:12.123456',
       '2001-02-03 04:05:06.123456','Grün it''s \\\\','Grün',X'01',X'0002',X'00ff','{"a": 1}',ST_GeomFromText('POINT(1 2)'),18446744073709551615)""",
    "INSERT INTO keyless VALUES (1,'x'),(1,'x'),(2,NULL)",
    "INSERT INTO plain VALUES (1,1),(2,2)",
    "INSERT INTO uniques VALUES (1,10),(2,20),(3,30)",
]
TABLES = ["parents", "parts", "notes", "all_types", "keyless", "plain", "uniques"]


class PatchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.primary = MariadbServer(arguments=["--binlog-format=ROW", "--binlog-row-image=FULL"])
        connection = cls.primary.connect()
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE shop CHARACTER SET utf8mb4")
            cursor.execute("CREATE USER 'afterimage'@'%' IDENTIFIED BY 'secret'")
            cursor.execute("GRANT ALL ON *.* TO 'afterimage'@'%'")
        connection.close()
        cls.server = AfterimageServer(BINARY, source="mysql://afterimage:secret@127.0.0.1:%d" % cls.primary.port)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        cls.primary.close()

    def setUp(self):
        self.run_on_primary(["DROP TABLE IF EXISTS parts, notes, parents, all_types, keyless, plain, uniques"] + SCHEMA + ROWS)
        self.branch = "fix_%s" % self._testMethodName[5:]

    def run_on_primary(self, statements):
        """In one transaction, as far as the statements allow."""
        connection = self.primary.connect(db="shop", autocommit=False)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
            connection.commit()
        finally:
            connection.close()

    def wait(self):
        (file, position) = self.primary.query("SHOW MASTER STATUS")[0][:2]
        self.server.wait_for_file_position(file, position)

    def content(self):
        result = {}
        for table in TABLES:
            columns = [row[0] for row in self.primary.query("SHOW COLUMNS FROM shop." + table)]
            shown = ", ".join("HEX(%s)" % c if c != "changed" else "changed" for c in columns)
            result[table] = sorted(self.primary.query("SELECT %s FROM shop.%s" % (shown, table)), key=repr)
        return result

    def patch_after_revert(self, bad_statements, revisions=("HEAD",)):
        """Runs the bad transaction, reverts it on a branch of the replica, returns content before it and the patch."""
        before = self.content()
        self.run_on_primary(bad_statements)
        self.wait()
        connection = self.server.connect("shop")
        try:
            with connection.cursor() as cursor:
                cursor.execute("CALL dolt_checkout('-b', %s)", (self.branch,))
                cursor.execute("CALL dolt_revert(%s)" % ", ".join(["%s"] * len(revisions)), revisions)
                cursor.execute("SELECT statement, note FROM afterimage_patch('main', %s)", (self.branch,))
                return before, list(cursor.fetchall())
        finally:
            connection.close()

    def apply(self, rows):
        """Pipes the statements into the client in batch mode; its error text, empty when all went well."""
        text = "".join(statement + "\n" for statement, _ in rows)
        done = subprocess.run([shutil.which("mariadb"), "--no-defaults", "--socket=" + self.primary.socket_path, "--user=root", "--batch", "shop"],
                              input=text.encode(), capture_output=True, check=False)
        return done.stderr.decode() if done.returncode != 0 else ""

    def check_undone(self, bad_statements):
        before, rows = self.patch_after_revert(bad_statements)
        self.assertEqual(self.apply(rows), "", rows)
        self.assertEqual(self.content(), before, rows)
        self.wait()  # the replica takes its own repair in

    def check_nothing_changes(self, bad_statements, meanwhile):
        _, rows = self.patch_after_revert(bad_statements)
        self.run_on_primary(meanwhile)
        now = self.content()
        error = self.apply(rows)
        self.assertIn(OUT_OF_RANGE, error, rows)
        self.assertEqual(self.content(), now)

    def test_update(self):
        self.check_undone(["UPDATE parts SET amount = 0", "UPDATE parents SET note = 'bad' WHERE id = 2"])

    def test_every_type(self):
        self.check_undone(["""UPDATE all_types SET b = 1, f = 1.5, db = 2.5, y = 1999, e = 'x', st = '', d = 1, dt = '2000-01-01', tm = '00:00:00',
            dtt = '2000-01-01', ts = NULL, v = 'x', l = NULL, bin = X'02', vb = X'', bl = NULL, j = '[]', g = NULL, u = 0"""])

    def test_every_type_deleted(self):
        self.check_undone(["DELETE FROM all_types"])

    def test_every_type_inserted(self):
        self.check_undone(["INSERT INTO all_types SELECT 2, b, f, db, y, e, st, d, dt, tm, dtt, ts, v, l, bin, vb, bl, j, g, u FROM all_types"])

    def test_delete_with_cascades(self):
        self.check_undone(["DELETE FROM parents WHERE id = 1"])

    def test_insert_with_children(self):
        self.check_undone(["INSERT INTO parents (id, code) VALUES (9,'z')", "INSERT INTO parts (id, parent, amount) VALUES (99,9,1)",
                           "INSERT INTO notes VALUES (98,9,'n')"])

    def test_key_that_children_follow(self):
        self.run_on_primary(["DELETE FROM notes"])
        self.check_undone(["UPDATE parents SET id = 7 WHERE id = 1"])

    def test_swapped_unique_values(self):
        self.check_undone(["UPDATE uniques SET u = 99 WHERE id = 1", "UPDATE uniques SET u = 10 WHERE id = 2", "UPDATE uniques SET u = 20 WHERE id = 1"])

    def test_keyless(self):
        self.check_undone(["DELETE FROM keyless WHERE a = 1 LIMIT 1", "INSERT INTO keyless VALUES (3,'y'),(3,'y')"])

    def test_cell_changed_meanwhile(self):
        self.check_nothing_changes(["UPDATE parts SET amount = 0"], ["UPDATE parts SET amount = 7 WHERE id = 12"])

    def test_case_changed_meanwhile(self):
        self.check_nothing_changes(["UPDATE parents SET note = 'bad' WHERE id = 1", "UPDATE parts SET amount = 0"],
                                   ["UPDATE parents SET note = 'BAD' WHERE id = 1"])

    def test_row_gone_meanwhile(self):
        self.check_nothing_changes(["UPDATE parts SET amount = 0"], ["DELETE FROM parts WHERE id = 10"])

    def test_child_added_meanwhile(self):
        self.check_nothing_changes(["INSERT INTO parents (id, code) VALUES (9,'z')", "UPDATE parts SET amount = 0"],
                                   ["INSERT INTO parts (id, parent, amount) VALUES (99,9,1)"])

    def test_child_added_to_a_moved_key_meanwhile(self):
        self.run_on_primary(["DELETE FROM notes"])
        self.check_nothing_changes(["UPDATE parents SET id = 7 WHERE id = 1", "UPDATE uniques SET u = 31 WHERE id = 3"],
                                   ["INSERT INTO parts (id, parent, amount) VALUES (99,7,1)"])

    def test_other_cells_changed_meanwhile_stay(self):
        _, rows = self.patch_after_revert(["UPDATE parts SET amount = 0"])
        self.run_on_primary(["UPDATE parts SET parent = 3 WHERE id = 12", "INSERT INTO parts (id, parent, amount) VALUES (50,3,5)"])
        self.assertEqual(self.apply(rows), "")
        self.assertEqual(self.primary.query("SELECT id, parent, CAST(amount AS CHAR) FROM shop.parts ORDER BY id"),
                         [(10, 1, "1.50"), (11, 1, "2.50"), (12, 3, "3.50"), (50, 3, "5.00")])

    def test_aria_comes_apart(self):
        # What the Aria table does is a transaction of its own in the binary log.
        before, rows = self.patch_after_revert(["UPDATE plain SET n = 0", "UPDATE parts SET amount = 0"], ("HEAD", "HEAD~1"))
        self.assertTrue(any(note and "not atomic" in note for _, note in rows), rows)
        atomic = [statement for statement, note in rows if not (note and "not atomic" in note)]
        self.assertFalse(any("`plain`" in statement for statement in atomic))
        self.assertEqual(self.apply(rows), "")
        self.assertEqual(self.content(), before)

    def test_ddl_is_refused(self):
        self.run_on_primary(["ALTER TABLE uniques ADD COLUMN extra INT"])
        self.wait()
        connection = self.server.connect("shop")
        with connection.cursor() as cursor:
            cursor.execute("CALL dolt_checkout('-b', %s)", (self.branch,))
            cursor.execute("CALL dolt_revert('HEAD')")
            with self.assertRaisesRegex(pymysql.err.MySQLError, "definition of table uniques differs"):
                cursor.execute("SELECT statement FROM afterimage_patch('main', %s)", (self.branch,))
                cursor.fetchall()
            cursor.execute("SELECT statement FROM dolt_patch('main', %s) WHERE diff_type = 'schema'", (self.branch,))
            self.assertEqual(cursor.fetchall(), (("ALTER TABLE `uniques` DROP `extra`;",),))
        connection.close()


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    started = time.monotonic()
    unittest.main(verbosity=2)

# SPDX-License-Identifier: Apache-2.0
"""The source's own names for its past, on a real primary: GTID, binlog file:position and time in AS OF and in database names.

Usage: revisions_test.py SERVER_BINARY
"""

import datetime
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import pymysql  # noqa: E402

from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

BINARY = None


class RevisionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.primary = MariadbServer(arguments=["--binlog-format=ROW", "--binlog-row-image=FULL"])
        setup = cls.primary.connect()
        with setup.cursor() as cursor:
            for statement in ["CREATE DATABASE shop CHARACTER SET utf8mb4", "CREATE DATABASE audit CHARACTER SET utf8mb4",
                              "CREATE USER 'afterimage'@'%' IDENTIFIED BY 'secret'", "GRANT ALL ON *.* TO 'afterimage'@'%'",
                              "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB",
                              "CREATE TABLE audit.log (id INT PRIMARY KEY, v INT) ENGINE=InnoDB",
                              "INSERT INTO shop.t VALUES (1, 0), (2, 0)"]:
                cursor.execute(statement)
        setup.close()
        cls.server = AfterimageServer(BINARY, source="mysql://afterimage:secret@127.0.0.1:%d" % cls.primary.port)
        cls.server.start()
        cls.wait()  # what is written before the copy ends is no transaction of its own
        cls.steps = [cls.transaction("UPDATE shop.t SET v = 1 WHERE id = 1"),
                     cls.transaction("INSERT INTO audit.log VALUES (1, 1)"),
                     cls.transaction("UPDATE shop.t SET v = 2 WHERE id = 1", "INSERT INTO audit.log VALUES (2, 2)"),
                     cls.transaction("UPDATE shop.t SET v = 3 WHERE id = 1")]
        cls.wait()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        cls.primary.close()

    @classmethod
    def transaction(cls, *statements):
        """GTID, file and end position, and a moment after it and before the next one."""
        connection = cls.primary.connect(autocommit=False)
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()
            cursor.execute("SELECT @@last_gtid")
            gtid = cursor.fetchone()[0]
            cursor.execute("SHOW MASTER STATUS")
            file, position = cursor.fetchone()[:2]
        connection.close()
        time.sleep(1.1)  # the binary log keeps whole seconds
        moment = datetime.datetime.utcnow()
        time.sleep(1.1)
        return gtid, "%s:%d" % (file, position), moment

    @classmethod
    def wait(cls):
        (file, position) = cls.primary.query("SHOW MASTER STATUS")[0][:2]
        cls.server.wait_for_file_position(file, position)

    def value_at(self, revision, table="shop.t", column="v"):
        return self.server.query("SELECT %s FROM %s AS OF '%s' ORDER BY id" % (column, table, revision))

    def test_gtid(self):
        values = [self.value_at(gtid)[0][0] for gtid, _, _ in self.steps]
        self.assertEqual(values, [1, 1, 2, 3])
        counts = [len(self.value_at(gtid, "audit.log")) for gtid, _, _ in self.steps[1:]]
        self.assertEqual(counts, [1, 2, 2])

    def test_file_and_position(self):
        values = [self.value_at(position)[0][0] for _, position, _ in self.steps]
        self.assertEqual(values, [1, 1, 2, 3])
        file, position = self.steps[2][1].split(":")
        self.assertEqual(self.value_at("%s:%d" % (file, int(position) - 1))[0][0], 1)

    def test_time(self):
        values = []
        for _, _, moment in self.steps:
            rows = self.server.query("SELECT v FROM shop.t AS OF TIMESTAMP(%s) WHERE id = 1", args=(moment.strftime("%Y-%m-%d %H:%M:%S"),))
            values.append(rows[0][0])
        self.assertEqual(values, [1, 1, 2, 3])

    def test_database_name(self):
        gtid = self.steps[2][0]
        self.assertEqual(self.server.query("SELECT v FROM `shop/%s`.t WHERE id = 1" % gtid), ((2,),))
        connection = self.server.connect("shop/" + gtid)
        with connection.cursor() as cursor:
            cursor.execute("SELECT v, DATABASE() FROM t WHERE id = 1")
            self.assertEqual(cursor.fetchone(), (2, "shop/" + gtid))
            with self.assertRaises(pymysql.err.MySQLError) as refused:
                cursor.execute("UPDATE t SET v = 9")
            self.assertEqual(refused.exception.args[0], 1290)
        connection.close()
        self.assertEqual(self.server.query("SELECT v FROM `shop/%s~1`.t WHERE id = 1" % gtid), ((1,),))

    def test_unknown_positions(self):
        for revision in ("0-1-999999", "nothing.000001:4", "binlog.000001:abc"):
            with self.assertRaises(pymysql.err.MySQLError) as refused:
                self.value_at(revision)
            self.assertEqual(refused.exception.args[0], 1105, revision)

    def test_transactions(self):
        rows = self.server.query("SELECT gtid, CONCAT(file, ':', position), rows_inserted, rows_updated, outcome"
                                 " FROM afterimage_transactions WHERE gtid IN (%s) ORDER BY transaction_id" %
                                 ",".join("'%s'" % step[0] for step in self.steps), db="shop")
        self.assertEqual([row[:2] for row in rows], [step[:2] for step in self.steps])
        self.assertEqual([row[2:] for row in rows], [(0, 1, "applied"), (1, 0, "applied"), (1, 1, "applied"), (0, 1, "applied")])

    def test_revert_by_gtid(self):
        connection = self.server.connect("shop")
        with connection.cursor() as cursor:
            cursor.execute("CALL dolt_checkout('-b', 'by_gtid')")
            cursor.execute("CALL dolt_revert(%s)", (self.steps[3][0],))
            cursor.execute("SELECT v FROM t WHERE id = 1")
            self.assertEqual(cursor.fetchone(), (2,))
            # A transaction that did not touch this database is nothing to revert here: never another commit.
            for procedure in ("dolt_revert", "dolt_cherry_pick"):
                with self.assertRaisesRegex(pymysql.err.MySQLError, "changed nothing in database shop"):
                    cursor.execute("CALL %s(%%s)" % procedure, (self.steps[1][0],))
            file, position = self.steps[2][1].split(":")
            with self.assertRaisesRegex(pymysql.err.MySQLError, "changed nothing in database shop"):
                cursor.execute("CALL dolt_revert(%s)", ("%s:%d" % (file, int(position) - 1),))
            cursor.execute("CALL dolt_revert(%s)", (self.steps[2][1],))
            cursor.execute("SELECT v FROM t WHERE id = 1")
            self.assertEqual(cursor.fetchone(), (1,))
        connection.close()


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    unittest.main(verbosity=2)

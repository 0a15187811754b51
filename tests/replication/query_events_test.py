# SPDX-License-Identifier: Apache-2.0
"""Every statement that a primary can put into its binary log: applied as a real replica would, or stopped by name with nothing lost.

Usage: query_events_test.py SERVER_BINARY [GROUP ...]

One primary and one replica for all rows of CASES. A row is applied when all tables are equal afterwards; a row that must stop names words of
the error and what takes it back at the source without a log once it is skipped here (sql_replica_skip_counter): both are equal then, too.
"""

import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]

import pymysql  # noqa: E402

import comparison  # noqa: E402
from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

SETUP = [
    "CREATE DATABASE d", "CREATE DATABASE e",
    "CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(100), n INT, KEY by_n (n))",
    "INSERT INTO d.t (v, n) VALUES ('a', 1), ('b', 2), ('c', NULL)",
    "CREATE TABLE d.loose (a INT, b VARCHAR(20))", "INSERT INTO d.loose VALUES (1, 'x'), (1, 'x'), (2, NULL)",
    "CREATE TABLE d.aria (id INT PRIMARY KEY, v TEXT) ENGINE=Aria", "CREATE TABLE d.isam (id INT, v TEXT) ENGINE=MyISAM",
    "CREATE TABLE d.parent (id INT PRIMARY KEY, code VARCHAR(10), UNIQUE KEY (code))",
    "CREATE TABLE d.child (id INT PRIMARY KEY, parent INT, code VARCHAR(10), doubled INT AS (parent * 2) VIRTUAL, KEY (doubled), "
    "FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE, FOREIGN KEY (code) REFERENCES parent (code) "
    "ON DELETE SET NULL ON UPDATE CASCADE)",
    "CREATE TABLE d.grandchild (id INT PRIMARY KEY, child INT, FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE)",
]
ABROAD = [
    "CREATE TABLE e.abroad (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES d.parent (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    "CREATE TABLE e.nulled (id INT PRIMARY KEY, abroad INT, FOREIGN KEY (abroad) REFERENCES e.abroad (id) ON DELETE SET NULL)",
]
FAMILY = ["INSERT INTO d.parent VALUES (1, 'one'), (2, 'two'), (3, 'three')", "INSERT INTO d.child (id, parent, code) VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 2, 'one')",
          "INSERT INTO d.grandchild VALUES (1, 1), (2, 2), (3, 3)", "INSERT INTO e.abroad VALUES (1, 1), (2, 2), (3, 2)", "INSERT INTO e.nulled VALUES (1, 1), (2, 3)"]
PARTITIONED = ["CREATE TABLE d.parts (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), "
               "PARTITION p2 VALUES LESS THAN MAXVALUE)", "INSERT INTO d.parts VALUES (1, 1), (11, 1), (21, 1)"]

# group: [(statements of one session, words of the error or None, what takes them back at the source alone once they are skipped here)]
CASES = {
    "tables": [
        (["CREATE TABLE d.n1 (a INT) COMMENT 'x'", "CREATE TABLE IF NOT EXISTS d.n1 (b INT)", "CREATE TABLE d.n2 LIKE d.t", "INSERT INTO d.n2 (v) VALUES ('q')"], None),
        (["CREATE OR REPLACE TABLE d.n1 (c VARCHAR(5) NOT NULL PRIMARY KEY)", "INSERT INTO d.n1 VALUES ('k')"], None),
        (["CREATE TABLE d.n3 SELECT id, v FROM d.t", "CREATE OR REPLACE TABLE d.n3 (PRIMARY KEY (id)) SELECT id, v, 'more' AS m FROM d.t"], None),
        (["CREATE TABLE d.n4 AS SELECT * FROM d.t WHERE 1 = 0"], None),
        (["USE d", "CREATE TEMPORARY TABLE tmp (a INT)", "INSERT INTO tmp VALUES (1), (2)", "INSERT INTO t (n) SELECT a FROM tmp", "CREATE TABLE n5 LIKE tmp",
          "CREATE TABLE n6 SELECT * FROM tmp", "ALTER TABLE tmp ADD b INT", "DROP TABLE tmp, n5"], None),
        (["RENAME TABLE d.n2 TO d.swap, d.n3 TO d.n2, d.swap TO d.n3"], None),
        (["RENAME TABLE d.n3 TO e.moved", "INSERT INTO e.moved (v) VALUES ('there')", "ALTER TABLE e.moved RENAME TO d.back", "DELETE FROM d.back WHERE id = 1"], None),
        (["DROP TABLE d.n6, d.n4"], None),
        (["!1051 DROP TABLE d.back, d.missing"], None),
        (["DROP TABLE IF EXISTS d.missing, d.n2"], None),
        (["TRUNCATE TABLE d.n1", "TRUNCATE d.loose"], None),
        (["CREATE INDEX by_v ON d.t (v(10))", "CREATE UNIQUE INDEX IF NOT EXISTS u ON d.t (id, v(5)) COMMENT 'x'", "DROP INDEX by_v ON d.t"], None),
        (["CREATE DATABASE f CHARACTER SET latin1", "CREATE TABLE f.x (a VARCHAR(10))", "INSERT INTO f.x VALUES ('é')", "ALTER DATABASE f COLLATE utf8mb4_unicode_ci",
          "CREATE TABLE f.y (a VARCHAR(10) PRIMARY KEY)", "INSERT INTO f.y VALUES ('é')", "DROP DATABASE f", "CREATE DATABASE f", "CREATE TABLE f.z (a INT)"], None),
        (["CREATE OR REPLACE DATABASE f", "DROP DATABASE IF EXISTS f", "DROP DATABASE IF EXISTS nowhere"], None),
    ],
    "alter": [
        (["CREATE TABLE d.a (id INT PRIMARY KEY, x INT, s VARCHAR(20))", "INSERT INTO d.a VALUES (1, 10, 'one'), (2, NULL, 'two')",
          "ALTER TABLE d.a ADD COLUMN y INT NOT NULL DEFAULT 5, ADD COLUMN z VARCHAR(3) FIRST", "UPDATE d.a SET z = 'zzz' WHERE id = 1"], None),
        (["ALTER TABLE d.a DROP COLUMN x, CHANGE COLUMN s t TEXT, ADD INDEX (y)", "UPDATE d.a SET t = CONCAT(t, '!')"], None),
        (["ALTER TABLE d.a MODIFY y VARCHAR(10)", "ALTER TABLE d.a ALTER COLUMN y SET DEFAULT 'd', COMMENT = 'c', AUTO_INCREMENT = 50", "INSERT INTO d.a (id) VALUES (3)"], None),
        (["ALTER TABLE d.a DROP PRIMARY KEY, ADD PRIMARY KEY (id, y)", "DELETE FROM d.a WHERE id = 3"], None),
        (["ALTER TABLE d.a CONVERT TO CHARACTER SET latin1", "INSERT INTO d.a (id, y) VALUES (4, 'é')", "ALTER TABLE d.a ENGINE = InnoDB, ROW_FORMAT = COMPRESSED", "ALTER TABLE d.a FORCE"], None),
        (["ALTER TABLE d.a ADD CONSTRAINT positive CHECK (id > 0), ADD g INT AS (id + 1) STORED, ADD w INT AS (id * 2) VIRTUAL", "INSERT INTO d.a (id, y) VALUES (5, 'x')",
          "ALTER TABLE d.a DROP CONSTRAINT positive, RENAME COLUMN g TO h, RENAME INDEX y TO i", "UPDATE d.a SET id = id + 1 ORDER BY id DESC"], None),
        (["ALTER TABLE d.loose ADD id INT AUTO_INCREMENT PRIMARY KEY"], None),  # truncated above: nothing to number
        (["INSERT INTO d.isam VALUES (2, 'b'), (1, 'a')", "ALTER TABLE d.isam ADD no INT AUTO_INCREMENT PRIMARY KEY"], "AUTO_INCREMENT column to a table without a primary key",
         ["ALTER TABLE d.isam DROP no"]),
        (["ALTER TABLE d.t ADD INDEX (v), ALGORITHM = INPLACE, LOCK = NONE", "ALTER TABLE d.t DISABLE KEYS", "ALTER TABLE d.t ENABLE KEYS"], None),
    ],
    "rows": [
        (["BEGIN", "INSERT INTO d.t (v) VALUES ('s')", "SAVEPOINT A", "INSERT INTO d.t (v) VALUES ('gone')", "INSERT INTO d.aria VALUES (1, 'kept')",
          "ROLLBACK TO a", "INSERT INTO d.t (v) VALUES ('after')", "RELEASE SAVEPOINT A", "COMMIT"], None),
        (["BEGIN", "INSERT INTO d.aria VALUES (2, 'kept too')", "INSERT INTO d.t (v) VALUES ('gone')", "ROLLBACK"], None),
        (["BEGIN", "INSERT INTO d.t (v) VALUES ('gone')", "INSERT INTO d.aria VALUES (3, 'x')", "ROLLBACK"], None),
        (["!1062 INSERT INTO d.aria VALUES (4, 'a'), (5, 'b'), (1, 'double')"], None),
        (["UPDATE d.t, d.aria SET d.t.n = 7, d.aria.v = 'both' WHERE d.t.id = d.aria.id"], None),
        (["INSERT INTO d.t (v) VALUES (REPEAT('long', 25))", "REPLACE INTO d.t (id, v) VALUES (1, 'replaced')", "INSERT INTO d.t (id) VALUES (1) ON DUPLICATE KEY UPDATE n = 99",
          "INSERT IGNORE INTO d.t (id) VALUES (1), (1000)", "DELETE d.t FROM d.t JOIN d.aria USING (id)", "UPDATE d.t SET id = id + 5000 ORDER BY id DESC"], None),
        (["CREATE TABLE d.big (id INT PRIMARY KEY, b LONGBLOB)", "INSERT INTO d.big VALUES (1, REPEAT('0123456789', 2000000))", "UPDATE d.big SET b = CONCAT(b, 'x')", "DELETE FROM d.big"], None),
        (["LOAD DATA LOCAL INFILE '@file' INTO TABLE d.t (v, n)"], None),
        (["SET STATEMENT max_statement_time = 100 FOR INSERT INTO d.t (v) VALUES ('set statement')"], None),
        (["SET skip_replication = 1", "INSERT INTO d.t (v) VALUES ('marked')"], None),
        (["SET gtid_domain_id = 3", "INSERT INTO d.t (v) VALUES ('other domain')"], None),
        (["XA START 'one'", "INSERT INTO d.t (v) VALUES ('xa')", "XA END 'one'", "XA COMMIT 'one' ONE PHASE"], None),
        (["SET foreign_key_checks = 0", "INSERT INTO d.child (id, parent) VALUES (900, 12345)", "DELETE FROM d.child WHERE id = 900"], None),
    ],
    "cascades": [
        (ABROAD + FAMILY, None),
        (["UPDATE d.parent SET id = 10 WHERE id = 1", "UPDATE d.parent SET code = 'uno' WHERE id = 10"], None),
        (["DELETE FROM d.parent WHERE id = 2"], None),
        (["DELETE FROM d.parent"], None),
        (["DELETE FROM e.nulled", "ALTER TABLE d.parent CHANGE id ident INT"] + [s.replace("(1, 'one')", "(1, 'one')") for s in FAMILY] + ["DELETE FROM d.parent WHERE ident = 1"], None),
        (["RENAME TABLE d.parent TO d.mother", "UPDATE d.mother SET ident = 30 WHERE ident = 2", "DELETE FROM d.mother", "RENAME TABLE d.mother TO d.parent"], None),
    ],
    "stored": [
        (["CREATE TRIGGER d.trg BEFORE INSERT ON d.t FOR EACH ROW SET NEW.n = 42", "INSERT INTO d.t (v) VALUES ('fired')", "CREATE TRIGGER d.trg2 AFTER DELETE ON d.t FOR EACH ROW INSERT INTO d.loose (b) VALUES ('d')",
          "DELETE FROM d.t WHERE v = 'fired'", "DROP TRIGGER d.trg", "DROP TRIGGER IF EXISTS d.trg", "DROP TRIGGER d.trg2"], None),
        (["CREATE PROCEDURE d.p (x INT) BEGIN INSERT INTO d.t (n) VALUES (x); UPDATE d.t SET n = n + 1 WHERE n = x; END", "CALL d.p(77)", "CREATE FUNCTION d.f (x INT) RETURNS INT DETERMINISTIC RETURN x + 1",
          "INSERT INTO d.t (n) VALUES (d.f(1))", "CREATE OR REPLACE PROCEDURE d.p () SELECT 1", "ALTER PROCEDURE d.p COMMENT 'altered'", "DROP PROCEDURE d.p", "DROP FUNCTION d.f"], None),
        (["CREATE EVENT d.ev ON SCHEDULE EVERY 1 DAY DO DELETE FROM d.t", "ALTER EVENT d.ev DISABLE", "DROP EVENT d.ev"], None),
        (["CREATE VIEW d.vw AS SELECT id FROM d.t", "CREATE OR REPLACE VIEW d.vw AS SELECT id, n FROM d.t WHERE n > 0 WITH CHECK OPTION", "ALTER VIEW d.vw AS SELECT 1 AS one", "DROP VIEW d.vw"], None),
    ],
    "passed over": [
        (["CREATE USER u@localhost IDENTIFIED BY 'x'", "GRANT SELECT ON d.* TO u@localhost", "SET PASSWORD FOR u@localhost = PASSWORD('y')", "REVOKE SELECT ON d.* FROM u@localhost",
          "ALTER USER u@localhost ACCOUNT LOCK", "CREATE ROLE r", "GRANT r TO u@localhost", "DROP ROLE r", "RENAME USER u@localhost TO w@localhost", "DROP USER w@localhost"], None),
        (["FLUSH TABLES", "FLUSH PRIVILEGES", "FLUSH STATUS", "ANALYZE TABLE d.t", "OPTIMIZE TABLE d.t", "REPAIR TABLE d.aria", "CHECK TABLE d.t", "FLUSH BINARY LOGS"], None),
        (["CREATE TABLE mysql.ours (a INT)", "INSERT INTO mysql.ours VALUES (1)", "DROP TABLE mysql.ours"], None),
        (["SET GLOBAL binlog_annotate_row_events = 0", "SET binlog_annotate_row_events = 0", "INSERT INTO d.t (v) VALUES ('no text')", "SET GLOBAL binlog_annotate_row_events = 1"], None),
        (["SET GLOBAL log_bin_compress = 1, log_bin_compress_min_len = 10", "USE d", "INSERT INTO d.t (v) SELECT REPEAT('c', 90) FROM seq_1_to_50", "CREATE TABLE d.compressed (a INT, b INT, c INT, d INT, e INT)",
          "UPDATE d.t SET v = REPEAT('d', 80) WHERE v LIKE 'cc%'", "SET GLOBAL log_bin_compress = 0"], None),
        (["SET GLOBAL binlog_checksum = NONE", "INSERT INTO d.t (v) VALUES ('no checksum')", "SET GLOBAL binlog_checksum = CRC32", "INSERT INTO d.t (v) VALUES ('checksum')"], None),
        (["SET GLOBAL binlog_row_metadata = FULL", "INSERT INTO d.t (v) VALUES ('full metadata')", "SET GLOBAL binlog_row_metadata = MINIMAL", "INSERT INTO d.t (v) VALUES ('minimal metadata')"], None),
    ],
    "stops": [
        (["SET binlog_format = STATEMENT", "INSERT INTO d.t (v) VALUES ('statement')"], "SET GLOBAL binlog_format = ROW", ["DELETE FROM d.t WHERE v = 'statement'"]),
        (["INSERT INTO d.t (id, v) VALUES (77777, 'image')", "SET binlog_row_image = MINIMAL", "UPDATE d.t SET n = 5 WHERE id = 77777"], "SET GLOBAL binlog_row_image = FULL",
         ["UPDATE d.t SET n = NULL WHERE id = 77777"]),
        (["CREATE SEQUENCE d.seq"], "sequences", ["DROP SEQUENCE d.seq"]),
        (["XA START 'two'", "INSERT INTO d.t (v) VALUES ('xa')", "XA END 'two'", "XA PREPARE 'two'"], "XA transaction", ["XA ROLLBACK 'two'"]),
        (["CREATE TABLE d.versioned (a INT) WITH SYSTEM VERSIONING"], "system-versioned", ["DROP TABLE d.versioned"]),
        (["INSERT INTO d.t (v) VALUES ('it goes on')"], None),
    ],
    "partitions": [
        (PARTITIONED, None),
        (["ALTER TABLE d.parts TRUNCATE PARTITION p1", "INSERT INTO d.parts VALUES (12, 5)", "ALTER TABLE d.parts DROP PARTITION p0", "INSERT INTO d.parts VALUES (2, 6)"], None),
        (["ALTER TABLE d.parts REORGANIZE PARTITION p2 INTO (PARTITION p2 VALUES LESS THAN (30), PARTITION p3 VALUES LESS THAN MAXVALUE)",
          "INSERT INTO d.parts VALUES (25, 1), (35, 1)", "ALTER TABLE d.parts ANALYZE PARTITION p2", "ALTER TABLE d.parts TRUNCATE PARTITION ALL"], None),
        (["CREATE TABLE d.listed (k INT, v INT) PARTITION BY LIST (k) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3, NULL))",
          "INSERT INTO d.listed VALUES (1, 1), (2, 2), (3, 3), (NULL, 4), (NULL, 4)", "ALTER TABLE d.listed ADD PARTITION (PARTITION c VALUES IN (4))",
          "INSERT INTO d.listed VALUES (4, 4)", "ALTER TABLE d.listed DROP PARTITION b"], None),
        (["CREATE TABLE d.dated (id INT, at DATE, PRIMARY KEY (id, at)) PARTITION BY RANGE (TO_DAYS(at)) (PARTITION y20 VALUES LESS THAN (TO_DAYS('2021-01-01')), "
          "PARTITION y21 VALUES LESS THAN (TO_DAYS('2022-01-01')))", "INSERT INTO d.dated VALUES (1, '2020-05-05'), (2, '2021-05-05'), (3, '2020-12-31')",
          "ALTER TABLE d.dated ADD PARTITION (PARTITION y22 VALUES LESS THAN (TO_DAYS('2023-01-01')))", "ALTER TABLE d.dated DROP PARTITION y20", "INSERT INTO d.dated VALUES (4, '2022-05-05')"], None),
        (["CREATE TABLE d.hashed (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3", "INSERT INTO d.hashed VALUES (1), (2), (3), (4)",
          "ALTER TABLE d.hashed ADD PARTITION PARTITIONS 2", "ALTER TABLE d.hashed COALESCE PARTITION 1", "DELETE FROM d.hashed WHERE id = 3",
          "ALTER TABLE d.hashed REMOVE PARTITIONING"], None),
        (["CREATE TABLE d.plain (id INT PRIMARY KEY, v INT)", "INSERT INTO d.plain VALUES (40, 1)"], None),
        (["ALTER TABLE d.parts EXCHANGE PARTITION p3 WITH TABLE d.plain"], "EXCHANGE", ["ALTER TABLE d.parts EXCHANGE PARTITION p3 WITH TABLE d.plain"]),
        (["DROP TABLE d.parts", "DROP TABLE d.plain"], None),
    ],
}


class Pair:
    def __init__(self, binary):
        self.primary = MariadbServer(arguments=["--binlog-format=ROW", "--character-set-server=utf8mb4", "--local-infile=1", "--sql-mode="])
        for statement in SETUP[:2]:
            self.primary.query(statement)
        self.replica = None
        self.binary = binary
        self.copy()
        self.file = os.path.join(self.primary.directory, "rows.txt")
        with open(self.file, "w", encoding="utf-8") as rows:
            rows.writelines("row %d\t%d\n" % (i, i) for i in range(200))
        self.run(SETUP[2:])

    def copy(self):
        """A replica that begins with a copy of what the primary holds now."""
        if self.replica:
            self.replica.close()
        self.replica = AfterimageServer(self.binary, "mysql://root@127.0.0.1:%d" % self.primary.port)
        self.replica.start()
        self.wait()

    def close(self):
        self.replica.close()
        self.primary.close()

    def run(self, statements):
        connection = self.primary.connect(local_infile=True)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    expected = 0
                    if statement.startswith("!"):
                        expected, statement = int(statement[1:5]), statement[6:]
                    try:
                        cursor.execute(statement.replace("@file", self.file))
                        while cursor.nextset():
                            pass
                    except pymysql.err.MySQLError as error:
                        if error.args[0] != expected:
                            raise AssertionError("%s: %s" % (statement, error)) from error
        finally:
            connection.close()

    def wait(self):
        """Until the replica has everything or has stopped; its error."""
        file, position = self.primary.query("SHOW MASTER STATUS")[0][:2]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            status = self.replica.replica_status()
            if status["Replica_SQL_Running"] == "No" or status["Replica_IO_Running"] == "No":
                return status["Last_SQL_Error"] or status["Last_IO_Error"] or "stopped without a reason"
            if (status["Relay_Source_Log_File"], int(status["Exec_Source_Log_Pos"])) >= (file, int(position)):
                return None
            time.sleep(0.02)
        return "nothing more comes: %r" % status

    def skip(self):
        self.replica.query("SET GLOBAL sql_replica_skip_counter = 1")
        self.replica.query("START REPLICA")

    def check(self, statements, words, undo=()):
        self.run(statements)
        error = self.wait()
        if words is None:
            assert error is None, error
            comparison.compare_rows(self.primary, self.replica)
            return
        assert error is not None, "applied, although it cannot be"
        assert words in error, error
        skipped = 0
        while error is not None:
            skipped += 1
            assert skipped < 10, error
            self.skip()
            time.sleep(0.1)
            error = self.wait()
        self.run(["SET sql_log_bin = 0"] + list(undo))
        comparison.compare_rows(self.primary, self.replica)


def main():
    binary = os.path.abspath(sys.argv[1])
    groups = sys.argv[2:] or list(CASES)
    failures = 0
    pair = Pair(binary)
    try:
        for group in groups:
            for statements, *expected in CASES[group]:
                try:
                    pair.check(statements, *expected)
                    print("ok      %s: %s" % (group, statements[0][:100]), flush=True)
                except AssertionError as error:
                    failures += 1
                    print("FAILED  %s: %s\n        %s" % (group, statements[0][:100], str(error)[:600]), flush=True)
                    pair.copy()
        comparison.compare_records(pair.primary, pair.replica)
    finally:
        pair.close()
    print("%d failed" % failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

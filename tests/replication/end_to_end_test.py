# SPDX-License-Identifier: Apache-2.0
"""A real primary under a mixed random workload, the replica killed with SIGKILL again and again: nothing lost, nothing doubled.

Usage: end_to_end_test.py SERVER_BINARY [--kills N] [--seed N]

At the end every row is equal, there is exactly one transaction record for each GTID group of the source's binary log (recounted with
mariadb-binlog), and dolt_hashof_table() of every table equals that of a second server that took its own first copy.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import pymysql  # noqa: E402

from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

SCHEMA = [
    "CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4",
    "CREATE DATABASE audit DEFAULT CHARACTER SET utf8mb4",
    """CREATE TABLE shop.parents (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) UNIQUE, note TEXT) ENGINE=InnoDB""",
    """CREATE TABLE shop.children (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, parent INT, amount DECIMAL(12,3), at DATETIME(6),
       KEY by_amount (amount), CONSTRAINT fk_parent FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE=InnoDB""",
    """CREATE TABLE shop.notes (id INT PRIMARY KEY AUTO_INCREMENT, child BIGINT UNSIGNED, text VARCHAR(100),
       CONSTRAINT fk_child FOREIGN KEY (child) REFERENCES children (id) ON DELETE SET NULL) ENGINE=InnoDB""",
    """CREATE TABLE shop.all_types (id INT PRIMARY KEY, ti TINYINT, tiu TINYINT UNSIGNED, si SMALLINT, mi MEDIUMINT, mu MEDIUMINT UNSIGNED, bi BIGINT,
       bu BIGINT UNSIGNED, d DECIMAL(65,30), f FLOAT, db DOUBLE, b BIT(17), c CHAR(10), vc VARCHAR(300), bin BINARY(8), vb VARBINARY(50), t TEXT,
       mt MEDIUMTEXT, bl BLOB, e ENUM('a','b','ü'), s SET('x','y','z'), dt DATE, tm TIME(6), dtm DATETIME(6), ts TIMESTAMP(6) NULL, y YEAR, j JSON,
       la VARCHAR(30) CHARACTER SET latin1, g GEOMETRY, KEY by_vc (vc(20)), KEY by_la (la), KEY by_dtm (dtm)) ENGINE=InnoDB""",
    "CREATE TABLE shop.keyless (a INT, b VARCHAR(20)) ENGINE=InnoDB",
    "CREATE TABLE audit.log (id BIGINT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(200), generated_length INT AS (LENGTH(what)) VIRTUAL) ENGINE=InnoDB",
]


class Workload:
    """Random transactions on several connections until told to stop; counts what was committed."""

    def __init__(self, primary, seed):
        self.primary = primary
        self.seed = seed
        self.stop_event = threading.Event()
        self.committed = 0
        self.lock = threading.Lock()
        self.failure = None
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(3)]
        self.threads.append(threading.Thread(target=self._run_ddl))

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stop_event.set()
        for thread in self.threads:
            thread.join()
        if self.failure:
            raise self.failure

    def _note(self):
        with self.lock:
            self.committed += 1

    def _run(self, number):
        rng = random.Random(self.seed * 100 + number)
        connection = self.primary.connect(autocommit=False)
        try:
            while not self.stop_event.is_set():
                try:
                    with connection.cursor() as cursor:
                        for _ in range(rng.choice((1, 1, 1, 2, 5))):
                            self._statement(cursor, rng)
                    if rng.random() < 0.05:
                        connection.rollback()
                    else:
                        connection.commit()
                        self._note()
                except pymysql.err.MySQLError as error:
                    # Deadlocks, duplicate names, tables changed meanwhile: a client's everyday life.
                    if error.args[0] not in (1062, 1205, 1213, 1467, 1412, 1020, 1451, 1452, 1054, 1136):
                        raise
                    connection.rollback()
        except BaseException as error:  # noqa: B902  (told to the main thread)
            self.failure = error
        finally:
            connection.close()

    def _statement(self, cursor, rng):
        kind = rng.randrange(14)
        if kind == 0:
            cursor.execute("INSERT INTO shop.parents (name, note) VALUES (%s, %s)", (self._word(rng), "n" * rng.choice((1, 50, 3000))))
        elif kind == 1:
            cursor.execute("INSERT INTO shop.children (parent, amount, at) SELECT id, %s, NOW(6) FROM shop.parents ORDER BY RAND() LIMIT 3",
                           (rng.randrange(10**9) / 1000,))
        elif kind == 2:
            cursor.execute("UPDATE shop.children SET amount = amount + 1 ORDER BY id DESC LIMIT %s", (rng.randrange(1, 20),))
        elif kind == 3:
            cursor.execute("DELETE FROM shop.parents WHERE id %% 97 = %s LIMIT 1", (rng.randrange(97),))
        elif kind == 4:
            cursor.execute("UPDATE shop.parents SET id = id + 1000000 WHERE id < 1000000 ORDER BY id DESC LIMIT 1")
        elif kind == 5:
            cursor.execute("INSERT INTO shop.notes (child, text) SELECT id, %s FROM shop.children ORDER BY id DESC LIMIT 2", (self._word(rng),))
        elif kind == 6:
            cursor.execute("DELETE FROM shop.children ORDER BY id LIMIT 1")
        elif kind in (7, 8):
            self._all_types(cursor, rng)
        elif kind == 9:
            cursor.execute("UPDATE shop.all_types SET vc = CONCAT('u', %s), ts = NOW(6), f = f / 3 WHERE id = %s", (self._word(rng), rng.randrange(400)))
        elif kind == 10:
            cursor.execute("INSERT INTO shop.keyless VALUES (%s, %s), (%s, %s)", (rng.randrange(3), "x", rng.randrange(3), "x"))
        elif kind == 11:
            cursor.execute("DELETE FROM shop.keyless WHERE a = %s LIMIT 2", (rng.randrange(3),))
        elif kind == 12:
            cursor.execute("INSERT INTO audit.log (what) VALUES (%s)", (self._word(rng) * 3,))
        else:
            cursor.execute("UPDATE shop.keyless SET b = %s WHERE a = %s LIMIT 1", (self._word(rng)[:10], rng.randrange(3)))

    @staticmethod
    def _word(rng):
        return "".join(rng.choice("abcdefghijklmnopqrstuvwxyzÄöß漢🙂 '\\%_") for _ in range(rng.randrange(1, 25)))

    def _all_types(self, cursor, rng):
        def maybe(value):
            return None if rng.random() < 0.15 else value
        cursor.execute(
            "REPLACE INTO shop.all_types VALUES (" + ",".join(["%s"] * 27) + ",%s,ST_GeomFromText(%s, 4326))",
            (rng.randrange(400), maybe(rng.randrange(-128, 128)), maybe(rng.randrange(256)), maybe(rng.randrange(-32768, 32768)),
             maybe(rng.randrange(-2**23, 2**23)), maybe(rng.randrange(2**24)), maybe(rng.randrange(-2**63, 2**63)), maybe(rng.randrange(2**64)),
             maybe("%d.%030d" % (rng.randrange(-10**34, 10**34), rng.randrange(10**30))), maybe(rng.uniform(-1e6, 1e6)), maybe(rng.uniform(-1e300, 1e300)),
             maybe(rng.randrange(2**17)), maybe(self._word(rng)[:10]), maybe(self._word(rng) * 5), maybe(rng.randbytes(rng.randrange(9))),
             maybe(rng.randbytes(rng.randrange(50))), maybe(self._word(rng) * 20), maybe("m" * rng.choice((10, 5000, 100000))),
             maybe(rng.randbytes(rng.choice((0, 100, 4000)))), maybe(rng.choice(("a", "b", "ü"))), maybe(rng.choice(("", "x", "x,z", "x,y,z"))),
             maybe("%04d-%02d-%02d" % (rng.randrange(1000, 9999), rng.randrange(1, 13), rng.randrange(1, 29))),
             maybe("%s%02d:%02d:%02d.%06d" % (rng.choice(("", "-")), rng.randrange(800), rng.randrange(60), rng.randrange(60), rng.randrange(10**6))),
             maybe("%04d-01-02 %02d:03:04.%06d" % (rng.randrange(1000, 9999), rng.randrange(24), rng.randrange(10**6))),
             maybe("%04d-05-06 %02d:08:09.%06d" % (rng.randrange(1971, 2037), rng.randrange(24), rng.randrange(10**6))), maybe(rng.randrange(1901, 2155)),
             maybe('{"k": [1, 2.5, "%s"]}' % rng.randrange(1000)), maybe("latin é ü " + str(rng.randrange(1000))),
             "POINT(%d %d)" % (rng.randrange(90), rng.randrange(90))))

    def _run_ddl(self):
        rng = random.Random(self.seed * 100 + 99)
        connection = self.primary.connect()
        number = 0
        try:
            while not self.stop_event.is_set():
                number += 1
                statements = rng.choice((
                    ["CREATE TABLE shop.t%d (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB" % number,
                     "INSERT INTO shop.t%d VALUES (1,'a'),(2,'b'),(3,NULL)" % number,
                     "ALTER TABLE shop.t%d ADD COLUMN w INT NOT NULL DEFAULT 7" % number,
                     "UPDATE shop.t%d SET w = w + id" % number],
                    ["CREATE TABLE audit.r%d LIKE audit.log" % number, "INSERT INTO audit.r%d (what) VALUES ('x')" % number,
                     "RENAME TABLE audit.r%d TO audit.s%d" % (number, number), "DROP TABLE audit.s%d" % number],
                    ["CREATE TABLE shop.u%d (a INT PRIMARY KEY, b VARCHAR(10), c INT)" % number,
                     "INSERT INTO shop.u%d VALUES (1,'1',1),(2,'22',2)" % number,
                     "ALTER TABLE shop.u%d MODIFY b VARCHAR(30) NOT NULL FIRST, DROP COLUMN c, ADD INDEX by_b (b)" % number,
                     "INSERT INTO shop.u%d VALUES ('3',3)" % number, "TRUNCATE TABLE shop.u%d" % number,
                     "INSERT INTO shop.u%d VALUES ('4',4)" % number],
                    ["CREATE OR REPLACE VIEW shop.v AS SELECT id, name FROM shop.parents WHERE id > %d" % number],
                    ["ALTER TABLE shop.notes COMMENT = 'change %d'" % number],
                ))
                for statement in statements:
                    with connection.cursor() as cursor:
                        cursor.execute(statement)
                    self._note()
                self.stop_event.wait(rng.uniform(0.05, 0.4))
        except BaseException as error:  # noqa: B902
            self.failure = error
        finally:
            connection.close()


def table_rows(connection, database, table, columns):
    # Text of a FLOAT has six digits: the double it widens to is exact.
    items = []
    for name, data_type in columns:
        if data_type == "float":
            items.append("`%s` + 0.0e0" % name)
        elif data_type == "geometry":
            items.append("HEX(`%s`)" % name)
        else:
            items.append("`%s`" % name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s FROM `%s`.`%s`" % (", ".join(items), database, table))
        return sorted(cursor.fetchall(), key=repr)


def compare(primary, replica):
    """Every row of every table; returns how many."""
    source = primary.connect()
    copy = replica.connect()
    compared = 0
    try:
        with source.cursor() as cursor:
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND "
                           "table_schema IN ('shop', 'audit') ORDER BY 1, 2")
            tables = cursor.fetchall()
        with copy.cursor() as cursor:
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND "
                           "table_schema IN ('shop', 'audit') ORDER BY 1, 2")
            assert cursor.fetchall() == tables, "other tables"
        for database, table in tables:
            with source.cursor() as cursor:
                cursor.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s "
                               "ORDER BY ordinal_position", (database, table))
                columns = cursor.fetchall()
            expected = table_rows(source, database, table, columns)
            found = table_rows(copy, database, table, columns)
            if expected != found:
                for left, right in zip(expected, found):
                    if left != right:
                        raise AssertionError("%s.%s: %r here, %r at the source" % (database, table, right, left))
                raise AssertionError("%s.%s: %d rows here, %d at the source" % (database, table, len(found), len(expected)))
            compared += len(expected)
    finally:
        source.close()
        copy.close()
    return compared


def gtid_groups(primary):
    """GTIDs of the source's binary log, in order."""
    files = sorted(name for name in os.listdir(primary.data_directory) if re.fullmatch(r"binlog\.\d+", name))
    text = subprocess.run(["mariadb-binlog", "--base64-output=DECODE-ROWS"] + [os.path.join(primary.data_directory, name) for name in files],
                          capture_output=True, text=True, errors="replace", check=True).stdout
    return re.findall(r"GTID (\d+-\d+-\d+)", "\n".join(line for line in text.splitlines() if line.startswith("#") and "GTID " in line and "GTID list" not in line.lower()))


def sequence(gtid):
    return int(gtid.split("-")[2])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=22)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    print("seed", arguments.seed, flush=True)
    rng = random.Random(arguments.seed)
    with MariadbServer(arguments=["--binlog-format=ROW", "--binlog-row-image=FULL", "--character-set-server=utf8mb4"]) as primary:
        for statement in SCHEMA:
            primary.query(statement)
        for i in range(2000):
            primary.query("INSERT INTO shop.parents (name) VALUES ('first %d')" % i) if i < 20 else None
        workload = Workload(primary, arguments.seed)
        workload.start()
        time.sleep(2)
        source = "mysql://root@127.0.0.1:%d" % primary.port
        replica = AfterimageServer(arguments.binary, source, options=["--set", "storage.keyframe_min_changes=200"])
        phases = {"first copy": 0, "following": 0}
        try:
            for kill in range(arguments.kills):
                before = workload.committed
                replica.start(wait=kill >= 5)
                # The first few fall into the first copy, the rest into following, keyframes and DDL.
                time.sleep(rng.uniform(0.05, 0.35) if kill < 5 else rng.uniform(0.3, 1.5))
                deadline = time.monotonic() + 20
                while kill >= 5 and workload.committed - before < 100 and time.monotonic() < deadline:
                    time.sleep(0.05)
                replica.kill()
                phases["following" if "first copy complete" in replica.log() else "first copy"] += 1
            print("killed", arguments.kills, "times:", phases, "with", workload.committed, "transactions committed", flush=True)
            replica.start()
            time.sleep(1)
            workload.stop()
            file, position = primary.query("SHOW MASTER STATUS")[0][:2]
            replica.wait_for_file_position(file, int(position))
            print("rows compared:", compare(primary, replica), flush=True)

            records = [row[0] for row in replica.query("SELECT gtid FROM afterimage_transactions WHERE gtid <> ''", db="shop")]
            groups = gtid_groups(primary)
            assert len(records) == len(set(records)), "a transaction was recorded twice"
            first = min(sequence(gtid) for gtid in records)
            expected = [gtid for gtid in groups if sequence(gtid) >= first]
            assert sorted(records, key=sequence) == sorted(expected, key=sequence), "records %d, groups %d, missing %r, too many %r" % (
                len(records), len(expected), sorted(set(expected) - set(records))[:5], sorted(set(records) - set(expected))[:5])
            print("transaction records:", len(records), "equal the source's groups", flush=True)

            with AfterimageServer(arguments.binary, source) as second:
                second.wait_for_file_position(file, int(position))
                # Table by table: a view that came as DDL keeps the words it was written in, one that was copied has the server's.
                tables = replica.query("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
                                       "AND table_schema IN ('shop', 'audit')")
                for database, table in tables:
                    hashes = [server.query("SELECT dolt_hashof_table('%s')" % table, db=database) for server in (replica, second)]
                    assert hashes[0] == hashes[1], "dolt_hashof_table differs from a second first copy's: %s.%s" % (database, table)
            print("dolt_hashof_table equals a second first copy's for", len(tables), "tables", flush=True)
        finally:
            workload.stop_event.set()
            if arguments.keep:
                print("kept:", replica.directory)
                if replica.process.poll() is None:
                    replica.stop()
            else:
                replica.close()


if __name__ == "__main__":
    main()
    print("passed")

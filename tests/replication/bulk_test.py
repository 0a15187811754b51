# SPDX-License-Identifier: Apache-2.0
"""Large things in bounded memory: one huge source transaction, a first copy, readers that stop, DDL on big tables, bulk loads through SQL.

Usage: bulk_test.py SERVER_BINARY [--rows N] [--bound-mib M] [--only NAME ...]

Each part does its work on tables of N rows (about 190 bytes each, two secondary indexes), compares what comes out with the primary, and asserts
that the server's peak resident memory grew by no more than M MiB over what it was before the part. Node cache and keyframe overlays, which have
bounds of their own, are set small, so that what is left is what the part itself takes. The default size is for every day; --rows 5000000 is the proof.
"""

import argparse
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import pymysql  # noqa: E402

from afterimage_server import PASSWORD, AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

TABLE = """CREATE TABLE shop.%s (id INT NOT NULL %s, name VARCHAR(60) NOT NULL, price DECIMAL(10,2), at DATETIME(6), note VARCHAR(200),
   KEY by_name (name), KEY by_at (at)) ENGINE=InnoDB"""
ROWS = """SELECT %s, CONCAT('name ', MD5(seq)), seq %% 100000 / 100, '2024-01-01' + INTERVAL (seq * 7919 %% 1000003) SECOND,
   CONCAT(MD5(seq + 1), MD5(seq + 2), MD5(seq + 3)) FROM shop.seq_1_to_%d"""
CHECKSUM = ("SELECT COUNT(*), SUM(id), SUM(CRC32(CONCAT_WS('#', id, name, price, at, note))) FROM shop.%s")
WAIT_S = 7200


class Memory:
    """Peak resident memory of a process since reset()."""

    def __init__(self, pid):
        self.pid = pid
        self.reset()

    def _status(self, field):
        with open("/proc/%d/status" % self.pid) as status:
            return int(re.search(field + r":\s+(\d+) kB", status.read()).group(1)) / 1024

    def reset(self):
        with open("/proc/%d/clear_refs" % self.pid, "w") as clear:
            clear.write("5")
        self.before = self._status("VmRSS")

    def peak(self):
        return self._status("VmHWM")

    def grown(self):
        return self.peak() - self.before


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.rows = arguments.rows
        self.options = ["--set", "storage.cache_mib=16", "--set", "storage.overlay_mib=16", "--set", "variables.local_infile=ON"]
        # The primary is not what is measured: at full size it may take what its inserts want.
        pool = "1G" if self.rows > 1000000 else "256M"
        self.primary = MariadbServer(arguments=["--binlog-format=ROW", "--binlog-row-image=FULL", "--innodb-flush-log-at-trx-commit=0",
                                                "--binlog-annotate-row-events=ON", "--innodb-buffer-pool-size=" + pool,
                                                "--innodb-log-file-size=" + pool])
        self.primary.query("CREATE USER repl@'127.0.0.1' IDENTIFIED BY 'secret'")
        self.primary.query("GRANT ALL ON *.* TO repl@'127.0.0.1'")
        self.primary.query("CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4")

    def close(self):
        self.primary.close()

    def server(self, follow=True):
        source = "mysql://repl:secret@127.0.0.1:%d" % self.primary.port if follow else None
        return AfterimageServer(self.arguments.server, source=source, options=self.options)

    def fill(self, table, rows=None, key="PRIMARY KEY", id_text="seq"):
        self.primary.query("DROP TABLE IF EXISTS shop." + table)
        self.primary.query(TABLE % (table, key))
        if rows != 0:
            self.primary.query("INSERT INTO shop.%s %s" % (table, ROWS % (id_text, rows or self.rows)))

    def wait(self, server, memory=None):
        file, position = self.primary.query("SHOW MASTER STATUS")[0][:2]
        server.wait_for_file_position(file, position, WAIT_S)

    def report(self, what, memory, seconds, rows=None, bound=None):
        rows = rows or self.rows
        print("%-46s %8.1f s  %9.0f rows/s  peak +%6.1f MiB (%.1f)" % (what, seconds, rows / max(seconds, 1e-3), memory.grown(), memory.peak()),
              flush=True)
        bound = bound or self.arguments.bound_mib
        if memory.grown() > bound:
            self.failures.append("%s: peak memory grew by %.1f MiB, more than %d" % (what, memory.grown(), bound))

    failures = []

    def same(self, server, table, suffix="", expected=None):
        expected = expected or self.primary.query(CHECKSUM % table)[0]
        found = server.query(CHECKSUM % table + suffix)[0]
        if tuple(map(int, found)) != tuple(map(int, expected)):
            raise AssertionError("shop.%s%s is %r, not %r" % (table, suffix, found, expected))
        return expected


def head(server):
    return server.query("SELECT commit_hash FROM dolt_log LIMIT 1", db="shop")[0][0]


def timed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def transaction(bench):
    """One huge INSERT, UPDATE and DELETE, each one transaction of the source: ingest, read back, diff, revert."""
    bench.fill("big", rows=1000)
    with bench.server() as server:
        bench.wait(server)
        for what, statement in (
                ("INSERT", "INSERT INTO shop.big " + (ROWS % ("seq + 1000", bench.rows))),
                ("UPDATE", "UPDATE shop.big SET price = price + 1, name = REVERSE(name)"),
                ("DELETE", "DELETE FROM shop.big WHERE id % 2 = 0")):
            before_commit, before_rows = head(server), bench.primary.query(CHECKSUM % "big")[0]
            bench.primary.query(statement)
            memory = Memory(server.process.pid)
            seconds = timed(lambda: bench.wait(server))
            bench.report("transaction: " + what, memory, seconds)
            memory.reset()
            seconds = timed(lambda: bench.same(server, "big"))
            bench.report("  read HEAD", memory, seconds)
            memory.reset()
            seconds = timed(lambda: bench.same(server, "big", " AS OF '%s'" % before_commit, before_rows))
            bench.report("  read AS OF the commit before", memory, seconds)
            memory.reset()
            begin = time.monotonic()
            count = server.query("SELECT COUNT(*) FROM dolt_diff_big WHERE to_commit = '%s'" % head(server), db="shop")[0][0]
            wanted = {"INSERT": bench.rows, "UPDATE": bench.rows + 1000, "DELETE": (bench.rows + 1000) // 2}[what]
            if int(count) != wanted:
                raise AssertionError("dolt_diff_big has %s rows of the %s, not %d" % (count, what, wanted))
            bench.report("  dolt_diff_big", memory, time.monotonic() - begin)
        after = bench.primary.query(CHECKSUM % "big")[0]
        memory = Memory(server.process.pid)
        server.query("CALL dolt_branch('fix')", db="shop")
        seconds = timed(lambda: server.query("CALL dolt_revert('HEAD')", db="shop/fix"))
        bench.report("  revert of the DELETE", memory, seconds)
        found = server.query((CHECKSUM % "big").replace("shop.", ""), db="shop/fix")[0]
        if tuple(map(int, found)) != tuple(map(int, before_rows)):
            raise AssertionError("after the revert shop.big is %r, not %r" % (found, before_rows))
        server.kill()
        begin = time.monotonic()
        server.start()
        memory = Memory(server.process.pid)
        print("  restart after kill -9: %.1f s, resident %.1f MiB" % (time.monotonic() - begin, memory.peak()), flush=True)
        bench.same(server, "big", "", after)
        bench.report("  read HEAD again", memory, time.monotonic() - begin)


def first_copy(bench):
    """The first copy of a keyed and of a keyless table, cut on the way by kill -9 of the server, then of the primary."""
    bench.fill("big")
    bench.fill("keyless", rows=bench.rows // 5, key="")
    with bench.server(follow=False) as server:
        idle = Memory(server.process.pid).before
    with bench.server() as server:
        memory = Memory(server.process.pid)
        begin = time.monotonic()
        cuts = 0
        for side in ("server", "primary"):
            # On its way, past the first row, by what SHOW REPLICA STATUS says.
            while "first copy complete" not in server.log() and not re.search(
                    r"[1-9]\d* of about \d+ rows", server.replica_status().get("Replica_IO_State") or ""):
                time.sleep(0.01)
            if "first copy complete" in server.log():
                break
            if side == "server":
                server.kill()
                server.start()
                memory = Memory(server.process.pid)
            else:
                bench.primary.kill()
                bench.primary.start()
            cuts += 1
            begin = time.monotonic()
            if any(name == "shop" for (name,) in server.query("SHOW DATABASES")) and "first copy complete" not in server.log():
                raise AssertionError("half a first copy is visible")
        if cuts == 0:
            raise AssertionError("the copy was over before it could be cut: give it more rows")
        memory.before = idle
        while "first copy complete" not in server.log():
            if server.replica_status()["Replica_IO_Running"] == "No":
                raise AssertionError(server.log()[-3000:])
            time.sleep(0.2)
        bench.report("first copy", memory, time.monotonic() - begin, bench.rows + bench.rows // 5)
        bench.same(server, "big")
        bench.same(server, "keyless")
        if server.stop() != 0:
            raise AssertionError("the server did not stop cleanly")
        bench.primary.query("FLUSH TABLES shop.big, shop.keyless FOR EXPORT")
        files = os.path.join(bench.primary.data_directory, "shop")
        theirs = sum(os.path.getsize(os.path.join(files, name)) for name in os.listdir(files) if name.endswith(".ibd"))
        ours = 0
        for folder, _, names in os.walk(server.data):
            ours += sum(os.path.getsize(os.path.join(folder, name)) for name in names)
        print("  store %.1f MiB, InnoDB files %.1f MiB: %.2f" % (ours / 2**20, theirs / 2**20, ours / theirs), flush=True)


def stopped_reader(bench):
    """A reader of a whole table that stops reading, by text and by binary protocol: others go on, KILL and a closed socket end it."""
    bench.fill("big")
    with bench.server() as server:
        bench.wait(server)
        for binary in (False, True):
            for end in ("KILL", "close"):
                memory = Memory(server.process.pid)
                begin = time.monotonic()
                connection = server.connect(db="shop")
                start_reading(connection, "SELECT * FROM big", binary)
                while True:  # until the server waits for the reader: its peak stands still
                    peak = memory.peak()
                    time.sleep(0.5)
                    if memory.peak() == peak:
                        break
                if server.query("SELECT COUNT(*) FROM shop.big WHERE id = 7")[0][0] != 1:
                    raise AssertionError("another client reads nothing")
                bench.report("stopped reader: %s, %s" % ("binary" if binary else "text", end), memory, time.monotonic() - begin)
                if end == "KILL":
                    server.query("KILL %d" % connection.thread_id())
                else:
                    connection._force_close()  # not close(): that would say COM_QUIT
                while any(row[0] == connection.thread_id() for row in server.query("SHOW PROCESSLIST")):
                    time.sleep(0.02)
                if connection._sock:
                    connection._force_close()


def start_reading(connection, sql, binary):
    """Sends the query and reads no row of the answer."""
    if not binary:
        connection._execute_command(0x03, sql)
        return
    connection._execute_command(0x16, sql)
    answer = connection._read_packet()
    statement, columns = struct.unpack_from("<IH", answer._data, 1)
    for _ in range(columns + 1):
        connection._read_packet()
    connection._execute_command(0x17, struct.pack("<IBI", statement, 0, 1))


def ddl(bench):
    """ALTER rebuild, TRUNCATE and DROP of a big table: the state before stays readable, also after a restart."""
    bench.fill("big")
    with bench.server() as server:
        bench.wait(server)
        states = []
        for what, statement in (("ALTER rebuild", "ALTER TABLE shop.big MODIFY name VARCHAR(80) CHARACTER SET latin1 NOT NULL"),
                                ("ADD INDEX", "ALTER TABLE shop.big ADD INDEX by_note (note(20))"),
                                ("TRUNCATE", "TRUNCATE TABLE shop.big"),
                                ("DROP", "DROP TABLE shop.big")):
            if what == "DROP":
                bench.primary.query("INSERT INTO shop.big " + (ROWS % ("seq", bench.rows)))
                bench.wait(server)
            states.append((head(server), bench.primary.query(CHECKSUM % "big")[0]))
            bench.primary.query(statement)
            memory = Memory(server.process.pid)
            seconds = timed(lambda: bench.wait(server))
            bench.report("ddl: " + what, memory, seconds)
        begin = time.monotonic()
        for again in (False, True):
            for commit, rows in states:
                bench.same(server, "big", " AS OF '%s'" % commit, rows)
            memory.reset()
            if not again:
                bench.fill("other", rows=20000)  # keyframes go on
                bench.primary.query("UPDATE shop.other SET price = 1")
                bench.wait(server)
                server.kill()
                server.start()
                memory = Memory(server.process.pid)
        bench.report("ddl: reading the states before", memory, time.monotonic() - begin)
        print("  every state before is readable, after a restart too", flush=True)


def load(bench):
    """A dump of multi-row INSERTs and LOAD DATA, by the mariadb client."""
    bench.fill("big")
    client = ["--no-defaults", "--host=127.0.0.1", "--user=root", "--password=" + PASSWORD, "--ssl", "--local-infile"]
    with bench.server(follow=False) as server, tempfile.TemporaryDirectory() as folder:
        client.append("--port=%d" % server.port)
        dump = os.path.join(folder, "dump.sql")
        with open(dump, "wb") as out:
            subprocess.run(["mariadb-dump", "--no-defaults", "--socket=" + bench.primary.socket_path, "--user=root", "--databases", "shop"],
                           stdout=out, check=True)
        memory = Memory(server.process.pid)
        with open(dump, "rb") as text:
            seconds = timed(lambda: subprocess.run(["mariadb"] + client, stdin=text, check=True))
        bench.report("load: dump", memory, seconds)
        bench.same(server, "big")
        data = os.path.join(folder, "data.txt")
        connection = bench.primary.connect(cursorclass=pymysql.cursors.SSCursor)
        with open(data, "w") as out, connection.cursor() as cursor:
            cursor.execute("SELECT * FROM shop.big")
            for row in cursor:
                out.write("\t".join(map(str, row)) + "\n")
        connection.close()
        server.query("CREATE TABLE shop.loaded LIKE shop.big")
        memory.reset()
        sql = "LOAD DATA LOCAL INFILE '%s' INTO TABLE shop.loaded" % data
        seconds = timed(lambda: subprocess.run(["mariadb"] + client + ["-e", sql], check=True))
        bench.report("load: LOAD DATA", memory, seconds)
        bench.same(server, "loaded", "", bench.primary.query(CHECKSUM % "big")[0])
        memory.reset()
        seconds = timed(lambda: server.query("CALL dolt_commit('-Am', 'loaded')", db="shop"))
        bench.report("load: dolt_commit", memory, seconds)
        server.kill()
        begin = time.monotonic()
        server.start()
        memory = Memory(server.process.pid)
        print("  restart after kill -9: %.1f s, resident %.1f MiB" % (time.monotonic() - begin, memory.peak()), flush=True)
        bench.same(server, "loaded", "", bench.primary.query(CHECKSUM % "big")[0])


PARTS = {part.__name__: part for part in (transaction, first_copy, stopped_reader, ddl, load)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--rows", type=int, default=60000)
    parser.add_argument("--bound-mib", type=int, default=96)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    bench = Bench(arguments)
    try:
        for name in arguments.only:
            PARTS[name](bench)
    finally:
        bench.close()
    for failure in bench.failures:
        print("FAIL " + failure)
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Apply rate of single-row transactions, beside MariaDB replicas on the same binary log.

One primary (ROW, FULL, annotate on) is filled once. Each replica copies the table, stops, and then catches up with the same
single-row updates, one replica after the other; the rate is counted from the first to the last transaction that was seen applied.
A stall is the longest time between two looks (every 10 ms) in which nothing was applied.
"""

import time

import pymysql

import support
from mariadb_server import MariadbServer

LOOK_S = 0.01


class MariadbReplica:
    def __init__(self, source, flush, threads):
        self.name = "MariaDB replica, flush=%d, %d applier thread%s" % (flush, threads, "" if threads == 1 else "s")
        arguments = support.PEER_OPTIONS + ["--innodb-flush-log-at-trx-commit=%d" % flush, "--skip-slave-start",
                                            "--slave-parallel-threads=%d" % (0 if threads == 1 else threads),
                                            "--slave-parallel-mode=optimistic"]
        self.server = MariadbServer(server_id=2, log_bin=False, arguments=arguments)
        self.server.query("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='root', MASTER_USE_GTID=slave_pos"
                          % source.port)
        self.server.query("START SLAVE")
        self.connection = None

    def look(self):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT @@global.gtid_slave_pos")
            return sequence(cursor.fetchone()[0])

    def connect(self):
        self.connection = self.server.connect()

    def halt(self):
        self.server.stop()

    def go_on(self):
        self.server.start()
        self.connect()
        with self.connection.cursor() as cursor:
            cursor.execute("START SLAVE")

    def close(self):
        self.server.close()


class AfterimageReplica:
    def __init__(self, options, source, durability):
        self.name = "Afterimage, durability %s" % durability
        self.server = support.afterimage(options, source, extra=["--set", "storage.durability=" + durability])
        self.server.start()
        self.connection = None

    def look(self):
        with self.connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute("SHOW ALL SLAVES STATUS")
            status = cursor.fetchone()
            if status["Last_SQL_Error"]:
                raise RuntimeError(status["Last_SQL_Error"])
            return sequence(status["Gtid_Slave_Pos"])

    def connect(self):
        self.connection = self.server.connect()

    def halt(self):
        self.server.stop()

    def go_on(self):
        self.server.start()
        self.connect()

    def close(self):
        self.server.close()


def sequence(gtid):
    text = gtid.decode() if isinstance(gtid, bytes) else gtid
    return int(text.rsplit("-", 1)[1]) if text else 0


def wait_until(replica, wanted, timeout_s=3600):
    deadline = time.monotonic() + timeout_s
    while replica.look() < wanted:
        if time.monotonic() > deadline:
            raise RuntimeError(replica.name + " does not catch up")
        time.sleep(0.05)


def catch_up(replica, first, last):
    """Rate, longest stall and CPU from the first transaction seen applied to the last."""
    replica.go_on()
    pid = replica.server.process.pid
    seen = first
    start = moved = None
    stall = 0.0
    while seen < last:
        now_seen, now = replica.look(), time.monotonic()
        if now_seen > seen:
            if start is None:
                start, start_seen, start_cpu = now, now_seen, support.cpu_seconds(pid)
            else:
                stall = max(stall, now - moved)
            seen, moved = now_seen, now
        time.sleep(LOOK_S)
    count = seen - start_seen
    result = {"per_second": count / (moved - start), "stall_ms": stall * 1000,
              "cpu_us": (support.cpu_seconds(pid) - start_cpu) * 1e6 / count, "memory_mib": support.memory_mib(pid)}
    replica.halt()
    return result


def main():
    options = support.arguments(__doc__, rows=100000, transactions=200000)
    results = {}
    with support.primary(["--innodb-flush-log-at-trx-commit=2"]) as source:
        support.load_table(source, options.rows)
        replicas = [MariadbReplica(source, 2, 1), MariadbReplica(source, 1, 1), MariadbReplica(source, 1, 4),
                    AfterimageReplica(options, source, "lazy"), AfterimageReplica(options, source, "commit")]
        try:
            loaded = sequence(source.query("SELECT @@global.gtid_binlog_pos")[0][0])
            for replica in replicas:
                replica.connect()
                wait_until(replica, loaded)
                replica.halt()
            first = loaded
            for number in range(options.rounds):
                filled = support.load(options, source, support.UPDATE % options.rows, 8, options.transactions)
                support.note("round %d: primary took %.0f transactions a second" % (number + 1, filled["per_second"]))
                last = sequence(source.query("SELECT @@global.gtid_binlog_pos")[0][0])
                for replica in replicas:
                    result = catch_up(replica, first, last)
                    support.note("%s: %r" % (replica.name, result))
                    results.setdefault(replica.name, []).append(result)
                first = last
        finally:
            for replica in replicas:
                replica.close()
    report({name: support.better(rounds) for name, rounds in results.items()})


def report(best):
    flush2, flush1, parallel, lazy, durable = best.values()
    for name, numbers in best.items():
        support.row(name, "%.0f a second, %.1f µs CPU each, longest stall %.0f ms, peak memory %.0f MiB"
                    % (numbers["per_second"], numbers["cpu_us"], numbers["stall_ms"], numbers["memory_mib"]))
    ratio2, ratio1 = lazy["per_second"] / flush2["per_second"], lazy["per_second"] / flush1["per_second"]
    support.row("apply rate, lazy durability", "%.2f × flush=2, %.2f × flush=1" % (ratio2, ratio1), "", ratio2 >= 1 and ratio1 >= 5)
    ratio = durable["per_second"] / max(flush1["per_second"], parallel["per_second"])
    support.row("apply rate, grouped fsync", "%.2f × the better of flush=1" % ratio, "", ratio >= 3)


if __name__ == "__main__":
    main()

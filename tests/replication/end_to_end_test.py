# SPDX-License-Identifier: Apache-2.0
"""A real primary under a mixed random workload, the replica killed with SIGKILL again and again: nothing lost, nothing doubled.

Usage: end_to_end_test.py SERVER_BINARY [--kills N] [--seed N] [--rows N] [--keep]

A kill counts when at least 100 transactions were in flight: committed at the source and not yet kept here, as the position shows from which
the next start goes on (in the first copy: committed since its snapshot). The log tells the phase in which the server died; at least five
kills fall into first copy, keyframe or schema change. At the end every row is equal, there is exactly one transaction record for each GTID
group of the source's binary log (recounted with mariadb-binlog), and dolt_hashof_db() equals that of a second server that took its own
first copy and, for the tables without FLOAT, of a store that was loaded from a dump.
"""

import argparse
import collections
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]

import comparison  # noqa: E402
import workload  # noqa: E402
from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

IN_FLIGHT = 100
BACKLOG = 300
PHASES = {"first copy": (r"first copy: begins()", r"first copy complete()"), "keyframe": (r"keyframe begins: (\S+)", r"keyframe ends: (\S+)"),
          "schema change": (r"schema change begins: (\S+)", r"schema change ends: (\S+)")}
FIRST_COPY_KILLS = 4
KILLS_IN_PHASE = 5
WATCH_TIMEOUT_S = 30
# Databases that a client can load: views are kept in the words of the family whose statement made them.
LOADED_DATABASES = ("audit", "shop", "words")


def source_sequence(primary):
    return comparison.sequence(primary.query("SELECT @@GLOBAL.gtid_binlog_pos")[0][0])


def phases_of(log):
    """The phases that had begun and not ended at the end of `log`."""
    is_open = set()
    for phase, (begins, ends) in PHASES.items():
        count = collections.Counter(match.groups() for match in re.finditer(begins, log))
        count.subtract(match.groups() for match in re.finditer(ends, log))
        if any(left > 0 for left in count.values()):
            is_open.add(phase)
    return is_open


def resume_sequence(log):
    """Sequence number of the GTID from which a start goes on; None when it has not come so far."""
    found = re.search(r"replication: following \S+ from \S+ gtid (\d+-\d+-\d+)", log)
    return comparison.sequence(found.group(1)) if found else None


def snapshot_sequence(log):
    found = re.findall(r"first copy: snapshot at \S+ gtid (\d+-\d+-\d+)", log)
    return comparison.sequence(found[-1]) if found else None


class Kills:
    """Starts and kills the replica; judges each kill by what the next start says."""

    def __init__(self, primary, replica, rng):
        self.primary = primary
        self.replica = replica
        self.rng = rng
        self.judged = []  # (phases, in flight)
        self.pending = None  # (phases, source's sequence number) of the last kill

    def counted(self):
        return [kill for kill in self.judged if kill[1] >= IN_FLIGHT]

    def in_phase(self):
        return sum(1 for kill in self.counted() if kill[0])

    def start(self):
        """Starts and judges the kill before; returns where the new log begins."""
        offset = len(self.replica.log())
        self.replica.start(wait=False)
        deadline = time.monotonic() + WATCH_TIMEOUT_S
        while time.monotonic() < deadline:
            log = self.replica.log()[offset:]
            resumed = resume_sequence(log)
            if resumed is not None:
                self._judge(resumed)
                return offset
            if re.search(PHASES["first copy"][0], log):
                return offset
            assert self.replica.process.poll() is None, "afterimage ended:\n" + log[-4000:]
            time.sleep(0.001)
        raise AssertionError("the replica does not go on:\n" + self.replica.log()[-4000:])

    def _judge(self, resumed):
        if self.pending:
            phases, sequence = self.pending
            self.judged.append((phases, sequence - resumed))
            self.pending = None

    def kill(self, offset):
        sequence = source_sequence(self.primary)
        self.replica.kill()
        log = self.replica.log()[offset:]
        phases = phases_of(log)
        if "first copy" in phases:
            begun = snapshot_sequence(log)
            self.judged.append((phases, sequence - begun if begun else 0))
        else:
            self.pending = (phases, sequence)

    def in_first_copy(self):
        offset = self.start()
        deadline = time.monotonic() + WATCH_TIMEOUT_S
        while time.monotonic() < deadline:
            log = self.replica.log()[offset:]
            begun = snapshot_sequence(log)
            if "first copy complete" in log or (begun and source_sequence(self.primary) - begun >= IN_FLIGHT * 1.2):
                break
        time.sleep(self.rng.uniform(0, 0.05))
        self.kill(offset)

    def following(self, wanted):
        """Lets a backlog grow, starts, and kills as soon as `wanted` (a phase, or none) is seen to begin."""
        last = source_sequence(self.primary)
        while source_sequence(self.primary) - last < BACKLOG:
            time.sleep(0.02)
        offset = self.start()
        deadline = time.monotonic() + 1.5
        while wanted and time.monotonic() < deadline and wanted not in phases_of(self.replica.log()[offset:]):
            time.sleep(0.0005)
        time.sleep(self.rng.choice((0, 0, 0.002, 0.01)) if wanted else self.rng.uniform(0, 0.08))
        self.kill(offset)


def kill_again_and_again(kills, wanted_count):
    """Until that many kills count, and enough of them in a phase."""
    attempts = 0
    wanted_in_phase = min(KILLS_IN_PHASE, wanted_count - 1)
    while len(kills.counted()) < wanted_count or kills.in_phase() < wanted_in_phase:
        attempts += 1
        assert attempts <= 4 * wanted_count + 20, "too few kills with %d transactions in flight: %r" % (IN_FLIGHT, kills.judged)
        in_first_copy = len([kill for kill in kills.counted() if "first copy" in kill[0]])
        if in_first_copy < FIRST_COPY_KILLS and "first copy complete" not in kills.replica.log():
            kills.in_first_copy()
        elif kills.in_phase() < wanted_in_phase:
            kills.following(kills.rng.choice(("keyframe", "schema change")))
        else:
            kills.following(kills.rng.choice((None, "keyframe", "schema change")))


def check_end_state(arguments, primary, replica, file, position):
    print("rows compared:", comparison.compare_rows(primary, replica), flush=True)
    print("transaction records:", comparison.compare_records(primary, replica), "equal the source's groups", flush=True)
    tables = comparison.tables_of(primary)
    with AfterimageServer(arguments.binary, replica.source) as second:
        second.wait_for_file_position(file, position)
        comparison.compare_hashes(replica, second, workload.DATABASES, tables, "a second first copy")
    print("hashes equal a second first copy's:", len(tables), "tables", flush=True)
    with AfterimageServer(arguments.binary) as loaded:
        comparison.load_dump(primary, loaded, LOADED_DATABASES)
        others = workload.TABLES_WITH_FLOAT + workload.TABLES_WITH_OPERATORS
        exact = [table for table in tables if table[0] in LOADED_DATABASES and table not in others]
        comparison.compare_hashes(replica, loaded, set(LOADED_DATABASES) - {database for database, _ in others}, exact, "a loaded dump")
    print("hashes equal a loaded dump's:", len(exact), "tables", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=22)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--rows", type=int, default=100000, help="of the largest table: the first copy must last some time")
    parser.add_argument("--keep", action="store_true", help="leave the replica's folder")
    arguments = parser.parse_args()
    print("seed", arguments.seed, flush=True)
    rng = random.Random(arguments.seed)
    with MariadbServer(arguments=["--binlog-format=ROW", "--binlog-row-image=FULL", "--character-set-server=utf8mb4"]) as primary:
        workload.make_schema(primary, arguments.rows)
        writers = workload.Workload(primary, arguments.seed)
        writers.start()
        replica = AfterimageServer(arguments.binary, "mysql://root@127.0.0.1:%d" % primary.port,
                                   options=["--set", "storage.keyframe_min_changes=100", "--set", "log.level=debug"])
        try:
            kills = Kills(primary, replica, rng)
            kill_again_and_again(kills, arguments.kills)
            replica.start()
            time.sleep(1)
            writers.stop()
            file, position = primary.query("SHOW MASTER STATUS")[0][:2]
            replica.wait_for_file_position(file, int(position))
            phases = collections.Counter(phase for kill in kills.counted() for phase in (kill[0] or {"following"}))
            print("kills with %d in flight: %d of %d, in flight %r, phases %r; %d transactions committed" % (
                IN_FLIGHT, len(kills.counted()), len(kills.judged), sorted(kill[1] for kill in kills.counted()), dict(phases), writers.committed),
                flush=True)
            check_end_state(arguments, primary, replica, file, int(position))
        finally:
            writers.stop_event.set()
            if arguments.keep:
                print("kept:", replica.directory)
                if replica.process.poll() is None:
                    replica.stop()
            else:
                replica.close()


if __name__ == "__main__":
    main()
    print("passed")

# SPDX-License-Identifier: Apache-2.0
"""What the figures share: the peer with its published options, the table, load, CPU and memory of a process, the printed row.

Every figure is a program of its own: `/usr/bin/python3 bench/FIGURE.py [--build DIR] [sizes]`. Servers listen on 127.0.0.1 alone, have
folders of their own (under TMPDIR) and end with the program. On a machine that does other work too, times say little: programs that
compare print the server's CPU time for one operation beside them, and take the better of `--rounds` alternating rounds.
"""

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "support"))

from afterimage_server import PASSWORD, AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEER_OPTIONS = ["--innodb-buffer-pool-size=1G", "--innodb-log-file-size=1G", "--innodb-flush-log-at-trx-commit=1", "--sync-binlog=0",
                "--binlog-format=ROW", "--binlog-row-image=FULL", "--binlog-annotate-row-events=ON", "--skip-name-resolve"]

DATABASE = "bench"
# sysbench's table: 188 bytes a row, one secondary index.
TABLE = """CREATE TABLE accounts (id INT NOT NULL PRIMARY KEY, k INT NOT NULL DEFAULT 0, c CHAR(120) NOT NULL DEFAULT '',
           pad CHAR(60) NOT NULL DEFAULT '', KEY k (k)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"""
ROWS_A_LOAD = 10000
UPDATE = "UPDATE accounts SET c='{text:119}' WHERE id={int:1:%d}"


def arguments(description, keeps_store=False, **sizes):
    """Parses the command line: --build, --rounds and one option a size; --store where one history serves several figures."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release" / "bin", help="folder of the programs")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds of which the better one counts")
    parser.set_defaults(store=None)
    if keeps_store:
        parser.add_argument("--store", help="folder of a history to use again, made when it is not there: for several figures in a row")
    for name, default in sizes.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(default), default=default)
    return parser.parse_args()


def row(what, measured, peer="", met=None):
    """Prints one row of docs/benchmarks.md; `met`: whether the figure is reached."""
    verdict = "" if met is None else ("yes" if met else "no")
    print("| %s | %s | %s | %s |" % (what, measured, peer, verdict), flush=True)


def note(text):
    print("# " + text, file=sys.stderr, flush=True)


def primary(extra=()):
    """A MariaDB with the published options and its binary log on."""
    return MariadbServer(server_id=1, arguments=PEER_OPTIONS + list(extra))


def load_table(server, rows):
    """Creates and fills the table on a MariaDB, ROWS_A_LOAD rows a transaction."""
    server.query("CREATE DATABASE %s" % DATABASE)
    server.query(TABLE, db=DATABASE)
    group = "LPAD(FLOOR(RAND()*1e11),11,'0')"
    for first in range(1, rows + 1, ROWS_A_LOAD):
        last = min(first + ROWS_A_LOAD - 1, rows)
        server.query("INSERT INTO accounts SELECT seq, FLOOR(RAND()*1000000), CONCAT_WS('-',%s), CONCAT_WS('-',%s) FROM seq_%d_to_%d"
                     % (",".join([group] * 10), ",".join([group] * 5), first, last), db=DATABASE)


def afterimage(options, source=None, directory=None, extra=()):
    """The server under test; `source`: the MariaDB to follow."""
    url = "mysql://root@127.0.0.1:%d" % source.port if source else None
    return AfterimageServer(str(options.build / "afterimage"), source=url, options=extra, directory=directory)


def wait_for_copy(server, source, timeout_s=3600):
    """Returns when everything in the source's binary log is applied."""
    file, position = source.query("SHOW MASTER STATUS")[0][:2]
    server.wait_for_file_position(file, position, timeout_s=timeout_s)


def load(options, server, statement, connections=1, count=1000, database=DATABASE, init=()):
    """Runs sql_load against either server; its numbers, and `cpu_us`, the server's CPU time for one statement."""
    password = PASSWORD if isinstance(server, AfterimageServer) else ""
    before = cpu_seconds(server.process.pid)
    done = subprocess.run([str(options.build / "sql_load"), str(server.port), password, database, str(connections), str(count), statement,
                           *init], stdout=subprocess.PIPE, check=True)
    numbers = json.loads(done.stdout)
    if numbers["errors"]:
        raise RuntimeError("%d of %d statements failed: %s" % (numbers["errors"], numbers["statements"], statement))
    numbers["cpu_us"] = (cpu_seconds(server.process.pid) - before) * 1e6 / numbers["statements"]
    return numbers


def better(rounds, key="per_second", lowest=False):
    """The round with the best `key`."""
    return (min if lowest else max)(rounds, key=lambda numbers: numbers[key])


def cpu_seconds(pid):
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid, field="VmHWM"):
    """Peak (VmHWM) or present (VmRSS) resident memory."""
    for line in pathlib.Path("/proc/%d/status" % pid).read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no %s of process %d" % (field, pid))


def store_bytes(folder):
    """Bytes of a store's files, without what the journal fills with zeros ahead of its end."""
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file() and path.name != "spare"]
    size = sum(path.stat().st_size for path in files)
    journals = sorted(path for path in files if path.suffix == ".aij")
    if journals:
        newest = journals[-1].read_bytes()
        size -= len(newest) - len(newest.rstrip(b"\0"))
    return size


def drop_from_page_cache(folder):
    """Cold reads: takes the folder's files out of the page cache."""
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def sync_rate(folder, seconds=2.0):
    """fdatasync calls a second on one file, each behind a 512-byte write: what one writer can reach."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(bytes(1 << 20))
        os.fsync(file.fileno())
        count, start = 0, time.monotonic()
        while time.monotonic() - start < seconds:
            os.pwrite(file.fileno(), b"x" * 512, count % 2000 * 512)
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.monotonic() - start)


def timed(server, sql, database=DATABASE):
    """Milliseconds of one statement on a connection that is open already, and its rows."""
    connection = server.connect(db=database)
    try:
        with connection.cursor() as cursor:
            start = time.monotonic()
            cursor.execute(sql)
            rows = cursor.fetchall()
            return (time.monotonic() - start) * 1000, rows
    finally:
        connection.close()


class History:
    """A store of `rows` rows and `commits` single-row commits, made by commit_rate, and a server over it."""

    def __init__(self, options, rows, commits, crash=False):
        self.options = options
        self.rows = rows
        self.commits = commits
        self.directory = options.store or tempfile.mkdtemp(prefix="afterimage-bench-")
        self.server = AfterimageServer(str(options.build / "afterimage"), directory=self.directory)
        self.numbers = {}
        if os.path.exists(self.server.data):
            return
        os.makedirs(self.server.data)
        done = subprocess.run([str(options.build / "commit_rate"), self.server.data, str(rows), str(commits), *(["crash"] if crash else [])],
                              stdout=subprocess.PIPE, check=False)
        if done.returncode != (-signal.SIGKILL if crash else 0):
            raise RuntimeError("commit_rate failed")
        self.numbers = json.loads(done.stdout.splitlines()[-1])

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.options.store:
            self.server.kill()
        else:
            self.server.close()

    def restart(self, cold=False):
        """Stops cleanly and starts again; `cold`: with nothing of the store in the page cache."""
        self.server.stop()
        if cold:
            drop_from_page_cache(self.server.data)
        self.server.start()

    def random_id(self):
        return random.randint(1, self.rows)


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]

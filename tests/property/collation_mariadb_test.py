#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our sort keys order thousands of random strings as a real MariaDB's ORDER BY does, per collation.

  collation_mariadb_test.py --tool build/bin/collation_keys [--seed n] [--socket s] [collation ...]

Starts its own mariadbd in a temporary directory (no network) unless given a socket. Without
arguments: every collation of MariaDB 10.11 that has a frozen table.
"""

import argparse
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

STRINGS = 3000
UTF8 = ["general_ci", "general_nopad_ci", "unicode_ci", "unicode_nopad_ci", "unicode_520_ci",
        "unicode_520_nopad_ci", "bin", "nopad_bin", "uca1400_ai_ci", "uca1400_nopad_ai_ci"]
SINGLE = ["latin1_swedish_ci", "latin1_swedish_nopad_ci", "latin1_bin", "latin1_general_ci",
          "latin1_general_cs", "latin1_danish_ci", "ascii_general_ci", "ascii_bin",
          "latin2_general_ci", "cp1251_general_ci", "cp1250_general_ci", "koi8r_general_ci",
          "greek_general_ci", "cp1257_lithuanian_ci", "latin5_turkish_ci"]
# Not latin7_*: the weight of its space is not 0x20, but the server's sort pads keys with 0x20, so
# that its ORDER BY contradicts its own comparison and indexes; ours are the latter.
COLLATIONS = ([f"utf8mb4_{c}" for c in UTF8] + [f"utf8mb3_{c}" for c in UTF8] + SINGLE
              + ["binary"])
# Where interesting things happen: controls, spaces, punctuation, letters with marks, ligatures,
# contractions of Thai, Lao, Arabic, Indic; Hangul, Han, Tangut; planes 1, 2 and 14.
RANGES = [(0x01, 0x20), (0x20, 0x7F), (0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x530),
          (0x600, 0x6FF), (0x900, 0xDFF), (0xE01, 0xEDF), (0xF40, 0xFBC), (0x1100, 0x11FF),
          (0x1E00, 0x2070), (0x20A0, 0x2460), (0x3000, 0x3400), (0x4E00, 0x4E40), (0x9FA0, 0xA000),
          (0xAC00, 0xAC60), (0xF900, 0xFB10), (0xFDF0, 0xFFFE)]
PLANES = [(0x10000, 0x10100), (0x17000, 0x17010), (0x1D400, 0x1D440), (0x1F600, 0x1F640),
          (0x20000, 0x20010), (0x2F800, 0x2F820), (0xE0000, 0xE0010)]


class Server:
    def __init__(self, socket=None):
        self.directory = None
        if socket is None:
            self.directory = pathlib.Path(tempfile.mkdtemp(prefix="afterimage-collation-"))
            socket = str(self.directory / "s.sock")
            self.start(socket)
        self.command = ["mariadb", "--no-defaults", "-S", socket, "-u", "root", "-N", "-B",
                        "--default-character-set=utf8mb4"]

    def start(self, socket):
        data = self.directory / "data"
        common = ["--no-defaults", f"--datadir={data}"]
        account = ["--user=root"] if pathlib.Path("/root").owner() == "root" else []
        subprocess.run(["mariadb-install-db", *common, *account,
                        "--auth-root-authentication-method=normal"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        log = open(self.directory / "log", "wb")
        self.process = subprocess.Popen(
            ["mariadbd", *common, *account, f"--socket={socket}", "--skip-networking",
             "--innodb-buffer-pool-size=32M"], stdout=log, stderr=log)
        for _ in range(300):
            if self.process.poll() is not None:
                sys.exit("mariadbd ended: " + (self.directory / "log").read_text()[-2000:])
            done = subprocess.run(["mariadb-admin", "--no-defaults", "-S", socket, "-u", "root",
                                   "ping"], capture_output=True)
            if done.returncode == 0:
                return
            time.sleep(0.2)
        sys.exit("mariadbd does not answer")

    def rows(self, sql):
        done = subprocess.run(self.command, input=sql, text=True, capture_output=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def stop(self):
        if self.directory is not None:
            self.process.terminate()
            self.process.wait(60)
            shutil.rmtree(self.directory)


def random_text(rng, charset):
    """A short string in the charset's bytes, made to collide: few characters, many spaces."""
    size = rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 8])
    if charset not in ("utf8mb4", "utf8mb3"):
        top = 0x80 if charset == "ascii" else 0x100
        pool = [rng.randrange(1, top) for _ in range(6)] + [0x20, 0x20, 0x09, 0x61, 0x41, 0x62]
        return bytes(rng.choice(pool) for _ in range(size))
    ranges = RANGES + (PLANES if charset == "utf8mb4" else [])
    low, high = rng.choice(ranges)
    pool = [chr(rng.randrange(low, high)) for _ in range(6)] + [" ", " ", "\t", "a", "A", "ß"]
    if rng.random() < 0.3:
        low, high = rng.choice(ranges)
        pool += [chr(rng.randrange(low, high)) for _ in range(6)]
    return "".join(rng.choice(pool) for _ in range(size)).encode()


def dense_ranks(keys):
    order = {key: rank for rank, key in enumerate(sorted(set(keys)), 1)}
    return [order[key] for key in keys]


def check(server, tool, collation, rng):
    charset = collation.split("_")[0]
    texts = sorted({random_text(rng, charset) for _ in range(STRINGS)})
    column = ("VARBINARY(64)" if charset == "binary"
              else f"VARCHAR(64) CHARACTER SET {charset} COLLATE {collation}")
    values = ",".join(f"({i}, x'{text.hex()}')" for i, text in enumerate(texts))
    rows = server.rows(
        f"CREATE OR REPLACE TABLE test.c (id INT PRIMARY KEY, s {column}) ENGINE=InnoDB;"
        f"INSERT INTO test.c VALUES {values};"
        "SELECT DENSE_RANK() OVER (ORDER BY s) FROM test.c ORDER BY id")
    theirs = [int(row[0]) for row in rows]
    done = subprocess.run([tool, collation], input="\n".join(t.hex() for t in texts) + "\n",
                          text=True, check=True, capture_output=True)
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    ours = dense_ranks([bytes.fromhex(line[0]) for line in lines])
    hashes = {}
    for rank, line in zip(ours, lines):
        if hashes.setdefault(rank, line[1]) != line[1]:
            print(f"{collation}: equal texts with different hashes")
            return False
    if ours == theirs:
        return True
    pairs = sorted(zip(theirs, ours, texts))
    for (t1, o1, x1), (t2, o2, x2) in zip(pairs, pairs[1:]):
        if (t1 < t2) != (o1 < o2) or (t1 == t2) != (o1 == o2):
            print(f"{collation}: {x1.hex()} and {x2.hex()}: the server says {t1}, {t2}, we {o1}, {o2}")
            return False
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--seed", type=int, default=20240131)
    parser.add_argument("--socket")
    parser.add_argument("collations", nargs="*")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    server = Server(arguments.socket)
    try:
        collations = arguments.collations or COLLATIONS
        failed = [name for name in collations
                  if not check(server, arguments.tool, name,
                               random.Random(f"{arguments.seed} {name}"))]
    finally:
        server.stop()
    print(f"{len(collations) - len(failed)} of {len(collations)} collations agree")
    sys.exit("disagree: " + ", ".join(failed) if failed else 0)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Whatever statement comes, the server answers it or refuses it: it never ends, and never calls a fault of its own an answer.

Usage: sql_mutation_test.py SERVER_BINARY [--count N] [--seed N]. Statements of tests/sqllogic with words exchanged, doubled and left
out, and with values at the edges of types. Prints the seed; a failure prints the statement.
"""

import argparse
import pathlib
import random
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))

import pymysql  # noqa: E402

from afterimage_server import AfterimageServer  # noqa: E402

WORD = re.compile(r"'(?:[^']|'')*'|`[^`]*`|\w+|\s+|.", re.DOTALL)
EDGES = ("NULL", "-1", "0", "18446744073709551615", "-9223372036854775808", "1e308", "''", "'2024-02-30'", "x'ff'", "DATE'0000-00-00'",
         "CAST('{}' AS JSON)", "(SELECT 1)", "REPEAT('a', 70000)", "id", "v")
# Connection lost, and ER_INTERNAL_ERROR.
FAULTS = (2006, 2013, 1815)
# Statements that are meant to wait, or to end the server.
LEFT_OUT = re.compile(r"sleep|benchmark|get_lock|shutdown|kill", re.IGNORECASE)


def statements():
    found = []
    for path in sorted((TOP / "tests" / "sqllogic").glob("*.slt")):
        for record in path.read_text(encoding="utf-8").split("\n\n"):
            lines = [line for line in record.split("\n") if line and not line.startswith("#")]
            if lines and lines[0].startswith(("statement", "query")):
                body = lines[1:]
                if "----" in body:
                    body = body[:body.index("----")]
                found.append(" ".join(body))
    return found


def mutated(rng, statement, words):
    parts = WORD.findall(statement)
    for _ in range(rng.randint(1, 3)):
        if not parts:
            break
        at, other = rng.randrange(len(parts)), rng.randrange(len(parts))
        edit = rng.randrange(6)
        if edit == 0:
            parts[at] = rng.choice(words)
        elif edit == 1:
            del parts[at]
        elif edit == 2:
            parts.insert(at, f" {rng.choice(words)} ")
        elif edit == 3:
            parts[at], parts[other] = parts[other], parts[at]
        elif edit == 4:
            parts[at] = rng.choice(EDGES)
        else:
            parts[at:at] = parts[min(at, other):max(at, other)][:40]
    return "".join(parts)


class Client:
    """Runs statements; a connection that a statement ended is made again."""

    def __init__(self, server):
        self.server = server
        self.connection = None

    def run(self, statement):
        """The error's number, 0 without one."""
        try:
            if self.connection is None:
                # Results may hold bytes of any charset: they are not looked at.
                self.connection = self.server.connect(read_timeout=60, use_unicode=False, conv={})
                self.run("CREATE DATABASE IF NOT EXISTS mutation")
                self.run("USE mutation")
            with self.connection.cursor() as cursor:
                cursor.execute(statement)
                cursor.fetchall()
            return 0
        except pymysql.err.MySQLError as error:
            if error.args[0] in FAULTS or not self.connection.open:
                self.connection = None
            return error.args[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("binary")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    originals = statements()
    words = [word for statement in originals for word in WORD.findall(statement) if not word.isspace()]
    faults = accepted = 0
    with AfterimageServer(arguments.binary, options=["--set", "variables.max_execution_time=5000"]) as server:
        client = Client(server)
        for _ in range(arguments.count):
            statement = rng.choice(originals)
            if rng.random() < 0.75:
                statement = mutated(rng, statement, words)
            if LEFT_OUT.search(statement):
                continue
            code = client.run(statement)
            accepted += code == 0
            if code in FAULTS:
                faults += 1
                print(f"FAILED ({code}): {statement[:2000]}", flush=True)
                if code != 1815 and server.process.wait(10) is not None:
                    server.start()
            if faults == 5:
                break
        print(f"seed {arguments.seed}: {arguments.count} statements, {accepted} accepted, {faults} faults")
    return 1 if faults or accepted < arguments.count // 10 else 0


if __name__ == "__main__":
    sys.exit(main())

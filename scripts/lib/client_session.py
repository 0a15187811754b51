# SPDX-License-Identifier: Apache-2.0
"""A client session that prints what it does: each statement with the server's name, each result as a table.

Needs pymysql (Debian: python3-pymysql, for /usr/bin/python3). Options come from a file such as run/afterimage.cnf.
"""

import configparser

import pymysql

SHOWN_ROWS = 12
SHOWN_WIDTH = 56


def read_options(path):
    """The [client] section of an options file: host, port, user, password."""
    parser = configparser.RawConfigParser()
    with open(path, encoding="utf-8") as file:
        parser.read_file(file)
    section = parser["client"]
    return {"host": section["host"], "port": int(section["port"]), "user": section["user"],
            "password": section["password"].strip('"')}


def shown_cell(cell):
    if cell is None:
        return "NULL"
    if isinstance(cell, bytes):
        return "0x" + cell.hex()
    text = str(cell).replace("\n", "\\n")
    return text if len(text) <= SHOWN_WIDTH else text[:SHOWN_WIDTH - 1] + "…"


def shown_table(names, rows):
    """Rows as text in columns, at most SHOWN_ROWS of them."""
    cells = [list(names)] + [[shown_cell(cell) for cell in row] for row in rows[:SHOWN_ROWS]]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    lines = ["    " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]
    lines.insert(1, "    " + "  ".join("-" * width for width in widths))
    if len(rows) > SHOWN_ROWS:
        lines.append(f"    … {len(rows) - SHOWN_ROWS} more rows")
    return "\n".join(lines)


class Session:
    """One connection, autocommit. `name` stands before each statement that it prints; an empty name prints nothing."""

    def __init__(self, name, options_file, database=None, tls=False):
        self.name = name
        options = read_options(options_file)
        if tls:
            # Encrypted without a certificate check: the server made its certificate itself, on this machine.
            options["ssl"] = {"verify_mode": False}
        self.connection = pymysql.connect(database=database, autocommit=True, charset="utf8mb4", connect_timeout=30,
                                          read_timeout=300, **options)

    def run(self, statement, quiet=False):
        """Runs one statement, prints both sides, returns its rows as a list of tuples."""
        shown = self.name and not quiet
        if shown:
            print(f"{self.name}> {statement}", flush=True)
        with self.connection.cursor() as cursor:
            affected = cursor.execute(statement)
            rows = list(cursor.fetchall())
            names = [column[0] for column in cursor.description] if cursor.description else []
        if shown:
            print(shown_table(names, rows) if names else f"    {affected} rows", flush=True)
        return rows

    def ask(self, statement):
        """First cell of the first row, unprinted; None when there is no row."""
        rows = self.run(statement, quiet=True)
        return rows[0][0] if rows else None

    def close(self):
        self.connection.close()

# SPDX-License-Identifier: Apache-2.0
"""Whether a replica holds what its source holds: every row, every transaction, the content hashes."""

import os
import re
import subprocess

from afterimage_server import PASSWORD

SYSTEM_SCHEMAS = "('information_schema', 'mysql', 'performance_schema', 'sys')"


def tables_of(server):
    """(database, table) of every base table, in order."""
    return sorted((row[0], row[1]) for row in server.query(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN " + SYSTEM_SCHEMAS))


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


def compare_rows(primary, replica):
    """Every row of every table of every database; returns how many."""
    tables = tables_of(primary)
    found = tables_of(replica)
    assert found == tables, "other tables: only here %r, only at the source %r" % (sorted(set(found) - set(tables)), sorted(set(tables) - set(found)))
    source, copy = primary.connect(), replica.connect()
    compared = 0
    try:
        for connection in (source, copy):
            with connection.cursor() as cursor:
                cursor.execute("SET time_zone = '+00:00'")
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
    """GTIDs of the source's binary log, in order, as mariadb-binlog prints them."""
    files = sorted(name for name in os.listdir(primary.data_directory) if re.fullmatch(r"binlog\.\d+", name))
    text = subprocess.run(["mariadb-binlog", "--base64-output=DECODE-ROWS"] + [os.path.join(primary.data_directory, name) for name in files],
                          capture_output=True, text=True, errors="replace", check=True).stdout
    return re.findall(r"^#\d{6} .*\tGTID (\d+-\d+-\d+)", text, re.MULTILINE)


def sequence(gtid):
    return int(gtid.split("-")[2])


def compare_records(primary, replica):
    """One transaction record for each GTID group of the source since the first copy, in order; returns how many."""
    database = tables_of(replica)[0][0]
    records = [row[0] for row in replica.query("SELECT gtid FROM afterimage_transactions WHERE gtid <> '' ORDER BY transaction_id", db=database)]
    assert len(records) == len(set(records)), "a transaction was recorded twice"
    assert records, "no transaction was recorded"
    groups = gtid_groups(primary)
    expected = groups[groups.index(records[0]):]
    assert records == expected, "records %d, groups %d, missing %r, too many %r" % (
        len(records), len(expected), sorted(set(expected) - set(records))[:5], sorted(set(records) - set(expected))[:5])
    return len(records)


def database_hash(server, database):
    return server.query("SELECT dolt_hashof_db()", db=database)[0][0]


def table_hash(server, database, table):
    return server.query("SELECT dolt_hashof_table('%s')" % table, db=database)[0][0]


def compare_hashes(left, right, databases, tables, what):
    """dolt_hashof_db() of `databases` and dolt_hashof_table() of `tables`; names the tables when a database differs."""
    for database, table in tables:
        assert table_hash(left, database, table) == table_hash(right, database, table), "%s: dolt_hashof_table differs: %s.%s" % (what, database, table)
    for database in databases:
        assert database_hash(left, database) == database_hash(right, database), "%s: dolt_hashof_db differs: %s" % (what, database)


def load_dump(primary, target, databases):
    """mariadb-dump of `databases` from the primary into `target`, as a client would."""
    dump = subprocess.Popen(["mariadb-dump", "--no-defaults", "--socket=" + primary.socket_path, "--user=root", "--single-transaction", "--hex-blob",
                             "--databases"] + list(databases), stdout=subprocess.PIPE)
    load = subprocess.run(["mariadb", "--no-defaults", "--host=127.0.0.1", "--port=%d" % target.port, "--user=root", "--password=" + PASSWORD,
                           "--ssl"], stdin=dump.stdout, capture_output=True, text=True, check=False)
    dump.stdout.close()
    dumped = dump.wait()
    assert load.returncode == 0, "the dump cannot be loaded: " + load.stderr[-2000:]
    assert dumped == 0, "mariadb-dump failed"
    for database in databases:
        target.query("CALL dolt_commit('-A', '-m', 'loaded from a dump')", db=database)

# SPDX-License-Identifier: Apache-2.0
"""Real clients against the server binary: PyMySQL and the mariadb command line.

Usage: client_test.py SERVER_BINARY. Starts its own server on a free port with a data directory of its
own, runs every test, prints one line each, exits 1 if any failed.
"""
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import pymysql

PASSWORD = "s3cret password"  # PyMySQL sends others than ASCII as latin1
CLI = shutil.which("mariadb") or shutil.which("mysql")


class Server:
    """One server process; its port is what it printed in its ready line."""

    def __init__(self, binary, *options, environment=None):
        self.directory = tempfile.mkdtemp(prefix="afterimage-wire-")
        self.socket = os.path.join(self.directory, "s.sock")
        env = dict(os.environ, AFTERIMAGE_ROOT_PASSWORD=PASSWORD)
        env.update(environment or {})
        for name in [n for n, value in env.items() if value is None]:
            del env[name]
        self.log = open(os.path.join(self.directory, "log"), "w+")
        self.process = subprocess.Popen(
            [binary, "serve", "--data", self.directory, "--listen", "127.0.0.1:0", "--socket", self.socket,
             "--set", "variables.local_infile=on", *options],
            stdout=self.log, stderr=self.log, env=env)
        self.port = self._await_port()

    def text(self):
        return pathlib.Path(self.log.name).read_text()

    def _await_port(self):
        for _ in range(600):
            for line in self.text().splitlines():
                if "ready for connections" in line:
                    return int(line.split("port=")[1].split()[0])
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("the server did not start:\n" + self.text())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.log.close()
        shutil.rmtree(self.directory)
        return status

    def connect(self, user="root", password=PASSWORD, **arguments):
        arguments.setdefault("connect_timeout", 20)
        return pymysql.connect(host="127.0.0.1", port=self.port, user=user, password=password, **arguments)

    def cli(self, sql, *options, user="root", password=PASSWORD):
        return subprocess.run(
            [CLI, "--no-defaults", "-h127.0.0.1", f"-P{self.port}", f"-u{user}", f"-p{password}", "-N", "-B",
             *options, "-e", sql], capture_output=True, text=True, timeout=60)


def rows(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def error_code(call):
    try:
        call()
    except pymysql.err.MySQLError as error:
        return error.args[0]
    return 0


def tls(**extra):
    return {"ssl": {"check_hostname": False, "verify_mode": None, **extra}}


def test_both_plugins_with_and_without_tls(server):
    for user in ("root", "native"):
        for arguments in ({}, tls(), {}):  # the second plain one finds the cache warm
            with server.connect(user=user, **arguments) as connection:
                assert rows(connection, "SELECT USER()") == ((f"{user}@127.0.0.1",),)


def test_local_socket(server):
    with pymysql.connect(unix_socket=server.socket, user="root", password=PASSWORD) as connection:
        assert rows(connection, "SELECT USER()") == (("root@localhost",),)


def test_wrong_password_and_unknown_user(server):
    for user in ("root", "native", "nobody"):
        for arguments in ({}, tls()):
            assert error_code(lambda: server.connect(user=user, password="wrong", **arguments)) == 1045
    assert error_code(lambda: server.connect(password="")) == 1045


def test_unknown_database_at_login(server):
    with server.connect(database="shop") as connection:
        assert rows(connection, "SELECT DATABASE()") == (("shop",),)
    assert error_code(lambda: server.connect(database="missing")) == 1049


def test_ping_and_values(server):
    with server.connect() as connection:
        connection.ping(reconnect=False)
        assert rows(connection, "SELECT 1, 'é漢', NULL, -5") == ((1, "é漢", None, -5),)
        connection.select_db("shop")
        assert rows(connection, "SELECT DATABASE()") == (("shop",),)


def test_other_charsets(server):
    with server.connect(charset="latin1") as connection:
        assert rows(connection, "SELECT 'é€'") == (("é€",),)


def test_big_packets_both_ways(server):
    with server.connect() as connection:
        for size in (0xFFFFFF - 20, 0xFFFFFF, 0x1000000, 40_000_000):
            text = "x" * size
            assert rows(connection, f"SELECT LENGTH('{text}')") == ((size,),)
            assert rows(connection, f"SELECT REPEAT('x', {size})")[0][0] == text


def test_packet_too_large(server):
    connection = server.connect(max_allowed_packet=1 << 30)
    code = error_code(lambda: rows(connection, "SELECT LENGTH('" + "x" * 70_000_000 + "')"))
    assert code in (1153, 2006, 2013), code


def test_many_rows(server):
    with server.connect() as connection:
        got = rows(connection, "SELECT ROWS(200000, 30)")
        assert len(got) == 200000 and got[-1][0] == 199999


def test_several_statements(server):
    flag = pymysql.constants.CLIENT.MULTI_STATEMENTS
    with server.connect(client_flag=flag) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1; SELECT 2, 3; DO 4")
        assert cursor.fetchall() == ((1,),)
        assert cursor.nextset() and cursor.fetchall() == ((2, 3),)
        assert cursor.nextset() and cursor.rowcount == 4
        assert cursor.nextset() is None


def test_errors_leave_the_connection_usable(server):
    with server.connect() as connection:
        assert error_code(lambda: rows(connection, "NONSENSE")) == 1064
        assert rows(connection, "SELECT 1") == ((1,),)


def test_kill_query_and_connection(server):
    with server.connect() as killer:
        for statement, expected in (("KILL QUERY", (1317,)), ("KILL", (1317, 2013))):
            victim = server.connect()
            found = []
            thread = threading.Thread(
                target=lambda: found.append(error_code(lambda: rows(victim, "SELECT SLEEP(60)"))))
            thread.start()
            while not any(row[3] == "SELECT SLEEP(60)" for row in rows(killer, "SHOW PROCESSLIST")):
                time.sleep(0.02)
            rows(killer, f"{statement} {victim.thread_id()}")
            thread.join(30)
            assert found and found[0] in expected, found
            if statement == "KILL QUERY":
                assert rows(victim, "SELECT 1") == ((1,),)
                victim.close()
        idle = server.connect()
        rows(killer, f"KILL {idle.thread_id()}")
        assert error_code(lambda: rows(idle, "SELECT 1")) in (1317, 2006, 2013)
        assert error_code(lambda: rows(killer, "KILL 4000000")) == 1094


def test_client_that_leaves_stops_its_statement(server):
    victim = server.connect()
    raw = victim._sock
    raw.sendall(b"\x11\0\0\0\x03SELECT SLEEP(60)")
    with server.connect() as watcher:
        sleeping = lambda: any(row[3] == "SELECT SLEEP(60)" for row in rows(watcher, "SHOW PROCESSLIST"))
        while not sleeping():
            time.sleep(0.02)
        raw.shutdown(socket.SHUT_RDWR)
        raw.close()
        for _ in range(1500):
            if not sleeping():
                return
            time.sleep(0.02)
    raise AssertionError("the statement went on")


def test_stopped_reader_costs_little_memory(server):
    connection = server.connect()
    sql = b"\x03SELECT REPEAT('x', 60000000)"
    connection._sock.sendall(struct.pack("<I", len(sql)) + sql)
    time.sleep(0.3)
    with server.connect() as other:  # the server goes on
        assert rows(other, "SELECT 1") == ((1,),)
    connection._sock.close()


def test_load_data_local(server):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("a,b\n" * 100_000)
        file.flush()
        with server.connect(local_infile=True) as connection, connection.cursor() as cursor:
            assert cursor.execute(f"LOAD DATA LOCAL INFILE '{file.name}'") == 400_000
            assert error_code(lambda: cursor.execute("LOAD DATA LOCAL INFILE '/no/such/file'")) != 0
            connection.ping(reconnect=False)
            assert rows(connection, "SELECT 1") == ((1,),)
        with server.connect() as connection:
            assert error_code(lambda: rows(connection, f"LOAD DATA LOCAL INFILE '{file.name}'")) == 3948


def test_wait_timeout(server):
    with server.connect() as connection:
        rows(connection, "SET wait_timeout = 1")
        time.sleep(2.5)
        assert error_code(lambda: rows(connection, "SELECT 1")) in (2006, 2013, 4031)


def test_first_statement_may_outlast_connect_timeout(server):
    connection = server.connect()
    rows(connection, "SET GLOBAL connect_timeout = 2")
    try:
        # The client sends it as soon as it is let in.
        assert rows(server.connect(), "SELECT SLEEP(5), 7") == ((0, 7),)
    finally:
        rows(connection, "SET GLOBAL connect_timeout = 10")


def test_command_line_client(server):
    if CLI is None:
        return
    for options in ((), ("--ssl",), ("--skip-ssl",), ("--compress",), ("--ssl", "--compress")):
        for user in ("root", "native"):
            done = server.cli("SELECT 1; SELECT 'é', @@version_comment; SELECT REPEAT('ab', 3)", *options, user=user)
            assert done.stdout == "1\né\tAfterimage\nababab\n", (options, user, done)
    assert "SSL" in server.cli("status", "--ssl").stdout
    assert "ERROR 1045" in server.cli("SELECT 1", password="wrong").stderr
    assert "ERROR 1064" in server.cli("NONSENSE").stderr


def test_noise_on_the_socket(server):
    for noise in (b"", b"\0", b"\xff" * 100, b"GET / HTTP/1.1\r\n\r\n", b"\x20\0\0\1" + b"\xff" * 32 + b"\x16\3\1" * 50):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
            raw.recv(1000)
            raw.sendall(noise)
    with server.connect() as connection:
        assert rows(connection, "SELECT 1") == ((1,),)


def test_too_many_connections(server):
    with server.connect() as connection:
        limit = len(rows(connection, "SHOW PROCESSLIST")) + 3
        rows(connection, f"SET GLOBAL max_connections = {limit}")
        held = []
        try:
            code = 0
            while code == 0 and len(held) < 20:
                code = error_code(lambda: held.append(server.connect()))
            assert code == 1040, code
        finally:
            for other in held:
                other.close()
            rows(connection, "SET GLOBAL max_connections = 5000")


def test_many_idle_connections(server):
    with server.connect() as connection:
        rows(connection, "SET GLOBAL max_connections = 5000")
    held = [server.connect(user="native") for _ in range(300)]
    assert rows(held[150], "SELECT 1") == ((1,),)
    memory = int(pathlib.Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * 4096
    assert memory < 400 << 20, memory
    for connection in held:
        connection.close()


def start_and_stop_tests(binary):
    """What needs a server of its own; yields (name, test)."""
    def generated_password():
        server = Server(binary, environment={"AFTERIMAGE_ROOT_PASSWORD": None})
        kept = pathlib.Path(server.directory, "root_password")
        password = kept.read_text().strip()
        assert kept.stat().st_mode & 0o777 == 0o600
        assert server.text().count(password) == 1
        with server.connect(password=password) as connection:
            assert rows(connection, "SELECT 1") == ((1,),)
        assert server.stop() == 0

    def tls_required():
        server = Server(binary, "--set", "tls.mode=required")
        assert error_code(server.connect) == 3159
        with server.connect(**tls()) as connection:
            assert rows(connection, "SELECT 1") == ((1,),)
        assert server.stop() == 0

    def tls_off():
        server = Server(binary, "--set", "tls.mode=off")
        with server.connect() as connection:
            assert rows(connection, "SELECT 1") == ((1,),)
        assert server.stop() == 0

    def stop_ends_running_statements():
        server = Server(binary)
        connection = server.connect()
        found = []
        thread = threading.Thread(target=lambda: found.append(error_code(lambda: rows(connection, "SELECT SLEEP(60)"))))
        thread.start()
        with server.connect() as watcher:
            while not any(row[3] == "SELECT SLEEP(60)" for row in rows(watcher, "SHOW PROCESSLIST")):
                time.sleep(0.02)
        idle = server.connect()
        assert server.stop() == 0
        thread.join(30)
        assert found == [1053], found
        assert error_code(lambda: rows(idle, "SELECT 1")) in (2006, 2013)

    def bad_options():
        for options in (["serve"], ["serve", "--data", "/tmp/x", "--set", "server.nope=1"], ["frobnicate"]):
            done = subprocess.run([binary, *options], capture_output=True, text=True, timeout=30)
            assert done.returncode != 0 and done.stderr, options
        done = subprocess.run([binary, "version"], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0 and "8.0.33-afterimage" in done.stdout

    return [(test.__name__, test) for test in
            (generated_password, tls_required, tls_off, stop_ends_running_statements, bad_options)]


def run(name, test):
    try:
        test()
    except Exception:
        print(f"FAILED  {name}")
        traceback.print_exc(limit=-3, file=sys.stdout)
        return False
    print(f"ok      {name}", flush=True)
    return True


def main():
    binary = sys.argv[1]
    server = Server(binary)
    passed = True
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            passed &= run(name, lambda: test(server))
    alive = server.process.poll() is None
    log = server.text()
    passed &= run("clean stop", lambda: None if alive and server.stop() == 0 else 1 / 0)
    if not passed:
        print(log)
    for name, test in start_and_stop_tests(binary):
        passed &= run(name, test)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())

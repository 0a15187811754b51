# SPDX-License-Identifier: Apache-2.0
"""What clients, options and disks do wrong: a clear error each, with MySQL's number and SQLSTATE, nothing lost, the server goes on.

Usage: bad_input_test.py SERVER_BINARY [--no-bounds] [TEST ...]. Starts its own server on a free port with a data folder of its own.
--no-bounds: memory is not looked at, because a sanitizer takes its own.
"""

import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import pymysql  # noqa: E402

from afterimage_server import PASSWORD, AfterimageServer  # noqa: E402

# MySQL allows this many nested levels or fewer; every implementation has its own bound.
DEEP = 20_000
BOUNDED = "--no-bounds" not in sys.argv


def error_of(call):
    """(number, SQLSTATE) of the error that a call raises; (0, '') if none."""
    try:
        call()
    except pymysql.err.MySQLError as error:
        return error.args[0], getattr(error, "sqlstate", "")
    return 0, ""


def rows(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def memory_bytes(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS:"))


def check_memory(server, before, most_mib):
    grown = (memory_bytes(server) - before) >> 20
    assert not BOUNDED or grown < most_mib, f"{grown} MiB"


class RawClient:
    """A logged-in connection whose packets the test writes byte by byte."""

    def __init__(self, server):
        # Without TLS, so that the socket carries the packets themselves.
        self.connection = pymysql.connect(host="127.0.0.1", port=server.port, user="root", password=PASSWORD, connect_timeout=20)
        self.socket = self.connection._sock
        self.socket.settimeout(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def receive(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def error(self):
        """(number, SQLSTATE, message) of the error packet that comes."""
        body = b"\0"
        while body[0] != 0xFF:  # columns may come before it
            header = self.receive(4)
            body = self.receive(int.from_bytes(header[:3], "little"))
        return struct.unpack_from("<H", body, 1)[0], body[4:9].decode(), body[9:].decode()

    def send(self, body, sequence=0):
        self.socket.sendall(struct.pack("<I", len(body))[:3] + bytes([sequence]) + body)
        return self

    def goes_on(self):
        """The connection still answers."""
        self.connection.ping(reconnect=False)
        return True


# Packets.

def test_wrong_password(server):
    for user, password in (("root", "wrong"), ("root", ""), ("nobody", PASSWORD)):
        code, _ = error_of(lambda: pymysql.connect(host="127.0.0.1", port=server.port, user=user, password=password))
        assert code == 1045, (user, code)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        greeting = raw.recv(4096)
        assert b"mysql_native_password" in greeting or b"caching_sha2_password" in greeting
        # CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH, a native password of zeros.
        body = struct.pack("<IIB23x", 0x00088200, 1 << 24, 45) + b"root\0" + b"\x14" + b"\1" * 20 + b"mysql_native_password\0"
        raw.sendall(struct.pack("<I", len(body))[:3] + b"\1" + body)
        answer = raw.recv(4096)
        if answer[4] == 0xFE:  # asked to switch to the account's plugin: a digest of the wrong password
            raw.sendall(b"\x20\0\0" + bytes([answer[3] + 1]) + b"\2" * 32)
            answer = raw.recv(4096)
            if answer[4] == 1:  # full authentication asked for, on a line that is not safe: the empty password
                raw.sendall(b"\1\0\0" + bytes([answer[3] + 1]) + b"\0")
                answer = raw.recv(4096)
        assert answer[4] == 0xFF and struct.unpack_from("<H", answer, 5)[0] == 1045 and answer[8:13] == b"28000", answer


def test_malformed_packet(server):
    # COM_STMT_EXECUTE, COM_STMT_FETCH, COM_PROCESS_KILL, COM_SET_OPTION: each too short for what it must hold.
    for body in (b"\x17\1\0", b"\x1c\1", b"\x0c\1", b"\x1b"):
        with RawClient(server) as client:
            code, state, _ = client.send(body).error()
            assert (code, state) == (1835, "HY000"), (body, code, state)


def test_packets_out_of_order(server):
    with RawClient(server) as client:
        assert client.send(b"\x03SELECT 1", sequence=7).error()[:2] == (1156, "08S01")


def test_unknown_command(server):
    with RawClient(server) as client:
        for command in (0x63, 0xFE, 0x20):
            assert client.send(bytes([command]) + b"x").error()[:2] == (1047, "08S01"), command
            assert client.goes_on()


def test_oversized_packet(server):
    before = memory_bytes(server)
    with RawClient(server) as client:
        limit = rows(client.connection, "SELECT @@max_allowed_packet")[0][0]
        # Headers alone announce more than is allowed: the answer comes before the bytes.
        fragments = limit // 0xFFFFFF
        chunk = b"\xff\xff\xff\0" + b"\x03" + b" " * 0xFFFFFE
        client.socket.sendall(chunk)
        for sequence in range(1, fragments):
            client.socket.sendall(b"\xff\xff\xff" + bytes([sequence]) + b" " * 0xFFFFFF)
        client.socket.sendall(b"\xff\xff\xff" + bytes([fragments]))
        assert client.error()[:2] == (1153, "08S01")
    assert server.query("SELECT COUNT(*) FROM bad.kept") == ((2,),)
    check_memory(server, before, 160)


# Statements.

def test_statements(server):
    cases = [
        ("SELECT nope FROM bad.kept", 1054, "42S22"),
        ("SELECT * FROM bad.missing", 1146, "42S02"),
        ("SELECT * FROM missing.t", (1049, 1146), None),
        ("SELECT nope()", (1305, 1630), "42000"),
        ("SELEC 1", 1064, "42000"),
        ("SELECT 'open", 1064, "42000"),
        ("INSERT INTO bad.kept VALUES (9, '2024-02-30', 'x')", 1292, "22007"),
        ("INSERT INTO bad.kept VALUES (9, 'yesterday', 'x')", 1292, "22007"),
        ("INSERT INTO bad.kept VALUES (9, '2024-13-01', 'x')", 1292, "22007"),
        ("SELECT DATE'2024-02-30'", 1525, "HY000"),
        ("INSERT INTO bad.kept VALUES (1, '2024-02-01', 'x')", 1062, "23000"),
        ("INSERT INTO bad.kept VALUES (NULL, '2024-02-01', 'x')", 1048, "23000"),
        ("INSERT INTO bad.kept VALUES (9, '2024-02-01', 'far too long for it')", 1406, "22001"),
        ("INSERT INTO bad.kept VALUES (99999999999, '2024-02-01', 'x')", 1264, "22003"),
        ("INSERT INTO bad.kept VALUES (9)", 1136, "21S01"),
        # A column where a constant is needed.
        ("SELECT LEAD(id, id) OVER (ORDER BY id) FROM bad.kept", 1210, "HY000"),
        ("SELECT NTH_VALUE(id, id) OVER (ORDER BY id) FROM bad.kept", 1210, "HY000"),
        ("SELECT NTILE(id) OVER (ORDER BY id) FROM bad.kept", 1210, "HY000"),
        ("SELECT NTILE(0) OVER (ORDER BY id) FROM bad.kept", 1210, "HY000"),
        ("SELECT LAG(id) OVER (ORDER BY LEAD(id) OVER (ORDER BY id)) FROM bad.kept", 3593, "HY000"),
        ("SELECT LAG(LEAD(id) OVER (ORDER BY id)) OVER (ORDER BY id) FROM bad.kept", 3593, "HY000"),
        ("SELECT GROUP_CONCAT(id LIMIT id) FROM bad.kept", (1064, 1210), None),
    ]
    with server.connect() as connection:
        for sql, code, state in cases:
            found = error_of(lambda: rows(connection, sql))
            assert found[0] in (code if isinstance(code, tuple) else (code,)), (sql, found)
            with RawClient(server) as client:
                raw = client.send(b"\x03" + sql.encode()).error()
                assert state is None or raw[1] == state, (sql, raw)
        assert rows(connection, "SELECT COUNT(*) FROM bad.kept") == ((2,),)


def test_broken_utf8(server):
    for bytes_in in (b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"a\xe2\x82"):
        with RawClient(server) as client:
            rows(client.connection, "SET NAMES utf8mb4")
            code, state, message = client.send(b"\x03INSERT INTO bad.kept VALUES (7, '2024-01-01', '" + bytes_in + b"')").error()
            assert code in (1366, 1300) and state in ("HY000", "22007"), (bytes_in, code, state, message)
            assert "\\x" in message or "string" in message, message
            assert client.goes_on()
    with server.connect() as connection:  # as a parameter of a prepared statement, too
        rows(connection, "PREPARE s FROM 'INSERT INTO bad.kept VALUES (8, ''2024-01-01'', CONVERT(? USING utf8mb4))'")
        rows(connection, "SET @broken = x'fffe'")
        rows(connection, "SET @broken = CONVERT(@broken USING utf8mb4)")
        found = rows(connection, "SELECT COUNT(*) FROM bad.kept WHERE LENGTH(name) <> LENGTH(CONVERT(name USING utf8mb4))")
        assert found == ((0,),)
    assert server.query("SELECT id FROM bad.kept ORDER BY id") == ((1,), (2,))


def test_column_names_are_text(server):
    with server.connect() as connection, connection.cursor() as cursor:
        for sql, name in (("SELECT _latin1 x'E9'", "_latin1 x'E9'"), ("SELECT _latin1 'ab'", "ab"), ("SELECT 'it''s'", "it's")):
            cursor.execute(sql)
            assert cursor.description[0][0] == name, (sql, cursor.description)


def test_deep_nesting(server):
    deep = [
        "SELECT " + "(" * DEEP + "1" + ")" * DEEP,
        "SELECT " + "ABS(" * DEEP + "1" + ")" * DEEP,
        "SELECT " + "NOT " * DEEP + "1",
        "SELECT " + "- " * DEEP + "1",
        "SELECT " + "CASE WHEN 1 THEN " * DEEP + "1" + " END" * DEEP,
        "SELECT " + "(SELECT " * DEEP + "1" + ")" * DEEP,
        "SELECT * FROM " + "(SELECT * FROM " * DEEP + "bad.kept" + ") d" * DEEP,
        "SELECT * FROM " + "(" * DEEP + "bad.kept" + ")" * DEEP,
        "SELECT 1 WHERE " + "1 IN (" * DEEP + "1" + ")" * DEEP,
        "SELECT 1" + "+1" * DEEP,
        "SELECT 1" + " AND 1" * DEEP,
        "SELECT 1" + " XOR 1" * DEEP,
        "SELECT 1" + " = 1" * DEEP,
        "SELECT 'a'" + " COLLATE utf8mb4_bin" * DEEP,
        "SELECT 1" + " UNION SELECT 1" * DEEP,
        "SELECT 1 FROM bad.kept k0" + "".join(f" JOIN bad.kept k{i}" for i in range(1, 250)) + " LIMIT 1",
        "WITH " + ", ".join(f"c{i} AS (SELECT {f'* FROM c{i - 1}' if i else '1'})" for i in range(2000)) + " SELECT * FROM c1999",
        "SELECT " + "JSON_EXTRACT(" * 2000 + "'{}'" + ",'$')" * 2000,
        "SELECT JSON_VALID('" + "[" * DEEP + "]" * DEEP + "')",
        "SELECT CAST('" + "[" * DEEP + "]" * DEEP + "' AS JSON)",
        "SELECT 'a' REGEXP '" + "(" * DEEP + "a" + ")" * DEEP + "'",
        "/*!" * DEEP + " SELECT 1 " + "*/" * DEEP,
        "BEGIN NOT ATOMIC " * 2000 + "SELECT 1; " + "END; " * 2000,
        "CREATE PROCEDURE bad.p() " + "BEGIN " * 5000 + "END; " * 5000,
        "EXPLAIN " * 500 + "SELECT 1",
        "CREATE VIEW bad.deep AS SELECT " + "(" * DEEP + "1" + ")" * DEEP,
        "CREATE TABLE bad.deep (a INT DEFAULT (" + "(" * DEEP + "1" + ")" * DEEP + "))",
        "CREATE TABLE bad.deep (a INT, CHECK (" + "(" * DEEP + "a > 1" + ")" * DEEP + "))",
    ]
    # Each of these is short for what it means: common table expressions in a chain, and twice their predecessor each.
    chain = "WITH " + ", ".join(f"c{i} AS (SELECT {f'* FROM c{i - 1}' if i else '1'})" for i in range(20_000)) + " SELECT * FROM c19999"
    twice = "WITH " + ", ".join(f"c{i} AS (SELECT a.x FROM {f'c{i - 1} a, c{i - 1} b' if i else '(SELECT 1 x) a'})" for i in range(60)) + \
        " SELECT COUNT(*) FROM c59"
    assert error_of(lambda: server.query(chain))[0] == 1473
    assert error_of(lambda: server.query(twice))[0] in (1116, 1473)
    for sql in deep:
        with server.connect(read_timeout=100) as connection:
            code, _ = error_of(lambda: rows(connection, sql))
            # Answered, or refused by a bound: never the end of the server.
            assert code not in (2006, 2013, 1815), (sql[:60], code)
            assert server.process.poll() is None, sql[:60]
    assert error_of(lambda: server.query(deep[0]))[0] in (0, 1436)


def test_huge_lists(server):
    before = memory_bytes(server)
    numbers = ",".join(str(n) for n in range(300_000))
    assert server.query(f"SELECT COUNT(*) FROM bad.kept WHERE id IN ({numbers})") == ((2,),)
    assert server.query(f"SELECT COUNT(*) FROM bad.kept WHERE id NOT IN ({numbers})") == ((0,),)
    texts = ",".join(f"'{n}'" for n in range(100_000))
    assert server.query(f"SELECT COUNT(*) FROM bad.kept WHERE name IN ({texts})") == ((0,),)
    columns = ",".join(f"{n} AS c{n}" for n in range(4000))
    assert len(server.query(f"SELECT {columns}")[0]) == 4000
    ors = " OR ".join(f"id = {n}" for n in range(20_000))
    assert error_of(lambda: server.query(f"SELECT COUNT(*) FROM bad.kept WHERE {ors}"))[0] in (0, 1436)
    check_memory(server, before, 400)


def test_query_of_64_mib(server):
    before = memory_bytes(server)
    with server.connect() as connection:
        limit = rows(connection, "SELECT @@max_allowed_packet")[0][0]
        frame = "SELECT LENGTH('%s')"
        text = "x" * (limit - len(frame))
        assert rows(connection, frame % text) == ((len(text),),)
        # Nothing but noise: the lexer stops at its first token.
        assert error_of(lambda: rows(connection, "@" * (limit - 1)))[0] == 1064
        assert error_of(lambda: rows(connection, "(" * (limit - 1)))[0] in (1064, 1436)
        assert error_of(lambda: rows(connection, "SELECT " + "1," * (limit // 2 - 10) + "1"))[0] in (1041, 1117, 3170, 1436)
        assert rows(connection, "SELECT COUNT(*) FROM bad.kept") == ((2,),)
    check_memory(server, before, 1024)


# Connections.

def test_many_slow_connections(server):
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    count = 1500
    server.query(f"SET GLOBAL max_connections = {count + 20}")
    server.query("SET GLOBAL connect_timeout = 3")
    before = memory_bytes(server)
    held = []
    try:
        for index in range(count):
            raw = socket.create_connection(("127.0.0.1", server.port), timeout=20)
            held.append(raw)
            # One half says nothing; the other begins a packet that announces 16 MiB, and goes on byte by byte.
            if index % 2:
                raw.sendall(b"\xff\xff\x00\1" + b"\0")
        assert server.query("SELECT COUNT(*) FROM bad.kept") == ((2,),)
        check_memory(server, before, 160)
        # Each byte sent must not buy more time than connect_timeout gives.
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for raw in held[1::100]:
                try:
                    raw.sendall(b"\0")
                except OSError:
                    pass
            if len(server.query("SHOW PROCESSLIST")) < 20:
                break
            time.sleep(0.5)
        else:
            raise AssertionError("slow logins are still there")
    finally:
        for raw in held:
            raw.close()
        server.query("SET GLOBAL connect_timeout = 10")
        server.query("SET GLOBAL max_connections = 151")


def test_slow_command(server):
    with RawClient(server) as client:
        rows(client.connection, "SET net_read_timeout = 1")
        client.socket.sendall(b"\x20\0\0\0\x03SELECT")
        deadline = time.monotonic() + 60
        while any(row[0] == client.connection.thread_id() for row in server.query("SHOW PROCESSLIST")):
            assert time.monotonic() < deadline, "a packet that never ends keeps its connection"
            time.sleep(0.2)


# Starting.

def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def start_fails(binary, *options, data=None, words=(), drop_root=False):
    with tempfile.TemporaryDirectory(prefix="afterimage-bad-") as folder:
        listen = [] if "--listen" in options else ["--listen", "127.0.0.1:0"]
        done = subprocess.run([binary, "serve", "--data", data or os.path.join(folder, "data"), *listen, *options],
                              capture_output=True, text=True, timeout=60, preexec_fn=become_nobody if drop_root else None,
                              env={**os.environ, "AFTERIMAGE_ROOT_PASSWORD": PASSWORD})
    text = done.stdout + done.stderr
    assert done.returncode not in (0, -6, -11), (options, done.returncode, text)
    for word in words:
        assert word in text, (options, word, text)
    return text


def test_start_is_refused(server):
    with tempfile.TemporaryDirectory(prefix="afterimage-bad-") as folder:
        plain = os.path.join(folder, "plain")
        with open(plain, "w", encoding="ascii") as file:
            file.write("not a folder\n")
        start_fails(server.binary, data=os.path.join(plain, "data"), words=[plain])
        start_fails(server.binary, data="/proc/afterimage", words=["/proc/afterimage"])
        config = os.path.join(folder, "a.toml")
        for text, word in (("[server]\ndatta = 1\n", "a.toml:2: unknown key 'server.datta'"), ("[server\n", "a.toml:1"),
                           ("[server]\nio_threads = \"many\"\n", "a number from 1 to 64"),
                           ("[replication]\nsource = \"postgres://u:secret@h\"\n", "mysql://")):
            with open(config, "w", encoding="ascii") as file:
                file.write(text)
            output = start_fails(server.binary, "--config", config, words=[word])
            assert "secret" not in output, output
        start_fails(server.binary, "--config", os.path.join(folder, "missing.toml"), words=["missing.toml"])
        start_fails(server.binary, "--sauce", "mysql://h", words=["--sauce"])
        start_fails(server.binary, "--listen", f"127.0.0.1:{server.port}", words=[str(server.port)])
        start_fails(server.binary, data=server.data, words=["in use"])
        start_fails(server.binary, "--source", "mysql://u:secret@h:port", words=["mysql://"])
        # An empty password is no password: one is made, as without the variable.
        assert "secret" not in start_fails(server.binary, "--source", "mysql://u:secret%4@h:1", words=["percent"])


def test_unwritable_folder(server):
    with tempfile.TemporaryDirectory(prefix="afterimage-bad-") as folder:
        os.chmod(folder, 0o755)
        locked = os.path.join(folder, "locked")
        os.mkdir(locked, 0o555)
        # Root writes where it likes: then as nobody, who may read the program and write nothing here.
        start_fails(server.binary, data=os.path.join(locked, "data"), words=[locked], drop_root=True)
        start_fails(server.binary, data=locked, words=[locked], drop_root=True)


def test_empty_root_password_is_none(server):
    with tempfile.TemporaryDirectory(prefix="afterimage-bad-") as folder:
        data = os.path.join(folder, "data")
        with open(os.path.join(folder, "log"), "w+", encoding="utf-8") as log:
            process = subprocess.Popen([server.binary, "serve", "--data", data, "--listen", "127.0.0.1:0"], stdout=log, stderr=log,
                                       env={**os.environ, "AFTERIMAGE_ROOT_PASSWORD": ""})
            deadline = time.monotonic() + 60
            text = ""
            while "ready for connections" not in text and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                text = open(log.name, encoding="utf-8").read()
            port = int(text.split("port=")[1].split()[0])
            try:
                assert error_of(lambda: pymysql.connect(host="127.0.0.1", port=port, user="root", password=""))[0] == 1045
                kept = open(os.path.join(data, "root_password"), encoding="ascii").read().strip()
                pymysql.connect(host="127.0.0.1", port=port, user="root", password=kept).close()
            finally:
                process.terminate()
                assert process.wait(60) == 0


def test_side_by_side(server):
    """Bad clients and good ones at once: every good write is there."""
    server.query("CREATE TABLE bad.busy (id INT PRIMARY KEY)")
    stop = threading.Event()

    def misbehave():
        while not stop.is_set():
            try:
                with RawClient(server) as client:
                    client.socket.settimeout(1)  # some commands have no answer
                    client.send(os.urandom(30)).socket.recv(4096)
                time.sleep(0.02)
            except (OSError, EOFError, pymysql.err.MySQLError):
                pass

    threads = [threading.Thread(target=misbehave) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        with server.connect() as connection:
            for number in range(100):
                rows(connection, f"INSERT INTO bad.busy VALUES ({number})")
                error_of(lambda: rows(connection, f"INSERT INTO bad.busy VALUES ({number})"))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert server.query("SELECT COUNT(*), SUM(id) FROM bad.busy") == ((100, sum(range(100))),)


def main():
    passed = True
    chosen = [word for word in sys.argv[2:] if not word.startswith("--")]
    with AfterimageServer(sys.argv[1]) as server:
        server.query("CREATE DATABASE bad")
        server.query("CREATE TABLE bad.kept (id INT PRIMARY KEY, day DATE, name VARCHAR(10) CHARACTER SET utf8mb4)")
        server.query("INSERT INTO bad.kept VALUES (1, '2024-01-31', 'one'), (2, NULL, 'zwei')")
        tests = [test for name, test in globals().items() if name.startswith("test_") and (not chosen or name in chosen)]
        for test in tests:
            began = time.monotonic()
            try:
                test(server)
                assert server.process.poll() is None, "the server has ended"
                print(f"ok      {test.__name__}  {time.monotonic() - began:.1f} s", flush=True)
            except Exception:
                passed = False
                print(f"FAILED  {test.__name__}", flush=True)
                traceback.print_exc(limit=-3, file=sys.stdout)
                if server.process.poll() is not None:
                    print("status", server.process.returncode)
                    server.start()
        # What was kept is there after a clean stop and a start.
        if server.stop() != 0:
            print("FAILED  clean stop")
            passed = False
        server.start()
        if server.query("SELECT id, name FROM bad.kept ORDER BY id") != ((1, "one"), (2, "zwei")):
            print("FAILED  rows after a restart")
            passed = False
        if not passed:
            print(server.log()[-5000:])
    return 0 if passed and tests else 1


if __name__ == "__main__":
    sys.exit(main())

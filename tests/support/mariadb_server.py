# SPDX-License-Identifier: Apache-2.0
"""A private MariaDB server for tests driven by Python: the twin of mariadb_server.h.

Own data directory, own socket, own port on 127.0.0.1; root without a password over both. The server
dies with the process that started it, and its directory goes with the object:

    with MariadbServer(arguments=["--binlog-format=ROW"]) as server:
        server.query("SELECT 1")            # list of tuples; needs pymysql (Debian: run with /usr/bin/python3)
        with server.connect(db="test") as connection: ...
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60
PR_SET_PDEATHSIG = 1


def _find(name):
    return shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")


def available():
    """Whether the programs are installed."""
    return bool(_find("mariadbd") and _find("mariadb-install-db"))


def free_port():
    """A port on 127.0.0.1 on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    """For preexec_fn: the child gets SIGKILL when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class MariadbServer:
    def __init__(self, server_id=1, log_bin=True, arguments=()):
        if not available():
            raise RuntimeError("mariadbd and mariadb-install-db are not installed")
        self.server_id = server_id
        self.log_bin = log_bin
        self.arguments = list(arguments)
        self.process = None
        self.port = 0
        base = os.environ.get("TMPDIR", "/tmp")
        # A socket path is limited to 107 bytes, so a long TMPDIR is not used.
        self.directory = tempfile.mkdtemp(prefix="afterimage-mariadb-", dir=base if len(base) < 60 else "/tmp")
        self.data_directory = os.path.join(self.directory, "data")
        self.socket_path = os.path.join(self.directory, "sock")
        try:
            self._install()
            for attempt in range(3):
                self.port = free_port()
                try:
                    self.start()
                    break
                except RuntimeError:
                    if attempt == 2:
                        raise
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def pid(self):
        return self.process.pid if self.process else 0

    def _as_root(self):
        return ["--user=root"] if os.geteuid() == 0 else []

    def _log_tail(self):
        text = ""
        for name in ("install.log", "server.log"):
            path = os.path.join(self.directory, name)
            if os.path.exists(path):
                with open(path, errors="replace") as log:
                    text += log.read()[-3000:]
        return text

    def _install(self):
        with open(os.path.join(self.directory, "install.log"), "ab") as log:
            done = subprocess.run(
                [_find("mariadb-install-db"), "--no-defaults", "--datadir=" + self.data_directory,
                 "--auth-root-authentication-method=normal", "--skip-test-db",
                 # A starting server empties its tmpdir of tables: not a shared one.
                 "--tmpdir=" + self.directory,
                 "--innodb-log-file-size=16M"] + self._as_root(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        if done.returncode != 0:
            raise RuntimeError("mariadb-install-db failed\n" + self._log_tail())

    def start(self):
        """Starts on the same data directory and port; returns when a client can log in."""
        command = [_find("mariadbd"), "--no-defaults", "--datadir=" + self.data_directory,
                   "--socket=" + self.socket_path, "--pid-file=" + os.path.join(self.directory, "pid"),
                   "--bind-address=127.0.0.1", "--port=%d" % self.port, "--server-id=%d" % self.server_id,
                   "--innodb-log-file-size=16M", "--innodb-buffer-pool-size=64M", "--max-allowed-packet=256M",
                   "--skip-name-resolve", "--tmpdir=" + self.directory]
        if self.log_bin:
            command.append("--log-bin=binlog")
        command += self._as_root() + self.arguments
        with open(os.path.join(self.directory, "server.log"), "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=die_with_parent)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.process = None
                raise RuntimeError("mariadbd ended while starting\n" + self._log_tail())
            try:
                # The socket appears when the server is ready; pymysql is needed only for query().
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(self.socket_path)
                    if probe.recv(5):
                        return
            except OSError:
                time.sleep(0.05)  # not ready yet
        self.kill()
        raise RuntimeError("mariadbd does not answer\n" + self._log_tail())

    def stop(self):
        """SIGTERM and wait."""
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def kill(self):
        """SIGKILL and wait."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self):
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self, **options):
        """A pymysql connection as root over the socket; autocommit unless told otherwise."""
        import pymysql
        options.setdefault("autocommit", True)
        options.setdefault("charset", "utf8mb4")
        return pymysql.connect(unix_socket=self.socket_path, user="root", password="", **options)

    def query(self, sql, args=None, db=None):
        """Runs one statement on a connection of its own and returns all rows."""
        connection = self.connect(db=db)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, args)
                return list(cursor.fetchall())
        finally:
            connection.close()

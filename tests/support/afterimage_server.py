# SPDX-License-Identifier: Apache-2.0
"""The server binary as a process for tests driven by Python: own data folder, own port; killed with its parent."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import pymysql

from mariadb_server import die_with_parent

PASSWORD = "test-password"
START_TIMEOUT_S = 120


class AfterimageServer:
    def __init__(self, binary, source=None, options=(), directory=None):
        self.binary = binary
        self.source = source
        self.options = list(options)
        self.directory = directory or tempfile.mkdtemp(prefix="afterimage-test-")
        self.data = os.path.join(self.directory, "data")
        self.log_path = os.path.join(self.directory, "log")
        self.process = None
        self.port = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def log(self):
        path = pathlib.Path(self.log_path)
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self, wait=True):
        offset = len(self.log())
        command = [self.binary, "serve", "--data", self.data, "--listen", "127.0.0.1:%d" % self.port]
        if self.source:
            command += ["--source", self.source]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command + self.options, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=dict(os.environ, AFTERIMAGE_ROOT_PASSWORD=PASSWORD),
                                            preexec_fn=die_with_parent)
        if not wait:
            return
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            found = re.search(r"ready for connections.*?port=(\d+)", self.log()[offset:])
            if found:
                self.port = int(found.group(1))
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError("afterimage did not start:\n" + self.log()[-4000:])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self, db=None, **arguments):
        arguments.setdefault("connect_timeout", 20)
        arguments.setdefault("autocommit", True)
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", password=PASSWORD, db=db,
                               ssl={"check_hostname": False}, **arguments)

    def query(self, sql, db=None, args=None):
        connection = self.connect(db)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, args)
                return cursor.fetchall()
        finally:
            connection.close()

    def replica_status(self):
        connection = self.connect()
        try:
            with connection.cursor(pymysql.cursors.DictCursor) as cursor:
                cursor.execute("SHOW REPLICA STATUS")
                return cursor.fetchone() or {}
        finally:
            connection.close()

    def wait_for_file_position(self, file, position, timeout_s=120):
        """Returns when everything up to the source's `file`:`position` is applied; raises with the reason when replication stopped."""
        deadline = time.monotonic() + timeout_s
        status = {}
        while time.monotonic() < deadline:
            status = self.replica_status()
            if (status.get("Relay_Source_Log_File") or "", int(status.get("Exec_Source_Log_Pos") or 0)) >= (file, position):
                return
            if status.get("Last_SQL_Error"):
                break
            time.sleep(0.05)
        raise AssertionError("not applied up to %s:%d: %r\n%s" % (file, position, status, self.log()[-3000:]))

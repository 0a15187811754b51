# SPDX-License-Identifier: Apache-2.0
"""The disk fills while a replica follows: a clear error, reads go on, and with room again everything arrives exactly.

Usage: disk_full_test.py SERVER_BINARY

The data folder is a small tmpfs of its own, which needs root, or a user namespace (the test starts itself again in one).
"""

import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]

import comparison  # noqa: E402
from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

SMALL, LARGE = "24m", "400m"


def mount(folder, size, *options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(("size=" + size,) + options), "none", folder], check=True, capture_output=True)


def wait_for(replica, what, condition):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        status = replica.replica_status()
        if condition(status):
            return status
        time.sleep(0.05)
    raise AssertionError("%s did not come: %r\n%s" % (what, status, replica.log()[-3000:]))


def run(binary, folder):
    with MariadbServer(arguments=["--binlog-format=ROW"]) as primary:
        primary.query("CREATE DATABASE d")
        primary.query("CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, b LONGBLOB)")
        primary.query("INSERT INTO d.t (b) VALUES ('first')")
        replica = AfterimageServer(binary, "mysql://root@127.0.0.1:%d" % primary.port, options=["--set", "storage.journal_file_mib=1"], directory=folder)
        try:
            replica.start()
            for _ in range(400):
                primary.query("INSERT INTO d.t (b) VALUES (%s)", (os.urandom(100000),))
            status = wait_for(replica, "a full disk", lambda s: s["Replica_SQL_Running"] == "No")
            assert status["Last_SQL_Errno"] == "1021", status["Last_SQL_Error"]
            print("stopped:", status["Last_SQL_Error"])
            rows = replica.query("SELECT COUNT(*), SUM(LENGTH(b)) FROM d.t")
            assert 0 < rows[0][0] < 401, rows
            replica.query("START REPLICA")  # still full: the same again, nothing worse
            status = wait_for(replica, "a full disk", lambda s: s["Replica_SQL_Running"] == "No")
            assert status["Last_SQL_Errno"] == "1021", status["Last_SQL_Error"]
            mount(folder, LARGE, "remount")
            replica.query("START REPLICA")
            file, position = primary.query("SHOW MASTER STATUS")[0][:2]
            replica.wait_for_file_position(file, int(position))
            print("rows compared:", comparison.compare_rows(primary, replica))
            print("records:", comparison.compare_records(primary, replica))
            replica.kill()
            replica.start()
            primary.query("DELETE FROM d.t WHERE id % 2 = 0")
            file, position = primary.query("SHOW MASTER STATUS")[0][:2]
            replica.wait_for_file_position(file, int(position))
            comparison.compare_rows(primary, replica)
            comparison.compare_records(primary, replica)
        finally:
            if replica.process and replica.process.poll() is None:
                replica.process.kill()
                replica.process.wait()


def main():
    binary = os.path.abspath(sys.argv[1])
    folder = tempfile.mkdtemp(prefix="afterimage-full-")
    try:
        mount(folder, SMALL)
    except subprocess.CalledProcessError:
        os.rmdir(folder)
        if "--in-namespace" in sys.argv:
            raise
        os.execvp("unshare", ["unshare", "--map-root-user", "--mount", sys.executable, os.path.abspath(__file__), binary, "--in-namespace"])
    try:
        run(binary, folder)
    finally:
        subprocess.run(["umount", folder], check=False)
        os.rmdir(folder)


if __name__ == "__main__":
    main()
    print("passed")

# SPDX-License-Identifier: Apache-2.0
"""scripts/up --source against a primary with passwords: attach, go on, refuse other arguments, give up in time; scripts/down.

Usage: up_source_test.py SOURCE_TREE SERVER_BINARY
"""

import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from mariadb_server import MariadbServer  # noqa: E402

TREE, BINARY = "", ""
PASSWORD = "p@ss:w/rd %25'"


def runs(pid):
    """Whether there is such a process; one that has ended and waits to be reaped is none."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class UpSource(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.primary = MariadbServer(arguments=["--binlog-format=ROW"])
        cls.primary.query("CREATE USER r@127.0.0.1 IDENTIFIED BY %s", (PASSWORD,))
        cls.primary.query("GRANT ALL ON *.* TO r@127.0.0.1")
        cls.primary.query("CREATE DATABASE d")
        cls.primary.query("CREATE TABLE d.t (id INT PRIMARY KEY)")
        cls.primary.query("INSERT INTO d.t VALUES (1), (2)")

    @classmethod
    def tearDownClass(cls):
        cls.primary.close()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="afterimage-up-")
        self.run_folder = os.path.join(self.folder.name, "run")
        self.url = "mysql://r@127.0.0.1:%d" % self.primary.port

    def tearDown(self):
        self.script("down", check=False)
        self.folder.cleanup()

    def script(self, name, *arguments, environment=None, check=True):
        command = [os.path.join(TREE, "scripts", name), "--run", self.run_folder]
        if name == "up":
            command += ["--binary", BINARY]
        done = subprocess.run(command + list(arguments), env=dict(os.environ, AFTERIMAGE_ROOT_PASSWORD="r00t", **(environment or {})), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=300, check=False)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn(PASSWORD, done.stdout)
        return done

    def ask(self, sql):
        done = subprocess.run(["mariadb", "--defaults-file=" + os.path.join(self.run_folder, "afterimage.cnf"), "-N", "-e", sql], text=True, capture_output=True, check=True)
        return done.stdout.strip()

    def pid(self):
        with open(os.path.join(self.run_folder, "afterimage.pid"), encoding="ascii") as file:
            return int(file.read())

    def test_attach_go_on_and_stop(self):
        password = {"AFTERIMAGE_SOURCE_PASSWORD": PASSWORD}
        first = self.script("up", "--source", self.url, environment=password)
        self.assertIn("first copy complete", first.stdout)
        self.assertEqual(self.ask("SELECT GROUP_CONCAT(id) FROM d.t"), "1,2")
        with open(os.path.join(self.run_folder, "endpoints"), encoding="utf-8") as endpoints:
            self.assertIn("afterimage=127.0.0.1:", endpoints.read())
        pid = self.pid()
        self.assertIn("runs already", self.script("up", "--source", self.url, environment=password).stdout)
        self.assertEqual(self.pid(), pid)
        other = self.script("up", "--source", "mysql://someone@127.0.0.1:1", environment=password, check=False)
        self.assertNotEqual(other.returncode, 0)
        self.assertIn("other arguments", other.stdout)
        os.kill(pid, 9)
        time.sleep(0.2)
        self.primary.query("INSERT INTO d.t VALUES (%d)" % (self.primary.query("SELECT MAX(id) + 1 FROM d.t")[0][0],))
        count = self.primary.query("SELECT COUNT(*) FROM d.t")[0][0]
        self.script("up", "--source", self.url, environment=password)
        deadline = time.monotonic() + 30
        while self.ask("SELECT COUNT(*) FROM d.t") != str(count) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.ask("SELECT COUNT(*) FROM d.t"), str(count))
        pid = self.pid()
        self.script("down")
        self.assertFalse(runs(pid))

    def test_the_password_in_a_file_and_in_the_url(self):
        path = os.path.join(self.folder.name, "password")
        with open(path, "w", encoding="utf-8") as file:
            file.write(PASSWORD + "\n")
        self.script("up", "--source", self.url, "--source-password-file", path)
        self.script("down")
        quoted = "".join("%%%02X" % byte for byte in PASSWORD.encode())
        self.script("up", "--source", self.url.replace("r@", "r:" + quoted + "@"))

    def test_a_source_that_does_not_answer_ends_in_time(self):
        began = time.monotonic()
        done = self.script("up", "--source", "mysql://r@127.0.0.1:1", "--timeout", "5", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("first copy is not complete", done.stdout)
        self.assertLess(time.monotonic() - began, 200)

    def test_a_source_that_cannot_be_insured_says_what_to_run(self):
        with MariadbServer(server_id=3, arguments=["--binlog-format=MIXED"]) as mixed:
            done = self.script("up", "--source", "mysql://root@127.0.0.1:%d" % mixed.port, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("SET GLOBAL binlog_format = ROW", done.stdout)


if __name__ == "__main__":
    TREE, BINARY = (os.path.abspath(argument) for argument in (sys.argv.pop(1), sys.argv.pop(1)))
    unittest.main(verbosity=2)

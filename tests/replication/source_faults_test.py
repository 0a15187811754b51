# SPDX-License-Identifier: Apache-2.0
"""What a replica does when its source, or the way to it, fails: goes on by itself, or stops, says why, and loses nothing.

Usage: source_faults_test.py SERVER_BINARY [CASE ...]
"""

import os
import shutil
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]

import comparison  # noqa: E402
from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402
from tcp_proxy import TcpProxy, event_type, with_checksum  # noqa: E402

BINARY = ""
WRITE_ROWS, ANNOTATE = 23, 160
ROW = ["--binlog-format=ROW"]


class SourceFaults(unittest.TestCase):
    def setUp(self):
        self.primary = MariadbServer(server_id=7, arguments=ROW)
        self.addCleanup(self.primary.close)
        self.primary.query("CREATE DATABASE d")
        self.primary.query("CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(100))")
        self.proxy = TcpProxy(self.primary.port)
        self.addCleanup(self.proxy.__exit__)
        self.replica = AfterimageServer(BINARY, "mysql://root@127.0.0.1:%d" % self.proxy.port)
        self.addCleanup(self.replica.close)
        self.replica.start()
        self.write()
        self.caught_up()

    def write(self, count=1):
        for _ in range(count):
            self.primary.query("INSERT INTO d.t (v) VALUES (REPEAT('x', 50)), ('y')")

    def caught_up(self):
        file, position = self.primary.query("SHOW MASTER STATUS")[0][:2]
        self.replica.wait_for_file_position(file, int(position))
        comparison.compare_rows(self.primary, self.replica)

    def wait_for(self, what, condition, timeout_s=60):
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            status = self.replica.replica_status()
            if condition(status):
                return status
            time.sleep(0.05)
        self.fail("%s did not come: %r\n%s" % (what, status, self.replica.log()[-3000:]))

    def stopped_receiver(self, number, words):
        status = self.wait_for("a stopped receiver", lambda s: s["Replica_IO_Running"] == "No")
        self.assertEqual(status["Last_IO_Errno"], str(number), status["Last_IO_Error"])
        self.assertIn(words, status["Last_IO_Error"])

    def stopped_applier(self, number, words):
        status = self.wait_for("a stopped applier", lambda s: s["Replica_SQL_Running"] == "No")
        self.assertEqual(status["Last_SQL_Errno"], str(number), status["Last_SQL_Error"])
        self.assertIn(words, status["Last_SQL_Error"])

    def goes_on(self):
        """Everything that was held back arrives, once."""
        self.assertEqual(self.replica.query("SELECT 1"), ((1,),))
        self.replica.query("START REPLICA")
        self.write()
        self.caught_up()
        comparison.compare_records(self.primary, self.replica)

    def edited(self, wanted, change):
        return lambda event: change(event) if event_type(event) == wanted else [event]

    # ---- damaged events

    def test_one_wrong_checksum_is_fetched_again(self):
        damaged = []

        def change(event):
            damaged.append(1)
            return [event[:25] + bytes([event[25] ^ 1]) + event[26:]] if len(damaged) == 1 else [event]
        self.proxy.edit = self.edited(WRITE_ROWS, change)
        self.write(5)
        self.caught_up()
        self.assertGreater(len(damaged), 1)
        comparison.compare_records(self.primary, self.replica)

    def test_a_wrong_checksum_that_stays_stops_the_receiver(self):
        self.proxy.edit = self.edited(WRITE_ROWS, lambda event: [event[:25] + bytes([event[25] ^ 1]) + event[26:]])
        self.write()
        self.stopped_receiver(1595, "checksum")
        self.proxy.edit = None
        self.goes_on()

    def test_a_truncated_event(self):
        self.proxy.edit = self.edited(WRITE_ROWS, lambda event: [event[:-9]])
        self.write()
        self.stopped_receiver(1595, "WRITE_ROWS")
        self.proxy.edit = None
        self.goes_on()

    def test_a_shortened_event_with_a_right_checksum(self):
        self.proxy.edit = self.edited(WRITE_ROWS, lambda event: [with_checksum(event[:-20] + event[-4:])])
        self.write()
        self.stopped_applier(1593, "WRITE_ROWS")
        self.proxy.edit = None
        self.goes_on()

    def test_an_unknown_event_type(self):
        self.proxy.edit = self.edited(WRITE_ROWS, lambda event: [with_checksum(event[:4] + bytes([99]) + event[5:])])
        self.write()
        self.stopped_applier(1593, "does not know")
        self.proxy.edit = None
        self.goes_on()

    def test_an_unknown_event_that_may_be_ignored(self):
        self.proxy.edit = self.edited(ANNOTATE, lambda event: [with_checksum(event[:4] + bytes([99]) + event[5:17] + b"\x80\0" + event[19:])])
        self.write()
        self.caught_up()

    def test_garbage_for_an_event(self):
        self.proxy.edit = self.edited(WRITE_ROWS, lambda event: [bytes((i * 37 + 5) % 256 for i in range(len(event)))])
        self.write()
        self.stopped_receiver(1595, "")
        self.proxy.edit = None
        self.goes_on()

    def test_a_missing_event_inside_a_transaction(self):
        self.proxy.edit = self.edited(19, lambda event: [])
        self.write()
        self.stopped_applier(1593, "no table map")
        self.proxy.edit = None
        self.goes_on()

    def test_packets_that_are_no_events(self):
        self.proxy.raw_edit = lambda payload: b"\x55" + payload[1:]
        self.proxy.cut()
        self.write()
        self.wait_for("the error", lambda s: "malformed packet" in s["Last_IO_Error"])
        self.proxy.raw_edit = None
        self.write()
        self.caught_up()
        comparison.compare_records(self.primary, self.replica)

    # ---- the way to it

    def test_cuts_inside_events(self):
        sent = []

        def change(event):
            sent.append(1)
            if len(sent) % 40 == 0:
                self.proxy.cut()
                return []
            return [event]
        self.proxy.edit = change
        self.write(60)
        self.proxy.edit = None
        self.caught_up()
        comparison.compare_records(self.primary, self.replica)

    def test_a_silent_network(self):
        self.replica.query("SET GLOBAL replica_net_timeout = 2")
        self.proxy.cut()
        self.wait_for("a new connection", lambda s: s["Replica_IO_Running"] == "Yes")
        before = self.proxy.accepted
        self.proxy.silent = True
        self.write()
        deadline = time.monotonic() + 60
        while self.proxy.accepted == before and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertGreater(self.proxy.accepted, before, "no new attempt")
        self.proxy.silent = False
        self.caught_up()

    def test_a_primary_that_is_killed_and_comes_back(self):
        self.write(20)
        self.primary.kill()
        status = self.wait_for("an error", lambda s: s["Replica_IO_Running"] == "Connecting" and s["Last_IO_Errno"] != "0")
        self.assertEqual(status["Replica_SQL_Running"], "Yes")
        self.primary.start()
        self.write()
        self.caught_up()
        comparison.compare_records(self.primary, self.replica)

    def test_retry_count_ends_it(self):
        self.replica.query("STOP REPLICA")
        self.replica.query("CHANGE REPLICATION SOURCE TO SOURCE_RETRY_COUNT = 2, SOURCE_CONNECT_RETRY = 1")
        self.proxy.refuse = True
        self.proxy.cut()
        self.replica.query("START REPLICA")
        self.stopped_receiver(2003, "given up after 3 attempts")
        self.proxy.refuse = False
        self.goes_on()

    # ---- another log

    def test_a_purged_log(self):
        self.replica.query("STOP REPLICA")
        for _ in range(3):
            self.write()
            self.primary.query("FLUSH BINARY LOGS")
        self.primary.query("PURGE BINARY LOGS TO 'binlog.000003'")
        self.replica.query("START REPLICA")
        self.stopped_receiver(1236, "")
        self.assertEqual(self.replica.query("SELECT COUNT(*) FROM d.t"), ((2,),))

    def test_the_same_server_id(self):
        self.replica.query("STOP REPLICA")
        self.replica.query("SET GLOBAL server_id = 7")
        self.replica.query("START REPLICA")
        self.stopped_receiver(1593, "same server id")
        self.replica.query("SET GLOBAL server_id = 8")
        self.goes_on()

    def test_two_replicas_with_one_server_id(self):
        self.replica.query("STOP REPLICA")
        self.replica.query("SET GLOBAL server_id = 50")
        self.replica.query("START REPLICA")
        self.write()
        self.caught_up()
        with AfterimageServer(BINARY, "mysql://root@127.0.0.1:%d" % self.primary.port) as other:
            other.query("STOP REPLICA")
            other.query("SET GLOBAL server_id = 50")
            other.query("START REPLICA")
            self.stopped_receiver(4052, "is already connected")
        self.goes_on()

    def test_a_source_that_was_reset(self):
        self.write(20)
        self.caught_up()
        self.replica.query("STOP REPLICA")
        self.primary.query("RESET MASTER")
        self.write(3)
        self.replica.query("START REPLICA")
        self.stopped_receiver(1236, "is not the one that is followed here")

    def test_a_source_that_was_restored_from_an_older_backup(self):
        self.primary.stop()
        backup = self.primary.directory + "/backup"
        shutil.copytree(self.primary.data_directory, backup)
        self.primary.start()
        self.write(10)
        self.caught_up()
        rows = self.replica.query("SELECT COUNT(*) FROM d.t")
        self.primary.stop()
        shutil.rmtree(self.primary.data_directory)
        shutil.copytree(backup, self.primary.data_directory)
        self.primary.start()
        self.primary.query("INSERT INTO d.t (id, v) VALUES (5000, 'another history')")
        for _ in range(15):
            self.primary.query("UPDATE d.t SET v = CONCAT(v, '!') WHERE id = 5000")
        self.stopped_receiver(1236, "")
        self.assertEqual(self.replica.query("SELECT COUNT(*) FROM d.t"), rows)


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)

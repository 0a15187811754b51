# SPDX-License-Identifier: Apache-2.0
"""CHANGE, START, STOP, RESET, SHOW … STATUS and what an attach finds, against a real primary.

Usage: replica_control_test.py SERVER_BINARY [CASE ...]
"""

import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]

import pymysql  # noqa: E402

import comparison  # noqa: E402
from afterimage_server import AfterimageServer  # noqa: E402
from mariadb_server import MariadbServer  # noqa: E402

BINARY = ""
ROW = ["--binlog-format=ROW"]


class ReplicaControl(unittest.TestCase):
    def setUp(self):
        self.primary = None
        self.replica = None

    def tearDown(self):
        for server in (self.replica, self.primary):
            if server:
                server.close()

    def begin(self, arguments=ROW, log_bin=True, attach=True):
        self.primary = MariadbServer(server_id=7, arguments=arguments, log_bin=log_bin)
        self.primary.query("CREATE DATABASE d")
        self.primary.query("CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(100))")
        self.replica = AfterimageServer(BINARY, "mysql://root@127.0.0.1:%d" % self.primary.port if attach else None)
        self.replica.start()

    def write(self, count=1):
        for _ in range(count):
            self.primary.query("INSERT INTO d.t (v) VALUES ('x'), ('y')")

    def caught_up(self):
        file, position = self.primary.query("SHOW MASTER STATUS")[0][:2]
        self.replica.wait_for_file_position(file, int(position))
        comparison.compare_rows(self.primary, self.replica)

    def wait_for(self, condition, timeout_s=60):
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            status = self.replica.replica_status()
            if condition(status):
                return status
            time.sleep(0.05)
        self.fail("did not come: %r\n%s" % (status, self.replica.log()[-3000:]))

    def refused(self, number, words, sql):
        with self.assertRaises(pymysql.err.MySQLError) as raised:
            self.replica.query(sql)
        self.assertEqual(raised.exception.args[0], number, raised.exception)
        self.assertIn(words, raised.exception.args[1])

    def attach_refused(self, *words):
        status = self.wait_for(lambda s: s["Replica_IO_Running"] == "No")
        self.assertEqual(status["Last_IO_Errno"], "1593", status["Last_IO_Error"])
        for word in words:
            self.assertIn(word, status["Last_IO_Error"])

    # ---- attach

    def test_binlog_format_and_row_image_are_demanded(self):
        self.begin(["--binlog-format=MIXED", "--binlog-row-image=MINIMAL"])
        self.attach_refused("SET GLOBAL binlog_format = ROW", "SET GLOBAL binlog_row_image = FULL")
        self.primary.query("SET GLOBAL binlog_format = ROW")
        self.primary.query("SET GLOBAL binlog_row_image = FULL")
        self.replica.query("START REPLICA")
        self.write()
        self.caught_up()

    def test_a_source_without_a_log(self):
        self.begin(log_bin=False)
        self.attach_refused("log_bin")

    def test_missing_privileges_are_named_with_their_grant(self):
        self.begin(attach=False)
        self.primary.query("CREATE USER r@localhost IDENTIFIED BY 'secret'")
        self.primary.query("CREATE USER r@127.0.0.1 IDENTIFIED BY 'secret'")
        self.replica.query("CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = %d, MASTER_USER = 'r', MASTER_PASSWORD = 'secret'" % self.primary.port)
        self.replica.query("START SLAVE")
        self.attach_refused("GRANT REPLICATION SLAVE ON *.* TO 'r'@", "GRANT SELECT ON *.* TO 'r'@", "GRANT BINLOG MONITOR ON *.* TO 'r'@")
        for host in ("localhost", "127.0.0.1"):
            self.primary.query("GRANT REPLICATION SLAVE, SELECT, BINLOG MONITOR, RELOAD, SHOW VIEW, TRIGGER, EVENT ON *.* TO r@" + host)
        self.replica.query("START SLAVE")
        self.write()
        self.caught_up()
        self.assertNotIn("secret", self.replica.log())
        self.assertNotIn("secret", repr(self.replica.replica_status()))

    def test_a_wrong_password_is_tried_again(self):
        self.begin(attach=False)
        self.primary.query("CREATE USER r@127.0.0.1 IDENTIFIED BY 'right'")
        self.primary.query("GRANT ALL ON *.* TO r@127.0.0.1")
        self.replica.query("CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = %d, SOURCE_USER = 'r', SOURCE_PASSWORD = 'wrong'" % self.primary.port)
        self.replica.query("START REPLICA")
        status = self.wait_for(lambda s: s["Last_IO_Errno"] == "1045")
        self.assertEqual(status["Replica_IO_Running"], "Connecting")
        self.primary.query("SET PASSWORD FOR r@127.0.0.1 = PASSWORD('wrong')")
        self.write()
        self.caught_up()

    # ---- statements

    def test_every_option_is_taken_or_refused_by_name(self):
        self.begin(attach=False)
        for option in ("HOST = '127.0.0.1'", "PORT = 3306", "USER = 'u'", "PASSWORD = 'p'", "BIND = '127.0.0.1'", "AUTO_POSITION = 1", "CONNECT_RETRY = 5", "RETRY_COUNT = 10",
                       "HEARTBEAT_PERIOD = 2.5", "DELAY = 0", "SSL = 0", "SSL_CA = '/ca'", "SSL_CAPATH = '/p'", "SSL_CERT = '/c'", "SSL_KEY = '/k'", "SSL_CIPHER = 'x'", "SSL_CRL = '/l'",
                       "SSL_CRLPATH = '/lp'", "SSL_VERIFY_SERVER_CERT = 0", "TLS_VERSION = 'TLSv1.2'", "TLS_CIPHERSUITES = NULL", "PUBLIC_KEY_PATH = '/pk'",
                       "COMPRESSION_ALGORITHMS = 'zlib,uncompressed'", "ZSTD_COMPRESSION_LEVEL = 3", "CONNECTION_AUTO_FAILOVER = 0"):
            self.replica.query("CHANGE REPLICATION SOURCE TO SOURCE_" + option)
            self.replica.query("CHANGE MASTER TO MASTER_" + option)
        for option in ("IGNORE_SERVER_IDS = (1, 2)", "PRIVILEGE_CHECKS_USER = NULL", "REQUIRE_ROW_FORMAT = 1", "REQUIRE_TABLE_PRIMARY_KEY_CHECK = STREAM",
                       "ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS = OFF", "GTID_ONLY = 0", "NETWORK_NAMESPACE = ''", "GET_SOURCE_PUBLIC_KEY = 1"):
            self.replica.query("CHANGE REPLICATION SOURCE TO " + option)
        for option in ("MASTER_USE_GTID = slave_pos", "MASTER_USE_GTID = no", "MASTER_USE_GTID = current_pos", "DO_DOMAIN_IDS = (0)", "DO_DOMAIN_IDS = ()", "IGNORE_DOMAIN_IDS = (3, 4)",
                       "MASTER_DEMOTE_TO_SLAVE = 0", "IGNORE_SERVER_IDS = ()"):
            self.replica.query("CHANGE MASTER TO " + option)
        for option, words in (("SOURCE_DELAY = 60", "DELAY"), ("SOURCE_CONNECTION_AUTO_FAILOVER = 1", "CONNECTION_AUTO_FAILOVER"), ("RELAY_LOG_FILE = 'x'", "relay log"), ("GTID_ONLY = 1", "GTID_ONLY"),
                              ("NETWORK_NAMESPACE = 'n'", "NETWORK_NAMESPACE"), ("ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS = LOCAL", "ASSIGN_GTIDS"), ("SOURCE_COMPRESSION_ALGORITHMS = 'zstd'", "COMPRESSION"),
                              ("REQUIRE_TABLE_PRIMARY_KEY_CHECK = GENERATE", "REQUIRE_TABLE_PRIMARY_KEY_CHECK"), ("SOURCE_NONSENSE = 1", "NONSENSE")):
            self.refused(1235, words, "CHANGE REPLICATION SOURCE TO " + option)
        self.refused(1776, "", "CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION = 1, SOURCE_LOG_FILE = 'f', SOURCE_LOG_POS = 4")
        status = self.replica.replica_status()
        for column, value in (("Source_Host", "127.0.0.1"), ("Source_User", "u"), ("Connect_Retry", "5"), ("Source_Retry_Count", "10"), ("Source_SSL_CA_File", "/ca"), ("Source_SSL_Crlpath", "/lp"),
                              ("Source_Bind", "127.0.0.1"), ("Source_TLS_Version", "TLSv1.2"), ("Replica_IO_Running", "No"), ("Replica_SQL_Running", "No")):
            self.assertEqual(status[column], value, column)

    def test_status_has_the_columns_of_both_families(self):
        self.begin()
        self.write()
        self.caught_up()
        for statement, first, last, count in (("SHOW REPLICA STATUS", "Replica_IO_State", "Network_Namespace", 60), ("SHOW SLAVE STATUS", "Slave_IO_State", "Network_Namespace", 60)):
            connection = self.replica.connect()
            with connection.cursor() as cursor:
                cursor.execute(statement)
                names = [column[0] for column in cursor.description]
                self.assertEqual(len(cursor.fetchall()), 1)
            connection.close()
            self.assertEqual((names[0], names[-1], len(names)), (first, last, count))
        connection = self.replica.connect()
        with connection.cursor() as cursor:
            cursor.execute("SHOW ALL SLAVES STATUS")
            ours = [column[0] for column in cursor.description]
        connection.close()
        source = self.primary.connect()
        with source.cursor() as cursor:
            cursor.execute("SHOW ALL SLAVES STATUS")
            self.assertEqual(ours, [column[0] for column in cursor.description])
        source.close()
        status = self.wait_for(lambda s: s["Seconds_Behind_Source"] == "0")
        self.assertEqual((status["Replica_IO_Running"], status["Replica_SQL_Running"], status["Source_Server_Id"]), ("Yes", "Yes", "7"))

    def test_start_and_stop_take_threads(self):
        self.begin()
        self.write()
        self.caught_up()
        self.replica.query("STOP REPLICA SQL_THREAD")
        self.wait_for(lambda s: (s["Replica_IO_Running"], s["Replica_SQL_Running"]) == ("Yes", "No"))
        self.write()
        before = self.replica.query("SELECT COUNT(*) FROM d.t")
        self.replica.query("START SLAVE SQL_THREAD")
        self.caught_up()
        self.assertNotEqual(before, self.replica.query("SELECT COUNT(*) FROM d.t"))
        self.replica.query("STOP SLAVE IO_THREAD")
        self.wait_for(lambda s: (s["Replica_IO_Running"], s["Replica_SQL_Running"]) == ("No", "Yes"))
        self.refused(1198, "", "CHANGE MASTER TO MASTER_CONNECT_RETRY = 3")
        self.refused(1198, "", "RESET SLAVE")
        self.replica.query("START REPLICA")
        self.write()
        self.caught_up()
        self.replica.query("STOP REPLICA")
        self.replica.query("STOP REPLICA")  # a note, no error
        self.write()
        # A stop is remembered, a reset keeps position and settings.
        self.replica.source = None
        self.replica.stop()
        self.replica.start()
        self.assertEqual(self.replica.replica_status()["Replica_IO_Running"], "No")
        self.replica.query("RESET REPLICA")
        self.replica.query("START REPLICA")
        self.caught_up()
        comparison.compare_records(self.primary, self.replica)
        self.replica.query("STOP REPLICA")
        self.replica.query("RESET REPLICA ALL")
        self.assertEqual(self.replica.replica_status(), {})
        self.refused(1200, "", "START REPLICA")

    def test_until(self):
        self.begin()
        self.write()
        self.caught_up()
        self.replica.query("STOP REPLICA")
        self.write(2)
        middle = self.primary.query("SHOW MASTER STATUS")[0][:2]
        gtid = self.primary.query("SELECT @@GLOBAL.gtid_binlog_pos")[0][0]
        self.write(2)
        later = self.primary.query("SELECT @@GLOBAL.gtid_binlog_pos")[0][0]
        self.write(2)
        self.refused(1277, "", "START REPLICA UNTIL SOURCE_LOG_FILE = 'binlog.000001'")
        self.refused(1277, "", "START REPLICA UNTIL SQL_AFTER_GTIDS = 'nonsense'")
        for condition, rows, shown in (("SOURCE_LOG_FILE = '%s', SOURCE_LOG_POS = %s" % middle, 6, "Master"), ("MASTER_GTID_POS = '%s'" % gtid, 6, "Gtid"),
                                       ("SQL_BEFORE_GTIDS = '%s'" % later, 8, "SQL_BEFORE_GTIDS"), ("SQL_AFTER_GTIDS = '%s'" % later, 10, "SQL_AFTER_GTIDS")):
            self.replica.query("START SLAVE UNTIL " + condition)
            status = self.wait_for(lambda s: s["Replica_SQL_Running"] == "No")
            self.assertEqual((status["Until_Condition"], status["Last_SQL_Error"]), (shown, ""))
            self.assertEqual(self.replica.query("SELECT COUNT(*) FROM d.t"), ((rows,),), condition)
            self.replica.query("STOP REPLICA")
        self.replica.query("START REPLICA")
        self.caught_up()
        comparison.compare_records(self.primary, self.replica)

    def test_skip_and_retry(self):
        self.begin()
        self.write()
        self.caught_up()
        self.primary.query("SET STATEMENT binlog_format = STATEMENT FOR INSERT INTO d.t (id, v) VALUES (900, 'statement')")
        self.write()
        for _ in range(2):
            status = self.wait_for(lambda s: s["Replica_SQL_Running"] == "No")
            self.assertEqual(status["Last_SQL_Errno"], "1235")
            self.assertIn("SET GLOBAL binlog_format = ROW", status["Last_SQL_Error"])
            self.replica.query("START REPLICA")  # a retry meets the same event
        self.wait_for(lambda s: s["Replica_SQL_Running"] == "No")
        self.replica.query("SET GLOBAL sql_replica_skip_counter = 1")
        self.replica.query("START REPLICA")
        file, position = self.primary.query("SHOW MASTER STATUS")[0][:2]
        self.replica.wait_for_file_position(file, int(position))
        self.assertEqual(self.replica.query("SELECT COUNT(*) FROM d.t WHERE id = 900"), ((0,),))
        self.assertEqual(self.replica.query("SELECT outcome FROM afterimage_transactions WHERE outcome = 'skipped'", db="d"), (("skipped",),))
        comparison.compare_records(self.primary, self.replica)
        self.assertEqual(self.replica.query("SELECT @@GLOBAL.sql_replica_skip_counter"), ((0,),))

    def test_the_tripwire_names_transaction_table_key_and_cells(self):
        self.begin()
        self.primary.query("INSERT INTO d.t VALUES (5, 'five'), (6, 'six')")
        self.caught_up()
        # A write that the log does not show: the source's own drift.
        self.primary.query("SET STATEMENT sql_log_bin = 0 FOR SELECT 1")
        connection = self.primary.connect()
        with connection.cursor() as cursor:
            cursor.execute("SET sql_log_bin = 0")
            cursor.execute("UPDATE d.t SET v = 'drifted' WHERE id = 5")
            cursor.execute("DELETE FROM d.t WHERE id = 6")
            cursor.execute("INSERT INTO d.t VALUES (7, 'unseen')")
            cursor.execute("SET sql_log_bin = 1")
            cursor.execute("UPDATE d.t SET v = 'next' WHERE id = 5")
        gtid = self.primary.query("SELECT @@GLOBAL.gtid_binlog_pos")[0][0]
        status = self.wait_for(lambda s: s["Replica_SQL_Running"] == "No")
        self.assertEqual(status["Last_SQL_Errno"], "1032")
        for words in ("transaction " + gtid, "table d.t", "row id=5", "v is 'five' here and was 'drifted' at the source"):
            self.assertIn(words, status["Last_SQL_Error"])
        self.assertEqual(self.replica.query("SELECT v FROM d.t WHERE id = 5"), (("five",),))
        connection.close()

    def test_a_position_by_hand_leaves_a_gap_record(self):
        self.begin()
        self.write()
        self.caught_up()
        self.replica.query("STOP REPLICA")
        self.primary.query("CREATE TABLE d.unseen (a INT)")
        file, position = self.primary.query("SHOW MASTER STATUS")[0][:2]
        self.write()
        self.replica.query("CHANGE MASTER TO MASTER_LOG_FILE = '%s', MASTER_LOG_POS = %d" % (file, position))
        self.replica.query("START REPLICA")
        self.replica.wait_for_file_position(*self.primary.query("SHOW MASTER STATUS")[0][:2])
        self.assertEqual(self.replica.query("SELECT COUNT(*) FROM d.t"), ((4,),))
        rows = self.replica.query("SELECT outcome, statement FROM afterimage_transactions WHERE outcome = 'gap'", db="d")
        self.assertEqual(len(rows), 1)
        self.assertIn("before: ", rows[0][1])
        self.replica.stop()
        self.replica.start()
        self.write()
        self.replica.wait_for_file_position(*self.primary.query("SHOW MASTER STATUS")[0][:2])
        self.assertEqual(len(self.replica.query("SELECT 1 FROM afterimage_transactions WHERE outcome = 'gap'", db="d")), 1)

    def test_main_is_closed_to_clients(self):
        self.begin()
        self.write()
        self.caught_up()
        for sql in ("INSERT INTO d.t (v) VALUES ('client')", "UPDATE d.t SET v = 'client'", "DELETE FROM d.t", "TRUNCATE d.t", "DROP TABLE d.t", "ALTER TABLE d.t ADD x INT", "CREATE TABLE d.mine (a INT)",
                    "DROP DATABASE d", "CREATE INDEX i ON d.t (v)", "RENAME TABLE d.t TO d.u", "CREATE VIEW d.v AS SELECT 1"):
            self.refused(1290, "is written by replication alone", sql)
        for call in ("CALL dolt_reset('--hard', 'HEAD~1')", "CALL dolt_commit('--allow-empty', '-m', 'mine')", "CALL dolt_branch('-D', 'main')", "CALL dolt_branch('-m', 'main', 'old')"):
            with self.assertRaises(pymysql.err.MySQLError, msg=call):
                self.replica.query(call, db="d")
        comparison.compare_rows(self.primary, self.replica)
        connection = self.replica.connect(db="d")
        with connection.cursor() as cursor:
            cursor.execute("CALL dolt_checkout('-b', 'fix')")
            cursor.execute("UPDATE t SET v = 'on a branch'")
        connection.close()
        self.write()
        self.caught_up()

    def test_one_record_a_transaction_one_commit_a_database(self):
        self.begin()
        self.caught_up()  # else the transaction may be in the first copy
        self.primary.query("CREATE DATABASE e")
        self.primary.query("CREATE TABLE e.t (id INT PRIMARY KEY)")
        connection = self.primary.connect(autocommit=False)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO d.t (v) VALUES ('both')")
            cursor.execute("INSERT INTO e.t VALUES (1)")
            cursor.execute("INSERT INTO mysql.plugin VALUES ('filtered', 'x')")
        connection.commit()
        gtid = self.primary.query("SELECT @@GLOBAL.gtid_binlog_pos")[0][0]
        began = time.monotonic()
        self.caught_up()
        print("visible after %.3f s" % (time.monotonic() - began), file=sys.stderr)
        rows = []
        for database in ("d", "e"):
            found = self.replica.query("SELECT gtid, server_id, statement, outcome FROM afterimage_transactions WHERE gtid = %s", db=database, args=(gtid,))
            self.assertEqual(len(found), 1, database)
            rows.append(found[0])
            messages = self.replica.query("SELECT message FROM dolt_log LIMIT 1", db=database)
            self.assertIn(gtid, messages[0][0])
        self.assertEqual(rows[0], rows[1])
        self.assertEqual(rows[0][1], 7)
        self.assertIn("INSERT INTO d.t (v) VALUES ('both')", rows[0][2])
        self.assertIn("INSERT INTO e.t VALUES (1)", rows[0][2])
        connection.close()


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)

# SPDX-License-Identifier: Apache-2.0
"""Clients against the whole server, engine included: what drivers ask, values of all types both ways, metadata, accounts.

Usage: engine_test.py SERVER_BINARY. The protocol itself is client_test.py's.
"""

import datetime
import decimal
import os
import shutil
import subprocess
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import pymysql  # noqa: E402

from afterimage_server import PASSWORD, AfterimageServer  # noqa: E402

CLI = shutil.which("mariadb") or shutil.which("mysql")

# What drivers and tools send by themselves: at connect, at reflection, before a dump.
ASKED = {
    "mysql": ["select @@version_comment limit 1", "SELECT DATABASE()", "show databases", "show tables", "SHOW WARNINGS"],
    "PyMySQL": ["SET NAMES utf8mb4", "SET AUTOCOMMIT = 0", "SELECT @@sql_mode", "SHOW WARNINGS"],
    "mysql-connector-python": [
        "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_0900_ai_ci'", "SET @@session.autocommit = OFF", "SELECT @@session.sql_mode",
        "SELECT @@session.time_zone", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT @@session.transaction_isolation"],
    "SQLAlchemy": [
        "SELECT DATABASE()", "SELECT @@transaction_isolation", "SHOW VARIABLES LIKE 'sql_mode'", "SELECT @@sql_mode",
        "SELECT @@lower_case_table_names", "SHOW VARIABLES LIKE 'lower_case_table_names'",
        "SELECT CAST('test plain returns' AS CHAR(60)) AS anon_1", "SELECT CAST('test unicode returns' AS CHAR(60)) AS anon_1",
        "SELECT CAST('test collated returns' AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS anon_1",
        "DESCRIBE `shop`.`things`", "SHOW CREATE TABLE `things`", "SHOW FULL TABLES FROM `shop`", "SHOW DATABASES",
        "SELECT table_name, table_schema, column_name FROM information_schema.columns WHERE (table_schema, table_name, column_name) IN "
        "(('shop', 'things', 'id'))"],
    "go-sql-driver": ["SET NAMES utf8mb4", "SELECT @@max_allowed_packet", "SET autocommit=1", "START TRANSACTION", "ROLLBACK"],
    "mysql2 for Node": ["SELECT 1", "SELECT ? + ?".replace("?", "1"), "SET time_zone = '+00:00'", "SELECT CONNECTION_ID()"],
    "Connector/J": [
        "/* mysql-connector-j-8.0.33 */SELECT @@session.auto_increment_increment AS auto_increment_increment, @@character_set_client AS "
        "character_set_client, @@character_set_connection AS character_set_connection, @@character_set_results AS character_set_results, "
        "@@character_set_server AS character_set_server, @@collation_server AS collation_server, @@collation_connection AS "
        "collation_connection, @@init_connect AS init_connect, @@interactive_timeout AS interactive_timeout, @@license AS license, "
        "@@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, @@net_write_timeout AS "
        "net_write_timeout, @@performance_schema AS performance_schema, @@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, "
        "@@time_zone AS time_zone, @@transaction_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout",
        "SET character_set_results = NULL", "SET sql_mode='STRICT_TRANS_TABLES'", "SHOW WARNINGS", "select @@session.transaction_read_only",
        "SHOW FULL COLUMNS FROM `things` FROM `shop` LIKE '%'", "SHOW KEYS FROM `things` FROM `shop`", "SHOW COLLATION"],
    "Django": [
        "SELECT VERSION(), @@sql_mode, @@default_storage_engine, @@sql_auto_is_null, @@lower_case_table_names, "
        "CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'UTC') IS NOT NULL", "SET SQL_AUTO_IS_NULL = 0",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SELECT table_name, table_type, table_comment FROM information_schema.tables WHERE table_schema = DATABASE()",
        "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, extra, column_default, CASE WHEN "
        "collation_name = 'utf8mb4_0900_ai_ci' THEN NULL ELSE collation_name END AS collation_name, CASE WHEN column_type LIKE "
        "'% unsigned' THEN 1 ELSE 0 END AS is_unsigned FROM information_schema.columns WHERE table_name = 'things' AND table_schema = DATABASE()",
        "SELECT kcu.`constraint_name`, kcu.`column_name`, kcu.`referenced_table_name`, kcu.`referenced_column_name`, c.`constraint_type` "
        "FROM information_schema.key_column_usage AS kcu, information_schema.table_constraints AS c WHERE kcu.table_schema = DATABASE() "
        "AND c.table_schema = kcu.table_schema AND c.constraint_name = kcu.constraint_name AND kcu.table_name = 'things' "
        "ORDER BY kcu.`ordinal_position`", "SHOW INDEX FROM `things`"],
    "mysqldump 8": [
        "SELECT @@GLOBAL.GTID_MODE", "SHOW VARIABLES LIKE 'gtid\\_mode'", "SET SESSION NET_READ_TIMEOUT= 86400", "SHOW STATUS LIKE 'Uptime'",
        "SELECT COLUMN_NAME FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = 'shop' AND TABLE_NAME = 'things'",
        "SELECT DISTINCT TABLESPACE_NAME, FILE_NAME, LOGFILE_GROUP_NAME, EXTENT_SIZE, INITIAL_SIZE, ENGINE FROM INFORMATION_SCHEMA.FILES "
        "WHERE FILE_TYPE = 'DATAFILE' ORDER BY TABLESPACE_NAME, LOGFILE_GROUP_NAME", "SHOW CREATE DATABASE IF NOT EXISTS `shop`",
        "show table status like 'things'", "SET SQL_QUOTE_SHOW_CREATE=1", "SET SESSION character_set_results = 'binary'",
        "show create table `things`", "show fields from `things`", "SHOW TRIGGERS LIKE 'things'", "UNLOCK TABLES", "START TRANSACTION WITH CONSISTENT SNAPSHOT",
        "SAVEPOINT sp",
        "ROLLBACK TO SAVEPOINT sp", "RELEASE SAVEPOINT sp"],
    "BI tools": [
        "SHOW PLUGINS", "SHOW ENGINES", "SHOW CHARSET", "SHOW STATUS", "SHOW GLOBAL STATUS LIKE 'Threads%'", "SHOW FULL PROCESSLIST",
        "SHOW GRANTS", "SHOW PRIVILEGES", "SELECT @@GLOBAL.character_set_server, @@GLOBAL.collation_server",
        "SELECT * FROM information_schema.schemata", "SELECT * FROM information_schema.views WHERE table_schema = 'shop'",
        "SELECT * FROM information_schema.routines", "SELECT * FROM information_schema.character_sets", "EXPLAIN SELECT * FROM things",
        "EXPLAIN FORMAT=JSON SELECT * FROM things", "SELECT @@have_ssl", "SELECT @@hostname, @@port, @@server_id, @@version",
        "SELECT CURRENT_USER(), USER(), SESSION_USER()", "SET @x = 1", "SELECT @x", "SHOW BINARY LOGS"],
}
MAY_FAIL = {"SHOW BINARY LOGS": 1381, "EXPLAIN FORMAT=JSON SELECT * FROM things": 1235}

TABLE = """CREATE TABLE things (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, ti TINYINT, bi BIGINT UNSIGNED, d DECIMAL(30,10), f FLOAT,
    db DOUBLE, b BIT(12), c CHAR(5), vc VARCHAR(40), bin BINARY(4), vb VARBINARY(9), t TEXT, bl BLOB, e ENUM('a','b'), s SET('x','y'),
    dt DATE, tm TIME(6), dtm DATETIME(6), ts TIMESTAMP(3) NULL, y YEAR, j JSON, KEY vc (vc), UNIQUE KEY ti (ti, c))"""
ROW = (1, -128, 18446744073709551615, decimal.Decimal("-12345678901234567890.0123456789"), 0.5, 1.7976931348623157e308, b"\x0f\xff", "é",
       "it's \\ \"x\" 😀", b"\0\xff\n'", b"\0\x1a", "text\n", b"\xff\xfe\0", "b", "x,y", datetime.date(2024, 2, 29),
       datetime.timedelta(hours=838, minutes=59, seconds=58, microseconds=1), datetime.datetime(9999, 12, 31, 23, 59, 59, 999999),
       datetime.datetime(2001, 2, 3, 4, 5, 6, 789000), 2155, '{"a": [1, null]}')
NULLS = (2,) + (None,) * (len(ROW) - 1)


def rows(connection, sql, arguments=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchall()


def error_code(call):
    try:
        call()
    except pymysql.err.MySQLError as error:
        return error.args[0]
    return 0


def test_what_clients_ask(server):
    failures = []
    for client, questions in ASKED.items():
        connection = server.connect(db="shop")
        for question in questions:
            code = error_code(lambda: rows(connection, question))
            if code not in (0, MAY_FAIL.get(question, 0)):
                try:
                    rows(connection, question)
                except pymysql.MySQLError as error:
                    failures.append(f"{client}: {question[:90]}: {error}")
        connection.close()
    assert not failures, "\n".join(failures)


def test_values_of_all_types(server):
    connection = server.connect(db="shop")
    marks = ",".join(["%s"] * len(ROW))
    for row in (ROW, NULLS):
        rows(connection, f"INSERT INTO things VALUES ({marks})", row)
    assert rows(connection, "SELECT * FROM things ORDER BY id") == (ROW, NULLS)
    # The same through PREPARE and user variables.
    for i, value in enumerate(ROW):
        rows(connection, f"SET @v{i} = %s", (value,))
    rows(connection, f"PREPARE p FROM 'SELECT {','.join('?' * 3)}, ? = 1'")
    assert rows(connection, "EXECUTE p USING @v2, @v8, @v14, @v0") == ((ROW[2], ROW[8], ROW[14], 1),)
    rows(connection, "DEALLOCATE PREPARE p")
    assert error_code(lambda: rows(connection, "EXECUTE p USING @v0")) == 1243
    connection.close()


def test_metadata(server):
    """(name, type, flags, charset) of a result: type 3 INT, 8 BIGINT, 246 DECIMAL, 253 VAR_STRING, 252 BLOB, 254 STRING."""
    kNotNull, kPrimary, kMultiple, kBlob, kUnsigned, kBinary, kEnum, kAuto, kSet = 1, 2, 8, 16, 32, 128, 256, 512, 2048
    expected = {
        "id": (3, kNotNull | kPrimary | kUnsigned | kAuto, 63, 10), "ti": (1, kMultiple, 63, 4), "bi": (8, kUnsigned, 63, 20),
        "d": (246, 0, 63, 32), "f": (4, 0, 63, 12), "db": (5, 0, 63, 22), "b": (16, kUnsigned, 63, 12), "c": (254, 0, 45, 20),
        "vc": (253, kMultiple, 45, 160), "bin": (254, kBinary, 63, 4), "vb": (253, kBinary, 63, 9), "t": (252, kBlob, 45, 262140),
        "bl": (252, kBlob | kBinary, 63, 65535), "e": (254, kEnum, 45, 4), "s": (254, kSet, 45, 12), "dt": (10, kBinary, 63, 10),
        "tm": (11, kBinary, 63, 17), "dtm": (12, kBinary, 63, 26), "ts": (7, kBinary, 63, 23), "y": (13, kUnsigned, 63, 4),
        "j": (245, kBlob | kBinary, 63, 4294967295),
    }
    connection = server.connect(db="shop", charset="utf8mb4")
    rows(connection, "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci")
    wrong = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM things LIMIT 0")
        for field in cursor._result.fields:
            type_code, flags, charset, length = expected[field.name]
            found = (field.type_code, field.flags & ~(4 | 4096 | 32768 | 16384 | 64 | 1024 | 128) | (field.flags & flags & 128), field.charsetnr, field.length)
            if found != (type_code, flags, charset, length):
                wrong.append(f"{field.name}: {found} is not {(type_code, flags, charset, length)}")
            assert (field.org_table, field.table_name, field.db) == ("things", "things", b"shop" if isinstance(field.db, bytes) else "shop")
        cursor.execute("SELECT COUNT(*) AS n, 'a' AS txt, 1.50 AS dec_, NOW() AS now_, MAX(t.id) + 1 FROM things t")
        types = [(field.name, field.type_code) for field in cursor._result.fields]
    connection.close()
    assert not wrong, "\n".join(wrong)
    assert types == [("n", 8), ("txt", 253), ("dec_", 246), ("now_", 12), ("MAX(t.id) + 1", 8)], types


def test_show_explain_describe(server):
    connection = server.connect(db="shop")
    assert rows(connection, "DESCRIBE things id") == (("id", "int unsigned", "NO", "PRI", None, "auto_increment"),)
    assert rows(connection, "DESC things ti") == rows(connection, "EXPLAIN things ti") == rows(connection, "SHOW COLUMNS FROM things LIKE 'ti'")
    assert len(rows(connection, "EXPLAIN SELECT * FROM things WHERE id = 1")) >= 1
    assert ("things",) in rows(connection, "SHOW TABLES")
    assert rows(connection, "SHOW TABLES LIKE 'thi%'") == (("things",),)
    assert [row[2] for row in rows(connection, "SHOW INDEX FROM things")] == ["PRIMARY", "ti", "ti", "vc"]
    rows(connection, "SET SESSION sql_mode = 'ANSI_QUOTES'")
    assert rows(connection, 'SELECT "id" FROM "things" LIMIT 0') == ()
    connection.close()


def test_accounts(server):
    root = server.connect()
    rows(root, "CREATE USER reader@'%' IDENTIFIED WITH mysql_native_password BY 'r1', writer@'%' IDENTIFIED BY 'w1', other@'10.%' IDENTIFIED BY 'o'")
    rows(root, "GRANT SELECT ON shop.* TO reader@'%'")
    rows(root, "GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO writer@'%'")

    def login(user, password, **arguments):
        return pymysql.connect(host="127.0.0.1", port=server.port, user=user, password=password, autocommit=True, **arguments)

    tls = {"ssl": {"check_hostname": False}}
    for arguments in ({}, tls):
        assert error_code(lambda: login("reader", "wrong", **arguments)) == 1045
        assert error_code(lambda: login("nobody", "x", **arguments)) == 1045
        assert error_code(lambda: login("other", "o", **arguments)) == 1045
    reader = login("reader", "r1", database="shop")
    assert len(rows(reader, "SELECT id FROM things")) >= 0
    assert error_code(lambda: rows(reader, "DELETE FROM things")) == 1142
    assert error_code(lambda: rows(reader, "CREATE TABLE x (a INT)")) in (1044, 1142)
    assert error_code(lambda: rows(reader, "CREATE USER z")) == 1227
    assert rows(reader, "SHOW GRANTS")[-1] == ("GRANT SELECT ON `shop`.* TO `reader`@`%`",)
    assert rows(reader, "SHOW DATABASES") == (("information_schema",), ("performance_schema",), ("shop",))
    writer = login("writer", "w1", **tls)
    rows(writer, "INSERT INTO shop.things (id) VALUES (77)")
    rows(root, "REVOKE INSERT ON *.* FROM writer@'%'")
    writer.close()  # global privileges are those of the login
    writer = login("writer", "w1", **tls)
    assert error_code(lambda: rows(writer, "INSERT INTO shop.things (id) VALUES (78)")) == 1142
    rows(root, "ALTER USER writer@'%' IDENTIFIED BY 'w2'")
    assert error_code(lambda: login("writer", "w1", **tls)) == 1045
    login("writer", "w2", **tls).close()
    rows(root, "DROP USER reader@'%', writer@'%', other@'10.%'")
    assert error_code(lambda: login("writer", "w2", **tls)) == 1045
    for connection in (root, reader, writer):
        connection.close()


def test_command_line(server):
    if CLI is None:
        return
    base = [CLI, "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-uroot", f"-p{PASSWORD}",
            "--default-character-set=utf8mb4", "shop"]
    script = "select 1 as a; show tables;\nDELIMITER //\nSELECT 'x;y'//\nDELIMITER ;\nselect count(*) from things;\n\\s\n"
    done = subprocess.run([*base, "-t"], input=script, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "| things " in done.stdout and "| x;y |" in done.stdout and "afterimage" in done.stdout, done
    done = subprocess.run([*base, "-e", "SELECT id, vc, e FROM things WHERE id = 1\\G"], capture_output=True, text=True, timeout=60, check=False)
    assert "vc: it's \\ \"x\" 😀" in done.stdout, done
    # Completion asks for columns with COM_FIELD_LIST.
    done = subprocess.run([*base, "--auto-rehash", "-e", "SELECT 1"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and not done.stderr, done


def test_dropped_and_renamed(server):
    """DDL and what it leaves: errors by number, statements that are refused by name."""
    connection = server.connect(db="shop")
    for statement, code in (("CREATE TEMPORARY TABLE t (a INT)", 1235), ("CREATE SEQUENCE s", 1235), ("DROP TABLE missing", 1051),
                            ("CREATE TABLE things (a INT)", 1050), ("ALTER TABLE things DROP nothing", 1091), ("DROP DATABASE missing", 1008),
                            ("CREATE DATABASE shop", 1007), ("ALTER TABLE missing ADD a INT", 1146), ("CREATE TABLE bad (a INT, a INT)", 1060),
                            ("CREATE TABLE bad (a NOSUCHTYPE)", 1064), ("CREATE TABLE bad (a INT, KEY (b))", 1072),
                            ("CREATE INDEX vc ON things (c)", 1061), ("CREATE VIEW things AS SELECT 1", 1050)):
        assert error_code(lambda: rows(connection, statement)) == code, (statement, error_code(lambda: rows(connection, statement)))
    connection.close()


def main():
    failed = False
    with AfterimageServer(sys.argv[1]) as server:
        server.query("CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci")
        server.query(TABLE, db="shop")
        server.query("CREATE VIEW v AS SELECT id, vc FROM things", db="shop")
        tests = [test for name, test in globals().items() if name.startswith("test_")]
        for test in tests:
            try:
                test(server)
                print(f"ok      {test.__name__}", flush=True)
            except Exception:  # noqa: BLE001
                failed = True
                print(f"FAILED  {test.__name__}")
                traceback.print_exc(limit=-2, file=sys.stdout)
        if server.process.poll() is not None:
            failed = True
            print(server.log()[-3000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

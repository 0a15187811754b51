#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the MariaDB files of tests/golden/binlogs with the MariaDB that is installed.

Run once per version; the files are committed and then read for ever. Needs pymysql.
"""

import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from mariadb_server import MariadbServer  # noqa: E402

COMMON = ["--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"]

SCRIPTS = {
    "row-full": (["--binlog-format=ROW", "--binlog-row-metadata=FULL"], [
        "CREATE DATABASE d", "USE d", "SET timestamp=1700000000.123456",
        "CREATE TABLE t (id INT UNSIGNED PRIMARY KEY, a VARCHAR(20) CHARACTER SET latin1, b DECIMAL(10,3), "
        "c ENUM('x','y'), s SET('p','q'), g POINT, u UUID, i INET6, j JSON, z TEXT COMPRESSED, v INT AS (id+1), "
        "h INT INVISIBLE DEFAULT 7)",
        "INSERT INTO t (id,a,b,c,s,g,u,i,j,z) VALUES (1,'é',-1.5,'y','p,q',ST_GeomFromText('POINT(1 2)'),"
        "'12345678-1234-1234-1234-123456789abc','::1','{\"k\": 1}',REPEAT('z',300)),"
        "(2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)",
        "UPDATE t SET a='b' WHERE id=2", "DELETE FROM t WHERE id=1",
        "CREATE TABLE c AS SELECT id FROM t",
        "BEGIN", "INSERT INTO c VALUES (5)", "SAVEPOINT s1", "INSERT INTO c VALUES (6)", "ROLLBACK TO s1", "COMMIT",
        "CREATE SEQUENCE q", "SELECT NEXTVAL(q)",
        "CREATE TABLE w (a INT PRIMARY KEY) WITH SYSTEM VERSIONING", "INSERT INTO w VALUES (1)",
        "UPDATE w SET a=2", "DELETE FROM w",
        "XA START 'x','y',3", "INSERT INTO c VALUES (7)", "XA END 'x','y',3", "XA PREPARE 'x','y',3",
        "XA COMMIT 'x','y',3",
        "CREATE USER u1@localhost", "FLUSH TABLES", "DROP TABLE c",
    ]),
    "mixed": (["--binlog-format=MIXED"], [
        "CREATE DATABASE d", "USE d", "SET timestamp=1700000000.5",
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a DOUBLE, b VARCHAR(40), w DATETIME(6))",
        "SET @v='x'", "SET @n=-5", "SET @d=1.25", "SET @r=1e10", "SET @z=NULL",
        "INSERT INTO t (a,b,w) VALUES (RAND(), CONCAT(@v,@n,@d,@r,IFNULL(@z,'')), NOW(6))",
        "INSERT INTO t (a,b) VALUES (LAST_INSERT_ID(), UUID())",
        "SET sql_mode='ANSI_QUOTES', time_zone='+03:00', foreign_key_checks=0, lc_time_names='de_DE'",
        "UPDATE t SET a=1", "CREATE TEMPORARY TABLE tmp (a INT)", "INSERT INTO tmp VALUES (1)",
        "INSERT INTO t (a) SELECT a FROM tmp",
        "SELECT 1 UNION SELECT 2 INTO OUTFILE 'load.txt'", "LOAD DATA INFILE 'load.txt' INTO TABLE t (a)",
        "CREATE DEFINER=root@localhost TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a=1",
        "CREATE VIEW v AS SELECT a FROM t",
        "SET binlog_alter_two_phase=1", "ALTER TABLE t ADD x INT, ALGORITHM=COPY",
    ]),
    "compressed": (["--binlog-format=ROW", "--log-bin-compress=ON", "--binlog-checksum=NONE"], [
        "CREATE DATABASE d", "USE d",
        "CREATE TABLE t (id INT PRIMARY KEY, a TEXT) COMMENT='" + "c" * 400 + "'",
        "INSERT INTO t VALUES (1, REPEAT('a', 2000)), (2, 'short')",
        "UPDATE t SET a=REPEAT('b', 3000)", "DELETE FROM t",
        "SET GLOBAL mysql56_temporal_format=OFF",
        "CREATE TABLE o (a TIME, b DATETIME, c TIMESTAMP NULL)",
        "INSERT INTO o VALUES ('-12:34:56', '2024-01-31 12:34:56', '2024-01-31 12:34:56')",
    ]),
}


def main():
    for name, (arguments, statements) in SCRIPTS.items():
        with MariadbServer(arguments=COMMON + arguments) as server:
            with server.connect() as connection, connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    cursor.fetchall()
                cursor.execute("SELECT VERSION()")
                version = ".".join(cursor.fetchone()[0].split("-")[0].split(".")[:2])
                cursor.execute("FLUSH BINARY LOGS")
            target = os.path.join(HERE, "binlogs", f"mariadb-{version}-{name}.000001")
            shutil.copy(os.path.join(server.data_directory, "binlog.000001"), target)
            os.chmod(target, 0o644)
            print(target, os.path.getsize(target))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Random transactions of every kind against a primary, for tests that compare a replica with it afterwards.

Several writers and one connection that changes the schema; all types, foreign keys with actions, tables without a key, transactions over
several tables and databases, savepoints. Repeatable as far as threads are: everything random comes from the seed.
"""

import random
import threading

import pymysql

DATABASES = ("audit", "seen", "shop", "words")
# A text dump loses digits of a FLOAT.
TABLES_WITH_FLOAT = (("shop", "all_types"),)
# Operators in CHECK and generated columns are kept in the parentheses of the family whose statement made the table: MariaDB's source, MySQL's client.
TABLES_WITH_OPERATORS = (("words", "seen"),)

SCHEMA = [
    "CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4",
    "CREATE DATABASE audit DEFAULT CHARACTER SET latin1",
    "CREATE DATABASE words",
    "CREATE DATABASE seen",
    """CREATE TABLE shop.parents (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) UNIQUE, note TEXT) ENGINE=InnoDB""",
    """CREATE TABLE shop.children (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, parent INT, amount DECIMAL(12,3), at DATETIME(6),
       KEY by_amount (amount), CONSTRAINT fk_parent FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE=InnoDB""",
    """CREATE TABLE shop.notes (id INT PRIMARY KEY AUTO_INCREMENT, child BIGINT UNSIGNED, text VARCHAR(100),
       CONSTRAINT fk_child FOREIGN KEY (child) REFERENCES children (id) ON DELETE SET NULL) ENGINE=InnoDB""",
    """CREATE TABLE shop.all_types (id INT PRIMARY KEY, ti TINYINT, tiu TINYINT UNSIGNED, si SMALLINT, mi MEDIUMINT, mu MEDIUMINT UNSIGNED, bi BIGINT,
       bu BIGINT UNSIGNED, d DECIMAL(65,30), f FLOAT, db DOUBLE, b BIT(17), c CHAR(10), vc VARCHAR(300), bin BINARY(8), vb VARBINARY(50), t TEXT,
       mt MEDIUMTEXT, bl BLOB, e ENUM('a','b','ü'), s SET('x','y','z'), dt DATE, tm TIME(6), dtm DATETIME(6), ts TIMESTAMP(6) NULL, y YEAR, j JSON,
       la VARCHAR(30) CHARACTER SET latin1, g GEOMETRY, KEY by_vc (vc(20)), KEY by_la (la), KEY by_dtm (dtm)) ENGINE=InnoDB""",
    "CREATE TABLE shop.keyless (a INT, b VARCHAR(20)) ENGINE=InnoDB",
    "CREATE TABLE audit.log (id BIGINT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(200), generated_length INT AS (LENGTH(what)) VIRTUAL) ENGINE=InnoDB",
    """CREATE TABLE words.seen (word VARCHAR(60) COLLATE utf8mb4_unicode_ci, place INT, times INT UNSIGNED NOT NULL DEFAULT 1,
       doubled INT UNSIGNED AS (times * 2) STORED, PRIMARY KEY (place, word), KEY by_times (times DESC, word(5)), CHECK (place >= 0)) ENGINE=InnoDB""",
    "CREATE TABLE words.filler (id INT PRIMARY KEY, text VARCHAR(120) NOT NULL, number INT, KEY by_number (number)) ENGINE=InnoDB",
    "CREATE TABLE seen.things (id INT PRIMARY KEY, v INT) ENGINE=InnoDB",
]
# Deadlocks, duplicate names, tables changed meanwhile: a client's everyday life.
EVERYDAY_ERRORS = (1020, 1022, 1054, 1062, 1136, 1205, 1213, 1366, 1412, 1451, 1452, 1467, 1761, 4025)


def make_schema(primary, filler_rows):
    for statement in SCHEMA:
        primary.query(statement)
    for i in range(20):
        primary.query("INSERT INTO shop.parents (name) VALUES ('first %d')" % i)
    primary.query("INSERT INTO words.filler SELECT seq, REPEAT(CHAR(97 + seq % 26), 20 + seq % 90), seq % 1000 FROM seq_1_to_" + str(filler_rows), db="words")


class Workload:
    """Random transactions on several connections until told to stop; counts what was committed."""

    def __init__(self, primary, seed, writers=3):
        self.primary = primary
        self.seed = seed
        self.stop_event = threading.Event()
        self.lock = threading.Lock()
        self.committed = 0
        self.failure = None
        self.threads = [threading.Thread(target=self._guarded, args=(self._write, i)) for i in range(writers)]
        self.threads.append(threading.Thread(target=self._guarded, args=(self._change_schema, 99)))

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stop_event.set()
        for thread in self.threads:
            thread.join()
        if self.failure:
            raise self.failure

    def _guarded(self, body, number):
        try:
            body(random.Random(self.seed * 100 + number))
        except BaseException as error:  # noqa: B902  (told to the main thread)
            self.failure = error
            self.stop_event.set()

    def _note(self):
        with self.lock:
            self.committed += 1

    def _write(self, rng):
        connection = self.primary.connect(autocommit=False)
        while not self.stop_event.is_set():
            try:
                with connection.cursor() as cursor:
                    for _ in range(rng.choice((1, 1, 1, 2, 5))):
                        if rng.random() < 0.05:
                            self._savepoint(cursor, rng)
                        else:
                            self._statement(cursor, rng)
                if rng.random() < 0.05:
                    connection.rollback()
                else:
                    connection.commit()
                    self._note()
            except pymysql.err.MySQLError as error:
                if error.args[0] not in EVERYDAY_ERRORS:
                    raise
                connection.rollback()
        connection.close()

    def _savepoint(self, cursor, rng):
        cursor.execute("SAVEPOINT here")
        self._statement(cursor, rng)
        if rng.random() < 0.5:
            cursor.execute("ROLLBACK TO SAVEPOINT here")
        self._statement(cursor, rng)

    def _statement(self, cursor, rng):
        rng.choice((self._parents, self._children, self._children, self._all_types, self._all_types, self._keyless, self._words))(cursor, rng)

    def _parents(self, cursor, rng):
        kind = rng.randrange(4)
        if kind == 0:
            cursor.execute("INSERT INTO shop.parents (name, note) VALUES (%s, %s)", (word(rng), "n" * rng.choice((1, 50, 3000))))
        elif kind == 1:
            cursor.execute("DELETE FROM shop.parents WHERE id %% 97 = %s LIMIT 1", (rng.randrange(97),))
        elif kind == 2:
            cursor.execute("UPDATE shop.parents SET id = id + 1000000 WHERE id < 1000000 ORDER BY id DESC LIMIT 1")
        else:
            cursor.execute("UPDATE shop.parents SET name = %s WHERE id %% 13 = %s LIMIT 1", (word(rng), rng.randrange(13)))

    def _children(self, cursor, rng):
        kind = rng.randrange(4)
        if kind == 0:
            cursor.execute("INSERT INTO shop.children (parent, amount, at) SELECT id, %s, NOW(6) FROM shop.parents ORDER BY RAND() LIMIT 3",
                           (rng.randrange(10**9) / 1000,))
        elif kind == 1:
            cursor.execute("UPDATE shop.children SET amount = amount + 1 ORDER BY id DESC LIMIT %s", (rng.randrange(1, 20),))
        elif kind == 2:
            cursor.execute("INSERT INTO shop.notes (child, text) SELECT id, %s FROM shop.children ORDER BY id DESC LIMIT 2", (word(rng),))
        else:
            cursor.execute("DELETE FROM shop.children ORDER BY id LIMIT 1")

    def _keyless(self, cursor, rng):
        kind = rng.randrange(3)
        if kind == 0:
            cursor.execute("INSERT INTO shop.keyless VALUES (%s, %s), (%s, %s)", (rng.randrange(3), "x", rng.randrange(3), "x"))
        elif kind == 1:
            cursor.execute("DELETE FROM shop.keyless WHERE a = %s LIMIT 2", (rng.randrange(3),))
        else:
            cursor.execute("UPDATE shop.keyless SET b = %s WHERE a = %s LIMIT 1", (word(rng)[:10], rng.randrange(3)))

    def _words(self, cursor, rng):
        """Two databases in one statement's company."""
        kind = rng.randrange(4)
        if kind == 0:
            cursor.execute("INSERT INTO words.seen (word, place) VALUES (%s, %s) ON DUPLICATE KEY UPDATE times = times + 1", (word(rng), rng.randrange(4)))
        elif kind == 1:
            cursor.execute("INSERT INTO audit.log (what) VALUES (%s)", (word(rng).encode("latin1", "replace").decode("latin1") * 3,))
            cursor.execute("UPDATE words.filler SET number = number + 1, text = CONCAT(text, 'x') WHERE id BETWEEN %s AND %s AND LENGTH(text) < 119",
                           (lambda at: (at, at + rng.choice((0, 0, 30))))(rng.randrange(1, 2000)))
        elif kind == 2:
            cursor.execute("UPDATE words.seen w, audit.log l SET w.times = w.times + 1, l.what = CONCAT('s', RIGHT(l.what, 20)) "
                           "WHERE w.place = %s AND l.id %% 50 = %s AND w.times < 100000", (rng.randrange(4), rng.randrange(50)))
        else:
            cursor.execute("DELETE FROM words.seen WHERE place = %s ORDER BY times LIMIT 1", (rng.randrange(4),))

    def _all_types(self, cursor, rng):
        if rng.random() < 0.4:
            cursor.execute("UPDATE shop.all_types SET vc = CONCAT('u', %s), ts = NOW(6), f = f / 3 WHERE id = %s", (word(rng), rng.randrange(400)))
            return

        def maybe(value):
            return None if rng.random() < 0.15 else value
        cursor.execute(
            "REPLACE INTO shop.all_types VALUES (" + ",".join(["%s"] * 27) + ",%s,ST_GeomFromText(%s, 4326))",
            (rng.randrange(400), maybe(rng.randrange(-128, 128)), maybe(rng.randrange(256)), maybe(rng.randrange(-32768, 32768)),
             maybe(rng.randrange(-2**23, 2**23)), maybe(rng.randrange(2**24)), maybe(rng.randrange(-2**63, 2**63)), maybe(rng.randrange(2**64)),
             maybe("%d.%030d" % (rng.randrange(-10**34, 10**34), rng.randrange(10**30))), maybe(rng.uniform(-1e6, 1e6)), maybe(rng.uniform(-1e300, 1e300)),
             maybe(rng.randrange(2**17)), maybe(word(rng)[:10]), maybe(word(rng) * 5), maybe(rng.randbytes(rng.randrange(9))),
             maybe(rng.randbytes(rng.randrange(50))), maybe(word(rng) * 20), maybe("m" * rng.choice((10, 5000, 100000))),
             maybe(rng.randbytes(rng.choice((0, 100, 4000)))), maybe(rng.choice(("a", "b", "ü"))), maybe(rng.choice(("", "x", "x,z", "x,y,z"))),
             maybe("%04d-%02d-%02d" % (rng.randrange(1000, 9999), rng.randrange(1, 13), rng.randrange(1, 29))),
             maybe("%s%02d:%02d:%02d.%06d" % (rng.choice(("", "-")), rng.randrange(800), rng.randrange(60), rng.randrange(60), rng.randrange(10**6))),
             maybe("%04d-01-02 %02d:03:04.%06d" % (rng.randrange(1000, 9999), rng.randrange(24), rng.randrange(10**6))),
             maybe("%04d-05-06 %02d:08:09.%06d" % (rng.randrange(1971, 2037), rng.randrange(24), rng.randrange(10**6))), maybe(rng.randrange(1901, 2155)),
             maybe('{"k": [1, 2.5, "%s"]}' % rng.randrange(1000)), maybe("latin é ü " + str(rng.randrange(1000))),
             "POINT(%d %d)" % (rng.randrange(90), rng.randrange(90))))

    def _change_schema(self, rng):
        connection = self.primary.connect()
        number = 0
        while not self.stop_event.is_set():
            number += 1
            for statement in rng.choice(SCHEMA_CHANGES):
                try:
                    with connection.cursor() as cursor:
                        cursor.execute(statement.replace("#", str(number)))
                    self._note()
                except pymysql.err.MySQLError as error:
                    if error.args[0] not in EVERYDAY_ERRORS:
                        raise
            self.stop_event.wait(rng.uniform(0.02, 0.3))
        connection.close()


SCHEMA_CHANGES = (
    ("CREATE TABLE shop.t# (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB", "INSERT INTO shop.t# VALUES (1,'a'),(2,'b'),(3,NULL)",
     "ALTER TABLE shop.t# ADD COLUMN w INT NOT NULL DEFAULT 7", "UPDATE shop.t# SET w = w + id",
     "ALTER TABLE shop.t# ADD COLUMN first BIGINT FIRST, RENAME COLUMN v TO value"),
    ("CREATE TABLE audit.r# LIKE audit.log", "INSERT INTO audit.r# (what) VALUES ('x')", "RENAME TABLE audit.r# TO audit.s#", "DROP TABLE audit.s#"),
    ("CREATE TABLE shop.u# (a INT PRIMARY KEY, b VARCHAR(10), c INT)", "INSERT INTO shop.u# VALUES (1,'1',1),(2,'22',2)",
     "ALTER TABLE shop.u# MODIFY b VARCHAR(30) NOT NULL FIRST, DROP COLUMN c, ADD INDEX by_b (b)", "INSERT INTO shop.u# VALUES ('3',3)",
     "TRUNCATE TABLE shop.u#", "INSERT INTO shop.u# VALUES ('4',4)"),
    ("CREATE TABLE words.c# SELECT id, text FROM words.filler WHERE id < 20", "DELETE FROM words.c# WHERE id > 10", "DROP TABLE words.c#"),
    ("CREATE OR REPLACE VIEW seen.v AS SELECT id, v FROM seen.things WHERE id > #",),
    ("REPLACE INTO seen.things VALUES (# % 7, #)", "ALTER TABLE seen.things COMMENT = 'change #'"),
    ("ALTER TABLE words.filler MODIFY number BIGINT",), ("ALTER TABLE words.filler MODIFY number INT",),
    ("ALTER TABLE words.filler ADD INDEX by_text (text(10))", "ALTER TABLE words.filler DROP INDEX by_text"),
    ("CREATE DATABASE passing#", "CREATE TABLE passing#.t (id INT PRIMARY KEY)", "INSERT INTO passing#.t VALUES (#)", "DROP DATABASE passing#"),
)


def word(rng):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyzÄöß漢🙂 '\\%_") for _ in range(rng.randrange(1, 25)))

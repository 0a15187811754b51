# SPDX-License-Identifier: Apache-2.0
"""Scan and GROUP BY over the whole table, beside MariaDB; both from memory."""

import support

QUERIES = {"SUM(k) by k % 100": "SELECT k % 100 AS g, COUNT(*), SUM(k), MAX(id) FROM accounts GROUP BY g ORDER BY g",
           "text": "SELECT LEFT(c, 2) AS g, COUNT(*), AVG(LENGTH(pad)) FROM accounts GROUP BY g ORDER BY g"}


def main():
    options = support.arguments(__doc__, rows=1000000)
    with support.primary() as source, support.afterimage(options, source) as server:
        support.load_table(source, options.rows)
        support.wait_for_copy(server, source)
        for name, query in QUERIES.items():
            ours, theirs = [], []
            for _ in range(options.rounds + 1):
                ours.append(support.timed(server, query))
                theirs.append(support.timed(source, query))
            if ours[0][1] != tuple(theirs[0][1]):
                raise RuntimeError("the answers differ: " + query)
            mine, peers = min(ours)[0], min(theirs)[0]
            support.row("scan and GROUP BY (%s), %d rows" % (name, options.rows), "%.0f ms" % mine,
                        "MariaDB %.0f ms: %.2f ×" % (peers, mine / peers), mine * 3 <= peers)


if __name__ == "__main__":
    main()

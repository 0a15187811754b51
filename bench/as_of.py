# SPDX-License-Identifier: Apache-2.0
"""Queries AS OF any commit: by primary key and secondary index, cold and warm; full scans of old states beside HEAD's.

Cold: the first query behind a restart with nothing of the store in the page cache, `samples` times. Warm: every query names another
random commit and key. Repeated: one commit, random keys.
"""

import random

import support

BY_KEY = "SELECT c FROM accounts AS OF '%s' WHERE id = %s"
BY_INDEX = "SELECT id, c FROM accounts AS OF '%s' WHERE k = %s"
SCAN = "SELECT COUNT(*), SUM(k), SUM(LENGTH(c)) FROM accounts"


def cold_ms(history, samples, statement, value):
    taken = []
    for _ in range(samples):
        history.restart(cold=True)
        connection = history.server.connect(db=support.DATABASE)
        connection.close()
        revision = "HEAD~%d" % random.randrange(history.commits)
        taken.append(support.timed(history.server, statement % (revision, value()))[0])
    return taken


def main():
    options = support.arguments(__doc__, keeps_store=True, rows=1000000, commits=1000000, samples=5)
    with support.History(options, options.rows, options.commits) as history:
        any_commit = "HEAD~{int:0:%d}" % (options.commits - 1)
        for what, statement, high, limit_ms in (("primary key", BY_KEY, options.rows, 20), ("secondary index", BY_INDEX, 1000000, 150)):
            cold = cold_ms(history, options.samples, statement, lambda high=high: random.randint(1, high))
            key = "{int:1:%d}" % high
            warm = support.load(options, history.server, statement % (any_commit, key), count=300)
            again = support.load(options, history.server, statement % ("HEAD~%d" % (options.commits // 2), key), count=2000)
            support.row("AS OF any commit by %s, %d rows, %d commits" % (what, options.rows, options.commits),
                        "cold %.1f ms (worst %.1f); warm %.2f ms (p99 %.2f); repeated %.3f ms"
                        % (support.median(cold), max(cold), warm["p50_us"] / 1000, warm["p99_us"] / 1000, again["p50_us"] / 1000), "",
                        max(cold) <= limit_ms and (what != "primary key" or warm["p50_us"] <= 1000))
        support.timed(history.server, SCAN)
        head = min(support.timed(history.server, SCAN)[0] for _ in range(3))
        old = []
        for i in range(options.samples):
            commit = options.commits * (2 * i + 1) // (2 * options.samples)
            old.append(min(support.timed(history.server, SCAN + " AS OF 'HEAD~%d'" % commit)[0] for _ in range(2)))
        support.row("full scan AS OF", "worst %.0f ms, median %.0f ms" % (max(old), support.median(old)),
                    "HEAD %.0f ms: %.2f ×" % (head, max(old) / head), max(old) <= 1.3 * head)


if __name__ == "__main__":
    main()

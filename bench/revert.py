# SPDX-License-Identifier: Apache-2.0
"""Revert of one-row commits of any age on a branch of their own."""

import random
import time

import support


def lone_commits(connection, history, wanted):
    """Commits whose row nobody changed afterwards: their revert meets no conflict."""
    found = []
    with connection.cursor() as cursor:
        while len(found) < wanted:
            cursor.execute("SELECT to_commit, diff_type FROM dolt_diff_accounts WHERE to_id = %s" % history.random_id())
            versions = cursor.fetchall()
            if [kind for _, kind in versions].count("modified") == 1:
                found.append(next(commit for commit, kind in versions if kind == "modified"))
    random.shuffle(found)
    return found


def main():
    options = support.arguments(__doc__, keeps_store=True, rows=1000000, commits=1000000, samples=100)
    with support.History(options, options.rows, options.commits) as history:
        connection = history.server.connect(db=support.DATABASE)
        commits = lone_commits(connection, history, options.samples)
        history.restart()
        connection = history.server.connect(db=support.DATABASE)
        taken = []
        with connection.cursor() as cursor:
            cursor.execute("CALL dolt_checkout('-b', 'fix')")
            for commit in commits:
                start = time.monotonic()
                cursor.execute("CALL dolt_revert('%s')" % commit)
                cursor.fetchall()
                taken.append((time.monotonic() - start) * 1000)
            cursor.execute("SELECT COUNT(*) FROM dolt_log('main..fix')")
            if cursor.fetchone()[0] != len(commits):
                raise RuntimeError("not every revert made a commit")
        connection.close()
    taken.sort()
    support.row("revert of a one-row commit, %d rows, %d commits" % (options.rows, options.commits),
                "median %.1f ms, p99 %.1f ms, worst %.1f ms" % (support.median(taken), taken[int(len(taken) * 0.99) - 1], taken[-1]), "",
                taken[-1] <= 20)


if __name__ == "__main__":
    main()

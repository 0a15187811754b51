# SPDX-License-Identifier: Apache-2.0
"""An aggregate over the to_ and from_ columns of dolt_diff_<t>, over the whole history."""

import support

QUERY = "SELECT COUNT(*), SUM(to_k - from_k), MAX(to_c), COUNT(DISTINCT from_id % 100) FROM dolt_diff_accounts"


def main():
    options = support.arguments(__doc__, keeps_store=True, rows=1000000, commits=1000000)
    with support.History(options, options.rows, options.commits) as history:
        taken = []
        for _ in range(options.rounds):
            milliseconds, rows = support.timed(history.server, QUERY)
            taken.append(milliseconds)
        count = rows[0][0]
        if count != options.commits + options.rows:
            raise RuntimeError("%d changes of %d" % (count, options.commits + options.rows))
    support.row("aggregate over dolt_diff_<t>, %d commits, %d changes" % (options.commits, count), "%.2f s" % (min(taken) / 1000), "",
                min(taken) <= 3000)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Bytes kept and written for a single-row update of a table of 188-byte rows with one secondary index.

The store alone (commit_rate): growth of its files divided by the number of commits, and what the kernel wrote for them. The peer is the
binary log's size for the same update.
"""

import support


def binlog_bytes_each(options, transactions):
    with support.primary() as source:
        support.load_table(source, 10000)
        before = position(source)
        support.load(options, source, support.UPDATE % 10000, 4, transactions)
        return (position(source) - before) / transactions


def position(source):
    return int(source.query("SHOW MASTER STATUS")[0][1])


def main():
    options = support.arguments(__doc__, small_rows=100000, rows=1000000, commits=1000000)
    binlog = binlog_bytes_each(options, 20000)
    for rows in (options.small_rows, options.rows):
        with support.History(options, rows, options.commits) as history:
            numbers = history.numbers
            support.note(repr(numbers))
            kept, written = numbers["kept_bytes_each"], numbers["written_bytes_each"]
            support.row("bytes kept per single-row update, %d rows, %d commits" % (rows, options.commits),
                        "%.0f kept, %.0f written: %.1f written for each kept; %d keyframes; commit p99 %.2f ms, worst %.0f ms"
                        % (kept, written, written / kept, numbers["keyframes"], numbers["p99_ms"], numbers["max_ms"]),
                        "%.0f bytes of binary log" % binlog, kept <= 0.5 * binlog and written / kept <= 6)


if __name__ == "__main__":
    main()

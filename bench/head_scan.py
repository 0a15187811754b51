# SPDX-License-Identifier: Apache-2.0
"""A scan of HEAD after random updates beside the same scan after a fresh load."""

import support

SCAN = "SELECT COUNT(*), SUM(k), SUM(LENGTH(c)) FROM accounts"


def scan_ms(history, rounds):
    support.timed(history.server, SCAN)
    return min(support.timed(history.server, SCAN)[0] for _ in range(rounds))


def main():
    options = support.arguments(__doc__, rows=1000000, commits=1000000)
    with support.History(options, options.rows, 0) as fresh, support.History(options, options.rows, options.commits) as updated:
        before = scan_ms(fresh, options.rounds + 2)
        after = scan_ms(updated, options.rounds + 2)
    support.row("HEAD scan, %d rows, after %d random updates" % (options.rows, options.commits), "%.0f ms" % after,
                "fresh load %.0f ms: %.2f ×" % (before, after / before), after <= 1.1 * before)


if __name__ == "__main__":
    main()

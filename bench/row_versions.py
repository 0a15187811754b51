# SPDX-License-Identifier: Apache-2.0
"""All versions of one row over a long history, by dolt_diff_<t> and afterimage_versions_<t>; cold and warm as in as_of.py."""

import support

QUERIES = {"dolt_diff_<t>": "SELECT * FROM dolt_diff_accounts WHERE to_id = %s",
           "afterimage_versions_<t>": "SELECT * FROM afterimage_versions_accounts WHERE id = %s"}


def main():
    options = support.arguments(__doc__, keeps_store=True, rows=1000000, commits=1000000, samples=5)
    with support.History(options, options.rows, options.commits) as history:
        for name, query in QUERIES.items():
            cold = []
            for _ in range(options.samples):
                history.restart(cold=True)
                cold.append(support.timed(history.server, query % history.random_id())[0])
            warm = support.load(options, history.server, query % ("{int:1:%d}" % options.rows), count=500)
            support.row("versions of one row by %s, %d commits" % (name, options.commits),
                        "cold %.1f ms (worst %.1f); warm %.2f ms (p99 %.2f)"
                        % (support.median(cold), max(cold), warm["p50_us"] / 1000, warm["p99_us"] / 1000), "",
                        max(cold) <= 50 and warm["p50_us"] <= 10000)


if __name__ == "__main__":
    main()

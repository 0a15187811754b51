# SPDX-License-Identifier: Apache-2.0
"""SQL commits of one row on a branch, by 1 and by 64 writers, beside MariaDB (flush=1, binary log on) and beside the disk's fsync rate."""

import support


def main():
    options = support.arguments(__doc__, rows=100000, count=4000, writers=64)
    with support.primary() as source, support.afterimage(options, source) as server:
        support.load_table(source, options.rows)
        support.wait_for_copy(server, source)
        server.query("CALL dolt_branch('work')", db=support.DATABASE)
        update = support.UPDATE % options.rows
        for writers, count in ((1, options.count), (options.writers, options.count * 5)):
            ours, theirs, syncs = [], [], []
            for _ in range(options.rounds):
                ours.append(support.load(options, server, update, writers, count, database="bench/work"))
                theirs.append(support.load(options, source, update, writers, count))
                syncs.append(support.sync_rate(server.directory, 1))
            ours, theirs, syncs = support.better(ours), support.better(theirs), max(syncs)
            ratio = ours["per_second"] / (syncs if writers == 1 else theirs["per_second"])
            support.row("SQL commits on a branch, %d writer%s" % (writers, "" if writers == 1 else "s"),
                        "%.0f a second, %.1f µs CPU each, p99 %.1f ms" % (ours["per_second"], ours["cpu_us"], ours["p99_us"] / 1000),
                        "MariaDB %.0f a second, %.1f µs; fsync %.0f a second: %.2f ×"
                        % (theirs["per_second"], theirs["cpu_us"], syncs, ratio), ratio >= (0.9 if writers == 1 else 1.0))


if __name__ == "__main__":
    main()

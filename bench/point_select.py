# SPDX-License-Identifier: Apache-2.0
"""Point SELECT by primary key on 8 connections, beside MariaDB: the same client program over TCP on both, no TLS on either."""

import support

QUERY = "SELECT c FROM accounts WHERE id = {int:1:%d}"


def main():
    options = support.arguments(__doc__, rows=100000, count=100000, connections=8)
    with support.primary() as source, support.afterimage(options, source) as server:
        support.load_table(source, options.rows)
        support.wait_for_copy(server, source)
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(support.load(options, server, QUERY % options.rows, options.connections, options.count))
            theirs.append(support.load(options, source, QUERY % options.rows, options.connections, options.count))
        ours, theirs = support.better(ours), support.better(theirs)
        ratio = ours["per_second"] / theirs["per_second"]
        support.row("point SELECT by primary key, %d connections" % options.connections,
                    "%.0f a second, %.1f µs CPU each, p99 %.2f ms" % (ours["per_second"], ours["cpu_us"], ours["p99_us"] / 1000),
                    "MariaDB %.0f a second, %.1f µs, p99 %.2f ms: %.2f ×"
                    % (theirs["per_second"], theirs["cpu_us"], theirs["p99_us"] / 1000, ratio), ratio >= 1)


if __name__ == "__main__":
    main()

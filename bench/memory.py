# SPDX-License-Identifier: Apache-2.0
"""Peak memory with default options: a first copy, one transaction that changes every row, a long history."""

import support


def main():
    options = support.arguments(__doc__, rows=1000000, commits=1000000)
    peaks = []
    with support.primary(["--innodb-flush-log-at-trx-commit=2"]) as source, support.afterimage(options, source) as server:
        support.load_table(source, options.rows)
        support.wait_for_copy(server, source)
        pid = server.process.pid
        peaks.append(("first copy", support.memory_mib(pid)))
        source.query("UPDATE accounts SET pad = REVERSE(pad)", db=support.DATABASE)
        support.wait_for_copy(server, source)
        peaks.append(("and one transaction over all rows", support.memory_mib(pid)))
        support.load(options, source, support.UPDATE % options.rows, 8, options.commits)
        support.wait_for_copy(server, source)
        peaks.append(("and %d commits" % options.commits, support.memory_mib(pid)))
        server.stop()
        server.start()
        peaks.append(("after a restart", support.memory_mib(server.process.pid)))
    support.row("memory, %d rows" % options.rows, "; ".join("%s %.0f MiB" % peak for peak in peaks), "",
                max(size for _, size in peaks) <= 1024)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Size of the store after a first copy beside the primary's InnoDB files of the same table; the copy's time and memory."""

import os
import time

import support


def main():
    options = support.arguments(__doc__, rows=1000000)
    with support.primary() as source:
        support.load_table(source, options.rows)
        source.query("FLUSH TABLES accounts FOR EXPORT", db=support.DATABASE)
        innodb = os.path.getsize(os.path.join(source.data_directory, support.DATABASE, "accounts.ibd"))
        start = time.monotonic()
        with support.afterimage(options, source) as server:
            support.wait_for_copy(server, source)
            seconds = time.monotonic() - start
            peak = support.memory_mib(server.process.pid)
            server.stop()
            store = support.store_bytes(server.data)
    support.row("store after a first copy of %d rows" % options.rows,
                "%.1f MB, copied in %.1f s, peak memory %.0f MiB" % (store / 1e6, seconds, peak),
                "%.1f MB InnoDB: %.2f ×" % (innodb / 1e6, store / innodb), store <= 0.7 * innodb)


if __name__ == "__main__":
    main()

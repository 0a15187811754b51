# SPDX-License-Identifier: Apache-2.0
"""From the start of the process to `ready for connections` after a kill, with a long history; page cache warm and cold."""

import time

import support


def start_seconds(history):
    start = time.monotonic()
    history.server.start()
    seconds = time.monotonic() - start
    history.server.kill()
    return seconds


def main():
    options = support.arguments(__doc__, keeps_store=True, rows=1000000, commits=1000000)
    history = support.History(options, options.rows, options.commits, crash=True)
    try:
        first = start_seconds(history)
        warm = min(start_seconds(history) for _ in range(options.rounds))
        support.drop_from_page_cache(history.server.data)
        cold = start_seconds(history)
        history.server.start()
        peak = support.memory_mib(history.server.process.pid)
    finally:
        history.close()
    support.row("restart after a kill, %d commits" % options.commits,
                "%.2f s the first time, %.2f s again, %.2f s cold; memory %.0f MiB" % (first, warm, cold, peak), "",
                max(first, warm, cold) <= 2)


if __name__ == "__main__":
    main()

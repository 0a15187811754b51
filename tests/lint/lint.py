# SPDX-License-Identifier: Apache-2.0
"""Runs rules over the tree and prints each finding as file:line: words.

    python3 tests/lint/lint.py [--root DIR] [RULE ...]      all rules unless named; exit status 1 if anything was found
    python3 tests/lint/lint.py --list
"""

import argparse
import os
import sys

import file_rules
import layer_rules
import project_rules
from source_tree import SourceTree

RULES = {rule.__name__: rule for rule in layer_rules.RULES + file_rules.RULES + project_rules.RULES}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rules", nargs="*", metavar="RULE")
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        for name, rule in RULES.items():
            print(f"{name:20} {rule.__doc__}")
        return 0
    unknown = [name for name in arguments.rules if name not in RULES]
    if unknown:
        parser.error("no such rule: " + ", ".join(unknown))
    tree = SourceTree(arguments.root)
    if not tree.paths:
        print(f"no files under {arguments.root}", file=sys.stderr)
        return 1
    count = 0
    for name in arguments.rules or RULES:
        for finding in sorted(RULES[name](tree)):
            print(f"{finding} [{name}]")
            count += 1
    print(f"{count} findings in {len(tree.paths)} files", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())

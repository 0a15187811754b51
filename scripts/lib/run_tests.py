# SPDX-License-Identifier: Apache-2.0
"""Runs CTest in a build folder and counts by label. Standard library only.

    run_tests.py --build DIR [--jobs N] --labels lint,unit,... [--only lint,unit] [--summary FILE]

Prints one line a label and exits 0 only if every test passed, every wanted label ran at least one test, every test
carries one of the labels, and none was skipped: a skipped test is a tool that is missing. FILE gets "passed failed".
"""

import argparse
import json
import os
import subprocess
import sys
import xml.etree.ElementTree


def labels_of_tests(build):
    """{test name: [labels]} as CTest knows them."""
    listing = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True,
                             text=True).stdout
    found = {}
    for test in json.loads(listing)["tests"]:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        found[test["name"]] = properties.get("LABELS", [])
    return found


def run_ctest(build, jobs, labels):
    """{test name: (outcome, seconds)}; outcome is run, fail, notrun or disabled."""
    report = os.path.join(os.path.abspath(build), "test-report.xml")
    if os.path.exists(report):
        os.remove(report)
    subprocess.run(["ctest", "--test-dir", build, "--parallel", str(jobs), "--output-on-failure", "--no-tests=error",
                    "--output-junit", report, "--label-regex", "^(" + "|".join(labels) + ")$"], check=False)
    if not os.path.exists(report):
        return {}
    return {case.get("name"): (case.get("status"), float(case.get("time") or 0))
            for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--labels", required=True, help="every label there is, separated by commas")
    parser.add_argument("--only", help="run these labels alone")
    parser.add_argument("--summary", help="file for 'passed failed'")
    arguments = parser.parse_args()
    known = arguments.labels.split(",")
    wanted = arguments.only.split(",") if arguments.only else known

    labels = labels_of_tests(arguments.build)
    complaints = [f"{name} has no label of {', '.join(known)}"
                  for name, own in sorted(labels.items()) if not set(own) & set(known)]
    outcomes = run_ctest(arguments.build, arguments.jobs, wanted)

    passed = failed = 0
    print(f"\n{'label':12} {'tests':>6} {'passed':>7} {'failed':>7} {'seconds':>8}")
    for label in wanted:
        members = [name for name in outcomes if label in labels.get(name, ())]
        good = sum(outcomes[name][0] == "run" for name in members)
        seconds = sum(outcomes[name][1] for name in members)
        print(f"{label:12} {len(members):6} {good:7} {len(members) - good:7} {seconds:8.1f}")
        if not members:
            complaints.append(f"label {label} ran no test")
    for name, (status, _) in sorted(outcomes.items()):
        if status == "run":
            passed += 1
        else:
            failed += 1
            print(f"{'failed' if status == 'fail' else 'did not run'}: {name}")
    for complaint in complaints:
        failed += 1
        print(complaint)
    print(f"{passed} passed, {failed} failed")
    if arguments.summary:
        with open(arguments.summary, "w", encoding="utf-8") as file:
            file.write(f"{passed} {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

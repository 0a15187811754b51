# SPDX-License-Identifier: Apache-2.0
"""What every file must be: listed, short, licensed, finished, formatted, free of this machine's paths."""

import concurrent.futures
import os
import re
import shutil
import subprocess

from source_tree import CODE_FOLDERS, Finding

MAX_LINES = 600
SCRIPTS = ("scripts/", ".ci/")
LICENSED_SUFFIXES = (".cc", ".h", ".py", ".sh", ".cmake", ".y", ".def", ".inc", ".sql", "CMakeLists.txt", "Dockerfile")


def _is_script(tree, path):
    return path.startswith(SCRIPTS) and tree.text(path).startswith("#!")


def sizes(tree):
    """At most 600 lines a file; tables (.def, .inc) and the grammar (.y) are exempt."""
    findings = []
    for path in tree.paths:
        if path.endswith((".cc", ".h", ".py", ".sh")) or _is_script(tree, path):
            count = tree.text(path).count("\n")
            if count > MAX_LINES:
                findings.append(Finding(path, MAX_LINES + 1, f"{count} lines; split it by concept"))
    return findings


def listed(tree):
    """Every source file stands in a CMakeLists.txt, every header stands there or is included (private_headers: by whom)."""
    findings = []
    included = {target for includes in tree.includes.values() for _, target, quoted in includes if quoted}
    for path in tree.with_suffix(".cc", ".h", under=CODE_FOLDERS):
        if path not in tree.listed_in and path not in included:
            findings.append(Finding(path, 0, "no CMakeLists.txt names it: it is out of the build"))
    for lists in tree.cmake_lists:
        for number, line in tree.lines(lists):
            if re.search(r"\bfile\s*\(\s*GLOB", line):
                findings.append(Finding(lists, number, "sources are listed, not globbed"))
    return findings


def licence_lines(tree):
    """The first line (behind #! the second) is the SPDX line."""
    findings = []
    for path in tree.paths:
        if not (path.endswith(LICENSED_SUFFIXES) or _is_script(tree, path)):
            continue
        head = tree.text(path).split("\n", 2)[:2]
        spdx = head[1] if head[0].startswith("#!") and len(head) > 1 else head[0]
        if "SPDX-License-Identifier: Apache-2.0" not in spdx:
            findings.append(Finding(path, 1, "no 'SPDX-License-Identifier: Apache-2.0' line at the top"))
    return findings


def unfinished_words(tree):
    """No to-do marks: an open end is an issue, a missing feature a refusal by name with its test."""
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    return [Finding(path, number, f"'{match[1]}' left in the code")
            for path in tree.paths
            if path.endswith((".cc", ".h", ".py", ".cmake", ".y", ".def", ".md", "CMakeLists.txt")) or _is_script(tree, path)
            for number, line in tree.lines(path) if (match := words.search(line))]


def machine_paths(tree):
    """Nothing in the tree knows the machine that it was written on."""
    pattern = re.compile(r"(?<![\w./])/(?:" + "|".join(("work", "farm", "root", "home")) + r")/\w|/tmp/" + "b-")
    return [Finding(path, number, f"a path of one machine: {match[0]}")
            for path in tree.paths if not path.endswith((".inc", ".test", ".slt", ".bin"))
            for number, line in tree.lines(path) if (match := pattern.search(line))]


def file_names(tree):
    """Names say what is inside."""
    banned = {"manager", "helper", "helpers", "util", "utils", "misc", "stuff"}
    findings = []
    for path in tree.with_suffix(".cc", ".h", under=CODE_FOLDERS):
        name = os.path.splitext(os.path.basename(path))[0]
        if banned & set(name.split("_")):
            findings.append(Finding(path, 0, "the name says nothing about what is inside"))
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            findings.append(Finding(path, 0, "file names are lower case with underscores"))
    return findings


def coroutines(tree):
    """No lambda coroutines (captures die first), no co_await in a catch block (clang-tidy 14 sees neither)."""
    findings = []
    for path in tree.with_suffix(".cc", ".h", under=CODE_FOLDERS):
        text = tree.text(path)
        if "awaitable" not in text and "co_await" not in text:
            continue
        for match in re.finditer(r"\]\s*\([^()]*\)\s*(?:mutable\s*)?->\s*[\w:]*awaitable\s*<", text):
            findings.append(Finding(path, text.count("\n", 0, match.start()) + 1, "a lambda coroutine; name the function"))
        for match in re.finditer(r"\bcatch\s*\([^()]*\)\s*\{", text):
            depth, position = 1, match.end()
            while position < len(text) and depth:
                depth += {"{": 1, "}": -1}.get(text[position], 0)
                position += 1
            inside = text.find("co_await", match.end(), position)
            if inside >= 0:
                findings.append(Finding(path, text.count("\n", 0, inside) + 1, "co_await in a catch block"))
    return findings


def formatting(tree):
    """clang-format 14 has nothing to change."""
    program = shutil.which("clang-format-14")
    if not program:
        return [Finding(".clang-format", 0, "clang-format-14 is missing; scripts/install-packages test")]
    files = tree.with_suffix(".cc", ".h", under=CODE_FOLDERS)
    chunks = [files[start:start + 16] for start in range(0, len(files), 16)]

    def check(chunk):
        return subprocess.run([program, "--dry-run", "-Werror", "--ferror-limit=3", *chunk], cwd=tree.root, text=True,
                              stderr=subprocess.PIPE, check=False).stderr

    findings = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for output in pool.map(check, chunks):
            for match in re.finditer(r"^(\S+):(\d+):\d+: error: ", output, re.MULTILINE):
                findings.append(Finding(match[1], int(match[2]), "clang-format-14 -i would change this"))
    return findings


RULES = [sizes, listed, licence_lines, unfinished_words, machine_paths, file_names, coroutines, formatting]

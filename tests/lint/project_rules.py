# SPDX-License-Identifier: Apache-2.0
"""What must agree: documents with the tree, the grammar with the keyword table, fuzz targets with their corpora."""

import os
import re

from source_tree import CODE_FOLDERS, Finding

DOC_FOLDERS = CODE_FOLDERS + ("docs", "scripts", "docker", "cmake", ".ci")


def _documents(tree):
    return [path for path in tree.paths if path.endswith(".md")]


def document_paths(tree):
    """Every path in a document exists: `storage/tree/node.h`, and links to files."""
    findings = []
    for path in _documents(tree):
        folder = os.path.dirname(path)
        for number, line in tree.lines(path):
            for word in re.findall(r"`([^`\s]+)", line):
                target = word.rstrip(".,;:").split("#")[0]
                if target.split("/")[0] in DOC_FOLDERS and "/" in target and re.fullmatch(r"[\w./-]+", target) and \
                        not tree.exists(target):
                    findings.append(Finding(path, number, f"{target} does not exist"))
            for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                if "://" not in link and not link.startswith("mailto:") and \
                        not tree.exists(os.path.normpath(os.path.join(folder, link))):
                    findings.append(Finding(path, number, f"the link to {link} leads nowhere"))
    return findings


def walk_paths(tree):
    """The walk in docs/architecture.md: each path in its block between 'in' and 'out' lines is spelled in full and exists."""
    path = "docs/architecture.md"
    if path not in tree.paths:
        return [Finding(path, 0, "is missing")]
    findings = []
    seen = 0
    for number, line in tree.lines(path):
        for target in re.findall(r"(?<![\w/.-])((?:%s)/[\w./-]*\w\.(?:cc|h|y|def|md))\b" % "|".join(CODE_FOLDERS), line):
            seen += 1
            if not tree.exists(target):
                findings.append(Finding(path, number, f"{target} does not exist"))
    if seen < 20:
        findings.append(Finding(path, 0, f"the walk names {seen} files; it should name every station"))
    return findings


def format_anchors(tree):
    """Code cites the format by anchors, `[row] in docs/storage-format.md`: each is a heading there."""
    document = "docs/storage-format.md"
    if document not in tree.paths:
        return []
    headings = [line for _, line in tree.lines(document) if line.startswith("#")]
    known = {word.lower() for line in headings for word in re.findall(r"\w+(?:\.\d+)?", line)}
    findings = []
    for path in tree.with_suffix(".h", ".cc", under=CODE_FOLDERS):
        text = tree.text(path)
        for match in re.finditer(r"\[([a-z_]+(?:\.\d+)?)\]\s+in\s+(?://\s*)?docs/storage-format\.md", text):
            if match[1] not in known:
                findings.append(Finding(path, text.count("\n", 0, match.start()) + 1, f"{document} has no [{match[1]}]"))
    return findings


def keywords(tree):
    """Words that the grammar lets fall back to a name (%fallback) are those that the keyword table does not reserve."""
    table, grammar = "sql/parse/keywords.def", "sql/parse/mysql.y"
    if table not in tree.paths or grammar not in tree.paths:
        return []
    statuses = {}  # token: {status: line of the table}
    for number, line in tree.lines(table):
        match = re.match(r'AFTERIMAGE_KEYWORD\("[^"]+", (\w+), (\w+)\)', line)
        if match:
            statuses.setdefault(match[1], {})[match[2]] = number
    fallback = {}  # token: line of the grammar
    inside = False
    for number, line in tree.lines(grammar):
        words = line.split("//")[0]
        if "%fallback" in words:
            inside = True
            words = words.split("%fallback", 1)[1].replace(" ID", " ", 1)
        if inside:
            fallback.update({word: number for word in re.findall(r"\b[A-Z][A-Z0-9_]*\b", words)})
            inside = "." not in words
    findings = []
    for token, number in fallback.items():
        if set(statuses.get(token, ())) == {"kReserved"}:
            findings.append(Finding(grammar, number, f"{token} falls back to a name, but "
                                    f"{table}:{statuses[token]['kReserved']} reserves it"))
    for token, rows in statuses.items():
        if "kReserved" not in rows and token != "ID" and token not in fallback:
            findings.append(Finding(table, min(rows.values()), f"{token} is not reserved, but not in {grammar}'s %fallback"))
    return findings


def fuzz_targets(tree):
    """Every fuzz target is built and has seeds."""
    lists = "tests/fuzz/CMakeLists.txt"
    findings = []
    for path in tree.with_suffix("_fuzz.cc", under=("tests",)):
        name = os.path.basename(path).removesuffix("_fuzz.cc")
        if lists not in tree.listed_in.get(path, ()):
            findings.append(Finding(path, 0, f"{lists} does not list it"))
        corpus = f"tests/fuzz/corpus/{name}/"
        if not any(other.startswith(corpus) for other in tree.paths):
            findings.append(Finding(path, 0, f"no seeds in {corpus}"))
    return findings


def required_files(tree):
    """What a user and CI start from."""
    names = ["README.md", "LICENSE", ".ci/run", "scripts/up", "scripts/down", "scripts/test", "scripts/demo",
             "docs/architecture.md", "docs/storage-format.md", "docs/glossary.md", "docs/compatibility.md",
             "docs/benchmarks.md"]
    findings = [Finding(name, 0, "is missing") for name in names if name not in tree.paths]
    for name in names:
        if name.startswith(("scripts/", ".ci/")) and name in tree.paths and \
                not os.access(os.path.join(tree.root, name), os.X_OK):
            findings.append(Finding(name, 0, "is not executable"))
    return findings


RULES = [document_paths, walk_paths, format_anchors, keywords, fuzz_targets, required_files]

# SPDX-License-Identifier: Apache-2.0
"""Who may include whom, and how an include is spelled."""

import os
import re

from source_tree import CODE_FOLDERS, LAYERS, Finding

# Takes seconds to compile each time; storage/ and sql/ keep them out of their headers.
HEAVY = ("boost/asio", "boost/beast", "boost/geometry", "boost/multiprecision", "boost/json", "unicode/", "spdlog/",
         "date/")


def _subfolder(tree, parts):
    """The deepest folder above a file that its top folder's CMakeLists.txt adds, without the top: catalog/system_tables."""
    order = tree.subfolder_order.get(parts[0], [])
    for length in range(len(parts) - 1, 1, -1):
        subfolder = "/".join(parts[1:length])
        if subfolder in order:
            return subfolder
    return parts[1] if len(parts) > 2 else None


def _home(tree, path):
    """(top folder, subfolder or None) where a file is built: sql/sql_error.h is built in sql/parse, at the bottom."""
    parts = path.split("/")
    if parts[0] not in LAYERS:
        return parts[0], None
    own = _subfolder(tree, parts)
    owners = {_subfolder(tree, lists.split("/"))
              for lists in tree.listed_in.get(path, ()) if lists.startswith(parts[0] + "/")}
    if owners and own not in owners:
        return parts[0], sorted(owners, key=str)[0]
    if not owners and own is None and path.endswith(".h"):
        # An interface that nobody lists stands with the source of the same name.
        twin = os.path.splitext(path)[0] + ".cc"
        if tree.listed_in.get(twin):
            return _home(tree, twin)
    return parts[0], own


def _rank(tree, folder, subfolder):
    order = tree.subfolder_order.get(folder, [])
    if subfolder is None or subfolder not in order:
        return len(order)
    return order.index(subfolder)


def layers(tree):
    """storage <- sql <- {procedures, replication} <- server; inside a folder, the order of its CMakeLists.txt."""
    findings = []
    for path, includes in tree.includes.items():
        folder, subfolder = _home(tree, path)
        is_test = path.endswith("_test.cc") or "_test_" in os.path.basename(path)
        for line, target, quoted in includes:
            # Tables (.def, .inc) hold no code and belong to whoever includes them.
            if not quoted or "/" not in target or target.endswith((".def", ".inc")):
                continue
            target_folder, target_subfolder = _home(tree, target)
            if folder in LAYERS and target_folder in ("tests", "bench"):
                if not is_test:
                    findings.append(Finding(path, line, f"{target}: only tests may include what stands in tests/"))
            elif folder in LAYERS and target_folder in LAYERS and folder != target_folder:
                if LAYERS[target_folder] >= LAYERS[folder]:
                    findings.append(Finding(path, line, f"{target}: {folder}/ stands below {target_folder}/ or beside it"))
            elif folder in LAYERS and folder == target_folder:
                if _rank(tree, folder, target_subfolder) > _rank(tree, folder, subfolder):
                    findings.append(Finding(path, line, f"{target}: {folder}/{subfolder} is built before it, "
                                            f"see {folder}/CMakeLists.txt"))
    return findings


def include_paths(tree):
    """Quoted includes name a file from the root; the own header comes first; headers say #pragma once."""
    findings = []
    # What a CMakeLists.txt names and the tree does not have is made by the build.
    generated = {os.path.basename(name) for lists in tree.cmake_lists
                 for name in re.findall(r"[\w./${}-]+\.h\b", tree.text(lists))
                 if not tree.exists(os.path.join(os.path.dirname(lists), name))}
    for path, includes in tree.includes.items():
        if path.split("/")[0] not in CODE_FOLDERS:
            continue
        for line, target, quoted in includes:
            if quoted and not (tree.exists(target) and "/" in target) and os.path.basename(target) not in generated:
                findings.append(Finding(path, line, f'"{target}" is not a path from the root'))
            if not quoted and target.split("/")[0] in LAYERS and tree.exists(target):
                findings.append(Finding(path, line, f"<{target}>: our own headers are included in quotes"))
        own = path[:-3] + ".h"
        if path.endswith(".cc") and tree.exists(own) and includes and includes[0][1] != own:
            findings.append(Finding(path, includes[0][0], f'the first include is not the own header "{own}"'))
        if path.endswith(".h") and not re.search(r"^#pragma once$", tree.text(path), re.MULTILINE):
            findings.append(Finding(path, 1, "no #pragma once"))
    return findings


def private_headers(tree):
    """A header that its CMakeLists.txt does not list is private: only its own folder, and tests, include it."""
    findings = []
    for path, includes in tree.includes.items():
        if path.endswith("_test.cc") or path.startswith("tests/"):
            continue
        for line, target, quoted in includes:
            if not quoted or target.split("/")[0] not in LAYERS or not target.endswith(".h") or target in tree.listed_in:
                continue
            folder = "/".join(target.split("/")[:2]) if target.count("/") > 1 else os.path.dirname(target)
            if tree.exists(target) and not path.startswith(folder + "/"):
                findings.append(Finding(path, line, f"{target} is private to {folder}/: its CMakeLists.txt does not list it"))
    return findings


def heavy_headers(tree):
    """Headers of storage/ and sql/ do not drag in what takes seconds to compile."""
    return [Finding(path, line, f"<{target}> belongs into .cc files")
            for path, includes in tree.includes.items() if path.endswith(".h") and path.split("/")[0] in ("storage", "sql")
            for line, target, _ in includes if target.startswith(HEAVY)]


def foreign_prototypes(tree):
    """No function of another folder is declared by hand: that is an include in disguise."""
    pattern = re.compile(r'^\s*extern\s+(?!"C")(?!template\b)[^;=]*\([^;]*;')
    return [Finding(path, number, "declare it in a header and include that")
            for path in tree.with_suffix(".cc", ".h", under=CODE_FOLDERS)
            for number, line in tree.lines(path) if pattern.match(line)]


RULES = [layers, include_paths, private_headers, heavy_headers, foreign_prototypes]

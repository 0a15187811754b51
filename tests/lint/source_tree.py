# SPDX-License-Identifier: Apache-2.0
"""The files that lint reads: what git tracks, as it stands in the work tree.

A rule is a function from a SourceTree to a list of Finding; it never writes. Paths are relative to the root, with '/'.
"""

import dataclasses
import functools
import os
import re
import subprocess

# Folders of the product, bottom first; a folder may include those before it, but for the pair that do not see each other.
LAYERS = {"storage": 0, "sql": 1, "procedures": 2, "replication": 2, "server": 3}
CODE_FOLDERS = tuple(LAYERS) + ("tests", "bench")


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int  # counted from 1; 0 for the file as a whole
    words: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.words}"


class SourceTree:
    def __init__(self, root):
        self.root = os.path.abspath(root)

    @functools.cached_property
    def paths(self):
        """Tracked files that exist, sorted; without git, all files outside build, run and hidden folders."""
        try:
            # The checkout may belong to another user than the one who runs this.
            command = ["git", "-c", "safe.directory=*", "-C", self.root, "ls-files", "-z"]
            listing = subprocess.run(command, check=True, capture_output=True).stdout
            names = [name.decode() for name in listing.split(b"\0") if name]
        except (OSError, subprocess.CalledProcessError):
            names = []
            for folder, subfolders, files in os.walk(self.root):
                subfolders[:] = [name for name in subfolders if name not in ("build", "run") and
                                 (not name.startswith(".") or name == ".ci")]
                names += [os.path.relpath(os.path.join(folder, name), self.root) for name in files]
        return sorted(name for name in names if os.path.isfile(os.path.join(self.root, name)))

    def with_suffix(self, *suffixes, under=None):
        return [path for path in self.paths
                if path.endswith(suffixes) and (under is None or path.split("/")[0] in under)]

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def lines(self, path):
        """(number, line) from 1."""
        return enumerate(self.text(path).split("\n"), 1)

    def exists(self, path):
        return os.path.exists(os.path.join(self.root, path))

    @functools.cached_property
    def includes(self):
        """{path: [(line, what is between the quotes or brackets, is quoted)]} of all C++ files."""
        pattern = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
        found = {}
        for path in self.with_suffix(".cc", ".h", ".inc", ".def", ".y"):
            found[path] = [(number, match[2], match[1] == '"') for number, line in self.lines(path)
                           if (match := pattern.match(line))]
        return found

    @functools.cached_property
    def cmake_lists(self):
        """{CMakeLists.txt or .cmake: [(line, path of a source file it names, from the root)]}."""
        found = {}
        for path in self.paths:
            if os.path.basename(path) != "CMakeLists.txt" and not path.endswith(".cmake"):
                continue
            folder = os.path.dirname(path)
            named = []
            for number, line in self.lines(path):
                for word in re.findall(r"[\w./${}-]+\.(?:cc|h|y|py)\b", line.split("#")[0]):
                    word = re.sub(r"^\$\{(CMAKE|PROJECT|afterimage)_SOURCE_DIR\}/", "/", word)
                    word = re.sub(r"^\$\{CMAKE_CURRENT_SOURCE_DIR\}/", "", word)
                    target = word[1:] if word.startswith("/") else os.path.normpath(os.path.join(folder, word))
                    named.append((number, target))
            found[path] = named
        return found

    @functools.cached_property
    def listed_in(self):
        """{source file: the CMakeLists.txt files that name it}."""
        found = {}
        for lists, named in self.cmake_lists.items():
            for _, target in named:
                found.setdefault(target, set()).add(lists)
        return found

    @functools.cached_property
    def subfolder_order(self):
        """{folder: its subfolders (catalog, catalog/system_tables) in the order in which its CMakeLists.txt adds them}."""
        found = {}
        for folder in LAYERS:
            lists = folder + "/CMakeLists.txt"
            if lists in self.paths:
                found[folder] = re.findall(r"^\s*add_subdirectory\(([\w/]+)\)", self.text(lists), re.MULTILINE)
        return found

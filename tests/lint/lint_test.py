# SPDX-License-Identifier: Apache-2.0
"""Each rule finds what it is there for, in a small tree made for it, and nothing in a clean one."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import file_rules
import layer_rules
import project_rules
from source_tree import SourceTree

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
STORAGE_LISTS = "# SPDX-License-Identifier: Apache-2.0\nadd_subdirectory(bytes)\nadd_subdirectory(tree)\n"
CLEAN = {
    "storage/CMakeLists.txt": STORAGE_LISTS,
    "storage/bytes/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\nafterimage_library(storage_bytes HEADERS a.h)\n",
    "storage/bytes/a.h": SPDX + "#pragma once\n",
    "storage/tree/CMakeLists.txt":
        "# SPDX-License-Identifier: Apache-2.0\nafterimage_library(storage_tree SOURCES b.cc HEADERS b.h)\n",
    "storage/tree/b.h": SPDX + "#pragma once\n\n#include \"storage/bytes/a.h\"\n",
    "storage/tree/b.cc": SPDX + "#include \"storage/tree/b.h\"\n",
}


class LintTest(unittest.TestCase):
    def findings_of_files(self, rule, files):
        """Findings of a rule in the clean tree with files added or replaced."""
        with tempfile.TemporaryDirectory(prefix="afterimage-lint-") as root:
            for name, text in {**CLEAN, **files}.items():
                path = os.path.join(root, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            return [str(finding) for finding in rule(SourceTree(root))]

    def expect_one(self, rule, where, files):
        found = self.findings_of_files(rule, files)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(where + ": "), found[0])

    def test_a_clean_tree_has_no_findings(self):
        for rule in layer_rules.RULES + file_rules.RULES:
            with self.subTest(rule.__name__):
                self.assertEqual(self.findings_of_files(rule, {}), [])

    def test_storage_may_not_include_sql(self):
        self.expect_one(layer_rules.layers, "storage/tree/b.cc:3",
                        {"storage/tree/b.cc": SPDX + "#include \"storage/tree/b.h\"\n#include \"sql/engine.h\"\n"})

    def test_procedures_and_replication_do_not_see_each_other(self):
        self.expect_one(layer_rules.layers, "replication/r.h:2",
                        {"replication/r.h": SPDX + "#include \"procedures/registry.h\"\n"})

    def test_inside_storage_the_order_of_its_lists_holds(self):
        self.expect_one(layer_rules.layers, "storage/bytes/a.h:2",
                        {"storage/bytes/a.h": SPDX + "#include \"storage/tree/b.h\"\n"})

    def test_a_file_beside_the_folders_stands_where_it_is_built(self):
        self.assertEqual(self.findings_of_files(layer_rules.layers, {
            "storage/bytes/CMakeLists.txt": "afterimage_library(storage_bytes HEADERS a.h ../error.h)\n",
            "storage/error.h": SPDX,
            "storage/bytes/a.h": SPDX + "#include \"storage/error.h\"\n"}), [])
        self.expect_one(layer_rules.layers, "storage/bytes/a.h:2", {
            "storage/CMakeLists.txt": STORAGE_LISTS + "afterimage_library(storage HEADERS store.h)\n",
            "storage/store.h": SPDX,
            "storage/bytes/a.h": SPDX + "#include \"storage/store.h\"\n"})

    def test_a_folder_inside_another_has_a_place_of_its_own(self):
        files = {"storage/CMakeLists.txt": "add_subdirectory(bytes)\nadd_subdirectory(tree)\nadd_subdirectory(bytes/late)\n",
                 "storage/bytes/late/CMakeLists.txt": "afterimage_library(storage_late HEADERS l.h)\n",
                 "storage/bytes/late/l.h": SPDX + "#include \"storage/tree/b.h\"\n"}
        self.assertEqual(self.findings_of_files(layer_rules.layers, files), [])
        self.expect_one(layer_rules.layers, "storage/bytes/a.h:2", {
            **files, "storage/bytes/a.h": SPDX + "#include \"storage/bytes/late/l.h\"\n"})

    def test_only_tests_include_tests(self):
        include = SPDX + "#include \"tests/support/faulty_file.h\"\n"
        self.expect_one(layer_rules.layers, "storage/tree/c.cc:2", {"storage/tree/c.cc": include})
        self.assertEqual(self.findings_of_files(layer_rules.layers, {"storage/tree/c_test.cc": include}), [])

    def test_includes_are_paths_from_the_root(self):
        self.expect_one(layer_rules.include_paths, "storage/tree/b.h:3",
                        {"storage/tree/b.h": SPDX + "#pragma once\n#include \"a.h\"\n"})
        self.expect_one(layer_rules.include_paths, "storage/tree/b.h:3",
                        {"storage/tree/b.h": SPDX + "#pragma once\n#include \"../bytes/a.h\"\n"})

    def test_the_own_header_comes_first(self):
        self.expect_one(layer_rules.include_paths, "storage/tree/b.cc:2",
                        {"storage/tree/b.cc": SPDX + "#include <map>\n#include \"storage/tree/b.h\"\n"})

    def test_a_header_that_is_not_listed_is_private(self):
        files = {"storage/bytes/p.h": SPDX + "#pragma once\n"}
        self.expect_one(layer_rules.private_headers, "storage/tree/b.cc:2",
                        {**files, "storage/tree/b.cc": SPDX + "#include \"storage/bytes/p.h\"\n"})
        self.assertEqual(self.findings_of_files(layer_rules.private_headers, {
            **files, "storage/bytes/p.cc": SPDX + "#include \"storage/bytes/p.h\"\n"}), [])

    def test_heavy_headers_stay_out_of_headers(self):
        self.expect_one(layer_rules.heavy_headers, "storage/tree/b.h:2",
                        {"storage/tree/b.h": SPDX + "#include <boost/json.hpp>\n"})

    def test_functions_are_not_declared_by_hand(self):
        self.expect_one(layer_rules.foreign_prototypes, "storage/tree/b.cc:2",
                        {"storage/tree/b.cc": SPDX + "extern int parse(const char* text);\n"})

    def test_files_past_600_lines_are_found_tables_are_not(self):
        self.expect_one(file_rules.sizes, "storage/tree/b.cc:601", {"storage/tree/b.cc": SPDX + "\n" * 600})
        self.assertEqual(self.findings_of_files(file_rules.sizes, {"storage/tree/t.inc": "\n" * 9000}), [])

    def test_a_test_out_of_the_build_is_found(self):
        self.expect_one(file_rules.listed, "storage/tree/b_test.cc:0", {"storage/tree/b_test.cc": SPDX})
        self.expect_one(file_rules.listed, "storage/tree/lonely.h:0", {"storage/tree/lonely.h": SPDX})

    def test_globbing_is_found(self):
        self.expect_one(file_rules.listed, "storage/bytes/CMakeLists.txt:2",
                        {"storage/bytes/CMakeLists.txt": "afterimage_library(x HEADERS a.h)\nfile(GLOB all *.cc)\n"})

    def test_a_missing_licence_line_is_found(self):
        self.expect_one(file_rules.licence_lines, "storage/tree/b.cc:1", {"storage/tree/b.cc": "// nothing\n"})
        self.expect_one(file_rules.licence_lines, "scripts/x:1", {"scripts/x": "#!/bin/sh\ntrue\n"})

    def test_unfinished_words_are_found(self):
        self.expect_one(file_rules.unfinished_words, "storage/tree/b.cc:2",
                        {"storage/tree/b.cc": SPDX + "// TO" + "DO: more\n"})

    def test_paths_of_one_machine_are_found(self):
        self.expect_one(file_rules.machine_paths, "storage/tree/b.cc:2",
                        {"storage/tree/b.cc": SPDX + "const char* f = \"/ho" + "me/me/x\";\n"})

    def test_empty_names_are_found(self):
        self.expect_one(file_rules.file_names, "storage/tree/tree_utils.cc:0", {"storage/tree/tree_utils.cc": SPDX})

    def test_unsafe_coroutines_are_found(self):
        self.expect_one(file_rules.coroutines, "server/c.cc:2",
                        {"server/c.cc": SPDX + "auto f = [this](int x) -> asio::awaitable<void> { co_return; };\n"})
        self.expect_one(file_rules.coroutines, "server/c.cc:4",
                        {"server/c.cc": SPDX + "try {\n} catch (const E& e) {\n    co_await close();\n}\n"})
        self.assertEqual(self.findings_of_files(
            file_rules.coroutines, {"server/c.cc": SPDX + "try {\n} catch (...) {\n}\nco_await close();\n"}), [])

    def test_formatting_is_found(self):
        found = self.findings_of_files(file_rules.formatting, {
            ".clang-format": "BasedOnStyle: Google\n", "storage/tree/b.cc": SPDX + "int   f( ){return 1 ;}\n"})
        self.assertTrue(found and found[0].startswith("storage/tree/b.cc:2: "), found)

    def test_a_wrong_path_in_a_document_is_found(self):
        self.expect_one(project_rules.document_paths, "docs/a.md:2",
                        {"docs/a.md": "see `storage/tree/b.h`\nand `storage/tree/gone.h`\n"})
        self.expect_one(project_rules.document_paths, "docs/a.md:1", {"docs/a.md": "[x](gone.md) [y](https://a.b/c.md)\n"})

    def test_an_anchor_that_the_format_does_not_have_is_found(self):
        document = {"docs/storage-format.md": "# Format\n## Journal\n### [journal.2] Batch\n"}
        self.expect_one(project_rules.format_anchors, "storage/tree/b.cc:2", {
            **document, "storage/tree/b.cc": SPDX + "// [journal.3] in docs/storage-format.md\n"})
        self.assertEqual(self.findings_of_files(project_rules.format_anchors, {
            **document, "storage/tree/b.cc": SPDX + "// [journal.2] in\n// docs/storage-format.md; [journal] in docs/storage-format.md\n"}), [])

    def test_keyword_table_and_fallback_agree(self):
        table = 'AFTERIMAGE_KEYWORD("SELECT", SELECT, kReserved)\nAFTERIMAGE_KEYWORD("AFTER", AFTER, kFree)\n'
        self.assertEqual(self.findings_of_files(project_rules.keywords, {
            "sql/parse/keywords.def": table, "sql/parse/mysql.y": "%fallback ID\n  AFTER.\n"}), [])
        self.expect_one(project_rules.keywords, "sql/parse/mysql.y:2", {
            "sql/parse/keywords.def": table, "sql/parse/mysql.y": "%fallback ID\n  AFTER SELECT.\n"})
        self.expect_one(project_rules.keywords, "sql/parse/keywords.def:2", {
            "sql/parse/keywords.def": table, "sql/parse/mysql.y": "%fallback ID\n  OTHER.\n"})

    def test_a_fuzz_target_without_seeds_is_found(self):
        files = {"tests/fuzz/CMakeLists.txt": "afterimage_fuzz_target(lexer SOURCES lexer_fuzz.cc)\n",
                 "tests/fuzz/lexer_fuzz.cc": SPDX}
        self.expect_one(project_rules.fuzz_targets, "tests/fuzz/lexer_fuzz.cc:0", files)
        self.assertEqual(self.findings_of_files(
            project_rules.fuzz_targets, {**files, "tests/fuzz/corpus/lexer/1": "x"}), [])


if __name__ == "__main__":
    unittest.main()

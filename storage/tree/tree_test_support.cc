// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/tree_test_support.h"

#include "storage/tree/cursor.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

Bytes RandomRows::bytes(std::size_t size_bytes) {
    Bytes result(size_bytes, '\0');
    for (char& byte : result) {
        byte = static_cast<char>(engine_() & 0xffU);
    }
    return result;
}

Bytes RandomRows::key(std::uint64_t space) {
    const std::uint64_t number = below(space);
    Bytes result;
    switch (number % 4) {
        case 0:
            append_be(result, number, 4);
            break;
        case 1:
            append_be(result, number, 8);
            break;
        case 2:
            result = "customer-" + std::to_string(number);
            break;
        default:
            // Long common prefixes, and keys that are prefixes of others.
            result.assign(number % 23, 'x');
            append_be(result, number / 23, 2);
            break;
    }
    return result;
}

Bytes RandomRows::row() {
    const std::size_t size_bytes = below(64) == 0 ? below(6000) : below(120);
    return bytes(size_bytes);
}

Rows RandomRows::rows(std::size_t count, std::uint64_t space) {
    Rows result;
    for (std::size_t i = 0; i < count; ++i) {
        result[key(space)] = row();
    }
    return result;
}

Edits RandomRows::edits(std::size_t count, std::uint64_t space) {
    Edits result;
    for (std::size_t i = 0; i < count; ++i) {
        Bytes changed = key(space);
        result[changed] = below(3) == 0 ? std::nullopt : std::optional<Bytes>(row());
    }
    return result;
}

void apply_edits(Rows& rows, const Edits& edits) {
    for (const auto& [key, row] : edits) {
        if (row) {
            rows[key] = *row;
        } else {
            rows.erase(key);
        }
    }
}

MergedTree edited(NodeSource& source, const MergedTree& tree, const Edits& edits,
                  std::uint64_t sequence) {
    MergedTreeEditor editor(source, tree);
    for (const auto& [key, row] : edits) {
        if (row) {
            editor.set_row(key, *row, sequence);
        } else {
            editor.delete_row(key, sequence);
        }
    }
    return editor.tree();
}

TreeRoot build(NodeSink& sink, const Rows& rows, BoundarySeed seed) {
    TreeBuilder builder(sink, seed);
    for (const auto& [key, row] : rows) {
        builder.append_row(key, row);
    }
    return builder.finish();
}

TreeRoot edit(MemoryNodeStore& store, const TreeRoot& base, const Edits& edits) {
    TreeEditor editor(store, store, kTestSeed, base);
    for (const auto& [key, row] : edits) {
        editor.apply(key, row);
    }
    return editor.finish();
}

Rows read(NodeSource& source, const TreeRoot& root) {
    Rows result;
    TreeCursor cursor(source, root);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        result.emplace_hint(result.end(), cursor.key(), cursor.value());
    }
    return result;
}

Rows read(NodeSource& source, const MergedTree& tree) {
    Rows result;
    MergingCursor cursor(source, tree);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        result.emplace_hint(result.end(), cursor.key(), cursor.value());
    }
    return result;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_checks.h"

#include <set>
#include <stdexcept>

#include "storage/history/history_index.h"
#include "storage/table/table_reader.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void fail(const Table& table, const std::string& what) {
    throw std::logic_error("table " + table.schema().name + ": " + what);
}

void check_index(Store& store, const Table& table, std::size_t index,
                 const std::set<Bytes>& wanted) {
    const MergedTree tree = table.index_tree(index);
    if (tree.row_count() != wanted.size()) {
        fail(table, "index " + std::to_string(index) + " counts " +
                        std::to_string(tree.row_count()) + " entries of " +
                        std::to_string(wanted.size()));
    }
    MergingCursor cursor(store.nodes(), tree);
    std::size_t count = 0;
    for (cursor.seek_to_first(); cursor.valid(); cursor.next(), ++count) {
        if (!wanted.contains(Bytes(cursor.key()))) {
            fail(table, "index " + std::to_string(index) + " has an entry without a row");
        }
    }
    if (count != wanted.size()) {
        fail(table, "index " + std::to_string(index) + " lacks entries");
    }
}

void check_table(Store& store, const Table& table) {
    const TableLayout& layout = *table.layout;
    const MergedTree rows = table.row_tree();
    ContentSum sum;
    std::uint64_t count = 0;
    std::vector<std::set<Bytes>> entries(layout.indexes.size());
    MergingCursor cursor(store.nodes(), rows);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next(), ++count) {
        std::uint64_t times = 1;
        ByteView bytes = cursor.value();
        if (!layout.primary) {
            const KeylessEntry entry = KeylessEntry::decode(bytes);
            times = entry.count;
            bytes = entry.row;
        }
        const Row row = layout.rows.decode(bytes, &store.blocks());
        if (layout.primary_key(row, bytes) != cursor.key()) {
            fail(table, "a row stands under another key than its own");
        }
        sum.add_times(layout.rows.canonical(bytes, &store.blocks()), times);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            entries[i].insert(layout.index_entry(i, row, cursor.key()).key);
        }
    }
    if (count != rows.row_count()) {
        fail(table,
             "counts " + std::to_string(rows.row_count()) + " rows of " + std::to_string(count));
    }
    if (!(sum == table.sum())) {
        fail(table, "its content sum is not that of its rows");
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        check_index(store, table, i, entries[i]);
    }
}

std::string text_of(const Root& root) { return root.content_hash().text(); }

}  // namespace

void check_root(Store& store, const Root& root) {
    for (const auto& [name, table] : root.tables) {
        if (table->schema().name != name) {
            fail(*table, "stands under the name " + name);
        }
        check_table(store, *table);
    }
}

void check_heads(Store& store) {
    std::set<const Root*> seen;
    const std::shared_ptr<const Heads> heads = store.heads();
    for (const auto& [name, database] : heads->databases) {
        for (const auto& [branch_name, branch] : database->branches) {
            for (const auto& root : {branch->head_root, branch->staged, branch->working}) {
                if (seen.insert(root.get()).second) {
                    check_root(store, *root);
                }
            }
        }
    }
}

bool equal_content(const Root& a, const Root& b) {
    return a.absent == b.absent && a.content_hash() == b.content_hash();
}

std::string fingerprint(Store& store) {
    std::string text;
    const std::shared_ptr<const Heads> heads = store.heads();
    for (const auto& [name, database] : heads->databases) {
        text += "database " + name + (database->replicated ? " replicated" : "") + "\n";
        for (const auto& [branch, state] : database->branches) {
            text += "  " + branch + " " + state->head.text() + " " + text_of(*state->head_root) +
                    " " + text_of(*state->staged) + " " + text_of(*state->working) + "\n";
        }
        for (const auto& [tag, target] : database->tags) {
            text += "  tag " + tag + " " + target.commit.text() + "\n";
        }
    }
    for (const std::string& name : store.setting_names("")) {
        text += "setting " + name + "=" + store.setting(name).value_or("") + "\n";
    }
    for (const auto& [channel, position] : heads->positions) {
        text += "position " + channel + " " + position.gtid + " " + position.file + ":" +
                std::to_string(position.position) + "\n";
    }
    text += "transactions " + std::to_string(store.history().transaction_count()) + "\n";
    return text;
}

}  // namespace afterimage::storage

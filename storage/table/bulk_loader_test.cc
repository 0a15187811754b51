// SPDX-License-Identifier: Apache-2.0
// A loaded table is, tree for tree, the one that the row writer makes of the same rows.
#include "storage/table/bulk_loader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "storage/bytes/storage_error.h"
#include "storage/os/posix_file.h"
#include "storage/table/row_writer.h"
#include "storage/tree/memory_node_store.h"

namespace afterimage::storage {
namespace {

class NoBlocks final : public ValueBlocks {
  public:
    Hash put_value(ByteView /*bytes*/) override {
        throw StorageError(StorageErrorKind::kIo, "no large value here");
    }
    [[nodiscard]] Bytes get_value(const Hash& /*address*/) const override {
        throw StorageError(StorageErrorKind::kCorruption, "no large value here");
    }
};

/// What a loader needs, in a folder of its own that goes with it.
struct Place {
    std::string path;
    std::unique_ptr<Directory> scratch;
    MemoryNodeStore nodes;
    NoBlocks blocks;
    RootServices services{nodes, nodes, blocks, BoundarySeed{42}};
    Place() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "afterimage-load-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
        scratch = open_posix_directory(path);
    }
    ~Place() { std::filesystem::remove_all(path); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
};

std::shared_ptr<const TableLayout> layout_of(bool keyless, bool unique) {
    TableSchema schema;
    schema.name = "t";
    for (ColumnId id = 1; id <= 3; ++id) {
        Column column;
        column.id = id;
        column.name = "c" + std::to_string(id);
        column.type.id = id == 2 ? TypeId::kVarchar : TypeId::kInt;
        column.type.length = 30;
        column.type.collation = id == 2 ? 45 : 0;
        column.nullable = id != 1;
        schema.columns.push_back(std::move(column));
    }
    schema.next_column_id = 4;
    if (!keyless) {
        schema.primary_key = Index{
            "PRIMARY", true, IndexKind::kBTree, {IndexPart{1, 0, false, {}}}, {}, {}, false, 1};
    }
    schema.indexes.push_back(
        Index{"by_2", false, IndexKind::kBTree, {IndexPart{2, 0, false, {}}}, {}, {}, false, 1});
    schema.indexes.push_back(
        Index{"by_3", unique, IndexKind::kBTree, {IndexPart{3, 0, true, {}}}, {}, {}, false, 1});
    schema.collation = 45;
    return TableLayout::make(std::make_shared<const TableSchema>(std::move(schema)));
}

std::vector<Row> rows_in_order(std::int64_t count) {
    std::vector<Row> rows;
    for (std::int64_t i = 0; i < count; ++i) {
        rows.push_back({Value::of_int(i), Value::of_bytes("text " + std::to_string(i * 37 % 1009)),
                        i % 5 == 0 ? Value() : Value::of_int(i)});
    }
    return rows;
}

std::shared_ptr<const Table> loaded(Place& place, const std::shared_ptr<const TableLayout>& layout,
                                    const std::vector<Row>& rows) {
    BulkLoader loader(place.services, *place.scratch, "a", layout, 3 * 4096);
    for (const Row& row : rows) {
        loader.add(row);
    }
    CHECK(loader.row_count() == rows.size());
    return loader.finish();
}

std::shared_ptr<const Table> written(Place& place, const std::shared_ptr<const TableLayout>& layout,
                                     const std::vector<Row>& rows) {
    OpenRoot root("d", std::make_shared<const Root>(), place.services, 1);
    OpenTable& table = root.create_table(*layout->schema);
    RowWriter writer(root, nullptr, {WriteMode::kReplicatedRow});
    for (const Row& row : rows) {
        REQUIRE(writer.insert(table, row).ok());
    }
    table.store_trees();
    return table.view();
}

void check_same(const Table& a, const Table& b) {
    CHECK(a.rows.base == b.rows.base);
    CHECK(a.rows.overlay.empty());
    REQUIRE(a.indexes.size() == b.indexes.size());
    for (std::size_t i = 0; i < a.indexes.size(); ++i) {
        CHECK(a.indexes[i].base == b.indexes[i].base);
    }
    CHECK(a.content_sum == b.content_sum);
}

}  // namespace

TEST_CASE("bulk loader: rows in order, mixed up, with and without a key") {
    for (const bool keyless : {false, true}) {
        const auto layout = layout_of(keyless, false);
        std::vector<Row> rows = rows_in_order(4000);
        if (keyless) {
            for (std::size_t i = 0; i < 4000; i += 3) {
                rows.push_back(rows[i]);  // equal rows stand in the tree once
                rows.push_back(rows[i]);
            }
        }
        std::mt19937 random(5);
        for (int order = 0; order < 3; ++order) {
            Place place;
            if (order == 1) {  // a stretch in the middle
                std::shuffle(rows.begin() + 1000, rows.begin() + 3000, random);
            } else if (order == 2) {
                std::shuffle(rows.begin(), rows.end(), random);
            }
            check_same(*loaded(place, layout, rows), *written(place, layout, rows));
            CHECK(place.scratch->list().empty());
        }
    }
}

TEST_CASE("bulk loader: an empty table") {
    Place place;
    const auto layout = layout_of(false, true);
    check_same(*loaded(place, layout, {}), *written(place, layout, {}));
}

TEST_CASE("bulk loader: a key that stands twice is refused by the name of its index") {
    Place place;
    const auto layout = layout_of(false, true);
    std::vector<Row> rows = rows_in_order(2000);
    check_same(*loaded(place, layout, rows), *written(place, layout, rows));  // NULL is no key
    const auto refused = [&](const Row& row, std::size_t at) {
        std::vector<Row> more = rows;
        more.insert(more.begin() + static_cast<std::ptrdiff_t>(at), row);
        try {
            static_cast<void>(loaded(place, layout, more));
        } catch (const DuplicateKey& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const Row same_key{Value::of_int(7), Value::of_bytes("x"), Value()};
    CHECK(refused(same_key, 8) == "two rows have one key of index PRIMARY");
    CHECK(refused(same_key, 0) == "two rows have one key of index PRIMARY");
    CHECK(refused(same_key, 2000) == "two rows have one key of index PRIMARY");
    const Row same_value{Value::of_int(9999), Value::of_bytes("x"), Value::of_int(1234)};
    CHECK(refused(same_value, 2000) == "two rows have one key of index by_3");
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// A root being edited by one open transaction: copy-on-write tables, the net changes so far,
// savepoints.
//
// One thread. Reads through it see its own edits. Dropping it loses the edits; freeze() makes the
// new immutable root. Invariant: the recorded changes of a table are exactly the differences
// between base() and now, before values as in base().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/table/root.h"
#include "storage/table/table_reader.h"
#include "storage/tree/overlay.h"

namespace afterimage::storage {

/// One net row change. Values are stored values (keyless: count and row). Key changes are a delete
/// and an insert naming each other.
struct RowChange {
    Bytes key;
    std::optional<Bytes> before;
    std::optional<Bytes> after;
    Bytes linked_key;  ///< the other half of a key change, or empty
};

class OpenTable {
  public:
    [[nodiscard]] const TableSchema& schema() const noexcept { return *layout->schema; }
    [[nodiscard]] const std::string& name() const noexcept { return schema().name; }

    std::shared_ptr<const TableLayout> layout;
    std::shared_ptr<const Table>
        base;  ///< as the transaction found it; null for a table created in it
    OverlayEditor rows;
    TreeRoot rows_base;
    std::vector<OverlayEditor> indexes;
    std::vector<TreeRoot> index_bases;
    ContentSum content_sum;
    bool rebuilt = false;  ///< created, truncated or rebuilt: no row-by-row recording, a bulk
                           ///< section is written
    std::map<Bytes, RowChange, std::less<>> changes;

    /// The table as it is now, for reading.
    [[nodiscard]] std::shared_ptr<const Table> view();
};

class OpenRoot {
  public:
    OpenRoot(std::string database, std::shared_ptr<const Root> base, NodeSource& nodes,
             ValueBlocks& blocks, std::uint64_t sequence);
    ~OpenRoot();

    [[nodiscard]] const std::string& database() const noexcept { return database_; }
    [[nodiscard]] const std::shared_ptr<const Root>& base() const noexcept { return base_; }
    [[nodiscard]] NodeSource& nodes() noexcept { return nodes_; }
    [[nodiscard]] ValueBlocks& blocks() noexcept { return blocks_; }

    /// The table for writing; null when there is none of that name.
    [[nodiscard]] OpenTable* find_table(std::string_view name);
    /// The root as it is now, for reading; cheap when nothing changed since the last call.
    [[nodiscard]] std::shared_ptr<const Root> view();
    [[nodiscard]] TableReader reader(std::string_view table);

    // Schema changes. The caller has validated them; each is one recorded schema section.
    void create_database(CollationId collation);
    void drop_database();
    void set_collation(CollationId collation);
    OpenTable& create_table(TableSchema schema);  ///< assigns table_id and column ids that are 0
    void drop_table(std::string_view name);
    void truncate_table(std::string_view name);
    void rename_table(std::string_view from, std::string_view to);
    /// New schema, same row bytes (rename, comment, defaults, column added at the end with a
    /// constant).
    void replace_schema(std::string_view name, TableSchema schema);
    /// New schema and new rows: empties the table; rows are then inserted through `rebuild_insert`,
    /// and finish_rebuild() makes the trees.
    OpenTable& begin_rebuild(std::string_view name, TableSchema schema);
    /// Rebuild keeping the primary tree: adds, drops or remakes secondary indexes from the rows.
    void rebuild_indexes(std::string_view name, TableSchema schema);
    void put_object(SchemaObject object);
    void drop_object(SchemaObjectKind kind, std::string_view name);

    [[nodiscard]] bool changed() const noexcept;

    using Savepoint = std::size_t;
    [[nodiscard]] Savepoint savepoint();
    void rollback_to(Savepoint savepoint);

  private:
    struct State;
    std::string database_;
    std::shared_ptr<const Root> base_;
    NodeSource& nodes_;
    ValueBlocks& blocks_;
    std::unique_ptr<State> state_;
};

}  // namespace afterimage::storage

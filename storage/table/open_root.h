// SPDX-License-Identifier: Apache-2.0
// A root being edited by one open transaction: copy-on-write tables, savepoints, schema changes.
//
// One thread. Reads through it see its own edits. Dropping it loses the edits; view() is the
// immutable root as it stands. What changed is not recorded on the way: storage/history/root_diff.h
// reads it off base() and view(), which share what did not change.
//
// Invariant: view() is complete and consistent between any two calls, so that each can be a
// savepoint.
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

class NodeSink;

/// What editing a root needs from the store. The references outlive every OpenRoot.
struct RootServices {
    NodeSource& nodes;
    NodeSink& sink;
    ValueBlocks& blocks;
    BoundarySeed seed;
    /// Edits of one open transaction beyond this are merged into trees on the way.
    std::uint64_t spill_bytes = 64ULL << 20U;
    /// Row changes of one table beyond this go into a row section of the change set.
    std::uint64_t listed_bytes = 4ULL << 20U;
};

/// One table open for writing; belongs to its OpenRoot, which keeps the address stable until the
/// table is dropped or renamed.
class OpenTable {
  public:
    /// `settled_bytes` of the overlays are other transactions' edits, which keyframes see to: what
    /// comes on top of them spills.
    OpenTable(const RootServices& services, std::shared_ptr<const Table> table,
              std::uint64_t sequence, std::uint64_t settled_bytes = 0);

    [[nodiscard]] const TableSchema& schema() const noexcept { return *layout_->schema; }
    [[nodiscard]] const std::string& name() const noexcept { return schema().name; }
    [[nodiscard]] const TableLayout& layout() const noexcept { return *layout_; }
    [[nodiscard]] std::uint64_t row_count() const noexcept;

    /// Stored value under a primary tree key (keyless: count and row).
    [[nodiscard]] std::optional<PinnedRow> find(ByteView key) const;
    [[nodiscard]] std::optional<PinnedRow> find_index(std::size_t index, ByteView key) const;
    /// Primary key of the first entry of `index` that begins with `prefix`, passing over entries of
    /// `except_key`.
    [[nodiscard]] std::optional<Bytes> first_in_index(std::size_t index, ByteView prefix,
                                                      ByteView except_key) const;

    /// The one primitive that changes rows: the stored value under `key` goes from `before` to
    /// `after` (none = no row), indexes and content sum follow. `before` must be what is stored.
    void apply_row(ByteView key, std::optional<ByteView> before, std::optional<ByteView> after);
    /// The same with the rows at hand, which saves decoding them (not for keyless tables).
    void apply_decoded(ByteView key, std::optional<ByteView> before, const Row* before_row,
                       std::optional<ByteView> after, const Row* after_row);

    /// The table as it stands, for reading; the same pointer until the next change.
    [[nodiscard]] std::shared_ptr<const Table> view();

    void set_layout(std::shared_ptr<const TableLayout> layout);
    void clear_rows();
    void rebuild_indexes(std::shared_ptr<const TableLayout> layout);
    void restore(const std::shared_ptr<const Table>& table);
    /// Memory of the pending edits of rows and indexes that are not settled.
    [[nodiscard]] std::uint64_t unsettled_bytes() const noexcept;
    /// Merges the overlays into the trees, as a keyframe does.
    void store_trees();
    /// Off for computing past states, where nobody asks for the sum.
    void set_maintain_sum(bool maintain) noexcept { maintain_sum_ = maintain; }

  private:
    void recount_sum();
    void change_index(std::size_t index, ByteView key, const Row* before, const Row* after);

    RootServices services_;
    std::shared_ptr<const TableLayout> layout_;
    TreeRoot rows_base_;
    OverlayEditor rows_;
    std::vector<TreeRoot> index_bases_;
    std::vector<OverlayEditor> indexes_;
    ContentSum content_sum_;
    std::uint64_t rows_epoch_ = 0;
    std::uint64_t sequence_;
    std::uint64_t settled_bytes_;
    bool maintain_sum_ = true;
    std::shared_ptr<const Table> view_;  ///< null after a change
};

class OpenRoot {
  public:
    /// `settled`: the state whose overlays are kept within bounds by keyframes; none = `base`.
    OpenRoot(std::string database, std::shared_ptr<const Root> base, const RootServices& services,
             std::uint64_t sequence, std::shared_ptr<const Root> settled = nullptr);
    ~OpenRoot();

    [[nodiscard]] const std::string& database() const noexcept { return database_; }
    [[nodiscard]] const std::shared_ptr<const Root>& base() const noexcept { return base_; }
    [[nodiscard]] const RootServices& services() const noexcept { return services_; }
    [[nodiscard]] ValueBlocks& blocks() noexcept { return services_.blocks; }

    /// The table for writing; null when there is none of that name.
    [[nodiscard]] OpenTable* find_table(std::string_view name);
    /// The root as it is now, for reading; the same pointer when nothing changed since the last
    /// call.
    [[nodiscard]] std::shared_ptr<const Root> view();
    /// The table must exist.
    [[nodiscard]] TableReader reader(std::string_view table);
    [[nodiscard]] const Root& current();

    // Schema changes; the caller has validated them. Table ids and column ids that are 0 are
    // assigned.
    void create_database(CollationId collation);
    void drop_database();
    void set_collation(CollationId collation);
    OpenTable& create_table(TableSchema schema);
    /// Its triggers go with it.
    void drop_table(std::string_view name);
    /// The table alone.
    void remove_table(std::string_view name);
    void truncate_table(std::string_view name);
    /// Foreign keys of other tables that name it follow.
    void rename_table(std::string_view from, std::string_view to);
    /// New schema, same row bytes (rename of columns, comment, defaults, foreign keys, checks, a
    /// column added at the end whose missing_value is set). Indexes must be the same.
    void replace_schema(std::string_view name, TableSchema schema);
    /// New schema, same row bytes, other indexes: those that are new or changed are made from the
    /// rows.
    void rebuild_indexes(std::string_view name, TableSchema schema);
    /// New schema and new rows: returns the table empty; the caller reads the old rows from an
    /// earlier view() and inserts them.
    OpenTable& begin_rebuild(std::string_view name, TableSchema schema);
    void put_object(SchemaObject object);
    void drop_object(SchemaObjectKind kind, std::string_view name);
    /// Puts a finished table (from another root or freshly loaded trees) in place of what has its
    /// name.
    void put_table(std::shared_ptr<const Table> table);

    [[nodiscard]] bool changed();

    /// A savepoint is the root as it was.
    using Savepoint = std::shared_ptr<const Root>;
    [[nodiscard]] Savepoint savepoint() { return view(); }
    void rollback_to(const Savepoint& savepoint);

  private:
    /// Brings current_ up to date with open_.
    void collect_open_tables();
    void assign_ids(TableSchema& schema, const TableSchema* old) const;
    [[nodiscard]] std::uint64_t settled_bytes(const Table& table) const;
    /// Merges the largest overlays into their trees while all open tables together hold more than
    /// the services' spill_bytes.
    void spill_if_large();

    std::string database_;
    std::shared_ptr<const Root> base_;
    RootServices services_;
    std::uint64_t sequence_;
    std::shared_ptr<const Root> settled_;
    unsigned finds_since_look_ = 0;
    Root current_;  ///< tables that are open may be newer in open_
    std::map<std::string, std::unique_ptr<OpenTable>, NameLess> open_;
    std::shared_ptr<const Root> view_;  ///< the last view(); compared by table pointers
    bool dirty_ = false;                ///< current_ itself changed since view_
};

}  // namespace afterimage::storage

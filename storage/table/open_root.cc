// SPDX-License-Identifier: Apache-2.0
#include "storage/table/open_root.h"

#include <algorithm>

#include "storage/bytes/invariant.h"
#include "storage/os/random.h"

namespace afterimage::storage {

namespace {

std::shared_ptr<Table> empty_table(std::shared_ptr<const TableLayout> layout) {
    auto table = std::make_shared<Table>();
    table->indexes.resize(layout->indexes.size());
    table->layout = std::move(layout);
    return table;
}

/// How often the overlays of all open tables are summed up.
constexpr unsigned kFindsPerLook = 64;

/// Ids that no other table of the database ever had: drawn at random, since branches create tables
/// independently.
std::uint64_t draw_table_id() {
    SystemRandom random;
    return random.u64() >> 1U | 1U;
}

}  // namespace

OpenRoot::OpenRoot(std::string database, std::shared_ptr<const Root> base,
                   const RootServices& services, std::uint64_t sequence,
                   std::shared_ptr<const Root> settled)
    : database_(std::move(database)),
      base_(std::move(base)),
      services_(services),
      sequence_(sequence),
      settled_(settled ? std::move(settled) : base_),
      current_(*base_),
      view_(base_) {}

OpenRoot::~OpenRoot() = default;

std::uint64_t OpenRoot::settled_bytes(const Table& table) const {
    const std::shared_ptr<const Table> same = settled_->find_table(table.schema().name);
    return same && same->schema().table_id == table.schema().table_id ? same->overlay_bytes() : 0;
}

void OpenRoot::spill_if_large() {
    while (true) {
        std::uint64_t total = 0;
        std::uint64_t most = 0;
        OpenTable* largest = nullptr;
        for (const auto& [name, table] : open_) {
            const std::uint64_t bytes = table->unsettled_bytes();
            total += bytes;
            if (bytes > most) {
                most = bytes;
                largest = table.get();
            }
        }
        if (total <= services_.spill_bytes) {
            return;
        }
        largest->store_trees();
    }
}

OpenTable* OpenRoot::find_table(std::string_view name) {
    // Applying asks once an event, SQL once a statement: far less than a spill's worth of edits.
    if (++finds_since_look_ >= kFindsPerLook) {
        finds_since_look_ = 0;
        spill_if_large();
    }
    const auto open = open_.find(name);
    if (open != open_.end()) {
        return open->second.get();
    }
    const auto found = current_.tables.find(name);
    if (found == current_.tables.end()) {
        return nullptr;
    }
    auto table = std::make_unique<OpenTable>(services_, found->second, sequence_,
                                             settled_bytes(*found->second));
    return open_.emplace(std::string(name), std::move(table)).first->second.get();
}

void OpenRoot::collect_open_tables() {
    for (auto& [name, table] : open_) {
        const std::shared_ptr<const Table> view = table->view();
        if (current_.tables.at(name) != view) {
            // A table opened for writing and not changed has a view equal to its slot unless the
            // slot is a past state.
            current_.tables.insert_or_assign(name, view);
            dirty_ = true;
        }
    }
}

const Root& OpenRoot::current() {
    collect_open_tables();
    return current_;
}

std::shared_ptr<const Root> OpenRoot::view() {
    collect_open_tables();
    if (dirty_) {
        view_ = std::make_shared<const Root>(current_);
        dirty_ = false;
    }
    return view_;
}

TableReader OpenRoot::reader(std::string_view table) {
    std::shared_ptr<const Table> view;
    if (OpenTable* open = find_table(table)) {
        view = open->view();
    }
    INVARIANT(view != nullptr, "the caller has checked that the table exists");
    return TableReader(std::move(view), services_.nodes, services_.blocks);
}

bool OpenRoot::changed() { return view() != base_; }

void OpenRoot::rollback_to(const Savepoint& savepoint) {
    open_.clear();
    current_ = *savepoint;
    view_ = savepoint;
    dirty_ = false;
}

void OpenRoot::create_database(CollationId collation) {
    current_.absent = false;
    current_.collation = collation;
    dirty_ = true;
}

void OpenRoot::drop_database() {
    open_.clear();
    current_.tables.clear();
    current_.objects.clear();
    current_.absent = true;
    dirty_ = true;
}

void OpenRoot::set_collation(CollationId collation) {
    dirty_ = dirty_ || current_.collation != collation;
    current_.collation = collation;
}

void OpenRoot::assign_ids(TableSchema& schema, const TableSchema* old) const {
    if (schema.table_id == 0) {
        schema.table_id = old != nullptr ? old->table_id : draw_table_id();
    }
    if (old != nullptr) {
        schema.next_column_id = std::max(schema.next_column_id, old->next_column_id);
        schema.version = old->version + 1;
    }
    for (const Column& column : schema.columns) {
        schema.next_column_id = std::max(schema.next_column_id, column.id + 1);
    }
    for (Column& column : schema.columns) {
        if (column.id == 0) {
            column.id = schema.next_column_id++;
        }
    }
}

OpenTable& OpenRoot::create_table(TableSchema schema) {
    INVARIANT(current_.tables.find(schema.name) == current_.tables.end(),
              "the caller has checked that the name is free");
    assign_ids(schema, nullptr);
    const std::string name = schema.name;
    auto layout = TableLayout::make(std::make_shared<const TableSchema>(std::move(schema)));
    current_.tables[name] = empty_table(std::move(layout));
    dirty_ = true;
    OpenTable* table = find_table(name);
    return *table;
}

void OpenRoot::put_table(std::shared_ptr<const Table> table) {
    const std::string name = table->schema().name;
    open_.erase(name);
    current_.tables[name] = std::move(table);
    dirty_ = true;
}

void OpenRoot::remove_table(std::string_view name) {
    const auto open = open_.find(name);
    if (open != open_.end()) {
        open_.erase(open);
    }
    const auto found = current_.tables.find(name);
    INVARIANT(found != current_.tables.end(), "the caller has checked that the table exists");
    current_.tables.erase(found);
    dirty_ = true;
}

void OpenRoot::drop_table(std::string_view name) {
    remove_table(name);
    erase_if(current_.objects, [&](const auto& entry) {
        return entry.first.kind == SchemaObjectKind::kTrigger && entry.second.table == name;
    });
}

void OpenRoot::truncate_table(std::string_view name) {
    OpenTable* table = find_table(name);
    INVARIANT(table != nullptr, "the caller has checked that the table exists");
    table->clear_rows();
}

void OpenRoot::rename_table(std::string_view from, std::string_view to) {
    collect_open_tables();
    open_.clear();
    const auto found = current_.tables.find(from);
    INVARIANT(found != current_.tables.end(), "the caller has checked that the table exists");
    const std::string new_name(to);
    auto renamed = std::make_shared<Table>(*found->second);
    auto schema = std::make_shared<TableSchema>(renamed->schema());
    schema->name = new_name;
    ++schema->version;
    renamed->layout = TableLayout::make(std::move(schema));
    current_.tables.erase(found);
    current_.tables[new_name] = std::move(renamed);
    for (auto& [name, table] : current_.tables.mutable_entries()) {
        const auto names_it = [&](const ForeignKey& key) {
            return key.parent_table == from &&
                   (key.parent_database.empty() || key.parent_database == database_);
        };
        if (std::ranges::none_of(table->schema().foreign_keys, names_it)) {
            continue;
        }
        auto child_schema = std::make_shared<TableSchema>(table->schema());
        for (ForeignKey& key : child_schema->foreign_keys) {
            if (names_it(key)) {
                key.parent_table = new_name;
            }
        }
        ++child_schema->version;
        auto child = std::make_shared<Table>(*table);
        child->layout = TableLayout::make(std::move(child_schema));
        table = std::move(child);
    }
    for (auto& [key, object] : current_.objects.mutable_entries()) {
        if (key.kind == SchemaObjectKind::kTrigger && object.table == from) {
            object.table = new_name;
        }
    }
    dirty_ = true;
}

void OpenRoot::replace_schema(std::string_view name, TableSchema schema) {
    OpenTable* table = find_table(name);
    INVARIANT(table != nullptr && schema.name == name,
              "the caller has checked that the table exists");
    assign_ids(schema, &table->schema());
    table->set_layout(TableLayout::make(std::make_shared<const TableSchema>(std::move(schema))));
}

void OpenRoot::rebuild_indexes(std::string_view name, TableSchema schema) {
    OpenTable* table = find_table(name);
    INVARIANT(table != nullptr && schema.name == name,
              "the caller has checked that the table exists");
    assign_ids(schema, &table->schema());
    table->rebuild_indexes(
        TableLayout::make(std::make_shared<const TableSchema>(std::move(schema))));
}

OpenTable& OpenRoot::begin_rebuild(std::string_view name, TableSchema schema) {
    OpenTable* old = find_table(name);
    INVARIANT(old != nullptr && schema.name == name,
              "the caller has checked that the table exists");
    assign_ids(schema, &old->schema());
    put_table(
        empty_table(TableLayout::make(std::make_shared<const TableSchema>(std::move(schema)))));
    OpenTable* table = find_table(name);
    return *table;
}

void OpenRoot::put_object(SchemaObject object) {
    const ObjectKey key{object.kind, object.name};
    current_.objects[key] = std::move(object);
    dirty_ = true;
}

void OpenRoot::drop_object(SchemaObjectKind kind, std::string_view name) {
    dirty_ = current_.objects.erase(ObjectKey{kind, std::string(name)}) > 0 || dirty_;
}

}  // namespace afterimage::storage

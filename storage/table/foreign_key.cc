// SPDX-License-Identifier: Apache-2.0
// The foreign-key part of RowWriter: parents of a written row, and what happens to the children of
// a changed one. Cascades live here alone, for SQL and for replication: InnoDB does them behind the
// binlog's back.
#include <algorithm>
#include <utility>

#include "storage/table/row_writer.h"

namespace afterimage::storage {

namespace {

using Kind = WriteOutcome::Kind;

/// InnoDB gives up on deeper chains too (FK_MAX_CASCADE_DEL).
constexpr unsigned kMaxCascadeDepth = 15;

WriteOutcome foreign_key_outcome(Kind kind, const std::string& table,
                                 const std::string& constraint) {
    WriteOutcome result;
    result.kind = kind;
    result.table = table;
    result.constraint = constraint;
    return result;
}

bool in_this_database(const ForeignKey& foreign_key, const std::string& database) {
    return foreign_key.parent_database.empty() || foreign_key.parent_database == database;
}

/// Where the key values of a foreign key are found in an index: the index whose first parts are
/// `columns` in any order.
struct KeyPlace {
    bool primary = false;
    std::size_t index = 0;
    std::vector<std::size_t> order;  ///< for each index part, which of `columns` it is
};

bool matches(const std::vector<IndexPart>& parts, const std::vector<ColumnId>& columns,
             std::vector<std::size_t>& order) {
    if (parts.size() < columns.size()) {
        return false;
    }
    order.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto found = std::ranges::find(columns, parts[i].column);
        if (found == columns.end() || parts[i].prefix_length != 0) {
            return false;
        }
        order.push_back(static_cast<std::size_t>(found - columns.begin()));
    }
    return true;
}

std::optional<KeyPlace> find_key_place(const TableSchema& schema,
                                       const std::vector<ColumnId>& columns) {
    KeyPlace place;
    if (schema.primary_key && matches(schema.primary_key->parts, columns, place.order)) {
        place.primary = true;
        return place;
    }
    for (std::size_t i = 0; i < schema.indexes.size(); ++i) {
        if (schema.indexes[i].kind == IndexKind::kBTree &&
            matches(schema.indexes[i].parts, columns, place.order)) {
            place.index = i;
            return place;
        }
    }
    return std::nullopt;
}

/// Key prefix of `values` (in the order of the foreign key's columns) in the index at `place`.
Bytes key_prefix(const OpenTable& table, const KeyPlace& place, const std::vector<Value>& values) {
    std::vector<Value> ordered;
    ordered.reserve(values.size());
    for (const std::size_t from : place.order) {
        ordered.push_back(values[from]);
    }
    return place.primary ? table.layout().primary->encode_prefix(ordered)
                         : table.layout().indexes[place.index].encode_prefix(ordered);
}

std::vector<Value> values_of(const TableSchema& schema, const std::vector<ColumnId>& columns,
                             const Row& row) {
    std::vector<Value> values;
    values.reserve(columns.size());
    for (const ColumnId column : columns) {
        values.push_back(row[schema.ordinal_of(column)]);
    }
    return values;
}

bool same_values(const std::vector<Value>& a, const std::vector<Value>& b) {
    return std::ranges::equal(a, b, [](const Value& x, const Value& y) { return x.same_as(y); });
}

/// Columns of the parent that a foreign key names; empty when one of them is not there.
std::vector<ColumnId> parent_columns(const TableSchema& parent, const ForeignKey& foreign_key) {
    std::vector<ColumnId> columns;
    for (const std::string& name : foreign_key.parent_columns) {
        const Column* column = parent.find_column(name);
        if (column == nullptr) {
            return {};
        }
        columns.push_back(column->id);
    }
    return columns;
}

/// Primary keys of all rows of `table` whose `columns` have `values`; without an index every row is
/// looked at.
std::vector<Bytes> rows_with(OpenRoot& root, OpenTable& table, const std::vector<ColumnId>& columns,
                             const std::vector<Value>& values, bool first_only) {
    std::vector<Bytes> keys;
    const std::optional<KeyPlace> place = find_key_place(table.schema(), columns);
    const TableReader reader = root.reader(table.name());
    std::unique_ptr<RowCursor> cursor;
    if (place) {
        const Bytes prefix = key_prefix(table, *place, values);
        cursor = place->primary ? reader.scan(prefix_range(prefix))
                                : reader.scan_index(place->index, prefix_range(prefix));
    } else {
        cursor = reader.scan();
    }
    while (cursor->next()) {
        if (!place &&
            !same_values(values_of(table.schema(), columns,
                                   table.layout().rows.decode(cursor->row(), &root.blocks())),
                         values)) {
            continue;
        }
        keys.emplace_back(cursor->key());
        if (first_only) {
            break;
        }
    }
    return keys;
}

}  // namespace

bool RowWriter::parent_exists(const OpenTable& child, const ForeignKey& foreign_key, const Row& row,
                              bool* applicable) {
    const std::vector<Value> values = values_of(child.schema(), foreign_key.columns, row);
    *applicable =
        std::ranges::none_of(values, [](const Value& value) { return value.is_null(); }) &&
        in_this_database(foreign_key, root_.database());
    if (!*applicable) {
        return true;
    }
    OpenTable* parent = root_.find_table(foreign_key.parent_table);
    if (parent == nullptr) {
        return false;
    }
    const std::vector<ColumnId> columns = parent_columns(parent->schema(), foreign_key);
    const std::optional<KeyPlace> place =
        columns.empty() ? std::nullopt : find_key_place(parent->schema(), columns);
    if (!place) {
        return !columns.empty() && !rows_with(root_, *parent, columns, values, true).empty();
    }
    const Bytes prefix = key_prefix(*parent, *place, values);
    if (!place->primary) {
        return parent->first_in_index(place->index, prefix, {}).has_value();
    }
    if (parent->schema().primary_key->parts.size() == columns.size()) {
        return parent->find(prefix).has_value();
    }
    return !rows_with(root_, *parent, columns, values, true).empty();
}

WriteOutcome RowWriter::check_parents(OpenTable& table, const Row& row, const Row* before) {
    WriteOutcome written;
    if (!options_.foreign_key_checks || options_.mode == WriteMode::kReplicatedRow) {
        return written;
    }
    const TableSchema& schema = table.schema();
    for (const ForeignKey& foreign_key : schema.foreign_keys) {
        if (before != nullptr && same_values(values_of(schema, foreign_key.columns, *before),
                                             values_of(schema, foreign_key.columns, row))) {
            continue;
        }
        bool applicable = false;
        if (!parent_exists(table, foreign_key, row, &applicable)) {
            return foreign_key_outcome(Kind::kParentMissing, schema.name, foreign_key.name);
        }
    }
    return written;
}

void RowWriter::add_references(OpenRoot& root, const std::string& table,
                               std::vector<Reference>& references) const {
    const bool own = &root == &root_;
    for (const auto& [name, child] : root.current().tables) {
        const std::vector<ForeignKey>& keys = child->schema().foreign_keys;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const bool here = own ? in_this_database(keys[i], root_.database())
                                  : keys[i].parent_database == root_.database();
            if (here && keys[i].parent_table == table) {
                references.push_back({own ? std::string() : root.database(), name, i});
            }
        }
    }
}

const std::vector<RowWriter::Reference>& RowWriter::references_to(const std::string& table) {
    const auto found = references_.find(table);
    if (found != references_.end()) {
        return found->second;
    }
    std::vector<Reference> references;
    add_references(root_, table, references);
    if (options_.foreign_roots != nullptr) {
        for (const std::string& database : options_.foreign_roots->children_of(root_.database())) {
            if (OpenRoot* other = options_.foreign_roots->find_root(database)) {
                add_references(*other, table, references);
            }
        }
    }
    return references_.emplace(table, std::move(references)).first->second;
}

RowWriter& RowWriter::writer_of(const Reference& reference) {
    if (reference.database.empty()) {
        return *this;
    }
    std::unique_ptr<RowWriter>& writer = foreign_writers_[reference.database];
    if (!writer) {
        writer = std::make_unique<RowWriter>(*options_.foreign_roots->find_root(reference.database),
                                             rules_, options_);
    }
    return *writer;
}

/// Whether a foreign key points at values that this change takes away.
bool RowWriter::must_follow(const Change& change) {
    if (!options_.foreign_key_checks ||
        (options_.mode == WriteMode::kReplicatedRow && !options_.cascade)) {
        return false;
    }
    const TableSchema& schema = change.table.schema();
    for (const Reference& reference : references_to(schema.name)) {
        if (change.after == nullptr) {
            return true;
        }
        const OpenTable* child = writer_of(reference).root_.find_table(reference.child);
        const std::vector<ColumnId> columns =
            parent_columns(schema, child->schema().foreign_keys[reference.foreign_key]);
        if (!same_values(values_of(schema, columns, *change.before),
                         values_of(schema, columns, *change.after))) {
            return true;
        }
    }
    return false;
}

WriteOutcome RowWriter::follow_references(const Change& change) {
    const std::vector<Reference> references = references_to(change.table.schema().name);
    for (const Reference& reference : references) {
        WriteOutcome result = follow_reference(change, reference);
        if (!result.ok()) {
            return result;
        }
    }
    return {};
}

WriteOutcome RowWriter::follow_reference(const Change& change, const Reference& reference) {
    RowWriter& writer = writer_of(reference);
    OpenTable& child = *writer.root_.find_table(reference.child);
    const ForeignKey foreign_key = child.schema().foreign_keys[reference.foreign_key];
    const TableSchema& parent_schema = change.table.schema();
    const std::vector<ColumnId> columns = parent_columns(parent_schema, foreign_key);
    const std::vector<Value> old_values = values_of(parent_schema, columns, *change.before);
    if (columns.empty() ||
        std::ranges::any_of(old_values, [](const Value& value) { return value.is_null(); }) ||
        (change.after != nullptr &&
         same_values(old_values, values_of(parent_schema, columns, *change.after)))) {
        return {};
    }
    const ForeignKeyAction action =
        change.after == nullptr ? foreign_key.on_delete : foreign_key.on_update;
    const bool acts = action == ForeignKeyAction::kCascade || action == ForeignKeyAction::kSetNull;
    const bool may_act = acts && options_.mode != WriteMode::kVersionControl;
    if (!may_act && options_.mode == WriteMode::kReplicatedRow) {
        return {};  // the source has checked that there is no child
    }
    const std::vector<Bytes> children =
        rows_with(writer.root_, child, foreign_key.columns, old_values, !may_act);
    if (children.empty()) {
        return {};
    }
    if (!may_act || depth_ >= kMaxCascadeDepth) {
        // Another parent row with the same values (a non-unique parent key) still holds the
        // children.
        if (!rows_with(root_, change.table, columns, old_values, true).empty()) {
            return {};
        }
        return foreign_key_outcome(Kind::kChildExists, child.schema().name, foreign_key.name);
    }
    for (const Bytes& child_key : children) {
        const unsigned depth_before = std::exchange(writer.depth_, depth_);
        WriteOutcome result = writer.act_on_child(child, foreign_key, child_key, change);
        writer.depth_ = depth_before;
        if (!result.ok()) {
            return result;
        }
    }
    return {};
}

WriteOutcome RowWriter::act_on_child(OpenTable& child, const ForeignKey& foreign_key,
                                     ByteView child_key, const Change& change) {
    const ForeignKeyAction action =
        change.after == nullptr ? foreign_key.on_delete : foreign_key.on_update;
    ++depth_;
    ++cascaded_rows_;
    WriteOutcome result;
    if (action == ForeignKeyAction::kCascade && change.after == nullptr) {
        result = remove(child, child_key);
        // A self-referencing cascade may have removed it on another path already.
        result.kind = result.kind == Kind::kRowMissing ? Kind::kUnchanged : result.kind;
    } else if (const std::optional<PinnedRow> found = child.find(child_key)) {
        const TableSchema& parent_schema = change.table.schema();
        const ByteView stored =
            child.schema().keyless() ? KeylessEntry::decode(found->value).row : found->value;
        Row row = child.layout().rows.decode(stored, &root_.blocks());
        const std::vector<ColumnId> columns = parent_columns(parent_schema, foreign_key);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::size_t ordinal = child.schema().ordinal_of(foreign_key.columns[i]);
            row[ordinal] = action == ForeignKeyAction::kCascade
                               ? (*change.after)[parent_schema.ordinal_of(columns[i])]
                               : Value();
        }
        // The source's engine computes what depends on the key; no image tells of it.
        if (options_.mode == WriteMode::kReplicatedRow && rules_ != nullptr &&
            std::ranges::any_of(child.schema().columns, [](const Column& column) {
                return column.generated_sql.has_value();
            })) {
            rules_->compute_generated(child.schema(), row);
        }
        result = update(child, child_key, std::move(row));
    }
    --depth_;
    return result;
}

WriteOutcome RowWriter::check_references(OpenTable& table, const Row* before, const Row* after) {
    WriteOutcome result;
    if (after != nullptr) {
        result = check_parents(table, *after, nullptr);
    }
    if (result.ok() && before != nullptr) {
        const Change change{table, {}, before, after};
        if (must_follow(change)) {
            result = follow_references(change);
        }
    }
    return result;
}

}  // namespace afterimage::storage

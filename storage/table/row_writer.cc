// SPDX-License-Identifier: Apache-2.0
#include "storage/table/row_writer.h"

#include <algorithm>

#include "storage/bytes/invariant.h"
#include "storage/value/text_form.h"

namespace afterimage::storage {

namespace {

using Kind = WriteOutcome::Kind;

WriteOutcome outcome(Kind kind) {
    WriteOutcome result;
    result.kind = kind;
    return result;
}

bool has_generated(const TableSchema& schema) {
    return std::ranges::any_of(
        schema.columns, [](const Column& column) { return column.generated_sql.has_value(); });
}

constexpr std::size_t kMaxCellText = 64;
constexpr std::size_t kMaxCellsText = 1024;

std::string cell_text(const Value& value, const ColumnType& type) {
    if (value.is_null()) {
        return "NULL";
    }
    std::string text;
    append_text(text, value, type);
    if (text.size() > kMaxCellText) {
        text.resize(kMaxCellText);
        text += "…";
    }
    return "'" + text + "'";
}

/// Names the cells in which the source's before image and the stored row differ, with both values;
/// empty when they agree. Virtual columns are recomputed on either side and say nothing.
std::string differing_cells(const TableSchema& schema, const Row& stored, const Row& before) {
    std::string cells;
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        const Column& column = schema.columns[i];
        if ((column.generated_sql && !column.generated_stored) || stored[i].same_as(before[i])) {
            continue;
        }
        cells += cells.empty() ? "" : ", ";
        if (cells.size() > kMaxCellsText) {
            return cells + "…";
        }
        cells += column.name + " is " + cell_text(stored[i], column.type) + " here and was " +
                 cell_text(before[i], column.type) + " at the source";
    }
    return cells;
}

}  // namespace

RowWriter::RowWriter(OpenRoot& root, RowRules* rules, WriteOptions options)
    : root_(root), rules_(rules), options_(options) {}

WriteOutcome RowWriter::prepare_row(OpenTable& table, Row& row) {
    const TableSchema& schema = table.schema();
    INVARIANT(row.size() == schema.columns.size(), "a row has a cell for every column");
    if (options_.mode == WriteMode::kReplicatedRow) {
        // The image holds what the source stored, generated columns included.
        return outcome(Kind::kWritten);
    }
    if (rules_ != nullptr && has_generated(schema)) {
        rules_->compute_generated(schema, row);
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].is_null() && !schema.columns[i].nullable) {
            WriteOutcome result = outcome(Kind::kNotNullViolated);
            result.constraint = schema.columns[i].name;
            return result;
        }
    }
    if (rules_ != nullptr && options_.check_constraint_checks && !schema.checks.empty()) {
        if (const std::optional<std::string> violated = rules_->violated_check(schema, row)) {
            WriteOutcome result = outcome(Kind::kCheckViolated);
            result.constraint = *violated;
            result.table = schema.name;
            return result;
        }
    }
    return outcome(Kind::kWritten);
}

WriteOutcome RowWriter::check_unique(OpenTable& table, const Row& row, ByteView new_key,
                                     ByteView old_key, const Row* before) {
    if (new_key != old_key && table.find(new_key)) {
        WriteOutcome result = outcome(Kind::kDuplicate);
        result.index = kPrimaryIndex;
        result.existing_key = Bytes(new_key);
        return result;
    }
    const std::vector<Index>& indexes = table.schema().indexes;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        if (!indexes[i].unique) {
            continue;
        }
        bool has_null = false;
        const Bytes parts = table.layout().indexes[i].encode_row(row, &has_null);
        if (has_null ||
            (before != nullptr && table.layout().indexes[i].encode_row(*before) == parts)) {
            continue;
        }
        if (std::optional<Bytes> existing = table.first_in_index(i, parts, old_key)) {
            WriteOutcome result = outcome(Kind::kDuplicate);
            result.index = i;
            result.existing_key = std::move(*existing);
            return result;
        }
    }
    return outcome(Kind::kWritten);
}

WriteOutcome RowWriter::insert(OpenTable& table, Row row) {
    WriteOutcome result = prepare_row(table, row);
    if (!result.ok()) {
        return result;
    }
    if (table.schema().keyless()) {
        return insert_keyless(table, row);
    }
    const Bytes bytes = table.layout().rows.encode(row, &root_.blocks());
    const Bytes key = table.layout().primary_key(row, bytes);
    result = check_unique(table, row, key, {}, nullptr);
    if (!result.ok()) {
        return result;
    }
    // A row may reference itself: it has to be there when its parents are looked up.
    table.apply_decoded(key, std::nullopt, nullptr, ByteView(bytes), &row);
    result = check_parents(table, row, nullptr);
    if (!result.ok()) {
        table.apply_decoded(key, ByteView(bytes), &row, std::nullopt, nullptr);
    }
    return result;
}

WriteOutcome RowWriter::insert_keyless(OpenTable& table, const Row& row) {
    const Bytes bytes = table.layout().rows.encode(row, &root_.blocks());
    const Bytes key = keyless_key(bytes);
    std::optional<Bytes> before;
    std::uint64_t count = 0;
    if (const std::optional<PinnedRow> found = table.find(key)) {
        before = Bytes(found->value);
        count = KeylessEntry::decode(*before).count;
    } else {
        WriteOutcome unique = check_unique(table, row, key, key, nullptr);
        if (!unique.ok()) {
            return unique;
        }
    }
    WriteOutcome result = check_parents(table, row, nullptr);
    if (!result.ok()) {
        return result;
    }
    const Bytes after = KeylessEntry::encode(count + 1, bytes);
    table.apply_decoded(key, before ? std::optional<ByteView>(*before) : std::nullopt,
                        before ? &row : nullptr, ByteView(after), &row);
    return result;
}

WriteOutcome RowWriter::remove_keyless(OpenTable& table, ByteView key, const Row* before) {
    Bytes wanted(key);
    if (before != nullptr) {
        wanted = keyless_key(table.layout().rows.encode(*before, &root_.blocks()));
    }
    const std::optional<PinnedRow> found = table.find(wanted);
    if (!found) {
        return outcome(Kind::kRowMissing);
    }
    const Bytes stored(found->value);
    const KeylessEntry entry = KeylessEntry::decode(stored);
    const Row row = table.layout().rows.decode(entry.row, &root_.blocks());
    if (entry.count > 1) {
        const Bytes after = KeylessEntry::encode(entry.count - 1, entry.row);
        table.apply_decoded(wanted, ByteView(stored), &row, ByteView(after), &row);
        return outcome(Kind::kWritten);
    }
    Change change{table, wanted, &row, nullptr};
    return write_change(change, stored);
}

WriteOutcome RowWriter::update(OpenTable& table, ByteView key, Row row, const Row* before) {
    if (table.schema().keyless()) {
        const OpenRoot::Savepoint savepoint = root_.savepoint();
        const std::string name = table.name();
        WriteOutcome result = remove_keyless(table, key, before);
        if (result.ok()) {
            result = insert(table, std::move(row));
        }
        if (!result.ok()) {
            root_.find_table(name)->restore(savepoint->find_table(name));
        }
        return result;
    }
    const std::optional<PinnedRow> found = table.find(key);
    if (!found) {
        return outcome(Kind::kRowMissing);
    }
    const Row stored = table.layout().rows.decode(found->value, &root_.blocks());
    if (before != nullptr) {
        std::string cells = differing_cells(table.schema(), stored, *before);
        if (!cells.empty()) {
            WriteOutcome result = outcome(Kind::kBeforeImageDiffers);
            result.detail = std::move(cells);
            return result;
        }
    }
    WriteOutcome result = prepare_row(table, row);
    if (!result.ok()) {
        return result;
    }
    Change change{table, Bytes(key), &stored, &row};
    return write_change(change, found->value);
}

WriteOutcome RowWriter::remove(OpenTable& table, ByteView key, const Row* before) {
    if (table.schema().keyless()) {
        return remove_keyless(table, key, before);
    }
    const std::optional<PinnedRow> found = table.find(key);
    if (!found) {
        return outcome(Kind::kRowMissing);
    }
    const Row stored = table.layout().rows.decode(found->value, &root_.blocks());
    if (before != nullptr) {
        std::string cells = differing_cells(table.schema(), stored, *before);
        if (!cells.empty()) {
            WriteOutcome result = outcome(Kind::kBeforeImageDiffers);
            result.detail = std::move(cells);
            return result;
        }
    }
    Change change{table, Bytes(key), &stored, nullptr};
    return write_change(change, found->value);
}

/// Update or delete of a stored row: own row first, then what its foreign keys entail; all of it or
/// nothing.
WriteOutcome RowWriter::write_change(Change& change, ByteView stored_before) {
    OpenTable& table = change.table;
    Bytes new_bytes;
    Bytes new_key;
    if (change.after != nullptr) {
        new_bytes = table.layout().rows.encode(*change.after, &root_.blocks());
        new_key = table.layout().primary_key(*change.after, new_bytes);
        if (new_bytes == stored_before && new_key == change.key) {
            return outcome(Kind::kUnchanged);
        }
        WriteOutcome unique =
            check_unique(table, *change.after, new_key, change.key, change.before);
        if (!unique.ok()) {
            return unique;
        }
    }
    const bool follow = must_follow(change);
    const OpenRoot::Savepoint savepoint = follow ? root_.savepoint() : nullptr;
    const Bytes before_copy(stored_before);
    if (change.after == nullptr) {
        table.apply_decoded(change.key, ByteView(before_copy), change.before, std::nullopt,
                            nullptr);
    } else if (new_key == change.key) {
        table.apply_decoded(new_key, ByteView(before_copy), change.before, ByteView(new_bytes),
                            change.after);
    } else {
        table.apply_decoded(change.key, ByteView(before_copy), change.before, std::nullopt,
                            nullptr);
        table.apply_decoded(new_key, std::nullopt, nullptr, ByteView(new_bytes), change.after);
    }
    WriteOutcome result = outcome(Kind::kWritten);
    if (change.after != nullptr) {
        result = check_parents(table, *change.after, change.before);
    }
    if (result.ok() && follow) {
        const std::uint64_t cascaded_before = cascaded_rows_;
        result = follow_references(change);
        if (!result.ok()) {
            cascaded_rows_ = cascaded_before;
            for (const auto& [name, saved] : savepoint->tables) {
                OpenTable* open = root_.find_table(name);
                if (open->view() != saved) {
                    open->restore(saved);
                }
            }
            return result;
        }
    }
    if (!result.ok()) {
        // Without cascades only this row has changed: put it back.
        if (new_key == change.key) {
            table.apply_decoded(new_key, ByteView(new_bytes), change.after, ByteView(before_copy),
                                change.before);
        } else {
            table.apply_decoded(new_key, ByteView(new_bytes), change.after, std::nullopt, nullptr);
            table.apply_decoded(change.key, std::nullopt, nullptr, ByteView(before_copy),
                                change.before);
        }
    }
    return result;
}

}  // namespace afterimage::storage

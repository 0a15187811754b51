// SPDX-License-Identifier: Apache-2.0
#include "storage/table/bulk_loader.h"

#include "storage/tree/cursor.h"
#include "storage/tree/tree_editor.h"

namespace afterimage::storage {

BulkLoader::BulkLoader(const RootServices& services, Directory& scratch, const std::string& name,
                       std::shared_ptr<const TableLayout> layout, std::uint64_t sort_bytes)
    : services_(services),
      layout_(std::move(layout)),
      ordered_rows_(services.sink, services.seed),
      unordered_rows_(scratch, name + "-rows", sort_bytes / (layout_->indexes.size() + 1)) {
    for (std::size_t i = 0; i < layout_->indexes.size(); ++i) {
        indexes_.push_back(
            std::make_unique<ExternalSort>(scratch, name + "-index-" + std::to_string(i),
                                           sort_bytes / (layout_->indexes.size() + 1)));
    }
}

void BulkLoader::add(const Row& row) {
    const Bytes bytes = layout_->rows.encode(row, &services_.blocks);
    const Bytes key = layout_->primary_key(row, bytes);
    content_sum_.add(layout_->rows.canonical(bytes, &services_.blocks));
    if (layout_->primary && (row_count_ == 0 || key > last_key_)) {
        ordered_rows_.append_row(key, bytes);
        last_key_ = key;
    } else {
        unordered_rows_.add(key, bytes);
    }
    for (std::size_t i = 0; i < indexes_.size(); ++i) {
        const TableLayout::IndexEntry entry = layout_->index_entry(i, row, key);
        // In front of the value: whether a part is NULL, so that a unique index says nothing.
        scratch_value_.assign(1, entry.has_null ? '\1' : '\0');
        scratch_value_.append(entry.value);
        indexes_[i]->add(entry.key, scratch_value_);
    }
    ++row_count_;
}

TreeRoot BulkLoader::finish_rows() {
    TreeRoot rows = ordered_rows_.finish();
    if (unordered_rows_.size() == 0) {
        return rows;
    }
    TreeEditor editor(services_.nodes, services_.sink, services_.seed, rows);
    Bytes last;
    while (unordered_rows_.next()) {
        if (unordered_rows_.key() == last) {
            throw DuplicateKey("PRIMARY");
        }
        last.assign(unordered_rows_.key());
        editor.put(unordered_rows_.key(), unordered_rows_.value());
    }
    rows = editor.finish();
    if (rows.row_count != row_count_) {
        throw DuplicateKey("PRIMARY");
    }
    return rows;
}

/// Equal rows stand in the tree once, with their number.
TreeRoot BulkLoader::finish_keyless_rows() {
    Bytes key;
    Bytes row;
    std::uint64_t count = 0;
    const auto put = [&] {
        if (count != 0) {
            ordered_rows_.append_row(key, KeylessEntry::encode(count, row));
        }
    };
    while (unordered_rows_.next()) {
        if (count != 0 && unordered_rows_.key() == key) {
            ++count;
            continue;
        }
        put();
        key.assign(unordered_rows_.key());
        row.assign(unordered_rows_.value());
        count = 1;
    }
    put();
    return ordered_rows_.finish();
}

TreeRoot BulkLoader::finish_index(std::size_t index) {
    TreeBuilder builder(services_.sink, services_.seed);
    ExternalSort& entries = *indexes_[index];
    const Index& definition = layout_->schema->indexes[index];
    Bytes last;
    ByteView last_parts;
    while (entries.next()) {
        if (entries.key() == last) {
            continue;  // an equal row of a keyless table
        }
        const bool has_null = entries.value()[0] != '\0';
        const ByteView value = entries.value().substr(1);
        const auto parts_size = static_cast<std::size_t>(ByteReader(value).varint());
        if (definition.unique && !has_null && !last.empty() &&
            entries.key().substr(0, parts_size) == last_parts) {
            throw DuplicateKey(definition.name);
        }
        builder.append_row(entries.key(), value);
        last.assign(entries.key());
        last_parts = has_null ? ByteView() : ByteView(last).substr(0, parts_size);
    }
    return builder.finish();
}

std::shared_ptr<const Table> BulkLoader::finish() {
    auto table = std::make_shared<Table>();
    table->layout = layout_;
    table->rows.base = layout_->primary ? finish_rows() : finish_keyless_rows();
    for (std::size_t i = 0; i < indexes_.size(); ++i) {
        table->indexes.push_back({finish_index(i), {}});
        indexes_[i].reset();
    }
    table->content_sum = content_sum_;
    table->rows_epoch = draw_rows_epoch();
    return table;
}

}  // namespace afterimage::storage

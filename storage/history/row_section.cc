// SPDX-License-Identifier: Apache-2.0
#include "storage/history/row_section.h"

#include <algorithm>

#include "storage/bytes/invariant.h"
#include "storage/bytes/storage_error.h"
#include "storage/history/change_set.h"
#include "storage/tree/tree_builder.h"

namespace afterimage::storage {

namespace {

/// Key and images of one section entry, as the section is to be read.
void read_entry(const RowSection& section, ByteView key, ByteView images, RowChange& change) {
    try {
        change.key.assign(key);
        read_row_images(images, change);
    } catch (const TruncatedInput& error) {
        throw StorageError(
            StorageErrorKind::kCorruption,
            "row section " + section.changes.hash.text() + ": " + std::string(error.what()));
    }
    if (section.inverted) {
        std::swap(change.before, change.after);
    }
}

/// What a listed change takes in the encoded change set, at most.
std::size_t listed_size(const RowChange& change) {
    return change.key.size() + (change.before ? change.before->size() : 0) +
           (change.after ? change.after->size() : 0);
}

}  // namespace

void append_row_section(Bytes& out, const RowSection& section) {
    INVARIANT(!section.inverted, "an inverted change set is applied, not stored");
    append_tree_root(out, section.changes);
    append_varint(out, section.inserted);
    append_varint(out, section.updated);
    append_varint(out, section.deleted);
    out.append(section.rows_hash.view());
}

RowSection read_row_section(ByteReader& reader) {
    RowSection section;
    section.changes = read_tree_root(reader);
    section.inserted = reader.varint();
    section.updated = reader.varint();
    section.deleted = reader.varint();
    section.rows_hash = Hash::from_bytes(reader.bytes(Hash::kSize));
    return section;
}

RowChangesWriter::RowChangesWriter(NodeSink& sink, BoundarySeed seed,
                                   std::uint64_t max_listed_bytes)
    : sink_(sink), seed_(seed), max_listed_bytes_(max_listed_bytes) {}

RowChangesWriter::~RowChangesWriter() = default;

void RowChangesWriter::put(const RowChange& change) {
    images_.clear();
    append_row_images(images_, change);
    builder_->append_row(change.key, images_);
    hash_.add(change);
    ++(change.before ? (change.after ? section_.updated : section_.deleted) : section_.inserted);
}

void RowChangesWriter::add(RowChange change) {
    if (builder_) {
        put(change);
        return;
    }
    listed_bytes_ += listed_size(change);
    listed_.push_back(std::move(change));
    if (listed_bytes_ <= max_listed_bytes_) {
        return;
    }
    builder_ = std::make_unique<TreeBuilder>(sink_, seed_);
    for (const RowChange& listed : listed_) {
        put(listed);
    }
    listed_ = {};
}

void RowChangesWriter::finish(TableChanges& changes) {
    if (!builder_) {
        changes.rows = std::move(listed_);
        return;
    }
    section_.changes = builder_->finish();
    section_.rows_hash = hash_.finish();
    changes.section = section_;
    builder_.reset();
}

RowChangesReader::RowChangesReader(NodeSource& nodes, const TableChanges& changes)
    : changes_(changes) {
    if (changes.section) {
        cursor_.emplace(nodes, changes.section->changes);
    }
}

bool RowChangesReader::next() {
    if (!cursor_) {
        if (at_ >= changes_.rows.size()) {
            return false;
        }
        change_ = &changes_.rows[at_++];
        return true;
    }
    cursor_->next();
    if (!cursor_->valid()) {
        return false;
    }
    read_entry(*changes_.section, cursor_->key(), cursor_->value(), read_);
    change_ = &read_;
    return true;
}

std::optional<RowChange> find_row_change(NodeSource& nodes, const TableChanges& changes,
                                         ByteView key) {
    if (!changes.section) {
        const auto found = std::ranges::lower_bound(
            changes.rows, key, {}, [](const RowChange& change) { return ByteView(change.key); });
        return found != changes.rows.end() && found->key == key ? std::optional(*found)
                                                                : std::nullopt;
    }
    const std::optional<PinnedLeafValue> found = find_in_tree(nodes, changes.section->changes, key);
    if (!found) {
        return std::nullopt;
    }
    RowChange change;
    read_entry(*changes.section, key, found->value, change);
    return change;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "replication/row_image.h"

#include <utility>

namespace afterimage::replication {

using storage::ByteReader;
using storage::ByteView;
using storage::Row;
using storage::TruncatedInput;
using storage::Value;

namespace {

bool bit(ByteView bits, std::size_t index) {
    return (static_cast<unsigned char>(bits[index / 8]) >> (index % 8) & 1U) != 0;
}

std::size_t json_column_count(const TableMap& map) {
    std::size_t count = 0;
    for (const auto& column : map.columns) {
        count += column.type == WireType::kJson ? 1U : 0U;
    }
    return count;
}

}  // namespace

ColumnTypes column_types(const storage::TableSchema& schema) {
    ColumnTypes types;
    types.reserve(schema.columns.size());
    for (const auto& column : schema.columns) {
        types.push_back(&column.type);
    }
    return types;
}

RowDecoder::RowDecoder(const RowsEventView& event, const TableMap& map, const ColumnTypes& columns)
    : event_(event), map_(map), columns_(columns), reader_(event.rows) {
    check_columns();
}

void RowDecoder::check_columns() const {
    const std::string name = "`" + map_.database + "`.`" + map_.table + "`";
    if (event_.column_count != map_.columns.size()) {
        throw EventError(event_.header, EventHeader::kSize,
                         std::to_string(event_.column_count) + " columns, but the table map of " +
                             name + " has " + std::to_string(map_.columns.size()));
    }
    if (map_.columns.size() != columns_.size()) {
        throw ColumnMismatch("the source's " + name + " has " +
                             std::to_string(map_.columns.size()) + " columns, the one here " +
                             std::to_string(columns_.size()));
    }
    const bool has_before = event_.kind != RowsKind::kWrite;
    const bool has_after = event_.kind != RowsKind::kDelete;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if ((has_before && event_.before_columns.test(i)) ||
            (has_after && event_.after_columns.test(i))) {
            const std::string reason = column_mismatch(map_.columns[i], *columns_[i]);
            if (!reason.empty()) {
                throw ColumnMismatch("column " + std::to_string(i + 1) + " of " + name + ": " +
                                     reason);
            }
        }
    }
    // Such an event has no bytes from which its rows could be counted.
    if (event_.kind == RowsKind::kWrite && event_.after_columns.present_count() == 0) {
        throw EventError(event_.header, EventHeader::kSize,
                         "rows of " + name + " without a single column");
    }
}

void RowDecoder::fail(const std::string& reason) const {
    throw EventError(event_.header, EventHeader::kSize,
                     "`" + map_.database + "`.`" + map_.table + "`, row " +
                         std::to_string(row_number_) + ", column " + std::to_string(column_ + 1) +
                         ": " + reason);
}

bool RowDecoder::next(RowChange& row) {
    if (reader_.at_end()) {
        return false;
    }
    ++row_number_;
    column_ = 0;
    const std::size_t begin = reader_.position();
    row.partial_json.clear();
    row.has_before = event_.kind != RowsKind::kWrite;
    row.has_after = event_.kind != RowsKind::kDelete;
    try {
        row.before.clear();
        if (row.has_before) {
            read_image(event_.before_columns, {}, row, row.before);
        }
        const ByteView partial =
            event_.kind == RowsKind::kPartialUpdate ? read_partial_bitmap() : ByteView();
        row.after.clear();
        if (row.has_after) {
            read_image(event_.after_columns, partial, row, row.after);
        }
    } catch (const TruncatedInput& error) {
        fail(error.what());
    }
    if (reader_.position() == begin) {
        fail("a row without bytes");
    }
    return true;
}

void RowDecoder::read_image(const ColumnBitmap& present, ByteView partial, RowChange& row,
                            Row& cells) {
    cells.resize(columns_.size());
    const ByteView nulls = reader_.bytes((present.present_count() + 7) / 8);
    std::size_t present_index = 0;
    std::size_t json_index = 0;
    for (column_ = 0; column_ < columns_.size(); ++column_) {
        const TableMapColumn& source = map_.columns[column_];
        const bool is_json = source.type == WireType::kJson;
        const std::size_t json = json_index;
        json_index += is_json ? 1U : 0U;
        if (!present.test(column_) || bit(nulls, present_index++)) {
            continue;
        }
        if (is_json && !partial.empty() && bit(partial, json)) {
            read_partial_json(column_, row, cells);
        } else {
            cells[column_] = decode_cell(reader_, source, *columns_[column_]);
        }
    }
}

// lenenc options; bit 0 = a bitmap over all JSON columns follows.
ByteView RowDecoder::read_partial_bitmap() {
    constexpr std::uint64_t kPartialJson = 1;
    const std::uint64_t options = reader_.lenenc();
    if (options > kPartialJson) {
        throw TruncatedInput("unknown row value options " + std::to_string(options));
    }
    return options == kPartialJson ? reader_.bytes((json_column_count(map_) + 7) / 8) : ByteView();
}

void RowDecoder::read_partial_json(std::size_t column, RowChange& row, Row& cells) {
    std::vector<JsonDiff> diffs = decode_json_diffs(reader_.bytes(reader_.u32()));
    if (event_.before_columns.test(column) && !row.before[column].is_null()) {
        cells[column] = Value::of_bytes(apply_json_diffs(row.before[column].as_bytes(), diffs));
    } else {
        row.partial_json.push_back({column, std::move(diffs)});
    }
}

std::vector<RowChange> decode_rows(const RowsEventView& event, const TableMap& map,
                                   const ColumnTypes& columns) {
    std::vector<RowChange> rows;
    RowDecoder decoder(event, map, columns);
    RowChange row;
    while (decoder.next(row)) {
        rows.push_back(row);
    }
    return rows;
}

}  // namespace afterimage::replication

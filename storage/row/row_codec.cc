// SPDX-License-Identifier: Apache-2.0
#include "storage/row/row_codec.h"

#include <algorithm>
#include <bit>

#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

namespace {

constexpr unsigned kSizeCodeBits = 2;
constexpr std::uint32_t kOutOfLineCode = 3;
constexpr std::uint32_t kOutOfLineBit = 1U << 31U;
/// Offsets have 31 bits.
constexpr std::size_t kMaxVariableBytes = kOutOfLineBit - 1;
/// MySQL's limit is 4096 columns; the header then takes two bytes, MariaDB's the same.
constexpr std::size_t kMaxHeaderBytes = 3;

[[noreturn]] void corrupt(const char* why) {
    throw StorageError(StorageErrorKind::kCorruption, std::string("row: ") + why);
}

unsigned offset_size(std::uint32_t code) { return code == 0 ? 1 : (code == 1 ? 2 : 4); }

std::uint32_t load_offset(const char* at, unsigned size) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, size);
    return value;
}

/// The least size code that fits.
std::uint32_t size_code(std::size_t variable_bytes, bool any_out_of_line) {
    if (any_out_of_line) {
        return kOutOfLineCode;
    }
    return variable_bytes <= 0xff ? 0 : (variable_bytes <= 0xffff ? 1 : 2);
}

bool is_null_in(const char* bitmap, std::size_t ordinal) {
    return (static_cast<unsigned char>(bitmap[ordinal / 8]) >> (ordinal % 8) & 1U) != 0;
}

Bytes get_out_of_line(ByteView payload, const ValueBlocks* blocks) {
    if (blocks == nullptr) {
        corrupt("a cell is out of line, but there is no store of values to read it from");
    }
    Bytes bytes = blocks->get_value(Hash::from_bytes(payload.substr(0, Hash::kSize)));
    if (bytes.size() != load_le<std::uint32_t>(payload.data() + Hash::kSize)) {
        corrupt("an out-of-line cell has another length than its reference says");
    }
    return bytes;
}

}  // namespace

struct RowCodec::Layout {
    std::size_t held = 0;
    std::uint32_t code = 0;
    unsigned entry_size = 1;
    const char* bitmap = nullptr;
    const char* fixed = nullptr;
    const char* ends = nullptr;
    std::size_t variable_count = 0;
    ByteView data;

    [[nodiscard]] std::uint32_t raw_end(std::size_t index) const {
        return load_offset(ends + index * entry_size, entry_size);
    }
    [[nodiscard]] std::uint32_t end(std::size_t index) const {
        const std::uint32_t raw = raw_end(index);
        return code == kOutOfLineCode ? raw & ~kOutOfLineBit : raw;
    }
};

RowCodec::RowCodec(std::shared_ptr<const TableSchema> schema) : schema_(std::move(schema)) {
    std::uint32_t fixed = 0;
    std::uint32_t variable = 0;
    slots_.resize(schema_->columns.size() + 1);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        Slot& slot = slots_[i];
        slot.fixed_before = fixed;
        slot.variable_before = variable;
        if (i == schema_->columns.size()) {
            break;
        }
        const Column& column = schema_->columns[i];
        slot.shape = shape_of(column.type);
        slot.is_virtual = column.generated_sql.has_value() && !column.generated_stored;
        fixed += slot.shape.width;
        variable += slot.shape.form == CellForm::kVariable ? 1 : 0;
        if (column.missing_value.is_null()) {
            continue;
        }
        if (slot.shape.form == CellForm::kVariable) {
            if (column.missing_value.kind() != ValueKind::kBytes) {
                refuse(i, "the recorded missing value is of another kind");
            }
            slot.missing_cell = column.missing_value.as_bytes();
        } else {
            slot.missing_cell.resize(slot.shape.width);
            if (!put_fixed_cell(slot.missing_cell.data(), slot.shape, column.missing_value)) {
                refuse(i, "the recorded missing value is of another kind");
            }
        }
    }
}

void RowCodec::refuse(std::size_t ordinal, const char* why) const {
    const Column& column = schema_->columns[ordinal];
    throw StorageError(StorageErrorKind::kUnsupportedFormat,
                       "column " + schema_->name + "." + column.name + " (" +
                           column_type_text(column.type, schema_->mariadb_flavour) + "): " + why);
}

std::size_t RowCodec::held_count(std::span<const Value> row) const {
    std::size_t held = row.size();
    while (held > 0 && row[held - 1].same_as(schema_->columns[held - 1].missing_value)) {
        --held;
    }
    return held;
}

std::size_t RowCodec::variable_bytes(std::span<const Value> row, std::size_t held, bool may_be_far,
                                     bool& any_far) const {
    std::size_t size = 0;
    for (std::size_t i = 0; i < held; ++i) {
        if (slots_[i].shape.form != CellForm::kVariable || row[i].is_null()) {
            continue;
        }
        if (row[i].kind() != ValueKind::kBytes) {
            refuse(i, "the value is of another kind");
        }
        const bool far = may_be_far && row[i].as_bytes().size() > kMaxInlineCell;
        any_far |= far;
        size += far ? kReferenceSize : row[i].as_bytes().size();
    }
    if (size > kMaxVariableBytes) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat,
                           "table " + schema_->name + ": a row above 2 GiB");
    }
    return size;
}

std::uint32_t RowCodec::put_variable(char* at, std::size_t ordinal, const Bytes& bytes,
                                     ValueBlocks* far) const {
    if (far == nullptr) {
        std::memcpy(at, bytes.data(), bytes.size());
        return static_cast<std::uint32_t>(bytes.size());
    }
    if (bytes.size() > 0xffffffffU) {
        refuse(ordinal, "the value is above 4 GiB");
    }
    const Hash address = far->put_value(bytes);
    std::memcpy(at, address.bytes.data(), Hash::kSize);
    store_le(at + Hash::kSize, static_cast<std::uint32_t>(bytes.size()));
    return kReferenceSize;
}

Bytes RowCodec::encode(std::span<const Value> row, ValueBlocks* blocks) const {
    if (row.size() != schema_->columns.size()) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat,
                           "table " + schema_->name + ": a row of " + std::to_string(row.size()) +
                               " cells for " + std::to_string(schema_->columns.size()) +
                               " columns");
    }
    const std::size_t held = held_count(row);
    bool any_far = false;
    const std::size_t data_size = variable_bytes(row, held, blocks != nullptr, any_far);
    const std::uint32_t code = size_code(data_size, any_far);
    const unsigned entry_size = offset_size(code);
    const std::uint64_t header = held << kSizeCodeBits | code;
    const std::size_t bitmap_at = varint_size(header);
    const std::size_t fixed_at = bitmap_at + (held + 7) / 8;
    const std::size_t ends_at = fixed_at + slots_[held].fixed_before;
    const std::size_t data_at = ends_at + slots_[held].variable_before * std::size_t{entry_size};

    Bytes out;
    out.reserve(data_at + data_size);
    append_varint(out, header);
    out.resize(data_at + data_size, '\0');
    char* end_entry = out.data() + ends_at;
    std::uint32_t end = 0;
    for (std::size_t i = 0; i < held; ++i) {
        const Slot& slot = slots_[i];
        const Value& value = row[i];
        std::uint32_t mark = 0;
        if (value.is_null()) {
            char& bits = out[bitmap_at + i / 8];
            bits = static_cast<char>(static_cast<unsigned char>(bits) | 1U << (i % 8));
        } else if (slot.shape.form != CellForm::kVariable) {
            if (!put_fixed_cell(out.data() + fixed_at + slot.fixed_before, slot.shape, value)) {
                refuse(i, "the value is of another kind or does not fit");
            }
        } else {
            const bool far = blocks != nullptr && value.as_bytes().size() > kMaxInlineCell;
            end += put_variable(out.data() + data_at + end, i, value.as_bytes(),
                                far ? blocks : nullptr);
            mark = far ? kOutOfLineBit : 0;
        }
        if (slot.shape.form == CellForm::kVariable) {
            const std::uint32_t entry = end | mark;
            std::memcpy(end_entry, &entry, entry_size);
            end_entry += entry_size;
        }
    }
    return out;
}

RowCodec::Layout RowCodec::layout_of(ByteView bytes) const {
    std::uint64_t header = 0;
    std::size_t at = 0;
    for (;; ++at) {
        if (at == bytes.size() || at == kMaxHeaderBytes) {
            corrupt("its header is cut");
        }
        const auto byte = static_cast<unsigned char>(bytes[at]);
        header |= static_cast<std::uint64_t>(byte & 0x7fU) << (7 * at);
        if ((byte & 0x80U) == 0) {
            break;
        }
    }
    ++at;
    Layout layout;
    layout.held = header >> kSizeCodeBits;
    layout.code = static_cast<std::uint32_t>(header & 3U);
    layout.entry_size = offset_size(layout.code);
    if (layout.held >= slots_.size()) {
        corrupt("it holds more columns than the schema has");
    }
    const Slot& behind = slots_[layout.held];
    layout.variable_count = behind.variable_before;
    const std::size_t data_at = at + (layout.held + 7) / 8 + behind.fixed_before +
                                layout.variable_count * std::size_t{layout.entry_size};
    if (data_at > bytes.size()) {
        corrupt("it ends before its variable cells");
    }
    layout.bitmap = bytes.data() + at;
    layout.fixed = layout.bitmap + (layout.held + 7) / 8;
    layout.ends = layout.fixed + behind.fixed_before;
    layout.data = bytes.substr(data_at);
    const std::size_t last = layout.variable_count == 0 ? 0 : layout.end(layout.variable_count - 1);
    if (last != layout.data.size()) {
        corrupt("its length is not what its offsets say");
    }
    return layout;
}

RowCodec::CellView RowCodec::missing_cell(std::size_t ordinal) const {
    CellView view;
    view.is_null = schema_->columns[ordinal].missing_value.is_null();
    view.payload = slots_[ordinal].missing_cell;
    return view;
}

RowCodec::CellView RowCodec::cell_at(const Layout& layout, std::size_t ordinal) const {
    if (ordinal >= layout.held) {
        return missing_cell(ordinal);
    }
    CellView view;
    view.is_null = is_null_in(layout.bitmap, ordinal);
    const Slot& slot = slots_[ordinal];
    if (slot.shape.form != CellForm::kVariable) {
        view.payload = {layout.fixed + slot.fixed_before, slot.shape.width};
        return view;
    }
    const std::size_t index = slot.variable_before;
    const std::uint32_t begin = index == 0 ? 0 : layout.end(index - 1);
    const std::uint32_t end = layout.end(index);
    if (begin > end || end > layout.data.size()) {
        corrupt("its offsets descend");
    }
    view.payload = layout.data.substr(begin, end - begin);
    view.out_of_line =
        layout.code == kOutOfLineCode && (layout.raw_end(index) & kOutOfLineBit) != 0;
    if (view.out_of_line && view.payload.size() != kReferenceSize) {
        corrupt("a reference to an out-of-line cell has a wrong size");
    }
    return view;
}

RowCodec::CellView RowCodec::cell(ByteView bytes, std::size_t ordinal) const {
    return cell_at(layout_of(bytes), ordinal);
}

Value RowCodec::value_of(const CellView& cell, std::size_t ordinal,
                         const ValueBlocks* blocks) const {
    if (cell.is_null) {
        return {};
    }
    const CellShape& shape = slots_[ordinal].shape;
    if (shape.form == CellForm::kVariable) {
        return Value::of_bytes(cell.out_of_line ? get_out_of_line(cell.payload, blocks)
                                                : Bytes(cell.payload));
    }
    Value value;
    if (cell.payload.size() != shape.width || !get_fixed_cell(cell.payload.data(), shape, value)) {
        corrupt("a fixed cell holds what its type cannot");
    }
    return value;
}

Value RowCodec::decode_column(ByteView bytes, std::size_t ordinal,
                              const ValueBlocks* blocks) const {
    return value_of(cell(bytes, ordinal), ordinal, blocks);
}

Row RowCodec::decode(ByteView bytes, const ValueBlocks* blocks) const {
    const Layout layout = layout_of(bytes);
    Row row;
    row.reserve(schema_->columns.size());
    for (std::size_t i = 0; i < schema_->columns.size(); ++i) {
        row.push_back(i < layout.held ? value_of(cell_at(layout, i), i, blocks)
                                      : schema_->columns[i].missing_value);
    }
    check_row(layout, row);
    return row;
}

/// What the reads of single cells did not need: that this is the only encoding of the row.
void RowCodec::check_row(const Layout& layout, std::span<const Value> row) const {
    bool any_out_of_line = false;
    for (std::size_t i = 0; i < layout.held; ++i) {
        const CellView view = cell_at(layout, i);
        any_out_of_line |= view.out_of_line;
        if (view.is_null &&
            (view.out_of_line || view.payload.find_first_not_of('\0') != ByteView::npos ||
             (slots_[i].shape.form == CellForm::kVariable && !view.payload.empty()))) {
            corrupt("a NULL cell has bytes");
        }
    }
    for (std::size_t i = layout.held; i % 8 != 0; ++i) {
        if (is_null_in(layout.bitmap, i)) {
            corrupt("a bit behind its last column is set");
        }
    }
    const std::size_t header_size =
        varint_size(static_cast<std::uint64_t>(layout.held) << kSizeCodeBits | layout.code);
    const char first = *(layout.bitmap - 1);
    if ((header_size > 1 && first == '\0') || (static_cast<unsigned char>(first) & 0x80U) != 0) {
        corrupt("its header is longer than needed");
    }
    if (layout.code != size_code(layout.data.size(), any_out_of_line)) {
        corrupt("its offsets are wider than needed");
    }
    if (held_count(row) != layout.held) {
        corrupt("it holds trailing columns that should be trimmed");
    }
}

bool RowCodec::same_layout(const TableSchema& from, const TableSchema& to) {
    if (from.columns.size() > to.columns.size()) {
        return false;
    }
    return std::equal(from.columns.begin(), from.columns.end(), to.columns.begin(),
                      [](const Column& a, const Column& b) {
                          return a.id == b.id && shape_of(a.type) == shape_of(b.type) &&
                                 a.missing_value.same_as(b.missing_value);
                      });
}

namespace {

enum CanonicalTag : char {
    kTagNull = 0,
    kTagInteger = 1,
    kTagLargeInteger = 2,
    kTagFloat = 3,
    kTagDouble = 4,
    kTagDecimal = 5,
    kTagDate = 6,
    kTagDateTime = 7,
    kTagTime = 8,
    kTagTimestamp = 9,
    kTagBytes = 10,
    kTagLongBytes = 11
};

void append_canonical_bytes(Bytes& out, ByteView bytes) {
    if (bytes.size() <= RowCodec::kMaxInlineCell) {
        out.push_back(kTagBytes);
        append_varint_bytes(out, bytes);
        return;
    }
    const Sha256 hash = sha256(bytes);
    out.push_back(kTagLongBytes);
    for (const unsigned char byte : hash) {
        out.push_back(static_cast<char>(byte));
    }
}

void append_tagged(Bytes& out, CanonicalTag tag, std::int64_t number) {
    out.push_back(tag);
    append_le(out, number);
}

void append_canonical_value(Bytes& out, const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            out.push_back(kTagNull);
            return;
        case ValueKind::kInt:
            append_tagged(out, kTagInteger, value.as_int());
            return;
        case ValueKind::kUInt:
            append_tagged(out, value.as_int() < 0 ? kTagLargeInteger : kTagInteger, value.as_int());
            return;
        case ValueKind::kFloat:
            out.push_back(kTagFloat);
            append_le(out, std::bit_cast<std::uint32_t>(value.as_float()));
            return;
        case ValueKind::kDouble:
            append_tagged(out, kTagDouble, std::bit_cast<std::int64_t>(value.as_double()));
            return;
        case ValueKind::kDecimal:
            out.push_back(kTagDecimal);
            out.push_back(static_cast<char>(value.as_decimal().scale));
            for (const std::uint64_t limb : value.as_decimal().limbs) {
                append_le(out, limb);
            }
            return;
        case ValueKind::kDate:
            append_tagged(out, kTagDate, value.as_packed());
            return;
        case ValueKind::kDateTime:
            append_tagged(out, kTagDateTime, value.as_packed());
            return;
        case ValueKind::kTime:
            append_tagged(out, kTagTime, value.as_packed());
            return;
        case ValueKind::kTimestamp:
            append_tagged(out, kTagTimestamp, value.as_micros());
            return;
        case ValueKind::kBytes:
            append_canonical_bytes(out, value.as_bytes());
            return;
    }
}

}  // namespace

void RowCodec::append_canonical(Bytes& out, const CellView& cell, std::size_t ordinal,
                                const ValueBlocks* blocks) const {
    const CellForm form = slots_[ordinal].shape.form;
    if (cell.is_null) {
        out.push_back(kTagNull);
    } else if (form == CellForm::kFixedBytes ||
               (form == CellForm::kVariable && !cell.out_of_line)) {
        append_canonical_bytes(out, cell.payload);
    } else {
        append_canonical_value(out, value_of(cell, ordinal, blocks));
    }
}

Bytes RowCodec::canonical(ByteView bytes, const ValueBlocks* blocks) const {
    const Layout layout = layout_of(bytes);
    std::size_t count = schema_->columns.size();
    const auto view_of = [&](std::size_t i) { return cell_at(layout, i); };
    while (count > 0 && (slots_[count - 1].is_virtual || view_of(count - 1).is_null)) {
        --count;
    }
    Bytes out;
    out.reserve(bytes.size() + 9 * count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!slots_[i].is_virtual) {
            append_canonical(out, view_of(i), i, blocks);
        }
    }
    return out;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/row/key_codec.h"

#include <algorithm>
#include <bit>

#include "storage/bytes/content_hash.h"
#include "storage/bytes/storage_error.h"
#include "storage/row/key_reader.h"

namespace afterimage::storage {

namespace {

constexpr char kNullMark = '\0';
constexpr char kValueMark = '\1';

/// Appends the row's fixed bytes turned into big-endian order.
void append_reversed(Bytes& out, const char* bytes, std::size_t size) {
    for (std::size_t i = size; i-- > 0;) {
        out.push_back(bytes[i]);
    }
}

void flip_top_bit(Bytes& out, std::size_t at) {
    out[at] = static_cast<char>(static_cast<unsigned char>(out[at]) ^ 0x80U);
}

void append_real(Bytes& out, std::uint64_t bits, unsigned size) {
    const unsigned top = size * 8 - 1;
    const bool negative = (bits >> top & 1U) != 0;
    append_be(out, negative ? ~bits : bits | std::uint64_t{1} << top, size);
}

void append_float(Bytes& out, const CellShape& shape, const Value& value) {
    if (shape.form == CellForm::kFloat) {
        const float real = value.as_float() == 0.0F ? 0.0F : value.as_float();
        append_real(out, std::bit_cast<std::uint32_t>(real), 4);
    } else {
        const double real = value.as_double() == 0.0 ? 0.0 : value.as_double();
        append_real(out, std::bit_cast<std::uint64_t>(real), 8);
    }
}

/// `cell` holds the row's bytes of a TIME: sign and magnitude become one signed number.
void append_time(Bytes& out, const CellShape& shape, const Value& value) {
    const std::int64_t packed = value.as_packed();
    const std::int64_t magnitude = packed < 0 ? -packed : packed;
    const std::int64_t units = static_cast<std::int64_t>(fraction_units(shape.fraction_size));
    const std::int64_t fraction = (magnitude & 0xffffff) * units / 1'000'000;
    const std::int64_t number = (magnitude >> 24) << 8 * shape.fraction_size | fraction;
    const std::size_t at = out.size();
    append_be(out, static_cast<std::uint64_t>(packed < 0 ? -number : number), shape.width);
    flip_top_bit(out, at);
}

void append_escaped(Bytes& out, ByteView bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t zero = bytes.find('\0', at);
        if (zero == ByteView::npos) {
            out.append(bytes.substr(at));
            return;
        }
        out.append(bytes.substr(at, zero - at));
        out.append("\0\xff", 2);
        at = zero + 1;
    }
}

void append_hash(Bytes& out, ByteView all) { out.append(Hash::of(all).view()); }

/// Bytes, or weights of a NO PAD collation.
void append_terminated(Bytes& out, ByteView bytes) {
    if (bytes.size() <= KeyCodec::kMaxStringKey) {
        append_escaped(out, bytes);
        out.append("\0\0", 2);
        return;
    }
    append_escaped(out, bytes.substr(0, KeyCodec::kMaxStringKey));
    out.append("\0\1", 2);
    append_hash(out, bytes);
}

bool turned_round(unsigned char version, unsigned char variant) {
    return version != 0 && version < 0x60 && (variant & 0x80U) != 0;
}

/// MariaDB keeps a UUID with its last group first, so that those of one host and time lie together;
/// versions 6 and above already begin with the time. Empty for one that reads like another's
/// turned-round form: MariaDB does not take those either.
Bytes uuid_order(ByteView bytes) {
    const auto byte6 = static_cast<unsigned char>(bytes[6]);
    const auto byte8 = static_cast<unsigned char>(bytes[8]);
    if (!turned_round(byte6, byte8)) {
        return turned_round(byte8, byte6) ? Bytes() : Bytes(bytes);
    }
    Bytes out(bytes.substr(10, 6));
    out += bytes.substr(8, 2);
    out += bytes.substr(6, 2);
    out += bytes.substr(4, 2);
    out += bytes.substr(0, 4);
    return out;
}

void invert(Bytes& bytes, std::size_t from) {
    for (std::size_t i = from; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(~static_cast<unsigned char>(bytes[i]));
    }
}

bool has_collation(TypeId id) { return is_text(id); }

}  // namespace

KeyCodec::KeyCodec(std::shared_ptr<const TableSchema> schema, const Index& index)
    : schema_(std::move(schema)) {
    if (index.kind != IndexKind::kBTree) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat,
                           "index " + schema_->name + "." + index.name +
                               ": FULLTEXT and SPATIAL indexes have no ordered keys");
    }
    for (const IndexPart& part : index.parts) {
        parts_.push_back(part_of(index, part));
    }
}

KeyCodec::Part KeyCodec::part_of(const Index& index, const IndexPart& listed) const {
    const Column* column = schema_->find_column(listed.column);
    if (column == nullptr) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat,
                           "index " + schema_->name + "." + index.name +
                               ": a functional part has no column to make keys of");
    }
    Part part;
    part.ordinal = schema_->ordinal_of(listed.column);
    part.type = column->type;
    part.prefix_length = listed.prefix_length;
    part.descending = listed.descending;
    part.nullable = column->nullable;
    part.shape = shape_of(column->type);
    if (has_collation(column->type.id)) {
        part.collation = find_collation(column->type.collation);
        if (part.collation == nullptr || !part.collation->has_weights()) {
            const std::string name = part.collation == nullptr
                                         ? "number " + std::to_string(column->type.collation)
                                         : std::string(part.collation->name());
            throw StorageError(StorageErrorKind::kUnsupportedFormat,
                               "column " + schema_->name + "." + column->name + ": collation " +
                                   name + " has no frozen weight table, so it cannot be indexed");
        }
    }
    return part;
}

void KeyCodec::refuse(const Part& part, const char* why) const {
    throw StorageError(
        StorageErrorKind::kUnsupportedFormat,
        "key column " + schema_->name + "." + schema_->columns[part.ordinal].name + ": " + why);
}

void KeyCodec::append_value(Bytes& out, const Part& part, const Value& value) const {
    char cell[255];
    const CellShape& shape = part.shape;
    if (shape.form != CellForm::kVariable && !put_fixed_cell(cell, shape, value)) {
        refuse(part, "the value is of another kind or does not fit");
    }
    const std::size_t at = out.size();
    const std::uint32_t whole = shape.width - shape.fraction_size;
    switch (shape.form) {
        case CellForm::kInt:
        case CellForm::kDecimal:
            append_reversed(out, cell, shape.width);
            flip_top_bit(out, at);
            return;
        case CellForm::kUInt:
        case CellForm::kDate:
            append_reversed(out, cell, shape.width);
            return;
        case CellForm::kDateTime:
        case CellForm::kTimestamp:
            append_reversed(out, cell, whole);
            append_reversed(out, cell + whole, shape.fraction_size);
            return;
        case CellForm::kFloat:
        case CellForm::kDouble:
            append_float(out, shape, value);
            return;
        case CellForm::kTime:
            append_time(out, shape, value);
            return;
        case CellForm::kFixedBytes: {
            const std::uint32_t size =
                part.prefix_length != 0 ? std::min(part.prefix_length, shape.width) : shape.width;
            if (part.type.id == TypeId::kUuid) {
                const Bytes ordered = uuid_order({cell, shape.width});
                if (ordered.empty()) {
                    refuse(part, "a UUID that MariaDB does not hold");
                }
                out += ordered;
            } else {
                out.append(cell, size);
            }
            return;
        }
        case CellForm::kVariable:
            break;
    }
    if (value.kind() != ValueKind::kBytes) {
        refuse(part, "the value is of another kind");
    }
    ByteView text = value.as_bytes();
    if (part.collation == nullptr) {
        append_terminated(out, part.prefix_length != 0 ? text.substr(0, part.prefix_length) : text);
        return;
    }
    if (part.prefix_length != 0) {
        text = text.substr(0, char_offset(part.collation->charset(), text, part.prefix_length));
    }
    if (!part.collation->pad_space()) {
        Bytes weights;
        part.collation->append_sort_key(weights, text);
        append_terminated(out, weights);
        return;
    }
    part.collation->append_sort_key(out, text);
    if (out.size() - at > kMaxStringKey) {
        const Bytes weights = out.substr(at);
        out.resize(at + kMaxStringKey);
        append_hash(out, weights);
    }
}

void KeyCodec::append_part(Bytes& out, std::size_t part_index, const Value& value) const {
    const Part& part = parts_.at(part_index);
    const std::size_t at = out.size();
    if (value.is_null()) {
        if (!part.nullable) {
            refuse(part, "NULL in a NOT NULL column");
        }
        out.push_back(kNullMark);
    } else {
        if (part.nullable) {
            out.push_back(kValueMark);
        }
        append_value(out, part, value);
    }
    if (part.descending) {
        invert(out, at);
    }
}

Bytes KeyCodec::encode_row(std::span<const Value> row, bool* has_null) const {
    Bytes out;
    bool null_found = false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (parts_[i].ordinal >= row.size()) {
            refuse(parts_[i], "the row has no such cell");
        }
        const Value& value = row[parts_[i].ordinal];
        null_found |= value.is_null();
        append_part(out, i, value);
    }
    if (has_null != nullptr) {
        *has_null = null_found;
    }
    return out;
}

Bytes KeyCodec::encode_prefix(std::span<const Value> values) const {
    Bytes out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        append_part(out, i, values[i]);
    }
    return out;
}

Bytes KeyCodec::encode_text_prefix(std::span<const Value> values, ByteView text) const {
    Bytes out = encode_prefix(values);
    const Part& part = parts_.at(values.size());
    if (part.collation == nullptr || part.descending) {
        refuse(part, "a text prefix wants an ascending text part");
    }
    if (part.nullable) {
        out.push_back(kValueMark);
    }
    if (part.prefix_length != 0) {
        text = text.substr(0, char_offset(part.collation->charset(), text, part.prefix_length));
    }
    Bytes weights;
    part.collation->append_prefix_sort_key(weights, text);
    weights.resize(std::min(weights.size(), kMaxStringKey));
    if (part.collation->pad_space()) {
        out += weights;
    } else {
        append_escaped(out, weights);
    }
    return out;
}

Bytes KeyCodec::prefix_end(ByteView prefix) {
    Bytes end(prefix);
    while (!end.empty() && end.back() == '\xff') {
        end.pop_back();
    }
    if (!end.empty()) {
        end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    }
    return end;
}

bool KeyCodec::reversible(std::size_t part_index) const noexcept {
    if (part_index >= parts_.size()) {
        return false;
    }
    const Part& part = parts_[part_index];
    return part.collation == nullptr && part.prefix_length == 0 &&
           part.shape.form != CellForm::kFloat && part.shape.form != CellForm::kDouble;
}

std::vector<Value> KeyCodec::decode_parts(ByteView key, std::size_t count) const {
    std::vector<Value> values;
    values.reserve(count);
    KeyReader reader(key);
    for (std::size_t i = 0; i < count; ++i) {
        if (!reversible(i)) {
            return {};
        }
        const Part& part = parts_[i];
        reader.begin_part(part.descending);
        if (part.nullable && !reader.read_mark()) {
            values.emplace_back();
            continue;
        }
        Value value;
        if (!reader.read_value(part.shape, part.type.id, value)) {
            return {};
        }
        values.push_back(std::move(value));
    }
    return values;
}

Bytes keyless_key(ByteView row_bytes) { return Bytes(Hash::of(row_bytes).view()); }

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/row/key_reader.h"

#include <algorithm>

#include "storage/bytes/storage_error.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void corrupt(const char* why) {
    throw StorageError(StorageErrorKind::kCorruption, std::string("key: ") + why);
}

/// Undoes the order of uuid_order in key_codec.cc: `cell` holds the key's 16 bytes. A turned-round
/// one has its variant in byte 6 and its version, 1 to 5, in byte 8; the encoder refuses the others
/// that look so.
void restore_uuid(char* cell) {
    const auto variant = static_cast<unsigned char>(cell[6]);
    const auto version = static_cast<unsigned char>(cell[8]);
    if (version == 0 || version >= 0x60 || (variant & 0x80U) == 0) {
        return;
    }
    char upright[16];
    std::memcpy(upright, cell + 12, 4);
    std::memcpy(upright + 4, cell + 10, 2);
    std::memcpy(upright + 6, cell + 8, 2);
    std::memcpy(upright + 8, cell + 6, 2);
    std::memcpy(upright + 10, cell, 6);
    std::memcpy(cell, upright, sizeof upright);
}

}  // namespace

unsigned char KeyReader::next() {
    if (at_ == key_.size()) {
        corrupt("it ends inside a part");
    }
    return static_cast<unsigned char>(static_cast<unsigned char>(key_[at_++]) ^ inversion_);
}

bool KeyReader::read_mark() {
    const unsigned char mark = next();
    if (mark > 1) {
        corrupt("a NULL mark is neither 0 nor 1");
    }
    return mark == 1;
}

bool KeyReader::read_terminated(Value& value) {
    Bytes bytes;
    while (true) {
        const unsigned char byte = next();
        if (byte != 0) {
            bytes.push_back(static_cast<char>(byte));
            continue;
        }
        switch (next()) {
            case 0x00:
                value = Value::of_bytes(std::move(bytes));
                return true;
            case 0x01:
                return false;
            case 0xff:
                bytes.push_back('\0');
                break;
            default:
                corrupt("an escape that is none");
        }
    }
}

Value KeyReader::read_time(const CellShape& shape) {
    std::uint64_t bits = 0;
    for (std::uint32_t i = 0; i < shape.width; ++i) {
        bits = bits << 8U | next();
    }
    bits ^= std::uint64_t{1} << (shape.width * 8 - 1);
    const int spare = static_cast<int>(64 - shape.width * 8);
    const std::int64_t number = static_cast<std::int64_t>(bits << spare) >> spare;
    const std::int64_t magnitude = number < 0 ? -number : number;
    const std::int64_t units = static_cast<std::int64_t>(fraction_units(shape.fraction_size));
    const int fraction_bits = 8 * shape.fraction_size;
    const std::int64_t fraction = magnitude & ((std::int64_t{1} << fraction_bits) - 1);
    if (fraction >= units && units > 1) {
        corrupt("a fraction of a second above one");
    }
    const std::int64_t packed = (magnitude >> fraction_bits) << 24 | fraction * (1'000'000 / units);
    return Value::of_time(number < 0 ? -packed : packed);
}

/// Puts the part's bytes into the order that the row has them in.
void KeyReader::read_cell(const CellShape& shape, TypeId type, char* cell) {
    if (key_.size() - at_ < shape.width) {
        corrupt("it ends inside a part");
    }
    for (std::uint32_t i = 0; i < shape.width; ++i) {
        cell[i] = static_cast<char>(static_cast<unsigned char>(key_[at_ + i]) ^ inversion_);
    }
    at_ += shape.width;
    const std::uint32_t whole = shape.width - shape.fraction_size;
    switch (shape.form) {
        case CellForm::kInt:
        case CellForm::kDecimal:
            cell[0] = static_cast<char>(static_cast<unsigned char>(cell[0]) ^ 0x80U);
            std::reverse(cell, cell + shape.width);
            return;
        case CellForm::kFixedBytes:
            if (type == TypeId::kUuid) {
                restore_uuid(cell);
            }
            return;
        default:
            std::reverse(cell, cell + whole);
            std::reverse(cell + whole, cell + shape.width);
    }
}

bool KeyReader::read_value(const CellShape& shape, TypeId type, Value& value) {
    if (shape.form == CellForm::kVariable) {
        return read_terminated(value);
    }
    if (shape.form == CellForm::kTime) {
        value = read_time(shape);
        return true;
    }
    char cell[255];
    read_cell(shape, type, cell);
    if (!get_fixed_cell(cell, shape, value)) {
        corrupt("a part holds what its type cannot");
    }
    return true;
}

}  // namespace afterimage::storage

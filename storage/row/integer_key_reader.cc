// SPDX-License-Identifier: Apache-2.0
#include "storage/row/integer_key_reader.h"

#include "storage/bytes/storage_error.h"
#include "storage/row/cell_codec.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void corrupt(const char* why) {
    throw StorageError(StorageErrorKind::kCorruption, std::string("key: ") + why);
}

}  // namespace

std::optional<IntegerKeyReader> IntegerKeyReader::make(const TableSchema& schema,
                                                       const Index& index, std::size_t count) {
    IntegerKeyReader reader;
    for (std::size_t i = 0; i < count; ++i) {
        const Column* column =
            i < index.parts.size() ? schema.find_column(index.parts[i].column) : nullptr;
        if (column == nullptr || !is_integer(column->type.id)) {
            return std::nullopt;
        }
        const CellShape shape = shape_of(column->type);
        reader.parts_.push_back({static_cast<std::uint8_t>(shape.width),
                                 shape.form == CellForm::kInt, column->nullable,
                                 index.parts[i].descending});
    }
    return reader;
}

void IntegerKeyReader::read(ByteView key, std::span<Cell> cells) const {
    std::size_t at = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const Part& part = parts_[i];
        const unsigned inversion = part.descending ? 0xffU : 0U;
        const auto byte = [&](std::size_t offset) {
            return static_cast<unsigned>(static_cast<unsigned char>(key[offset])) ^ inversion;
        };
        if (key.size() - at < std::size_t{part.nullable}) {
            corrupt("it ends inside a part");
        }
        if (part.nullable) {
            const unsigned mark = byte(at++);
            if (mark > 1) {
                corrupt("a NULL mark is neither 0 nor 1");
            }
            if (mark == 0) {
                cells[i] = {0, true};
                continue;
            }
        }
        if (key.size() - at < part.width) {
            corrupt("it ends inside a part");
        }
        std::uint64_t bits = 0;
        for (std::size_t offset = 0; offset < part.width; ++offset) {
            bits = bits << 8U | byte(at + offset);
        }
        at += part.width;
        if (part.is_signed) {
            bits ^= std::uint64_t{1} << (8U * part.width - 1);
            const unsigned spare = 64U - 8U * part.width;
            cells[i] = {static_cast<std::int64_t>(bits << spare) >> spare, false};
        } else {
            cells[i] = {static_cast<std::int64_t>(bits), false};
        }
    }
}

}  // namespace afterimage::storage

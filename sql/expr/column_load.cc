// SPDX-License-Identifier: Apache-2.0
// From stored cells to vectors: integers, decimals of one word, doubles and strings without making
// a Value; the rest through the cell codec.
#include <bit>

#include "sql/expr/cast.h"
#include "sql/expr/column_convert.h"
#include "sql/expr/enum_label.h"
#include "sql/expr/network_text.h"
#include "sql/expr/time_zone.h"
#include "sql/expr/type_rules.h"
#include "storage/bytes/storage_error.h"

namespace afterimage::sql {

using storage::CellForm;
using storage::TypeId;

namespace {

[[noreturn]] void corrupt() {
    throw storage::StorageError(storage::StorageErrorKind::kCorruption,
                                "a cell holds what its column's type cannot");
}

std::uint64_t load_bits(const char* at, std::uint32_t width) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, at, width);
    return value;
}

std::int64_t load_signed(const char* at, std::uint32_t width) noexcept {
    const auto spare = static_cast<int>(64U - 8U * width);
    return static_cast<std::int64_t>(load_bits(at, width) << spare) >> spare;
}

}  // namespace

ColumnLoader::ColumnLoader(const storage::ColumnType& type)
    : type_(column_result_type(type, true)),
      kind_(vector_kind(type_)),
      shape_(storage::shape_of(type)) {
    if (type.id == TypeId::kEnum || type.id == TypeId::kSet) {
        labels_ = labels_in_charset(type);
    }
}

void ColumnLoader::begin(ColumnVector& out) const {
    out.clear(kind_);
    out.scale = kind_ == VectorKind::kDecimal ? type_.type.scale : std::uint8_t{0};
}

void ColumnLoader::append_labels(ColumnVector& out, std::uint64_t number,
                                 EvalContext& context) const {
    if (type_.type.id == TypeId::kSet) {
        out.strings.push_back(context.arena->copy(set_text(number, labels_)));
    } else if (number > 0 && number <= labels_.size()) {
        out.strings.emplace_back(labels_[number - 1]);
    } else {
        out.strings.emplace_back();
    }
}

void ColumnLoader::append_fixed(ColumnVector& out, storage::ByteView payload,
                                EvalContext& context) const {
    const char* at = payload.data();
    switch (shape_.form) {
        case CellForm::kInt:
            out.i64.push_back(load_signed(at, shape_.width));
            return;
        case CellForm::kUInt:
            if (kind_ == VectorKind::kString) {
                append_labels(out, load_bits(at, shape_.width), context);
            } else {
                out.i64.push_back(static_cast<std::int64_t>(load_bits(at, shape_.width)));
            }
            return;
        case CellForm::kFloat:
            out.f64.push_back(static_cast<double>(
                std::bit_cast<float>(static_cast<std::uint32_t>(load_bits(at, 4)))));
            return;
        case CellForm::kDouble:
            out.f64.push_back(std::bit_cast<double>(load_bits(at, 8)));
            return;
        case CellForm::kDecimal:
            if (kind_ == VectorKind::kDecimal && shape_.width <= 8) {
                out.i64.push_back(load_signed(at, shape_.width));
                return;
            }
            break;
        case CellForm::kFixedBytes:
            if (type_.type.id == TypeId::kBinary) {
                out.strings.push_back(payload);
                return;
            }
            break;
        default:
            break;
    }
    storage::Value value;
    if (!storage::get_fixed_cell(at, shape_, value)) {
        corrupt();
    }
    append_value(out, value, type_, context);
}

void ColumnLoader::append(ColumnVector& out, const storage::RowCodec::CellView& cell,
                          const storage::ValueBlocks* blocks, EvalContext& context) const {
    if (cell.is_null) {
        out.append_null();
        return;
    }
    const std::size_t before = out.nulls.size();
    if (shape_.form != CellForm::kVariable) {
        if (cell.payload.size() != shape_.width) {
            corrupt();
        }
        append_fixed(out, cell.payload, context);
    } else if (!cell.out_of_line) {
        out.strings.push_back(cell.payload);
    } else {
        if (blocks == nullptr || cell.payload.size() < storage::Hash::kSize) {
            corrupt();
        }
        const storage::Bytes bytes = blocks->get_value(
            storage::Hash::from_bytes(cell.payload.substr(0, storage::Hash::kSize)));
        out.strings.push_back(context.arena->copy(bytes));
    }
    if (!out.nulls.empty() && out.nulls.size() == before) {
        out.nulls.push_back(0);
    }
}

}  // namespace afterimage::sql

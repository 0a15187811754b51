// SPDX-License-Identifier: Apache-2.0
#include "storage/value/value.h"

#include <bit>

namespace afterimage::storage {

bool Value::same_as(const Value& other) const noexcept {
    if (kind_ != other.kind_) {
        return false;
    }
    switch (kind_) {
        case ValueKind::kNull:
            return true;
        case ValueKind::kFloat:
        case ValueKind::kDouble:
            return std::bit_cast<std::uint64_t>(real_) == std::bit_cast<std::uint64_t>(other.real_);
        case ValueKind::kDecimal:
            return decimal_ == other.decimal_;
        case ValueKind::kBytes:
            return bytes_ == other.bytes_;
        case ValueKind::kInt:
        case ValueKind::kUInt:
        case ValueKind::kDate:
        case ValueKind::kDateTime:
        case ValueKind::kTime:
        case ValueKind::kTimestamp:
            break;
    }
    return integer_ == other.integer_;
}

}  // namespace afterimage::storage

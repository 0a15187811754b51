// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/batch.h"

#include <algorithm>
#include <cstring>

#include "storage/bytes/invariant.h"

namespace afterimage::sql {

namespace {

/// First chunk of an arena; later ones double up to kMaxChunkBytes.
constexpr std::size_t kMinChunkBytes = 4096;
constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20U;

}  // namespace

storage::Decimal ColumnVector::decimal_at(std::size_t row) const {
    const std::size_t at = index(row);
    if (kind == VectorKind::kWideDecimal) {
        return wide[at];
    }
    storage::Decimal result = storage::Decimal::of_int(i64[at]);
    result.scale = scale;
    return result;
}

std::size_t ColumnVector::size() const noexcept {
    switch (kind) {
        case VectorKind::kF64:
            return f64.size();
        case VectorKind::kWideDecimal:
            return wide.size();
        case VectorKind::kString:
            return strings.size();
        default:
            return i64.size();
    }
}

void ColumnVector::clear(VectorKind new_kind) {
    kind = new_kind;
    constant = false;
    scale = 0;
    nulls.clear();
    i64.clear();
    f64.clear();
    wide.clear();
    strings.clear();
}

void ColumnVector::reserve(std::size_t rows) {
    switch (kind) {
        case VectorKind::kF64:
            f64.reserve(rows);
            break;
        case VectorKind::kWideDecimal:
            wide.reserve(rows);
            break;
        case VectorKind::kString:
            strings.reserve(rows);
            break;
        default:
            i64.reserve(rows);
            break;
    }
}

void ColumnVector::resize(std::size_t rows) {
    switch (kind) {
        case VectorKind::kF64:
            f64.resize(rows);
            break;
        case VectorKind::kWideDecimal:
            wide.resize(rows);
            break;
        case VectorKind::kString:
            strings.resize(rows);
            break;
        default:
            i64.resize(rows);
            break;
    }
    if (!nulls.empty()) {
        nulls.resize(rows, 0);
    }
}

void ColumnVector::append_null() {
    const std::size_t at = size();
    resize(at + 1);
    set_null(at);
}

void ColumnVector::set_null(std::size_t row) {
    if (nulls.size() < size()) {
        nulls.resize(size(), 0);
    }
    INVARIANT(row < nulls.size(), "set_null needs an appended row");
    nulls[row] = 1;
}

std::string_view StringArena::copy(std::string_view bytes) {
    if (bytes.empty()) {
        return {};
    }
    char* at = allocate(bytes.size());
    std::memcpy(at, bytes.data(), bytes.size());
    return {at, bytes.size()};
}

char* StringArena::allocate(std::size_t size_bytes) {
    if (chunks_.empty() || used_ + size_bytes > capacity_) {
        std::size_t chunk = std::clamp(capacity_ * 2, kMinChunkBytes, kMaxChunkBytes);
        chunk = std::max(chunk, size_bytes);
        // Not value-initialized: every byte is written by the caller.
        chunks_.push_back(std::unique_ptr<char[]>(new char[chunk]));
        capacity_ = chunk;
        used_ = 0;
        size_bytes_ += chunk;
    }
    char* at = chunks_.back().get() + used_;
    used_ += size_bytes;
    return at;
}

void StringArena::clear() noexcept {
    // The last chunk is the largest of the regular ones: kept, so that a steady load allocates no
    // more. One oversized value does not stay.
    if (!chunks_.empty() && capacity_ <= kMaxChunkBytes) {
        if (chunks_.size() > 1) {
            chunks_.front() = std::move(chunks_.back());
            chunks_.resize(1);
        }
        size_bytes_ = capacity_;
    } else {
        chunks_.clear();
        capacity_ = 0;
        size_bytes_ = 0;
    }
    used_ = 0;
}

void Batch::clear() noexcept {
    for (ColumnVector& column : columns) {
        column.clear(column.kind);
    }
    row_count = 0;
    selection.clear();
    selected = false;
    arena.clear();
    pins.clear();
}

}  // namespace afterimage::sql

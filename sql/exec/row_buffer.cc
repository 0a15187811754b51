// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/row_buffer.h"

#include <utility>

#include "sql/exec/column_copy.h"

namespace afterimage::sql {

namespace {

std::size_t cell_bytes(VectorKind kind) {
    switch (kind) {
        case VectorKind::kWideDecimal:
            return sizeof(storage::Decimal);
        case VectorKind::kString:
            return sizeof(std::string_view);
        default:
            return sizeof(std::int64_t);
    }
}

/// The budget is told in steps, not for each row.
constexpr std::size_t kChargeStepRows = 256;

}  // namespace

RowBuffer::RowBuffer(std::vector<ResultType> types, MemoryBudget& memory)
    : types_(std::move(types)), columns_(types_.size()), memory_(memory) {
    for (std::size_t i = 0; i < types_.size(); ++i) {
        columns_[i].clear(vector_kind(types_[i]));
        columns_[i].scale = types_[i].type.scale;
        row_bytes_ += cell_bytes(columns_[i].kind);
    }
}

RowBuffer::~RowBuffer() { memory_.release(charged_); }

void RowBuffer::charge() {
    const std::size_t now = row_count_ * row_bytes_ + arena_.size_bytes();
    if (now > charged_) {
        const std::size_t more = now - charged_;
        charged_ = now;
        memory_.add(more);
    }
}

void RowBuffer::append_row(std::span<const ColumnVector* const> cells, std::size_t row) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (cells[i]->kind == VectorKind::kDecimal) {
            columns_[i].scale = cells[i]->scale;
        }
        append_cell(columns_[i], *cells[i], row, &arena_);
    }
    if (++row_count_ % kChargeStepRows == 0) {
        charge();
    }
}

void RowBuffer::append_batch(const Batch& batch) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const ColumnVector& in = batch.columns[i];
        if (in.kind == VectorKind::kDecimal) {
            columns_[i].scale = in.scale;
        }
        for (std::size_t k = 0; k < batch.active_count(); ++k) {
            append_cell(columns_[i], in, batch.active_row(k), &arena_);
        }
    }
    row_count_ += batch.active_count();
    charge();
}

void RowBuffer::append_batch(const Batch& batch, std::span<const std::size_t> slots) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const ColumnVector& in = batch.columns[slots[i]];
        if (in.kind == VectorKind::kDecimal) {
            columns_[i].scale = in.scale;
        }
        for (std::size_t k = 0; k < batch.active_count(); ++k) {
            append_cell(columns_[i], in, batch.active_row(k), &arena_);
        }
    }
    row_count_ += batch.active_count();
    charge();
}

void RowBuffer::append_from(const RowBuffer& other, std::size_t row) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        columns_[i].scale = other.columns_[i].scale;
        append_cell(columns_[i], other.columns_[i], row, &arena_);
    }
    if (++row_count_ % kChargeStepRows == 0) {
        charge();
    }
}

void RowBuffer::clear() {
    for (ColumnVector& column : columns_) {
        const std::uint8_t scale = column.scale;
        column.clear(column.kind);
        column.scale = scale;
    }
    arena_.clear();
    row_count_ = 0;
    memory_.release(charged_);
    charged_ = 0;
}

void RowBuffer::read(std::size_t first, std::size_t count, Batch& batch) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        ColumnVector& out = batch.columns[i];
        out.clear(columns_[i].kind);
        out.scale = columns_[i].scale;
        out.reserve(count);
        for (std::size_t row = first; row < first + count; ++row) {
            append_cell(out, columns_[i], row, nullptr);
        }
    }
    batch.row_count = count;
}

}  // namespace afterimage::sql

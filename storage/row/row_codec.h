// SPDX-License-Identifier: Apache-2.0
// The one row encoding: leaf, change set, sort run and hash-join payload. A column is read without
// decoding the others.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/bytes/content_hash.h"
#include "storage/schema/table_schema.h"

namespace afterimage::storage {

/// All cells of one row, in ordinal order.
using Row = std::vector<Value>;

/// Where cells above ~2 KiB live: content-addressed by SHA-256 over fixed 64 KiB blocks, outside
/// leaf and change set.
class ValueBlocks {
  public:
    virtual ~ValueBlocks() = default;
    /// Stores the bytes (idempotent) and returns their address. Thread-safe.
    virtual Hash put_value(ByteView bytes) = 0;
    /// The bytes; StorageError(kCorruption) when they are missing or do not hash to `address`.
    /// Thread-safe.
    [[nodiscard]] virtual Bytes get_value(const Hash& address) const = 0;
};

/// Encodes and decodes rows of one schema. Immutable, thread-safe; keeps the schema alive.
class RowCodec {
  public:
    explicit RowCodec(std::shared_ptr<const TableSchema> schema);

    [[nodiscard]] const TableSchema& schema() const noexcept { return *schema_; }

    /// Trailing columns equal to their missing_value are trimmed, so equal rows have equal bytes.
    /// `blocks` may be null when no cell exceeds the out-of-line limit (then large cells stay
    /// inline: used for sort runs).
    [[nodiscard]] Bytes encode(std::span<const Value> row, ValueBlocks* blocks) const;
    /// Throws StorageError(kCorruption) on bytes that no encode() made.
    [[nodiscard]] Row decode(ByteView bytes, const ValueBlocks* blocks) const;
    /// One cell, by ordinal, without decoding the others.
    [[nodiscard]] Value decode_column(ByteView bytes, std::size_t ordinal,
                                      const ValueBlocks* blocks) const;

    /// Readers for batches: raw access to a cell without building a Value. The cell's bytes view
    /// lives as long as `bytes`.
    struct CellView {
        bool is_null = true;
        bool out_of_line = false;  ///< payload then holds the 20-byte address and the length
        ByteView payload;          ///< fixed-width: its little-endian bytes; variable: the bytes
    };
    [[nodiscard]] CellView cell(ByteView bytes, std::size_t ordinal) const;
    /// The Value of a CellView of column `ordinal`.
    [[nodiscard]] Value value_of(const CellView& cell, std::size_t ordinal,
                                 const ValueBlocks* blocks) const;

    /// The canonical row of the content sum (design: values in column order, trailing NULLs left
    /// out, integers widened): free of ids, recorded constants and out-of-line addresses.
    [[nodiscard]] Bytes canonical(ByteView bytes, const ValueBlocks* blocks) const;

  private:
    struct Slot {
        bool fixed = false;
        std::uint32_t offset_or_index =
            0;  ///< fixed: offset inside the fixed area; else index among variable columns
        std::uint32_t width = 0;
    };
    std::shared_ptr<const TableSchema> schema_;
    std::vector<Slot> slots_;
};

/// 256-bit additive hash of a table's rows: order-free, updated by change sets.
struct ContentSum {
    std::array<std::uint64_t, 4> limbs{};
    void add(ByteView canonical_row);
    void subtract(ByteView canonical_row);
    /// `count` equal rows at once (keyless tables).
    void add_times(ByteView canonical_row, std::uint64_t count);
    void subtract_times(ByteView canonical_row, std::uint64_t count);
    [[nodiscard]] Bytes bytes() const;  ///< 32 bytes, little-endian
    [[nodiscard]] static ContentSum from_bytes(ByteView bytes);
    bool operator==(const ContentSum&) const = default;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// The one row encoding: leaf, change set, sort run and hash-join payload. A column is read without
// decoding the others.
//
// Thread-safe: a RowCodec is immutable. Reading takes untrusted bytes: whatever encode() cannot
// have written throws StorageError(kCorruption) and never reads outside `bytes`. decode() checks
// the whole row; cell(), decode_column() and canonical() check what they touch.
//
// Invariants: 1. Equal rows under one schema have equal bytes.  2. The bytes of a row do not depend
// on columns behind the last one held.  3. A NULL cell's fixed bytes are zero, its variable bytes
// none.
//
// Layout, little-endian; [row] in docs/storage-format.md:
//   OFFSET  SIZE           MEANING
//        0  varint         columns held << 2 | size code of the offsets: 0 = 1 byte, 1 = 2, 2 = 4,
//                          3 = 4 with bit 31 set where the cell is out of line; the least that fits
//        .  (held + 7) / 8 null bitmap: bit i % 8 of byte i / 8 is column i, 1 = NULL
//        .  …              cells of fixed width (cell_codec.h), in ordinal order, NULL ones too
//        .  size each      for each column of variable width held: where its bytes end, counted
//                          from the end of this array
//        .  …              bytes of the variable cells
// An out-of-line cell is 24 bytes: address (20), length (4). Cells above 2048 bytes are out of line
// when the encoder was given a place for them.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/bytes/content_hash.h"
#include "storage/row/cell_codec.h"
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
    /// inline: used for sort runs). Throws StorageError(kUnsupportedFormat) naming the column when
    /// a value is not of its column's kind or does not fit (nothing is cut), when the row has
    /// another number of cells than the schema, or above 2 GiB.
    [[nodiscard]] Bytes encode(std::span<const Value> row, ValueBlocks* blocks) const;
    /// Throws StorageError(kCorruption) on bytes that no encode() made.
    [[nodiscard]] Row decode(ByteView bytes, const ValueBlocks* blocks) const;
    /// One cell, by ordinal, without decoding the others.
    [[nodiscard]] Value decode_column(ByteView bytes, std::size_t ordinal,
                                      const ValueBlocks* blocks) const;

    /// Readers for batches: raw access to a cell without building a Value. The cell's bytes view
    /// lives as long as `bytes`, and for a trimmed column as long as this codec.
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
    /// out, integers widened): free of ids, recorded constants and out-of-line addresses. VIRTUAL
    /// generated columns are left out: whether they were computed is not content. For each other
    /// column a tag and
    ///   0 NULL: nothing   1 integer below 2^63, BIT, YEAR, ENUM and SET by number: 8 bytes
    ///   2 integer from 2^63 on: 8 bytes   3 FLOAT: 4, its bits   4 DOUBLE: 8, its bits
    ///   5 DECIMAL: scale u8, then 32 bytes two's complement   6 DATE, 7 DATETIME, 8 TIME: 8,
    ///   packed 9 TIMESTAMP: 8, microseconds   10 bytes up to 2048: varint length, bytes 11 longer
    ///   bytes: SHA-256 (32) of them; all little-endian.
    [[nodiscard]] Bytes canonical(ByteView bytes, const ValueBlocks* blocks) const;

    /// Whether the bytes of rows written under `from` are those that `to` writes for equal values:
    /// what decides between an ALTER that rewrites nothing and a rebuild. Columns may only be added
    /// at the end. Values that the new type converts (another charset, other ENUM labels in
    /// between, fewer fraction digits) are the caller's to see.
    [[nodiscard]] static bool same_layout(const TableSchema& from, const TableSchema& to);

    /// Cells above this go out of line.
    static constexpr std::size_t kMaxInlineCell = 2048;
    static constexpr std::size_t kReferenceSize = Hash::kSize + 4;

  private:
    struct Slot {
        CellShape shape;
        std::uint32_t fixed_before = 0;     ///< bytes of fixed cells in front of this column
        std::uint32_t variable_before = 0;  ///< variable columns in front of it
        bool is_virtual = false;
        Bytes missing_cell;  ///< what a trimmed column reads as: fixed bytes or the value
    };
    /// Where the parts of one row's bytes begin.
    struct Layout;

    [[nodiscard]] Layout layout_of(ByteView bytes) const;
    [[nodiscard]] CellView cell_at(const Layout& layout, std::size_t ordinal) const;
    [[nodiscard]] CellView missing_cell(std::size_t ordinal) const;
    void check_row(const Layout& layout, std::span<const Value> row) const;
    /// Bytes of the variable cells of the first `held` columns, and whether one lies out of line.
    [[nodiscard]] std::size_t variable_bytes(std::span<const Value> row, std::size_t held,
                                             bool may_be_far, bool& any_far) const;
    /// Writes a variable cell that is not NULL to `at`; returns its size.
    std::uint32_t put_variable(char* at, std::size_t ordinal, const Bytes& bytes,
                               ValueBlocks* far) const;
    [[nodiscard]] std::size_t held_count(std::span<const Value> row) const;
    void append_canonical(Bytes& out, const CellView& cell, std::size_t ordinal,
                          const ValueBlocks* blocks) const;
    [[noreturn]] void refuse(std::size_t ordinal, const char* why) const;

    std::shared_ptr<const TableSchema> schema_;
    std::vector<Slot> slots_;  ///< one more than columns: the sums behind the last
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

// SPDX-License-Identifier: Apache-2.0
// Keys whose memcmp order is the order of the SQL values.
//
// A key is the concatenation of its parts' encodings; each part is self-delimiting, so that a
// prefix of parts is a prefix of the key. NULL sorts first. A descending part is the ascending one
// with all bytes inverted. Secondary index entry: key = parts of the index, then the whole primary
// key; value = varint length of the index parts. Keyless table: key = SHA-256/160 of the trimmed
// row bytes, value = varint count, then the row.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/row/cell_codec.h"
#include "storage/row/row_codec.h"
#include "storage/schema/table_schema.h"
#include "storage/value/collation.h"

namespace afterimage::storage {

/// Makes the keys of one index of one schema. Immutable, thread-safe.
class KeyCodec {
  public:
    /// `functional` cells come from row rules; storage alone encodes column parts. Throws
    /// StorageError(kUnsupportedFormat) naming the column and collation when the collation has no
    /// frozen table.
    KeyCodec(std::shared_ptr<const TableSchema> schema, const Index& index);

    [[nodiscard]] std::size_t part_count() const noexcept { return parts_.size(); }

    /// Key bytes of a row (all parts). `*has_null` (optional) tells whether a part is NULL (UNIQUE
    /// does not apply then).
    [[nodiscard]] Bytes encode_row(std::span<const Value> row, bool* has_null = nullptr) const;
    /// Key bytes of the first `values.size()` parts: for lookups and range ends. Values must
    /// already have the columns' kinds.
    [[nodiscard]] Bytes encode_prefix(std::span<const Value> values) const;
    /// One part.
    void append_part(Bytes& out, std::size_t part, const Value& value) const;

    /// The smallest byte string above every key that begins with `prefix`; empty when there is
    /// none.
    [[nodiscard]] static Bytes prefix_end(ByteView prefix);

    /// Like encode_prefix, with `text` as the beginning of the string of part `values.size()` (a
    /// text column): what the keys of all values that begin with it begin with, for LIKE 'text%'.
    /// Other values may share it. Ascending text parts only.
    [[nodiscard]] Bytes encode_text_prefix(std::span<const Value> values, ByteView text) const;

    /// The value of part `part` read back from key bytes, where the encoding is reversible
    /// (numbers, temporals, binary strings; not FLOAT and DOUBLE, where -0.0 is lost): lets an
    /// index answer without the row.
    [[nodiscard]] bool reversible(std::size_t part) const noexcept;
    /// The first `count` values. Empty where one of them cannot be read back (collated strings, cut
    /// keys). StorageError(kCorruption) for bytes that no encoding made.
    [[nodiscard]] std::vector<Value> decode_parts(ByteView key, std::size_t count) const;

    /// Weights or bytes of one string above this are cut; see the layout.
    static constexpr std::size_t kMaxStringKey = 1024;

  private:
    struct Part {
        std::size_t ordinal = 0;
        ColumnType type;
        std::uint32_t prefix_length = 0;
        bool descending = false;
        bool nullable = false;
        CellShape shape;
        const Collation* collation = nullptr;  ///< of text columns
    };
    [[nodiscard]] Part part_of(const Index& index, const IndexPart& listed) const;
    void append_value(Bytes& out, const Part& part, const Value& value) const;
    [[noreturn]] void refuse(const Part& part, const char* why) const;

    std::shared_ptr<const TableSchema> schema_;
    std::vector<Part> parts_;
};

/// Key of a keyless row: 20 bytes of the hash of its encoded bytes.
[[nodiscard]] Bytes keyless_key(ByteView row_bytes);

}  // namespace afterimage::storage

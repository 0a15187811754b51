// SPDX-License-Identifier: Apache-2.0
// Reads integers back from the leading parts of keys: what KeyCodec::decode_parts does for every
// type, without a Value a cell, for scans that an index answers alone.
//
// Immutable, thread-safe. Layout: key_codec.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/schema/table_schema.h"

namespace afterimage::storage {

class IntegerKeyReader {
  public:
    struct Cell {
        std::int64_t bits = 0;  ///< two's complement; of an unsigned column its own bits
        bool is_null = false;
    };

    /// For the first `count` parts of `index`; empty when one of them is no integer column.
    [[nodiscard]] static std::optional<IntegerKeyReader> make(const TableSchema& schema,
                                                              const Index& index,
                                                              std::size_t count);

    /// Fills the first `count` cells. Throws StorageError(kCorruption) for bytes that no KeyCodec
    /// made.
    void read(ByteView key, std::span<Cell> cells) const;

  private:
    struct Part {
        std::uint8_t width = 0;
        bool is_signed = false, nullable = false, descending = false;
    };
    std::vector<Part> parts_;
};

}  // namespace afterimage::storage

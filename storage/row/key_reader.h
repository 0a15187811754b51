// SPDX-License-Identifier: Apache-2.0
// Reads values back from key bytes, one part after the other. Private to storage/row; the layout is
// that of key_codec.h.
//
// Not thread-safe; keeps a view of the key. Throws StorageError(kCorruption) for bytes that no
// KeyCodec made.
#pragma once

#include "storage/bytes/byte_view.h"
#include "storage/row/cell_codec.h"

namespace afterimage::storage {

class KeyReader {
  public:
    explicit KeyReader(ByteView key) noexcept : key_(key) {}

    void begin_part(bool descending) noexcept { inversion_ = descending ? 0xffU : 0U; }
    /// The mark of a nullable part: false = NULL.
    [[nodiscard]] bool read_mark();
    /// False for a cut string, which cannot be read back.
    [[nodiscard]] bool read_value(const CellShape& shape, TypeId type, Value& value);

  private:
    [[nodiscard]] unsigned char next();
    [[nodiscard]] bool read_terminated(Value& value);
    [[nodiscard]] Value read_time(const CellShape& shape);
    void read_cell(const CellShape& shape, TypeId type, char* cell);

    ByteView key_;
    std::size_t at_ = 0;
    unsigned inversion_ = 0;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// A bounded cursor over untrusted bytes. Every read checks what is left and throws TruncatedInput;
// nothing reads past the end.
//
// Not thread-safe; keeps a view, so the bytes must outlive the reader and every view it returned.
#pragma once

#include <stdexcept>
#include <string>

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

/// The input ended, or a length in it points past its end.
class TruncatedInput : public std::runtime_error {
  public:
    explicit TruncatedInput(const std::string& what) : std::runtime_error(what) {}
};

class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }
    [[nodiscard]] std::size_t position() const noexcept { return at_; }
    [[nodiscard]] bool at_end() const noexcept { return left() == 0; }

    std::uint8_t u8() { return fixed<std::uint8_t>(); }
    std::uint16_t u16() { return fixed<std::uint16_t>(); }
    std::uint32_t u24() { return static_cast<std::uint32_t>(le(3)); }
    std::uint32_t u32() { return fixed<std::uint32_t>(); }
    std::uint64_t u48() { return le(6); }
    std::uint64_t u64() { return fixed<std::uint64_t>(); }

    /// Little-endian integer of 1 to 8 bytes.
    std::uint64_t le(unsigned size_bytes);
    /// Big-endian integer of 1 to 8 bytes.
    std::uint64_t be(unsigned size_bytes);
    /// LEB128, at most 10 bytes; see varint.h.
    std::uint64_t varint();
    /// MySQL's length-encoded integer (protocol::LengthEncodedInteger); 0xfb and 0xff are refused
    /// as TruncatedInput.
    std::uint64_t lenenc();

    ByteView bytes(std::uint64_t size_bytes);
    ByteView rest() { return bytes(left()); }
    /// varint length, then as many bytes.
    ByteView varint_bytes() { return bytes(varint()); }
    ByteView lenenc_bytes() { return bytes(lenenc()); }
    /// Bytes up to a NUL, which is consumed and not returned.
    ByteView cstring();
    void skip(std::uint64_t size_bytes) { bytes(size_bytes); }

  private:
    template <std::integral T>
    T fixed() {
        return load_le<T>(bytes(sizeof(T)).data());
    }

    ByteView bytes_;
    std::size_t at_ = 0;
};

}  // namespace afterimage::storage

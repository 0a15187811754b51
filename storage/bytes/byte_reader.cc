// SPDX-License-Identifier: Apache-2.0
#include "storage/bytes/byte_reader.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void throw_truncated(const char* what) { throw TruncatedInput(what); }

}  // namespace

ByteView ByteReader::bytes(std::uint64_t size_bytes) {
    if (size_bytes > left()) {
        throw TruncatedInput("input ends at byte " + std::to_string(bytes_.size()) + ", " +
                             std::to_string(size_bytes) + " bytes wanted at " +
                             std::to_string(at_));
    }
    const ByteView result = bytes_.substr(at_, static_cast<std::size_t>(size_bytes));
    at_ += static_cast<std::size_t>(size_bytes);
    return result;
}

std::uint64_t ByteReader::le(unsigned size_bytes) {
    const ByteView raw = bytes(size_bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, raw.data(), raw.size());
    return value;
}

std::uint64_t ByteReader::be(unsigned size_bytes) {
    return load_be(bytes(size_bytes).data(), size_bytes);
}

std::uint64_t ByteReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const std::uint8_t byte = u8();
        if (shift == 63 && byte > 1) {
            throw_truncated("varint above 64 bits");
        }
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if ((byte & 0x80U) == 0) {
            return value;
        }
    }
    throw_truncated("varint longer than 10 bytes");
}

std::uint64_t ByteReader::lenenc() {
    const std::uint8_t first = u8();
    if (first < 0xfb) {
        return first;
    }
    switch (first) {
        case 0xfc:
            return u16();
        case 0xfd:
            return u24();
        case 0xfe:
            return u64();
        default:
            throw_truncated("not a length-encoded integer");
    }
}

ByteView ByteReader::cstring() {
    const std::size_t end = bytes_.find('\0', at_);
    if (end == ByteView::npos) {
        throw_truncated("string without its closing NUL");
    }
    const ByteView result = bytes(end - at_);
    skip(1);
    return result;
}

}  // namespace afterimage::storage

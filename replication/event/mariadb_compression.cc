// SPDX-License-Identifier: Apache-2.0
#include "replication/event/mariadb_compression.h"

#include <zlib.h>

#include <limits>
#include <string>

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::Bytes;
using storage::ByteView;
using storage::TruncatedInput;

// Deflate cannot do better than 1032 : 1 (zlib's technical details).
constexpr std::uint64_t kMaxRatio = 1032;
constexpr int kRawDeflate = -MAX_WBITS;

// RAII round zlib's state.
class Inflater {
  public:
    explicit Inflater(int window_bits) {
        if (inflateInit2(&stream_, window_bits) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    z_stream& stream() noexcept { return stream_; }

  private:
    z_stream stream_{};
};

// The stream must end exactly at `size` bytes of output.
Bytes inflate_exactly(ByteView input, std::uint64_t size, std::uint64_t max_bytes,
                      int window_bits) {
    if (size > max_bytes || size > (input.size() + 1) * kMaxRatio ||
        size > std::numeric_limits<uInt>::max() ||
        input.size() > std::numeric_limits<uInt>::max()) {
        throw TruncatedInput("uncompressed length " + std::to_string(size) + " of " +
                             std::to_string(input.size()) + " bytes is out of range");
    }
    Bytes output(size, '\0');
    Inflater inflater(window_bits);
    z_stream& stream = inflater.stream();
    // zlib's interface is not const-correct; it does not write to next_in.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream.avail_in = static_cast<uInt>(input.size());
    char none = 0;
    stream.next_out = reinterpret_cast<Bytef*>(size == 0 ? &none : output.data());
    stream.avail_out = static_cast<uInt>(size);
    const int status = inflate(&stream, Z_FINISH);
    if (status != Z_STREAM_END || stream.avail_out != 0) {
        throw TruncatedInput("damaged compressed data");
    }
    return output;
}

}  // namespace

Bytes inflate_event_part(ByteView bytes, std::uint64_t max_bytes) {
    ByteReader reader(bytes);
    const std::uint8_t head = reader.u8();
    const unsigned algorithm = (head & 0x70U) >> 4U;
    const unsigned length_bytes = head & 0x07U;
    if ((head & 0x80U) == 0 || algorithm != 0 || length_bytes == 0) {
        throw TruncatedInput("unknown compression header " + std::to_string(head));
    }
    const std::uint64_t size = reader.be(length_bytes);
    return inflate_exactly(reader.rest(), size, max_bytes, MAX_WBITS);
}

Bytes inflate_column_value(ByteView bytes, std::uint64_t max_bytes) {
    if (bytes.empty()) {
        return {};
    }
    ByteReader reader(bytes);
    const std::uint8_t head = reader.u8();
    if (head == 0) {
        return Bytes(reader.rest());
    }
    const unsigned length_bytes = head & 0x07U;
    if ((head & 0xf0U) != 0x80U || length_bytes == 0) {
        throw TruncatedInput("unknown column compression header " + std::to_string(head));
    }
    const std::uint64_t size = reader.be(length_bytes);
    return inflate_exactly(reader.rest(), size, max_bytes,
                           (head & 0x08U) != 0 ? kRawDeflate : MAX_WBITS);
}

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
#include "replication/event/transaction_payload.h"

#include <zstd.h>

#include <algorithm>
#include <new>

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;

constexpr std::uint64_t kAlgorithmZstd = 0;
constexpr std::uint64_t kAlgorithmNone = 255;
// Output is taken in steps of this size, so that a lying size field costs no memory.
constexpr std::size_t kStepBytes = 128 * 1024;

struct PayloadFrame {
    std::uint64_t algorithm = kAlgorithmNone;
    std::uint64_t uncompressed_size = 0;
    ByteView payload;
};

PayloadFrame decode_payload_frame(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        PayloadFrame frame;
        std::optional<std::uint64_t> payload_size;
        for (;;) {
            const std::uint64_t type = reader.lenenc();
            if (type == 0) {
                break;
            }
            ByteReader value(reader.lenenc_bytes());
            if (type == 1) {
                payload_size = value.lenenc();
            } else if (type == 2) {
                frame.algorithm = value.lenenc();
            } else if (type == 3) {
                frame.uncompressed_size = value.lenenc();
            }
        }
        frame.payload = payload_size ? reader.bytes(*payload_size) : reader.rest();
        if (frame.algorithm != kAlgorithmZstd && frame.algorithm != kAlgorithmNone) {
            throw_malformed(event, reader,
                            "unknown compression " + std::to_string(frame.algorithm));
        }
        return frame;
    });
}

}  // namespace

// RAII round zstd's stream; the payload may hold several frames.
class PayloadReader::Inflater {
  public:
    explicit Inflater(ByteView payload) : stream_(ZSTD_createDStream()) {
        if (stream_ == nullptr) {
            throw std::bad_alloc();
        }
        input_ = {payload.data(), payload.size(), 0};
    }
    ~Inflater() { ZSTD_freeDStream(stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    // Appends up to `size` bytes; false at the clean end of the last frame. `*damaged` is set for
    // anything else.
    bool read(storage::Bytes& out, std::size_t size, bool* damaged) {
        const std::size_t before = out.size();
        out.resize(before + size);
        ZSTD_outBuffer output = {out.data() + before, size, 0};
        while (output.pos < output.size) {
            if (at_frame_end_ && input_.pos == input_.size) {
                break;
            }
            const std::size_t input_before = input_.pos;
            const std::size_t output_before = output.pos;
            const std::size_t status = ZSTD_decompressStream(stream_, &output, &input_);
            if (ZSTD_isError(status) != 0) {
                *damaged = true;
                break;
            }
            at_frame_end_ = status == 0;
            if (input_.pos == input_before && output.pos == output_before) {
                *damaged = !at_frame_end_;
                break;
            }
        }
        out.resize(before + output.pos);
        return output.pos != 0;
    }

  private:
    ZSTD_DStream* stream_;
    ZSTD_inBuffer input_{};
    bool at_frame_end_ = true;
};

PayloadReader::PayloadReader(const EventView& outer, std::uint64_t max_event_bytes)
    : outer_(outer.header), max_event_bytes_(max_event_bytes) {
    const PayloadFrame frame = decode_payload_frame(outer);
    announced_size_ = frame.uncompressed_size;
    if (frame.algorithm == kAlgorithmZstd) {
        inflater_ = std::make_unique<Inflater>(frame.payload);
    } else {
        plain_ = frame.payload;
    }
}

PayloadReader::~PayloadReader() = default;

void PayloadReader::fail(const std::string& reason) const {
    throw EventError(outer_, EventHeader::kSize, reason);
}

// Makes buffer_ hold `size_bytes`; false when the payload ends before the first byte.
bool PayloadReader::fill(std::size_t size_bytes) {
    while (buffer_.size() < size_bytes) {
        const std::size_t step = std::min(size_bytes - buffer_.size(), kStepBytes);
        bool damaged = false;
        bool more;
        if (inflater_) {
            more = inflater_->read(buffer_, step, &damaged);
        } else {
            const std::size_t taken = std::min(step, plain_.size());
            buffer_.append(plain_.substr(0, taken));
            plain_.remove_prefix(taken);
            more = taken != 0;
        }
        if (damaged) {
            fail("damaged compressed transaction");
        }
        if (!more) {
            if (!buffer_.empty()) {
                fail("compressed transaction ends inside an event");
            }
            return false;
        }
    }
    return true;
}

std::optional<EventView> PayloadReader::next() {
    buffer_.clear();
    if (!fill(EventHeader::kSize)) {
        return std::nullopt;
    }
    const EventHeader header = decode_header(buffer_);
    if (header.size_bytes > max_event_bytes_) {
        fail("inner event of " + std::to_string(header.size_bytes) +
             " bytes is over the limit of " + std::to_string(max_event_bytes_));
    }
    if (header.type == EventType::kTransactionPayload) {
        fail("compressed transaction inside a compressed transaction");
    }
    if (!fill(header.size_bytes)) {
        fail("compressed transaction ends inside an event");
    }
    return decode_frame(buffer_, ChecksumAlgorithm::kNone);
}

}  // namespace afterimage::replication

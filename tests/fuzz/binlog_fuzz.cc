// SPDX-License-Identifier: Apache-2.0
// A source's event stream: framing, every decoder, the grouping into transactions, row images.
//
// Input: events one behind the other, as in a binlog file (its magic may stand in front). The size
// in each header is cut to what is there and the checksum is put right, so that neither keeps the
// rest of the decoders out of reach; both have tests of their own.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <string>

#include "replication/gtid_set.h"
#include "replication/row_image.h"
#include "replication/stream_event.h"
#include "replication/transaction_assembler.h"
#include "tests/replication/event_dump.h"

namespace {

using namespace afterimage;
using namespace afterimage::replication;

constexpr std::uint64_t kMaxEventBytes = 1 << 20;

void store_le32(storage::Bytes& bytes, std::size_t at, std::uint32_t value) {
    for (std::size_t index = 0; index < 4; ++index) {
        bytes[at + index] = static_cast<char>(value >> (8 * index) & 0xFF);
    }
}

class CountingSink final : public TransactionSink {
  public:
    void on_begin(const SourceTransaction&) override { enter(); }
    void on_change(const SourceTransaction&, const SourceChange&) override {
        if (!open_) {
            std::terminate();
        }
    }
    void on_end(const SourceTransaction& transaction) override {
        static_cast<void>(transaction.gtid_text());
        leave();
    }
    void on_drop(const SourceTransaction&, const std::string&) override { leave(); }

  private:
    void enter() {
        if (open_) {
            std::terminate();
        }
        open_ = true;
    }
    void leave() {
        if (!open_) {
            std::terminate();
        }
        open_ = false;
    }
    bool open_ = false;
};

// The next event of `input`, its size and checksum made to fit; empty at the end.
storage::Bytes take_event(std::string_view& input, bool checksummed) {
    if (input.size() < EventHeader::kSize) {
        return {};
    }
    std::uint32_t size = 0;
    std::memcpy(&size, input.data() + 9, sizeof size);
    size = static_cast<std::uint32_t>(std::min<std::size_t>(size, input.size()));
    size = std::max<std::uint32_t>(size, EventHeader::kSize);
    storage::Bytes event(input.substr(0, size));
    input.remove_prefix(size);
    const bool describes = static_cast<std::uint8_t>(event[4]) ==
                           static_cast<std::uint8_t>(EventType::kFormatDescription);
    store_le32(event, 9, size);
    if ((checksummed || describes) && size >= EventHeader::kSize + kChecksumSize) {
        const auto covered = static_cast<uInt>(size - kChecksumSize);
        const auto sum = crc32(0, reinterpret_cast<const Bytef*>(event.data()), covered);
        store_le32(event, size - kChecksumSize, static_cast<std::uint32_t>(sum));
    }
    return event;
}

// Documented errors are answers; anything else ends the process.
template <class Action>
void expect_documented_errors(Action action) {
    try {
        action();
    } catch (const EventError&) {
    } catch (const AssemblyError&) {
    } catch (const ColumnMismatch&) {
    } catch (const GtidError&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    if (input.substr(0, 4) == std::string_view("\xfe\x62\x69\x6e", 4)) {
        input.remove_prefix(4);
    }
    EventFramer framer({"binlog.000001", 4}, ChecksumAlgorithm::kNone);
    CountingSink sink;
    TransactionAssembler::Options options;
    options.max_event_bytes = kMaxEventBytes;
    TransactionAssembler assembler(sink, options);
    tests::EventDumper dumper;
    while (true) {
        const bool checksummed =
            framer.format() && framer.format()->checksum == ChecksumAlgorithm::kCrc32;
        storage::Bytes bytes = take_event(input, checksummed);
        if (bytes.empty()) {
            break;
        }
        expect_documented_errors([&] {
            const StreamEvent event = framer.frame(std::move(bytes));
            try {
                assembler.feed(event);
            } catch (const std::exception&) {
                assembler.disconnect("refused");
                throw;
            }
            if (event.format) {
                static_cast<void>(dumper.dump(event));
            }
        });
    }
    assembler.disconnect("end of input");
    return 0;
}

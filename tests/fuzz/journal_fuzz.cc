// SPDX-License-Identifier: Apache-2.0
// What a store reads back from its folder: journal files and what their records hold.
//
// The first byte of the input chooses the reader, the rest is its input. A reader may answer with a
// StorageError; what it accepts must come out the same when it is written and read again.
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/bytes/storage_error.h"
#include "storage/history/change_set.h"
#include "storage/history/commit.h"
#include "storage/history/transaction_record.h"
#include "storage/journal/journal_writer.h"
#include "storage/journal/recovery.h"
#include "storage/schema/schema_codec.h"
#include "storage/tree/node.h"
#include "tests/support/journal_fixture.h"

namespace {

using namespace afterimage::storage;

constexpr const char* kFirstFile = "journal/0000000001.aij";

void require(bool condition) {
    if (!condition) {
        std::terminate();
    }
}

// Arbitrary bytes as the only journal file.
void open_bytes_as_journal(ByteView input) {
    JournalOnFaultyDisk store;
    store.open();
    store.kill();
    store.disk.set_content(kFirstFile, input);
    store.open();
}

// A journal of whole batches, then damage at places that the input names. Opening must refuse, or
// give the batches from the first on, unchanged.
void open_damaged_journal(ByteView input) {
    constexpr std::uint64_t kBatches = 12;
    JournalOnFaultyDisk store;
    store.open();
    for (std::uint64_t n = 1; n <= kBatches; ++n) {
        store.append(test_payload(n));
    }
    store.kill();
    const std::uint64_t size = store.disk.content(kFirstFile).size();
    for (std::size_t at = 0; at + 3 <= input.size() && at < 24; at += 3) {
        const auto byte = [&](std::size_t index) {
            return static_cast<std::uint64_t>(static_cast<unsigned char>(input[index]));
        };
        store.disk.flip_bits(kFirstFile, (byte(at) << 8U | byte(at + 1)) % size,
                             static_cast<unsigned>(byte(at + 2)));
    }
    const KeepingVisitor seen = store.open();
    for (const auto& [sequence, batch] : seen.batches) {
        require(seen.batches.size() >= sequence && batch.size() == 1);
        require(batch.front().second == test_payload(sequence));
    }
}

template <class Thing>
void round_trip(ByteView input) {
    const Bytes once = Thing::decode(input).encode();
    require(Thing::decode(once).encode() == once);
}

void read_node(ByteView input) {
    const Node node{Bytes(input)};
    for (std::size_t index = 0; index < node.entry_count(); ++index) {
        require(index == 0 || node.key(index - 1) < node.key(index));
        if (node.is_leaf()) {
            static_cast<void>(node.value(index));
        } else {
            static_cast<void>(node.child_hash(index));
        }
    }
}

void read_schema(ByteView input) {
    const TableSchema schema = decode_schema(input);
    const Bytes once = encode_schema(schema);
    require(encode_schema(decode_schema(once)) == once);
    static_cast<void>(canonical_schema(schema));
}

void read(unsigned reader, ByteView input) {
    switch (reader) {
        case 0:
            return open_bytes_as_journal(input);
        case 1:
            return open_damaged_journal(input);
        case 2:
            return round_trip<ChangeSet>(input);
        case 3:
            return round_trip<Commit>(input);
        case 4:
            return round_trip<TransactionRecord>(input);
        case 5:
            return read_node(input);
        default:
            return read_schema(input);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    try {
        read(data[0] % 7, ByteView(reinterpret_cast<const char*>(data) + 1, size - 1));
    } catch (const StorageError&) {
    }
    return 0;
}

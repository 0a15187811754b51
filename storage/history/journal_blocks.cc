// SPDX-License-Identifier: Apache-2.0
#include "storage/history/journal_blocks.h"

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kBytesBlock = 0, kListBlock = 1;

}  // namespace

void JournalBlocks::attach(JournalWriter* journal, std::function<void()> flush) {
    const std::lock_guard lock(mutex_);
    journal_ = journal;
    flush_ = std::move(flush);
}

Hash JournalBlocks::put_block(std::uint8_t kind, ByteView content) {
    Bytes block;
    block.reserve(content.size() + 1);
    block.push_back(static_cast<char>(kind));
    block.append(content);
    const Hash address = Hash::of(block);
    const std::lock_guard lock(mutex_);
    if (!stored_.contains(address) && !pending_.contains(address)) {
        pending_bytes_ += block.size();
        pending_.emplace(address, std::move(block));
        untaken_.push_back(address);
    }
    return address;
}

Hash JournalBlocks::put_value(ByteView bytes) {
    Hash address;
    if (bytes.size() <= kBlockBytes) {
        address = put_block(kBytesBlock, bytes);
    } else {
        Bytes list;
        for (std::size_t at = 0; at < bytes.size(); at += kBlockBytes) {
            list.append(put_block(kBytesBlock, bytes.substr(at, kBlockBytes)).view());
        }
        address = put_block(kListBlock, list);
    }
    std::function<void()> flush;
    {
        const std::lock_guard lock(mutex_);
        if (pending_bytes_ > kMaxPendingBytes) {
            flush = flush_;
        }
    }
    if (flush) {
        flush();
    }
    return address;
}

Bytes JournalBlocks::read_block(const Hash& address) const {
    RecordLocation location;
    {
        const std::lock_guard lock(mutex_);
        const auto pending = pending_.find(address);
        if (pending != pending_.end()) {
            return pending->second;
        }
        const auto found = stored_.find(address);
        if (found == stored_.end()) {
            throw StorageError(StorageErrorKind::kCorruption,
                               "value block " + address.text() + " is not in the journal");
        }
        location = found->second;
    }
    const StoredRecord record = journal_->read_record(location);
    const ByteView block =
        ByteView(record.payload).substr(std::min(Hash::kSize, record.payload.size()));
    if (record.kind != RecordKind::kBlock || block.empty() || Hash::of(block) != address) {
        throw StorageError(StorageErrorKind::kCorruption,
                           "value block " + address.text() + " in journal file " +
                               std::to_string(location.file_number) + " at offset " +
                               std::to_string(location.offset) + " is another");
    }
    return Bytes(block);
}

Bytes JournalBlocks::get_value(const Hash& address) const {
    Bytes block = read_block(address);
    const auto kind = static_cast<std::uint8_t>(block[0]);
    if (kind == kBytesBlock) {
        return block.substr(1);
    }
    Bytes value;
    for (std::size_t at = 1; at + Hash::kSize <= block.size(); at += Hash::kSize) {
        value.append(ByteView(read_block(Hash::from_bytes(ByteView(block).substr(at, Hash::kSize))))
                         .substr(1));
    }
    return value;
}

JournalBlocks::Pending JournalBlocks::take_pending() {
    const std::lock_guard lock(mutex_);
    Pending pending;
    pending.addresses = std::move(untaken_);
    untaken_.clear();
    pending_bytes_ = 0;
    for (const Hash& address : pending.addresses) {
        Bytes payload(address.view());
        payload.append(pending_.at(address));
        pending.payloads.push_back(std::move(payload));
    }
    return pending;
}

void JournalBlocks::note_stored(const Pending& pending, const RecordLocation* locations) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < pending.addresses.size(); ++i) {
        stored_[pending.addresses[i]] = locations[i];
        pending_.erase(pending.addresses[i]);
    }
}

void JournalBlocks::restore_pending(const Pending& pending) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < pending.addresses.size(); ++i) {
        untaken_.push_back(pending.addresses[i]);
        pending_bytes_ += pending.payloads[i].size();
    }
}

void JournalBlocks::add_stored(ByteView payload, const RecordLocation& location) {
    if (payload.size() <= Hash::kSize) {
        throw StorageError(StorageErrorKind::kCorruption, "value block without content");
    }
    const std::lock_guard lock(mutex_);
    stored_[Hash::from_bytes(payload.substr(0, Hash::kSize))] = location;
}

Bytes JournalBlocks::encode_file_entries(std::uint32_t file_number) const {
    const std::lock_guard lock(mutex_);
    Bytes out;
    for (const auto& [address, location] : stored_) {
        if (location.file_number == file_number) {
            out.append(address.view());
            append_le(out, location.offset);
            append_le(out, location.size_bytes);
        }
    }
    return out;
}

void JournalBlocks::load_file_entries(ByteView bytes, std::uint32_t file_number) {
    const std::lock_guard lock(mutex_);
    ByteReader reader(bytes);
    while (!reader.at_end()) {
        const Hash address = Hash::from_bytes(reader.bytes(Hash::kSize));
        const std::uint32_t offset = reader.u32();
        stored_[address] = {file_number, offset, reader.u32()};
    }
}

}  // namespace afterimage::storage

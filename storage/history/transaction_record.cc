// SPDX-License-Identifier: Apache-2.0
#include "storage/history/transaction_record.h"

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kFormatVersion = 1;

}  // namespace

Bytes TransactionRecord::encode() const {
    Bytes out;
    out.push_back(static_cast<char>(kFormatVersion));
    append_varint_bytes(out, channel);
    append_varint(out, source_epoch);
    append_varint_bytes(out, gtid);
    append_varint_bytes(out, file);
    append_varint(out, position);
    append_varint(out, zigzag(commit_time_micros));
    append_varint(out, server_id);
    append_varint(out, connection_id);
    append_varint_bytes(out, user);
    append_varint_bytes(out, statement);
    out.push_back(statement_truncated ? '\1' : '\0');
    append_varint(out, tables.size());
    for (const TableCounts& counts : tables) {
        append_varint_bytes(out, counts.database);
        append_varint_bytes(out, counts.table);
        append_varint(out, counts.inserted);
        append_varint(out, counts.updated);
        append_varint(out, counts.deleted);
    }
    append_varint(out, filter_epoch);
    out.push_back(static_cast<char>(outcome));
    append_varint(out, commits.size());
    for (const CommitLink& link : commits) {
        append_varint_bytes(out, link.database);
        out.append(link.commit.view());
    }
    return out;
}

TransactionRecord TransactionRecord::decode(ByteView bytes) {
    try {
        ByteReader reader(bytes);
        if (reader.u8() != kFormatVersion) {
            throw StorageError(StorageErrorKind::kUnsupportedFormat,
                               "transaction record of a newer format");
        }
        TransactionRecord record;
        record.channel = Bytes(reader.varint_bytes());
        record.source_epoch = static_cast<std::uint32_t>(reader.varint());
        record.gtid = Bytes(reader.varint_bytes());
        record.file = Bytes(reader.varint_bytes());
        record.position = reader.varint();
        record.commit_time_micros = unzigzag(reader.varint());
        record.server_id = static_cast<std::uint32_t>(reader.varint());
        record.connection_id = reader.varint();
        record.user = Bytes(reader.varint_bytes());
        record.statement = Bytes(reader.varint_bytes());
        record.statement_truncated = reader.u8() != 0;
        for (std::uint64_t left = reader.varint(); left > 0; --left) {
            TableCounts counts;
            counts.database = Bytes(reader.varint_bytes());
            counts.table = Bytes(reader.varint_bytes());
            counts.inserted = reader.varint();
            counts.updated = reader.varint();
            counts.deleted = reader.varint();
            record.tables.push_back(std::move(counts));
        }
        record.filter_epoch = static_cast<std::uint32_t>(reader.varint());
        record.outcome = static_cast<TransactionOutcome>(reader.u8());
        for (std::uint64_t left = reader.varint(); left > 0; --left) {
            CommitLink link;
            link.database = Bytes(reader.varint_bytes());
            link.commit = Hash::from_bytes(reader.bytes(Hash::kSize));
            record.commits.push_back(std::move(link));
        }
        return record;
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption,
                           std::string("transaction record: ") + error.what());
    }
}

}  // namespace afterimage::storage

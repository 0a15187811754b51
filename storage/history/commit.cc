// SPDX-License-Identifier: Apache-2.0
#include "storage/history/commit.h"

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kFormatVersion = 1;

void append_signature(Bytes& out, const Signature& signature) {
    append_varint_bytes(out, signature.name);
    append_varint_bytes(out, signature.email);
    append_varint(out, zigzag(signature.time_micros));
}

Signature read_signature(ByteReader& reader) {
    Signature signature;
    signature.name = Bytes(reader.varint_bytes());
    signature.email = Bytes(reader.varint_bytes());
    signature.time_micros = unzigzag(reader.varint());
    return signature;
}

}  // namespace

Bytes Commit::encode() const {
    Bytes out;
    out.push_back(static_cast<char>(kFormatVersion));
    append_varint(out, parents.size());
    for (const CommitId& parent : parents) {
        out.append(parent.view());
    }
    out.append(content.view());
    append_signature(out, author);
    append_signature(out, committer);
    append_varint_bytes(out, message);
    return out;
}

Commit Commit::decode(ByteView bytes) {
    try {
        ByteReader reader(bytes);
        if (reader.u8() != kFormatVersion) {
            throw StorageError(StorageErrorKind::kUnsupportedFormat, "commit of a newer format");
        }
        Commit commit;
        const std::uint64_t parent_count = reader.varint();
        for (std::uint64_t i = 0; i < parent_count; ++i) {
            commit.parents.push_back(Hash::from_bytes(reader.bytes(Hash::kSize)));
        }
        commit.content = Hash::from_bytes(reader.bytes(Hash::kSize));
        commit.author = read_signature(reader);
        commit.committer = read_signature(reader);
        commit.message = Bytes(reader.varint_bytes());
        if (!reader.at_end()) {
            throw TruncatedInput("bytes behind a commit");
        }
        return commit;
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption, std::string("commit: ") + error.what());
    }
}

}  // namespace afterimage::storage

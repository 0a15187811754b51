// SPDX-License-Identifier: Apache-2.0
// A commit: one step in the history of one database. Its id is the hash of its canonical bytes and
// of nothing else: not of ingest time, nor of when keyframes happen, so that the same stream gives
// the same ids again after a crash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/bytes/content_hash.h"

namespace afterimage::storage {

struct Signature {
    std::string name;
    std::string email;
    std::int64_t time_micros = 0;  ///< UTC microseconds since 1970
    bool operator==(const Signature&) const = default;
};

struct Commit {
    std::vector<CommitId> parents;  ///< first = the one the change set applies to
    Hash content;                   ///< hash of the change set's sections, change_set.h
    Signature author;
    Signature committer;
    std::string message;

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static Commit decode(ByteView bytes);
    [[nodiscard]] CommitId id() const { return Hash::of(encode()); }
    bool operator==(const Commit&) const = default;
};

}  // namespace afterimage::storage

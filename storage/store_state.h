// SPDX-License-Identifier: Apache-2.0
// What the journal says about refs, settings and counters, as bytes and as recovery gathers it.
//
// Payloads ([store] in docs/storage-format.md); "text" is a varint length and as many bytes, a
// signature as in commit.h:
//   kRefs            operations, one behind the other: u8 operation, then
//     1 put database   id varint, name text, seed u64, flags u8 (1 replicated, 2 MariaDB's
//     flavour), channel text, default branch text 2 drop database  id varint 3 set branch database
//     id varint, branch text, head 20 bytes, flags u8 (1 staged, 2 working, 4 merge),
//                      [change set HEAD → STAGED text] [change set HEAD → WORKING text] [merge
//                      state text]
//     4 drop branch    database id varint, branch text
//     5 put tag        database id varint, name text, commit 20 bytes, tagger name, e-mail text,
//     time varint (zigzag), message text 6 drop tag       database id varint, name text 7 position
//     channel text, gtid text, file text, position varint
//   kWorkingChangeSet  database id varint, branch text, change set WORKING before → after, to the
//   end kAutoIncrement     { database id varint, table id varint, next varint } … kOptions { name
//   text, u8 0 = gone or 1, [value text] } … checkpoint         u8 1, refs text, auto increments
//   text, options text
#pragma once

#include <map>
#include <string>
#include <vector>

#include "storage/history/heads.h"

namespace afterimage::storage {

/// A branch as the journal left it: change sets still to be applied to the commit's root.
struct RecoveredBranch {
    CommitId head;
    std::vector<Bytes> staged;   ///< HEAD → STAGED
    std::vector<Bytes> working;  ///< HEAD → WORKING
    Bytes merge;
};

struct RecoveredDatabase {
    DatabaseState database;  ///< without branches
    std::map<std::string, RecoveredBranch, std::less<>> branches;
};

using AutoIncrementKey = std::pair<std::uint32_t, std::uint64_t>;  ///< database id, table id

struct StoreState {
    std::map<std::uint32_t, RecoveredDatabase> databases;
    std::map<std::string, ChannelPosition, std::less<>> positions;
    std::map<AutoIncrementKey, std::uint64_t> auto_increments;
    std::map<std::string, Bytes, std::less<>> settings;
    std::uint32_t next_database_id = 1;

    // Replay; each throws StorageError(kCorruption) on bytes that cannot be.
    void apply_refs(ByteView payload);
    void apply_working_change_set(ByteView payload);
    void apply_auto_increments(ByteView payload);
    void apply_options(ByteView payload);
    void apply_checkpoint(ByteView payload);
};

// Parts of kRefs payloads.
void append_put_database(Bytes& out, const DatabaseState& database);
void append_drop_database(Bytes& out, std::uint32_t database_id);
void append_set_branch(Bytes& out, std::uint32_t database_id, std::string_view branch,
                       const CommitId& head, const Bytes* staged, const Bytes* working,
                       const Bytes* merge);
void append_drop_branch(Bytes& out, std::uint32_t database_id, std::string_view branch);
void append_put_tag(Bytes& out, std::uint32_t database_id, std::string_view name, const Tag& tag);
void append_drop_tag(Bytes& out, std::uint32_t database_id, std::string_view name);
void append_position(Bytes& out, std::string_view channel, const ChannelPosition& position);

[[nodiscard]] Bytes encode_working_change_set(std::uint32_t database_id, std::string_view branch,
                                              ByteView change_set);
void append_auto_increment(Bytes& out, const AutoIncrementKey& key, std::uint64_t next);
void append_option(Bytes& out, std::string_view name, const Bytes* value);
[[nodiscard]] Bytes encode_checkpoint(ByteView refs, ByteView auto_increments, ByteView options);

/// Merge state without its root, which is kept as the change set HEAD → root_before.
[[nodiscard]] Bytes encode_merge_state(const MergeState& merge, ByteView root_before_change_set);
[[nodiscard]] std::shared_ptr<MergeState> decode_merge_state(ByteView bytes,
                                                             Bytes* root_before_change_set);

}  // namespace afterimage::storage

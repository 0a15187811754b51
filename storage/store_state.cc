// SPDX-License-Identifier: Apache-2.0
#include "storage/store_state.h"

#include <algorithm>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

namespace {

enum class RefOperation : std::uint8_t {
    kPutDatabase = 1,
    kDropDatabase = 2,
    kSetBranch = 3,
    kDropBranch = 4,
    kPutTag = 5,
    kDropTag = 6,
    kPosition = 7,
};
constexpr std::uint8_t kReplicated = 1, kMariadb = 2;
constexpr std::uint8_t kStaged = 1, kWorking = 2, kMerge = 4;
constexpr std::uint8_t kCheckpointVersion = 1;

void append_operation(Bytes& out, RefOperation operation) {
    out.push_back(static_cast<char>(operation));
}

template <class F>
void replay(ByteView payload, const char* what, F&& read) {
    try {
        ByteReader reader(payload);
        while (!reader.at_end()) {
            read(reader);
        }
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption, std::string(what) + ": " + error.what());
    }
}

void append_optional(Bytes& out, const std::optional<Bytes>& bytes) {
    out.push_back(bytes ? '\1' : '\0');
    if (bytes) {
        append_varint_bytes(out, *bytes);
    }
}

std::optional<Bytes> read_optional(ByteReader& reader) {
    return reader.u8() != 0 ? std::optional<Bytes>(Bytes(reader.varint_bytes())) : std::nullopt;
}

RecoveredDatabase& database_of(StoreState& state, ByteReader& reader) {
    const auto id = static_cast<std::uint32_t>(reader.varint());
    const auto found = state.databases.find(id);
    if (found == state.databases.end()) {
        throw StorageError(StorageErrorKind::kCorruption,
                           "ref of database " + std::to_string(id) + ", which is not there");
    }
    return found->second;
}

void read_put_database(StoreState& state, ByteReader& reader) {
    const auto id = static_cast<std::uint32_t>(reader.varint());
    DatabaseState& database = state.databases[id].database;
    database.database_id = id;
    database.name = Bytes(reader.varint_bytes());
    database.boundary_seed = reader.u64();
    const std::uint8_t flags = reader.u8();
    database.replicated = (flags & kReplicated) != 0;
    database.mariadb_flavour = (flags & kMariadb) != 0;
    database.replicated_from = Bytes(reader.varint_bytes());
    database.default_branch = Bytes(reader.varint_bytes());
    state.next_database_id = std::max(state.next_database_id, id + 1);
}

void read_set_branch(StoreState& state, ByteReader& reader) {
    RecoveredDatabase& database = database_of(state, reader);
    RecoveredBranch branch;
    const Bytes name(reader.varint_bytes());
    branch.head = Hash::from_bytes(reader.bytes(Hash::kSize));
    const std::uint8_t flags = reader.u8();
    if ((flags & kStaged) != 0) {
        branch.staged.emplace_back(reader.varint_bytes());
    }
    if ((flags & kWorking) != 0) {
        branch.working.emplace_back(reader.varint_bytes());
    }
    if ((flags & kMerge) != 0) {
        branch.merge = Bytes(reader.varint_bytes());
    }
    database.branches[name] = std::move(branch);
}

}  // namespace

void StoreState::apply_refs(ByteView payload) {
    replay(payload, "refs", [this](ByteReader& reader) {
        const auto operation = static_cast<RefOperation>(reader.u8());
        switch (operation) {
            case RefOperation::kPutDatabase:
                read_put_database(*this, reader);
                return;
            case RefOperation::kDropDatabase:
                databases.erase(static_cast<std::uint32_t>(reader.varint()));
                return;
            case RefOperation::kSetBranch:
                read_set_branch(*this, reader);
                return;
            case RefOperation::kDropBranch: {
                RecoveredDatabase& database = database_of(*this, reader);
                database.branches.erase(Bytes(reader.varint_bytes()));
                return;
            }
            case RefOperation::kPutTag: {
                RecoveredDatabase& database = database_of(*this, reader);
                const Bytes name(reader.varint_bytes());
                Tag& tag = database.database.tags[name];
                tag.commit = Hash::from_bytes(reader.bytes(Hash::kSize));
                tag.tagger.name = Bytes(reader.varint_bytes());
                tag.tagger.email = Bytes(reader.varint_bytes());
                tag.tagger.time_micros = unzigzag(reader.varint());
                tag.message = Bytes(reader.varint_bytes());
                return;
            }
            case RefOperation::kDropTag: {
                RecoveredDatabase& database = database_of(*this, reader);
                database.database.tags.erase(Bytes(reader.varint_bytes()));
                return;
            }
            case RefOperation::kPosition: {
                ChannelPosition& position = positions[Bytes(reader.varint_bytes())];
                position.gtid = Bytes(reader.varint_bytes());
                position.file = Bytes(reader.varint_bytes());
                position.position = reader.varint();
                return;
            }
        }
        throw StorageError(StorageErrorKind::kUnsupportedFormat, "ref operation of a newer format");
    });
}

void StoreState::apply_working_change_set(ByteView payload) {
    replay(payload, "working change set", [this](ByteReader& reader) {
        RecoveredDatabase& database = database_of(*this, reader);
        const auto branch = database.branches.find(reader.varint_bytes());
        if (branch == database.branches.end()) {
            throw StorageError(StorageErrorKind::kCorruption,
                               "change set of a branch that is not there");
        }
        branch->second.working.emplace_back(reader.rest());
    });
}

void StoreState::apply_auto_increments(ByteView payload) {
    replay(payload, "AUTO_INCREMENT marks", [this](ByteReader& reader) {
        const auto database_id = static_cast<std::uint32_t>(reader.varint());
        const std::uint64_t table_id = reader.varint();
        auto_increments[{database_id, table_id}] = reader.varint();
    });
}

void StoreState::apply_options(ByteView payload) {
    replay(payload, "settings", [this](ByteReader& reader) {
        const Bytes name(reader.varint_bytes());
        if (reader.u8() == 0) {
            settings.erase(name);
        } else {
            settings[name] = Bytes(reader.varint_bytes());
        }
    });
}

void StoreState::apply_checkpoint(ByteView payload) {
    *this = {};
    if (payload.empty()) {
        return;
    }
    try {
        ByteReader reader(payload);
        if (reader.u8() != kCheckpointVersion) {
            throw StorageError(StorageErrorKind::kUnsupportedFormat,
                               "journal checkpoint of a newer format");
        }
        apply_refs(reader.varint_bytes());
        apply_auto_increments(reader.varint_bytes());
        apply_options(reader.varint_bytes());
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption,
                           std::string("journal checkpoint: ") + error.what());
    }
}

void append_put_database(Bytes& out, const DatabaseState& database) {
    append_operation(out, RefOperation::kPutDatabase);
    append_varint(out, database.database_id);
    append_varint_bytes(out, database.name);
    append_le(out, database.boundary_seed);
    out.push_back(static_cast<char>((database.replicated ? kReplicated : 0) |
                                    (database.mariadb_flavour ? kMariadb : 0)));
    append_varint_bytes(out, database.replicated_from);
    append_varint_bytes(out, database.default_branch);
}

void append_drop_database(Bytes& out, std::uint32_t database_id) {
    append_operation(out, RefOperation::kDropDatabase);
    append_varint(out, database_id);
}

void append_set_branch(Bytes& out, std::uint32_t database_id, std::string_view branch,
                       const CommitId& head, const Bytes* staged, const Bytes* working,
                       const Bytes* merge) {
    append_operation(out, RefOperation::kSetBranch);
    append_varint(out, database_id);
    append_varint_bytes(out, branch);
    out.append(head.view());
    out.push_back(static_cast<char>((staged != nullptr ? kStaged : 0) |
                                    (working != nullptr ? kWorking : 0) |
                                    (merge != nullptr ? kMerge : 0)));
    for (const Bytes* part : {staged, working, merge}) {
        if (part != nullptr) {
            append_varint_bytes(out, *part);
        }
    }
}

void append_drop_branch(Bytes& out, std::uint32_t database_id, std::string_view branch) {
    append_operation(out, RefOperation::kDropBranch);
    append_varint(out, database_id);
    append_varint_bytes(out, branch);
}

void append_put_tag(Bytes& out, std::uint32_t database_id, std::string_view name, const Tag& tag) {
    append_operation(out, RefOperation::kPutTag);
    append_varint(out, database_id);
    append_varint_bytes(out, name);
    out.append(tag.commit.view());
    append_varint_bytes(out, tag.tagger.name);
    append_varint_bytes(out, tag.tagger.email);
    append_varint(out, zigzag(tag.tagger.time_micros));
    append_varint_bytes(out, tag.message);
}

void append_drop_tag(Bytes& out, std::uint32_t database_id, std::string_view name) {
    append_operation(out, RefOperation::kDropTag);
    append_varint(out, database_id);
    append_varint_bytes(out, name);
}

void append_position(Bytes& out, std::string_view channel, const ChannelPosition& position) {
    append_operation(out, RefOperation::kPosition);
    append_varint_bytes(out, channel);
    append_varint_bytes(out, position.gtid);
    append_varint_bytes(out, position.file);
    append_varint(out, position.position);
}

Bytes encode_working_change_set(std::uint32_t database_id, std::string_view branch,
                                ByteView change_set) {
    Bytes out;
    append_varint(out, database_id);
    append_varint_bytes(out, branch);
    out.append(change_set);
    return out;
}

void append_auto_increment(Bytes& out, const AutoIncrementKey& key, std::uint64_t next) {
    append_varint(out, key.first);
    append_varint(out, key.second);
    append_varint(out, next);
}

void append_option(Bytes& out, std::string_view name, const Bytes* value) {
    append_varint_bytes(out, name);
    out.push_back(value != nullptr ? '\1' : '\0');
    if (value != nullptr) {
        append_varint_bytes(out, *value);
    }
}

Bytes encode_checkpoint(ByteView refs, ByteView auto_increments, ByteView options) {
    Bytes out;
    out.push_back(static_cast<char>(kCheckpointVersion));
    append_varint_bytes(out, refs);
    append_varint_bytes(out, auto_increments);
    append_varint_bytes(out, options);
    return out;
}

Bytes encode_merge_state(const MergeState& merge, ByteView root_before_change_set) {
    Bytes out;
    append_varint_bytes(out, merge.operation);
    append_varint_bytes(out, merge.source);
    out.append(merge.source_commit.view());
    append_varint_bytes(out, root_before_change_set);
    append_varint(out, merge.conflicts.size());
    for (const auto& [table, conflicts] : merge.conflicts) {
        append_varint_bytes(out, table);
        append_varint(out, conflicts.size());
        for (const MergeState::Conflict& conflict : conflicts) {
            append_varint_bytes(out, conflict.key);
            append_optional(out, conflict.base);
            append_optional(out, conflict.ours);
            append_optional(out, conflict.theirs);
        }
    }
    out.append(merge.head_before.view());
    append_varint(out, merge.pending.size());
    for (const CommitId& commit : merge.pending) {
        out.append(commit.view());
    }
    return out;
}

std::shared_ptr<MergeState> decode_merge_state(ByteView bytes, Bytes* root_before_change_set) {
    auto merge = std::make_shared<MergeState>();
    try {
        ByteReader reader(bytes);
        merge->operation = Bytes(reader.varint_bytes());
        merge->source = Bytes(reader.varint_bytes());
        merge->source_commit = Hash::from_bytes(reader.bytes(Hash::kSize));
        *root_before_change_set = Bytes(reader.varint_bytes());
        for (std::uint64_t tables = reader.varint(); tables > 0; --tables) {
            std::vector<MergeState::Conflict>& conflicts =
                merge->conflicts[Bytes(reader.varint_bytes())];
            for (std::uint64_t left = reader.varint(); left > 0; --left) {
                MergeState::Conflict conflict;
                conflict.key = Bytes(reader.varint_bytes());
                conflict.base = read_optional(reader);
                conflict.ours = read_optional(reader);
                conflict.theirs = read_optional(reader);
                conflicts.push_back(std::move(conflict));
            }
        }
        merge->head_before = Hash::from_bytes(reader.bytes(Hash::kSize));
        for (std::uint64_t left = reader.varint(); left > 0; --left) {
            merge->pending.push_back(Hash::from_bytes(reader.bytes(Hash::kSize)));
        }
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption,
                           std::string("merge state: ") + error.what());
    }
    return merge;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/status_packets.h"

#include "server/protocol/capabilities.h"
#include "server/protocol/wire_types.h"

namespace afterimage::server {

namespace {

/// MYSQL_ERRMSG_SIZE less its NUL.
constexpr std::size_t kMaxMessageBytes = 511;

enum TrackKind : char { kTrackVariables = 0, kTrackSchema = 1, kTrackState = 2 };

void append_change(storage::Bytes& out, TrackKind kind, storage::ByteView data) {
    out.push_back(kind);
    append_lenenc_bytes(out, data);
}

storage::Bytes encode_changes(const TrackedChanges& changes) {
    storage::Bytes out;
    for (const auto& [name, text] : changes.variables) {
        storage::Bytes data;
        append_lenenc_bytes(data, name);
        append_lenenc_bytes(data, text);
        append_change(out, kTrackVariables, data);
    }
    if (changes.schema_changed) {
        storage::Bytes data;
        append_lenenc_bytes(data, changes.schema);
        append_change(out, kTrackSchema, data);
    }
    if (changes.state_changed) {
        storage::Bytes data;
        append_lenenc_bytes(data, "1");
        append_change(out, kTrackState, data);
    }
    return out;
}

/// Cut at a character, so that the message stays well-formed UTF-8.
std::string_view cut_message(std::string_view message) {
    if (message.size() <= kMaxMessageBytes) {
        return message;
    }
    std::size_t end = kMaxMessageBytes;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    return message.substr(0, end);
}

}  // namespace

storage::Bytes encode_ok(const OkPacket& ok, std::uint32_t capabilities, bool as_eof) {
    const bool tracks = (capabilities & kClientSessionTrack) != 0;
    const bool has_changes = tracks && !ok.changes.empty();
    storage::Bytes out(1, as_eof ? '\xfe' : '\0');
    append_lenenc(out, ok.affected_rows);
    append_lenenc(out, ok.last_insert_id);
    const unsigned status = ok.status | (has_changes ? kStatusSessionStateChanged : 0U);
    storage::append_le(out, static_cast<std::uint16_t>(status));
    storage::append_le(out, ok.warning_count);
    if (!tracks) {
        out.append(ok.message);
        return out;
    }
    if (!ok.message.empty() || has_changes) {
        append_lenenc_bytes(out, ok.message);
    }
    if (has_changes) {
        append_lenenc_bytes(out, encode_changes(ok.changes));
    }
    return out;
}

storage::Bytes encode_eof(std::uint16_t warning_count, std::uint16_t status) {
    storage::Bytes out(1, '\xfe');
    storage::append_le(out, warning_count);
    storage::append_le(out, status);
    return out;
}

storage::Bytes encode_error(std::uint16_t code, std::string_view sqlstate,
                            std::string_view message) {
    storage::Bytes out(1, '\xff');
    storage::append_le(out, code);
    if (!sqlstate.empty()) {
        out.push_back('#');
        out.append(sqlstate);
    }
    out.append(cut_message(message));
    return out;
}

}  // namespace afterimage::server

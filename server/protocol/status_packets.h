// SPDX-License-Identifier: Apache-2.0
// The packets that end an answer: OK, ERR, EOF, with session tracking. Pure encoders.
//
// Source: MySQL 8.0 source documentation, "OK_Packet", "ERR_Packet", "EOF_Packet".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/bytes/byte_view.h"

namespace afterimage::server {

/// What SESSION_TRACK clients are told changed.
struct TrackedChanges {
    std::vector<std::pair<std::string, std::string>> variables;  ///< name, text
    bool schema_changed = false;
    std::string schema;
    bool state_changed = false;

    [[nodiscard]] bool empty() const noexcept {
        return variables.empty() && !schema_changed && !state_changed;
    }
};

struct OkPacket {
    std::uint64_t affected_rows = 0;
    std::uint64_t last_insert_id = 0;
    std::uint16_t status = 0;
    std::uint16_t warning_count = 0;
    std::string message;
    TrackedChanges changes;
};

/// OK; with `as_eof` its header is 0xfe, for clients that deprecate EOF.
[[nodiscard]] storage::Bytes encode_ok(const OkPacket& ok, std::uint32_t capabilities,
                                       bool as_eof = false);
/// What ends column definitions (never for DEPRECATE_EOF clients) and rows.
[[nodiscard]] storage::Bytes encode_eof(std::uint16_t warning_count, std::uint16_t status);
/// `sqlstate` has five characters, or is empty before the client's capabilities are known. The
/// message is cut at 511 bytes, as MySQL's.
[[nodiscard]] storage::Bytes encode_error(std::uint16_t code, std::string_view sqlstate,
                                          std::string_view message);

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// XID (16): the transaction is committed. XA_PREPARE (38): it is prepared under an XA identifier
// and waits for XA COMMIT or XA ROLLBACK, unless `one_phase`, which commits it at once.
//
// Layout: XID: u64. XA_PREPARE: u8 one_phase, u32 format, u32 gtrid length, u32 bqual length, data.
#pragma once

#include <compare>
#include <string>

#include "replication/event/header.h"

namespace afterimage::replication {

/// An XA transaction identifier; at most 64 + 64 bytes.
struct XaId {
    static constexpr std::size_t kMaxPart = 64;

    std::uint32_t format = 1;
    std::string gtrid;
    std::string bqual;

    /// "X'6162',X'',1": as the servers write it into XA COMMIT.
    [[nodiscard]] std::string text() const;
    auto operator<=>(const XaId&) const = default;
};

struct XidEvent {
    std::uint64_t xid = 0;
};
struct XaPrepareEvent {
    bool one_phase = false;
    XaId id;
};

[[nodiscard]] XidEvent decode_xid(const EventView& event);
[[nodiscard]] XaPrepareEvent decode_xa_prepare(const EventView& event);

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
#include "replication/event/xid.h"

namespace afterimage::replication {
namespace {

std::string hex_literal(const std::string& bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text = "X'";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(kDigits[byte >> 4U]);
        text.push_back(kDigits[byte & 15U]);
    }
    return text + "'";
}

}  // namespace

std::string XaId::text() const {
    return hex_literal(gtrid) + "," + hex_literal(bqual) + "," + std::to_string(format);
}

XidEvent decode_xid(const EventView& event) {
    return decode_body(event, [&](storage::ByteReader& reader) {
        XidEvent result{reader.u64()};
        if (!reader.at_end()) {
            throw_malformed(event, reader, "bytes behind the number");
        }
        return result;
    });
}

XaPrepareEvent decode_xa_prepare(const EventView& event) {
    return decode_body(event, [&](storage::ByteReader& reader) {
        XaPrepareEvent result;
        result.one_phase = reader.u8() != 0;
        result.id.format = reader.u32();
        const std::uint32_t gtrid_size = reader.u32();
        const std::uint32_t bqual_size = reader.u32();
        if (gtrid_size > XaId::kMaxPart || bqual_size > XaId::kMaxPart) {
            throw_malformed(event, reader, "XA identifier of more than 64 + 64 bytes");
        }
        result.id.gtrid = std::string(reader.bytes(gtrid_size));
        result.id.bqual = std::string(reader.bytes(bqual_size));
        return result;
    });
}

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
#include "replication/event/format_description.h"

namespace afterimage::replication {
namespace {

constexpr std::uint16_t kBinlogVersion = 4;
constexpr std::size_t kVersionTextSize = 50;
// The prefix that MariaDB's greeting carries for old replicas.
constexpr std::string_view kGreetingPrefix = "5.5.5-";

}  // namespace

std::size_t FormatDescription::post_header_size(EventType type) const noexcept {
    const auto number = static_cast<std::size_t>(type);
    return number == 0 || number > post_header_sizes.size() ? 0 : post_header_sizes[number - 1];
}

void parse_server_version(std::string_view text, SourceFamily& family, std::uint32_t& number) {
    family = text.find("MariaDB") != std::string_view::npos ? SourceFamily::kMariadb
                                                            : SourceFamily::kMysql;
    if (family == SourceFamily::kMariadb && text.starts_with(kGreetingPrefix)) {
        text.remove_prefix(kGreetingPrefix.size());
    }
    std::uint32_t parts[3] = {0, 0, 0};
    std::size_t part = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            parts[part] = parts[part] * 10 + static_cast<std::uint32_t>(c - '0');
            parts[part] = parts[part] > 9999 ? 9999 : parts[part];
        } else if (c == '.' && part < 2) {
            ++part;
        } else {
            break;
        }
    }
    number = parts[0] * 10000 + parts[1] * 100 + parts[2];
}

FormatDescription decode_format_description(const EventView& event) {
    return decode_body(event, [&](storage::ByteReader& reader) {
        FormatDescription result;
        const std::uint16_t version = reader.u16();
        if (version != kBinlogVersion) {
            throw_malformed(
                event, reader,
                "binlog version " + std::to_string(version) + " (this replica reads version 4)");
        }
        storage::ByteView text = reader.bytes(kVersionTextSize);
        text = text.substr(0, text.find('\0'));
        result.server_version = std::string(text);
        parse_server_version(text, result.family, result.version_number);
        result.created_s = reader.u32();
        const std::uint8_t header_size = reader.u8();
        if (header_size != EventHeader::kSize) {
            throw_malformed(event, reader,
                            "event headers of " + std::to_string(header_size) + " bytes");
        }
        if (reader.left() < 1) {
            throw_malformed(event, reader, "no checksum algorithm");
        }
        const storage::ByteView sizes = reader.bytes(reader.left() - 1);
        for (const char size : sizes) {
            result.post_header_sizes.push_back(static_cast<std::uint8_t>(size));
        }
        const std::uint8_t algorithm = reader.u8();
        if (algorithm > 1) {
            throw_malformed(event, reader,
                            "unknown checksum algorithm " + std::to_string(algorithm));
        }
        result.checksum = static_cast<ChecksumAlgorithm>(algorithm);
        return result;
    });
}

}  // namespace afterimage::replication

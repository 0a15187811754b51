// SPDX-License-Identifier: Apache-2.0
// FORMAT_DESCRIPTION (15): which family and version wrote the log, and how its events are framed.
//
// Pure, thread-safe; throws EventError. Every stream and every file begins with one; the decoders
// of events whose layout differs by family take it as an argument.
//
// Layout: u16 4, char[50] server version (NUL-padded), u32 created, u8 19, one post-header length
// per type from 1 on, u8 checksum algorithm (the 4 bytes behind it are the frame's).
#pragma once

#include <string>
#include <vector>

#include "replication/event/header.h"

namespace afterimage::replication {

enum class SourceFamily : std::uint8_t { kMysql, kMariadb };

struct FormatDescription {
    std::string server_version;  ///< "8.0.36", "10.11.19-MariaDB-log"
    SourceFamily family = SourceFamily::kMysql;
    /// major * 10000 + minor * 100 + patch
    std::uint32_t version_number = 0;
    /// Seconds; 0 in a FORMAT_DESCRIPTION sent for a start in the middle of a file. Otherwise the
    /// server (re)started here: an open group is to be dropped, temporary tables too.
    std::uint32_t created_s = 0;
    std::vector<std::uint8_t> post_header_sizes;  ///< of type 1, 2, …
    ChecksumAlgorithm checksum = ChecksumAlgorithm::kNone;

    /// 0 for a type that the source does not know.
    [[nodiscard]] std::size_t post_header_size(EventType type) const noexcept;
    [[nodiscard]] bool mariadb() const noexcept { return family == SourceFamily::kMariadb; }
};

[[nodiscard]] FormatDescription decode_format_description(const EventView& event);

/// Family and number of a version text, of a log or of a greeting ("5.5.5-10.11.19-MariaDB").
void parse_server_version(std::string_view text, SourceFamily& family, std::uint32_t& number);

}  // namespace afterimage::replication

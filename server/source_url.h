// SPDX-License-Identifier: Apache-2.0
// mysql://user:password@host:port, percent-encoded where a part needs it.
#pragma once

#include <string_view>

#include "replication/source_connection.h"

namespace afterimage::server {

/// Throws ConfigError for anything else. Host is required; the port is 3306 and the user root when
/// not given.
[[nodiscard]] replication::SourceOptions parse_source_url(std::string_view url);

}  // namespace afterimage::server

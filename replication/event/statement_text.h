// SPDX-License-Identifier: Apache-2.0
// The SQL behind row events: MariaDB's ANNOTATE_ROWS (160) and MySQL's ROWS_QUERY (29).
//
// Layout: ANNOTATE_ROWS is the text; ROWS_QUERY has one byte (length modulo 256, useless) before
// it.
#pragma once

#include <string>

#include "replication/event/header.h"

namespace afterimage::replication {

/// The text, in the source connection's charset.
[[nodiscard]] std::string decode_statement_text(const EventView& event);

}  // namespace afterimage::replication

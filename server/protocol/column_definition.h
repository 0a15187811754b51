// SPDX-License-Identifier: Apache-2.0
// What a client is told of a result column: type, flags, length, decimals and charset, as MySQL 8.0
// tells it. Drivers choose the host type by these. Pure.
//
// Source: MySQL 8.0 source documentation, "Column Definition", and the metadata that a MySQL 8.0
// and a MariaDB 10.11 server send.
#pragma once

#include <cstdint>

#include "server/protocol/wire_types.h"
#include "sql/expr/result_type.h"
#include "storage/bytes/byte_view.h"

namespace afterimage::server {

struct WireColumn {
    FieldType type = FieldType::kString;
    std::uint16_t flags = 0;
    std::uint16_t collation = kBinaryCollation;
    std::uint32_t length = 0;
    std::uint8_t decimals = 0;
};

/// Whether text of collation `from` must be converted to be sent under `to`: 63 (binary) never, nor
/// charsets that hold the other's bytes as they are.
[[nodiscard]] bool needs_conversion(storage::CollationId from, storage::CollationId to) noexcept;

/// `results` is the session's results collation: text is announced in it; 63 = in its own.
[[nodiscard]] WireColumn wire_column(const sql::ResultColumn& column, storage::CollationId results);
/// Protocol::ColumnDefinition41. Names are converted into the results charset.
void append_column_definition(storage::Bytes& out, const sql::ResultColumn& column,
                              storage::CollationId results);

}  // namespace afterimage::server

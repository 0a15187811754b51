// SPDX-License-Identifier: Apache-2.0
// The two variable parts of TABLE_MAP: the per-type metadata block and the optional metadata TLVs.
// Internal to table_map.cc.
//
// Both throw storage::TruncatedInput with a reason; decode_table_map turns it into EventError.
#pragma once

#include "replication/event/table_map.h"

namespace afterimage::replication {

/// Fills type, size and scale of each column from its type byte and the metadata block.
void read_column_formats(storage::ByteView types, storage::ByteView metadata, TableMap& map);

/// Reads TLVs to the end of `tlvs`.
void read_optional_metadata(storage::ByteView tlvs, bool mariadb, TableMap& map);

}  // namespace afterimage::replication

// SPDX-License-Identifier: Apache-2.0
// MySQL's binary JSON (column type 245) as the text that MySQL prints, and the partial updates of
// PARTIAL_UPDATE_ROWS applied to such a text.
//
// Pure, thread-safe. The input is hostile: every offset is checked, depth is at most 100, and a
// document whose offsets make it print its bytes many times over is refused by a bound on the
// output. Throws storage::TruncatedInput with a reason.
//
// Layout ("Binary JSON", MySQL's json_binary.h; surface 2.10): type byte, value. Containers: count,
// byte size (u16 small, u32 large); objects: key entries (offset, u16 length); value entries (u8
// type, offset or inlined value); keys; values. Offsets count from the container's first count
// byte.
#pragma once

#include <string>
#include <vector>

#include "storage/bytes/byte_reader.h"

namespace afterimage::replication {

/// Text in MySQL's normal form: `{"a": 1, "b": [true, null]}`. Empty input is the JSON null.
[[nodiscard]] std::string json_text(storage::ByteView binary);

struct JsonDiff {
    enum class Operation : std::uint8_t { kReplace = 0, kInsert = 1, kRemove = 2 };
    Operation operation = Operation::kReplace;
    std::string path;        ///< "$.a[3]"
    std::string value_text;  ///< not of kRemove
};

/// The operations of one partial value; `bytes` is what stands behind its u32 length.
[[nodiscard]] std::vector<JsonDiff> decode_json_diffs(storage::ByteView bytes);

/// Applies the operations in order to a document in normal form; a path that does not fit is an
/// error, nothing is passed over.
[[nodiscard]] std::string apply_json_diffs(std::string_view document,
                                           const std::vector<JsonDiff>& diffs);

}  // namespace afterimage::replication

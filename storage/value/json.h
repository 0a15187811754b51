// SPDX-License-Identifier: Apache-2.0
// JSON documents: MySQL's normal form of a text, and the text of MySQL's binary JSON.
//
// Pure functions over untrusted bytes, thread-safe. They throw InvalidJson; nesting is limited to
// kMaxJsonDepth, time and output to a multiple of the input.
//
// Normal form: {"a": 1, "b": [1, 2.0, "x"]}: one space behind ':' and ',', keys ordered by length,
// then bytes, of equal keys the last value; integers as such up to 64 bits, other numbers as DOUBLE
// prints, with ".0" where nothing else tells them from integers; only '"', '\' and controls
// escaped.
#pragma once

#include <stdexcept>
#include <string>

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

/// JSON_DOCUMENT_MAX_DEPTH of MySQL.
constexpr unsigned kMaxJsonDepth = 100;

class InvalidJson : public std::runtime_error {
  public:
    /// `why` is the server's wording ("Invalid value."); `position` a byte offset.
    InvalidJson(const std::string& why, std::size_t position, bool too_deep = false)
        : std::runtime_error(why), position_(position), too_deep_(too_deep) {}
    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    /// Nested deeper than kMaxJsonDepth: an error of its own in MySQL (3157).
    [[nodiscard]] bool too_deep() const noexcept { return too_deep_; }

  private:
    std::size_t position_;
    bool too_deep_;
};

/// The normal form of utf8mb4 text.
[[nodiscard]] Bytes normalized_json(ByteView text);

/// Whether normalized_json would succeed.
[[nodiscard]] bool is_valid_json(ByteView text);

/// The normal form of a binary document as a binlog carries it (type byte, then value); empty bytes
/// are the JSON null. Source: sql-common/json_binary.h of MySQL, as described in the reference of
/// the replication surface, 2.10.
[[nodiscard]] Bytes json_text_of_binary(ByteView binary);

/// Appends text as a JSON string, quotes included.
void append_json_string(Bytes& out, ByteView text);
/// Appends a DOUBLE as JSON prints it: "1.0", "1e20".
void append_json_double(Bytes& out, double value);

}  // namespace afterimage::storage

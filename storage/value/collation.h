// SPDX-License-Identifier: Apache-2.0
// MySQL's collations as frozen weight tables: comparison, sort keys, case folding of identifiers,
// character lengths.
//
// Source of the weights: a real MariaDB's WEIGHT_STRING per code point (scripts/make_collations),
// and for utf8mb4_0900_ai_ci the UCA 9.0.0 table; the tables' version is recorded in every index.
// Thread-safe, immutable.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/schema/column_type.h"

namespace afterimage::storage {

enum class CharsetId : std::uint8_t {
    kBinary,
    kUtf8mb4,
    kUtf8mb3,
    kLatin1,
    kAscii,
    kUcs2,
    kUtf16,
    kUtf32,
    kOther
};

class Collation {
  public:
    virtual ~Collation() = default;
    [[nodiscard]] virtual CollationId id() const noexcept = 0;
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;  ///< "utf8mb4_general_ci"
    [[nodiscard]] virtual std::string_view charset_name() const noexcept = 0;  ///< "utf8mb4"
    [[nodiscard]] virtual CharsetId charset() const noexcept = 0;
    [[nodiscard]] virtual bool pad_space() const noexcept = 0;
    [[nodiscard]] virtual unsigned max_char_bytes() const noexcept = 0;
    /// Whether keys may be made with it (a frozen table exists).
    [[nodiscard]] virtual bool has_weights() const noexcept = 0;
    /// Appends weights whose memcmp order is the collation's order. PAD SPACE: trailing pads are
    /// stripped and an end mark stands for them (it sorts as spaces without end), so that no key is
    /// a prefix of another; NO PAD: no terminator. Layout: storage/value/table_collation.h.
    virtual void append_sort_key(Bytes& out, ByteView text) const = 0;
    /// Appends what the sort keys of all texts beginning with `text` begin with (for LIKE 'text%'):
    /// other texts may share it, so the rows need a second look.
    virtual void append_prefix_sort_key(Bytes& out, ByteView text) const = 0;
    /// <0, 0, >0.
    [[nodiscard]] virtual int compare(ByteView a, ByteView b) const = 0;
    /// Hash consistent with compare() == 0.
    [[nodiscard]] virtual std::uint64_t hash(ByteView text) const = 0;
    [[nodiscard]] virtual bool case_sensitive() const noexcept = 0;
};

/// Null for a number that is not known at all.
[[nodiscard]] const Collation* find_collation(CollationId id) noexcept;
/// By name, case-insensitive ("utf8_general_ci" is utf8mb3_general_ci).
[[nodiscard]] const Collation* find_collation(std::string_view name) noexcept;
/// The default collation of a charset name in MySQL 8.0 (utf8mb4 → utf8mb4_0900_ai_ci) or
/// MariaDB 10.11 (utf8mb4_general_ci).
[[nodiscard]] const Collation* default_collation(std::string_view charset_name,
                                                 bool mariadb) noexcept;
[[nodiscard]] const std::vector<const Collation*>& all_collations();

/// Length of the well-formed prefix of `text` in `charset`; equal to text.size() when all of it is
/// well-formed.
[[nodiscard]] std::size_t well_formed_prefix(CharsetId charset, ByteView text) noexcept;
/// Number of characters; ill-formed bytes count one each.
[[nodiscard]] std::size_t char_count(CharsetId charset, ByteView text) noexcept;
/// Byte offset of character `n` (or text.size()).
[[nodiscard]] std::size_t char_offset(CharsetId charset, ByteView text, std::size_t n) noexcept;

}  // namespace afterimage::storage

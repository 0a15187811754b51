// SPDX-License-Identifier: Apache-2.0
// A Collation whose weights come from a frozen table. Only collation.cc makes them.
//
// Thread-safe, immutable.
//
// Sort keys of PAD SPACE collations. "a" must sort as "a" followed by spaces without end, so that
// "a\t" < "a" = "a  " < "ab" though "a" is a prefix of all of them. Weights are therefore written
// so:
//   01 weight     a weight below the space's
//   02 n          n spaces, then something below a space: more spaces sort higher
//   03            the end of the string, once, always
//   04 n          n spaces, then something above a space: more spaces sort lower
//   weight        above the space's: its first byte is 05 or more
// A weight is one byte (byte tables; 05 before it where it is 5 or less), a UTF-8-like sequence of
// weight + 1 where below the space and of the weight itself above (general_ci, _bin of utf8), or
// two bytes, big-endian (UCA; 05 before it where it is below 0x0600). n is a sequence of FF for
// each 254 and one byte 1 to 254, all inverted after 04. No key is a prefix of another. Sort keys
// of NO PAD collations are the weights alone: bytes, UTF-8-like, or big-endian pairs.
#pragma once

#include "storage/value/collation.h"
#include "storage/value/uca_table.h"

namespace afterimage::storage {

enum class WeightForm : std::uint8_t {
    kNone,       ///< no table: compares bytes, makes no keys
    kByte,       ///< one weight a byte, by a table of 256
    kCodePoint,  ///< utf8 *_bin with PAD SPACE
    kGeneral,    ///< general_ci
    kUca,
};

class TableCollation final : public Collation {
  public:
    struct Traits {
        CollationId id = 0;
        std::string_view name;
        std::string_view charset_name;
        CharsetId charset = CharsetId::kOther;
        unsigned max_char_bytes = 1;
        bool pad_space = true;
        WeightForm form = WeightForm::kNone;
        const std::uint8_t* byte_weights = nullptr;  ///< kByte; null = the byte itself
        UcaVersion uca = UcaVersion::k400;
    };
    explicit TableCollation(const Traits& traits) : traits_(traits) {}

    [[nodiscard]] CollationId id() const noexcept override { return traits_.id; }
    [[nodiscard]] std::string_view name() const noexcept override { return traits_.name; }
    [[nodiscard]] std::string_view charset_name() const noexcept override {
        return traits_.charset_name;
    }
    [[nodiscard]] CharsetId charset() const noexcept override { return traits_.charset; }
    [[nodiscard]] bool pad_space() const noexcept override { return traits_.pad_space; }
    [[nodiscard]] unsigned max_char_bytes() const noexcept override {
        return traits_.max_char_bytes;
    }
    [[nodiscard]] bool has_weights() const noexcept override {
        return traits_.form != WeightForm::kNone;
    }
    void append_sort_key(Bytes& out, ByteView text) const override;
    void append_prefix_sort_key(Bytes& out, ByteView text) const override;
    [[nodiscard]] int compare(ByteView a, ByteView b) const override;
    [[nodiscard]] std::uint64_t hash(ByteView text) const override;
    [[nodiscard]] bool case_sensitive() const noexcept override;

  private:
    /// Calls `function` with the reader of this collation's weights for each of `texts`.
    template <typename Function, typename... Texts>
    auto with_readers(const Function& function, Texts... texts) const;
    void append_key(Bytes& out, ByteView text, bool whole) const;
    /// Whether each character weighs the same whatever stands around it.
    [[nodiscard]] bool context_free() const noexcept;
    [[nodiscard]] int compare_weights(ByteView a, ByteView b) const;

    Traits traits_;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// Primary weights of one version of the Unicode Collation Algorithm, and of the simpler general_ci,
// unpacked from the generated tables on first use.
//
// Immutable once built, thread-safe. Lookups never fail: code points without an entry get the
// implicit weights of the version.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace afterimage::storage {

/// general_ci: one 16-bit weight a character, the same as the code point where no entry says
/// otherwise, 0xFFFD above U+FFFF.
class GeneralTable {
  public:
    GeneralTable();
    [[nodiscard]] std::uint32_t weight(std::uint32_t code) const noexcept {
        return code < weights_.size() ? weights_[code] : 0xfffd;
    }

  private:
    std::vector<std::uint16_t> weights_;
};

/// The one table of general_ci.
[[nodiscard]] const GeneralTable& general_table();

enum class UcaVersion : std::uint8_t { k400, k520, k900, k1400 };

class UcaTable {
  public:
    /// Weights of one character or contraction.
    struct Weights {
        const std::uint16_t* first = nullptr;
        unsigned count = 0;
    };
    /// Weights made by rule, for code points without an entry.
    using Implicit = std::array<std::uint16_t, 3>;

    explicit UcaTable(UcaVersion version);

    /// The weights of `code`; implicit ones are put into `scratch`.
    [[nodiscard]] Weights find(std::uint32_t code, Implicit& scratch) const noexcept;

    [[nodiscard]] std::uint16_t space_weight() const noexcept { return space_weight_; }

    /// The one weight of an ASCII character, 0 where it has none or several. Right only where no
    /// contraction begins with it: never before another ASCII character.
    [[nodiscard]] std::uint16_t ascii_weight(unsigned char c) const noexcept { return ascii_[c]; }

    [[nodiscard]] bool has_contractions() const noexcept { return !contractions_.empty(); }

    // Contractions: sequences of code points that sort as one.
    struct Contraction {
        std::array<std::uint32_t, 3> codes{};  ///< unused ones are 0
        unsigned code_count = 0;
        std::uint32_t first_weight = 0;
        unsigned weight_count = 0;
    };
    /// Contractions that begin with `code`, longest first; empty for nearly every character.
    [[nodiscard]] std::span<const Contraction> contractions(std::uint32_t code) const noexcept;
    [[nodiscard]] Weights weights_of(const Contraction& contraction) const noexcept {
        return {pool_.data() + contraction.first_weight, contraction.weight_count};
    }

  private:
    static constexpr unsigned kPageBits = 8;
    static constexpr std::uint16_t kNoPage = 0xffff;
    static constexpr std::uint32_t kNoEntry = 0xffffffff;
    static constexpr unsigned kCountBits = 5;  ///< the longest entry has 18 weights

    void add_entry(std::uint32_t code, std::span<const std::uint16_t> weights);
    void unpack(std::span<const std::uint16_t> packed);
    void unpack_contractions(std::span<const std::uint16_t> packed);
    [[nodiscard]] Weights entry(std::uint32_t code) const noexcept;
    unsigned implicit_weights(std::uint32_t code, Implicit& out) const noexcept;

    UcaVersion version_;
    std::vector<std::uint16_t> pages_;    ///< by code >> kPageBits: index of a page or kNoPage
    std::vector<std::uint32_t> entries_;  ///< 256 a page: offset in pool_ << kCountBits | count
    std::vector<std::uint16_t> pool_;
    std::vector<Contraction> contractions_;  ///< by first code ascending, then length descending
    std::array<std::uint16_t, 128> ascii_{};
    std::uint16_t space_weight_ = 0;
};

/// Built on first use.
[[nodiscard]] const UcaTable& uca_table(UcaVersion version);

}  // namespace afterimage::storage

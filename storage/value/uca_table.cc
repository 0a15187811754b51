// SPDX-License-Identifier: Apache-2.0
// The generated tables are runs of 16-bit numbers (scripts/make_collations.py, packed_runs); they
// are trusted, being compiled in.
#include "storage/value/uca_table.h"

#include <algorithm>

namespace afterimage::storage {

namespace {

struct GeneralEntry {
    std::uint16_t code;
    std::uint16_t weight;
};
constexpr GeneralEntry kGeneral[] = {
#include "storage/value/collation_tables/general.inc"
};
constexpr std::uint16_t kUca400[] = {
#include "storage/value/collation_tables/uca400.inc"
};
constexpr std::uint16_t kUca520[] = {
#include "storage/value/collation_tables/uca520.inc"
};
constexpr std::uint16_t kUca900[] = {
#include "storage/value/collation_tables/uca900.inc"
};
constexpr std::uint16_t kUca1400[] = {
#include "storage/value/collation_tables/uca1400.inc"
};
constexpr std::uint16_t kUca1400Contractions[] = {
#include "storage/value/collation_tables/uca1400_contractions.inc"
};

constexpr std::uint32_t kCodeLimit = 0x110000;
constexpr std::uint32_t kPageSize = 256;

struct Range {
    std::uint32_t low;
    std::uint32_t high;
};

bool in_any(std::span<const Range> ranges, std::uint32_t code) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [code](const Range& r) { return code >= r.low && code <= r.high; });
}

// Unified ideographs as each version of the servers knows them; section 10.1.3 of UTS #10 gives
// them the bases 0xFB40 (core) and 0xFB80 (extensions), everything else has 0xFBC0.
constexpr Range kCore400[] = {{0x4E00, 0x9FA5}};
constexpr Range kExtensions400[] = {{0x3400, 0x4DB5}};
constexpr Range kCore900[] = {{0x4E00, 0x9FD5}, {0xFA0E, 0xFA29}};
constexpr Range kExtensions900[] = {{0x3400, 0x4DB5},
                                    {0x20000, 0x2A6D6},
                                    {0x2A700, 0x2B734},
                                    {0x2B740, 0x2B81D},
                                    {0x2B820, 0x2CEA1}};
constexpr Range kCore1400[] = {{0x4E00, 0x9FFF}, {0xFA0E, 0xFA29}};
constexpr Range kExtensions1400[] = {{0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B738},
                                     {0x2B740, 0x2B81D}, {0x2B820, 0x2CEA1}, {0x2CEB0, 0x2EBE0},
                                     {0x30000, 0x3134A}};

/// Scripts whose implicit weights count from their own beginning.
struct Script {
    Range range;
    std::uint16_t base;
    std::uint32_t first;
};
constexpr Script kScripts900[] = {{{0x17000, 0x18AFF}, 0xFB00, 0x17000}};
constexpr Script kScripts1400[] = {{{0x17000, 0x18AFF}, 0xFB00, 0x17000},
                                   {{0x18B00, 0x18CFF}, 0xFB02, 0x18B00},
                                   {{0x18D00, 0x18D7F}, 0xFB00, 0x17000},
                                   {{0x1B170, 0x1B2FF}, 0xFB01, 0x1B170}};

// Hangul syllables are composed of jamos by arithmetic (Unicode 3.12); MySQL takes the gap behind
// the last syllable along.
constexpr Range kHangul = {0xAC00, 0xD7AF};
constexpr std::uint32_t kLeadingJamo = 0x1100;
constexpr std::uint32_t kVowelJamo = 0x1161;
constexpr std::uint32_t kTrailingJamo = 0x11A7;
constexpr std::uint32_t kTrailingCount = 28;
constexpr std::uint32_t kVowelTrailingCount = 588;

std::span<const std::uint16_t> packed_table(UcaVersion version) {
    switch (version) {
        case UcaVersion::k400:
            return kUca400;
        case UcaVersion::k520:
            return kUca520;
        case UcaVersion::k900:
            return kUca900;
        case UcaVersion::k1400:
            break;
    }
    return kUca1400;
}

std::span<const Script> scripts_of(UcaVersion version) {
    if (version == UcaVersion::k900) {
        return kScripts900;
    }
    return version == UcaVersion::k1400 ? std::span<const Script>(kScripts1400)
                                        : std::span<const Script>();
}

/// The base weight of a code point without an entry.
std::uint32_t implicit_base(UcaVersion version, std::uint32_t code) {
    std::span<const Range> core = kCore400;
    std::span<const Range> extensions = kExtensions400;
    if (version == UcaVersion::k900) {
        core = kCore900;
        extensions = kExtensions900;
    } else if (version == UcaVersion::k1400) {
        core = kCore1400;
        extensions = kExtensions1400;
    }
    if (in_any(core, code)) {
        return 0xFB40;
    }
    return in_any(extensions, code) ? 0xFB80 : 0xFBC0;
}

}  // namespace

GeneralTable::GeneralTable() : weights_(0x10000) {
    for (std::size_t code = 0; code < weights_.size(); ++code) {
        weights_[code] = static_cast<std::uint16_t>(code);
    }
    for (const GeneralEntry& entry : kGeneral) {
        weights_[entry.code] = entry.weight;
    }
}

const GeneralTable& general_table() {
    static const GeneralTable kTable;
    return kTable;
}

UcaTable::UcaTable(UcaVersion version)
    : version_(version), pages_(kCodeLimit >> kPageBits, kNoPage) {
    unpack(packed_table(version));
    if (version == UcaVersion::k1400) {
        unpack_contractions(kUca1400Contractions);
    }
    for (std::uint32_t code = 0; code < ascii_.size(); ++code) {
        const Weights weights = entry(code);
        ascii_[code] = weights.count == 1 ? *weights.first : std::uint16_t{0};
    }
    space_weight_ = ascii_[' '];
}

void UcaTable::add_entry(std::uint32_t code, std::span<const std::uint16_t> weights) {
    std::uint16_t& page = pages_[code >> kPageBits];
    if (page == kNoPage) {
        page = static_cast<std::uint16_t>(entries_.size() / kPageSize);
        entries_.resize(entries_.size() + kPageSize, kNoEntry);
    }
    entries_[page * kPageSize + code % kPageSize] =
        static_cast<std::uint32_t>(pool_.size() << kCountBits | weights.size());
    pool_.insert(pool_.end(), weights.begin(), weights.end());
}

void UcaTable::unpack(std::span<const std::uint16_t> packed) {
    for (std::size_t at = 0; at < packed.size();) {
        const std::uint32_t code = static_cast<std::uint32_t>(packed[at]) << 16U | packed[at + 1];
        const std::uint32_t count = packed[at + 2];
        const std::uint16_t kind = packed[at + 3];
        at += 4;
        if (kind < 2) {
            std::uint16_t weight = packed[at++];
            for (std::uint32_t i = 0; i < count; ++i) {
                add_entry(code + i, {&weight, 1});
                weight = static_cast<std::uint16_t>(weight + kind);
            }
            continue;
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            add_entry(code + i, packed.subspan(at + 1, packed[at]));
            at += 1U + packed[at];
        }
    }
}

void UcaTable::unpack_contractions(std::span<const std::uint16_t> packed) {
    for (std::size_t at = 0; at < packed.size();) {
        Contraction contraction;
        contraction.code_count = packed[at++];
        for (unsigned i = 0; i < contraction.code_count; ++i, at += 2) {
            contraction.codes[i] = static_cast<std::uint32_t>(packed[at]) << 16U | packed[at + 1];
        }
        contraction.weight_count = packed[at++];
        contraction.first_weight = static_cast<std::uint32_t>(pool_.size());
        const auto weights = packed.subspan(at, contraction.weight_count);
        pool_.insert(pool_.end(), weights.begin(), weights.end());
        at += contraction.weight_count;
        contractions_.push_back(contraction);
    }
    std::stable_sort(
        contractions_.begin(), contractions_.end(), [](const Contraction& a, const Contraction& b) {
            return a.codes[0] != b.codes[0] ? a.codes[0] < b.codes[0] : a.code_count > b.code_count;
        });
}

std::span<const UcaTable::Contraction> UcaTable::contractions(std::uint32_t code) const noexcept {
    const auto low =
        std::partition_point(contractions_.begin(), contractions_.end(),
                             [code](const Contraction& c) { return c.codes[0] < code; });
    auto high = low;
    while (high != contractions_.end() && high->codes[0] == code) {
        ++high;
    }
    return {contractions_.data() + (low - contractions_.begin()),
            static_cast<std::size_t>(high - low)};
}

UcaTable::Weights UcaTable::entry(std::uint32_t code) const noexcept {
    const std::uint16_t page = code < kCodeLimit ? pages_[code >> kPageBits] : kNoPage;
    if (page == kNoPage) {
        return {};
    }
    const std::uint32_t found = entries_[page * kPageSize + code % kPageSize];
    if (found == kNoEntry) {
        return {};
    }
    return {pool_.data() + (found >> kCountBits), found & ((1U << kCountBits) - 1)};
}

UcaTable::Weights UcaTable::find(std::uint32_t code, Implicit& scratch) const noexcept {
    const Weights listed = entry(code);
    if (listed.first != nullptr) {
        return listed;
    }
    return {scratch.data(), implicit_weights(code, scratch)};
}

unsigned UcaTable::implicit_weights(std::uint32_t code, Implicit& out) const noexcept {
    if (version_ == UcaVersion::k400 && code > 0xffff) {
        out[0] = 0xfffd;
        return 1;
    }
    if (version_ == UcaVersion::k900 && in_any({&kHangul, 1}, code)) {
        const std::uint32_t index = code - kHangul.low;
        const std::uint32_t trailing = index % kTrailingCount;
        const std::array<std::uint32_t, 3> jamos = {
            kLeadingJamo + index / kVowelTrailingCount,
            kVowelJamo + index % kVowelTrailingCount / kTrailingCount, kTrailingJamo + trailing};
        const unsigned count = trailing != 0 ? 3 : 2;
        for (unsigned i = 0; i < count; ++i) {
            out[i] = *entry(jamos[i]).first;
        }
        return count;
    }
    for (const Script& script : scripts_of(version_)) {
        if (in_any({&script.range, 1}, code)) {
            out[0] = script.base;
            out[1] = static_cast<std::uint16_t>((code - script.first) | 0x8000U);
            return 2;
        }
    }
    out[0] = static_cast<std::uint16_t>(implicit_base(version_, code) + (code >> 15U));
    out[1] = static_cast<std::uint16_t>((code & 0x7fffU) | 0x8000U);
    return 2;
}

const UcaTable& uca_table(UcaVersion version) {
    switch (version) {
        case UcaVersion::k400: {
            static const UcaTable kTable(UcaVersion::k400);
            return kTable;
        }
        case UcaVersion::k520: {
            static const UcaTable kTable(UcaVersion::k520);
            return kTable;
        }
        case UcaVersion::k900: {
            static const UcaTable kTable(UcaVersion::k900);
            return kTable;
        }
        case UcaVersion::k1400:
            break;
    }
    static const UcaTable kTable(UcaVersion::k1400);
    return kTable;
}

}  // namespace afterimage::storage

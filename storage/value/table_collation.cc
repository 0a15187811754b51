// SPDX-License-Identifier: Apache-2.0
#include "storage/value/table_collation.h"

#include <algorithm>

#include "storage/value/text_encoding.h"

namespace afterimage::storage {

namespace {

constexpr std::uint32_t kSpaceCode = 0x20;
constexpr unsigned char kAsciiEnd = 0x80;
/// Weights of ill-formed bytes stand above all others, in the order of the bytes.
constexpr std::uint32_t kIllFormed = 0x110000;
constexpr std::int64_t kEnd = -1;

// The readers: next() gives one weight after the other, kEnd when there is none left.

class ByteReaderOfWeights {
  public:
    ByteReaderOfWeights(ByteView text, const std::uint8_t* weights)
        : text_(text), weights_(weights) {}
    std::int64_t next() {
        if (at_ == text_.size()) {
            return kEnd;
        }
        const auto byte = static_cast<unsigned char>(text_[at_++]);
        return weights_ == nullptr ? byte : weights_[byte];
    }
    [[nodiscard]] std::uint32_t space() const {
        return weights_ == nullptr ? kSpaceCode : weights_[kSpaceCode];
    }

  private:
    ByteView text_;
    const std::uint8_t* weights_;
    std::size_t at_ = 0;
};

/// kCodePoint (no table) and kGeneral.
class CharReaderOfWeights {
  public:
    CharReaderOfWeights(ByteView text, unsigned max_char_bytes, const GeneralTable* table)
        : text_(text), max_char_bytes_(max_char_bytes), table_(table) {}
    std::int64_t next() {
        if (at_ == text_.size()) {
            return kEnd;
        }
        const auto first = static_cast<unsigned char>(text_[at_]);
        if (first < kAsciiEnd) {
            ++at_;
            return table_ == nullptr ? first : table_->weight(first);
        }
        const Utf8Char c = decode_utf8(text_, at_, max_char_bytes_);
        if (c.size == 0) {
            ++at_;
            return kIllFormed + first;
        }
        at_ += c.size;
        return table_ == nullptr ? c.code : table_->weight(c.code);
    }
    [[nodiscard]] static std::uint32_t space() { return kSpaceCode; }

  private:
    ByteView text_;
    unsigned max_char_bytes_;
    const GeneralTable* table_;
    std::size_t at_ = 0;
};

class UcaReaderOfWeights {
  public:
    UcaReaderOfWeights(ByteView text, unsigned max_char_bytes, const UcaTable& table)
        : text_(text), max_char_bytes_(max_char_bytes), table_(table) {}
    std::int64_t next() {
        while (left_.count == 0) {
            if (at_ == text_.size()) {
                return kEnd;
            }
            const auto first = static_cast<unsigned char>(text_[at_]);
            if (first < kAsciiEnd && table_.ascii_weight(first) != 0 && no_contraction_at(at_)) {
                ++at_;
                return table_.ascii_weight(first);
            }
            load_char();
        }
        --left_.count;
        return *left_.first++;
    }
    [[nodiscard]] std::uint32_t space() const { return table_.space_weight(); }

  private:
    /// Of an ASCII character: contractions have none behind it.
    [[nodiscard]] bool no_contraction_at(std::size_t at) const {
        return at + 1 == text_.size() || static_cast<unsigned char>(text_[at + 1]) < kAsciiEnd ||
               !table_.has_contractions();
    }

    void load_char() {
        const Utf8Char c = decode_utf8(text_, at_, max_char_bytes_);
        if (c.size == 0) {
            scratch_[0] = 0xffff;
            scratch_[1] =
                static_cast<std::uint16_t>(0xff00U | static_cast<unsigned char>(text_[at_]));
            left_ = {scratch_.data(), 2};
            ++at_;
            return;
        }
        at_ += c.size;
        for (const UcaTable::Contraction& contraction : table_.contractions(c.code)) {
            if (take(contraction)) {
                left_ = table_.weights_of(contraction);
                return;
            }
        }
        left_ = table_.find(c.code, scratch_);
    }

    /// Whether the text goes on with the contraction's other characters; then they are consumed.
    bool take(const UcaTable::Contraction& contraction) {
        std::size_t at = at_;
        for (unsigned i = 1; i < contraction.code_count; ++i) {
            if (at == text_.size()) {
                return false;
            }
            const Utf8Char c = decode_utf8(text_, at, max_char_bytes_);
            if (c.size == 0 || c.code != contraction.codes[i]) {
                return false;
            }
            at += c.size;
        }
        at_ = at;
        return true;
    }

    ByteView text_;
    unsigned max_char_bytes_;
    const UcaTable& table_;
    std::size_t at_ = 0;
    UcaTable::Weights left_;
    UcaTable::Implicit scratch_{};
};

// Key bytes; see the header for the layout.

constexpr char kBelowSpace = 0x01;
constexpr char kSpacesThenBelow = 0x02;
constexpr char kEndOfText = 0x03;
constexpr char kSpacesThenAbove = 0x04;
constexpr char kLowAbove = 0x05;
/// UCA weights above the space's but below this get kLowAbove in front, so that their first byte
/// never looks like one of the marks.
constexpr std::uint32_t kPlainPair = 0x0600;
constexpr std::size_t kSpacesPerByte = 254;

void append_utf8_like(Bytes& out, std::uint32_t value) {
    if (value < 0x80) {
        out.push_back(static_cast<char>(value));
        return;
    }
    if (value < 0x800) {
        out.push_back(static_cast<char>(0xc0U | value >> 6U));
    } else {
        if (value < 0x10000) {
            out.push_back(static_cast<char>(0xe0U | value >> 12U));
        } else {
            out.push_back(static_cast<char>(0xf0U | value >> 18U));
            out.push_back(static_cast<char>(0x80U | (value >> 12U & 0x3fU)));
        }
        out.push_back(static_cast<char>(0x80U | (value >> 6U & 0x3fU)));
    }
    out.push_back(static_cast<char>(0x80U | (value & 0x3fU)));
}

void append_weight(Bytes& out, WeightForm form, std::uint32_t weight) {
    switch (form) {
        case WeightForm::kCodePoint:
        case WeightForm::kGeneral:
            append_utf8_like(out, weight);
            return;
        case WeightForm::kUca:
            append_be(out, weight, 2);
            return;
        case WeightForm::kByte:
        case WeightForm::kNone:
            break;
    }
    out.push_back(static_cast<char>(weight));
}

void append_above_space(Bytes& out, WeightForm form, std::uint32_t weight) {
    if ((form == WeightForm::kUca && weight < kPlainPair) ||
        (form == WeightForm::kByte && weight <= 0x05)) {
        out.push_back(kLowAbove);
    }
    append_weight(out, form, weight);
}

void append_below_space(Bytes& out, WeightForm form, std::uint32_t weight) {
    out.push_back(kBelowSpace);
    append_weight(out, form, form == WeightForm::kUca ? weight : weight + 1);
}

void append_spaces(Bytes& out, std::size_t count, bool then_below) {
    out.push_back(then_below ? kSpacesThenBelow : kSpacesThenAbove);
    const unsigned inversion = then_below ? 0 : 0xff;
    for (--count; count >= kSpacesPerByte; count -= kSpacesPerByte) {
        out.push_back(static_cast<char>(0xffU ^ inversion));
    }
    out.push_back(static_cast<char>((count + 1) ^ inversion));
}

template <typename Reader>
void append_padded(Bytes& out, WeightForm form, Reader reader, bool whole) {
    const std::uint32_t space = reader.space();
    std::size_t spaces = 0;
    for (std::int64_t next = reader.next(); next != kEnd; next = reader.next()) {
        const auto weight = static_cast<std::uint32_t>(next);
        if (weight == space) {
            ++spaces;
            continue;
        }
        if (spaces > 0) {
            append_spaces(out, spaces, weight < space);
            spaces = 0;
        }
        if (weight < space) {
            append_below_space(out, form, weight);
        } else {
            append_above_space(out, form, weight);
        }
    }
    if (whole) {
        out.push_back(kEndOfText);
    }
}

template <typename Reader>
int compare_readers(Reader a, Reader b, bool pad_space) {
    const auto space = static_cast<std::int64_t>(a.space());
    bool a_ended = false;
    bool b_ended = false;
    while (true) {
        std::int64_t left = a_ended ? kEnd : a.next();
        std::int64_t right = b_ended ? kEnd : b.next();
        a_ended = left == kEnd;
        b_ended = right == kEnd;
        if (a_ended && b_ended) {
            return 0;
        }
        if (a_ended && pad_space) {
            left = space;
        }
        if (b_ended && pad_space) {
            right = space;
        }
        if (left != right) {
            return left < right ? -1 : 1;
        }
    }
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t weight) {
    // Multiplication by an odd constant and a shift down, as in wyhash's and splitmix64's mixers.
    hash = (hash ^ weight) * 0x9e3779b97f4a7c15ULL;
    return hash ^ hash >> 29U;
}

template <typename Reader>
std::uint64_t hash_of(Reader reader, bool pad_space) {
    const std::uint32_t space = reader.space();
    std::uint64_t hash = 0x243f6a8885a308d3ULL;
    std::size_t spaces = 0;
    for (std::int64_t next = reader.next(); next != kEnd; next = reader.next()) {
        const auto weight = static_cast<std::uint32_t>(next);
        if (pad_space && weight == space) {
            ++spaces;
            continue;
        }
        for (; spaces > 0; --spaces) {
            hash = mixed(hash, space);
        }
        hash = mixed(hash, weight);
    }
    return mixed(hash, 0x452821e638d01377ULL);
}

}  // namespace

template <typename Function, typename... Texts>
auto TableCollation::with_readers(const Function& function, Texts... texts) const {
    switch (traits_.form) {
        case WeightForm::kCodePoint:
            return function(CharReaderOfWeights(texts, traits_.max_char_bytes, nullptr)...);
        case WeightForm::kGeneral:
            return function(
                CharReaderOfWeights(texts, traits_.max_char_bytes, &general_table())...);
        case WeightForm::kUca:
            return function(
                UcaReaderOfWeights(texts, traits_.max_char_bytes, uca_table(traits_.uca))...);
        case WeightForm::kByte:
        case WeightForm::kNone:
            break;
    }
    return function(ByteReaderOfWeights(texts, traits_.byte_weights)...);
}

void TableCollation::append_key(Bytes& out, ByteView text, bool whole) const {
    if (!traits_.pad_space && traits_.form == WeightForm::kByte &&
        traits_.byte_weights == nullptr) {
        out.append(text);
        return;
    }
    const WeightForm form = traits_.form;
    const bool pad_space = traits_.pad_space;
    with_readers(
        [&out, form, pad_space, whole](auto reader) {
            if (pad_space) {
                append_padded(out, form, std::move(reader), whole);
                return;
            }
            for (std::int64_t next = reader.next(); next != kEnd; next = reader.next()) {
                append_weight(out, form, static_cast<std::uint32_t>(next));
            }
        },
        text);
}

void TableCollation::append_sort_key(Bytes& out, ByteView text) const {
    append_key(out, text, true);
}

void TableCollation::append_prefix_sort_key(Bytes& out, ByteView text) const {
    if (!context_free()) {
        // The last characters may contract with what follows: leave out as many as a contraction
        // reaches back over.
        std::size_t chars = char_count(traits_.charset, text);
        chars = chars > 2 ? chars - 2 : 0;
        text = text.substr(0, char_offset(traits_.charset, text, chars));
    }
    append_key(out, text, false);
}

int TableCollation::compare(ByteView a, ByteView b) const {
    if (a == b) {
        return 0;
    }
    if (!context_free()) {
        return compare_weights(a, b);
    }
    // What both begin with weighs the same; go back to where the differing character begins.
    std::size_t same = static_cast<std::size_t>(
        std::mismatch(a.begin(),
                      a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())),
                      b.begin())
            .first -
        a.begin());
    for (unsigned back = 1; back < traits_.max_char_bytes && same > 0; ++back) {
        --same;
    }
    while (same > 0 && traits_.max_char_bytes > 1 &&
           (static_cast<unsigned char>(a[same]) & 0xc0U) == 0x80U) {
        --same;
    }
    return compare_weights(a.substr(same), b.substr(same));
}

bool TableCollation::context_free() const noexcept {
    return traits_.form != WeightForm::kUca || traits_.uca != UcaVersion::k1400;
}

int TableCollation::compare_weights(ByteView a, ByteView b) const {
    const bool pad_space = traits_.pad_space;
    return with_readers(
        [pad_space](auto left, auto right) {
            return compare_readers(std::move(left), std::move(right), pad_space);
        },
        a, b);
}

std::uint64_t TableCollation::hash(ByteView text) const {
    const bool pad_space = traits_.pad_space;
    return with_readers([pad_space](auto reader) { return hash_of(std::move(reader), pad_space); },
                        text);
}

bool TableCollation::case_sensitive() const noexcept {
    const std::string_view name = traits_.name;
    return name == "binary" || name.ends_with("_bin") || name.ends_with("_cs") ||
           name.ends_with("_cs_ks");
}

}  // namespace afterimage::storage

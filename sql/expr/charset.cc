// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/charset.h"

#include <unicode/uchar.h>
#include <unicode/ucnv.h>

#include <array>
#include <memory>
#include <vector>

#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::CharsetId;
using storage::Collation;

namespace {

/// cp1252's 0x80-0x9f, which MySQL calls latin1; the five holes map to themselves.
constexpr std::array<char16_t, 32> kLatin1High = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};
constexpr char32_t kReplacement = 0xfffd;

CharsetId charset_of(storage::CollationId collation) noexcept {
    const Collation* found = storage::find_collation(collation);
    return found == nullptr ? CharsetId::kBinary : found->charset();
}

/// Reads characters of a charset that is decoded here.
class Decoder {
  public:
    Decoder(CharsetId charset, std::string_view text) : charset_(charset), text_(text) {}
    [[nodiscard]] bool more() const noexcept { return at_ < text_.size(); }
    [[nodiscard]] bool lossy() const noexcept { return lossy_; }

    [[nodiscard]] char32_t next() noexcept {
        const auto byte = static_cast<unsigned char>(text_[at_]);
        switch (charset_) {
            case CharsetId::kLatin1:
                ++at_;
                return byte >= 0x80 && byte < 0xa0 ? kLatin1High[byte - 0x80U] : byte;
            case CharsetId::kAscii:
                ++at_;
                return byte < 0x80 ? byte : ill_formed();
            case CharsetId::kUcs2:
                return scalar(next_unit16());
            case CharsetId::kUtf16:
                return next_utf16();
            case CharsetId::kUtf32:
                return next_utf32();
            default: {
                const std::size_t before = at_;
                const char32_t c = next_utf8(text_, at_);
                if (c == kReplacement && at_ == before + 1) {
                    return ill_formed();
                }
                return c;
            }
        }
    }

  private:
    char32_t ill_formed() noexcept {
        lossy_ = true;
        return U'?';
    }
    char32_t next_unit16() noexcept {
        if (at_ + 2 > text_.size()) {
            at_ = text_.size();
            return ill_formed();
        }
        const auto high = static_cast<unsigned char>(text_[at_]);
        const auto low = static_cast<unsigned char>(text_[at_ + 1]);
        at_ += 2;
        return static_cast<char32_t>(high << 8U | low);
    }
    char32_t next_utf16() noexcept {
        const char32_t unit = next_unit16();
        if (unit < 0xd800 || unit > 0xdfff) {
            return unit;
        }
        if (unit >= 0xdc00 || at_ + 2 > text_.size()) {
            return ill_formed();
        }
        const char32_t low = next_unit16();
        if (low < 0xdc00 || low > 0xdfff) {
            return ill_formed();
        }
        return 0x10000 + ((unit - 0xd800) << 10U) + (low - 0xdc00);
    }
    char32_t next_utf32() noexcept {
        if (at_ + 4 > text_.size()) {
            at_ = text_.size();
            return ill_formed();
        }
        const auto c = static_cast<char32_t>(storage::load_be(text_.data() + at_, 4));
        at_ += 4;
        return c > 0x10ffff ? ill_formed() : scalar(c);
    }
    /// Surrogates are no characters.
    char32_t scalar(char32_t c) noexcept { return c >= 0xd800 && c <= 0xdfff ? ill_formed() : c; }

    CharsetId charset_;
    std::string_view text_;
    std::size_t at_ = 0;
    bool lossy_ = false;
};

void append_unit16(std::string& out, char32_t unit) {
    out.push_back(static_cast<char>(unit >> 8U & 0xffU));
    out.push_back(static_cast<char>(unit & 0xffU));
}

/// False when the charset has no such character; '?' was written.
bool encode(std::string& out, CharsetId charset, char32_t c) {
    switch (charset) {
        case CharsetId::kAscii:
            out.push_back(c < 0x80 ? static_cast<char>(c) : '?');
            return c < 0x80;
        case CharsetId::kLatin1: {
            if (c < 0x80 || (c >= 0xa0 && c <= 0xff)) {
                out.push_back(static_cast<char>(c));
                return true;
            }
            for (std::size_t i = 0; i < kLatin1High.size(); ++i) {
                if (kLatin1High[i] == c) {
                    out.push_back(static_cast<char>(0x80 + i));
                    return true;
                }
            }
            out.push_back('?');
            return false;
        }
        case CharsetId::kUtf8mb3:
            if (c > 0xffff) {
                out.push_back('?');
                return false;
            }
            append_utf8(out, c);
            return true;
        case CharsetId::kUcs2:
            append_unit16(out, c > 0xffff ? U'?' : c);
            return c <= 0xffff;
        case CharsetId::kUtf16:
            if (c > 0xffff) {
                append_unit16(out, 0xd800 + ((c - 0x10000) >> 10U));
                append_unit16(out, 0xdc00 + ((c - 0x10000) & 0x3ffU));
            } else {
                append_unit16(out, c);
            }
            return true;
        case CharsetId::kUtf32:
            storage::append_be(out, c, 4);
            return true;
        default:
            append_utf8(out, c);
            return true;
    }
}

struct ConverterCloser {
    void operator()(UConverter* converter) const noexcept { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterCloser>;

/// ICU's name for a MySQL charset, where they differ.
std::string icu_name(std::string_view charset) {
    static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"sjis", "Shift_JIS"},      {"cp932", "windows-31j"},   {"ujis", "EUC-JP"},
        {"eucjpms", "EUC-JP"},      {"euckr", "EUC-KR"},        {"gb2312", "EUC-CN"},
        {"tis620", "TIS-620"},      {"latin2", "ISO-8859-2"},   {"latin5", "ISO-8859-9"},
        {"latin7", "ISO-8859-13"},  {"greek", "ISO-8859-7"},    {"hebrew", "ISO-8859-8"},
        {"koi8r", "KOI8-R"},        {"koi8u", "KOI8-U"},        {"cp1250", "windows-1250"},
        {"cp1251", "windows-1251"}, {"cp1256", "windows-1256"}, {"cp1257", "windows-1257"},
        {"utf16le", "UTF-16LE"},    {"macroman", "macintosh"},  {"macce", "x-mac-centraleurroman"},
        {"hp8", "hp-roman8"},       {"gb18030", "gb18030"}};
    for (const auto& [mysql, icu] : kNames) {
        if (mysql == charset) {
            return std::string(icu);
        }
    }
    return std::string(charset);
}

Converter open_converter(storage::CollationId collation) {
    const Collation* found = storage::find_collation(collation);
    const std::string name(found == nullptr ? std::string_view("?") : found->charset_name());
    UErrorCode status = U_ZERO_ERROR;
    Converter converter(ucnv_open(icu_name(name).c_str(), &status));
    if (U_FAILURE(status)) {
        throw_not_supported("conversion of character set " + name);
    }
    return converter;
}

/// Decodes any charset into UTF-8 by ICU.
std::string icu_decode(std::string_view text, storage::CollationId from, bool& lossy) {
    const Converter converter = open_converter(from);
    std::string out;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        UErrorCode status = U_ZERO_ERROR;
        const UChar32 c = ucnv_getNextUChar(converter.get(), &at, end, &status);
        if (U_FAILURE(status) || c == 0xfffd) {
            lossy = true;
            out += '?';
            if (status == U_TRUNCATED_CHAR_FOUND || status == U_INDEX_OUTOFBOUNDS_ERROR) {
                break;
            }
            continue;
        }
        append_utf8(out, static_cast<char32_t>(c));
    }
    return out;
}

void icu_encode(std::string& out, std::string_view utf8, storage::CollationId to, bool& lossy) {
    const Converter converter = open_converter(to);
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setSubstChars(converter.get(), "?", 1, &status);
    std::size_t at = 0;
    while (at < utf8.size()) {
        const char32_t c = next_utf8(utf8, at);
        UChar units[2];
        int32_t length = 0;
        UBool failed = 0;
        U16_APPEND(units, length, 2, static_cast<UChar32>(c), failed);
        char bytes[16];
        status = U_ZERO_ERROR;
        const int32_t written = failed != 0 ? 0
                                            : ucnv_fromUChars(converter.get(), bytes, sizeof bytes,
                                                              units, length, &status);
        if (U_FAILURE(status) || written <= 0 || written > static_cast<int32_t>(sizeof bytes)) {
            out += '?';
            lossy = true;
            continue;
        }
        lossy = lossy || (written == 1 && bytes[0] == '?' && c != U'?');
        out.append(bytes, static_cast<std::size_t>(written));
    }
}

/// kOther is what only ICU decodes.
bool is_own(CharsetId charset) noexcept { return charset != CharsetId::kOther; }

}  // namespace

char32_t next_utf8(std::string_view text, std::size_t& at) noexcept {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
    const std::uint32_t first = byte(at);
    if (first < 0x80) {
        ++at;
        return first;
    }
    if (first >= 0xc2 && first < 0xe0 && follows(at + 1)) {
        const char32_t c = (first & 0x1fU) << 6U | (byte(at + 1) & 0x3fU);
        at += 2;
        return c;
    }
    if (first >= 0xe0 && first < 0xf0 && follows(at + 1) && follows(at + 2)) {
        const char32_t c =
            (first & 0x0fU) << 12U | (byte(at + 1) & 0x3fU) << 6U | (byte(at + 2) & 0x3fU);
        if (c >= 0x800 && (c < 0xd800 || c > 0xdfff)) {
            at += 3;
            return c;
        }
    }
    if (first >= 0xf0 && first < 0xf5 && follows(at + 1) && follows(at + 2) && follows(at + 3)) {
        const char32_t c = (first & 0x07U) << 18U | (byte(at + 1) & 0x3fU) << 12U |
                           (byte(at + 2) & 0x3fU) << 6U | (byte(at + 3) & 0x3fU);
        if (c >= 0x10000 && c <= 0x10ffff) {
            at += 4;
            return c;
        }
    }
    ++at;
    return kReplacement;
}

void append_utf8(std::string& out, char32_t c) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0U | c >> 6U);
        put(0x80U | (c & 0x3fU));
    } else if (c < 0x10000) {
        put(0xe0U | c >> 12U);
        put(0x80U | (c >> 6U & 0x3fU));
        put(0x80U | (c & 0x3fU));
    } else {
        put(0xf0U | c >> 18U);
        put(0x80U | (c >> 12U & 0x3fU));
        put(0x80U | (c >> 6U & 0x3fU));
        put(0x80U | (c & 0x3fU));
    }
}

bool is_ascii(std::string_view text) noexcept {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) {
            return false;
        }
    }
    return true;
}

bool is_ascii_superset(storage::CollationId collation) noexcept {
    switch (charset_of(collation)) {
        case CharsetId::kUcs2:
        case CharsetId::kUtf16:
        case CharsetId::kUtf32:
            return false;
        case CharsetId::kOther: {
            const Collation* found = storage::find_collation(collation);
            return found->charset_name() != "utf16le" && found->charset_name() != "swe7";
        }
        default:
            return true;
    }
}

bool same_charset(storage::CollationId a, storage::CollationId b) noexcept {
    if (a == b) {
        return true;
    }
    const Collation* first = storage::find_collation(a);
    const Collation* second = storage::find_collation(b);
    return first != nullptr && second != nullptr && first->charset_name() == second->charset_name();
}

bool is_unicode(storage::CollationId collation) noexcept {
    switch (charset_of(collation)) {
        case CharsetId::kUtf8mb3:
        case CharsetId::kUtf8mb4:
        case CharsetId::kUcs2:
        case CharsetId::kUtf16:
        case CharsetId::kUtf32:
            return true;
        default:
            return false;
    }
}

unsigned max_char_bytes(storage::CollationId collation) noexcept {
    const Collation* found = storage::find_collation(collation);
    return found == nullptr ? 1 : found->max_char_bytes();
}

void charset_convert(std::string& out, std::string_view text, storage::CollationId from,
                     storage::CollationId to, bool* lossy) {
    const CharsetId source = charset_of(from);
    const CharsetId target = charset_of(to);
    const bool binary = source == CharsetId::kBinary || target == CharsetId::kBinary;
    if (binary || same_charset(from, to) ||
        (source == CharsetId::kUtf8mb3 && target == CharsetId::kUtf8mb4) ||
        (is_ascii_superset(from) && is_ascii_superset(to) && is_ascii(text))) {
        out += text;
        return;
    }
    bool lost = false;
    std::string decoded;
    CharsetId readable = source;
    if (!is_own(source)) {
        decoded = icu_decode(text, from, lost);
        text = decoded;
        readable = CharsetId::kUtf8mb4;
    }
    std::string utf8;
    std::string& sink = is_own(target) ? out : utf8;
    const CharsetId written = is_own(target) ? target : CharsetId::kUtf8mb4;
    Decoder decoder(readable, text);
    while (decoder.more()) {
        const char32_t c = decoder.next();
        lost = !encode(sink, written, c) || lost;
    }
    if (!is_own(target)) {
        icu_encode(out, utf8, to, lost);
    }
    if (lossy != nullptr && (lost || decoder.lossy())) {
        *lossy = true;
    }
}

std::string charset_convert(std::string_view text, storage::CollationId from,
                            storage::CollationId to, bool* lossy) {
    std::string out;
    out.reserve(text.size());
    charset_convert(out, text, from, to, lossy);
    return out;
}

namespace {

template <class Map>
std::string map_case(std::string_view text, storage::CollationId collation, Map&& map) {
    const CharsetId charset = charset_of(collation);
    std::string out;
    out.reserve(text.size());
    if (charset == CharsetId::kBinary) {
        return std::string(text);
    }
    if (is_ascii_superset(collation) && is_ascii(text)) {
        for (const char c : text) {
            out.push_back(static_cast<char>(map(static_cast<unsigned char>(c))));
        }
        return out;
    }
    if (!is_own(charset)) {
        const std::string utf8 = charset_convert(text, collation, kUtf8mb4Bin);
        return charset_convert(map_case(utf8, kUtf8mb4Bin, map), kUtf8mb4Bin, collation);
    }
    // Ill-formed bytes stay as they are, so that no information is lost.
    const std::size_t whole = storage::well_formed_prefix(charset, text);
    Decoder decoder(charset, text.substr(0, whole));
    while (decoder.more()) {
        const char32_t c = decoder.next();
        const auto mapped = static_cast<char32_t>(map(c));
        const std::size_t before = out.size();
        if (!encode(out, charset, mapped)) {
            out.resize(before);
            encode(out, charset, c);
        }
    }
    out += text.substr(whole);
    return out;
}

}  // namespace

std::string upper_case(std::string_view text, storage::CollationId collation) {
    return map_case(text, collation, [](char32_t c) { return u_toupper(static_cast<UChar32>(c)); });
}

std::string lower_case(std::string_view text, storage::CollationId collation) {
    return map_case(text, collation, [](char32_t c) { return u_tolower(static_cast<UChar32>(c)); });
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// A recursive descent over the text that writes the normal form as it goes. An object whose keys do
// not already come in order is put in order when it ends, by moving its members' bytes.
#include <algorithm>
#include <charconv>
#include <vector>

#include "storage/value/json.h"
#include "storage/value/number_text.h"
#include "storage/value/text_encoding.h"

namespace afterimage::storage {

namespace {

void append_utf8(Bytes& out, std::uint32_t code) {
    if (code < 0x80) {
        out.push_back(static_cast<char>(code));
        return;
    }
    if (code < 0x800) {
        out.push_back(static_cast<char>(0xc0U | code >> 6U));
    } else {
        if (code < 0x10000) {
            out.push_back(static_cast<char>(0xe0U | code >> 12U));
        } else {
            out.push_back(static_cast<char>(0xf0U | code >> 18U));
            out.push_back(static_cast<char>(0x80U | (code >> 12U & 0x3fU)));
        }
        out.push_back(static_cast<char>(0x80U | (code >> 6U & 0x3fU)));
    }
    out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Keys of MySQL's JSON: shorter ones first.
bool key_before(ByteView a, ByteView b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

class Normalizer {
  public:
    explicit Normalizer(ByteView text) : text_(text) {}

    Bytes run() {
        skip_space();
        if (at_ == text_.size()) {
            fail("The document is empty.");
        }
        value(0);
        skip_space();
        if (at_ != text_.size()) {
            fail("The document root must not be followed by other values.");
        }
        return std::move(out_);
    }

  private:
    /// A member of the object being read: its key, and where "key": value lies in out_.
    struct Member {
        Bytes key;
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    [[noreturn]] void fail(const char* why) const { throw InvalidJson(why, at_); }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }
    bool take(char c) {
        skip_space();
        if (at_ == text_.size() || text_[at_] != c) {
            return false;
        }
        ++at_;
        return true;
    }

    void value(unsigned depth) {
        skip_space();
        switch (peek()) {
            case '{':
                object(depth + 1);
                return;
            case '[':
                array(depth + 1);
                return;
            case '"': {
                ++at_;
                append_json_string(out_, string());
                return;
            }
            case 't':
                word("true");
                return;
            case 'f':
                word("false");
                return;
            case 'n':
                word("null");
                return;
            default:
                number();
        }
    }

    void word(ByteView expected) {
        if (text_.substr(at_, expected.size()) != expected) {
            fail("Invalid value.");
        }
        at_ += expected.size();
        out_ += expected;
    }

    void check_depth(unsigned depth) const {
        if (depth > kMaxJsonDepth) {
            throw InvalidJson("The JSON document exceeds the maximum depth.", at_, true);
        }
    }

    void array(unsigned depth) {
        check_depth(depth);
        ++at_;
        out_ += '[';
        if (take(']')) {
            out_ += ']';
            return;
        }
        while (true) {
            value(depth);
            if (take(']')) {
                out_ += ']';
                return;
            }
            if (!take(',')) {
                fail("Missing a comma or ] after an array element.");
            }
            out_ += ", ";
        }
    }

    void object(unsigned depth) {
        check_depth(depth);
        ++at_;
        out_ += '{';
        std::vector<Member> members;
        bool more = !take('}');
        while (more) {
            if (!take('"')) {
                fail("Missing a name for object member.");
            }
            Member member;
            member.begin = out_.size();
            member.key = string();
            append_json_string(out_, member.key);
            if (!take(':')) {
                fail("Missing a colon after a name of object member.");
            }
            out_ += ": ";
            value(depth);
            member.end = out_.size();
            members.push_back(std::move(member));
            more = !take('}');
            if (more) {
                if (!take(',')) {
                    fail("Missing a comma or } after an object member.");
                }
                out_ += ", ";
            }
        }
        put_in_order(members);
        out_ += '}';
    }

    void put_in_order(std::vector<Member>& members) {
        const auto out_of_order = [](const Member& a, const Member& b) {
            return !key_before(a.key, b.key);
        };
        if (std::adjacent_find(members.begin(), members.end(), out_of_order) == members.end()) {
            return;
        }
        const std::size_t begin = members.front().begin;
        const Bytes old = out_.substr(begin);
        out_.resize(begin);
        std::stable_sort(members.begin(), members.end(),
                         [](const Member& a, const Member& b) { return key_before(a.key, b.key); });
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (i + 1 < members.size() && members[i].key == members[i + 1].key) {
                continue;  // the last of equal keys wins
            }
            if (out_.size() > begin) {
                out_ += ", ";
            }
            out_.append(old, members[i].begin - begin, members[i].end - members[i].begin);
        }
    }

    std::uint32_t hex4() {
        std::uint32_t code = 0;
        if (text_.size() - at_ < 4) {
            fail("Incorrect hex digit after \\u escape in string.");
        }
        const auto done = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
        if (done.ptr != text_.data() + at_ + 4) {
            fail("Incorrect hex digit after \\u escape in string.");
        }
        at_ += 4;
        return code;
    }

    void unicode_escape(Bytes& out) {
        std::uint32_t code = hex4();
        if (code >= 0xd800 && code <= 0xdfff) {
            if (code > 0xdbff || text_.substr(at_, 2) != "\\u") {
                fail("The surrogate pair in string is invalid.");
            }
            at_ += 2;
            const std::uint32_t low = hex4();
            if (low < 0xdc00 || low > 0xdfff) {
                fail("The surrogate pair in string is invalid.");
            }
            code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
        }
        append_utf8(out, code);
    }

    void escape(Bytes& out) {
        constexpr ByteView kNames = "\"\\/bfnrt";
        constexpr ByteView kMeanings = "\"\\/\b\f\n\r\t";
        const char name = peek();
        ++at_;
        if (name == 'u') {
            unicode_escape(out);
            return;
        }
        const std::size_t index = name == '\0' ? ByteView::npos : kNames.find(name);
        if (index == ByteView::npos) {
            --at_;
            fail("Invalid escape character in string.");
        }
        out += kMeanings[index];
    }

    /// What stands behind the opening quote, unescaped; the closing quote is consumed.
    Bytes string() {
        Bytes out;
        while (true) {
            if (at_ == text_.size()) {
                fail("Missing a closing quotation mark in string.");
            }
            const auto c = static_cast<unsigned char>(text_[at_]);
            if (c == '"') {
                ++at_;
                return out;
            }
            if (c == '\\') {
                ++at_;
                escape(out);
                continue;
            }
            const Utf8Char decoded = decode_utf8(text_, at_, 4);
            if (c < 0x20 || decoded.size == 0) {
                fail("Invalid encoding in string.");
            }
            out.append(text_.substr(at_, decoded.size));
            at_ += decoded.size;
        }
    }

    std::size_t digits() {
        const std::size_t begin = at_;
        while (is_digit(peek())) {
            ++at_;
        }
        return at_ - begin;
    }

    void number() {
        const std::size_t begin = at_;
        at_ += peek() == '-' ? 1U : 0U;
        const char first = peek();
        // "01" ends behind the 0; whoever called complains about the 1.
        at_ += first == '0' ? 1U : 0U;
        if (first != '0' && digits() == 0) {
            at_ = begin;
            fail("Invalid value.");
        }
        bool integer = true;
        if (peek() == '.') {
            ++at_;
            integer = false;
            if (digits() == 0) {
                fail("Miss fraction part in number.");
            }
        }
        bool small = first == '0';
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            integer = false;
            small |= peek() == '-';
            at_ += peek() == '-' || peek() == '+' ? 1U : 0U;
            if (digits() == 0) {
                fail("Miss exponent in number.");
            }
        }
        append_number(text_.substr(begin, at_ - begin), integer, small);
    }

    void append_number(ByteView text, bool integer, bool small) {
        const char* const end = text.data() + text.size();
        if (integer) {
            std::int64_t number = 0;
            if (std::from_chars(text.data(), end, number).ec == std::errc()) {
                out_ += std::to_string(number);
                return;
            }
            std::uint64_t large = 0;
            const auto done = std::from_chars(text.data(), end, large);
            if (done.ec == std::errc() && done.ptr == end) {
                out_ += std::to_string(large);
                return;
            }
        }
        double real = 0;
        if (std::from_chars(text.data(), end, real).ec != std::errc()) {
            if (!small) {
                fail("Number too big to be stored in double.");
            }
            real = text.front() == '-' ? -0.0 : 0.0;
        }
        append_json_double(out_, real);
    }

    ByteView text_;
    std::size_t at_ = 0;
    Bytes out_;
};

}  // namespace

Bytes normalized_json(ByteView text) { return Normalizer(text).run(); }

bool is_valid_json(ByteView text) {
    try {
        static_cast<void>(normalized_json(text));
        return true;
    } catch (const InvalidJson&) {
        return false;
    }
}

void append_json_string(Bytes& out, ByteView text) {
    constexpr ByteView kEscaped = "\"\\\b\f\n\r\t";
    constexpr ByteView kLetters = "\"\\bfnrt";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const std::size_t index = c == '\0' ? ByteView::npos : kEscaped.find(c);
        if (index != ByteView::npos) {
            out += '\\';
            out += kLetters[index];
        } else if (byte < 0x20) {
            out += "\\u00";
            out += "0123456789abcdef"[byte >> 4U];
            out += "0123456789abcdef"[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_json_double(Bytes& out, double value) {
    const std::size_t from = out.size();
    append_double_text(out, value);
    if (out.find_first_of(".e", from) == Bytes::npos) {
        out += ".0";
    }
}

}  // namespace afterimage::storage

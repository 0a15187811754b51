// SPDX-License-Identifier: Apache-2.0
// The reader of JSON text (RFC 8259), with the error words that MySQL shows (RapidJSON's).
#include <charconv>
#include <cmath>
#include <limits>

#include "sql/expr/charset.h"
#include "sql/expr/json_document.h"

namespace afterimage::sql {

namespace {

struct JsonError {
    std::string_view message;
    std::size_t position;
};

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    [[nodiscard]] bool read_document(JsonValue& out) {
        skip_spaces();
        if (at_ == text_.size()) {
            return fail("The document is empty.");
        }
        if (!read_value(out, 1)) {
            return false;
        }
        skip_spaces();
        return at_ == text_.size() ||
               fail("The document root must not be followed by other values.");
    }
    [[nodiscard]] const JsonError& error() const noexcept { return error_; }
    [[nodiscard]] bool too_deep() const noexcept { return too_deep_; }

  private:
    bool fail(std::string_view message) {
        error_ = {message, at_};
        return false;
    }
    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_spaces() noexcept {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }
    bool take(std::string_view word) noexcept {
        if (text_.substr(at_, word.size()) != word) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    bool read_value(JsonValue& out, unsigned depth) {
        if (depth > kMaxJsonDepth) {
            too_deep_ = true;
            return fail("The JSON document exceeds the maximum depth.");
        }
        switch (peek()) {
            case '{':
                return read_object(out, depth);
            case '[':
                return read_array(out, depth);
            case '"':
                out.kind = JsonKind::kString;
                return read_string(out.text);
            case 't':
            case 'f':
            case 'n':
                return read_word(out);
            default:
                return read_number(out);
        }
    }

    bool read_word(JsonValue& out) {
        if (take("true")) {
            out.kind = JsonKind::kBool;
            out.boolean = true;
        } else if (take("false")) {
            out.kind = JsonKind::kBool;
        } else if (!take("null")) {
            return fail("Invalid value.");
        }
        return true;
    }

    bool read_object(JsonValue& out, unsigned depth) {
        out.kind = JsonKind::kObject;
        ++at_;
        skip_spaces();
        if (peek() == '}') {
            ++at_;
            return true;
        }
        while (true) {
            std::string key;
            if (peek() != '"') {
                return fail("Missing a name for object member.");
            }
            if (!read_string(key)) {
                return false;
            }
            skip_spaces();
            if (peek() != ':') {
                return fail("Missing a colon after a name of object member.");
            }
            ++at_;
            skip_spaces();
            JsonValue member;
            if (!read_value(member, depth + 1)) {
                return false;
            }
            out.set_member(std::move(key), std::move(member));
            skip_spaces();
            if (peek() == '}') {
                ++at_;
                return true;
            }
            if (peek() != ',') {
                return fail("Missing a comma or } after an object member.");
            }
            ++at_;
            skip_spaces();
        }
    }

    bool read_array(JsonValue& out, unsigned depth) {
        out.kind = JsonKind::kArray;
        ++at_;
        skip_spaces();
        if (peek() == ']') {
            ++at_;
            return true;
        }
        while (true) {
            out.items.emplace_back();
            if (!read_value(out.items.back(), depth + 1)) {
                return false;
            }
            skip_spaces();
            if (peek() == ']') {
                ++at_;
                return true;
            }
            if (peek() != ',') {
                return fail("Missing a comma or ] after an array element.");
            }
            ++at_;
            skip_spaces();
        }
    }

    bool read_hex(std::uint32_t& unit) {
        unit = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = peek();
            std::uint32_t digit = 0;
            if (c >= '0' && c <= '9') {
                digit = static_cast<std::uint32_t>(c - '0');
            } else if (c >= 'a' && c <= 'f') {
                digit = static_cast<std::uint32_t>(c - 'a' + 10);
            } else if (c >= 'A' && c <= 'F') {
                digit = static_cast<std::uint32_t>(c - 'A' + 10);
            } else {
                return fail("Incorrect hex digit after \\u escape in string.");
            }
            unit = unit << 4U | digit;
            ++at_;
        }
        return true;
    }

    bool read_unicode(std::string& out) {
        std::uint32_t unit = 0;
        if (!read_hex(unit)) {
            return false;
        }
        if (unit >= 0xd800 && unit <= 0xdbff) {
            std::uint32_t low = 0;
            if (!take("\\u") || !read_hex(low) || low < 0xdc00 || low > 0xdfff) {
                return fail("The surrogate pair in string is invalid.");
            }
            append_utf8(out, 0x10000 + ((unit - 0xd800) << 10U) + (low - 0xdc00));
            return true;
        }
        if (unit >= 0xdc00 && unit <= 0xdfff) {
            return fail("The surrogate pair in string is invalid.");
        }
        append_utf8(out, unit);
        return true;
    }

    bool read_escape(std::string& out) {
        const char c = peek();
        ++at_;
        switch (c) {
            case '"':
            case '\\':
            case '/':
                out += c;
                return true;
            case 'b':
                out += '\b';
                return true;
            case 'f':
                out += '\f';
                return true;
            case 'n':
                out += '\n';
                return true;
            case 'r':
                out += '\r';
                return true;
            case 't':
                out += '\t';
                return true;
            case 'u':
                return read_unicode(out);
            default:
                --at_;
                return fail("Invalid escape character in string.");
        }
    }

    bool read_string(std::string& out) {
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) {
                return fail("Invalid encoding in string.");
            }
            ++at_;
            if (c != '\\') {
                out += c;
            } else if (!read_escape(out)) {
                return false;
            }
        }
        return fail("Missing a closing quotation mark in string.");
    }

    [[nodiscard]] static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

    bool read_number(JsonValue& out) {
        const std::size_t start = at_;
        if (peek() == '-') {
            ++at_;
        }
        if (!is_digit(peek())) {
            at_ = start;
            return fail("Invalid value.");
        }
        if (peek() == '0') {
            ++at_;
        } else {
            while (is_digit(peek())) {
                ++at_;
            }
        }
        bool whole = true;
        if (peek() == '.') {
            whole = false;
            ++at_;
            if (!is_digit(peek())) {
                return fail("Miss fraction part in number.");
            }
            while (is_digit(peek())) {
                ++at_;
            }
        }
        if (peek() == 'e' || peek() == 'E') {
            whole = false;
            ++at_;
            if (peek() == '-' || peek() == '+') {
                ++at_;
            }
            if (!is_digit(peek())) {
                return fail("Miss exponent in number.");
            }
            while (is_digit(peek())) {
                ++at_;
            }
        }
        return set_number(out, text_.substr(start, at_ - start), whole);
    }

    bool set_number(JsonValue& out, std::string_view digits, bool whole) {
        const char* const first = digits.data();
        const char* const last = first + digits.size();
        if (whole) {
            if (std::from_chars(first, last, out.integer).ec == std::errc()) {
                out.kind = JsonKind::kInt;
                return true;
            }
            std::uint64_t wide = 0;
            if (digits[0] != '-' && std::from_chars(first, last, wide).ec == std::errc()) {
                out.kind = JsonKind::kUInt;
                out.integer = static_cast<std::int64_t>(wide);
                return true;
            }
        }
        out.kind = JsonKind::kDouble;
        if (std::from_chars(first, last, out.real).ec != std::errc()) {
            const std::size_t e = digits.find_first_of("eE");
            const bool tiny = e != std::string_view::npos && digits[e + 1] == '-';
            if (!tiny) {
                return fail("Number too big to be stored in double.");
            }
            out.real = 0;
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    JsonError error_{{}, 0};
    bool too_deep_ = false;
};

}  // namespace

JsonParse parse_json(std::string_view text) {
    JsonParse result;
    Reader reader(text);
    JsonValue value;
    if (reader.read_document(value)) {
        result.value = std::move(value);
        return result;
    }
    result.message = std::string(reader.error().message);
    result.position = reader.error().position;
    result.too_deep = reader.too_deep();
    return result;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/json_path.h"

#include <algorithm>

#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// ECMAScript names without quotes: letters, digits, _ and $, and everything beyond ASCII.
bool is_name_char(char c, bool first) noexcept {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
                        static_cast<unsigned char>(c) >= 0x80;
    return letter || (!first && is_digit(c));
}

class PathReader {
  public:
    explicit PathReader(std::string_view text) : text_(text) {}

    JsonPath read() {
        JsonPath path;
        skip_spaces();
        expect('$');
        skip_spaces();
        while (at_ < text_.size()) {
            read_leg(path);
            skip_spaces();
        }
        if (!path.legs.empty() && path.legs.back().kind == JsonLeg::Kind::kEllipsis) {
            fail();
        }
        return path;
    }

  private:
    [[noreturn]] void fail() const { throw_sql_error(ErrorCode::ER_INVALID_JSON_PATH, at_); }
    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    void expect(char c) {
        if (peek() != c) {
            fail();
        }
        ++at_;
    }
    void skip_spaces() noexcept {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) {
            ++at_;
        }
    }

    void read_leg(JsonPath& path) {
        JsonLeg leg;
        if (peek() == '.') {
            ++at_;
            skip_spaces();
            read_member(leg);
        } else if (peek() == '[') {
            ++at_;
            read_cell(leg);
        } else if (text_.substr(at_, 2) == "**") {
            at_ += 2;
            leg.kind = JsonLeg::Kind::kEllipsis;
            if (peek() == '*') {
                fail();
            }
        } else {
            fail();
        }
        // A bound on the work of a search.
        if (path.legs.size() >= kMaxJsonDepth) {
            fail();
        }
        path.legs.push_back(std::move(leg));
    }

    void read_member(JsonLeg& leg) {
        if (peek() == '*') {
            ++at_;
            leg.kind = JsonLeg::Kind::kAnyMember;
            return;
        }
        const std::size_t start = at_;
        if (peek() == '"') {
            ++at_;
            while (at_ < text_.size() && text_[at_] != '"') {
                at_ += text_[at_] == '\\' ? 2U : 1U;
            }
            if (at_ >= text_.size()) {
                at_ = text_.size();
                fail();
            }
            ++at_;
            const JsonParse parsed = parse_json(text_.substr(start, at_ - start));
            if (!parsed.value.has_value()) {
                fail();
            }
            leg.key = parsed.value->text;
            return;
        }
        while (at_ < text_.size() && is_name_char(text_[at_], at_ == start)) {
            ++at_;
        }
        if (at_ == start) {
            fail();
        }
        leg.key = std::string(text_.substr(start, at_ - start));
    }

    std::size_t read_number() {
        if (!is_digit(peek())) {
            fail();
        }
        std::size_t value = 0;
        while (is_digit(peek())) {
            value = value * 10 + static_cast<std::size_t>(text_[at_] - '0');
            if (value > UINT32_MAX) {
                fail();
            }
            ++at_;
        }
        return value;
    }

    void read_index(std::size_t& index, bool& from_end) {
        skip_spaces();
        if (text_.substr(at_, 4) == "last") {
            at_ += 4;
            from_end = true;
            skip_spaces();
            if (peek() == '-') {
                ++at_;
                skip_spaces();
                index = read_number();
            }
            return;
        }
        index = read_number();
    }

    void read_cell(JsonLeg& leg) {
        skip_spaces();
        if (peek() == '*') {
            ++at_;
            leg.kind = JsonLeg::Kind::kAnyCell;
        } else {
            leg.kind = JsonLeg::Kind::kCell;
            read_index(leg.index, leg.from_end);
            skip_spaces();
            if (text_.substr(at_, 2) == "to") {
                at_ += 2;
                leg.kind = JsonLeg::Kind::kRange;
                read_index(leg.end, leg.end_from_end);
            }
        }
        skip_spaces();
        expect(']');
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void add_once(std::vector<JsonValue*>& out, JsonValue* value) {
    if (std::find(out.begin(), out.end(), value) == out.end()) {
        out.push_back(value);
    }
}

void add_all_below(std::vector<JsonValue*>& out, JsonValue& value) {
    out.push_back(&value);
    for (JsonValue& item : value.items) {
        add_all_below(out, item);
    }
    for (auto& member : value.members) {
        add_all_below(out, member.second);
    }
}

/// A range's ends, clamped to the array. False: empty.
bool range_of(const JsonLeg& leg, std::size_t size, std::size_t& first, std::size_t& last) {
    if (size == 0) {
        return false;
    }
    first = leg.from_end ? (leg.index >= size ? 0 : size - 1 - leg.index) : leg.index;
    if (leg.end_from_end) {
        if (leg.end >= size) {
            return false;
        }
        last = size - 1 - leg.end;
    } else {
        last = std::min(leg.end, size - 1);
    }
    return first <= last;
}

void step(std::vector<JsonValue*>& out, JsonValue& value, const JsonLeg& leg) {
    const bool array = value.kind == JsonKind::kArray;
    switch (leg.kind) {
        case JsonLeg::Kind::kMember: {
            JsonValue* member =
                value.kind == JsonKind::kObject ? value.find_member(leg.key) : nullptr;
            if (member != nullptr) {
                out.push_back(member);
            }
            return;
        }
        case JsonLeg::Kind::kAnyMember:
            for (auto& member : value.members) {
                out.push_back(&member.second);
            }
            return;
        case JsonLeg::Kind::kCell: {
            std::size_t index = 0;
            const std::size_t size = array ? value.items.size() : 1;
            if (resolve_cell(leg, size, index) && index < size) {
                out.push_back(array ? &value.items[index] : &value);
            }
            return;
        }
        case JsonLeg::Kind::kRange: {
            std::size_t first = 0;
            std::size_t last = 0;
            const std::size_t size = array ? value.items.size() : 1;
            if (!range_of(leg, size, first, last)) {
                return;
            }
            for (std::size_t i = first; i <= last; ++i) {
                out.push_back(array ? &value.items[i] : &value);
            }
            return;
        }
        case JsonLeg::Kind::kAnyCell:
            for (JsonValue& item : value.items) {
                out.push_back(&item);
            }
            return;
        case JsonLeg::Kind::kEllipsis:
            add_all_below(out, value);
            return;
    }
}

}  // namespace

bool JsonPath::has_wildcard() const noexcept {
    return std::any_of(legs.begin(), legs.end(), [](const JsonLeg& leg) {
        return leg.kind != JsonLeg::Kind::kMember && leg.kind != JsonLeg::Kind::kCell;
    });
}

JsonPath parse_json_path(std::string_view text) { return PathReader(text).read(); }

bool resolve_cell(const JsonLeg& leg, std::size_t size, std::size_t& index) {
    if (!leg.from_end) {
        index = leg.index;
        return true;
    }
    if (leg.index >= size) {
        return false;
    }
    index = size - 1 - leg.index;
    return true;
}

std::vector<JsonValue*> find_json(JsonValue& document, const JsonPath& path,
                                  std::size_t leg_count) {
    std::vector<JsonValue*> current{&document};
    const std::size_t count = std::min(leg_count, path.legs.size());
    bool repeats = false;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<JsonValue*> next;
        for (JsonValue* value : current) {
            std::vector<JsonValue*> found;
            step(found, *value, path.legs[i]);
            for (JsonValue* one : found) {
                // Only behind ** can one value be reached in two ways.
                if (repeats) {
                    add_once(next, one);
                } else {
                    next.push_back(one);
                }
            }
        }
        repeats = repeats || path.legs[i].kind == JsonLeg::Kind::kEllipsis;
        current = std::move(next);
    }
    return current;
}

}  // namespace afterimage::sql

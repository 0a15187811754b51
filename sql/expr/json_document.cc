// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/json_document.h"

#include <algorithm>

#include "sql/expr/cast.h"
#include "storage/value/decimal.h"

namespace afterimage::sql {

namespace {

/// Normal order of keys: shorter first, then by bytes.
bool key_less(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

auto find_place(std::vector<std::pair<std::string, JsonValue>>& members, std::string_view key) {
    return std::lower_bound(
        members.begin(), members.end(), key,
        [](const auto& member, std::string_view wanted) { return key_less(member.first, wanted); });
}

}  // namespace

JsonValue* JsonValue::find_member(std::string_view key) {
    const auto at = find_place(members, key);
    return at != members.end() && at->first == key ? &at->second : nullptr;
}

void JsonValue::set_member(std::string key, JsonValue value) {
    const auto at = find_place(members, key);
    if (at != members.end() && at->first == key) {
        at->second = std::move(value);
    } else {
        members.emplace(at, std::move(key), std::move(value));
    }
}

std::string json_double_text(double value) {
    std::string text = double_text(value);
    if (text.find_first_of(".e") == std::string::npos) {
        text += ".0";
    }
    return text;
}

void append_json_string(std::string& out, std::string_view utf8) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (const char c : utf8) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += "\\u00";
                    out += kHex[static_cast<unsigned char>(c) >> 4U];
                    out += kHex[static_cast<unsigned char>(c) & 15U];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

namespace {

void append_scalar(std::string& out, const JsonValue& value) {
    switch (value.kind) {
        case JsonKind::kBool:
            out += value.boolean ? "true" : "false";
            break;
        case JsonKind::kInt:
            out += std::to_string(value.integer);
            break;
        case JsonKind::kUInt:
            out += std::to_string(static_cast<std::uint64_t>(value.integer));
            break;
        case JsonKind::kDouble:
            out += value.text.empty() ? json_double_text(value.real) : value.text;
            break;
        case JsonKind::kString:
            append_json_string(out, value.text);
            break;
        default:
            out += "null";
            break;
    }
}

}  // namespace

void append_json(std::string& out, const JsonValue& value) {
    std::string_view separator;
    if (value.kind == JsonKind::kArray) {
        out += '[';
        for (const JsonValue& item : value.items) {
            out += separator;
            append_json(out, item);
            separator = ", ";
        }
        out += ']';
    } else if (value.kind == JsonKind::kObject) {
        out += '{';
        for (const auto& [key, member] : value.members) {
            out += separator;
            append_json_string(out, key);
            out += ": ";
            append_json(out, member);
            separator = ", ";
        }
        out += '}';
    } else {
        append_scalar(out, value);
    }
}

std::string json_text(const JsonValue& value) {
    std::string out;
    append_json(out, value);
    return out;
}

void append_json_pretty(std::string& out, const JsonValue& value, unsigned depth) {
    const bool array = value.kind == JsonKind::kArray;
    const std::size_t count = array ? value.items.size() : value.members.size();
    if (value.is_scalar() || count == 0) {
        append_json(out, value);
        return;
    }
    out += array ? "[\n" : "{\n";
    for (std::size_t i = 0; i < count; ++i) {
        out.append(std::size_t{2} * (depth + 1), ' ');
        if (!array) {
            append_json_string(out, value.members[i].first);
            out += ": ";
        }
        append_json_pretty(out, array ? value.items[i] : value.members[i].second, depth + 1);
        out += i + 1 < count ? ",\n" : "\n";
    }
    out.append(std::size_t{2} * depth, ' ');
    out += array ? ']' : '}';
}

unsigned json_depth(const JsonValue& value) {
    unsigned deepest = 0;
    for (const JsonValue& item : value.items) {
        deepest = std::max(deepest, json_depth(item));
    }
    for (const auto& member : value.members) {
        deepest = std::max(deepest, json_depth(member.second));
    }
    return deepest + 1;
}

namespace {

bool is_number(JsonKind kind) {
    return kind == JsonKind::kInt || kind == JsonKind::kUInt || kind == JsonKind::kDouble;
}

/// Place in MySQL's order of kinds, lowest first.
int rank(JsonKind kind) {
    switch (kind) {
        case JsonKind::kNull:
            return 0;
        case JsonKind::kInt:
        case JsonKind::kUInt:
        case JsonKind::kDouble:
            return 1;
        case JsonKind::kString:
            return 2;
        case JsonKind::kObject:
            return 3;
        case JsonKind::kArray:
            return 4;
        case JsonKind::kBool:
            return 5;
    }
    return 0;
}

template <class T>
int order(const T& a, const T& b) {
    return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_numbers(const JsonValue& a, const JsonValue& b) {
    using storage::Decimal;
    const auto exact = [](const JsonValue& v) {
        return v.kind == JsonKind::kInt ? Decimal::of_int(v.integer)
                                        : Decimal::of_uint(static_cast<std::uint64_t>(v.integer));
    };
    const auto real = [&](const JsonValue& v) {
        return v.kind == JsonKind::kDouble ? v.real : exact(v).to_double();
    };
    if (a.kind == JsonKind::kDouble || b.kind == JsonKind::kDouble) {
        return order(real(a), real(b));
    }
    return Decimal::compare(exact(a), exact(b));
}

}  // namespace

int compare_json(const JsonValue& a, const JsonValue& b) {
    if (rank(a.kind) != rank(b.kind)) {
        return order(rank(a.kind), rank(b.kind));
    }
    if (is_number(a.kind)) {
        return compare_numbers(a, b);
    }
    switch (a.kind) {
        case JsonKind::kBool:
            return order(a.boolean, b.boolean);
        case JsonKind::kString:
            return order(a.text, b.text);
        case JsonKind::kArray: {
            const std::size_t common = std::min(a.items.size(), b.items.size());
            for (std::size_t i = 0; i < common; ++i) {
                const int c = compare_json(a.items[i], b.items[i]);
                if (c != 0) {
                    return c;
                }
            }
            return order(a.items.size(), b.items.size());
        }
        case JsonKind::kObject: {
            if (a.members.size() != b.members.size()) {
                return order(a.members.size(), b.members.size());
            }
            for (std::size_t i = 0; i < a.members.size(); ++i) {
                if (a.members[i].first != b.members[i].first) {
                    return key_less(a.members[i].first, b.members[i].first) ? -1 : 1;
                }
                const int c = compare_json(a.members[i].second, b.members[i].second);
                if (c != 0) {
                    return c;
                }
            }
            return 0;
        }
        default:
            return 0;
    }
}

int compare_json(std::string_view a, std::string_view b) {
    if (a == b) {
        return 0;
    }
    const JsonParse x = parse_json(a);
    const JsonParse y = parse_json(b);
    if (!x.value.has_value() || !y.value.has_value()) {
        return order(a, b);
    }
    return compare_json(*x.value, *y.value);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// JSON documents as trees: reading text, MySQL's normal form, comparison.
//
// Normal form: members ordered by key length, then bytes; the last of equal keys wins; ", " and ":
// " between; doubles with ".0" when whole. Numbers that were DECIMAL keep their digits. Strings are
// UTF-8. Plain values; depth at most kMaxJsonDepth. Source: MySQL manual, "The JSON Data Type".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace afterimage::sql {

/// MySQL's limit; deeper documents are error 3157.
inline constexpr unsigned kMaxJsonDepth = 100;

enum class JsonKind : std::uint8_t { kNull, kBool, kInt, kUInt, kDouble, kString, kArray, kObject };

struct JsonValue {
    // Declared: clang 14 cannot see through an aggregate that holds pairs of itself.
    JsonValue() = default;

    JsonKind kind = JsonKind::kNull;
    bool boolean = false;
    std::int64_t integer = 0;  ///< kInt; kUInt's bits
    double real = 0;           ///< kDouble
    std::string text;          ///< kString; kDouble: digits to print, or empty
    std::vector<JsonValue> items;
    std::vector<std::pair<std::string, JsonValue>> members;  ///< in normal order

    [[nodiscard]] JsonValue* find_member(std::string_view key);
    /// Keeps the order; replaces an equal key.
    void set_member(std::string key, JsonValue value);
    [[nodiscard]] bool is_scalar() const noexcept {
        return kind != JsonKind::kArray && kind != JsonKind::kObject;
    }
};

struct JsonParse {
    std::optional<JsonValue> value;
    std::string message;       ///< of the error, in MySQL's (RapidJSON's) words
    std::size_t position = 0;  ///< byte offset of the error
    bool too_deep = false;
};
[[nodiscard]] JsonParse parse_json(std::string_view text);

void append_json(std::string& out, const JsonValue& value);
[[nodiscard]] std::string json_text(const JsonValue& value);
/// The string in quotes, escaped.
void append_json_string(std::string& out, std::string_view utf8);
/// Indented by two spaces a level: JSON_PRETTY.
void append_json_pretty(std::string& out, const JsonValue& value, unsigned depth = 0);
/// A double as JSON prints it.
[[nodiscard]] std::string json_double_text(double value);

/// MySQL's order over documents of any kind. Documents that do not parse compare as bytes.
[[nodiscard]] int compare_json(const JsonValue& a, const JsonValue& b);
[[nodiscard]] int compare_json(std::string_view a, std::string_view b);
[[nodiscard]] unsigned json_depth(const JsonValue& value);

}  // namespace afterimage::sql

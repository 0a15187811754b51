// SPDX-License-Identifier: Apache-2.0
#include "sql/session/variable_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "sql/session/statement_context.h"
#include "sql/sql_error.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

namespace {

using storage::Value;
using storage::ValueKind;

constexpr std::string_view kNullDefault = "\1";
constexpr std::string_view kZoneDirectory = "/usr/share/zoneinfo/";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

[[noreturn]] void throw_bad_value(const SystemVariable& variable, std::string_view text) {
    throw_sql_error(ErrorCode::ER_WRONG_VALUE_FOR_VAR, variable.name, text);
}

[[noreturn]] void throw_bad_type(const SystemVariable& variable) {
    throw_sql_error(ErrorCode::ER_WRONG_TYPE_FOR_VAR, variable.name);
}

Value text_value(std::string_view text) { return Value::of_bytes(storage::Bytes(text)); }

std::vector<std::string_view> split_labels(std::string_view labels) {
    std::vector<std::string_view> parts;
    while (!labels.empty()) {
        const std::size_t comma = labels.find(',');
        parts.push_back(labels.substr(0, comma));
        labels = comma == std::string_view::npos ? std::string_view() : labels.substr(comma + 1);
    }
    return parts;
}

/// An integer of any sign, or nothing for another kind of value.
struct AnyInteger {
    bool negative = false;
    std::uint64_t magnitude = 0;
};

std::optional<AnyInteger> integer_of(const Value& value) {
    if (value.kind() == ValueKind::kUInt) {
        return AnyInteger{false, value.as_uint()};
    }
    if (value.kind() == ValueKind::kInt) {
        const std::int64_t number = value.as_int();
        return number < 0 ? AnyInteger{true, 0 - static_cast<std::uint64_t>(number)}
                          : AnyInteger{false, static_cast<std::uint64_t>(number)};
    }
    return std::nullopt;
}

void report_cut(const SystemVariable& variable, const Value& value, StatementContext* context) {
    const std::string text = value_text(value);
    if (context == nullptr) {
        return;
    }
    if ((context->sql_mode & kModeStrictAllTables) != 0) {
        throw_bad_value(variable, text);
    }
    context->warn(static_cast<std::uint16_t>(ErrorCode::ER_TRUNCATED_WRONG_VALUE),
                  error_message(ErrorCode::ER_TRUNCATED_WRONG_VALUE, variable.name, text));
}

Value checked_bool(const SystemVariable& variable, const Value& value) {
    if (const auto number = integer_of(value)) {
        if (number->negative || number->magnitude > 1) {
            throw_bad_value(variable, value_text(value));
        }
        return Value::of_int(static_cast<std::int64_t>(number->magnitude));
    }
    if (value.kind() != ValueKind::kBytes) {
        throw_bad_type(variable);
    }
    const std::string_view text = value.as_bytes();
    const bool on = equals_ignoring_case(text, "ON") || equals_ignoring_case(text, "TRUE");
    const bool off = equals_ignoring_case(text, "OFF") || equals_ignoring_case(text, "FALSE");
    if (!on && !off) {
        throw_bad_value(variable, text);
    }
    return Value::of_int(on ? 1 : 0);
}

Value checked_unsigned(const SystemVariable& variable, const Value& value,
                       StatementContext* context) {
    const auto number = integer_of(value);
    if (!number) {
        throw_bad_type(variable);
    }
    const auto least = static_cast<std::uint64_t>(std::max<std::int64_t>(variable.minimum, 0));
    const std::uint64_t greatest =
        variable.maximum == 0 ? std::numeric_limits<std::uint64_t>::max() : variable.maximum;
    const std::uint64_t wanted = number->negative ? 0 : number->magnitude;
    const std::uint64_t kept = std::clamp(wanted, least, greatest);
    if (number->negative || kept != wanted) {
        report_cut(variable, value, context);
    }
    return Value::of_uint(kept);
}

Value checked_signed(const SystemVariable& variable, const Value& value,
                     StatementContext* context) {
    const auto number = integer_of(value);
    if (!number) {
        throw_bad_type(variable);
    }
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const std::int64_t greatest = variable.maximum == 0 || variable.maximum > kMost
                                      ? std::numeric_limits<std::int64_t>::max()
                                      : static_cast<std::int64_t>(variable.maximum);
    const std::int64_t wanted = value.kind() == ValueKind::kInt
                                    ? value.as_int()
                                    : static_cast<std::int64_t>(std::min(kMost, number->magnitude));
    const std::int64_t kept = std::clamp(wanted, variable.minimum, greatest);
    if (kept != wanted || (!number->negative && number->magnitude > kMost)) {
        report_cut(variable, value, context);
    }
    return Value::of_int(kept);
}

Value checked_double(const SystemVariable& variable, const Value& value,
                     StatementContext* context) {
    double wanted = 0;
    if (const auto number = integer_of(value)) {
        wanted = static_cast<double>(number->magnitude) * (number->negative ? -1 : 1);
    } else if (value.kind() == ValueKind::kDouble || value.kind() == ValueKind::kFloat) {
        wanted = value.as_double();
    } else if (value.kind() == ValueKind::kDecimal) {
        wanted = value.as_decimal().to_double();
    } else {
        throw_bad_type(variable);
    }
    const double greatest = variable.maximum == 0 ? std::numeric_limits<double>::max()
                                                  : static_cast<double>(variable.maximum);
    if (std::isnan(wanted)) {
        throw_bad_type(variable);
    }
    const double kept = std::clamp(wanted, static_cast<double>(variable.minimum), greatest);
    if (kept != wanted) {
        report_cut(variable, value, context);
    }
    return Value::of_double(kept);
}

Value checked_enum(const SystemVariable& variable, const Value& value) {
    const std::vector<std::string_view> labels = split_labels(variable.labels);
    if (const auto number = integer_of(value)) {
        if (number->negative || number->magnitude >= labels.size()) {
            throw_bad_value(variable, value_text(value));
        }
        return text_value(labels[number->magnitude]);
    }
    if (value.kind() != ValueKind::kBytes) {
        throw_bad_type(variable);
    }
    for (const std::string_view label : labels) {
        if (equals_ignoring_case(label, value.as_bytes())) {
            return text_value(label);
        }
    }
    throw_bad_value(variable, value.as_bytes());
}

Value checked_sql_mode(const SystemVariable& variable, const Value& value) {
    if (const auto number = integer_of(value)) {
        const std::string text = number->negative ? "" : sql_mode_text(number->magnitude);
        if (number->negative || (text.empty() && number->magnitude != 0)) {
            throw_bad_value(variable, value_text(value));
        }
        return text_value(text);
    }
    if (value.kind() != ValueKind::kBytes) {
        throw_bad_type(variable);
    }
    return text_value(sql_mode_text(sql_mode_of_text(value.as_bytes())));
}

const storage::Collation* collation_by_number(const Value& value) {
    const auto number = integer_of(value);
    return !number || number->negative || number->magnitude > 0xffff
               ? nullptr
               : storage::find_collation(static_cast<storage::CollationId>(number->magnitude));
}

/// These cannot be a client's charset: the parser reads bytes below 0x80 as ASCII.
bool is_wide(const storage::Collation& collation) {
    using storage::CharsetId;
    const CharsetId id = collation.charset();
    return id == CharsetId::kUcs2 || id == CharsetId::kUtf16 || id == CharsetId::kUtf32;
}

Value checked_charset(const SystemVariable& variable, const Value& value) {
    const bool nullable = variable.name == "character_set_results";
    if (value.is_null() || (value.kind() == ValueKind::kBytes && nullable &&
                            equals_ignoring_case(value.as_bytes(), "NULL"))) {
        if (!nullable) {
            throw_bad_value(variable, "NULL");
        }
        return {};
    }
    const storage::Collation* collation = value.kind() == ValueKind::kBytes
                                              ? storage::default_collation(value.as_bytes(), false)
                                              : collation_by_number(value);
    if (collation == nullptr) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_CHARACTER_SET, value_text(value));
    }
    if (variable.name == "character_set_client" && is_wide(*collation)) {
        throw_bad_value(variable, collation->charset_name());
    }
    return text_value(collation->charset_name());
}

Value checked_collation(const SystemVariable& variable, const Value& value) {
    if (value.is_null()) {
        throw_bad_value(variable, "NULL");
    }
    const storage::Collation* collation = value.kind() == ValueKind::kBytes
                                              ? storage::find_collation(value.as_bytes())
                                              : collation_by_number(value);
    if (collation == nullptr) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_COLLATION, value_text(value));
    }
    return text_value(collation->name());
}

/// "+02:00", "-3:30": MySQL allows -13:59 to +14:00. Given back as MySQL prints it.
std::optional<std::string> offset_zone(std::string_view text) {
    if (text.size() < 5 || text.size() > 6 || (text[0] != '+' && text[0] != '-')) {
        return std::nullopt;
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.size() - colon != 3) {
        return std::nullopt;
    }
    int hours = 0;
    int minutes = 0;
    const char* const hours_end = text.data() + colon;
    const char* const end = text.data() + text.size();
    const auto hours_read = std::from_chars(text.data() + 1, hours_end, hours);
    const auto minutes_read = std::from_chars(hours_end + 1, end, minutes);
    const int total = hours * 60 + minutes;
    const bool digits = hours_read.ptr == hours_end && minutes_read.ptr == end && hours >= 0 &&
                        minutes >= 0 && minutes < 60;
    if (!digits || total > (text[0] == '+' ? 14 * 60 : 13 * 60 + 59)) {
        return std::nullopt;
    }
    std::string zone(text);
    if (colon == 2) {
        zone.insert(1, "0");
    }
    return zone;
}

bool is_zone_name(std::string_view text) {
    const bool plain = !text.empty() && text.size() <= 64 && text[0] != '/' &&
                       text.find("..") == std::string_view::npos &&
                       std::all_of(text.begin(), text.end(), [](char c) {
                           const char l = lower(c);
                           return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                                  c == '-' || c == '+' || c == '/';
                       });
    std::error_code failed;
    return plain && std::filesystem::is_regular_file(
                        std::string(kZoneDirectory) + std::string(text), failed);
}

}  // namespace

std::string checked_time_zone(std::string_view text) {
    if (equals_ignoring_case(text, "SYSTEM")) {
        return "SYSTEM";
    }
    if (auto zone = offset_zone(text)) {
        return *zone;
    }
    if (!is_zone_name(text)) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_TIME_ZONE, text);
    }
    return std::string(text);
}

std::string value_text(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return "NULL";
        case ValueKind::kInt:
            return std::to_string(value.as_int());
        case ValueKind::kUInt:
            return std::to_string(value.as_uint());
        case ValueKind::kFloat:
        case ValueKind::kDouble: {
            // Variables hold small numbers of seconds; SHOW prints them with six decimals.
            std::array<char, 400> buffer;
            const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                           value.as_double(), std::chars_format::fixed, 6);
            return {buffer.data(), end.ptr};
        }
        case ValueKind::kDecimal:
            return value.as_decimal().text();
        case ValueKind::kBytes:
            return value.as_bytes();
        default:
            return std::to_string(value.as_packed());
    }
}

std::string variable_text(const SystemVariable& variable, const Value& value) {
    if (value.is_null()) {
        return {};
    }
    if (variable.type == VariableType::kBool) {
        return value.as_int() != 0 ? "ON" : "OFF";
    }
    return value_text(value);
}

Value checked_value(const SystemVariable& variable, const Value& value, StatementContext* context) {
    if (value.is_null() && variable.type != VariableType::kCharset &&
        variable.type != VariableType::kCollation) {
        throw_bad_value(variable, "NULL");
    }
    switch (variable.type) {
        case VariableType::kBool:
            return checked_bool(variable, value);
        case VariableType::kUnsigned:
            return checked_unsigned(variable, value, context);
        case VariableType::kInteger:
            return checked_signed(variable, value, context);
        case VariableType::kDouble:
            return checked_double(variable, value, context);
        case VariableType::kEnum:
            return checked_enum(variable, value);
        case VariableType::kSet:
            return checked_sql_mode(variable, value);
        case VariableType::kCharset:
            return checked_charset(variable, value);
        case VariableType::kCollation:
            return checked_collation(variable, value);
        default:
            break;
    }
    if (value.kind() != ValueKind::kBytes) {
        throw_bad_type(variable);
    }
    return variable.type == VariableType::kTimeZone
               ? text_value(checked_time_zone(value.as_bytes()))
               : value;
}

Value default_value(const SystemVariable& variable) {
    const std::string_view text = variable.default_text;
    if (text == kNullDefault) {
        return {};
    }
    switch (variable.type) {
        case VariableType::kBool:
            return Value::of_int(text == "ON" ? 1 : 0);
        case VariableType::kUnsigned: {
            std::uint64_t number = 0;
            std::from_chars(text.data(), text.data() + text.size(), number);
            return Value::of_uint(number);
        }
        case VariableType::kInteger: {
            std::int64_t number = 0;
            std::from_chars(text.data(), text.data() + text.size(), number);
            return Value::of_int(number);
        }
        case VariableType::kDouble: {
            double number = 0;
            std::from_chars(text.data(), text.data() + text.size(), number);
            return Value::of_double(number);
        }
        default:
            return text_value(text);
    }
}

void store_with_partner(const SystemVariable& variable, Value value,
                        const std::function<void(const SystemVariable&, Value)>& store) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPairs = {{
        {"character_set_connection", "collation_connection"},
        {"character_set_database", "collation_database"},
        {"character_set_server", "collation_server"},
    }};
    if (value.kind() == ValueKind::kBytes) {
        for (const auto& [charset, collation] : kPairs) {
            if (variable.name == charset) {
                const storage::Collation* partner =
                    storage::default_collation(value.as_bytes(), false);
                store(*find_system_variable(collation),
                      text_value(partner == nullptr ? "" : partner->name()));
            } else if (variable.name == collation) {
                const storage::Collation* partner = storage::find_collation(value.as_bytes());
                store(*find_system_variable(charset),
                      text_value(partner == nullptr ? "" : partner->charset_name()));
            }
        }
    }
    store(variable, std::move(value));
}

}  // namespace afterimage::sql

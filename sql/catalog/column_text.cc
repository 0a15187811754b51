// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/column_text.h"

#include <algorithm>

#include "sql/catalog/identifier.h"

namespace afterimage::sql {

using storage::Column;

namespace {

bool is_now(std::string_view text) { return lower_case(text.substr(0, 17)) == "current_timestamp"; }

/// CURRENT_TIMESTAMP(n) → current_timestamp(n), CURRENT_TIMESTAMP → current_timestamp()
std::string mariadb_now(std::string_view text) {
    std::string out = lower_case(text);
    if (out.find('(') == std::string::npos) {
        out += "()";
    }
    return out;
}

char escaped_byte(char letter) {
    switch (letter) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case '0':
            return '\0';
        case 'Z':
            return '\x1a';
        default:
            return letter;
    }
}

/// Bytes that are no text are shown in hexadecimal: the result has a charset.
std::string shown_bytes(const Column& column, const std::string& bytes) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const bool is_binary =
        storage::is_byte_string(column.type.id) && !storage::is_text(column.type.id);
    const bool is_plain = std::all_of(bytes.begin(), bytes.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!is_binary || is_plain) {
        return bytes;
    }
    std::string out = "0x";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 15U]);
    }
    return out;
}

}  // namespace

std::optional<std::string> default_display_text(const Column& column, bool mariadb) {
    if (!column.default_sql) {
        if (mariadb && column.nullable && !column.generated_sql) {
            return "NULL";
        }
        return std::nullopt;
    }
    std::string text = *column.default_sql;
    if (mariadb) {
        return is_now(text) ? mariadb_now(text) : text;
    }
    if (text == "NULL") {
        return std::nullopt;
    }
    if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
        std::string plain;
        for (std::size_t i = 1; i + 1 < text.size(); ++i) {
            const bool doubled = text[i] == '\'' && text[i + 1] == '\'' && i + 2 < text.size();
            const bool escaped = text[i] == '\\' && i + 2 < text.size();
            i += doubled || escaped ? 1 : 0;
            plain.push_back(escaped ? escaped_byte(text[i]) : text[i]);
        }
        return shown_bytes(column, plain);
    }
    if (text.size() >= 2 && text.front() == '(' && text.back() == ')') {
        return text.substr(1, text.size() - 2);
    }
    return text;
}

std::string column_extra_text(const Column& column, bool mariadb) {
    std::string extra;
    const auto add = [&](const std::string& text) { extra += (extra.empty() ? "" : " ") + text; };
    if (column.auto_increment) {
        add("auto_increment");
    }
    const bool expression_default =
        column.default_sql && (is_now(*column.default_sql) || column.default_sql->front() == '(');
    if (!mariadb && expression_default) {
        add("DEFAULT_GENERATED");
    }
    if (column.on_update_sql) {
        add("on update " + (mariadb ? mariadb_now(*column.on_update_sql) : *column.on_update_sql));
    }
    if (column.generated_sql) {
        add(column.generated_stored ? "STORED GENERATED" : "VIRTUAL GENERATED");
    }
    if (column.invisible) {
        add("INVISIBLE");
    }
    return extra;
}

}  // namespace afterimage::sql

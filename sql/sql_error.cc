// SPDX-License-Identifier: Apache-2.0
#include "sql/sql_error.h"

#include <algorithm>
#include <array>

namespace afterimage::sql {
namespace {

struct ErrorRow {
    std::uint16_t number;
    std::string_view state;
    std::string_view name;
    std::string_view message;
    std::string_view mariadb_message;
};

constexpr ErrorRow kUnsortedRows[] = {
#define AFTERIMAGE_ERROR(name, number, state, message, mariadb_message) \
    {number, state, #name, message, mariadb_message},
#include "sql/error_codes.def"
#undef AFTERIMAGE_ERROR
};

// The .def file is in reading order; lookups want numeric order.
const auto& sorted_rows() {
    static const auto rows = [] {
        std::array<const ErrorRow*, std::size(kUnsortedRows)> sorted{};
        std::transform(std::begin(kUnsortedRows), std::end(kUnsortedRows), sorted.begin(),
                       [](const ErrorRow& row) { return &row; });
        std::sort(sorted.begin(), sorted.end(),
                  [](const ErrorRow* a, const ErrorRow* b) { return a->number < b->number; });
        return sorted;
    }();
    return rows;
}

const ErrorRow* find_row(ErrorCode code) noexcept {
    const auto number = static_cast<std::uint16_t>(code);
    const auto& rows = sorted_rows();
    const auto at =
        std::lower_bound(rows.begin(), rows.end(), number,
                         [](const ErrorRow* row, std::uint16_t n) { return row->number < n; });
    return at != rows.end() && (*at)->number == number ? *at : nullptr;
}

// {} takes the next argument, {{ and }} are braces. Too few arguments leave an empty place: a
// message with a hole is better than no message.
std::string fill(std::string_view format, std::initializer_list<ErrorArgument> arguments) {
    std::string out;
    const auto* next = arguments.begin();
    for (std::size_t i = 0; i < format.size(); ++i) {
        const char c = format[i];
        const char following = i + 1 < format.size() ? format[i + 1] : '\0';
        if (c == '{' && following == '}') {
            if (next != arguments.end()) {
                out += (next++)->text();
            }
            ++i;
        } else if ((c == '{' || c == '}') && following == c) {
            out += c;
            ++i;
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

SqlError::SqlError(ErrorCode code, std::string message)
    : SqlError(static_cast<std::uint16_t>(code), error_sqlstate(code), std::move(message)) {}

SqlError::SqlError(std::uint16_t number, std::string_view sqlstate, std::string message)
    : number_(number), message_(std::move(message)) {
    std::copy_n("HY000", 5, sqlstate_);
    if (sqlstate.size() == 5) {
        std::copy_n(sqlstate.data(), 5, sqlstate_);
    }
}

std::string_view message_format(ErrorCode code, bool mariadb) noexcept {
    const ErrorRow* row = find_row(code);
    if (row == nullptr) {
        return {};
    }
    return mariadb && !row->mariadb_message.empty() ? row->mariadb_message : row->message;
}

std::string_view error_sqlstate(ErrorCode code) noexcept {
    const ErrorRow* row = find_row(code);
    return row == nullptr ? std::string_view("HY000") : row->state;
}

std::string_view error_name(ErrorCode code) noexcept {
    const ErrorRow* row = find_row(code);
    return row == nullptr ? std::string_view() : row->name;
}

std::string format_error(ErrorCode code, std::initializer_list<ErrorArgument> arguments) {
    return fill(message_format(code), arguments);
}

void throw_not_supported(std::string_view what) {
    throw_sql_error(ErrorCode::ER_NOT_SUPPORTED_YET, what);
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// What SQL throws when it cannot do what was asked: number, SQLSTATE and text as MySQL's.
//
// Codes and texts are the rows of sql/error_codes.def. Messages have {} where arguments go, in
// order; MariaDB's text, where a row has one, is chosen by message_format's flavour argument.
// Immutable.
#pragma once

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace afterimage::sql {

enum class ErrorCode : std::uint16_t {
#define AFTERIMAGE_ERROR(name, number, state, message, mariadb_message) name = number,
#include "sql/error_codes.def"
#undef AFTERIMAGE_ERROR
};

/// One argument of a message; integers are kept as text. Views only for the call that takes it.
class ErrorArgument {
  public:
    ErrorArgument(std::string_view text) : text_(text) {}
    ErrorArgument(const char* text) : text_(text) {}
    ErrorArgument(const std::string& text) : text_(text) {}
    template <class T, std::enable_if_t<std::is_integral_v<T>, int> = 0>
    ErrorArgument(T number) : number_(std::to_string(number)), text_(number_) {}
    ErrorArgument(const ErrorArgument&) = delete;
    ErrorArgument& operator=(const ErrorArgument&) = delete;

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

  private:
    std::string number_;
    std::string_view text_;
};

class SqlError : public std::exception {
  public:
    /// `message` is complete. The SQLSTATE is the code's own.
    SqlError(ErrorCode code, std::string message);
    /// For SIGNAL-like uses and errors passed on from elsewhere. `sqlstate` has 5 characters.
    SqlError(std::uint16_t number, std::string_view sqlstate, std::string message);

    [[nodiscard]] ErrorCode code() const noexcept { return static_cast<ErrorCode>(number_); }
    [[nodiscard]] std::uint16_t error_number() const noexcept { return number_; }
    [[nodiscard]] std::string_view sqlstate() const noexcept { return {sqlstate_, 5}; }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

  private:
    std::uint16_t number_;
    char sqlstate_[6] = {};
    std::string message_;
};

/// The format of `code`; with `mariadb` MariaDB's words where they differ.
[[nodiscard]] std::string_view message_format(ErrorCode code, bool mariadb = false) noexcept;
/// Five characters; HY000 for what is not in the table.
[[nodiscard]] std::string_view error_sqlstate(ErrorCode code) noexcept;
/// "ER_NO_SUCH_TABLE"; empty for what is not in the table.
[[nodiscard]] std::string_view error_name(ErrorCode code) noexcept;

[[nodiscard]] std::string format_error(ErrorCode code,
                                       std::initializer_list<ErrorArgument> arguments);

/// The whole message, for warnings and for errors put together elsewhere.
template <class... Args>
[[nodiscard]] std::string error_message(ErrorCode code, const Args&... args) {
    return format_error(code, {ErrorArgument(args)...});
}

template <class... Args>
[[nodiscard]] SqlError make_sql_error(ErrorCode code, const Args&... args) {
    return SqlError(code, format_error(code, {ErrorArgument(args)...}));
}

template <class... Args>
[[noreturn]] void throw_sql_error(ErrorCode code, const Args&... args) {
    throw make_sql_error(code, args...);
}

/// Refuses by name what is not supported: ER_NOT_SUPPORTED_YET (1235).
[[noreturn]] void throw_not_supported(std::string_view what);

}  // namespace afterimage::sql

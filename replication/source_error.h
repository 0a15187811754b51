// SPDX-License-Identifier: Apache-2.0
// What the source, or the way to it, answered instead of data, and whether trying again can help.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace afterimage::replication {

enum class SourceErrorKind : std::uint8_t {
    kRetry,        ///< connect again, with back-off, up to RETRY_COUNT
    kFatal,        ///< stop and say so: trying again gives the same answer
    kInterrupted,  ///< interrupt() was called: replication is to stop
};

class SourceError : public std::runtime_error {
  public:
    SourceError(SourceErrorKind kind, unsigned number, std::string sql_state,
                const std::string& what)
        : std::runtime_error(what),
          kind_(kind),
          number_(number),
          sql_state_(std::move(sql_state)) {}

    [[nodiscard]] SourceErrorKind kind() const noexcept { return kind_; }
    /// MySQL's error number, 2000-2999 for the client library's own; Last_IO_Errno.
    [[nodiscard]] unsigned number() const noexcept { return number_; }
    [[nodiscard]] const std::string& sql_state() const noexcept { return sql_state_; }

  private:
    SourceErrorKind kind_;
    unsigned number_;
    std::string sql_state_;
};

/// The rule of surface 2.15. While `connecting`, also what an administrator may be about to repair
/// (wrong password, host not allowed) is worth another try.
[[nodiscard]] SourceErrorKind classify_source_error(unsigned number, bool connecting) noexcept;

}  // namespace afterimage::replication

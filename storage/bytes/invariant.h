// SPDX-License-Identifier: Apache-2.0
// INVARIANT(condition, why): our own bugs end the process, in every build; the journal makes that
// safe. Never for bytes from disk, wire or user: those get an error.
#pragma once

namespace afterimage::storage {

/// Prints the failed condition to standard error and aborts.
[[noreturn]] void invariant_failed(const char* condition, const char* why, const char* file,
                                   int line) noexcept;

}  // namespace afterimage::storage

#define INVARIANT(condition, why) \
    (static_cast<bool>(condition) \
         ? static_cast<void>(0)   \
         : ::afterimage::storage::invariant_failed(#condition, why, __FILE__, __LINE__))

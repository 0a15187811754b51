// SPDX-License-Identifier: Apache-2.0
// mysql_native_password. Pure.
//
// The client sends SHA1(password) XOR SHA1(nonce, SHA1(SHA1(password))); the account keeps
// "*" and the hex digits of SHA1(SHA1(password)). Source: MySQL 8.0 source documentation, "Native
// Authentication".
#pragma once

#include <string>
#include <string_view>

#include "sql/session/password_hash.h"

namespace afterimage::server {

inline constexpr std::string_view kNativePassword = sql::kNativePlugin;

using sql::native_password_hash;

/// Whether the client's answer to `nonce` proves the password behind `stored`.
[[nodiscard]] bool native_password_matches(std::string_view answer, std::string_view nonce,
                                           std::string_view stored);

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// SHA-1 and SHA-256 over several pieces (sql/session/password_hash.h), and comparison without
// timing; what the login plugins are made of. Thread-safe. OpenSSL stays in digest.cc.
#pragma once

#include <string>
#include <string_view>

#include "sql/session/password_hash.h"

namespace afterimage::server {

using sql::kSha1Bytes;
using sql::kSha256Bytes;
using sql::sha1;
using sql::sha256;
using sql::sha256_crypt;
using sql::wipe;

/// `data` with `mask` over it, which repeats when shorter; `mask` is not empty.
[[nodiscard]] std::string xored(std::string_view data, std::string_view mask);
/// In a time that depends on the lengths alone.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "server/auth/native_password.h"

#include <optional>

#include "server/auth/digest.h"

namespace afterimage::server {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char upper = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
    return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

/// The 20 bytes behind "*…"; empty when it is no such text.
std::optional<std::string> stored_digest(std::string_view stored) {
    if (stored.size() != 1 + 2 * kSha1Bytes || stored[0] != '*') {
        return std::nullopt;
    }
    std::string digest;
    for (std::size_t i = 1; i < stored.size(); i += 2) {
        const int high = hex_digit(stored[i]);
        const int low = hex_digit(stored[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        digest.push_back(static_cast<char>(high * 16 + low));
    }
    return digest;
}

}  // namespace

bool native_password_matches(std::string_view answer, std::string_view nonce,
                             std::string_view stored) {
    if (stored.empty() || answer.empty()) {
        return stored.empty() && answer.empty();
    }
    const std::optional<std::string> digest = stored_digest(stored);
    if (!digest || answer.size() != kSha1Bytes) {
        return false;
    }
    const std::string stage1 = xored(answer, sha1({nonce, *digest}));
    return equal_secrets(sha1({stage1}), *digest);
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "storage/bytes/content_hash.h"

// The low-level calls, deprecated but there: OpenSSL 3's others, SHA256() included, look the
// algorithm up in its providers each time, which costs more than hashing a row.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>

#include "storage/bytes/invariant.h"

namespace afterimage::storage {

namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuv";

}  // namespace

Sha256 sha256(ByteView content) {
    Sha256 digest;
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, content.data(), content.size());
    SHA256_Final(digest.data(), &state);
    return digest;
}

Hash Hash::of(ByteView content) {
    const Sha256 digest = sha256(content);
    Hash hash;
    std::copy_n(digest.begin(), kSize, hash.bytes.begin());
    return hash;
}

Hash Hash::from_bytes(ByteView raw) {
    INVARIANT(raw.size() == kSize, "a hash has 20 bytes");
    Hash hash;
    std::copy_n(raw.begin(), kSize, hash.bytes.begin());
    return hash;
}

std::optional<Hash> Hash::parse(std::string_view text) {
    if (text.size() != kTextSize) {
        return std::nullopt;
    }
    Hash hash;
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    std::size_t at = 0;
    for (const char c : text) {
        const std::size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        bits = bits << 5U | static_cast<std::uint32_t>(digit);
        bit_count += 5;
        if (bit_count >= 8) {
            bit_count -= 8;
            hash.bytes[at++] = static_cast<char>(bits >> bit_count & 0xffU);
        }
    }
    return hash;
}

std::string Hash::text() const {
    std::string result;
    result.reserve(kTextSize);
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    for (const char c : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(c);
        bit_count += 8;
        while (bit_count >= 5) {
            bit_count -= 5;
            result.push_back(kAlphabet[bits >> bit_count & 31U]);
        }
    }
    return result;
}

}  // namespace afterimage::storage

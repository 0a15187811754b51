// SPDX-License-Identifier: Apache-2.0
#include "sql/session/password_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>

#include "storage/os/random.h"

namespace afterimage::sql {

namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

/// One digest computation after the other on one OpenSSL context.
class Hasher {
  public:
    explicit Hasher(const EVP_MD* kind) : context_(EVP_MD_CTX_new()), kind_(kind) {
        if (!context_) {
            throw std::bad_alloc();
        }
        begin();
    }
    void begin() { EVP_DigestInit_ex(context_.get(), kind_, nullptr); }
    void add(std::string_view bytes) {
        EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    }
    [[nodiscard]] std::string finish() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> out;
        unsigned length = 0;
        EVP_DigestFinal_ex(context_.get(), out.data(), &length);
        return {reinterpret_cast<const char*>(out.data()), length};
    }

  private:
    std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
    const EVP_MD* kind_;
};

std::string digest(const EVP_MD* kind, std::initializer_list<std::string_view> pieces) {
    Hasher hasher(kind);
    for (const std::string_view piece : pieces) {
        hasher.add(piece);
    }
    return hasher.finish();
}

/// `bytes` repeated until `size` bytes are reached.
std::string repeated(std::string_view bytes, std::size_t size) {
    std::string out;
    out.reserve(size);
    while (out.size() < size) {
        out.append(bytes.substr(0, size - out.size()));
    }
    return out;
}

/// Crypt's own base64: three bytes of the digest at a time, in an order of its own.
std::string crypt_text(std::string_view digest) {
    static constexpr std::string_view kAlphabet =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static constexpr std::array<std::array<std::uint8_t, 3>, 10> kOrder = {{{0, 10, 20},
                                                                            {21, 1, 11},
                                                                            {12, 22, 2},
                                                                            {3, 13, 23},
                                                                            {24, 4, 14},
                                                                            {15, 25, 5},
                                                                            {6, 16, 26},
                                                                            {27, 7, 17},
                                                                            {18, 28, 8},
                                                                            {9, 19, 29}}};
    std::string out;
    const auto byte = [digest](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(digest[i]));
    };
    const auto append = [&out](std::uint32_t bits, int characters) {
        for (; characters > 0; --characters, bits >>= 6U) {
            out.push_back(kAlphabet[bits & 63U]);
        }
    };
    for (const auto& [high, middle, low] : kOrder) {
        append(byte(high) << 16U | byte(middle) << 8U | byte(low), 4);
    }
    append(byte(31) << 8U | byte(30), 3);
    return out;
}

constexpr std::size_t kSaltBytes = 20;
constexpr std::size_t kCryptCharacters = 43;
constexpr std::string_view kPrefix = "$A$";
constexpr std::string_view kDefaultRounds = "005";
constexpr unsigned kRoundsUnit = 1000;
/// MySQL's largest caching_sha2_password_digest_rounds, in its unit.
constexpr unsigned kMaxRoundsUnits = 4095;

struct StoredHash {
    unsigned rounds = 0;
    std::string_view salt;
    std::string_view crypt;
};

std::optional<StoredHash> parse_stored(std::string_view stored) {
    constexpr std::size_t kHeader = 7;  // "$A$005$"
    if (stored.size() != kHeader + kSaltBytes + kCryptCharacters || !stored.starts_with(kPrefix) ||
        stored[6] != '$') {
        return std::nullopt;
    }
    unsigned units = 0;
    const auto read = std::from_chars(stored.data() + 3, stored.data() + 6, units, 16);
    if (read.ptr != stored.data() + 6 || units == 0 || units > kMaxRoundsUnits) {
        return std::nullopt;
    }
    return StoredHash{units * kRoundsUnit, stored.substr(kHeader, kSaltBytes),
                      stored.substr(kHeader + kSaltBytes)};
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string sha1(std::initializer_list<std::string_view> pieces) {
    return digest(EVP_sha1(), pieces);
}

std::string sha256(std::initializer_list<std::string_view> pieces) {
    return digest(EVP_sha256(), pieces);
}

void wipe(std::string& secret) noexcept {
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

// The steps are numbered in the paper; their order is the algorithm.
std::string sha256_crypt(std::string_view password, std::string_view salt, unsigned rounds) {
    Hasher hasher(EVP_sha256());
    hasher.add(password);
    hasher.add(salt);
    hasher.add(password);
    const std::string b = hasher.finish();  // steps 4-8

    hasher.begin();
    hasher.add(password);
    hasher.add(salt);
    hasher.add(repeated(b, password.size()));  // steps 9-10
    for (std::size_t bits = password.size(); bits > 0; bits >>= 1U) {
        hasher.add((bits & 1U) != 0 ? std::string_view(b) : password);  // step 11
    }
    std::string a = hasher.finish();

    hasher.begin();
    for (std::size_t i = 0; i < password.size(); ++i) {
        hasher.add(password);
    }
    std::string p = repeated(hasher.finish(), password.size());  // steps 13-16

    hasher.begin();
    const std::size_t salt_times = 16U + static_cast<unsigned char>(a[0]);
    for (std::size_t i = 0; i < salt_times; ++i) {
        hasher.add(salt);
    }
    const std::string s = repeated(hasher.finish(), salt.size());  // steps 17-20

    for (unsigned round = 0; round < rounds; ++round) {  // step 21
        hasher.begin();
        hasher.add((round & 1U) != 0 ? p : a);
        if (round % 3 != 0) {
            hasher.add(s);
        }
        if (round % 7 != 0) {
            hasher.add(p);
        }
        hasher.add((round & 1U) != 0 ? a : p);
        a = hasher.finish();
    }
    wipe(p);
    return crypt_text(a);
}

std::string random_salt(storage::RandomSource& random) {
    std::string salt(kSaltBytes, '\0');
    random.fill(std::span<char>(salt));
    for (char& c : salt) {
        c = static_cast<char>(static_cast<unsigned char>(c) & 0x7fU);
        if (c == '\0' || c == '$') {
            ++c;
        }
    }
    return salt;
}

std::string caching_sha2_hash(std::string_view password, storage::RandomSource& random) {
    if (password.empty()) {
        return {};
    }
    const std::string salt = random_salt(random);
    std::string stored(kPrefix);
    stored.append(kDefaultRounds).append("$").append(salt);
    return stored.append(sha256_crypt(password, salt, 5 * kRoundsUnit));
}

bool caching_sha2_matches(std::string_view password, std::string_view stored) {
    const std::optional<StoredHash> hash = parse_stored(stored);
    return hash && same_secret(sha256_crypt(password, hash->salt, hash->rounds), hash->crypt);
}

std::string native_password_hash(std::string_view password) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    if (password.empty()) {
        return {};
    }
    std::string text = "*";
    for (const char c : sha1({sha1({password})})) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(kHex[byte >> 4U]);
        text.push_back(kHex[byte & 15U]);
    }
    return text;
}

bool is_caching_sha2_hash(std::string_view text) noexcept { return parse_stored(text).has_value(); }

bool is_native_hash(std::string_view text) noexcept {
    return text.size() == 1 + 2 * kSha1Bytes && text[0] == '*' &&
           std::all_of(text.begin() + 1, text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
           });
}

bool password_matches(std::string_view plugin, std::string_view password, std::string_view stored) {
    if (stored.empty() || password.empty()) {
        return stored.empty() && password.empty();
    }
    return plugin == kNativePlugin ? same_secret(native_password_hash(password), stored)
                                   : caching_sha2_matches(password, stored);
}

}  // namespace afterimage::sql

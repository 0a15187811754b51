// SPDX-License-Identifier: Apache-2.0
#include "server/auth/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <new>

namespace afterimage::server {

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

}  // namespace

std::string sha1(std::initializer_list<std::string_view> pieces) {
    return digest(EVP_sha1(), pieces);
}

std::string sha256(std::initializer_list<std::string_view> pieces) {
    return digest(EVP_sha256(), pieces);
}

std::string xored(std::string_view data, std::string_view mask) {
    std::string out(data);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<char>(static_cast<unsigned char>(out[i]) ^
                                   static_cast<unsigned char>(mask[i % mask.size()]));
    }
    return out;
}

bool equal_secrets(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
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

}  // namespace afterimage::server

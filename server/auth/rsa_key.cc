// SPDX-License-Identifier: Apache-2.0
#include "server/auth/rsa_key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace afterimage::server {

namespace {

struct Free {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

constexpr unsigned kKeyBits = 2048;

[[noreturn]] void throw_openssl(const char* what) {
    std::array<char, 256> text;
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw std::runtime_error(std::string(what) + ": " + text.data());
}

std::string bio_text(BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(length)};
}

}  // namespace

struct RsaKey::Key {
    std::unique_ptr<EVP_PKEY, Free> pkey;
};

RsaKey::RsaKey(std::unique_ptr<Key> key) : key_(std::move(key)) {
    const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_PUBKEY(bio.get(), key_->pkey.get()) != 1) {
        throw_openssl("cannot write the public key");
    }
    public_pem_ = bio_text(bio.get());
}

RsaKey::RsaKey(std::string_view private_pem)
    : RsaKey([private_pem] {
          const std::unique_ptr<BIO, Free> bio(
              BIO_new_mem_buf(private_pem.data(), static_cast<int>(private_pem.size())));
          auto key = std::make_unique<Key>();
          key->pkey.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
          if (!key->pkey || EVP_PKEY_base_id(key->pkey.get()) != EVP_PKEY_RSA) {
              throw_openssl("no RSA private key in PEM form");
          }
          return key;
      }()) {}

RsaKey::~RsaKey() = default;
RsaKey::RsaKey(RsaKey&&) noexcept = default;
RsaKey& RsaKey::operator=(RsaKey&&) noexcept = default;

RsaKey RsaKey::generate() {
    auto key = std::make_unique<Key>();
    key->pkey.reset(EVP_RSA_gen(kKeyBits));
    if (!key->pkey) {
        throw_openssl("cannot make an RSA key");
    }
    return RsaKey(std::move(key));
}

std::string RsaKey::private_pem() const {
    const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_PrivateKey(bio.get(), key_->pkey.get(), nullptr, nullptr, 0, nullptr,
                                         nullptr) != 1) {
        throw_openssl("cannot write the private key");
    }
    return bio_text(bio.get());
}

std::size_t RsaKey::cipher_bytes() const noexcept {
    return static_cast<std::size_t>(EVP_PKEY_get_size(key_->pkey.get()));
}

std::optional<std::string> RsaKey::decrypt(std::string_view cipher) const {
    const std::unique_ptr<EVP_PKEY_CTX, Free> context(EVP_PKEY_CTX_new(key_->pkey.get(), nullptr));
    std::string plain(cipher_bytes(), '\0');
    std::size_t length = plain.size();
    const bool good =
        context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
        EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &length,
                         reinterpret_cast<const unsigned char*>(cipher.data()), cipher.size()) == 1;
    if (!good) {
        ERR_clear_error();
        return std::nullopt;
    }
    plain.resize(length);
    return plain;
}

}  // namespace afterimage::server

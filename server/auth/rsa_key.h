// SPDX-License-Identifier: Apache-2.0
// The RSA key pair that caching_sha2_password encrypts passwords with where there is no TLS.
//
// Thread-safe once made. Throws std::runtime_error naming the file or OpenSSL's reason.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace afterimage::server {

class RsaKey {
  public:
    /// From PEM text of a private key.
    explicit RsaKey(std::string_view private_pem);
    ~RsaKey();
    RsaKey(RsaKey&&) noexcept;
    RsaKey& operator=(RsaKey&&) noexcept;

    /// A new key of 2048 bits.
    [[nodiscard]] static RsaKey generate();
    [[nodiscard]] std::string private_pem() const;
    [[nodiscard]] const std::string& public_pem() const noexcept { return public_pem_; }
    [[nodiscard]] std::size_t cipher_bytes() const noexcept;
    /// OAEP with SHA-1, as the clients encrypt. Empty for anything that was not encrypted so.
    [[nodiscard]] std::optional<std::string> decrypt(std::string_view cipher) const;

  private:
    struct Key;
    explicit RsaKey(std::unique_ptr<Key> key);
    std::unique_ptr<Key> key_;
    std::string public_pem_;
};

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "server/auth/digest.h"

#include <openssl/crypto.h>

namespace afterimage::server {

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

}  // namespace afterimage::server

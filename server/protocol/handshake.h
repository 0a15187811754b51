// SPDX-License-Identifier: Apache-2.0
// The messages of connecting: greeting, TLS request, login, authentication exchange, change of
// user. Pure: bytes in, structs out, and back.
//
// Decoders throw ProtocolError 1043 for bytes that are no such message. Source: MySQL 8.0 source
// documentation, "Connection Phase Packets", "COM_CHANGE_USER".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/bytes/byte_view.h"

namespace afterimage::server {

/// Bytes of the random challenge; sent with a NUL behind it.
inline constexpr std::size_t kNonceBytes = 20;

struct Greeting {
    std::string server_version;
    std::uint32_t connection_id = 0;
    std::string nonce;  ///< kNonceBytes, no NUL in it
    std::uint32_t capabilities = 0;
    std::uint8_t collation = 255;
    std::uint16_t status = 0;
    std::string plugin;
};

/// Protocol::HandshakeV10.
[[nodiscard]] storage::Bytes encode_greeting(const Greeting& greeting);

using ConnectionAttributes = std::vector<std::pair<std::string, std::string>>;

struct LoginRequest {
    std::uint32_t capabilities = 0;
    std::uint32_t max_packet_bytes = 0;
    std::uint16_t collation = 0;
    std::string user;
    std::string auth_response;
    std::string database;
    std::string plugin;
    ConnectionAttributes attributes;
    int zstd_level = 3;
};

/// Whether a first packet is an SSLRequest: 32 bytes with the flag set.
[[nodiscard]] bool is_tls_request(storage::ByteView payload);
/// Protocol::HandshakeResponse41. Flags that the server did not offer are ignored.
[[nodiscard]] LoginRequest decode_login(storage::ByteView payload, std::uint32_t offered);
/// COM_CHANGE_USER, behind its command byte. `capabilities` are the connection's.
[[nodiscard]] LoginRequest decode_change_user(storage::ByteView body, std::uint32_t capabilities);

/// Protocol::AuthSwitchRequest.
[[nodiscard]] storage::Bytes encode_auth_switch(std::string_view plugin, std::string_view nonce);
/// Protocol::AuthMoreData.
[[nodiscard]] storage::Bytes encode_auth_more_data(std::string_view data);

}  // namespace afterimage::server

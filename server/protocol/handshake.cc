// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/handshake.h"

#include "server/protocol/capabilities.h"
#include "server/protocol_error.h"
#include "storage/bytes/byte_reader.h"

namespace afterimage::server {

namespace {

constexpr std::uint8_t kProtocolVersion = 10;
constexpr std::size_t kTlsRequestBytes = 32;
constexpr std::size_t kFillerBytes = 23;
/// MySQL's performance_schema_session_connect_attrs_size at its largest.
constexpr std::size_t kMaxAttributeBytes = 65536;

ConnectionAttributes decode_attributes(storage::ByteView bytes) {
    if (bytes.size() > kMaxAttributeBytes) {
        throw ProtocolError::bad_handshake();
    }
    ConnectionAttributes attributes;
    storage::ByteReader reader(bytes);
    while (!reader.at_end()) {
        std::string name(reader.lenenc_bytes());
        attributes.emplace_back(std::move(name), std::string(reader.lenenc_bytes()));
    }
    return attributes;
}

/// Some drivers leave the NUL of the last string out.
std::string last_cstring(storage::ByteReader& reader) {
    const storage::ByteView rest = reader.rest();
    return std::string(rest.substr(0, rest.find('\0')));
}

/// A NUL-terminated string that may also end with the packet.
std::string lenient_cstring(storage::ByteReader& reader, storage::ByteView payload) {
    if (payload.find('\0', reader.position()) == storage::ByteView::npos) {
        return last_cstring(reader);
    }
    return std::string(reader.cstring());
}

LoginRequest read_login(storage::ByteView payload, std::uint32_t offered) {
    storage::ByteReader reader(payload);
    LoginRequest login;
    login.capabilities = reader.u32() & offered;
    if ((login.capabilities & kClientProtocol41) == 0) {
        throw ProtocolError::bad_handshake();
    }
    login.max_packet_bytes = reader.u32();
    login.collation = reader.u8();
    reader.skip(kFillerBytes);
    login.user = std::string(reader.cstring());
    if ((login.capabilities & kClientPluginAuthLenenc) != 0) {
        login.auth_response = std::string(reader.lenenc_bytes());
    } else if ((login.capabilities & kClientSecureConnection) != 0) {
        login.auth_response = std::string(reader.bytes(reader.u8()));
    } else {
        login.auth_response = std::string(reader.cstring());
    }
    if ((login.capabilities & kClientConnectWithDb) != 0 && !reader.at_end()) {
        login.database = lenient_cstring(reader, payload);
    }
    if ((login.capabilities & kClientPluginAuth) != 0 && !reader.at_end()) {
        login.plugin = lenient_cstring(reader, payload);
    }
    if ((login.capabilities & kClientConnectAttrs) != 0 && !reader.at_end()) {
        login.attributes = decode_attributes(reader.lenenc_bytes());
    }
    if ((login.capabilities & kClientZstd) != 0 && !reader.at_end()) {
        const std::uint8_t level = reader.u8();
        if (level < 1 || level > 22) {
            throw ProtocolError::bad_handshake();
        }
        login.zstd_level = level;
    }
    return login;
}

LoginRequest read_change_user(storage::ByteView body, std::uint32_t capabilities) {
    storage::ByteReader reader(body);
    LoginRequest login;
    login.capabilities = capabilities;
    login.user = std::string(reader.cstring());
    if ((capabilities & kClientSecureConnection) != 0) {
        login.auth_response = std::string(reader.bytes(reader.u8()));
    } else {
        login.auth_response = std::string(reader.cstring());
    }
    login.database = lenient_cstring(reader, body);
    if (reader.at_end()) {
        return login;
    }
    login.collation = reader.u16();
    if ((capabilities & kClientPluginAuth) != 0 && !reader.at_end()) {
        login.plugin = lenient_cstring(reader, body);
    }
    if ((capabilities & kClientConnectAttrs) != 0 && !reader.at_end()) {
        login.attributes = decode_attributes(reader.lenenc_bytes());
    }
    return login;
}

}  // namespace

storage::Bytes encode_greeting(const Greeting& greeting) {
    constexpr std::size_t kFirstPart = 8;
    storage::Bytes out;
    out.push_back(static_cast<char>(kProtocolVersion));
    out.append(greeting.server_version).push_back('\0');
    storage::append_le(out, greeting.connection_id);
    out.append(greeting.nonce, 0, kFirstPart).push_back('\0');
    storage::append_le(out, static_cast<std::uint16_t>(greeting.capabilities & 0xffffU));
    out.push_back(static_cast<char>(greeting.collation));
    storage::append_le(out, greeting.status);
    storage::append_le(out, static_cast<std::uint16_t>(greeting.capabilities >> 16U));
    out.push_back(static_cast<char>(kNonceBytes + 1));
    out.append(10, '\0');
    out.append(greeting.nonce, kFirstPart, storage::Bytes::npos).push_back('\0');
    out.append(greeting.plugin).push_back('\0');
    return out;
}

bool is_tls_request(storage::ByteView payload) {
    return payload.size() == kTlsRequestBytes &&
           (storage::load_le<std::uint32_t>(payload.data()) & kClientSsl) != 0;
}

LoginRequest decode_login(storage::ByteView payload, std::uint32_t offered) {
    try {
        return read_login(payload, offered);
    } catch (const storage::TruncatedInput&) {
        throw ProtocolError::bad_handshake();
    }
}

LoginRequest decode_change_user(storage::ByteView body, std::uint32_t capabilities) {
    try {
        return read_change_user(body, capabilities);
    } catch (const storage::TruncatedInput&) {
        throw ProtocolError::malformed_packet();
    }
}

storage::Bytes encode_auth_switch(std::string_view plugin, std::string_view nonce) {
    storage::Bytes out(1, '\xfe');
    out.append(plugin).push_back('\0');
    out.append(nonce).push_back('\0');
    return out;
}

storage::Bytes encode_auth_more_data(std::string_view data) {
    storage::Bytes out(1, '\x01');
    out.append(data);
    return out;
}

}  // namespace afterimage::server

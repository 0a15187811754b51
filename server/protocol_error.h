// SPDX-License-Identifier: Apache-2.0
// What a client did that ends its connection: malformed, oversized or out-of-order packets, failed
// handshakes. The connection sends the error and closes.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace afterimage::server {

class ProtocolError : public std::runtime_error {
  public:
    /// `sqlstate` has five characters.
    ProtocolError(std::uint16_t code, std::string_view sqlstate, const std::string& message)
        : std::runtime_error(message), code_(code), sqlstate_(sqlstate) {}

    [[nodiscard]] std::uint16_t code() const noexcept { return code_; }
    [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

    [[nodiscard]] static ProtocolError malformed_packet() {
        return {1835, "HY000", "Malformed communication packet."};
    }
    [[nodiscard]] static ProtocolError bad_handshake() { return {1043, "08S01", "Bad handshake"}; }
    [[nodiscard]] static ProtocolError packet_too_large() {
        return {1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes"};
    }
    [[nodiscard]] static ProtocolError out_of_order() {
        return {1156, "08S01", "Got packets out of order"};
    }
    [[nodiscard]] static ProtocolError bad_compression() {
        return {1157, "08S01", "Couldn't uncompress communication packet"};
    }

  private:
    std::uint16_t code_;
    std::string sqlstate_;
};

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// Capability and status flags of the client/server protocol. Source: MySQL 8.0 source
// documentation, "Capabilities Flags" and "SERVER_STATUS_flags_enum".
#pragma once

#include <cstdint>

namespace afterimage::server {

inline constexpr std::uint32_t kClientLongPassword = 1U << 0;
inline constexpr std::uint32_t kClientFoundRows = 1U << 1;
inline constexpr std::uint32_t kClientLongFlag = 1U << 2;
inline constexpr std::uint32_t kClientConnectWithDb = 1U << 3;
inline constexpr std::uint32_t kClientNoSchema = 1U << 4;
inline constexpr std::uint32_t kClientCompress = 1U << 5;
inline constexpr std::uint32_t kClientOdbc = 1U << 6;
inline constexpr std::uint32_t kClientLocalFiles = 1U << 7;
inline constexpr std::uint32_t kClientIgnoreSpace = 1U << 8;
inline constexpr std::uint32_t kClientProtocol41 = 1U << 9;
inline constexpr std::uint32_t kClientInteractive = 1U << 10;
inline constexpr std::uint32_t kClientSsl = 1U << 11;
inline constexpr std::uint32_t kClientIgnoreSigpipe = 1U << 12;
inline constexpr std::uint32_t kClientTransactions = 1U << 13;
inline constexpr std::uint32_t kClientReserved = 1U << 14;
inline constexpr std::uint32_t kClientSecureConnection = 1U << 15;
inline constexpr std::uint32_t kClientMultiStatements = 1U << 16;
inline constexpr std::uint32_t kClientMultiResults = 1U << 17;
inline constexpr std::uint32_t kClientPsMultiResults = 1U << 18;
inline constexpr std::uint32_t kClientPluginAuth = 1U << 19;
inline constexpr std::uint32_t kClientConnectAttrs = 1U << 20;
inline constexpr std::uint32_t kClientPluginAuthLenenc = 1U << 21;
inline constexpr std::uint32_t kClientExpiredPasswords = 1U << 22;
inline constexpr std::uint32_t kClientSessionTrack = 1U << 23;
inline constexpr std::uint32_t kClientDeprecateEof = 1U << 24;
inline constexpr std::uint32_t kClientZstd = 1U << 26;
inline constexpr std::uint32_t kClientQueryAttributes = 1U << 27;

/// What this server can do, TLS and compression left out: they depend on its options.
inline constexpr std::uint32_t kServerCapabilities =
    kClientLongPassword | kClientFoundRows | kClientLongFlag | kClientConnectWithDb |
    kClientNoSchema | kClientOdbc | kClientLocalFiles | kClientIgnoreSpace | kClientProtocol41 |
    kClientInteractive | kClientIgnoreSigpipe | kClientTransactions | kClientReserved |
    kClientSecureConnection | kClientMultiStatements | kClientMultiResults | kClientPsMultiResults |
    kClientPluginAuth | kClientConnectAttrs | kClientPluginAuthLenenc | kClientSessionTrack |
    kClientDeprecateEof | kClientQueryAttributes;

inline constexpr std::uint32_t kStatusInTransaction = 1U << 0;
inline constexpr std::uint32_t kStatusAutocommit = 1U << 1;
inline constexpr std::uint32_t kStatusMoreResults = 1U << 3;
inline constexpr std::uint32_t kStatusCursorExists = 1U << 6;
inline constexpr std::uint32_t kStatusLastRowSent = 1U << 7;
inline constexpr std::uint32_t kStatusNoBackslashEscapes = 1U << 9;
inline constexpr std::uint32_t kStatusInReadOnlyTransaction = 1U << 13;
inline constexpr std::uint32_t kStatusSessionStateChanged = 1U << 14;

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// TLS as a codec: what came from the socket in, clear bytes out, and back; so that the same socket
// code serves plain and encrypted connections, on I/O threads and workers. OpenSSL stays in tls.cc.
//
// TlsContext is immutable and thread-safe; a TlsCodec belongs to one connection. The context
// outlives its codecs. Throws std::runtime_error for files and keys that cannot be used (context),
// ProtocolError for a peer that does not speak TLS (codec).
#pragma once

#include <memory>
#include <string>

#include "storage/bytes/byte_view.h"

namespace afterimage::server {

struct TlsFiles {
    std::string certificate;  ///< PEM, chain allowed
    std::string key;          ///< PEM
    std::string authority;    ///< PEM; clients' certificates are checked against it when given
};

class TlsContext {
  public:
    explicit TlsContext(const TlsFiles& files);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

  private:
    friend class TlsCodec;
    struct Context;
    std::unique_ptr<Context> context_;
};

/// DIR/server-cert.pem and DIR/server-key.pem, made (ECDSA P-256, self-signed, ten years, key mode
/// 0600) when they are not there.
[[nodiscard]] TlsFiles self_signed_files(const std::string& directory);

class TlsCodec {
  public:
    explicit TlsCodec(const TlsContext& context);
    ~TlsCodec();
    TlsCodec(const TlsCodec&) = delete;
    TlsCodec& operator=(const TlsCodec&) = delete;

    /// Takes bytes from the socket and appends what they decrypt to. Handshake answers wait in
    /// take_output().
    void receive(storage::ByteView cipher, storage::Bytes& plain);
    void send(storage::ByteView plain);
    /// Bytes for the socket.
    [[nodiscard]] storage::Bytes take_output();
    [[nodiscard]] std::string cipher_name() const;  ///< Ssl_cipher
    [[nodiscard]] std::string version_name() const;

  private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

}  // namespace afterimage::server

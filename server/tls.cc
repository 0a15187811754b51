// SPDX-License-Identifier: Apache-2.0
#include "server/tls.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "server/protocol_error.h"

namespace afterimage::server {

namespace {

struct Free {
    void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
    void operator()(SSL* p) const noexcept { SSL_free(p); }
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
    void operator()(X509* p) const noexcept { X509_free(p); }
    void operator()(std::FILE* p) const noexcept { std::fclose(p); }
};

constexpr long kCertificateSeconds = 10L * 365 * 24 * 3600;
constexpr std::size_t kChunkBytes = 16 * 1024;  // a TLS record's payload

[[noreturn]] void throw_openssl(const std::string& what) {
    std::array<char, 256> text;
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw std::runtime_error(what + ": " + text.data());
}

/// Opens for writing with `mode`; the file must not exist.
std::unique_ptr<std::FILE, Free> create_file(const std::string& path, mode_t mode) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    std::unique_ptr<std::FILE, Free> file(fd < 0 ? nullptr : ::fdopen(fd, "w"));
    if (!file) {
        throw std::runtime_error("cannot write " + path);
    }
    return file;
}

std::unique_ptr<X509, Free> make_certificate(EVP_PKEY* key) {
    std::unique_ptr<X509, Free> certificate(X509_new());
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    X509* const x509 = certificate.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1U);
    X509_gmtime_adj(X509_getm_notBefore(x509), -24L * 3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), kCertificateSeconds);
    X509_set_pubkey(x509, key);
    X509_NAME* const name = X509_get_subject_name(x509);
    static constexpr std::string_view kName = "Afterimage self-signed server certificate";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(kName.data()),
                               static_cast<int>(kName.size()), -1, 0);
    X509_set_issuer_name(x509, name);
    if (X509_sign(x509, key, EVP_sha256()) == 0) {
        throw_openssl("cannot sign the server certificate");
    }
    return certificate;
}

void write_self_signed(const TlsFiles& files) {
    const std::unique_ptr<EVP_PKEY, Free> key(EVP_EC_gen("P-256"));
    if (!key) {
        throw_openssl("cannot make a key for TLS");
    }
    const std::unique_ptr<X509, Free> certificate = make_certificate(key.get());
    const auto key_file = create_file(files.key, 0600);
    if (PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
        1) {
        throw_openssl("cannot write " + files.key);
    }
    const auto certificate_file = create_file(files.certificate, 0644);
    if (PEM_write_X509(certificate_file.get(), certificate.get()) != 1) {
        throw_openssl("cannot write " + files.certificate);
    }
}

}  // namespace

TlsFiles self_signed_files(const std::string& directory) {
    TlsFiles files{directory + "/server-cert.pem", directory + "/server-key.pem", ""};
    const bool complete =
        std::filesystem::exists(files.certificate) && std::filesystem::exists(files.key);
    if (!complete) {
        write_self_signed(files);
    }
    return files;
}

struct TlsContext::Context {
    std::unique_ptr<SSL_CTX, Free> ssl;
};

TlsContext::TlsContext(const TlsFiles& files) : context_(std::make_unique<Context>()) {
    context_->ssl.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* const ssl = context_->ssl.get();
    if (ssl == nullptr) {
        throw_openssl("cannot begin TLS");
    }
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Idle connections give their record buffers back.
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    if (SSL_CTX_use_certificate_chain_file(ssl, files.certificate.c_str()) != 1) {
        throw_openssl("cannot use the certificate " + files.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(ssl, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ssl) != 1) {
        throw_openssl("cannot use the key " + files.key);
    }
    if (!files.authority.empty()) {
        if (SSL_CTX_load_verify_locations(ssl, files.authority.c_str(), nullptr) != 1) {
            throw_openssl("cannot use the authority " + files.authority);
        }
        SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    }
}

TlsContext::~TlsContext() = default;

struct TlsCodec::Connection {
    std::unique_ptr<SSL, Free> ssl;
    BIO* input = nullptr;   // owned by ssl
    BIO* output = nullptr;  // owned by ssl
    storage::Bytes pending;

    /// The BIO keeps the largest buffer it ever had; drained record by record it stays small.
    void drain() {
        std::array<char, kChunkBytes> chunk;
        std::size_t count = 0;
        while (BIO_ctrl_pending(output) > 0 &&
               BIO_read_ex(output, chunk.data(), chunk.size(), &count) == 1) {
            pending.append(chunk.data(), count);
        }
    }
};

TlsCodec::TlsCodec(const TlsContext& context) : connection_(std::make_unique<Connection>()) {
    connection_->ssl.reset(SSL_new(context.context_->ssl.get()));
    connection_->input = BIO_new(BIO_s_mem());
    connection_->output = BIO_new(BIO_s_mem());
    if (!connection_->ssl || connection_->input == nullptr || connection_->output == nullptr) {
        throw std::bad_alloc();
    }
    SSL_set_bio(connection_->ssl.get(), connection_->input, connection_->output);
    SSL_set_accept_state(connection_->ssl.get());
}

TlsCodec::~TlsCodec() = default;

void TlsCodec::receive(storage::ByteView cipher, storage::Bytes& plain) {
    SSL* const ssl = connection_->ssl.get();
    ERR_clear_error();
    std::array<char, kChunkBytes> chunk;
    while (!cipher.empty()) {
        const std::size_t piece = std::min(cipher.size(), kChunkBytes);
        if (BIO_write(connection_->input, cipher.data(), static_cast<int>(piece)) !=
            static_cast<int>(piece)) {
            throw std::bad_alloc();
        }
        cipher.remove_prefix(piece);
        std::size_t count = 0;
        // SSL_read also carries the handshake on.
        while (SSL_read_ex(ssl, chunk.data(), chunk.size(), &count) == 1) {
            plain.append(chunk.data(), count);
        }
        const int reason = SSL_get_error(ssl, 0);
        connection_->drain();
        if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_ZERO_RETURN) {
            ERR_clear_error();
            throw ProtocolError::bad_handshake();
        }
    }
}

void TlsCodec::send(storage::ByteView plain) {
    SSL* const ssl = connection_->ssl.get();
    ERR_clear_error();
    while (!plain.empty()) {
        std::size_t count = 0;
        if (SSL_write_ex(ssl, plain.data(), std::min(plain.size(), kChunkBytes), &count) != 1) {
            ERR_clear_error();
            throw ProtocolError::bad_handshake();
        }
        plain.remove_prefix(count);
        connection_->drain();
    }
}

storage::Bytes TlsCodec::take_output() { return std::exchange(connection_->pending, {}); }

std::string TlsCodec::cipher_name() const { return SSL_get_cipher_name(connection_->ssl.get()); }

std::string TlsCodec::version_name() const { return SSL_get_version(connection_->ssl.get()); }

}  // namespace afterimage::server

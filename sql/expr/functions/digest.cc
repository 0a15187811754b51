// SPDX-License-Identifier: Apache-2.0
// MD5, SHA1, SHA2, CRC32, COMPRESS, RANDOM_BYTES and kin: OpenSSL and zlib.
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <zlib.h>

#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

std::string lower_hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

std::string digest(std::string_view bytes, const EVP_MD* kind) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), out, &size, kind, nullptr) != 1) {
        throw_not_supported("this digest in the TLS library's mode");
    }
    return {reinterpret_cast<const char*>(out), size};
}

void md5(RowCall& call) { set_ascii_result(call, lower_hex(digest(call.text(0), EVP_md5()))); }
void sha1(RowCall& call) { set_ascii_result(call, lower_hex(digest(call.text(0), EVP_sha1()))); }

void sha2(RowCall& call) {
    const EVP_MD* kind = nullptr;
    switch (call.integer(1)) {
        case 224:
            kind = EVP_sha224();
            break;
        case 0:
        case 256:
            kind = EVP_sha256();
            break;
        case 384:
            kind = EVP_sha384();
            break;
        case 512:
            kind = EVP_sha512();
            break;
        default:
            call.set_null();
            return;
    }
    set_ascii_result(call, lower_hex(digest(call.text(0), kind)));
}

void crc32_of(RowCall& call) {
    const std::string_view text = call.text(0);
    call.set_uint(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

/// Four bytes of length, little-endian, then the deflated bytes; '' stays ''.
void compress_text(RowCall& call) {
    const std::string_view text = call.text(0);
    if (text.empty()) {
        call.set_view({});
        return;
    }
    uLongf size = compressBound(text.size());
    std::string out;
    storage::append_le(out, static_cast<std::uint32_t>(text.size()));
    out.resize(4 + size);
    if (compress(reinterpret_cast<Bytef*>(out.data() + 4), &size,
                 reinterpret_cast<const Bytef*>(text.data()), text.size()) != Z_OK) {
        call.set_null();
        return;
    }
    out.resize(4 + size);
    // A trailing space would be lost in a CHAR column.
    if (out.back() == ' ') {
        out += '.';
    }
    call.set_text(out);
}

void uncompress_text(RowCall& call) {
    const std::string_view in = call.text(0);
    if (in.empty()) {
        call.set_view({});
        return;
    }
    const auto data_error = [&] {
        call.warn(1259, error_message(ErrorCode::ER_ZLIB_Z_DATA_ERROR));
        call.set_null();
    };
    if (in.size() <= 4) {
        data_error();
        return;
    }
    const std::uint32_t size = storage::load_le<std::uint32_t>(in.data()) & 0x3fffffffU;
    if (size > call.statement().max_allowed_packet) {
        static_cast<void>(too_large(call, size));
        return;
    }
    std::string out(size, '\0');
    uLongf written = size;
    if (uncompress(reinterpret_cast<Bytef*>(out.data()), &written,
                   reinterpret_cast<const Bytef*>(in.data() + 4), in.size() - 4) != Z_OK) {
        data_error();
        return;
    }
    out.resize(written);
    call.set_text(out);
}

void uncompressed_length(RowCall& call) {
    const std::string_view in = call.text(0);
    call.set_int(in.size() <= 4 ? 0 : storage::load_le<std::uint32_t>(in.data()) & 0x3fffffffU);
}

void random_bytes(RowCall& call) {
    const std::int64_t count = call.integer(0);
    if (count < 1 || count > 1024) {
        throw_sql_error(ErrorCode::ER_DATA_OUT_OF_RANGE, "length", "random_bytes");
    }
    std::string out(static_cast<std::size_t>(count), '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
        throw_not_supported("random bytes without a seeded generator");
    }
    call.set_text(out);
}

constexpr FunctionDef digest_row(std::string_view name, BindRule bind, RowKernel kernel) {
    return {
        .name = name, .min_args = 1, .max_args = 1, .classes = "b", .bind = bind, .row = kernel};
}

const FunctionDef kTable[] = {
    digest_row("md5", rules::ascii_text<32>, md5),
    digest_row("sha", rules::ascii_text<40>, sha1),
    digest_row("sha1", rules::ascii_text<40>, sha1),
    {.name = "sha2",
     .min_args = 2,
     .max_args = 2,
     .classes = "bi",
     .bind = rules::ascii_text<128>,
     .row = sha2},
    digest_row("crc32", rules::ubigint, crc32_of),
    digest_row("compress", rules::long_blob, compress_text),
    digest_row("uncompress", rules::long_blob, uncompress_text),
    digest_row("uncompressed_length", rules::bigint, uncompressed_length),
    {.name = "random_bytes",
     .min_args = 1,
     .max_args = 1,
     .classes = "i",
     .bind = rules::long_blob,
     .determinism = Determinism::kVolatile,
     .row = random_bytes},
};

}  // namespace

FunctionTable digest_functions() { return kTable; }

}  // namespace afterimage::sql

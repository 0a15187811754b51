// SPDX-License-Identifier: Apache-2.0
// ContentSum of row_codec.h: addition modulo 2^256 of the rows' SHA-256 read as little-endian
// numbers.
#include "storage/bytes/storage_error.h"
#include "storage/row/row_codec.h"

namespace afterimage::storage {

namespace {

__extension__ using UInt128 = unsigned __int128;
using Limbs = std::array<std::uint64_t, 4>;

Limbs hashed(ByteView canonical_row) {
    const Sha256 hash = sha256(canonical_row);
    Limbs limbs;
    std::memcpy(limbs.data(), hash.data(), sizeof limbs);
    return limbs;
}

Limbs negated(Limbs limbs) {
    std::uint64_t carry = 1;
    for (std::uint64_t& limb : limbs) {
        limb = ~limb + carry;
        carry = carry != 0 && limb == 0 ? 1 : 0;
    }
    return limbs;
}

void add_product(Limbs& to, const Limbs& value, std::uint64_t count) {
    UInt128 carry = 0;
    for (std::size_t i = 0; i < to.size(); ++i) {
        carry += static_cast<UInt128>(value[i]) * count + to[i];
        to[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64U;
    }
}

}  // namespace

void ContentSum::add(ByteView canonical_row) { add_product(limbs, hashed(canonical_row), 1); }

void ContentSum::subtract(ByteView canonical_row) {
    add_product(limbs, negated(hashed(canonical_row)), 1);
}

void ContentSum::add_times(ByteView canonical_row, std::uint64_t count) {
    add_product(limbs, hashed(canonical_row), count);
}

void ContentSum::subtract_times(ByteView canonical_row, std::uint64_t count) {
    add_product(limbs, negated(hashed(canonical_row)), count);
}

Bytes ContentSum::bytes() const {
    Bytes out;
    for (const std::uint64_t limb : limbs) {
        append_le(out, limb);
    }
    return out;
}

ContentSum ContentSum::from_bytes(ByteView bytes) {
    ContentSum sum;
    if (bytes.size() != sizeof sum.limbs) {
        throw StorageError(StorageErrorKind::kCorruption, "content sum: not 32 bytes");
    }
    std::memcpy(sum.limbs.data(), bytes.data(), bytes.size());
    return sum;
}

}  // namespace afterimage::storage

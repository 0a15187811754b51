// SPDX-License-Identifier: Apache-2.0
#include "storage/os/file.h"

#include <algorithm>

namespace afterimage::storage {

namespace {

// One write call's worth of zeros: large enough that the call's cost vanishes.
constexpr std::size_t kZeroBlockBytes = std::size_t{1} << 20U;

}  // namespace

void File::pread_exact(std::uint64_t offset, std::span<char> into) const {
    const std::size_t got = pread_some(offset, into);
    if (got != into.size()) {
        throw StorageError(StorageErrorKind::kCorruption,
                           path() + " ends at offset " + std::to_string(offset + got) + ", " +
                               std::to_string(into.size()) + " bytes were expected at offset " +
                               std::to_string(offset));
    }
}

Bytes File::pread_bytes(std::uint64_t offset, std::size_t size_bytes) const {
    Bytes bytes(size_bytes, '\0');
    pread_exact(offset, bytes);
    return bytes;
}

std::uint64_t File::append(ByteView bytes) {
    const std::uint64_t offset = size();
    pwrite(offset, bytes);
    return offset;
}

void File::write_zeros(std::uint64_t offset, std::uint64_t size_bytes) {
    const Bytes zeros(
        static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes, kZeroBlockBytes)), '\0');
    while (size_bytes > 0) {
        const auto step = std::min<std::uint64_t>(size_bytes, zeros.size());
        pwrite(offset, ByteView(zeros).substr(0, static_cast<std::size_t>(step)));
        offset += step;
        size_bytes -= step;
    }
}

void Directory::replace_file(std::string_view name, ByteView content) {
    const std::string temporary = std::string(name) + ".tmp";
    if (exists(temporary)) {
        remove_file(temporary);
    }
    try {
        const auto file = create_file(temporary);
        file->pwrite(0, content);
        file->sync();
        file->close();
    } catch (const StorageError&) {
        // Half a temporary file must not eat the space that may have been what was missing.
        try {
            remove_file(temporary);
        } catch (const StorageError&) {
            // The first error is the one that tells.
        }
        throw;
    }
    rename_file(temporary, name);
    sync();
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// Sequential reading of a file through one buffer that grows with the largest piece asked for.
//
// Not thread-safe; the file outlives the window. Throws StorageError(kIo).
#pragma once

#include "storage/os/file.h"

namespace afterimage::storage {

class FileWindow {
  public:
    explicit FileWindow(const File& file);

    /// The bytes [offset, offset + size_bytes), fewer at the end of the file. Lives until the next
    /// call.
    [[nodiscard]] ByteView view(std::uint64_t offset, std::uint64_t size_bytes);
    /// Size of the file when the window was made.
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_bytes_; }

  private:
    const File& file_;
    std::uint64_t file_bytes_;
    std::uint64_t start_ = 0;
    Bytes buffer_;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/os/file_window.h"

#include <algorithm>

namespace afterimage::storage {

namespace {

// Read-ahead: large against the cost of a call, small against the largest record.
constexpr std::uint64_t kWindowBytes = std::uint64_t{4} << 20U;

}  // namespace

FileWindow::FileWindow(const File& file) : file_(file), file_bytes_(file.size()) {}

ByteView FileWindow::view(std::uint64_t offset, std::uint64_t size_bytes) {
    if (offset >= file_bytes_) {
        return {};
    }
    size_bytes = std::min(size_bytes, file_bytes_ - offset);
    if (offset < start_ || offset + size_bytes > start_ + buffer_.size()) {
        const std::uint64_t wanted =
            std::min(std::max(size_bytes, kWindowBytes), file_bytes_ - offset);
        buffer_.resize(static_cast<std::size_t>(wanted));
        start_ = offset;
        buffer_.resize(file_.pread_some(offset, buffer_));
    }
    return ByteView(buffer_).substr(static_cast<std::size_t>(offset - start_),
                                    static_cast<std::size_t>(size_bytes));
}

}  // namespace afterimage::storage

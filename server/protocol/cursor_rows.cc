// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/cursor_rows.h"

#include <algorithm>
#include <cerrno>

#include "sql/sql_error.h"

namespace afterimage::server {

namespace {

constexpr std::size_t kLengthBytes = 4;

[[noreturn]] void throw_file_error(sql::ErrorCode code) {
    sql::throw_sql_error(code, "cursor", errno, "temporary file");
}

}  // namespace

void CursorRows::append(storage::ByteView row) {
    storage::append_le(buffer_, static_cast<std::uint32_t>(row.size()));
    buffer_.append(row);
    ++written_;
    if (buffer_.size() > kMemoryBytes) {
        spill();
    }
}

void CursorRows::spill() {
    if (!file_) {
        file_.reset(std::tmpfile());
    }
    if (!file_ || std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) {
        throw_file_error(sql::ErrorCode::ER_ERROR_ON_WRITE);
    }
    buffer_.clear();
}

void CursorRows::refill() {
    if (!file_) {
        return;
    }
    if (!reading_) {
        spill();
        if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) {
            throw_file_error(sql::ErrorCode::ER_ERROR_ON_READ);
        }
        reading_ = true;
    }
    // At least one whole row must fit: its length is known from its first bytes.
    buffer_.erase(0, at_);
    at_ = 0;
    std::size_t wanted = kMemoryBytes / 4;
    if (buffer_.size() >= kLengthBytes) {
        wanted = std::max<std::size_t>(
            wanted, storage::load_le<std::uint32_t>(buffer_.data()) + kLengthBytes);
    }
    const std::size_t held = buffer_.size();
    buffer_.resize(held + wanted);
    const std::size_t got = std::fread(buffer_.data() + held, 1, wanted, file_.get());
    buffer_.resize(held + got);
    if (got == 0) {
        throw_file_error(sql::ErrorCode::ER_ERROR_ON_READ);
    }
}

std::uint64_t CursorRows::fetch(PacketWriter& out, std::uint64_t row_count,
                                std::size_t high_water_bytes) {
    std::uint64_t count = 0;
    if (file_ && !reading_) {
        refill();
    }
    while (count < row_count && !at_end() && out.size_bytes() < high_water_bytes) {
        const auto holds_row = [this] {
            return buffer_.size() - at_ >= kLengthBytes &&
                   buffer_.size() - at_ - kLengthBytes >=
                       storage::load_le<std::uint32_t>(buffer_.data() + at_);
        };
        while (!holds_row()) {
            refill();
        }
        const std::size_t length = storage::load_le<std::uint32_t>(buffer_.data() + at_);
        out.write(storage::ByteView(buffer_).substr(at_ + kLengthBytes, length));
        at_ += kLengthBytes + length;
        ++read_;
        ++count;
    }
    return count;
}

}  // namespace afterimage::server

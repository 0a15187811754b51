// SPDX-License-Identifier: Apache-2.0
// The rows of a cursor (COM_STMT_EXECUTE with a cursor type): encoded once, kept until they are
// fetched, because the session may run other statements in between.
//
// Not thread-safe. Up to 4 MiB stay in memory, what is beyond goes to an unlinked temporary file.
// Throws SqlError 1026 (and 1024 on reading) when the file cannot be used.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>

#include "server/protocol/packet_writer.h"

namespace afterimage::server {

class CursorRows {
  public:
    static constexpr std::size_t kMemoryBytes = 4U << 20U;

    void append(storage::ByteView row);
    /// Writes up to `row_count` rows as packets; stops early at `high_water_bytes`. Gives the
    /// number written.
    std::uint64_t fetch(PacketWriter& out, std::uint64_t row_count, std::size_t high_water_bytes);
    [[nodiscard]] bool at_end() const noexcept { return read_ == written_; }

  private:
    struct CloseFile {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    void spill();
    void refill();

    storage::Bytes buffer_;  ///< rows not yet spilled, each behind its 32-bit length; or read back
    std::size_t at_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t read_ = 0;
    std::unique_ptr<std::FILE, CloseFile> file_;
    bool reading_ = false;
};

}  // namespace afterimage::server

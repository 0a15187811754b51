// SPDX-License-Identifier: Apache-2.0
// Sorts any number of entries (key, value) by key in bounded memory: what does not fit goes to
// scratch files as sorted runs, which are merged on reading. Equal keys all come out, in no
// particular order.
//
// One thread. First add(), then next() until it says false. Throws StorageError (kOutOfSpace, kIo).
// The files are removed with the object; a process that dies leaves them to whoever owns the
// scratch folder (the store clears it when it opens).
//
// How: entries are gathered in one buffer and ordered by offsets. kRunsPerLevel runs of one level
// are merged into one of the next, so that the runs that are read at once, and their buffers, stay
// few whatever the size.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/os/file.h"

namespace afterimage::storage {

class ExternalSort {
  public:
    static constexpr std::size_t kRunsPerLevel = 64;

    /// `name` begins the names of its files: unique among those who share `scratch`, which outlives
    /// the sort. `memory_bytes` bounds the buffer, at least 4 KiB.
    ExternalSort(Directory& scratch, std::string name, std::uint64_t memory_bytes);
    ~ExternalSort();
    ExternalSort(const ExternalSort&) = delete;
    ExternalSort& operator=(const ExternalSort&) = delete;

    void add(ByteView key, ByteView value);
    [[nodiscard]] std::uint64_t size() const noexcept { return entry_count_; }

    /// To the next entry in key order (the first one to begin with); false behind the last.
    [[nodiscard]] bool next();
    /// Live until the next call of next().
    [[nodiscard]] ByteView key() const noexcept { return key_; }
    [[nodiscard]] ByteView value() const noexcept { return value_; }
    /// Runs that went to disk so far, merged ones included.
    [[nodiscard]] std::uint64_t runs_written() const noexcept { return runs_written_; }

  private:
    class Run;
    class RunWriter;
    struct Entry {
        std::uint32_t offset = 0;  ///< of key size u32, value size u32, key, value in buffer_
    };
    using Runs = std::vector<std::unique_ptr<Run>>;

    [[nodiscard]] ByteView key_of(const Entry& entry) const noexcept;
    [[nodiscard]] ByteView value_of(const Entry& entry) const noexcept;
    void sort_buffer();
    void spill();
    [[nodiscard]] std::unique_ptr<Run> merge(Runs runs);
    void begin_reading();
    bool next_in_memory();

    Directory& scratch_;
    std::string name_;
    std::uint64_t memory_bytes_;
    Bytes buffer_;
    std::vector<Entry> entries_;
    std::vector<Runs> levels_;
    std::uint64_t entry_count_ = 0;
    std::uint64_t runs_written_ = 0;
    bool reading_ = false;
    std::size_t at_ = 0;  ///< in entries_, when all fitted
    Runs open_runs_;      ///< a heap, the smallest key first
    ByteView key_, value_;
};

}  // namespace afterimage::storage

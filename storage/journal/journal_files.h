// SPDX-License-Identifier: Apache-2.0
// The files of an open journal: which exist, the next one prepared ahead, their indexes, the
// reserve of disk space. Knows nothing of batches.
//
// Thread-safe. Throws StorageError.
//
// Invariant: a name of a journal file appears only over a file that is whole: opening, checkpoint,
// zeros to its full size, all synced.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/journal/recovery.h"
#include "storage/os/file.h"

namespace afterimage::storage {

/// A file of the journal that may be read; keeps it open while it lives.
struct OpenJournalFile {
    JournalFileHeader header;  ///< without the checkpoint
    std::shared_ptr<File> file;
    std::uint64_t allocated_bytes = 0;
    std::uint64_t end = 0;  ///< behind its last batch; 0 while it is written
};

class JournalFiles {
  public:
    JournalFiles(std::unique_ptr<Directory> folder, std::uint64_t file_size_bytes,
                 std::uint64_t reserve_bytes);

    /// Takes over what recovery opened.
    void adopt(std::vector<JournalFile> files);

    /// Writes the zeros of the next file ahead of time. Nothing if that was done.
    void make_spare();
    [[nodiscard]] bool has_spare() const;

    /// Makes the next file, with room for `batch_bytes` behind its opening, under a temporary name.
    /// On an error nothing has changed.
    [[nodiscard]] OpenJournalFile prepare(const JournalFileHeader& header,
                                          std::uint64_t batch_bytes);
    /// Gives a prepared file its name and opens it by it. On an error it is not known whether it
    /// has the name.
    [[nodiscard]] OpenJournalFile publish(OpenJournalFile prepared);
    /// The newest file but one ends here; gives the disk what lies behind.
    void complete(std::uint32_t file_number, std::uint64_t end);

    /// kIo when there is none of this number (any more).
    [[nodiscard]] OpenJournalFile get(std::uint32_t file_number) const;
    [[nodiscard]] std::vector<std::uint32_t> numbers() const;
    void remove_oldest(std::uint32_t file_number);

    void write_index(std::uint32_t file_number, ByteView bytes);
    [[nodiscard]] std::optional<Bytes> read_index(std::uint32_t file_number) const;

    void release_reserve();
    bool restore_reserve();

  private:
    void write_spare();
    void drop_spare() noexcept;

    const std::unique_ptr<Directory> folder_;
    const std::uint64_t file_size_bytes_;
    const std::uint64_t reserve_bytes_;

    mutable std::mutex mutex_;
    std::map<std::uint32_t, OpenJournalFile> files_;  // guarded by mutex_
    bool has_spare_ = false;                          // guarded by mutex_

    // Held while the next file is written; taken before mutex_.
    std::mutex spare_mutex_;
    std::shared_ptr<File> spare_;  // guarded by spare_mutex_
    bool is_prepared_ = false;     // guarded by spare_mutex_: a file waits for its name

    // Serialises index files and the reserve, which share temporary names.
    std::mutex side_mutex_;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/journal/journal_files.h"

#include <algorithm>
#include <utility>

#include "storage/bytes/invariant.h"
#include "storage/journal/journal_layout.h"

namespace afterimage::storage {

namespace {

constexpr const char* kNextName = "next.tmp";
constexpr const char* kReserveName = "reserve";
// Zeros between two syncs: what a sync of the journal may have to wait for on the same disk.
constexpr std::uint64_t kZeroStepBytes = std::uint64_t{4} << 20U;

void write_synced_zeros(File& file, std::uint64_t from, std::uint64_t to) {
    while (from < to) {
        const std::uint64_t step = std::min(to - from, kZeroStepBytes);
        file.write_zeros(from, step);
        file.sync();
        from += step;
    }
}

}  // namespace

JournalFiles::JournalFiles(std::unique_ptr<Directory> folder, std::uint64_t file_size_bytes,
                           std::uint64_t reserve_bytes)
    : folder_(std::move(folder)),
      file_size_bytes_(file_size_bytes),
      reserve_bytes_(reserve_bytes) {}

void JournalFiles::adopt(std::vector<JournalFile> files) {
    const std::lock_guard lock(mutex_);
    for (JournalFile& entry : files) {
        OpenJournalFile opened;
        opened.header = std::move(entry.header);
        opened.file = std::move(entry.file);
        opened.allocated_bytes = opened.file->size();
        opened.end = entry.end;
        files_.emplace(opened.header.file_number, std::move(opened));
    }
}

void JournalFiles::make_spare() {
    const std::lock_guard spare_lock(spare_mutex_);
    if (!spare_ && !is_prepared_) {
        write_spare();
        const std::lock_guard lock(mutex_);
        has_spare_ = true;
    }
}

void JournalFiles::write_spare() {
    if (folder_->exists(kNextName)) {
        folder_->remove_file(kNextName);
    }
    spare_ = folder_->create_file(kNextName);
    try {
        write_synced_zeros(*spare_, 0, file_size_bytes_);
    } catch (const StorageError&) {
        drop_spare();
        throw;
    }
}

void JournalFiles::drop_spare() noexcept {
    spare_.reset();
    try {
        folder_->remove_file(kNextName);
    } catch (const StorageError&) {
        // It is removed by the next attempt or the next opening.
    }
}

bool JournalFiles::has_spare() const {
    const std::lock_guard lock(mutex_);
    return has_spare_;
}

OpenJournalFile JournalFiles::prepare(const JournalFileHeader& header, std::uint64_t batch_bytes) {
    const std::lock_guard spare_lock(spare_mutex_);
    {
        const std::lock_guard lock(mutex_);
        has_spare_ = false;
    }
    if (!spare_) {
        write_spare();
    }
    try {
        const Bytes opening = encode_file_header(header);
        OpenJournalFile prepared;
        prepared.header = header;
        prepared.header.checkpoint.clear();
        prepared.header.data_start = opening.size();
        prepared.allocated_bytes =
            std::max(file_size_bytes_, next_write_step(opening.size() + batch_bytes));
        write_synced_zeros(*spare_, file_size_bytes_, prepared.allocated_bytes);
        spare_->pwrite(0, opening);
        spare_->sync();
        prepared.file = std::exchange(spare_, nullptr);
        is_prepared_ = true;
        return prepared;
    } catch (const StorageError&) {
        drop_spare();
        throw;
    }
}

OpenJournalFile JournalFiles::publish(OpenJournalFile prepared) {
    const std::lock_guard spare_lock(spare_mutex_);
    const std::uint32_t number = prepared.header.file_number;
    folder_->rename_file(kNextName, journal_file_name(number));
    folder_->sync();
    // Opened by its name, so that messages say it.
    prepared.file = folder_->open_file(journal_file_name(number), OpenMode::kReadWrite);
    is_prepared_ = false;
    const std::lock_guard lock(mutex_);
    files_.emplace(number, prepared);
    return prepared;
}

void JournalFiles::complete(std::uint32_t file_number, std::uint64_t end) {
    std::shared_ptr<File> file;
    {
        const std::lock_guard lock(mutex_);
        OpenJournalFile& entry = files_.at(file_number);
        entry.end = end;
        file = entry.file;
    }
    try {
        file->truncate(next_write_step(end));
    } catch (const StorageError&) {
        // Only space: the successor says where this file ends.
    }
}

OpenJournalFile JournalFiles::get(std::uint32_t file_number) const {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(file_number);
    if (found == files_.end()) {
        throw StorageError(StorageErrorKind::kIo, folder_->path() + "/" +
                                                      journal_file_name(file_number) +
                                                      " is not a live file of the journal");
    }
    return found->second;
}

std::vector<std::uint32_t> JournalFiles::numbers() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint32_t> numbers;
    for (const auto& [number, entry] : files_) {
        numbers.push_back(number);
    }
    return numbers;
}

void JournalFiles::remove_oldest(std::uint32_t file_number) {
    {
        const std::lock_guard lock(mutex_);
        INVARIANT(files_.size() > 1 && files_.begin()->first == file_number,
                  "journal files are removed oldest first, the newest never");
        files_.erase(files_.begin());
    }
    const std::lock_guard lock(side_mutex_);
    // The file first: an index without its file is removed at the next opening.
    folder_->remove_file(journal_file_name(file_number));
    if (folder_->exists(journal_index_name(file_number))) {
        folder_->remove_file(journal_index_name(file_number));
    }
    folder_->sync();
}

void JournalFiles::write_index(std::uint32_t file_number, ByteView bytes) {
    const OpenJournalFile entry = get(file_number);
    INVARIANT(entry.end != 0, "only complete journal files have an index");
    const std::lock_guard lock(side_mutex_);
    folder_->replace_file(journal_index_name(file_number), encode_index(entry.header.salt, bytes));
}

std::optional<Bytes> JournalFiles::read_index(std::uint32_t file_number) const {
    const OpenJournalFile entry = get(file_number);
    const std::string name = journal_index_name(file_number);
    if (!folder_->exists(name)) {
        return std::nullopt;
    }
    const auto file = folder_->open_file(name, OpenMode::kReadOnly);
    return decode_index(entry.header.salt,
                        file->pread_bytes(0, static_cast<std::size_t>(file->size())));
}

void JournalFiles::release_reserve() {
    const std::lock_guard lock(side_mutex_);
    if (folder_->exists(kReserveName)) {
        folder_->remove_file(kReserveName);
        folder_->sync();
    }
}

bool JournalFiles::restore_reserve() {
    if (reserve_bytes_ == 0) {
        return true;
    }
    const std::lock_guard lock(side_mutex_);
    try {
        const auto file = folder_->exists(kReserveName)
                              ? folder_->open_file(kReserveName, OpenMode::kReadWrite)
                              : folder_->create_file(kReserveName);
        if (file->size() < reserve_bytes_) {
            file->reserve(reserve_bytes_);
            file->sync();
        }
        return true;
    } catch (const StorageError& error) {
        if (error.kind() != StorageErrorKind::kOutOfSpace) {
            throw;
        }
        // Half a reserve would only take what others need now.
        if (folder_->exists(kReserveName)) {
            folder_->remove_file(kReserveName);
        }
        return false;
    }
}

}  // namespace afterimage::storage

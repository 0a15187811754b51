// SPDX-License-Identifier: Apache-2.0
// Files and folders as the store sees them: the only way to disk, so that tests can put a faulty
// twin in place of the real one (tests/support/faulty_file.h).
//
// Contract: every function throws StorageError: kOutOfSpace when the disk or a quota is full, else
// kIo, except where noted. Offsets and sizes are bytes. A File may be read by many threads while
// one writes; a Directory is safe for concurrent use. Nothing is durable before sync() returned:
// a file's bytes by File::sync, its name by Directory::sync.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/bytes/storage_error.h"

namespace afterimage::storage {

class File {
  public:
    File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    /// Closes without syncing and swallows errors; call close() to learn of them.
    virtual ~File() = default;

    /// Reads up to `into.size()` bytes; fewer only at the end of the file. Returns how many.
    virtual std::size_t pread_some(std::uint64_t offset, std::span<char> into) const = 0;
    /// Writes all of `bytes`; the file grows as needed. After an error any part may be written.
    virtual void pwrite(std::uint64_t offset, ByteView bytes) = 0;
    /// fdatasync: the bytes and the size. After a failure the state of earlier writes is unknown:
    /// the file must not be written again.
    virtual void sync() = 0;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    virtual void truncate(std::uint64_t size_bytes) = 0;
    /// Makes sure that the disk has room for the file's first `size_bytes` without writing them.
    virtual void reserve(std::uint64_t size_bytes) = 0;
    /// No other call may follow, but the destructor.
    virtual void close() = 0;
    /// For messages: the path it was opened by.
    [[nodiscard]] virtual const std::string& path() const = 0;

    /// Fills `into`; a file that ends before is StorageError(kCorruption) naming file and offset.
    void pread_exact(std::uint64_t offset, std::span<char> into) const;
    [[nodiscard]] Bytes pread_bytes(std::uint64_t offset, std::size_t size_bytes) const;
    /// Writes behind the last byte; returns the offset. For files with one writer.
    std::uint64_t append(ByteView bytes);
    /// Writes zeros over [offset, offset + size_bytes), so that later writes there allocate
    /// nothing.
    void write_zeros(std::uint64_t offset, std::uint64_t size_bytes);
};

/// Held while a folder is in use by this process; the destructor releases it.
class DirectoryLock {
  public:
    DirectoryLock() = default;
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;
    virtual ~DirectoryLock() = default;
};

enum class OpenMode { kReadOnly, kReadWrite };

/// One folder; names are plain file names, without '/'.
class Directory {
  public:
    Directory() = default;
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    virtual ~Directory() = default;

    /// A new, empty file; one of this name is an error.
    virtual std::unique_ptr<File> create_file(std::string_view name) = 0;
    /// A missing file is an error.
    virtual std::unique_ptr<File> open_file(std::string_view name, OpenMode mode) = 0;
    [[nodiscard]] virtual bool exists(std::string_view name) const = 0;
    /// Names of the regular files, sorted.
    [[nodiscard]] virtual std::vector<std::string> list() const = 0;
    virtual void remove_file(std::string_view name) = 0;
    /// Atomic; replaces a file of the new name.
    virtual void rename_file(std::string_view from, std::string_view to) = 0;
    /// Makes created, removed and renamed names durable.
    virtual void sync() = 0;
    /// The folder below of this name, made (and its name synced) where it is missing.
    virtual std::unique_ptr<Directory> open_subdirectory(std::string_view name) = 0;
    /// Throws StorageError(kIo) that says so when another process, or this one, holds it.
    [[nodiscard]] virtual std::unique_ptr<DirectoryLock> lock() = 0;
    /// Bytes that an unprivileged process may still write here.
    [[nodiscard]] virtual std::uint64_t free_bytes() const = 0;
    [[nodiscard]] virtual const std::string& path() const = 0;

    /// Writes a whole small file so that after a crash the name holds either the old or the new
    /// content: temporary name, sync, rename, sync of the folder.
    void replace_file(std::string_view name, ByteView content);
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/os/posix_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "storage/bytes/invariant.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void throw_os(int error, const std::string& action, const std::string& path) {
    const bool full = error == ENOSPC || error == EDQUOT;
    throw StorageError(
        full ? StorageErrorKind::kOutOfSpace : StorageErrorKind::kIo,
        "cannot " + action + " " + path + ": " + std::system_category().message(error));
}

/// Owns a file descriptor.
class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

  private:
    int number_;
};

off_t to_offset(std::uint64_t offset) { return static_cast<off_t>(offset); }

class PosixFile final : public File {
  public:
    PosixFile(Descriptor descriptor, std::string path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

    std::size_t pread_some(std::uint64_t offset, std::span<char> into) const override {
        std::size_t done = 0;
        while (done < into.size()) {
            const ssize_t got = ::pread(descriptor_.get(), into.data() + done, into.size() - done,
                                        to_offset(offset + done));
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                throw_os(errno, "read", path_);
            }
            if (got == 0) {
                break;
            }
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    void pwrite(std::uint64_t offset, ByteView bytes) override {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t put = ::pwrite(descriptor_.get(), bytes.data() + done,
                                         bytes.size() - done, to_offset(offset + done));
            if (put < 0 && errno == EINTR) {
                continue;
            }
            if (put < 0) {
                throw_os(errno, "write", path_);
            }
            // A write of nothing would loop for ever; no file system should do it.
            if (put == 0) {
                throw_os(EIO, "write", path_);
            }
            done += static_cast<std::size_t>(put);
        }
    }

    void sync() override {
        // Not repeated after EINTR: a second fdatasync may succeed without the lost pages.
        if (::fdatasync(descriptor_.get()) != 0) {
            throw_os(errno, "sync", path_);
        }
    }

    [[nodiscard]] std::uint64_t size() const override {
        struct stat status {};
        if (::fstat(descriptor_.get(), &status) != 0) {
            throw_os(errno, "examine", path_);
        }
        return static_cast<std::uint64_t>(status.st_size);
    }

    void truncate(std::uint64_t size_bytes) override {
        int result = 0;
        do {
            result = ::ftruncate(descriptor_.get(), to_offset(size_bytes));
        } while (result != 0 && errno == EINTR);
        if (result != 0) {
            throw_os(errno, "truncate", path_);
        }
    }

    void reserve(std::uint64_t size_bytes) override {
        int error = 0;
        do {
            error = ::posix_fallocate(descriptor_.get(), 0, to_offset(size_bytes));
        } while (error == EINTR);
        if (error != 0) {
            throw_os(error, "reserve space for", path_);
        }
    }

    void close() override {
        // On Linux the descriptor is gone even when close fails.
        const int number = descriptor_.release();
        if (number >= 0 && ::close(number) != 0 && errno != EINTR) {
            throw_os(errno, "close", path_);
        }
    }

    [[nodiscard]] const std::string& path() const override { return path_; }

  private:
    Descriptor descriptor_;
    std::string path_;
};

class PosixLock final : public DirectoryLock {
  public:
    explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  private:
    // Closing it releases the flock.
    Descriptor descriptor_;
};

class PosixDirectory final : public Directory {
  public:
    PosixDirectory(Descriptor descriptor, std::string path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

    std::unique_ptr<File> create_file(std::string_view name) override {
        return open(name, O_RDWR | O_CREAT | O_EXCL, "create");
    }

    std::unique_ptr<File> open_file(std::string_view name, OpenMode mode) override {
        return open(name, mode == OpenMode::kReadOnly ? O_RDONLY : O_RDWR, "open");
    }

    [[nodiscard]] bool exists(std::string_view name) const override {
        struct stat status {};
        if (::fstatat(descriptor_.get(), std::string(name).c_str(), &status, 0) == 0) {
            return true;
        }
        if (errno != ENOENT) {
            throw_os(errno, "examine", path_of(name));
        }
        return false;
    }

    [[nodiscard]] std::vector<std::string> list() const override {
        std::vector<std::string> names;
        std::error_code error;
        std::filesystem::directory_iterator at(path_, error);
        for (const std::filesystem::directory_iterator end; !error && at != end;
             at.increment(error)) {
            std::error_code ignored;  // a file that vanished meanwhile is not listed
            if (at->is_regular_file(ignored)) {
                names.push_back(at->path().filename().string());
            }
        }
        if (error) {
            throw_os(error.value(), "list", path_);
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    void remove_file(std::string_view name) override {
        if (::unlinkat(descriptor_.get(), std::string(name).c_str(), 0) != 0) {
            throw_os(errno, "remove", path_of(name));
        }
    }

    void rename_file(std::string_view from, std::string_view to) override {
        if (::renameat(descriptor_.get(), std::string(from).c_str(), descriptor_.get(),
                       std::string(to).c_str()) != 0) {
            throw_os(errno, "rename", path_of(from));
        }
    }

    void sync() override {
        if (::fsync(descriptor_.get()) != 0) {
            throw_os(errno, "sync", path_);
        }
    }

    std::unique_ptr<Directory> open_subdirectory(std::string_view name) override {
        auto below = open_posix_directory(path_of(name));
        // Also when it existed: whoever made it may have died before this.
        sync();
        return below;
    }

    [[nodiscard]] std::unique_ptr<DirectoryLock> lock() override {
        static constexpr const char* kName = "LOCK";
        Descriptor file(::openat(descriptor_.get(), kName, O_RDWR | O_CREAT | O_CLOEXEC, 0640));
        if (file.get() < 0) {
            throw_os(errno, "open", path_of(kName));
        }
        if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) {
                throw_os(errno, "lock", path_of(kName));
            }
            throw StorageError(StorageErrorKind::kIo,
                               path_ + " is in use by another process" + owner_of(file));
        }
        const std::string text = std::to_string(::getpid()) + "\n";
        // Only for the message above: a failure changes nothing.
        if (::ftruncate(file.get(), 0) == 0) {
            const ssize_t ignored = ::pwrite(file.get(), text.data(), text.size(), 0);
            static_cast<void>(ignored);
        }
        return std::make_unique<PosixLock>(std::move(file));
    }

    [[nodiscard]] std::uint64_t free_bytes() const override {
        struct statvfs status {};
        if (::fstatvfs(descriptor_.get(), &status) != 0) {
            throw_os(errno, "examine the file system of", path_);
        }
        return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
    }

    [[nodiscard]] const std::string& path() const override { return path_; }

  private:
    [[nodiscard]] std::string path_of(std::string_view name) const {
        return path_ + "/" + std::string(name);
    }

    [[nodiscard]] static std::string owner_of(const Descriptor& file) {
        char text[24];
        const ssize_t size = ::pread(file.get(), text, sizeof text, 0);
        const std::string_view read(text, size > 0 ? static_cast<std::size_t>(size) : 0);
        const auto digits = read.substr(0, read.find('\n'));
        return digits.empty() ? std::string() : " (" + std::string(digits) + ")";
    }

    std::unique_ptr<File> open(std::string_view name, int flags, const char* action) {
        INVARIANT(!name.empty() && name.find('/') == std::string_view::npos,
                  "names of files are plain");
        Descriptor file(
            ::openat(descriptor_.get(), std::string(name).c_str(), flags | O_CLOEXEC, 0640));
        if (file.get() < 0) {
            throw_os(errno, action, path_of(name));
        }
        return std::make_unique<PosixFile>(std::move(file), path_of(name));
    }

    Descriptor descriptor_;
    std::string path_;
};

/// Makes the folder and syncs the one above, so that a crash cannot lose the name.
void make_folder(const std::filesystem::path& path) {
    if (path.has_parent_path() && !std::filesystem::exists(path.parent_path())) {
        make_folder(path.parent_path());
    }
    if (::mkdir(path.c_str(), 0750) != 0) {
        if (errno == EEXIST) {
            return;
        }
        throw_os(errno, "make folder", path.string());
    }
    const std::filesystem::path above = path.has_parent_path() ? path.parent_path() : ".";
    Descriptor folder(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) {
        throw_os(errno, "sync", above.string());
    }
}

}  // namespace

std::unique_ptr<Directory> open_posix_directory(const std::string& path) {
    std::string trimmed = path;
    while (trimmed.size() > 1 && trimmed.back() == '/') {
        trimmed.pop_back();
    }
    Descriptor folder(::open(trimmed.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0) {
        return std::make_unique<PosixDirectory>(std::move(folder), trimmed);
    }
    if (errno != ENOENT) {
        throw_os(errno, "open folder", trimmed);
    }
    make_folder(trimmed);
    Descriptor made(::open(trimmed.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (made.get() < 0) {
        throw_os(errno, "open folder", trimmed);
    }
    return std::make_unique<PosixDirectory>(std::move(made), trimmed);
}

}  // namespace afterimage::storage

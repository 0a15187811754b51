// SPDX-License-Identifier: Apache-2.0
#include "tests/support/faulty_file.h"

#include <algorithm>
#include <utility>

#include "storage/bytes/invariant.h"
#include "storage/os/random.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void throw_io(const std::string& what) {
    throw StorageError(StorageErrorKind::kIo, what);
}

}  // namespace

class FaultyFile final : public File {
  public:
    FaultyFile(FaultyDisk& disk, std::shared_ptr<FaultyDisk::Inode> inode, std::string path)
        : disk_(disk), inode_(std::move(inode)), path_(std::move(path)), epoch_(disk.epoch_) {}

    std::size_t pread_some(std::uint64_t offset, std::span<char> into) const override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        if (offset >= inode_->seen.size()) {
            return 0;
        }
        const auto part =
            ByteView(inode_->seen).substr(static_cast<std::size_t>(offset), into.size());
        std::copy(part.begin(), part.end(), into.begin());
        return part.size();
    }

    void pwrite(std::uint64_t offset, ByteView bytes) override {
        disk_.write(epoch_, path_, *inode_, offset, bytes);
    }

    void sync() override { disk_.sync_file(epoch_, path_, *inode_); }

    [[nodiscard]] std::uint64_t size() const override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        return inode_->seen.size();
    }

    void truncate(std::uint64_t size_bytes) override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        disk_.resize(*inode_, size_bytes);
        disk_.count_step();
    }

    void reserve(std::uint64_t size_bytes) override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        if (size_bytes > inode_->seen.size()) {
            disk_.resize(*inode_, size_bytes);
        }
        disk_.count_step();
    }

    void close() override {}
    [[nodiscard]] const std::string& path() const override { return path_; }

  private:
    FaultyDisk& disk_;
    std::shared_ptr<FaultyDisk::Inode> inode_;
    std::string path_;
    std::uint64_t epoch_;
};

class FaultyLock final : public DirectoryLock {
  public:
    FaultyLock(FaultyDisk& disk, std::string folder)
        : disk_(disk), folder_(std::move(folder)), epoch_(disk.epoch_) {}
    ~FaultyLock() override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        if (disk_.epoch_ == epoch_) {
            disk_.locked_folders_.erase(folder_);
        }
    }

  private:
    FaultyDisk& disk_;
    std::string folder_;
    std::uint64_t epoch_;
};

class FaultyDirectory final : public Directory {
  public:
    // `folder` is empty for the root, else ends in '/'.
    FaultyDirectory(FaultyDisk& disk, std::string folder, std::uint64_t epoch)
        : disk_(disk), folder_(std::move(folder)), epoch_(epoch) {}

    std::unique_ptr<File> create_file(std::string_view name) override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        const std::string path = path_of(name);
        if (disk_.names_.contains(path)) {
            throw_io("cannot create " + path + ": File exists");
        }
        auto inode = std::make_shared<FaultyDisk::Inode>();
        disk_.change_names({.removed = "", .added = path, .inode = inode});
        return std::make_unique<FaultyFile>(disk_, std::move(inode), path);
    }

    std::unique_ptr<File> open_file(std::string_view name, OpenMode) override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        return std::make_unique<FaultyFile>(disk_, find(name), path_of(name));
    }

    [[nodiscard]] bool exists(std::string_view name) const override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        return disk_.names_.contains(path_of(name));
    }

    [[nodiscard]] std::vector<std::string> list() const override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        std::vector<std::string> names;
        for (const auto& [path, inode] : disk_.names_) {
            if (path.starts_with(folder_) && path.find('/', folder_.size()) == std::string::npos) {
                names.push_back(path.substr(folder_.size()));
            }
        }
        return names;
    }

    void remove_file(std::string_view name) override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        static_cast<void>(find(name));
        disk_.change_names({.removed = path_of(name), .added = "", .inode = nullptr});
    }

    void rename_file(std::string_view from, std::string_view to) override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        auto inode = find(from);
        disk_.change_names(
            {.removed = path_of(from), .added = path_of(to), .inode = std::move(inode)});
    }

    void sync() override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        disk_.count_step();
        if (!disk_.off_) {
            disk_.sync_folder(folder_);
        }
        disk_.check_alive(epoch_);
    }

    std::unique_ptr<Directory> open_subdirectory(std::string_view name) override {
        return std::make_unique<FaultyDirectory>(disk_, path_of(name) + "/", epoch_);
    }

    [[nodiscard]] std::unique_ptr<DirectoryLock> lock() override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        disk_.check_alive(epoch_);
        if (!disk_.locked_folders_.insert(folder_).second) {
            throw_io(folder_ + " is in use by another process");
        }
        return std::make_unique<FaultyLock>(disk_, folder_);
    }

    [[nodiscard]] std::uint64_t free_bytes() const override {
        const FaultyDisk::Lock lock(disk_.mutex_);
        const std::uint64_t used = disk_.used_bytes();
        return used < disk_.capacity_ ? disk_.capacity_ - used : 0;
    }

    [[nodiscard]] const std::string& path() const override { return folder_; }

  private:
    [[nodiscard]] std::string path_of(std::string_view name) const {
        return folder_ + std::string(name);
    }

    [[nodiscard]] std::shared_ptr<FaultyDisk::Inode> find(std::string_view name) const {
        const auto found = disk_.names_.find(path_of(name));
        if (found == disk_.names_.end()) {
            throw_io("cannot open " + path_of(name) + ": No such file or directory");
        }
        return found->second;
    }

    FaultyDisk& disk_;
    std::string folder_;
    std::uint64_t epoch_;
};

std::unique_ptr<Directory> FaultyDisk::open_root() {
    const Lock lock(mutex_);
    return std::make_unique<FaultyDirectory>(*this, "", epoch_);
}

void FaultyDisk::fail_write(std::uint64_t n) {
    const Lock lock(mutex_);
    fail_write_in_ = n;
}

void FaultyDisk::short_write(std::uint64_t n) {
    const Lock lock(mutex_);
    short_write_in_ = n;
}

void FaultyDisk::fill_up_at_write(std::uint64_t n) {
    const Lock lock(mutex_);
    full_write_in_ = n;
}

void FaultyDisk::fail_sync(std::uint64_t n) {
    const Lock lock(mutex_);
    fail_sync_in_ = n;
}

void FaultyDisk::power_off_at_step(std::uint64_t n) {
    const Lock lock(mutex_);
    off_in_ = n;
}

void FaultyDisk::set_capacity(std::uint64_t size_bytes) {
    const Lock lock(mutex_);
    capacity_ = size_bytes;
}

void FaultyDisk::block_writes(const std::string& part) {
    const Lock lock(mutex_);
    blocked_part_ = part;
}

void FaultyDisk::release_writes() {
    const Lock lock(mutex_);
    blocked_part_.clear();
    changed_.notify_all();
}

void FaultyDisk::wait_until_blocked() {
    Lock lock(mutex_);
    changed_.wait(lock, [this] { return held_back_count_ > 0; });
}

void FaultyDisk::cut_power(std::uint64_t seed) {
    const Lock lock(mutex_);
    SeededRandom random(seed);
    const std::uint64_t kept = random.below(unsynced_names_.size() + 1);
    for (std::uint64_t i = 0; i < kept; ++i) {
        apply(durable_names_, unsynced_names_[static_cast<std::size_t>(i)]);
    }
    unsynced_names_.clear();
    names_ = durable_names_;
    for (const auto& [path, inode] : names_) {
        const bool new_size = random.below(2) == 0;
        Bytes left = inode->durable;
        left.resize(new_size ? inode->seen.size() : inode->durable.size(), '\0');
        for (const std::uint64_t page : inode->dirty_pages) {
            const auto at = static_cast<std::size_t>(page * kPageBytes);
            if (random.below(2) == 0 && at < left.size() && at < inode->seen.size()) {
                const std::size_t size = std::min({static_cast<std::size_t>(kPageBytes),
                                                   left.size() - at, inode->seen.size() - at});
                left.replace(at, size, inode->seen, at, size);
            }
        }
        inode->seen = left;
        inode->durable = std::move(left);
        inode->dirty_pages.clear();
    }
    locked_folders_.clear();
    off_ = false;
    off_in_ = kNever;
    ++epoch_;
}

void FaultyDisk::kill_process() {
    const Lock lock(mutex_);
    locked_folders_.clear();
    off_ = false;
    off_in_ = kNever;
    ++epoch_;
}

void FaultyDisk::restart(std::optional<std::uint64_t> power_cut_seed) {
    if (power_cut_seed) {
        cut_power(*power_cut_seed);
    } else {
        kill_process();
    }
}

std::uint64_t FaultyDisk::step_count() const {
    const Lock lock(mutex_);
    return steps_;
}

std::uint64_t FaultyDisk::sync_count() const {
    const Lock lock(mutex_);
    return syncs_;
}

std::uint64_t FaultyDisk::write_count() const {
    const Lock lock(mutex_);
    return writes_;
}

bool FaultyDisk::power_is_off() const {
    const Lock lock(mutex_);
    return off_;
}

std::vector<std::string> FaultyDisk::paths() const {
    const Lock lock(mutex_);
    std::vector<std::string> paths;
    for (const auto& [path, inode] : names_) {
        paths.push_back(path);
    }
    return paths;
}

Bytes FaultyDisk::content(const std::string& path) const {
    const Lock lock(mutex_);
    return names_.at(path)->seen;
}

void FaultyDisk::set_content(const std::string& path, ByteView content) {
    const Lock lock(mutex_);
    auto inode = std::make_shared<Inode>();
    inode->seen = Bytes(content);
    inode->durable = inode->seen;
    names_[path] = inode;
    durable_names_[path] = std::move(inode);
}

void FaultyDisk::flip_bits(const std::string& path, std::uint64_t offset, unsigned mask) {
    const Lock lock(mutex_);
    const InodePtr& inode = names_.at(path);
    for (Bytes* bytes : {&inode->seen, &inode->durable}) {
        if (offset < bytes->size()) {
            char& byte = (*bytes)[static_cast<std::size_t>(offset)];
            byte = static_cast<char>(static_cast<unsigned char>(byte) ^ mask);
        }
    }
}

void FaultyDisk::remove(const std::string& path) {
    const Lock lock(mutex_);
    names_.erase(path);
    durable_names_.erase(path);
}

void FaultyDisk::check_alive(std::uint64_t epoch) const {
    if (off_ || epoch != epoch_) {
        throw_io("the power is off");
    }
}

void FaultyDisk::count_step() {
    ++steps_;
    if (due(off_in_)) {
        off_ = true;
    }
}

bool FaultyDisk::due(std::uint64_t& counter) {
    if (counter == kNever) {
        return false;
    }
    return --counter == 0;
}

void FaultyDisk::wait_while_blocked(Lock& lock, const std::string& path, std::uint64_t epoch) {
    const auto is_blocked = [&] {
        return !blocked_part_.empty() && path.find(blocked_part_) != std::string::npos;
    };
    if (is_blocked()) {
        ++held_back_count_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return !is_blocked(); });
        --held_back_count_;
    }
    check_alive(epoch);
}

void FaultyDisk::write(std::uint64_t epoch, const std::string& path, Inode& inode,
                       std::uint64_t offset, ByteView bytes) {
    Lock lock(mutex_);
    check_alive(epoch);
    wait_while_blocked(lock, path, epoch);
    ++writes_;
    if (due(fail_write_in_)) {
        throw_io("cannot write " + path + ": Input/output error");
    }
    const ByteView half = bytes.substr(0, bytes.size() / 2);
    if (due(short_write_in_)) {
        put_bytes(inode, offset, half);
        throw_io("cannot write " + path + ": Input/output error");
    }
    const std::uint64_t end = offset + bytes.size();
    const std::uint64_t growth = end > inode.seen.size() ? end - inode.seen.size() : 0;
    const std::uint64_t used = used_bytes();
    if (due(full_write_in_) || (growth > 0 && used + growth > capacity_)) {
        put_bytes(inode, offset, growth == 0 || used + growth / 2 + 1 < capacity_ ? half : "");
        throw StorageError(StorageErrorKind::kOutOfSpace,
                           "cannot write " + path + ": No space left on device");
    }
    put_bytes(inode, offset, bytes);
    count_step();
    check_alive(epoch);
}

void FaultyDisk::put_bytes(Inode& inode, std::uint64_t offset, ByteView bytes) {
    if (bytes.empty()) {
        return;
    }
    const std::uint64_t end = offset + bytes.size();
    if (end > inode.seen.size()) {
        inode.seen.resize(static_cast<std::size_t>(end), '\0');
    }
    inode.seen.replace(static_cast<std::size_t>(offset), bytes.size(), bytes);
    for (std::uint64_t page = offset / kPageBytes; page <= (end - 1) / kPageBytes; ++page) {
        inode.dirty_pages.insert(page);
    }
}

void FaultyDisk::resize(Inode& inode, std::uint64_t size_bytes) {
    const std::uint64_t now = inode.seen.size();
    if (size_bytes > now && used_bytes() + (size_bytes - now) > capacity_) {
        throw StorageError(StorageErrorKind::kOutOfSpace, "No space left on device");
    }
    inode.seen.resize(static_cast<std::size_t>(size_bytes), '\0');
    inode.dirty_pages.erase(
        inode.dirty_pages.lower_bound((size_bytes + kPageBytes - 1) / kPageBytes),
        inode.dirty_pages.end());
}

void FaultyDisk::sync_file(std::uint64_t epoch, const std::string& path, Inode& inode) {
    Lock lock(mutex_);
    check_alive(epoch);
    wait_while_blocked(lock, path, epoch);
    ++syncs_;
    if (due(fail_sync_in_)) {
        inode.dirty_pages.clear();
        throw_io("cannot sync " + path + ": Input/output error");
    }
    count_step();
    check_alive(epoch);
    inode.durable.resize(inode.seen.size(), '\0');
    for (const std::uint64_t page : inode.dirty_pages) {
        const auto at = static_cast<std::size_t>(page * kPageBytes);
        if (at < inode.seen.size()) {
            const std::size_t size =
                std::min(static_cast<std::size_t>(kPageBytes), inode.seen.size() - at);
            inode.durable.replace(at, size, inode.seen, at, size);
        }
    }
    inode.dirty_pages.clear();
}

void FaultyDisk::apply(std::map<std::string, InodePtr>& names, const NameChange& change) {
    if (!change.removed.empty()) {
        names.erase(change.removed);
    }
    if (!change.added.empty()) {
        names[change.added] = change.inode;
    }
}

void FaultyDisk::change_names(NameChange change) {
    apply(names_, change);
    unsynced_names_.push_back(std::move(change));
    count_step();
    check_alive(epoch_);
}

void FaultyDisk::sync_folder(const std::string& folder) {
    const auto is_here = [&](const NameChange& change) {
        const std::string& path = change.added.empty() ? change.removed : change.added;
        return path.starts_with(folder) && path.find('/', folder.size()) == std::string::npos;
    };
    std::vector<NameChange> others;
    for (NameChange& change : unsynced_names_) {
        if (is_here(change)) {
            apply(durable_names_, change);
        } else {
            others.push_back(std::move(change));
        }
    }
    unsynced_names_ = std::move(others);
}

std::uint64_t FaultyDisk::used_bytes() const {
    std::uint64_t used = 0;
    for (const auto& [path, inode] : names_) {
        used += inode->seen.size();
    }
    return used;
}

}  // namespace afterimage::storage

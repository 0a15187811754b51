// SPDX-License-Identifier: Apache-2.0
// A disk in memory that fails on order: the twin of posix_file.h for crash tests.
//
// It keeps, beside what a reader sees (the page cache), what would be there after a power cut:
// bytes become durable by File::sync, names by Directory::sync, in that order of strictness. A
// power cut keeps an arbitrary subset, chosen by the seed, of the 4 KiB pages that were written and
// not synced, and an arbitrary prefix of the name changes. A sync that fails forgets which pages
// were dirty, as Linux does: reads still show them, no later sync brings them to disk.
//
// Every change of disk state (write, sync, truncate, reserve, create, remove, rename, folder sync)
// is a *step*; a fault is put at the n-th step from now or at the n-th call of its sort.
//
// Thread-safe. The disk outlives every Directory and File opened on it. After power_off, cut_power
// or kill_process older Files and Directories throw StorageError(kIo) on every call.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/os/file.h"

namespace afterimage::storage {

class FaultyDisk {
  public:
    static constexpr std::uint64_t kPageBytes = 4096;
    static constexpr std::uint64_t kNever = 0;

    /// The root folder, as this "process" sees it.
    [[nodiscard]] std::unique_ptr<Directory> open_root();

    // Faults. n = 1 is the next one, kNever takes the order back.
    void fail_write(std::uint64_t n);         ///< kIo, nothing written
    void short_write(std::uint64_t n);        ///< kIo, half of it written
    void fill_up_at_write(std::uint64_t n);   ///< kOutOfSpace, half of it written
    void fail_sync(std::uint64_t n);          ///< of a file; see above
    void power_off_at_step(std::uint64_t n);  ///< that step happens unsynced; then every call fails
    void set_capacity(std::uint64_t size_bytes);  ///< sum of file sizes; growth beyond: kOutOfSpace

    /// Writes and syncs of files whose path contains `part` wait until release_writes.
    void block_writes(const std::string& part);
    void release_writes();
    /// Waits until some call is held back by block_writes.
    void wait_until_blocked();

    /// The machine loses power and comes back: see above for what is left.
    void cut_power(std::uint64_t seed);
    /// The process dies, the machine does not: all that was written stays readable.
    void kill_process();
    /// cut_power with a seed, else kill_process; takes back power_off.
    void restart(std::optional<std::uint64_t> power_cut_seed);

    [[nodiscard]] std::uint64_t step_count() const;
    [[nodiscard]] std::uint64_t sync_count() const;
    [[nodiscard]] std::uint64_t write_count() const;
    [[nodiscard]] bool power_is_off() const;

    // Direct access, by path from the root ("journal/0000000001.aij").
    [[nodiscard]] std::vector<std::string> paths() const;
    [[nodiscard]] Bytes content(const std::string& path) const;
    /// Replaces content, durably.
    void set_content(const std::string& path, ByteView content);
    void flip_bits(const std::string& path, std::uint64_t offset, unsigned mask);
    void remove(const std::string& path);

  private:
    friend class FaultyFile;
    friend class FaultyDirectory;
    friend class FaultyLock;

    struct Inode {
        Bytes seen;
        Bytes durable;
        std::set<std::uint64_t> dirty_pages;
    };
    using InodePtr = std::shared_ptr<Inode>;
    struct NameChange {
        std::string removed;  ///< path, empty for none
        std::string added;
        InodePtr inode;
    };
    using Lock = std::unique_lock<std::mutex>;

    void check_alive(std::uint64_t epoch) const;
    void count_step();
    void wait_while_blocked(Lock& lock, const std::string& path, std::uint64_t epoch);
    void write(std::uint64_t epoch, const std::string& path, Inode& inode, std::uint64_t offset,
               ByteView bytes);
    void put_bytes(Inode& inode, std::uint64_t offset, ByteView bytes);
    void resize(Inode& inode, std::uint64_t size_bytes);
    void sync_file(std::uint64_t epoch, const std::string& path, Inode& inode);
    void sync_folder(const std::string& folder);
    void change_names(NameChange change);
    [[nodiscard]] std::uint64_t used_bytes() const;
    [[nodiscard]] static bool due(std::uint64_t& counter);
    static void apply(std::map<std::string, InodePtr>& names, const NameChange& change);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    // All below: guarded by mutex_.
    std::map<std::string, InodePtr> names_;
    std::map<std::string, InodePtr> durable_names_;
    std::vector<NameChange> unsynced_names_;
    std::set<std::string> locked_folders_;
    std::uint64_t epoch_ = 1;  ///< ascends with every kill and cut
    bool off_ = false;
    std::uint64_t capacity_ = UINT64_MAX;
    std::uint64_t steps_ = 0;
    std::uint64_t syncs_ = 0;
    std::uint64_t writes_ = 0;
    std::uint64_t fail_write_in_ = kNever;
    std::uint64_t short_write_in_ = kNever;
    std::uint64_t full_write_in_ = kNever;
    std::uint64_t fail_sync_in_ = kNever;
    std::uint64_t off_in_ = kNever;
    std::string blocked_part_;
    std::uint64_t held_back_count_ = 0;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/table/external_sort.h"

#include <algorithm>
#include <utility>

#include "storage/bytes/invariant.h"

namespace afterimage::storage {

namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::uint64_t kMinMemoryBytes = 4096;
/// Offsets in the buffer are 32 bits wide.
constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{1} << 30U;
/// Of one run on reading and of the one being written: 64 runs of two levels take 8 MiB.
constexpr std::size_t kRunBufferBytes = std::size_t{64} << 10U;

void append_header(Bytes& out, std::size_t key_size, std::size_t value_size) {
    append_le(out, static_cast<std::uint32_t>(key_size));
    append_le(out, static_cast<std::uint32_t>(value_size));
}

}  // namespace

/// A sorted file of entries, read from its beginning.
class ExternalSort::Run {
  public:
    Run(Directory& scratch, std::string name, std::uint64_t size_bytes)
        : scratch_(scratch),
          name_(std::move(name)),
          size_bytes_(size_bytes),
          file_(scratch.open_file(name_, OpenMode::kReadOnly)) {}
    ~Run() {
        file_.reset();
        try {
            scratch_.remove_file(name_);
        } catch (const StorageError&) {
            // The scratch folder is cleared when the store opens.
        }
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    [[nodiscard]] bool next() {
        at_ += entry_bytes_;
        entry_bytes_ = 0;
        if (read_bytes_ - (buffer_.size() - at_) >= size_bytes_) {
            return false;
        }
        fill(kHeaderBytes);
        key_size_ = load_le<std::uint32_t>(buffer_.data() + at_);
        value_size_ = load_le<std::uint32_t>(buffer_.data() + at_ + 4);
        entry_bytes_ = kHeaderBytes + key_size_ + value_size_;
        fill(entry_bytes_);
        return true;
    }
    [[nodiscard]] ByteView key() const noexcept {
        return ByteView(buffer_).substr(at_ + kHeaderBytes, key_size_);
    }
    [[nodiscard]] ByteView value() const noexcept {
        return ByteView(buffer_).substr(at_ + kHeaderBytes + key_size_, value_size_);
    }

  private:
    /// Makes `wanted` bytes from at_ on available.
    void fill(std::size_t wanted) {
        if (buffer_.size() - at_ >= wanted) {
            return;
        }
        buffer_.erase(0, at_);
        at_ = 0;
        const std::size_t had = buffer_.size();
        const std::uint64_t left = size_bytes_ - read_bytes_;
        const std::size_t more = static_cast<std::size_t>(
            std::min<std::uint64_t>(std::max(wanted - had, kRunBufferBytes), left));
        buffer_.resize(had + more);
        file_->pread_exact(read_bytes_, std::span<char>(buffer_.data() + had, more));
        read_bytes_ += more;
        if (buffer_.size() < wanted) {
            throw StorageError(StorageErrorKind::kCorruption, "sort run " + name_ + " is cut off");
        }
    }

    Directory& scratch_;
    std::string name_;
    std::uint64_t size_bytes_;
    std::unique_ptr<File> file_;
    Bytes buffer_;
    std::size_t at_ = 0;
    std::size_t entry_bytes_ = 0;
    std::size_t key_size_ = 0, value_size_ = 0;
    std::uint64_t read_bytes_ = 0;
};

class ExternalSort::RunWriter {
  public:
    RunWriter(Directory& scratch, std::string name)
        : scratch_(scratch), name_(std::move(name)), file_(scratch.create_file(name_)) {}

    void add(ByteView key, ByteView value) {
        append_header(buffer_, key.size(), value.size());
        buffer_.append(key);
        buffer_.append(value);
        if (buffer_.size() >= kRunBufferBytes) {
            flush();
        }
    }
    [[nodiscard]] std::unique_ptr<Run> finish() {
        flush();
        file_->close();
        return std::make_unique<Run>(scratch_, name_, written_);
    }

  private:
    void flush() {
        file_->pwrite(written_, buffer_);
        written_ += buffer_.size();
        buffer_.clear();
    }
    Directory& scratch_;
    std::string name_;
    std::unique_ptr<File> file_;
    Bytes buffer_;
    std::uint64_t written_ = 0;
};

namespace {

/// For the heap functions: the run with the smallest key comes first.
constexpr auto kLater = [](const auto& a, const auto& b) { return a->key() > b->key(); };

}  // namespace

ExternalSort::ExternalSort(Directory& scratch, std::string name, std::uint64_t memory_bytes)
    : scratch_(scratch),
      name_(std::move(name)),
      memory_bytes_(std::clamp(memory_bytes, kMinMemoryBytes, kMaxMemoryBytes)) {}

ExternalSort::~ExternalSort() = default;

ByteView ExternalSort::key_of(const Entry& entry) const noexcept {
    const char* at = buffer_.data() + entry.offset;
    return {at + kHeaderBytes, load_le<std::uint32_t>(at)};
}

ByteView ExternalSort::value_of(const Entry& entry) const noexcept {
    const char* at = buffer_.data() + entry.offset;
    return {at + kHeaderBytes + load_le<std::uint32_t>(at), load_le<std::uint32_t>(at + 4)};
}

void ExternalSort::add(ByteView key, ByteView value) {
    INVARIANT(!reading_, "entries are added before any is read");
    const std::size_t bytes = kHeaderBytes + key.size() + value.size();
    if (!entries_.empty() &&
        buffer_.size() + bytes + (entries_.size() + 1) * sizeof(Entry) > memory_bytes_) {
        spill();
    }
    if (buffer_.size() + bytes > buffer_.capacity()) {
        // Growth by doubling would take the bound once more.
        buffer_.reserve(
            std::max<std::size_t>(buffer_.size() + bytes,
                                  std::min<std::size_t>(buffer_.capacity() * 2,
                                                        static_cast<std::size_t>(memory_bytes_))));
    }
    entries_.push_back({static_cast<std::uint32_t>(buffer_.size())});
    append_header(buffer_, key.size(), value.size());
    buffer_.append(key);
    buffer_.append(value);
    ++entry_count_;
}

void ExternalSort::sort_buffer() {
    std::ranges::sort(entries_,
                      [this](const Entry& a, const Entry& b) { return key_of(a) < key_of(b); });
}

void ExternalSort::spill() {
    sort_buffer();
    RunWriter writer(scratch_, name_ + "-" + std::to_string(runs_written_++));
    for (const Entry& entry : entries_) {
        writer.add(key_of(entry), value_of(entry));
    }
    entries_.clear();
    buffer_.clear();
    std::unique_ptr<Run> run = writer.finish();
    for (std::size_t level = 0;; ++level) {
        if (level == levels_.size()) {
            levels_.emplace_back();
        }
        levels_[level].push_back(std::move(run));
        if (levels_[level].size() < kRunsPerLevel) {
            return;
        }
        run = merge(std::exchange(levels_[level], {}));
    }
}

std::unique_ptr<ExternalSort::Run> ExternalSort::merge(Runs runs) {
    RunWriter writer(scratch_, name_ + "-" + std::to_string(runs_written_++));
    std::erase_if(runs, [](const std::unique_ptr<Run>& run) { return !run->next(); });
    std::ranges::make_heap(runs, kLater);
    while (!runs.empty()) {
        std::ranges::pop_heap(runs, kLater);
        writer.add(runs.back()->key(), runs.back()->value());
        if (runs.back()->next()) {
            std::ranges::push_heap(runs, kLater);
        } else {
            runs.pop_back();
        }
    }
    return writer.finish();
}

void ExternalSort::begin_reading() {
    reading_ = true;
    if (levels_.empty()) {
        sort_buffer();
        return;
    }
    if (!entries_.empty()) {
        spill();
    }
    buffer_ = {};
    entries_ = {};
    for (Runs& level : levels_) {
        for (std::unique_ptr<Run>& run : level) {
            if (run->next()) {
                open_runs_.push_back(std::move(run));
            }
        }
    }
    levels_.clear();
    std::ranges::make_heap(open_runs_, kLater);
}

bool ExternalSort::next_in_memory() {
    if (at_ >= entries_.size()) {
        return false;
    }
    key_ = key_of(entries_[at_]);
    value_ = value_of(entries_[at_]);
    ++at_;
    return true;
}

bool ExternalSort::next() {
    const bool first = !reading_;
    if (first) {
        begin_reading();
    }
    if (runs_written_ == 0) {
        return next_in_memory();
    }
    // The run given out last stands behind the heap.
    if (!first) {
        if (open_runs_.empty()) {
            return false;
        }
        if (open_runs_.back()->next()) {
            std::ranges::push_heap(open_runs_, kLater);
        } else {
            open_runs_.pop_back();
        }
    }
    if (open_runs_.empty()) {
        return false;
    }
    std::ranges::pop_heap(open_runs_, kLater);
    key_ = open_runs_.back()->key();
    value_ = open_runs_.back()->value();
    return true;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/journal/recovery.h"

#include <algorithm>

#include "storage/bytes/checksum.h"
#include "storage/journal/journal_layout.h"
#include "storage/journal/journal_reader.h"

namespace afterimage::storage {

namespace {

// Unit of rewriting the end of the newest file.
constexpr std::uint64_t kCopyBytes = std::uint64_t{1} << 20U;

[[noreturn]] void throw_corrupt(const std::string& what) {
    throw StorageError(StorageErrorKind::kCorruption, what);
}

/// Numbers of the journal's files, ascending; removes what a crash left behind.
std::vector<std::uint32_t> list_files(Directory& folder) {
    std::vector<std::uint32_t> numbers;
    const auto names = folder.list();
    for (const std::string& name : names) {
        if (const auto number = parse_numbered_name(name, ".aij")) {
            numbers.push_back(*number);
        }
    }
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        if (numbers[i] != numbers[i - 1] + 1) {
            throw_corrupt(folder.path() + "/" + journal_file_name(numbers[i - 1] + 1) +
                          " is missing, though " + journal_file_name(numbers[i]) + " exists");
        }
    }
    for (const std::string& name : names) {
        const auto index = parse_numbered_name(name, ".aix");
        const bool is_orphan = index && !std::binary_search(numbers.begin(), numbers.end(), *index);
        if (is_orphan || name.ends_with(".tmp")) {
            folder.remove_file(name);
        }
    }
    return numbers;
}

std::vector<JournalFile> open_files(Directory& folder, const std::vector<std::uint32_t>& numbers,
                                    Bytes& newest_checkpoint) {
    std::vector<JournalFile> files;
    for (const std::uint32_t number : numbers) {
        JournalFile opened;
        opened.file = folder.open_file(journal_file_name(number), OpenMode::kReadWrite);
        opened.header = read_file_header(*opened.file);
        if (opened.header.file_number != number) {
            throw_corrupt(opened.file->path() + " says at offset 24 that it is file " +
                          std::to_string(opened.header.file_number));
        }
        if (!files.empty()) {
            files.back().end = opened.header.previous_end;
            if (opened.header.first_sequence < files.back().header.first_sequence) {
                throw_corrupt(opened.file->path() + " begins at offset 32 with batch " +
                              std::to_string(opened.header.first_sequence) +
                              ", before the file before it");
            }
        }
        // All but the newest were read before: their checkpoints stay on disk.
        newest_checkpoint = std::move(opened.header.checkpoint);
        opened.header.checkpoint.clear();
        files.push_back(std::move(opened));
    }
    return files;
}

std::optional<Bytes> read_index(Directory& folder, const JournalFileHeader& header) {
    const std::string name = journal_index_name(header.file_number);
    if (!folder.exists(name)) {
        return std::nullopt;
    }
    const auto file = folder.open_file(name, OpenMode::kReadOnly);
    return decode_index(header.salt, file->pread_bytes(0, static_cast<std::size_t>(file->size())));
}

/// A file with a successor was whole when the successor got its name: any damage is corruption.
void replay_complete(const JournalFile& entry, const JournalFileHeader& next,
                     ReplayVisitor& visitor) {
    JournalReader reader(*entry.file, entry.header);
    const FileScan scan =
        reader.scan([&visitor](const BatchView& batch) { visitor.on_batch(batch); });
    if (scan.end != next.previous_end || scan.next_sequence != next.first_sequence) {
        throw_corrupt(entry.file->path() + ": batch " + std::to_string(scan.next_sequence) +
                      " at offset " + std::to_string(scan.end) +
                      " is damaged; the next file says that this one is whole up to offset " +
                      std::to_string(next.previous_end));
    }
}

/// Writes [from, to) once more: a sync that failed before the crash may have left bytes in the page
/// cache that never reached the disk and that no later sync would bring there.
void rewrite(File& file, std::uint64_t from, std::uint64_t to) {
    while (from < to) {
        const std::uint64_t step = std::min(to - from, kCopyBytes);
        file.pwrite(from, file.pread_bytes(from, static_cast<std::size_t>(step)));
        from += step;
    }
}

/// The newest file: replays it, cuts its tail, makes the rest durable.
void replay_newest(JournalFile& entry, ReplayVisitor& visitor, RecoveredJournal& out) {
    File& file = *entry.file;
    JournalReader reader(file, entry.header);
    const FileScan scan =
        reader.scan([&visitor](const BatchView& batch) { visitor.on_batch(batch); });
    const TailScan tail = reader.scan_tail(scan);
    if (tail.durable_offset > scan.end) {
        throw_corrupt(file.path() + ": batch " + std::to_string(scan.next_sequence) +
                      " at offset " + std::to_string(scan.end) +
                      " is damaged, though everything below offset " +
                      std::to_string(tail.durable_offset) + " was durable");
    }
    const std::uint64_t sure = scan.durable_offset / kWriteStepBytes * kWriteStepBytes;
    rewrite(file, sure, scan.end);
    if (tail.end > scan.end) {
        file.write_zeros(scan.end, tail.end - scan.end);
    }
    if (tail.end > scan.end || sure < scan.end) {
        file.sync();
    }
    out.end = scan.end;
    out.last_sequence = scan.next_sequence - 1;
    out.ends_with_mark = scan.ends_with_mark || scan.end == entry.header.data_start;
    out.report.cut_bytes = tail.end - scan.end;
    out.report.cut_first_sequence = tail.first_sequence;
    out.report.cut_last_sequence = tail.last_sequence;
}

}  // namespace

RecoveredJournal recover_journal(Directory& folder, ReplayVisitor& visitor) {
    RecoveredJournal out;
    Bytes checkpoint;
    // A process may have died between naming a file and syncing the name: what is built on that
    // file from here on must not lose it to a power cut.
    folder.sync();
    out.files = open_files(folder, list_files(folder), checkpoint);
    if (out.files.empty()) {
        out.report.created = true;
        return out;
    }
    for (std::size_t i = 0; i < out.files.size(); ++i) {
        JournalFile& entry = out.files[i];
        const bool is_newest = i + 1 == out.files.size();
        JournalFileHeader seen = entry.header;
        seen.checkpoint = is_newest ? checkpoint : read_file_header(*entry.file).checkpoint;
        const bool wanted = visitor.on_file(
            seen, is_newest ? std::optional<Bytes>() : read_index(folder, entry.header));
        if (is_newest) {
            replay_newest(entry, visitor, out);
            ++out.report.scanned_file_count;
        } else if (wanted) {
            replay_complete(entry, out.files[i + 1].header, visitor);
            ++out.report.scanned_file_count;
        }
    }
    out.report.last_sequence = out.last_sequence;
    out.report.end = {out.files.back().header.file_number, out.end};
    out.report.clean = out.ends_with_mark && out.report.cut_bytes == 0;
    return out;
}

std::string RecoveryReport::text() const {
    if (created) {
        return "journal created";
    }
    std::string text = "journal opened: last batch " + std::to_string(last_sequence) +
                       ", end at file " + std::to_string(end.file_number) + " offset " +
                       std::to_string(end.offset) + ", " + std::to_string(scanned_file_count) +
                       " files read";
    if (cut_bytes == 0) {
        return text + (clean ? ", closed cleanly" : ", not closed cleanly, nothing cut");
    }
    text += ", tail of " + std::to_string(cut_bytes) + " bytes cut";
    if (cut_first_sequence != 0) {
        text += " with batches " + std::to_string(cut_first_sequence) + " to " +
                std::to_string(cut_last_sequence);
    }
    return text;
}

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/journal/journal_reader.h"

#include <algorithm>

#include "storage/journal/journal_layout.h"

namespace afterimage::storage {

bool is_mark(const BatchView& batch) noexcept {
    return batch.records.size() == 1 && batch.records.front().kind == RecordKind::kMark;
}

bool JournalReader::read_batch(std::uint64_t offset, std::uint64_t sequence) {
    const auto header = decode_batch_header(window_.view(offset, kBatchHeaderBytes), header_.salt);
    if (!header || header->sequence != sequence) {
        return false;
    }
    const std::uint64_t body_offset = offset + kBatchHeaderBytes;
    // Not believed before it is known to fit: the size is what the next read allocates.
    if (body_offset + header->body_bytes > window_.file_bytes()) {
        return false;
    }
    const ByteView body = window_.view(body_offset, header->body_bytes);
    if (body.size() != header->body_bytes) {
        return false;
    }
    auto records = decode_records(body, header->record_count, header_.file_number, body_offset);
    if (!records) {
        return false;
    }
    batch_.sequence = sequence;
    batch_.start = {header_.file_number, offset};
    batch_.end = {header_.file_number, body_offset + header->body_bytes};
    batch_.records = std::move(*records);
    batch_durable_offset_ = header->durable_offset;
    return true;
}

bool JournalReader::is_zero(std::uint64_t from, std::uint64_t to) {
    const ByteView bytes = window_.view(from, to - from);
    return bytes.find_first_not_of('\0') == ByteView::npos;
}

FileScan JournalReader::scan(const std::function<void(const BatchView&)>& visit) {
    FileScan scan;
    scan.end = header_.data_start;
    scan.next_sequence = header_.first_sequence;
    scan.durable_offset = header_.data_start;
    for (;;) {
        const std::uint64_t step = next_write_step(scan.end);
        // Within one write batches stand one behind the other; its end is padded with zeros.
        const bool found =
            read_batch(scan.end, scan.next_sequence) ||
            (step != scan.end && is_zero(scan.end, step) && read_batch(step, scan.next_sequence));
        if (!found) {
            return scan;
        }
        scan.end = batch_.end.offset;
        ++scan.next_sequence;
        scan.durable_offset = std::max(scan.durable_offset, batch_durable_offset_);
        scan.ends_with_mark = is_mark(batch_);
        if (visit && !scan.ends_with_mark) {
            visit(batch_);
        }
    }
}

// Only the first batch of each write is looked for: it alone can stand at a step that is not inside
// another batch, and all batches of one write hold a durable offset from before that write.
TailScan JournalReader::scan_tail(const FileScan& scan) {
    TailScan tail;
    tail.end = scan.end;
    const Bytes zero_step(kWriteStepBytes, '\0');
    const ByteView zeros(zero_step);
    std::uint64_t offset = scan.end;
    while (offset < window_.file_bytes()) {
        const std::uint64_t at = offset;
        const std::uint64_t next = next_write_step(at + 1);
        const ByteView bytes = window_.view(at, next - at);
        offset = next;
        // Nearly all of a pre-allocated file is zeros: one comparison a step.
        if (bytes == zeros.substr(0, bytes.size())) {
            continue;
        }
        tail.end = at + bytes.find_last_not_of('\0') + 1;
        const auto header = decode_batch_header(bytes, header_.salt);
        if (header && header->durable_offset <= at && header->sequence >= scan.next_sequence) {
            tail.durable_offset =
                std::max<std::uint64_t>(tail.durable_offset, header->durable_offset);
            if (tail.first_sequence == 0) {
                tail.first_sequence = header->sequence;
            }
            tail.last_sequence = std::max(tail.last_sequence, header->sequence);
        }
    }
    return tail;
}

}  // namespace afterimage::storage

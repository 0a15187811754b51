// SPDX-License-Identifier: Apache-2.0
// Rows events, all of them: WRITE, UPDATE, DELETE of v1 (23-25) and v2 (30-32), MySQL's
// PARTIAL_UPDATE_ROWS (39), MariaDB's compressed forms (166-171).
//
// Pure, thread-safe; throws EventError. The row bytes stay encoded: replication/row_image decodes
// them with the table map. A RowsEventView lives as long as the event's bytes; of a compressed
// event it owns the inflated rows.
//
// Layout: u48 table id, u16 flags, [v2: u16 extra length including itself, extra], lenenc columns,
// bitmap of present columns (UPDATE: before, then after), rows to the end.
#pragma once

#include <memory>
#include <optional>

#include "replication/event/format_description.h"

namespace afterimage::replication {

enum class RowsKind : std::uint8_t { kWrite, kUpdate, kDelete, kPartialUpdate };

namespace rows_flag {
inline constexpr std::uint16_t kStatementEnd = 0x01;
inline constexpr std::uint16_t kNoForeignKeyChecks = 0x02;
inline constexpr std::uint16_t kRelaxedUniqueChecks = 0x04;
inline constexpr std::uint16_t kCompleteRows = 0x08;
/// MySQL 9.6: the children's rows are in the log, do not cascade.
inline constexpr std::uint16_t kForeignKeysLogged = 0x10;
inline constexpr std::uint16_t kNoCheckConstraints = 0x80;  ///< MariaDB
}  // namespace rows_flag

/// Which columns stand in an image: bit i = column i, least significant bit first.
class ColumnBitmap {
  public:
    ColumnBitmap() = default;
    ColumnBitmap(storage::ByteView bits, std::size_t column_count);
    [[nodiscard]] bool test(std::size_t column) const noexcept {
        return (static_cast<unsigned char>(bits_[column / 8]) >> (column % 8) & 1U) != 0;
    }
    [[nodiscard]] std::size_t present_count() const noexcept { return present_count_; }
    [[nodiscard]] std::size_t column_count() const noexcept { return column_count_; }
    [[nodiscard]] bool all() const noexcept { return present_count_ == column_count_; }

  private:
    storage::Bytes bits_;
    std::size_t column_count_ = 0;
    std::size_t present_count_ = 0;
};

struct RowsEventView {
    /// Table id of the event that only ends a statement and frees the maps.
    static constexpr std::uint64_t kDummyTableId = 0xffffff;

    EventHeader header;
    RowsKind kind = RowsKind::kWrite;
    std::uint64_t table_id = 0;
    std::uint16_t flags = 0;
    std::optional<std::uint16_t> partition;
    std::optional<std::uint16_t> source_partition;  ///< of the before image of an UPDATE
    std::size_t column_count = 0;
    ColumnBitmap before_columns;  ///< UPDATE, DELETE
    ColumnBitmap after_columns;   ///< WRITE, UPDATE
    storage::ByteView rows;
    std::shared_ptr<const storage::Bytes> inflated;  ///< owns `rows` of a compressed event

    [[nodiscard]] bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
    [[nodiscard]] bool is_dummy() const noexcept { return table_id == kDummyTableId; }
};

[[nodiscard]] bool is_rows_event(EventType type) noexcept;

/// `max_bytes` bounds what a compressed event may inflate to.
[[nodiscard]] RowsEventView decode_rows_event(const EventView& event,
                                              const FormatDescription& format,
                                              std::uint64_t max_bytes = 1ULL << 30U);

}  // namespace afterimage::replication

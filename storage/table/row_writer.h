// SPDX-License-Identifier: Apache-2.0
// The one way to write a row: SQL DML, LOAD, applier, first copy, revert, merge and cascades all
// come through here.
//
//   before-hooks → row rules (generated columns, CHECK) → unique and foreign keys (cascades, once)
//   → tree edits, change recording
//
// Works on an OpenRoot; one thread. A write either does all of its parts (cascades included) or
// throws/returns having done none: the caller takes a savepoint where several rows must go
// together.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "storage/table/open_root.h"
#include "storage/table/row_rules.h"

namespace afterimage::storage {

/// Which steps run.
enum class WriteMode : std::uint8_t {
    kClient,         ///< everything
    kReplicatedRow,  ///< the source checked; cascades that its engine did behind the binlog's back
                     ///< are done here; tripwire on
    kReplicatedStatement,  ///< as a client
    kVersionControl,       ///< revert and merge: UNIQUE, FOREIGN KEY and CHECK are tested, nothing
                           ///< cascades
};

struct WriteOptions {
    WriteMode mode = WriteMode::kClient;
    bool foreign_key_checks = true;
    bool cascade = true;  ///< row event flag "no foreign key checks" turns it off
    bool check_constraint_checks = true;
};

/// Expected outcomes of a write: the caller chooses (error, IGNORE, ON DUPLICATE KEY, conflict).
struct [[nodiscard]] WriteOutcome {
    enum class Kind : std::uint8_t {
        kWritten,
        kUnchanged,  ///< update to the same bytes
        kDuplicate,  ///< of `index` (SIZE_MAX = primary); `existing_key` is the primary key of the
                     ///< row in the way
        kParentMissing,       ///< foreign key `constraint` has no parent row (1452)
        kChildExists,         ///< row is referenced by `constraint` of `table` (1451)
        kCheckViolated,       ///< CHECK `constraint` (3819)
        kNotNullViolated,     ///< column `constraint` (1048)
        kRowMissing,          ///< no row under the key (1032)
        kBeforeImageDiffers,  ///< tripwire: the stored row is not the before image; `detail` names
                              ///< the cells
    };
    Kind kind = Kind::kWritten;
    std::size_t index = 0;
    Bytes existing_key;
    std::string constraint;
    std::string table;
    std::string detail;

    [[nodiscard]] bool ok() const noexcept {
        return kind == Kind::kWritten || kind == Kind::kUnchanged;
    }
};
inline constexpr std::size_t kPrimaryIndex = static_cast<std::size_t>(-1);

class RowWriter {
  public:
    /// `rules` may be null when no schema in the root has generated columns or CHECKs to evaluate.
    RowWriter(OpenRoot& root, RowRules* rules, WriteOptions options);

    WriteOutcome insert(OpenTable& table, Row row);
    /// Replaces the row under `key` by `row` (whose key may differ: delete and insert that carry a
    /// link). `before` (optional) is what the caller believes is stored; a different stored row is
    /// kBeforeImageDiffers.
    WriteOutcome update(OpenTable& table, ByteView key, Row row, const Row* before = nullptr);
    WriteOutcome remove(OpenTable& table, ByteView key, const Row* before = nullptr);

    /// Rows changed by cascades so far.
    [[nodiscard]] std::uint64_t cascaded_rows() const noexcept { return cascaded_rows_; }

  private:
    OpenRoot& root_;
    RowRules* rules_;
    WriteOptions options_;
    std::uint64_t cascaded_rows_ = 0;
    unsigned depth_ = 0;
};

}  // namespace afterimage::storage

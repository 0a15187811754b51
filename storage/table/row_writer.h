// SPDX-License-Identifier: Apache-2.0
// The one way to write a row: SQL DML, LOAD, applier, first copy, revert, merge and cascades all
// come through here.
//
//   row rules (generated columns, CHECK, NOT NULL) → unique keys → foreign keys (cascades, once) →
//   tree edits
//
// Works on an OpenRoot; one thread. A call either does all of its parts (cascades included) or has
// done none of them when it returns an outcome that is not ok() or throws.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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

/// The databases beside the one that is written, for foreign keys that lead from one to another.
class ForeignRoots {
  public:
    virtual ~ForeignRoots() = default;
    /// For writing; null when there is no such database.
    [[nodiscard]] virtual OpenRoot* find_root(const std::string& database) = 0;
    /// Databases with tables whose foreign keys name tables of `database`, itself left out.
    [[nodiscard]] virtual const std::vector<std::string>& children_of(
        const std::string& database) = 0;
};

struct WriteOptions {
    WriteMode mode = WriteMode::kClient;
    bool foreign_key_checks = true;
    bool cascade = true;  ///< the row event flag "no foreign key checks" turns it off
    bool check_constraint_checks = true;
    /// Null: foreign keys to and from other databases are neither checked nor followed. Outlives
    /// the writer.
    ForeignRoots* foreign_roots = nullptr;
};

/// Expected outcomes of a write: the caller chooses (error, IGNORE, ON DUPLICATE KEY, conflict).
struct [[nodiscard]] WriteOutcome {
    enum class Kind : std::uint8_t {
        kWritten,
        kUnchanged,  ///< update to the same bytes
        kDuplicate,  ///< of `index` (kPrimaryIndex = primary key); `existing_key` is the primary
                     ///< key of the row in the way
        kParentMissing,    ///< foreign key `constraint` of `table` has no parent row (1452)
        kChildExists,      ///< the row is referenced by foreign key `constraint` of `table` (1451)
        kCheckViolated,    ///< CHECK `constraint` (3819)
        kNotNullViolated,  ///< column `constraint` (1048)
        kRowMissing,       ///< no row under the key (1032)
        kBeforeImageDiffers,  ///< tripwire: the stored row is not the before image; `detail` names
                              ///< the cells with both values
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
    /// `root` outlives the writer; after a schema change in it a new writer is made.
    RowWriter(OpenRoot& root, RowRules* rules, WriteOptions options);

    WriteOutcome insert(OpenTable& table, Row row);
    /// Replaces the row under `key` by `row`, whose key may differ. `before` (optional) is what the
    /// caller believes is stored; another stored row is kBeforeImageDiffers.
    WriteOutcome update(OpenTable& table, ByteView key, Row row, const Row* before = nullptr);
    WriteOutcome remove(OpenTable& table, ByteView key, const Row* before = nullptr);

    /// Tests a row that was written with foreign_key_checks off: parents of `after` exist, and
    /// `before`'s values are not missed by children. Either may be null.
    WriteOutcome check_references(OpenTable& table, const Row* before, const Row* after);

    /// Rows changed by cascades so far.
    [[nodiscard]] std::uint64_t cascaded_rows() const noexcept { return cascaded_rows_; }

  private:
    /// A foreign key of another table (or this one) that points here.
    struct Reference {
        std::string database;  ///< empty = this one
        std::string child;
        std::size_t foreign_key = 0;
    };
    struct Change {
        OpenTable& table;
        Bytes key;  ///< of the stored row; empty for an insert
        const Row* before = nullptr;
        const Row* after = nullptr;
    };

    WriteOutcome prepare_row(OpenTable& table, Row& row);
    WriteOutcome check_unique(OpenTable& table, const Row& row, ByteView new_key, ByteView old_key,
                              const Row* before);
    WriteOutcome check_parents(OpenTable& table, const Row& row, const Row* before);
    [[nodiscard]] bool parent_exists(const OpenTable& child, const ForeignKey& foreign_key,
                                     const Row& row, bool* applicable);
    WriteOutcome insert_keyless(OpenTable& table, const Row& row);
    WriteOutcome remove_keyless(OpenTable& table, ByteView key, const Row* before);
    WriteOutcome write_change(Change& change, ByteView stored_before);
    WriteOutcome follow_references(const Change& change);
    WriteOutcome follow_reference(const Change& change, const Reference& reference);
    WriteOutcome act_on_child(OpenTable& child, const ForeignKey& foreign_key, ByteView child_key,
                              const Change& change);
    const std::vector<Reference>& references_to(const std::string& table);
    void add_references(OpenRoot& root, const std::string& table,
                        std::vector<Reference>& references) const;
    /// Who writes the child's database: this writer, or one that is kept for the other.
    [[nodiscard]] RowWriter& writer_of(const Reference& reference);
    [[nodiscard]] bool must_follow(const Change& change);

    OpenRoot& root_;
    RowRules* rules_;
    WriteOptions options_;
    std::map<std::string, std::vector<Reference>, std::less<>> references_;
    std::map<std::string, std::unique_ptr<RowWriter>> foreign_writers_;  ///< by database
    std::uint64_t cascaded_rows_ = 0;
    unsigned depth_ = 0;
};

}  // namespace afterimage::storage

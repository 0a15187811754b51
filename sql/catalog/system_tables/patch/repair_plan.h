// SPDX-License-Identifier: Apache-2.0
// In which order row operations can run on a primary whose foreign and unique keys hold at every
// statement, and what its own cascades will do on the way.
//
// The operations are run on a copy of the state they start from, by the RowWriter that acts as the
// primary's engine does: one that a key is in the way of waits for the others; rows that a cascade
// has already brought to where they should be need no statement. Rows are deleted only when no
// child refers to them any more, so that no cascade deletes what the plan does not know. Two rows
// that exchange unique values go through a delete and an insert, where no foreign key points at the
// row that goes for a moment.
//
// One thread. Throws SqlError 1105, naming table and key, for what cannot be ordered.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sql/catalog/system_tables/patch/row_operation.h"
#include "storage/table/open_root.h"
#include "storage/table/row_writer.h"

namespace afterimage::sql {

/// Rows of a table that refer to a row by a foreign key whose action would change them.
struct ReferenceCount {
    std::string database;  ///< empty: the plan's own
    std::string table;
    /// Column of the referring table and the value that it has in them.
    std::vector<std::pair<storage::Column, storage::Value>> columns;
    std::uint64_t rows = 0;  ///< as the plan knows them
};

/// One statement of the plan. `operation.before` is the row as it is at that moment, cascades
/// included.
struct PlannedStep {
    RowOperation operation;
    /// To be counted before the statement: others than these would be changed behind it.
    std::vector<ReferenceCount> references;
};

/// A table of another database that may refer to rows of the plan's.
struct ForeignChild {
    std::string database;
    std::shared_ptr<const storage::Table> table;
};

class RepairPlan {
  public:
    /// `from` is complete (every table can be edited). Rows of `children` are never changed: an
    /// operation whose cascade would reach one is refused.
    RepairPlan(std::string database, std::shared_ptr<const storage::Root> from,
               const storage::RootServices& services, storage::RowRules* rules,
               std::vector<ForeignChild> children = {});

    /// `to` is where the operations lead.
    [[nodiscard]] std::vector<PlannedStep> order(std::vector<RowOperation> operations,
                                                 const storage::Root& to);

  private:
    enum class Attempt : std::uint8_t { kDone, kBlocked };

    [[nodiscard]] Attempt attempt(RowOperation& operation, bool cascades);
    [[nodiscard]] Attempt attempt_keyless(RowOperation& operation);
    [[nodiscard]] Attempt written(const storage::WriteOutcome& outcome, RowOperation& operation,
                                  std::vector<ReferenceCount> references);
    [[nodiscard]] bool break_deadlock(std::vector<RowOperation>& waiting);
    [[nodiscard]] bool cascade_one(std::vector<RowOperation>& waiting);
    [[nodiscard]] bool change_one_key(std::vector<RowOperation>& waiting);
    [[nodiscard]] bool take_one_out(std::vector<RowOperation>& waiting);
    [[noreturn]] void refuse(const RowOperation& operation) const;
    void check_result(const storage::Root& to);

    [[nodiscard]] std::optional<storage::Row> current_row(const RowOperation& operation);
    /// Rows that refer to `row` by values that `after` (none: it is deleted) takes away; `all`:
    /// also by keys that only forbid that.
    [[nodiscard]] std::vector<ReferenceCount> references_to(const storage::TableSchema& table,
                                                            const storage::Row& row,
                                                            const storage::Row* after, bool all);
    void add_references(std::vector<ReferenceCount>& counts, const std::string& child_database,
                        const std::shared_ptr<const storage::Table>& child,
                        const storage::TableSchema& parent, const storage::Row& row,
                        const storage::Row* after, bool all);
    [[nodiscard]] std::uint64_t count_rows(const std::shared_ptr<const storage::Table>& child,
                                           const storage::ForeignKey& key,
                                           const std::vector<storage::Value>& values);

    std::string database_;
    storage::RootServices services_;
    storage::RowRules* rules_;
    std::vector<ForeignChild> children_;
    storage::OpenRoot root_;
    std::vector<PlannedStep> steps_;
    std::string blocked_by_;  ///< why the last attempt was blocked
};

}  // namespace afterimage::sql

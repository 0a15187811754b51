// SPDX-License-Identifier: Apache-2.0
// One table that a statement writes: schema, defaults, conversions, AUTO_INCREMENT and the
// RowWriter below them, shared by INSERT, UPDATE, DELETE and LOAD DATA.
//
// One per target table and statement; one thread. Throws SqlError.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sql/exec/exec_context.h"
#include "sql/exec/statement_frame.h"
#include "sql/expr/column_convert.h"
#include "storage/table/row_writer.h"

namespace afterimage::sql {

class TableWriter {
  public:
    TableWriter(StatementFrame& frame, ExecContext& context, const ResolvedDatabase& database,
                std::string_view table, bool ignore);

    [[nodiscard]] storage::OpenTable& table() noexcept { return *table_; }
    [[nodiscard]] const storage::TableSchema& schema() const noexcept { return *schema_; }
    [[nodiscard]] const std::shared_ptr<const storage::TableSchema>& shared_schema() const {
        return schema_;
    }
    [[nodiscard]] const ResolvedDatabase& database() const noexcept { return database_; }
    [[nodiscard]] bool strict() const noexcept { return strict_; }

    /// The cell to store for a column; `row_number` for messages.
    [[nodiscard]] storage::Value convert(const ColumnVector& in, std::size_t row,
                                         const ResultType& from, std::size_t ordinal,
                                         std::size_t row_number);
    [[nodiscard]] storage::Value convert(const storage::Value& value, const ResultType& from,
                                         std::size_t ordinal, std::size_t row_number);
    /// What a column gets that the statement does not name (or names as DEFAULT). Throws 1364.
    [[nodiscard]] storage::Value default_value(std::size_t ordinal);
    /// The value of an AUTO_INCREMENT column: generated when `given` asks for it. `more_rows` = how
    /// many rows may follow that need one too, 0 when that is not known.
    [[nodiscard]] storage::Value auto_increment_value(const storage::Value& given,
                                                      std::uint64_t more_rows);
    /// The row of the last number was not written: the next row of the statement gets the number.
    void give_back_auto_increment();
    [[nodiscard]] std::optional<std::size_t> auto_increment_column() const noexcept {
        return auto_increment_;
    }
    [[nodiscard]] std::uint64_t first_generated() const noexcept { return first_generated_; }
    [[nodiscard]] std::uint64_t last_given() const noexcept { return last_given_; }

    [[nodiscard]] storage::Row decode(storage::ByteView stored_row) const;
    /// Row under a primary tree key; it must exist.
    [[nodiscard]] storage::Row read(storage::ByteView key);
    /// ON UPDATE CURRENT_TIMESTAMP of columns that `assigned` leaves out.
    void touch(storage::Row& row, const std::vector<bool>& assigned);

    storage::WriteOutcome insert(storage::Row row);
    storage::WriteOutcome update(storage::ByteView key, storage::Row row);
    storage::WriteOutcome remove(storage::ByteView key);
    /// Throws for an outcome that is not ok, or warns under IGNORE.
    void report(const storage::WriteOutcome& outcome, const storage::Row& row);

  private:
    struct Default {
        ExpressionPtr expression;
        std::optional<storage::Value> constant;
    };
    [[nodiscard]] Default& default_of(std::size_t ordinal);

    StatementFrame& frame_;
    ExecContext& context_;
    ResolvedDatabase database_;
    storage::OpenRoot& root_;
    storage::OpenTable* table_;
    std::shared_ptr<const storage::TableSchema> schema_;
    storage::RowWriter writer_;
    bool ignore_;
    bool strict_;
    std::vector<std::optional<Default>> defaults_;
    std::optional<std::size_t> auto_increment_;
    std::uint64_t next_id_ = 0;
    std::uint64_t ids_left_ = 0;
    unsigned reservations_ = 0;
    std::uint64_t first_generated_ = 0;
    bool last_from_store_ = false;  ///< the last number came out of next_id_
    std::uint64_t last_given_ = 0;
};

/// A default's text as a bound expression: DEFAULT clauses, DEFAULT(c).
[[nodiscard]] ExpressionPtr bind_default(BindEnvironment& environment,
                                         const storage::TableSchema& schema, std::size_t ordinal);

}  // namespace afterimage::sql

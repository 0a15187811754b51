// SPDX-License-Identifier: Apache-2.0
// Tables that are computed when read: information_schema, dolt_*, afterimage_*; and table
// functions. What the planner could push down comes in a ScanRequest; the table says what it made
// use of.
//
// A VirtualTable belongs to one statement and one thread; it may keep the Catalog's references. A
// registry is filled once and then read by all threads. Throws SqlError.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/expr/batch.h"
#include "sql/session/statement_context.h"
#include "storage/row/row_codec.h"
#include "storage/schema/table_schema.h"

namespace afterimage::sql {

class Catalog;
struct ResolvedDatabase;

/// column op constants. A row passes when it is true (not NULL).
struct ScanConjunct {
    enum class Op : std::uint8_t {
        kEqual,
        kLess,
        kLessEqual,
        kGreater,
        kGreaterEqual,
        kIn,      ///< equal to one of `values`
        kIsNull,  ///< no values
        kIsNotNull,
    };
    std::size_t column = 0;  ///< ordinal in the table's schema
    Op op = Op::kEqual;
    /// Converted to the column's kind; string comparisons are by the column's collation.
    std::vector<storage::Value> values;
};

struct ScanOrder {
    std::size_t column = 0;
    bool descending = false;
};

struct ScanRequest {
    /// Ordinals that are read, ascending. Other columns may be left NULL.
    std::vector<std::size_t> columns;
    std::vector<ScanConjunct> conjuncts;  ///< all must hold
    std::vector<ScanOrder> order;         ///< wanted, may be ignored
    /// At most so many rows are read if every conjunct is applied and the order delivered.
    std::optional<std::uint64_t> limit;
    StatementContext* context = nullptr;  ///< stop token, time zone, warnings

    [[nodiscard]] bool wants(std::size_t column) const;
    /// The value that `column` must equal, if a conjunct says so.
    [[nodiscard]] const storage::Value* equal_value(std::size_t column) const;
    /// The values that `column` may have by kEqual or kIn; null when it is not restricted so.
    [[nodiscard]] const std::vector<storage::Value>* in_values(std::size_t column) const;
};

/// Rows of a scan. Batches have one column per schema column (all of them; unwanted ones may hold
/// NULL), valid until the next call.
class VirtualScan {
  public:
    virtual ~VirtualScan() = default;
    /// Fills `row` (size = columns of the schema, all NULL on entry); false at the end.
    [[nodiscard]] virtual bool next(storage::Row& row) = 0;

    /// Which of the request's conjuncts no longer need testing; empty = none.
    std::vector<bool> applied;
    bool ordered = false;  ///< rows come in the requested order
};

/// A scan over rows that are all there.
class RowListScan : public VirtualScan {
  public:
    explicit RowListScan(std::vector<storage::Row> rows) : rows_(std::move(rows)) {}
    [[nodiscard]] bool next(storage::Row& row) override;

  private:
    std::vector<storage::Row> rows_;
    std::size_t at_ = 0;
};

/// Where DML on a virtual table goes (dolt_ignore, dolt_conflicts_<t> …).
class VirtualTableWriter {
  public:
    virtual ~VirtualTableWriter() = default;
    virtual void insert(const storage::Row& row) = 0;
    virtual void update(const storage::Row& before, const storage::Row& after) = 0;
    virtual void remove(const storage::Row& row) = 0;
    /// After the statement's last row.
    virtual void finish() {}
};

class VirtualTable {
  public:
    virtual ~VirtualTable() = default;
    /// Columns, and primary key and indexes as far as they help to describe it.
    [[nodiscard]] virtual const storage::TableSchema& schema() const = 0;
    [[nodiscard]] virtual std::unique_ptr<VirtualScan> open(const ScanRequest& request) = 0;
    /// For the join order; 1000 where nothing is known. `equal_columns` are restricted to one
    /// value.
    [[nodiscard]] virtual std::uint64_t estimate_rows(
        const std::vector<std::size_t>& equal_columns) const {
        return equal_columns.empty() ? 1000 : 10;
    }
    /// COUNT(*) without WHERE, if it is cheap.
    [[nodiscard]] virtual std::optional<std::uint64_t> exact_count() { return std::nullopt; }
    /// Columns by which lookups are fast: the planner may probe them once per outer row.
    [[nodiscard]] virtual std::vector<std::size_t> lookup_columns() const { return {}; }
    /// Null: read-only.
    [[nodiscard]] virtual std::unique_ptr<VirtualTableWriter> open_writer() { return nullptr; }
};

class VirtualTableRegistry {
  public:
    /// `suffix` = what follows a family's prefix, as written. Null = there is no such table.
    using Factory = std::function<std::unique_ptr<VirtualTable>(
        Catalog& catalog, const ResolvedDatabase& database, std::string_view suffix)>;
    /// Table functions: arguments are constants by then. Throws for bad ones.
    using FunctionFactory = std::function<std::unique_ptr<VirtualTable>(
        Catalog& catalog, const ResolvedDatabase& database,
        const std::vector<storage::Value>& arguments)>;

    /// Scalar functions that need the catalog (dolt_hashof, active_branch …): called once, while
    /// the statement is bound, with constant arguments. The result's type goes by its kind.
    using ScalarFunction =
        std::function<storage::Value(Catalog& catalog, const std::vector<storage::Value>&)>;

    /// `database` empty: found in every database. Names are case-insensitive.
    void add_table(std::string_view database, std::string_view name, Factory factory);
    /// dolt_diff_ + table name; the longest prefix that matches is asked first.
    void add_family(std::string_view prefix, Factory factory);
    void add_function(std::string_view name, FunctionFactory factory);
    void add_scalar(std::string_view name, ScalarFunction function);

    [[nodiscard]] std::unique_ptr<VirtualTable> find_table(Catalog& catalog,
                                                           const ResolvedDatabase& database,
                                                           std::string_view name) const;
    [[nodiscard]] const FunctionFactory* find_function(std::string_view name) const;
    [[nodiscard]] const ScalarFunction* find_scalar(std::string_view name) const;
    /// Fixed names of one virtual database ("information_schema"), or of "" (every database).
    [[nodiscard]] std::vector<std::string> table_names(std::string_view database) const;
    [[nodiscard]] bool has_database(std::string_view database) const;

  private:
    struct Named {
        std::string name;  ///< as registered
        Factory factory;
    };
    std::map<std::pair<std::string, std::string>, Named> tables_;  ///< lower-case names
    std::map<std::string, Factory, std::less<>> families_;         ///< lower-case prefixes
    std::map<std::string, FunctionFactory, std::less<>> functions_;
    std::map<std::string, ScalarFunction, std::less<>> scalars_;
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/two_state_diff.h"

#include <algorithm>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/key_filter.h"
#include "sql/catalog/system_tables/revision_state.h"
#include "sql/catalog/system_tables/table_at.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Row;
using storage::TableLayout;
using storage::TableSchema;

TwoStateScan::TwoStateScan(std::shared_ptr<const storage::Table> before,
                           std::shared_ptr<const storage::Table> after, storage::Store& store,
                           DiffFiller filler, std::vector<storage::KeyRange> ranges, DiffSide to,
                           DiffSide from, StatementContext* context)
    : before_(std::move(before)),
      after_(std::move(after)),
      store_(store),
      filler_(std::move(filler)),
      ranges_(std::move(ranges)),
      to_(std::move(to)),
      from_(std::move(from)),
      context_(context) {
    filler_.begin(before_ ? before_->layout : nullptr, after_ ? after_->layout : nullptr);
}

bool TwoStateScan::next(Row& row) {
    while (repeats_.left == 0) {
        if (!next_change()) {
            return false;
        }
        repeats_ = filler_.repeats(diff_->before(), diff_->after());
    }
    --repeats_.left;
    filler_.fill(row, diff_->before(), diff_->after(), repeats_);
    filler_.put_sides(row, to_, from_);
    return true;
}

bool TwoStateScan::next_change() {
    while (true) {
        if (diff_ && diff_->next()) {
            if (context_ != nullptr && context_->stop != nullptr) {
                context_->stop->check();
            }
            return true;
        }
        if (range_at_ == ranges_.size()) {
            return false;
        }
        diff_ = std::make_unique<storage::TableDiff>(before_, after_, store_.nodes(),
                                                     &store_.blocks(), ranges_[range_at_++]);
    }
}

std::vector<storage::KeyRange> wanted_ranges(const ScanRequest& request, const DiffColumns& columns,
                                             const std::shared_ptr<const storage::Table>& before,
                                             const std::shared_ptr<const storage::Table>& after,
                                             const TableSchema& to_schema,
                                             const TableSchema& from_schema) {
    const std::vector<storage::KeyRange> everything(1);
    if ((!before && !after) ||
        (before && after && !storage::same_key_encoding(before->schema(), after->schema()))) {
        return everything;
    }
    const TableLayout& layout = after ? *after->layout : *before->layout;
    const WantedKeys to_keys = wanted_keys(request, to_schema, columns.to(0));
    const WantedKeys from_keys = wanted_keys(request, from_schema, columns.from(0));
    const auto keys = !to_keys.empty()     ? encode_keys(layout, to_schema, to_keys)
                      : !from_keys.empty() ? encode_keys(layout, from_schema, from_keys)
                                           : std::nullopt;
    if (!keys) {
        return everything;
    }
    std::vector<storage::KeyRange> ranges;
    for (const storage::Bytes& key : *keys) {
        ranges.push_back(range_of_key(key));
    }
    return ranges;
}

namespace {

DiffSide side_of(const RevisionState& state) {
    DiffSide side;
    side.commit = text_value(state.text);
    if (state.time_micros) {
        side.date = date_value(*state.time_micros, 6);
    }
    return side;
}

/// dolt_diff(from, to, t): each side under its own schema.
class TwoStateTable final : public SystemTable {
  public:
    TwoStateTable(Catalog& catalog, ResolvedDatabase database,
                  std::shared_ptr<const storage::Table> before,
                  std::shared_ptr<const storage::Table> after, const RevisionState& from,
                  const RevisionState& to)
        : SystemTable(catalog, std::move(database),
                      diff_schema("dolt_diff", (after ? after : before)->schema(),
                                  (before ? before : after)->schema())),
          before_(std::move(before)),
          after_(std::move(after)),
          from_(side_of(from)),
          to_(side_of(to)) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        const auto to_schema = (after_ ? after_ : before_)->layout->schema;
        const auto from_schema = (before_ ? before_ : after_)->layout->schema;
        const DiffColumns columns{to_schema->columns.size(), from_schema->columns.size()};
        return std::make_unique<TwoStateScan>(
            before_, after_, store(),
            DiffFiller(columns, to_schema, from_schema, request, store().blocks()),
            wanted_ranges(request, columns, before_, after_, *to_schema, *from_schema), to_, from_,
            request.context);
    }

  private:
    std::shared_ptr<const storage::Table> before_, after_;
    DiffSide from_, to_;
};

/// dolt_commit_diff_<t>: the two states come with the conditions.
class CommitDiffTable final : public SystemTable {
  public:
    CommitDiffTable(Catalog& catalog, ResolvedDatabase database, const std::string& table,
                    std::shared_ptr<const TableSchema> current)
        : SystemTable(catalog, std::move(database),
                      diff_schema("dolt_commit_diff_" + table, *current, *current)),
          table_(table),
          current_(std::move(current)),
          columns_{current_->columns.size(), current_->columns.size()} {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        const RevisionState to = revision(request, columns_.to_commit(), "to_commit");
        const RevisionState from = revision(request, columns_.from_commit(), "from_commit");
        const auto [before, after] = tables_between(from, to, table_);
        return std::make_unique<TwoStateScan>(
            before, after, store(),
            DiffFiller(columns_, current_, current_, request, store().blocks()),
            wanted_ranges(request, columns_, before, after, *current_, *current_), side_of(to),
            side_of(from), request.context);
    }

  private:
    RevisionState revision(const ScanRequest& request, std::size_t column, const char* name) {
        const storage::Value* value = request.equal_value(column);
        if (value == nullptr) {
            throw_system_error("error querying table dolt_commit_diff_" + table_ +
                               ": dolt_commit_diff_* tables must be filtered to a single '" + name +
                               "'");
        }
        return get_revision(catalog_, database_, text_of(*value));
    }

    std::string table_;
    std::shared_ptr<const TableSchema> current_;
    DiffColumns columns_;
};

constexpr std::size_t kMaxArguments = 3;

std::unique_ptr<VirtualTable> make_diff_function(Catalog& catalog, const ResolvedDatabase& database,
                                                 const std::vector<storage::Value>& arguments) {
    std::vector<std::string> texts;
    for (const storage::Value& value : arguments) {
        texts.push_back(text_of(value));
        if (value.is_null()) {
            throw_system_error("Invalid argument to dolt_diff: NULL");
        }
        if (texts.back().starts_with("-")) {
            throw_system_error("dolt_diff: option " + texts.back() + " is not supported");
        }
    }
    if (texts.size() < 2 || texts.size() > kMaxArguments) {
        throw_system_error("function 'dolt_diff' expected 2 to 3 arguments, " +
                           std::to_string(texts.size()) + " received");
    }
    auto range =
        texts.size() == 2 ? find_revision_range(catalog, database, texts[0]) : std::nullopt;
    if (texts.size() == 2 && !range) {
        throw_system_error(
            "Invalid argument to dolt_diff: less than 3 arguments present, and the "
            "first does not contain '..'");
    }
    if (!range) {
        range.emplace(get_revision(catalog, database, texts[0]),
                      get_revision(catalog, database, texts[1]));
    }
    const auto [before, after] = tables_between(range->first, range->second, texts.back());
    if (!before && !after) {
        throw_system_error("table not found: " + texts.back());
    }
    return std::make_unique<TwoStateTable>(catalog, database, before, after, range->first,
                                           range->second);
}

}  // namespace

void register_two_state_diffs(VirtualTableRegistry& registry) {
    registry.add_family(
        "dolt_commit_diff_",
        [](Catalog& catalog, const ResolvedDatabase& database,
           std::string_view suffix) -> std::unique_ptr<VirtualTable> {
            const std::optional<TableAt> table = find_table_or_past(catalog, database, suffix);
            if (!table) {
                return nullptr;
            }
            return std::make_unique<CommitDiffTable>(catalog, database, table->name, table->schema);
        });
    registry.add_function("dolt_diff", make_diff_function);
}

}  // namespace afterimage::sql

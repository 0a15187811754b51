// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/diff_rows.h"

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/schema_builder.h"

namespace afterimage::sql {

using storage::Row;
using storage::TableLayout;
using storage::TableSchema;

std::shared_ptr<const TableSchema> diff_schema(const std::string& name, const TableSchema& to,
                                               const TableSchema& from) {
    SchemaBuilder builder(name);
    for (const storage::Column& column : to.columns) {
        builder.like("to_" + column.name, column);
    }
    builder.varchar("to_commit", 1023, true).datetime("to_commit_date", 6);
    for (const storage::Column& column : from.columns) {
        builder.like("from_" + column.name, column);
    }
    builder.varchar("from_commit", 1023, true).datetime("from_commit_date", 6);
    return builder.varchar("diff_type", 1023).build();
}

DiffFiller::DiffFiller(DiffColumns columns, std::shared_ptr<const TableSchema> to_schema,
                       std::shared_ptr<const TableSchema> from_schema, const ScanRequest& request,
                       const storage::ValueBlocks& blocks)
    : columns_(columns),
      to_schema_(std::move(to_schema)),
      from_schema_(std::move(from_schema)),
      blocks_(blocks),
      context_(request.context),
      to_wanted_(columns.to_count),
      from_wanted_(columns.from_count) {
    for (std::size_t i = 0; i < columns.to_count; ++i) {
        to_wanted_[i] = request.wants(columns.to(i));
    }
    for (std::size_t i = 0; i < columns.from_count; ++i) {
        from_wanted_[i] = request.wants(columns.from(i));
    }
}

void DiffFiller::begin(const std::shared_ptr<const TableLayout>& before,
                       const std::shared_ptr<const TableLayout>& after) {
    if (before && (!from_ || from_->layout() != before)) {
        from_ = std::make_unique<RowReader>(before, from_schema_, from_wanted_, blocks_, context_);
    }
    if (after && (!to_ || to_->layout() != after)) {
        to_ = std::make_unique<RowReader>(after, to_schema_, to_wanted_, blocks_, context_);
    }
}

bool DiffFiller::keyless(bool has_before, bool has_after) const {
    return (has_before && !from_->layout()->primary) || (has_after && !to_->layout()->primary);
}

Repeats DiffFiller::repeats(const std::optional<storage::ByteView>& before,
                            const std::optional<storage::ByteView>& after) const {
    if (!keyless(before.has_value(), after.has_value())) {
        return {1, false};
    }
    const std::uint64_t was = before ? from_->count(*before) : 0;
    const std::uint64_t now = after ? to_->count(*after) : 0;
    return now > was ? Repeats{now - was, true} : Repeats{was - now, false};
}

void DiffFiller::fill(Row& row, const std::optional<storage::ByteView>& before,
                      const std::optional<storage::ByteView>& after, const Repeats& repeats) {
    const bool one_by_one = keyless(before.has_value(), after.has_value());
    const bool show_to = one_by_one ? repeats.added : after.has_value();
    const bool show_from = one_by_one ? !repeats.added : before.has_value();
    if (show_to) {
        to_->read(*after, row, columns_.to(0));
    }
    if (show_from) {
        from_->read(*before, row, columns_.from(0));
    }
    row[columns_.diff_type()] = text_value(show_to && show_from ? "modified"
                                           : show_to            ? "added"
                                                                : "removed");
}

void DiffFiller::put_sides(Row& row, const DiffSide& to, const DiffSide& from) const {
    row[columns_.to_commit()] = to.commit;
    row[columns_.to_date()] = to.date;
    row[columns_.from_commit()] = from.commit;
    row[columns_.from_date()] = from.date;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// DELETE from one or several tables: keys are read first, then removed.
#include <set>

#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/exec/dml.h"
#include "sql/exec/row_buffer.h"
#include "sql/exec/table_writer.h"
#include "sql/expr/cast.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

struct DeleteTarget {
    BoundSource* source = nullptr;
    std::size_t key_item = 0;
    std::unique_ptr<TableWriter> writer;
    std::unique_ptr<VirtualTableWriter> virtual_writer;  ///< instead: all columns from key_item on
    std::set<std::string> seen;
};

class Deleter {
  public:
    Deleter(StatementFrame& frame, const ast::DeleteStatement& statement)
        : frame_(frame),
          statement_(statement),
          environment_(frame.environment()),
          context_(*frame.catalog, frame.parameters) {}

    StatementOutcome run() {
        std::unique_ptr<CteScope> with;
        if (statement_.with) {
            with = bind_with(environment_, *statement_.with, nullptr, nullptr);
        }
        rows_ = bind_rows(environment_, *statement_.from, statement_.where, with.get());
        bind_rows_order(environment_, *rows_, statement_.order_by, statement_.limit);
        find_targets();
        RowBuffer keys(key_types(), context_.memory);
        QueryRun query(*frame_.catalog, std::move(rows_->query), frame_.parameters);
        while (const Batch* batch = query.next()) {
            keys.append_batch(*batch);
        }
        for (std::size_t row = 0; row < keys.row_count(); ++row) {
            if (row % Batch::kMaxRows == 0) {
                context_.check_stop();
            }
            for (DeleteTarget& target : targets_) {
                remove(target, keys, row);
            }
        }
        for (DeleteTarget& target : targets_) {
            if (target.virtual_writer) {
                target.virtual_writer->finish();
            }
        }
        return finish_write(frame_, removed_, {});
    }

  private:
    std::vector<ResultType> key_types() const {
        std::vector<ResultType> types;
        for (const ExpressionPtr& item : rows_->query->select->items) {
            types.push_back(item->type);
        }
        return types;
    }

    void find_targets() {
        BoundSelect& select = *rows_->query->select;
        if (!statement_.multi) {
            add_target(*select.sources.front());
            return;
        }
        for (const ast::ObjectName& name : statement_.targets) {
            BoundSource* found = nullptr;
            for (const auto& source : select.sources) {
                const bool database_fits = name.database.empty() ||
                                           same_name(name.database, source->database.name) ||
                                           same_name(name.database, source->database.base);
                if (same_name(source->alias, name.name) && database_fits) {
                    found = source.get();
                }
            }
            if (!found) {
                throw_sql_error(ErrorCode::ER_UNKNOWN_TABLE, name.name, "MULTI DELETE");
            }
            add_target(*found);
        }
    }

    void add_target(BoundSource& source) {
        if (source.kind == SourceKind::kVirtual && add_virtual_target(source)) {
            return;
        }
        if (source.kind != SourceKind::kTable || !source.row_identity) {
            throw_sql_error(ErrorCode::ER_NON_UPDATABLE_TABLE, source.alias, "DELETE");
        }
        frame_.require_table(source.database, source.table->schema().name, kPrivilegeDelete,
                             "DELETE");
        BoundQuery& query = *rows_->query;
        DeleteTarget target;
        target.source = &source;
        target.key_item = query.select->items.size();
        for (const std::size_t which : {std::size_t{0}, std::size_t{1}}) {
            ResultType bytes;
            bytes.type.id = storage::TypeId::kLongBlob;
            query.hidden.push_back(bytes);
            query.select->items.push_back(make_slot(source.key_slot() + which, bytes));
        }
        target.writer = std::make_unique<TableWriter>(
            frame_, context_, source.database, source.table->schema().name, statement_.ignore);
        targets_.push_back(std::move(target));
    }

    /// False for a table that is only read.
    bool add_virtual_target(BoundSource& source) {
        DeleteTarget target;
        target.virtual_writer = source.virtual_table->open_writer();
        if (!target.virtual_writer) {
            return false;
        }
        frame_.require_table(source.database, source.virtual_table->schema().name, kPrivilegeDelete,
                             "DELETE");
        target.source = &source;
        BoundQuery& query = *rows_->query;
        target.key_item = query.select->items.size();
        for (std::size_t i = 0; i < source.columns.size(); ++i) {
            source.used[i] = true;
            query.hidden.push_back(source.columns[i].meta.type);
            query.select->items.push_back(
                make_slot(source.first_slot + i, source.columns[i].meta.type));
        }
        targets_.push_back(std::move(target));
        return true;
    }

    void remove_virtual(DeleteTarget& target, const RowBuffer& keys, std::size_t row) {
        storage::Row values;
        for (std::size_t i = 0; i < target.source->columns.size(); ++i) {
            values.push_back(value_at(keys.column(target.key_item + i), row,
                                      target.source->columns[i].meta.type, context_.eval));
        }
        target.virtual_writer->remove(values);
        ++removed_;
    }

    void remove(DeleteTarget& target, const RowBuffer& keys, std::size_t row) {
        if (target.virtual_writer) {
            remove_virtual(target, keys, row);
            return;
        }
        const ColumnVector& column = keys.column(target.key_item);
        if (column.is_null(row)) {
            return;
        }
        const std::string key(column.string_at(row));
        const bool keyless = target.writer->schema().keyless();
        if (statement_.multi && !keyless && !target.seen.insert(key).second) {
            return;
        }
        const storage::WriteOutcome outcome = target.writer->remove(key);
        if (outcome.kind == storage::WriteOutcome::Kind::kRowMissing) {
            return;  // a cascade of an earlier row took it
        }
        target.writer->report(
            outcome, target.writer->decode(keys.column(target.key_item + 1).string_at(row)));
        removed_ += outcome.ok() ? 1 : 0;
    }

    StatementFrame& frame_;
    const ast::DeleteStatement& statement_;
    BindEnvironment environment_;
    ExecContext context_;
    std::unique_ptr<BoundRows> rows_;
    std::vector<DeleteTarget> targets_;
    std::uint64_t removed_ = 0;
};

}  // namespace

StatementOutcome execute_delete(StatementFrame& frame, const ast::DeleteStatement& statement) {
    if (!statement.returning.empty() || statement.history) {
        throw_not_supported("this form of DELETE");
    }
    return Deleter(frame, statement).run();
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// UPDATE of one or several tables: rows and new values are read first, then written.
#include <set>

#include "sql/bind/expression_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/exec/dml.h"
#include "sql/exec/row_buffer.h"
#include "sql/exec/table_writer.h"
#include "sql/expr/cast.h"
#include "sql/expr/functions/quotient.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Row;

namespace {

/// A table that is written, and where its row and new values stand among the items.
struct UpdateTarget {
    BoundSource* source = nullptr;
    std::size_t key_item = 0;
    std::unique_ptr<TableWriter> writer;
    struct Column {
        std::size_t ordinal = 0;
        std::size_t item = 0;  ///< SIZE_MAX: DEFAULT
    };
    std::vector<Column> columns;
    std::vector<bool> assigned;
    std::set<std::string> seen;  ///< keys already updated: a join may bring a row several times
};

class Updater {
  public:
    Updater(StatementFrame& frame, const ast::UpdateStatement& statement)
        : frame_(frame),
          statement_(statement),
          environment_(frame.environment()),
          context_(*frame.catalog, frame.parameters) {}

    StatementOutcome run() {
        std::unique_ptr<CteScope> with;
        if (statement_.with) {
            with = bind_with(environment_, *statement_.with, nullptr, nullptr);
        }
        rows_ = bind_rows(environment_, *statement_.tables, statement_.where, with.get());
        bind_rows_order(environment_, *rows_, statement_.order_by, statement_.limit);
        bind_assignments();
        read_rows();
        write_rows();
        return finish();
    }

  private:
    UpdateTarget& target_of(BoundSource& source) {
        for (UpdateTarget& target : targets_) {
            if (target.source == &source) {
                return target;
            }
        }
        if (source.kind != SourceKind::kTable || !source.row_identity) {
            throw_sql_error(ErrorCode::ER_NON_UPDATABLE_TABLE, source.alias, "UPDATE");
        }
        frame_.require_table(source.database, source.table->schema().name, kPrivilegeUpdate,
                             "UPDATE");
        UpdateTarget target;
        target.source = &source;
        target.assigned.assign(source.columns.size(), false);
        target.key_item = add_item(identity_slot(source, 0));
        add_item(identity_slot(source, 1));
        target.writer = std::make_unique<TableWriter>(
            frame_, context_, source.database, source.table->schema().name, statement_.ignore);
        targets_.push_back(std::move(target));
        return targets_.back();
    }

    static ExpressionPtr identity_slot(const BoundSource& source, std::size_t which) {
        ResultType bytes;
        bytes.type.id = storage::TypeId::kLongBlob;
        return make_slot(source.key_slot() + which, bytes);
    }

    std::size_t add_item(ExpressionPtr expression) {
        BoundQuery& query = *rows_->query;
        query.hidden.push_back(expression->type);
        query.select->items.push_back(std::move(expression));
        return query.select->items.size() - 1;
    }

    void bind_assignments() {
        const bool single = rows_->query->select->sources.size() == 1;
        // In a single-table UPDATE an assignment sees those before it.
        std::vector<std::pair<const ScopeColumn*, std::size_t>> before;
        for (const ast::Assignment& assignment : statement_.set) {
            ScopeColumn* column = rows_->scope.find(*assignment.column, "field list");
            if (!column) {
                throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, assignment.column->text,
                                "field list");
            }
            BoundSource* source = source_of(*column);
            if (!source) {
                throw_sql_error(ErrorCode::ER_NONUPDATEABLE_COLUMN, column->name);
            }
            const std::size_t ordinal = column->expression->index - source->first_slot;
            UpdateTarget& target = target_of(*source);
            const storage::Column& stored = target.writer->schema().columns[ordinal];
            const bool plain_default = assignment.value->kind == ast::ExprKind::kDefault &&
                                       !ast::as<ast::DefaultExpr>(*assignment.value).column;
            if (stored.generated_sql && !plain_default) {
                throw_sql_error(ErrorCode::ER_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN, stored.name,
                                target.writer->schema().name);
            }
            target.assigned[ordinal] = true;
            if (plain_default) {
                target.columns.push_back({ordinal, static_cast<std::size_t>(-1)});
                continue;
            }
            ExpressionBinder binder(environment_, &rows_->scope, nullptr);
            binder.default_value = [&](const ast::DefaultExpr& expr) {
                const storage::Column* named =
                    target.writer->schema().find_column(expr.column->column);
                if (!named || !named->default_sql) {
                    return make_null();
                }
                return bind_default(
                    environment_, target.writer->schema(),
                    static_cast<std::size_t>(named - target.writer->schema().columns.data()));
            };
            if (single) {
                binder.find_before = [&](const ast::ColumnExpr& name) -> ExpressionPtr {
                    const ScopeColumn* found = rows_->scope.find(name, "field list");
                    for (auto known = before.rbegin(); known != before.rend(); ++known) {
                        if (known->first == found) {
                            return cast_to(clone(*rows_->query->select->items[known->second]),
                                           found->meta.type, environment_.statement);
                        }
                    }
                    return nullptr;
                };
            }
            const std::size_t item =
                add_item(with_all_digits(binder.bind_scalar(*assignment.value)));
            target.columns.push_back({ordinal, item});
            before.emplace_back(column, item);
        }
    }

    BoundSource* source_of(const ScopeColumn& column) const {
        if (column.expression->kind != ExpressionKind::kSlot) {
            return nullptr;
        }
        for (const auto& source : rows_->query->select->sources) {
            if (column.expression->index >= source->first_slot &&
                column.expression->index < source->first_slot + source->columns.size()) {
                return source.get();
            }
        }
        return nullptr;
    }

    void read_rows() {
        std::vector<ResultType> types = rows_->query->hidden;
        for (const ExpressionPtr& item : rows_->query->select->items) {
            item_types_.push_back(item->type);
        }
        buffer_ = std::make_unique<RowBuffer>(item_types_, context_.memory);
        run_ =
            std::make_unique<QueryRun>(*frame_.catalog, std::move(rows_->query), frame_.parameters);
        run_->context().eval.strict_writes = context_.eval.strict_writes;
        while (const Batch* batch = run_->next()) {
            buffer_->append_batch(*batch);
        }
    }

    void write_rows() {
        for (std::size_t row = 0; row < buffer_->row_count(); ++row) {
            if (row % Batch::kMaxRows == 0) {
                context_.check_stop();
            }
            for (UpdateTarget& target : targets_) {
                write_row(target, row);
            }
        }
    }

    void write_row(UpdateTarget& target, std::size_t row) {
        const ColumnVector& keys = buffer_->column(target.key_item);
        if (keys.is_null(row)) {
            return;  // the optional side of an outer join had no row
        }
        const std::string key(keys.string_at(row));
        const bool keyless = target.writer->schema().keyless();
        if (targets_.size() + run_->query().select->sources.size() > 2 && !keyless &&
            !target.seen.insert(key).second) {
            return;
        }
        ++matched_;
        const Row before =
            target.writer->decode(buffer_->column(target.key_item + 1).string_at(row));
        Row after = before;
        for (const UpdateTarget::Column& column : target.columns) {
            after[column.ordinal] = column.item == static_cast<std::size_t>(-1)
                                        ? target.writer->default_value(column.ordinal)
                                        : convert(target, column, row);
        }
        bool same = true;
        for (std::size_t i = 0; i < before.size(); ++i) {
            same = same && before[i].same_as(after[i]);
        }
        if (same) {
            return;
        }
        target.writer->touch(after, target.assigned);
        const storage::WriteOutcome outcome = target.writer->update(key, after);
        target.writer->report(outcome, after);
        changed_ += outcome.kind == storage::WriteOutcome::Kind::kWritten ? 1 : 0;
    }

    storage::Value convert(UpdateTarget& target, const UpdateTarget::Column& column,
                           std::size_t row) {
        const ColumnVector& in = buffer_->column(column.item);
        const storage::Column& stored = target.writer->schema().columns[column.ordinal];
        // UPDATE to NULL is an error in strict mode alone.
        if (in.is_null(row) && !stored.nullable && !target.writer->strict()) {
            frame_.context().warn(1048, error_message(ErrorCode::ER_BAD_NULL_ERROR, stored.name));
            return implicit_default(stored.type);
        }
        if (in.is_null(row) && !stored.nullable) {
            throw_sql_error(ErrorCode::ER_BAD_NULL_ERROR, stored.name);
        }
        return target.writer->convert(in, row, item_types_[column.item], column.ordinal, row + 1);
    }

    StatementOutcome finish() {
        const std::string message = "Rows matched: " + std::to_string(matched_) +
                                    "  Changed: " + std::to_string(changed_) +
                                    "  Warnings: " + std::to_string(warning_count(frame_.session));
        return finish_write(frame_, counts_found_rows(frame_.session) ? matched_ : changed_,
                            message);
    }

    StatementFrame& frame_;
    const ast::UpdateStatement& statement_;
    BindEnvironment environment_;
    ExecContext context_;
    std::unique_ptr<BoundRows> rows_;
    std::vector<UpdateTarget> targets_;
    std::vector<ResultType> item_types_;
    std::unique_ptr<RowBuffer> buffer_;
    std::unique_ptr<QueryRun> run_;
    std::uint64_t matched_ = 0;
    std::uint64_t changed_ = 0;
};

}  // namespace

StatementOutcome execute_update(StatementFrame& frame, const ast::UpdateStatement& statement) {
    if (!statement.returning.empty()) {
        throw_not_supported("UPDATE … RETURNING");
    }
    return Updater(frame, statement).run();
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// INSERT and REPLACE: from VALUES, SET or a query, into one table.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "sql/bind/expression_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/exec/column_copy.h"
#include "sql/exec/dml.h"
#include "sql/exec/table_writer.h"
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/quotient.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Row;
using storage::Value;

namespace {

class Inserter {
  public:
    Inserter(StatementFrame& frame, const ast::InsertStatement& statement,
             const ResolvedDatabase& database)
        : frame_(frame),
          statement_(statement),
          context_(*frame.catalog, frame.parameters),
          writer_(frame, context_, database, statement.table.name, statement.ignore),
          environment_(frame.environment()) {}

    StatementOutcome run() {
        find_targets();
        if (statement_.on_duplicate) {
            bind_on_duplicate();
        }
        if (statement_.query) {
            insert_query();
        } else if (statement_.set_form) {
            insert_set();
        } else {
            insert_values();
        }
        return finish();
    }

  private:
    void find_targets() {
        const storage::TableSchema& schema = writer_.schema();
        named_.assign(schema.columns.size(), false);
        if (!statement_.columns_given && !statement_.set_form) {
            for (std::size_t i = 0; i < schema.columns.size(); ++i) {
                if (!schema.columns[i].invisible) {
                    add_target(i);
                }
            }
            return;
        }
        for (const ast::ColumnExpr* name : statement_.columns) {
            const storage::Column* column = schema.find_column(name->column);
            const bool other_table =
                !name->table.empty() && !same_name(name->table, statement_.table.name);
            if (!column || other_table) {
                throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, name->text, "field list");
            }
            const auto ordinal = static_cast<std::size_t>(column - schema.columns.data());
            if (named_[ordinal]) {
                throw_sql_error(ErrorCode::ER_FIELD_SPECIFIED_TWICE, column->name);
            }
            add_target(ordinal);
        }
    }

    void add_target(std::size_t ordinal) {
        targets_.push_back(ordinal);
        named_[ordinal] = true;
    }

    // ---- Cells ----------------------------------------------------------------------------------

    ExpressionBinder binder() {
        ExpressionBinder made(environment_, &own_row_, nullptr);
        made.clause = "field list";
        made.default_value = [this](const ast::DefaultExpr& expr) { return bind_default_of(expr); };
        return made;
    }

    ExpressionPtr bind_default_of(const ast::DefaultExpr& expr) {
        if (!expr.column) {
            throw_not_supported("DEFAULT inside an expression");
        }
        const storage::TableSchema& schema = writer_.schema();
        const storage::Column* column = schema.find_column(expr.column->column);
        if (!column) {
            throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, expr.column->text, "field list");
        }
        const auto ordinal = static_cast<std::size_t>(column - schema.columns.data());
        if (!column->default_sql) {
            if (column->nullable) {
                return make_null();
            }
            throw_sql_error(ErrorCode::ER_NO_DEFAULT_FOR_FIELD, column->name);
        }
        return bind_default(environment_, schema, ordinal);
    }

    /// A generated column takes DEFAULT alone; without strict mode a value is passed over, as in
    /// MariaDB, whose dumps carry them.
    void check_generated(std::size_t ordinal, bool is_default) {
        const storage::Column& column = writer_.schema().columns[ordinal];
        if (column.generated_sql && !is_default && !writer_.strict()) {
            // MariaDB's dumps give generated columns their values, and load without strict modes.
            if (!std::exchange(generated_ignored_, true)) {
                frame_.context().warn(1906, "The value specified for generated column '" +
                                                column.name + "' in table '" +
                                                writer_.schema().name + "' has been ignored");
            }
            return;
        }
        if (column.generated_sql && !is_default) {
            if (!writer_.strict()) {
                frame_.context().warn(1906, "The value specified for generated column '" +
                                                column.name + "' in table '" +
                                                writer_.schema().name + "' has been ignored");
                return;
            }
            throw_sql_error(ErrorCode::ER_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN, column.name,
                            writer_.schema().name);
        }
    }

    Value literal_cell(const ast::CellValue& cell, std::size_t ordinal) {
        StatementContext& statement = frame_.context();
        switch (cell.kind) {
            case ast::CellKind::kNull:
                return store(*make_null(), ordinal);
            case ast::CellKind::kTrue:
            case ast::CellKind::kFalse:
                return store(*make_int_literal(cell.kind == ast::CellKind::kTrue ? 1 : 0), ordinal);
            case ast::CellKind::kInteger: {
                std::int64_t number = 0;
                const char* begin = cell.value.data();
                const char* end = begin + cell.value.size();
                begin += begin != end && *begin == '+' ? 1 : 0;
                const auto parsed = std::from_chars(begin, end, number);
                if (parsed.ec == std::errc() && parsed.ptr == end) {
                    return store_value(Value::of_int(number), integer_type_, ordinal);
                }
                return decimal_cell(cell.value, ordinal);
            }
            case ast::CellKind::kDecimal:
                return decimal_cell(cell.value, ordinal);
            case ast::CellKind::kFloat:
                return store(
                    *make_double_literal(std::strtod(std::string(cell.value).c_str(), nullptr)),
                    ordinal);
            case ast::CellKind::kHex:
            case ast::CellKind::kBit:
                return store(*make_hex_literal(cell.value), ordinal);
            default:
                break;
        }
        storage::CollationId collation = statement.connection_collation;
        std::string converted;
        std::string_view bytes = cell.value;
        if (!cell.charset.empty() || cell.national) {
            const storage::Collation* named = storage::default_collation(
                cell.national ? "utf8mb3" : cell.charset, statement.mariadb_flavour);
            if (!named) {
                throw_sql_error(ErrorCode::ER_UNKNOWN_CHARACTER_SET, cell.charset);
            }
            collation = named->id();
        } else if (!same_charset(statement.client_collation, collation)) {
            converted = charset_convert(bytes, statement.client_collation, collation);
            bytes = converted;
        }
        text_type_.type.collation = collation;
        text_type_.type.length = static_cast<std::uint32_t>(bytes.size());
        return store_value(Value::of_bytes(storage::Bytes(bytes)), text_type_, ordinal);
    }

    Value decimal_cell(std::string_view text, std::size_t ordinal) {
        std::string_view digits = text;
        if (!digits.empty() && digits.front() == '+') {
            digits.remove_prefix(1);
        }
        const auto decimal = storage::Decimal::parse(digits);
        return store(*make_decimal_literal(decimal.value_or(storage::Decimal{})), ordinal);
    }

    Value store(const Expression& literal, std::size_t ordinal) {
        if (literal.number_literal_hex) {
            Batch one;
            one.row_count = 1;
            const ArenaScope arena(context_.eval, one.arena);
            return store_expression(literal, one, ordinal);
        }
        return store_value(literal.value, literal.type, ordinal);
    }

    Value store_value(const Value& value, const ResultType& type, std::size_t ordinal) {
        const storage::Column& column = writer_.schema().columns[ordinal];
        if (value.is_null() && null_becomes_zero_ && !column.nullable && !column.auto_increment) {
            frame_.context().warn(1048, error_message(ErrorCode::ER_BAD_NULL_ERROR, column.name));
            return implicit_default(column.type);
        }
        return writer_.convert(value, type, ordinal, row_number_);
    }

    Value store_expression(const Expression& expression, Batch& rows, std::size_t ordinal) {
        ColumnVector scratch;
        const ColumnVector& cell = evaluate_ref(expression, rows, context_.eval, scratch);
        const storage::Column& column = writer_.schema().columns[ordinal];
        if (cell.is_null(0) && null_becomes_zero_ && !column.nullable && !column.auto_increment) {
            frame_.context().warn(1048, error_message(ErrorCode::ER_BAD_NULL_ERROR, column.name));
            return implicit_default(column.type);
        }
        return writer_.convert(cell, 0, expression.type, ordinal, row_number_);
    }

    // ---- Rows -----------------------------------------------------------------------------------

    /// Defaults for what the statement does not name.
    void fill_defaults(Row& row) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!named_[i]) {
                row[i] = writer_.default_value(i);
            }
        }
    }

    void insert_values() {
        const ast::LiteralRows& rows = *statement_.rows;
        const bool empty_rows = rows.column_count() == 0;
        if (!empty_rows && rows.column_count() != targets_.size()) {
            throw_sql_error(ErrorCode::ER_WRONG_VALUE_COUNT_ON_ROW, 1);
        }
        if (empty_rows && statement_.columns_given && !targets_.empty()) {
            throw_sql_error(ErrorCode::ER_WRONG_VALUE_COUNT_ON_ROW, 1);
        }
        if (rows.ragged_row() != 0) {
            throw_sql_error(ErrorCode::ER_WRONG_VALUE_COUNT_ON_ROW, rows.ragged_row());
        }
        if (empty_rows) {
            named_.assign(named_.size(), false);
        }
        null_becomes_zero_ = statement_.ignore || (rows.row_count() > 1 && !writer_.strict());
        std::string scratch;
        for (std::size_t r = 0; r < rows.row_count(); ++r) {
            row_number_ = r + 1;
            rows_left_ = rows.row_count() - r;
            if (r % Batch::kMaxRows == 0) {
                context_.check_stop();
            }
            Row row(writer_.schema().columns.size());
            fill_defaults(row);
            for (std::size_t i = 0; i < (empty_rows ? 0 : targets_.size()); ++i) {
                cell_into(row, rows.value(r, i, scratch), targets_[i]);
            }
            write(std::move(row));
        }
    }

    void cell_into(Row& row, const ast::CellValue& cell, std::size_t ordinal) {
        if (cell.kind == ast::CellKind::kDefault) {
            row[ordinal] = writer_.default_value(ordinal);
            return;
        }
        if (cell.kind == ast::CellKind::kExpression) {
            expression_into(row, *cell.expression, ordinal);
            return;
        }
        check_generated(ordinal, false);
        if (cell.kind == ast::CellKind::kParameter) {
            if (!frame_.parameters || cell.parameter >= frame_.parameters->size()) {
                throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, "EXECUTE");
            }
            row[ordinal] = store_value((*frame_.parameters)[cell.parameter],
                                       (*frame_.parameter_types)[cell.parameter], ordinal);
            return;
        }
        row[ordinal] = literal_cell(cell, ordinal);
    }

    /// Expressions may read columns that stand before them: INSERT INTO t (a, b) VALUES (1, a + 1).
    void expression_into(Row& row, const ast::Expr& syntax, std::size_t ordinal) {
        if (syntax.kind == ast::ExprKind::kDefault && !ast::as<ast::DefaultExpr>(syntax).column) {
            row[ordinal] = writer_.default_value(ordinal);
            return;
        }
        check_generated(ordinal, false);
        if (own_row_.names.tables.empty()) {
            add_table_columns(own_row_, writer_.schema(), statement_.table.name,
                              writer_.database().name);
        }
        const ExpressionPtr expression = with_all_digits(binder().bind_scalar(syntax));
        Batch batch;
        batch.row_count = 1;
        batch.columns.resize(row.size());
        const ArenaScope arena(context_.eval, batch.arena);
        collect_slots(*expression, [&](std::size_t slot) { load_cell(batch, slot, row[slot]); });
        row[ordinal] = store_expression(*expression, batch, ordinal);
        bound_.push_back(clone(*expression));
    }

    void load_cell(Batch& batch, std::size_t slot, const Value& value) {
        const ResultType& type = own_row_.names.visible[slot % row_width()]->meta.type;
        batch.columns[slot].clear(vector_kind(type));
        batch.columns[slot].scale = type.type.scale;
        append_value(batch.columns[slot], value, type, context_.eval);
    }

    std::size_t row_width() const { return writer_width_; }

    void insert_set() {
        rows_left_ = 1;
        Row row(writer_.schema().columns.size());
        fill_defaults(row);
        for (std::size_t i = 0; i < statement_.assignments.size(); ++i) {
            expression_into(row, *statement_.assignments[i].value, targets_[i]);
        }
        write(std::move(row));
    }

    void insert_query() {
        auto query = bind_query(environment_, *statement_.query, nullptr, nullptr);
        if (query->columns.size() != targets_.size()) {
            throw_sql_error(ErrorCode::ER_WRONG_VALUE_COUNT_ON_ROW, 1);
        }
        for (const std::size_t target : targets_) {
            check_generated(target, false);
        }
        null_becomes_zero_ = statement_.ignore || !writer_.strict();
        if (!null_becomes_zero_) {
            // A column without a value is an error, also when no row comes.
            Row none(writer_.schema().columns.size());
            fill_defaults(none);
        }
        rows_left_ = 0;
        QueryRun run(*frame_.catalog, std::move(query), frame_.parameters);
        run.context().eval.strict_writes = context_.eval.strict_writes;
        const std::vector<ResultColumn>& columns = run.query().columns;
        while (const Batch* batch = run.next()) {
            context_.check_stop();
            for (std::size_t k = 0; k < batch->active_count(); ++k) {
                const std::size_t at = batch->active_row(k);
                ++row_number_;
                Row row(writer_.schema().columns.size());
                fill_defaults(row);
                for (std::size_t i = 0; i < targets_.size(); ++i) {
                    const storage::Column& column = writer_.schema().columns[targets_[i]];
                    const ColumnVector& in = batch->columns[i];
                    if (in.is_null(at) && null_becomes_zero_ && !column.nullable &&
                        !column.auto_increment) {
                        frame_.context().warn(
                            1048, error_message(ErrorCode::ER_BAD_NULL_ERROR, column.name));
                        row[targets_[i]] = implicit_default(column.type);
                        continue;
                    }
                    row[targets_[i]] =
                        writer_.convert(in, at, columns[i].type, targets_[i], row_number_);
                }
                write(std::move(row));
            }
        }
    }

    void write(Row row) {
        ++records_;
        if (const auto column = writer_.auto_increment_column()) {
            row[*column] = writer_.auto_increment_value(row[*column], rows_left_);
        }
        for (;;) {
            storage::WriteOutcome outcome = writer_.insert(row);
            if (outcome.ok()) {
                ++affected_;
                return;
            }
            const bool duplicate = outcome.kind == storage::WriteOutcome::Kind::kDuplicate;
            if (duplicate) {
                ++duplicates_;
                if (!statement_.replace) {
                    writer_.give_back_auto_increment();
                }
            }
            if (duplicate && statement_.replace) {
                const Row existing = writer_.read(outcome.existing_key);
                const storage::WriteOutcome removed = writer_.remove(outcome.existing_key);
                writer_.report(removed, existing);
                if (!removed.ok()) {
                    return;
                }
                ++affected_;
                continue;
            }
            if (duplicate && statement_.on_duplicate) {
                update_existing(outcome.existing_key, row);
                return;
            }
            writer_.report(outcome, row);
            return;
        }
    }

    // ---- ON DUPLICATE KEY UPDATE ----------------------------------------------------------------

    // The row in the way stands in slots 0 … n-1, the row that was to be inserted in n … 2n-1.
    void bind_on_duplicate() {
        const storage::TableSchema& schema = writer_.schema();
        writer_width_ = schema.columns.size();
        add_table_columns(own_row_, schema, statement_.table.name, writer_.database().name);
        Scope scope;
        scope.names = own_row_.names;
        const auto offered = [&](std::size_t ordinal) {
            return make_slot(writer_width_ + ordinal, own_row_.names.visible[ordinal]->meta.type,
                             schema.columns[ordinal].name);
        };
        if (!statement_.row_alias.empty()) {
            ScopeTable alias;
            alias.alias = statement_.row_alias;
            for (std::size_t i = 0; i < targets_.size(); ++i) {
                auto column = std::make_shared<ScopeColumn>();
                column->name = i < statement_.row_alias_columns.size()
                                   ? std::string(statement_.row_alias_columns[i])
                                   : schema.columns[targets_[i]].name;
                column->expression = offered(targets_[i]);
                alias.columns.push_back(column);
                if (i < statement_.row_alias_columns.size()) {
                    scope.names.visible.push_back(column);
                }
            }
            scope.names.tables.push_back(std::move(alias));
        }
        for (const ast::Assignment& assignment : statement_.on_duplicate_set) {
            const storage::Column* column = schema.find_column(assignment.column->column);
            if (!column) {
                throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, assignment.column->text,
                                "field list");
            }
            const auto ordinal = static_cast<std::size_t>(column - schema.columns.data());
            if (assignment.value->kind == ast::ExprKind::kDefault &&
                !ast::as<ast::DefaultExpr>(*assignment.value).column) {
                updates_.push_back({ordinal, nullptr});
                continue;
            }
            ExpressionBinder made(environment_, &scope, nullptr);
            made.default_value = [this](const ast::DefaultExpr& expr) {
                return bind_default_of(expr);
            };
            made.insert_value = [&](const ast::InsertValueExpr& expr) {
                const storage::Column* named = schema.find_column(expr.column->column);
                if (!named) {
                    throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, expr.column->text, "field list");
                }
                return offered(static_cast<std::size_t>(named - schema.columns.data()));
            };
            updates_.push_back({ordinal, with_all_digits(made.bind_scalar(*assignment.value))});
        }
    }

    void update_existing(const storage::Bytes& key, const Row& offered) {
        const Row before = writer_.read(key);
        Row after = before;
        std::vector<bool> assigned(before.size(), false);
        Batch batch;
        batch.row_count = 1;
        batch.columns.resize(before.size() * 2);
        const ArenaScope arena(context_.eval, batch.arena);
        for (const auto& [ordinal, expression] : updates_) {
            assigned[ordinal] = true;
            if (!expression) {
                after[ordinal] = writer_.default_value(ordinal);
                continue;
            }
            // Assignments are made from left to right: each sees those before it.
            collect_slots(*expression, [&](std::size_t slot) {
                load_cell(batch, slot,
                          slot < before.size() ? after[slot] : offered[slot - before.size()]);
            });
            after[ordinal] = store_expression(*expression, batch, ordinal);
        }
        bool same = true;
        for (std::size_t i = 0; i < before.size(); ++i) {
            same = same && before[i].same_as(after[i]);
        }
        if (const auto column = writer_.auto_increment_column()) {
            existing_id_ = before[*column].as_uint();
        }
        if (same) {
            affected_ += counts_found_rows(frame_.session) ? 1 : 0;
            return;
        }
        writer_.touch(after, assigned);
        const storage::WriteOutcome outcome = writer_.update(key, after);
        writer_.report(outcome, after);
        affected_ += outcome.kind == storage::WriteOutcome::Kind::kWritten ? 2 : 0;
    }

    StatementOutcome finish() {
        std::string message;
        if (records_ > 1 || statement_.query) {
            message = "Records: " + std::to_string(records_) +
                      "  Duplicates: " + std::to_string(duplicates_) +
                      "  Warnings: " + std::to_string(warning_count(frame_.session));
        }
        StatementOutcome outcome = finish_write(frame_, affected_, std::move(message));
        if (writer_.first_generated() != 0) {
            frame_.context().last_insert_id = writer_.first_generated();
            outcome.last_insert_id = writer_.first_generated();
        } else if (existing_id_ != 0) {
            outcome.last_insert_id = existing_id_;
        } else {
            outcome.last_insert_id = writer_.last_given();
        }
        return outcome;
    }

    StatementFrame& frame_;
    const ast::InsertStatement& statement_;
    ExecContext context_;
    TableWriter writer_;
    BindEnvironment environment_;
    Scope own_row_;
    std::vector<ExpressionPtr> bound_;  ///< keeps nodes that the context holds state for
    std::vector<std::size_t> targets_;
    std::vector<bool> named_;
    std::vector<std::pair<std::size_t, ExpressionPtr>> updates_;
    std::size_t writer_width_ = writer_.schema().columns.size();
    ResultType integer_type_ = make_int_literal(0)->type;
    ResultType text_type_ = make_text_literal("", 255)->type;
    bool null_becomes_zero_ = false;
    bool generated_ignored_ = false;  ///< said once a statement
    std::size_t row_number_ = 0;
    std::uint64_t rows_left_ = 1;  ///< 0 = not known
    std::uint64_t records_ = 0;
    std::uint64_t affected_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t existing_id_ = 0;
};

}  // namespace

bool counts_found_rows(const Session& session) noexcept {
    constexpr std::uint64_t kClientFoundRows = 2;
    return (session.client_capabilities & kClientFoundRows) != 0;
}

StatementOutcome execute_insert(StatementFrame& frame, const ast::InsertStatement& statement) {
    if (!statement.returning.empty()) {
        throw_not_supported("INSERT … RETURNING");
    }
    const ResolvedDatabase database = frame.catalog->get_database(statement.table.database);
    frame.require_table(database, statement.table.name, kPrivilegeInsert, "INSERT");
    if (!frame.catalog->find_table(database, statement.table.name)) {
        if (auto outcome = insert_virtual(frame, statement)) {
            return *outcome;
        }
        if (frame.catalog->find_view(database, statement.table.name)) {
            throw_sql_error(ErrorCode::ER_NON_INSERTABLE_TABLE, statement.table.name, "INSERT");
        }
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database.name, statement.table.name);
    }
    return Inserter(frame, statement, database).run();
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/table_writer.h"

#include <algorithm>

#include "sql/bind/expression_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/exec/write_errors.h"
#include "sql/expr/cast.h"
#include "sql/expr/functions/quotient.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Value;
using storage::ValueKind;

namespace {

storage::WriteOptions write_options(const StatementFrame& frame) {
    storage::WriteOptions options;
    options.mode = frame.target.replicated() ? storage::WriteMode::kReplicatedStatement
                                             : storage::WriteMode::kClient;
    const StatementContext& context = frame.session.context;
    options.foreign_key_checks = context.foreign_key_checks;
    options.check_constraint_checks = context.check_constraint_checks;
    return options;
}

storage::OpenTable& open_table(storage::OpenRoot& root, const ResolvedDatabase& database,
                               std::string_view table) {
    storage::OpenTable* found = root.find_table(table);
    if (!found) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database.name, table);
    }
    return *found;
}

}  // namespace

ExpressionPtr bind_default(BindEnvironment& environment, const storage::TableSchema& schema,
                           std::size_t ordinal) {
    const storage::Column& column = schema.columns[ordinal];
    environment.texts.push_back(*column.default_sql);
    const ast::Expr* syntax =
        parse_expression(environment.texts.back(), environment.parse_options(), environment.arena);
    ExpressionBinder binder(environment, nullptr, nullptr);
    return binder.bind_scalar(*syntax);
}

TableWriter::TableWriter(StatementFrame& frame, ExecContext& context,
                         const ResolvedDatabase& database, std::string_view table, bool ignore)
    : frame_(frame),
      context_(context),
      database_(database),
      root_(frame.catalog->open_for_write(database)),
      table_(&open_table(root_, database, table)),
      schema_(table_->layout().schema),
      writer_(root_, frame.target.rules(), write_options(frame)),
      ignore_(ignore),
      strict_(is_strict(frame.session.context.sql_mode) && !ignore),
      defaults_(schema_->columns.size()) {
    context_.eval.strict_writes = strict_;
    for (std::size_t i = 0; i < schema_->columns.size(); ++i) {
        if (schema_->columns[i].auto_increment) {
            auto_increment_ = i;
        }
    }
}

Value TableWriter::convert(const ColumnVector& in, std::size_t row, const ResultType& from,
                           std::size_t ordinal, std::size_t row_number) {
    const storage::Column& column = schema_->columns[ordinal];
    ColumnTarget target;
    target.type = &column.type;
    target.name = column.name;
    target.nullable = column.nullable || column.auto_increment;
    target.row_number = row_number;
    target.strict = strict_;
    return convert_for_column(in, row, from, target, context_.eval);
}

Value TableWriter::convert(const Value& value, const ResultType& from, std::size_t ordinal,
                           std::size_t row_number) {
    const storage::Column& column = schema_->columns[ordinal];
    ColumnTarget target;
    target.type = &column.type;
    target.name = column.name;
    target.nullable = column.nullable || column.auto_increment;
    target.row_number = row_number;
    target.strict = strict_;
    return convert_for_column(value, from, target, context_.eval);
}

TableWriter::Default& TableWriter::default_of(std::size_t ordinal) {
    std::optional<Default>& held = defaults_[ordinal];
    if (!held) {
        held.emplace();
        BindEnvironment environment = frame_.environment();
        // Defaults are stored in canonical text, whatever the session's modes are.
        const std::uint64_t mode = environment.statement.sql_mode;
        environment.statement.sql_mode &= ~std::uint64_t{kModeAnsiQuotes | kModeNoBackslashEscapes};
        held->expression = with_all_digits(bind_default(environment, *schema_, ordinal));
        environment.statement.sql_mode = mode;
        if (is_foldable(*held->expression)) {
            held->constant = convert(evaluate_constant(*held->expression, context_.eval),
                                     held->expression->type, ordinal, 1);
        }
    }
    return *held;
}

Value TableWriter::default_value(std::size_t ordinal) {
    const storage::Column& column = schema_->columns[ordinal];
    if (column.generated_sql || column.auto_increment) {
        return Value();
    }
    if (column.default_sql) {
        Default& found = default_of(ordinal);
        if (found.constant) {
            return *found.constant;
        }
        return convert(evaluate_constant(*found.expression, context_.eval), found.expression->type,
                       ordinal, 1);
    }
    if (column.nullable) {
        return Value();
    }
    if (column.type.id == storage::TypeId::kEnum) {
        return implicit_default(column.type);
    }
    if (strict_) {
        throw_sql_error(ErrorCode::ER_NO_DEFAULT_FOR_FIELD, column.name);
    }
    frame_.context().warn(1364, error_message(ErrorCode::ER_NO_DEFAULT_FOR_FIELD, column.name));
    return implicit_default(column.type);
}

namespace {

bool is_zero(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kInt:
        case ValueKind::kUInt:
            return value.as_int() == 0;
        case ValueKind::kFloat:
        case ValueKind::kDouble:
            return value.as_double() == 0;
        default:
            return false;
    }
}

Value number_value(std::uint64_t number, const storage::ColumnType& type) {
    if (type.id == storage::TypeId::kDouble) {
        return Value::of_double(static_cast<double>(number));
    }
    if (type.id == storage::TypeId::kFloat) {
        return Value::of_float(static_cast<float>(number));
    }
    return type.is_unsigned ? Value::of_uint(number)
                            : Value::of_int(static_cast<std::int64_t>(number));
}

std::uint64_t number_of(const Value& value) {
    if (value.kind() == ValueKind::kFloat || value.kind() == ValueKind::kDouble) {
        return value.as_double() < 0 ? 0 : static_cast<std::uint64_t>(value.as_double());
    }
    return value.kind() == ValueKind::kInt && value.as_int() < 0 ? 0 : value.as_uint();
}

/// The largest number an AUTO_INCREMENT column can hold.
std::uint64_t largest(const storage::ColumnType& type) {
    unsigned bits = 64;
    switch (type.id) {
        case storage::TypeId::kTinyInt:
            bits = 8;
            break;
        case storage::TypeId::kSmallInt:
            bits = 16;
            break;
        case storage::TypeId::kMediumInt:
            bits = 24;
            break;
        case storage::TypeId::kInt:
            bits = 32;
            break;
        default:
            break;
    }
    bits -= type.is_unsigned ? 0 : 1;
    return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

}  // namespace

Value TableWriter::auto_increment_value(const Value& given, std::uint64_t more_rows) {
    StatementContext& context = frame_.context();
    const storage::ColumnType& type = schema_->columns[*auto_increment_].type;
    const bool zero_generates = (context.sql_mode & kModeNoAutoValueOnZero) == 0;
    const bool generates = given.is_null() || (zero_generates && is_zero(given));
    storage::Store& store = frame_.services.store;
    last_from_store_ = false;
    if (!generates) {
        const std::uint64_t number = number_of(given);
        last_given_ = number;
        if (number > 0 && number < ~std::uint64_t{0}) {
            store.raise_auto_increment(database_.base, schema_->table_id, number + 1);
            ids_left_ = number + 1 > next_id_ ? 0 : ids_left_;
        }
        return given;
    }
    std::uint64_t id = 0;
    if (context.insert_id) {
        id = *context.insert_id;
        context.insert_id = id + context.auto_increment_increment;
        store.raise_auto_increment(database_.base, schema_->table_id, id + 1);
    } else {
        if (ids_left_ == 0) {
            // Not knowing how many rows come, InnoDB takes 1, 2, 4 … numbers at a time.
            constexpr unsigned kMostDoublings = 15;
            ids_left_ = more_rows != 0
                            ? more_rows
                            : std::uint64_t{1} << std::min(reservations_, kMostDoublings);
            ++reservations_;
            next_id_ = store.reserve_auto_increment(database_.base, schema_->table_id, ids_left_,
                                                    context.auto_increment_increment,
                                                    context.auto_increment_offset);
        }
        id = next_id_;
        next_id_ += context.auto_increment_increment;
        --ids_left_;
        last_from_store_ = true;
    }
    if (id > largest(type)) {
        throw SqlError(1467, "HY000", "Failed to read auto-increment value from storage engine");
    }
    if (first_generated_ == 0) {
        first_generated_ = id;
    }
    return number_value(id, type);
}

void TableWriter::give_back_auto_increment() {
    if (!last_from_store_) {
        return;
    }
    const std::uint64_t step = frame_.context().auto_increment_increment;
    next_id_ -= step;
    ++ids_left_;
    if (first_generated_ == next_id_) {
        first_generated_ = 0;
    }
    last_from_store_ = false;
}

storage::Row TableWriter::decode(storage::ByteView stored_row) const {
    return table_->layout().rows.decode(stored_row, &root_.blocks());
}

storage::Row TableWriter::read(storage::ByteView key) {
    const auto found = table_->find(key);
    if (!found) {
        throw_sql_error(ErrorCode::ER_KEY_NOT_FOUND, schema_->name);
    }
    return decode(schema_->keyless() ? storage::KeylessEntry::decode(found->value).row
                                     : found->value);
}

void TableWriter::touch(storage::Row& row, const std::vector<bool>& assigned) {
    for (std::size_t i = 0; i < schema_->columns.size(); ++i) {
        const storage::Column& column = schema_->columns[i];
        if (!column.on_update_sql || assigned[i]) {
            continue;
        }
        BindEnvironment environment = frame_.environment();
        environment.texts.push_back(*column.on_update_sql);
        const ast::Expr* syntax = parse_expression(environment.texts.back(),
                                                   environment.parse_options(), environment.arena);
        ExpressionBinder binder(environment, nullptr, nullptr);
        const ExpressionPtr now = binder.bind_scalar(*syntax);
        row[i] = convert(evaluate_constant(*now, context_.eval), now->type, i, 1);
    }
}

storage::WriteOutcome TableWriter::insert(storage::Row row) {
    return writer_.insert(*table_, std::move(row));
}

storage::WriteOutcome TableWriter::update(storage::ByteView key, storage::Row row) {
    return writer_.update(*table_, key, std::move(row));
}

storage::WriteOutcome TableWriter::remove(storage::ByteView key) {
    return writer_.remove(*table_, key);
}

void TableWriter::report(const storage::WriteOutcome& outcome, const storage::Row& row) {
    if (outcome.ok()) {
        return;
    }
    const SqlError error = write_error(outcome, *table_, row, root_);
    if (!ignore_) {
        throw error;
    }
    frame_.context().warn(error.error_number(), error.message());
}

}  // namespace afterimage::sql

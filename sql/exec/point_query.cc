// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/point_query.h"

#include <charconv>
#include <limits>

#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/charset.h"
#include "sql/expr/column_convert.h"

namespace afterimage::sql {

using ast::ExprKind;
using storage::Value;

namespace {

/// Longer strings may have cut keys, which need a comparison with the row.
constexpr std::size_t kMaxKeyText = 200;

/// One row, or none.
class PointResult : public ResultStream {
  public:
    PointResult(std::vector<ResultColumn> columns, StatementContext& statement)
        : columns_(std::move(columns)), statement_(statement) {}

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    [[nodiscard]] const Batch* next() override {
        if (done_) {
            return nullptr;
        }
        done_ = batch_.row_count == 0 || given_;
        if (done_) {
            statement_.found_rows = batch_.row_count;
            statement_.row_count = ~std::uint64_t{0};
            return nullptr;
        }
        given_ = true;
        return &batch_;
    }
    [[nodiscard]] const StatementOutcome& outcome() const override { return outcome_; }

    Batch& batch() noexcept { return batch_; }

  private:
    std::vector<ResultColumn> columns_;
    StatementContext& statement_;
    Batch batch_;
    StatementOutcome outcome_;
    bool given_ = false;
    bool done_ = false;
};

bool is_plain(const ast::Query& query) {
    if (query.with || query.body->kind != ast::QueryBodyKind::kSelect || !query.order_by.empty() ||
        query.limit.count || query.procedure_analyse || query.into.kind != ast::IntoKind::kNone) {
        return false;
    }
    const auto& select = static_cast<const ast::Select&>(*query.body);
    return select.where && select.from && select.from->kind == ast::TableRefKind::kTable &&
           !select.options.distinct && !select.options.calc_found_rows && select.group_by.empty() &&
           !select.having && select.windows.empty() && !select.qualify;
}

/// column = literal or ?, or the other way round.
struct KeyTerm {
    const ast::ColumnExpr* column = nullptr;
    const ast::Expr* value = nullptr;
};

bool add_term(const ast::Expr& expr, std::vector<KeyTerm>& terms) {
    if (expr.kind != ExprKind::kBinary) {
        return false;
    }
    const auto& binary = ast::as<ast::BinaryExpr>(expr);
    if (binary.op != ast::BinaryOp::kEqual) {
        return false;
    }
    const auto is_value = [](const ast::Expr& side) {
        return side.kind == ExprKind::kLiteral || side.kind == ExprKind::kParameter;
    };
    if (binary.left->kind == ExprKind::kColumn && is_value(*binary.right)) {
        terms.push_back({&ast::as<ast::ColumnExpr>(*binary.left), binary.right});
        return true;
    }
    return false;
}

bool find_terms(const ast::Expr& where, std::vector<KeyTerm>& terms) {
    if (where.kind != ExprKind::kLogical) {
        return add_term(where, terms);
    }
    const auto& logical = ast::as<ast::LogicalExpr>(where);
    if (logical.op != ast::LogicalOp::kAnd) {
        return false;
    }
    for (const ast::Expr* operand : logical.operands) {
        if (!add_term(*operand, terms)) {
            return false;
        }
    }
    return true;
}

bool names_table(const ast::ColumnExpr& column, std::string_view alias) {
    return column.database.empty() && (column.table.empty() || same_name(column.table, alias));
}

unsigned integer_bits(storage::TypeId id) {
    switch (id) {
        case storage::TypeId::kTinyInt:
            return 8;
        case storage::TypeId::kSmallInt:
            return 16;
        case storage::TypeId::kMediumInt:
            return 24;
        case storage::TypeId::kInt:
            return 32;
        default:
            return 64;
    }
}

/// Empty for what the column cannot hold.
std::optional<Value> integer_cell(std::int64_t number, const storage::ColumnType& type) {
    const unsigned bits = integer_bits(type.id);
    const std::int64_t most = bits == 64
                                  ? std::numeric_limits<std::int64_t>::max()
                                  : (std::int64_t{1} << (type.is_unsigned ? bits : bits - 1)) - 1;
    if (number > most || number < (type.is_unsigned ? 0 : -most - 1)) {
        return std::nullopt;
    }
    return type.is_unsigned ? Value::of_uint(static_cast<std::uint64_t>(number))
                            : Value::of_int(number);
}

/// The key cell that a literal or parameter stands for; empty where conversions would matter.
std::optional<Value> key_cell(const StatementFrame& frame, const ast::Expr& expr,
                              const storage::ColumnType& type) {
    const bool integer = storage::is_integer(type.id);
    const StatementContext& statement = frame.session.context;
    std::string_view text;
    if (expr.kind == ExprKind::kParameter) {
        const std::size_t index = ast::as<ast::ParameterExpr>(expr).index;
        if (!frame.parameters || index >= frame.parameters->size()) {
            return std::nullopt;
        }
        const Value& value = (*frame.parameters)[index];
        if (integer && value.kind() == storage::ValueKind::kInt) {
            return integer_cell(value.as_int(), type);
        }
        if (integer || value.kind() != storage::ValueKind::kBytes ||
            (*frame.parameter_types)[index].type.collation != statement.connection_collation) {
            return std::nullopt;
        }
        text = value.as_bytes();
    } else {
        const auto& literal = ast::as<ast::LiteralExpr>(expr);
        if (integer && literal.literal == ast::LiteralKind::kInteger) {
            std::int64_t number = 0;
            const char* end = literal.value.data() + literal.value.size();
            const auto parsed = std::from_chars(literal.value.data(), end, number);
            return parsed.ec == std::errc() && parsed.ptr == end ? integer_cell(number, type)
                                                                 : std::nullopt;
        }
        const bool plain_text =
            literal.literal == ast::LiteralKind::kString && literal.charset.empty() &&
            !literal.national &&
            same_charset(statement.client_collation, statement.connection_collation);
        if (integer || !plain_text) {
            return std::nullopt;
        }
        text = literal.value;
    }
    if (!storage::is_text(type.id) || text.size() > kMaxKeyText ||
        !same_charset(type.collation, statement.connection_collation)) {
        return std::nullopt;
    }
    return Value::of_bytes(storage::Bytes(text));
}

/// Ordinals of the select list; false when it holds anything but columns and *.
bool find_items(const ast::Select& select, const storage::TableSchema& schema,
                std::string_view alias, std::vector<std::size_t>& ordinals,
                std::vector<std::string_view>& names) {
    for (const ast::SelectItem& item : select.items) {
        if (item.expr->kind == ExprKind::kStar) {
            if (!ast::as<ast::StarExpr>(*item.expr).table.empty()) {
                return false;
            }
            for (std::size_t i = 0; i < schema.columns.size(); ++i) {
                if (!schema.columns[i].invisible) {
                    ordinals.push_back(i);
                    names.emplace_back();
                }
            }
            continue;
        }
        if (item.expr->kind != ExprKind::kColumn) {
            return false;
        }
        const auto& name = ast::as<ast::ColumnExpr>(*item.expr);
        const storage::Column* column = schema.find_column(name.column);
        if (!column || !names_table(name, alias)) {
            return false;
        }
        ordinals.push_back(static_cast<std::size_t>(column - schema.columns.data()));
        names.push_back(item.has_alias ? item.alias : ast::Identifier());
    }
    return true;
}

/// The primary tree key that the terms give; empty when they do not give exactly that.
std::optional<storage::Bytes> key_of(const StatementFrame& frame,
                                     const storage::TableLayout& layout,
                                     const std::vector<KeyTerm>& terms, std::string_view alias) {
    const storage::TableSchema& schema = *layout.schema;
    if (!schema.primary_key || schema.primary_key->parts.size() != terms.size()) {
        return std::nullopt;
    }
    std::vector<Value> cells;
    for (const storage::IndexPart& part : schema.primary_key->parts) {
        if (part.prefix_length != 0 || part.column == 0) {
            return std::nullopt;
        }
        const storage::Column& column = schema.columns[schema.ordinal_of(part.column)];
        const KeyTerm* found = nullptr;
        for (const KeyTerm& term : terms) {
            if (names_table(*term.column, alias) && same_name(term.column->column, column.name)) {
                found = &term;
            }
        }
        std::optional<Value> cell =
            found ? key_cell(frame, *found->value, column.type) : std::nullopt;
        if (!cell) {
            return std::nullopt;
        }
        cells.push_back(*std::move(cell));
    }
    return layout.primary->encode_prefix(cells);
}

}  // namespace

std::unique_ptr<ResultStream> try_point_query(StatementFrame& frame, const ast::Query& query) {
    if (!is_plain(query)) {
        return nullptr;
    }
    const auto& select = static_cast<const ast::Select&>(*query.body);
    const auto& from = ast::as<ast::NamedTableRef>(*select.from);
    std::vector<KeyTerm> terms;
    if (from.as_of.kind != ast::AsOfKind::kNone || !from.hints.empty() ||
        !from.partitions.empty() || !find_terms(*select.where, terms)) {
        return nullptr;
    }
    const auto found = frame.catalog->find_database(from.name.database);
    if (!found) {
        return nullptr;  // it may have been dropped, its history tables not
    }
    const ResolvedDatabase& database = *found;
    const std::shared_ptr<const storage::Table> table =
        frame.catalog->find_table(database, from.name.name);
    if (!table) {
        return nullptr;
    }
    const storage::TableLayout& layout = *table->layout;
    const storage::TableSchema& schema = *layout.schema;
    const std::string_view alias = from.alias.empty() ? from.name.name : from.alias;
    std::vector<std::size_t> ordinals;
    std::vector<std::string_view> names;
    if (!find_items(select, schema, alias, ordinals, names)) {
        return nullptr;
    }
    const std::optional<storage::Bytes> key = key_of(frame, layout, terms, alias);
    if (!key) {
        return nullptr;
    }
    frame.require_table(database, schema.name, kPrivilegeSelect, "SELECT");
    std::vector<ResultColumn> columns;
    columns.reserve(ordinals.size());
    for (std::size_t i = 0; i < ordinals.size(); ++i) {
        columns.push_back(column_metadata(schema, ordinals[i], alias, database.name));
        if (names[i].data()) {
            columns.back().name = names[i];
        }
    }
    auto result = std::make_unique<PointResult>(std::move(columns), frame.session.context);
    const storage::TableReader reader = frame.catalog->reader(table);
    const std::optional<storage::Bytes> row = reader.find(*key);
    if (!row) {
        return result;
    }
    Batch& batch = result->batch();
    batch.columns.resize(ordinals.size());
    batch.row_count = 1;
    EvalContext eval(frame.session.context, batch.arena);
    for (std::size_t i = 0; i < ordinals.size(); ++i) {
        const ColumnLoader loader(schema.columns[ordinals[i]].type);
        ColumnVector& out = batch.columns[i];
        out.clear(vector_kind(loader.type()));
        out.scale = loader.type().type.scale;
        loader.append(out, layout.rows.cell(*row, ordinals[i]), &reader.blocks(), eval);
        if (out.kind == VectorKind::kString && !out.strings.empty()) {
            out.strings.back() = batch.arena.copy(out.strings.back());
        }
    }
    return result;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/partition_text.h"

#include <algorithm>
#include <deque>

#include "sql/catalog/identifier.h"
#include "sql/ddl/normal_form.h"
#include "sql/expr/evaluate.h"
#include "sql/expr/time_zone.h"
#include "sql/parse/ast_printer.h"
#include "sql/parse/parser.h"
#include "sql/sql_error.h"
#include "storage/value/temporal.h"
#include "storage/value/text_form.h"

namespace afterimage::sql {

using ast::as;
using ast::ExprKind;
using ast::PartitionMethod;

namespace {

// ---- Bounds -------------------------------------------------------------------------------------

bool is_constant_text(const ast::Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kLiteral:
            return true;
        case ExprKind::kColumn:  // MAXVALUE
            return true;
        case ExprKind::kUnary:
            return as<ast::UnaryExpr>(expr).op == ast::UnaryOp::kNegate &&
                   as<ast::UnaryExpr>(expr).operand->kind == ExprKind::kLiteral;
        default:
            return false;
    }
}

/// UNIX_TIMESTAMP('…') is read in the session's time zone.
std::optional<std::string> unix_time(const ast::Expr& expr, const PartitionContext& context) {
    if (expr.kind != ExprKind::kFunction) {
        return std::nullopt;
    }
    const auto& call = as<ast::FunctionExpr>(expr);
    if (!same_name(call.name, "unix_timestamp") || call.args.size() != 1 ||
        call.args[0]->kind != ExprKind::kLiteral) {
        return std::nullopt;
    }
    bool truncated = false;
    const auto packed = storage::parse_datetime(as<ast::LiteralExpr>(*call.args[0]).value,
                                                {false, false, false}, &truncated);
    if (!packed) {
        return std::nullopt;
    }
    StringArena arena;
    EvalContext evaluation(context.statement, arena);
    return std::to_string(evaluation.time_zone().to_utc(*packed) / 1'000'000);
}

std::string evaluated(const std::string& text, const PartitionContext& context) {
    if (context.rules == nullptr) {
        return text;
    }
    storage::TableSchema schema;
    schema.name = "partition bound " + text;
    schema.mariadb_flavour = context.mariadb;
    storage::Column column;
    column.id = 1;
    column.name = "bound";
    column.type.id = storage::TypeId::kBigInt;
    column.generated_sql = text;
    schema.columns.push_back(std::move(column));
    storage::Row row(1);
    context.rules->compute_generated(schema, row);
    return row[0].is_null() ? "NULL" : std::to_string(row[0].as_int());
}

class PartitionPrinter {
  public:
    explicit PartitionPrinter(const PartitionContext& context)
        : context_(context),
          normalizer_(arena_, context.mariadb, "utf8mb4"),
          options_{context.mariadb ? PrintStyle::kMariaDb : PrintStyle::kMySql, {}} {}

    [[nodiscard]] std::string expression(const ast::Expr& expr) {
        return print_expression(*normalizer_.normalize(expr), options_);
    }

    [[nodiscard]] std::string bound(const ast::Expr& expr) {
        if (expr.kind == ExprKind::kRow) {
            std::string out = "(";
            for (const ast::Expr* item : as<ast::RowExpr>(expr).items) {
                out += (out.size() > 1 ? "," : "") + bound(*item);
            }
            return out + ")";
        }
        if (expr.kind == ExprKind::kColumn) {
            return "MAXVALUE";
        }
        if (expr.kind == ExprKind::kLiteral) {
            const auto& literal = as<ast::LiteralExpr>(expr);
            if (literal.literal == ast::LiteralKind::kDate ||
                literal.literal == ast::LiteralKind::kTime ||
                literal.literal == ast::LiteralKind::kTimestamp) {
                std::string out;
                append_string_literal(out, literal.value);
                return out;
            }
        }
        if (const auto seconds = unix_time(expr, context_)) {
            return *seconds;
        }
        const std::string text = expression(expr);
        return is_constant_text(expr) ? text : evaluated(text, context_);
    }

    [[nodiscard]] std::string bounds(const ast::PartitionDefinition& definition, bool null_first) {
        std::vector<std::string> texts;
        for (const ast::Expr* value : definition.values) {
            texts.push_back(bound(*value));
        }
        if (null_first) {
            std::stable_partition(texts.begin(), texts.end(),
                                  [](const std::string& text) { return text == "NULL"; });
        }
        std::string out;
        for (const std::string& text : texts) {
            out += (out.empty() ? "" : ",") + text;
        }
        return out;
    }

    void method(std::string& out, PartitionMethod method, bool linear, std::uint64_t algorithm,
                const ast::Expr* expr, const ast::List<ast::Identifier>& columns) {
        out += linear ? "LINEAR " : "";
        switch (method) {
            case PartitionMethod::kHash:
                out += "HASH (" + expression(*expr) + ")";
                return;
            case PartitionMethod::kRange:
                out += "RANGE (" + expression(*expr) + ")";
                return;
            case PartitionMethod::kList:
                out += "LIST (" + expression(*expr) + ")";
                return;
            case PartitionMethod::kKey:
                out += "KEY ";
                out += algorithm == 0 ? "" : "ALGORITHM = " + std::to_string(algorithm) + " ";
                break;
            case PartitionMethod::kRangeColumns:
                out += "RANGE  COLUMNS";
                break;
            default:
                out += "LIST  COLUMNS";
                break;
        }
        out += "(";
        for (std::size_t i = 0; i < columns.size(); ++i) {
            out += (i == 0 ? "" : ",") + quote_identifier(columns[i]);
        }
        out += ")";
    }

    void options(std::string& out, const ast::TableOptions& options) {
        for (const std::string_view name : {"MAX_ROWS", "MIN_ROWS"}) {
            for (const ast::OptionValue& option : options.other) {
                if (option.name == name) {
                    out += " " + std::string(name) + " = " + std::string(option.text);
                }
            }
        }
        if (options.has_comment && !options.comment.empty()) {
            out += " COMMENT = ";
            append_string_literal(out, options.comment);
        }
        out += " ENGINE = " + context_.engine;
    }

    void definition(std::string& out, const ast::PartitionDefinition& of, PartitionMethod method) {
        out += "PARTITION " + quote_identifier(of.name);
        if (of.values_kind == ast::PartitionValues::kLessThan) {
            out += " VALUES LESS THAN ";
            const bool bare = of.less_than_maxvalue ||
                              (method == PartitionMethod::kRange && of.values.size() == 1 &&
                               of.values[0]->kind == ExprKind::kColumn);
            out += bare ? "MAXVALUE" : "(" + bounds(of, false) + ")";
        } else if (of.values_kind == ast::PartitionValues::kIn) {
            out += " VALUES IN (" + bounds(of, method == PartitionMethod::kList) + ")";
        } else if (of.values_kind == ast::PartitionValues::kDefault) {
            out += " DEFAULT";
        }
        if (of.subpartitions == nullptr || of.subpartitions->empty()) {
            return options(out, of.options);
        }
        std::string_view separator = "\n (";
        for (const ast::PartitionDefinition& sub : *of.subpartitions) {
            out += separator;
            out += "SUBPARTITION " + quote_identifier(sub.name);
            options(out, sub.options);
            separator = ",\n  ";
        }
        out += ")";
    }

  private:
    const PartitionContext& context_;
    Arena arena_;
    ExpressionNormalizer normalizer_;
    PrintOptions options_;
};

const ast::PartitionBy& parsed_partition(const std::string& statement, Arena& arena, bool mariadb) {
    ParseOptions options;
    options.flavour = mariadb ? ParseFlavour::kMariaDb : ParseFlavour::kMySql;
    const ParseResult parsed = parse_one(statement, options, arena);
    return *as<ast::AlterTableStatement>(*parsed.statement).actions[0]->partition_by;
}

bool names(const ast::AlterAction& action, std::string_view partition) {
    return action.all_partitions ||
           std::any_of(action.partitions.begin(), action.partitions.end(),
                       [&](std::string_view name) { return same_name(name, partition); });
}

void check_names(const ast::PartitionBy& by, const ast::AlterAction& action) {
    for (const std::string_view name : action.partitions) {
        const bool found = std::any_of(
            by.partitions.begin(), by.partitions.end(),
            [&](const ast::PartitionDefinition& of) { return same_name(of.name, name); });
        if (!found && !action.if_exists) {
            throw SqlError(1507, "HY000", "Error in list of partitions to " + std::string(name));
        }
    }
}

bool by_hash(PartitionMethod method) {
    return method == PartitionMethod::kHash || method == PartitionMethod::kKey;
}

/// A hash without definitions gets the names that the source gives: p0, p1 …
void name_partitions(ast::PartitionBy& by, std::uint64_t count, std::deque<std::string>& kept,
                     Arena& arena) {
    for (std::uint64_t i = by.partitions.size(); i < count; ++i) {
        kept.push_back("p" + std::to_string(i));
        ast::PartitionDefinition definition;
        definition.name = kept.back();
        by.partitions.push_back(definition, arena);
    }
}

void add_partitions(ast::PartitionBy& by, const ast::AlterAction& action,
                    std::deque<std::string>& kept, Arena& arena) {
    const std::uint64_t count = std::max<std::uint64_t>(by.count, 1);
    if (action.definitions.empty()) {
        if (by.partitions.empty()) {
            by.count = count + action.count;
        } else {
            name_partitions(by, by.partitions.size() + action.count, kept, arena);
        }
        return;
    }
    if (by_hash(by.method) && by.partitions.empty()) {
        name_partitions(by, count, kept, arena);
    }
    for (const ast::PartitionDefinition& definition : action.definitions) {
        by.partitions.push_back(definition, arena);
    }
    by.count = 0;
}

void coalesce(ast::PartitionBy& by, std::uint64_t count, Arena& arena) {
    const std::uint64_t present =
        by.partitions.empty() ? std::max<std::uint64_t>(by.count, 1) : by.partitions.size();
    if (count >= present) {
        throw SqlError(1508, "HY000", "Cannot remove all partitions, use DROP TABLE instead");
    }
    if (by.partitions.empty()) {
        by.count = present - count;
        return;
    }
    ast::List<ast::PartitionDefinition> left;
    for (std::size_t i = 0; i + count < present; ++i) {
        left.push_back(by.partitions[i], arena);
    }
    by.partitions = left;
}

/// Takes the named ones out and puts `instead` where the first of them stood.
void replace_partitions(ast::PartitionBy& by, const ast::AlterAction& action, Arena& arena) {
    check_names(by, action);
    ast::List<ast::PartitionDefinition> left;
    bool placed = false;
    for (const ast::PartitionDefinition& definition : by.partitions) {
        if (!names(action, definition.name)) {
            left.push_back(definition, arena);
            continue;
        }
        if (!placed) {
            for (const ast::PartitionDefinition& instead : action.definitions) {
                left.push_back(instead, arena);
            }
            placed = true;
        }
    }
    if (left.empty()) {
        throw SqlError(1508, "HY000", "Cannot remove all partitions, use DROP TABLE instead");
    }
    by.partitions = left;
    by.count = 0;
}

/// Whether a tuple of columns is less than a tuple of bounds; NULL is less than everything.
std::string less_than(const ast::PartitionBy& by, const ast::PartitionDefinition& of,
                      PartitionPrinter& printer) {
    if (of.less_than_maxvalue) {
        return "1";
    }
    std::vector<std::string> operands;
    if (by.method == PartitionMethod::kRange) {
        operands.push_back("(" + printer.expression(*by.expr) + ")");
    } else {
        for (const std::string_view column : by.columns) {
            operands.push_back(quote_identifier(column));
        }
    }
    std::string out = "0";
    for (std::size_t i = operands.size(); i-- > 0;) {
        const std::string value = printer.bound(*of.values[i]);
        if (value == "MAXVALUE") {
            out = "1";
            continue;
        }
        const std::string less =
            "(" + operands[i] + " IS NULL OR " + operands[i] + " < " + value + ")";
        out = i + 1 == operands.size()
                  ? less
                  : "(" + less + " OR (" + operands[i] + " = " + value + " AND " + out + "))";
    }
    return out;
}

std::string listed(const ast::PartitionBy& by, const ast::PartitionDefinition& of,
                   PartitionPrinter& printer) {
    std::string out;
    for (const ast::Expr* value : of.values) {
        std::string one;
        const auto add = [&](const std::string& operand, const ast::Expr& bound) {
            one += (one.empty() ? "" : " AND ") + operand + " <=> " + printer.bound(bound);
        };
        if (by.method == PartitionMethod::kList) {
            add("(" + printer.expression(*by.expr) + ")", *value);
        } else if (value->kind == ExprKind::kRow) {
            for (std::size_t i = 0; i < by.columns.size(); ++i) {
                add(quote_identifier(by.columns[i]), *as<ast::RowExpr>(*value).items[i]);
            }
        } else {
            add(quote_identifier(by.columns[0]), *value);
        }
        out += (out.empty() ? "(" : " OR (") + one + ")";
    }
    return out.empty() ? "0" : "(" + out + ")";
}

}  // namespace

std::string partition_text(const ast::PartitionBy& by, const PartitionContext& context) {
    if (by.method == PartitionMethod::kSystemTime) {
        throw_not_supported("system-versioned tables");
    }
    PartitionPrinter printer(context);
    std::string out = "PARTITION BY ";
    printer.method(out, by.method, by.linear, by.key_algorithm, by.expr, by.columns);
    if (by.partitions.empty() && by.count > 0) {
        out += "\nPARTITIONS " + std::to_string(by.count);
    }
    if (by.sub_method != PartitionMethod::kNone) {
        out += "\nSUBPARTITION BY ";
        printer.method(out, by.sub_method, by.sub_linear, 0, by.sub_expr, by.sub_columns);
        out += by.sub_count == 0 ? "" : "\nSUBPARTITIONS " + std::to_string(by.sub_count);
    }
    std::string_view separator = "\n(";
    for (const ast::PartitionDefinition& definition : by.partitions) {
        out += separator;
        printer.definition(out, definition, by.method);
        separator = ",\n ";
    }
    return out + (by.partitions.empty() ? "" : ")");
}

std::string changed_partition_text(std::string_view partition_sql, const ast::AlterAction& action,
                                   const PartitionContext& context) {
    using Kind = ast::AlterActionKind;
    if (partition_sql.empty()) {
        throw SqlError(1505, "HY000",
                       "Partition management on a not partitioned table is not possible");
    }
    Arena arena;
    std::deque<std::string> kept;
    const std::string statement = "ALTER TABLE t " + std::string(partition_sql);
    ast::PartitionBy by = parsed_partition(statement, arena, context.mariadb);
    switch (action.kind) {
        case Kind::kAddPartition:
            add_partitions(by, action, kept, arena);
            break;
        case Kind::kDropPartition:
            replace_partitions(by, action, arena);
            break;
        case Kind::kReorganizePartition:
            if (action.definitions.empty()) {
                break;
            }
            replace_partitions(by, action, arena);
            break;
        case Kind::kCoalescePartition:
            coalesce(by, action.count, arena);
            break;
        case Kind::kTruncatePartition:
            check_names(by, action);
            break;
        default:
            throw_not_supported("EXCHANGE, CONVERT, DISCARD and IMPORT of partitions");
    }
    return partition_text(by, context);
}

bool takes_rows(ast::AlterActionKind kind) noexcept {
    return kind == ast::AlterActionKind::kDropPartition ||
           kind == ast::AlterActionKind::kTruncatePartition;
}

std::string partition_condition(std::string_view partition_sql, const ast::AlterAction& action,
                                const PartitionContext& context) {
    if (action.all_partitions) {
        return "1";
    }
    Arena arena;
    const std::string statement = "ALTER TABLE t " + std::string(partition_sql);
    const ast::PartitionBy& by = parsed_partition(statement, arena, context.mariadb);
    check_names(by, action);
    if (by_hash(by.method)) {
        throw_not_supported("TRUNCATE of single partitions by HASH or KEY");
    }
    PartitionPrinter printer(context);
    std::string out;
    std::string before = "0";
    std::string all_lists = "0";
    for (const ast::PartitionDefinition& definition : by.partitions) {
        if (definition.values_kind == ast::PartitionValues::kIn) {
            all_lists += " OR " + listed(by, definition, printer);
        }
    }
    for (const ast::PartitionDefinition& definition : by.partitions) {
        std::string member;
        if (definition.values_kind == ast::PartitionValues::kLessThan) {
            const std::string below = less_than(by, definition, printer);
            member = "(" + below + " AND NOT " + before + ")";
            before = below;
        } else if (definition.values_kind == ast::PartitionValues::kIn) {
            member = listed(by, definition, printer);
        } else {
            member = "(NOT (" + all_lists + "))";
        }
        if (names(action, definition.name)) {
            out += (out.empty() ? "" : " OR ") + member;
        }
    }
    return out.empty() ? "0" : out;
}

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/row_rules.h"

#include <unordered_map>

#include "sql/bind/expression_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/expr/cast.h"
#include "sql/expr/column_convert.h"
#include "sql/expr/functions/quotient.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// A schema's expressions, bound to slots = ordinals.
struct BoundRules {
    std::uint64_t table_id = 0;
    std::uint32_t version = 0;
    std::string name;
    struct Generated {
        std::size_t ordinal = 0;
        ExpressionPtr expression;
    };
    std::vector<Generated> generated;
    struct Check {
        std::string name;
        ExpressionPtr expression;
    };
    std::vector<Check> checks;
    std::vector<ResultType> types;
    std::vector<bool> read;  ///< columns that some expression reads
};

class SqlRowRules : public storage::RowRules {
  public:
    SqlRowRules() : eval_(statement_, arena_) {
        statement_.time_zone = "+00:00";
        statement_.warnings = nullptr;
    }

    void compute_generated(const storage::TableSchema& schema, storage::Row& row) override {
        const BoundRules& rules = rules_of(schema);
        if (rules.generated.empty()) {
            return;
        }
        Batch batch = batch_of(rules, row);
        const ArenaChange scope(eval_, batch.arena);
        eval_.strict_writes = true;
        ColumnVector scratch;
        for (const BoundRules::Generated& generated : rules.generated) {
            const ColumnVector& cell = evaluate_ref(*generated.expression, batch, eval_, scratch);
            const storage::Column& column = schema.columns[generated.ordinal];
            ColumnTarget target;
            target.type = &column.type;
            target.name = column.name;
            target.nullable = true;
            target.strict = true;
            row[generated.ordinal] =
                convert_for_column(cell, 0, generated.expression->type, target, eval_);
            ColumnVector& slot = batch.columns[generated.ordinal];
            slot.clear(vector_kind(rules.types[generated.ordinal]));
            slot.scale = rules.types[generated.ordinal].type.scale;
            append_value(slot, row[generated.ordinal], rules.types[generated.ordinal], eval_);
        }
    }

    std::optional<std::string> violated_check(const storage::TableSchema& schema,
                                              const storage::Row& row) override {
        const BoundRules& rules = rules_of(schema);
        if (rules.checks.empty()) {
            return std::nullopt;
        }
        Batch batch = batch_of(rules, row);
        const ArenaChange scope(eval_, batch.arena);
        eval_.strict_writes = false;
        for (const BoundRules::Check& check : rules.checks) {
            // NULL passes: only what is false violates.
            ColumnVector scratch;
            const ColumnVector& cell = evaluate_ref(*check.expression, batch, eval_, scratch);
            if (cell.is_null(0)) {
                continue;
            }
            std::vector<std::uint16_t> passed;
            evaluate_filter(*check.expression, batch, eval_, passed);
            if (passed.empty()) {
                return check.name;
            }
        }
        return std::nullopt;
    }

  private:
    class ArenaChange {
      public:
        ArenaChange(EvalContext& eval, StringArena& arena) : eval_(eval), kept_(eval.arena) {
            eval_.arena = &arena;
        }
        ~ArenaChange() { eval_.arena = kept_; }
        ArenaChange(const ArenaChange&) = delete;
        ArenaChange& operator=(const ArenaChange&) = delete;

      private:
        EvalContext& eval_;
        StringArena* kept_;
    };

    Batch batch_of(const BoundRules& rules, const storage::Row& row) {
        Batch batch;
        batch.columns.resize(row.size());
        batch.row_count = 1;
        const ArenaChange scope(eval_, batch.arena);
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (rules.read[i]) {
                batch.columns[i].clear(vector_kind(rules.types[i]));
                batch.columns[i].scale = rules.types[i].type.scale;
                append_value(batch.columns[i], row[i], rules.types[i], eval_);
            }
        }
        return batch;
    }

    const BoundRules& rules_of(const storage::TableSchema& schema) {
        std::unique_ptr<BoundRules>& held = bound_[&schema];
        if (held && held->table_id == schema.table_id && held->version == schema.version &&
            held->name == schema.name && held->types.size() == schema.columns.size()) {
            return *held;
        }
        held = bind(schema);
        return *held;
    }

    std::unique_ptr<BoundRules> bind(const storage::TableSchema& schema) {
        auto rules = std::make_unique<BoundRules>();
        rules->table_id = schema.table_id;
        rules->version = schema.version;
        rules->name = schema.name;
        Scope scope;
        add_table_columns(scope, schema, schema.name, {});
        for (const auto& column : scope.names.visible) {
            rules->types.push_back(column->meta.type);
        }
        rules->read.assign(schema.columns.size(), false);
        for (std::size_t i = 0; i < schema.columns.size(); ++i) {
            if (schema.columns[i].generated_sql) {
                rules->generated.push_back(
                    {i, bind_text(*schema.columns[i].generated_sql, scope, *rules)});
                rules->read[i] = true;
            }
        }
        for (const storage::CheckConstraint& check : schema.checks) {
            if (check.enforced) {
                rules->checks.push_back(
                    {check.name, bind_text(check.expression_sql, scope, *rules)});
            }
        }
        return rules;
    }

    ExpressionPtr bind_text(const std::string& text, Scope& scope, BoundRules& rules) {
        Arena arena;
        BindEnvironment environment(statement_, arena);
        const ast::Expr* syntax = parse_expression(text, environment.parse_options(), arena);
        ExpressionBinder binder(environment, &scope, nullptr);
        // A quotient is stored with all digits that the column holds.
        ExpressionPtr bound = with_all_digits(binder.bind_scalar(*syntax));
        collect_slots(*bound, [&](std::size_t slot) { rules.read[slot] = true; });
        return bound;
    }

    StatementContext statement_;
    StringArena arena_;
    EvalContext eval_;
    std::unordered_map<const storage::TableSchema*, std::unique_ptr<BoundRules>> bound_;
};

}  // namespace

std::unique_ptr<storage::RowRules> make_row_rules() { return std::make_unique<SqlRowRules>(); }

}  // namespace afterimage::sql

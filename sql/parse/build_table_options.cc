// SPDX-License-Identifier: Apache-2.0
// Table options, by name, and PARTITION BY.
#include <algorithm>
#include <charconv>

#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Expr;
using ast::OptionValue;
using ast::TableOptions;
using ast::Toggle;

// ---- Values -------------------------------------------------------------------------------------

OptionValue* AstBuilder::option(std::string_view text) {
    auto* made = make<OptionValue>();
    made->text = text;
    return made;
}

OptionValue* AstBuilder::option_word(std::string_view word) { return option(word); }

OptionValue* AstBuilder::option_text(std::string_view text) {
    OptionValue* made = option(text);
    made->is_string = true;
    return made;
}

OptionValue* AstBuilder::option_number(const Token& token, bool negative) {
    return option(negative ? std::string_view(str_concat("-", token.text())) : token.text());
}

OptionValue* AstBuilder::option_default() {
    OptionValue* made = option("DEFAULT");
    made->is_default = true;
    return made;
}

OptionValue* AstBuilder::option_null() {
    OptionValue* made = option("NULL");
    made->is_null = true;
    return made;
}

OptionValue* AstBuilder::option_account(std::string_view user, const Token& host) {
    OptionValue* made = option(str_concat(user, "@", variable_name(host)));
    made->is_string = true;
    return made;
}

// ---- Options ------------------------------------------------------------------------------------

// The options that the engine looks at get their members; the others are kept as they came.
TableOptions* AstBuilder::table_option(std::string_view option_name, OptionValue* value) {
    auto* made = make<TableOptions>();
    value->name = upper_text(option_name);
    if (value->name == "ENGINE" || value->name == "TYPE") {
        made->engine = value->text;
    } else if (value->name == "AUTO_INCREMENT") {
        made->has_auto_increment = true;
        const char* end = value->text.data() + value->text.size();
        if (std::from_chars(value->text.data(), end, made->auto_increment).ptr != end) {
            failed = true;
        }
    } else if (value->name == "COMMENT") {
        failed = failed || !value->is_string;
        made->has_comment = true;
        made->comment = value->text;
    } else if (value->name == "ROW_FORMAT") {
        made->row_format = value->is_default ? value->text : upper_text(value->text);
    } else if (value->name == "TABLESPACE") {
        made->tablespace = value->text;
    } else {
        if (value->name == "SEQUENCE") {
            made->sequence_marker = value->text;
        }
        made->other.push_back(*value, arena_);
    }
    return made;
}

TableOptions* AstBuilder::word_option(std::string_view option_name, const Token& word) {
    OptionValue* value = option(upper(word));
    value->name = option_name;
    auto* made = make<TableOptions>();
    made->other.push_back(*value, arena_);
    return made;
}

TableOptions* AstBuilder::start_transaction_option() {
    OptionValue* value = option({});
    value->name = "START TRANSACTION";
    auto* made = make<TableOptions>();
    made->other.push_back(*value, arena_);
    return made;
}

TableOptions* AstBuilder::merge_options(TableOptions* to, TableOptions* from) {
    const auto take = [](std::string_view& into, std::string_view value) {
        into = value.empty() ? into : value;
    };
    take(to->engine, from->engine);
    take(to->charset, from->charset);
    take(to->collation, from->collation);
    take(to->row_format, from->row_format);
    take(to->data_directory, from->data_directory);
    take(to->index_directory, from->index_directory);
    take(to->tablespace, from->tablespace);
    take(to->sequence_marker, from->sequence_marker);
    if (from->has_auto_increment) {
        to->has_auto_increment = true;
        to->auto_increment = from->auto_increment;
    }
    if (from->has_comment) {
        to->has_comment = true;
        to->comment = from->comment;
    }
    if (!from->union_tables.empty()) {
        to->union_tables = from->union_tables;
    }
    if (from->system_versioning != Toggle::kUnset) {
        to->system_versioning = from->system_versioning;
    }
    for (const OptionValue& value : from->other) {
        to->other.push_back(value, arena_);
    }
    return to;
}

// ---- PARTITION BY -------------------------------------------------------------------------------

ast::PartitionBy* AstBuilder::partition_by(const Token& from, ast::PartitionBy* method,
                                           std::uint64_t count, const ast::PartitionBy* sub,
                                           List<ast::PartitionDefinition>* definitions) {
    method->count = count;
    if (sub != nullptr) {
        method->sub_method = sub->method;
        method->sub_linear = sub->linear;
        method->sub_expr = sub->expr;
        method->sub_columns = sub->columns;
        method->sub_count = sub->count;
    }
    method->partitions = value(definitions);
    method->text = span(from.data);
    return method;
}

ast::PartitionBy* AstBuilder::partition_expr(ast::PartitionMethod method, Expr* expr, int linear) {
    auto* made = make<ast::PartitionBy>();
    made->method = method;
    made->expr = expr;
    made->linear = linear != 0;
    return made;
}

ast::PartitionBy* AstBuilder::partition_key(Identifiers* columns, int linear,
                                            std::uint64_t algorithm) {
    auto* made = make<ast::PartitionBy>();
    made->method = ast::PartitionMethod::kKey;
    made->columns = value(columns);
    made->linear = linear != 0;
    made->key_algorithm = algorithm;
    return made;
}

ast::PartitionBy* AstBuilder::partition_columns(ast::PartitionMethod method, Identifiers* columns) {
    auto* made = make<ast::PartitionBy>();
    made->method = method;
    made->columns = *columns;
    return made;
}

ast::PartitionBy* AstBuilder::partition_history(Expr* interval, Expr* limit) {
    auto* made = make<ast::PartitionBy>();
    made->method = ast::PartitionMethod::kSystemTime;
    made->expr = interval;
    made->history_limit = limit;
    return made;
}

ast::PartitionDefinition* AstBuilder::partition_definition(
    std::string_view partition, ast::PartitionDefinition* values, ast::TableOptions* options,
    List<ast::PartitionDefinition>* subpartitions) {
    values->name = partition;
    values->options = *options;
    values->subpartitions = subpartitions;
    return values;
}

ast::PartitionDefinition* AstBuilder::partition_maxvalue() {
    auto* made = make<ast::PartitionDefinition>();
    made->values_kind = ast::PartitionValues::kLessThan;
    made->less_than_maxvalue = true;
    return made;
}

ast::PartitionDefinition* AstBuilder::partition_values(ast::PartitionValues kind, Exprs* values) {
    auto* made = make<ast::PartitionDefinition>();
    made->values_kind = kind;
    made->values = value(values);
    return made;
}

}  // namespace afterimage::sql

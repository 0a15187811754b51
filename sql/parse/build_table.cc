// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Expr;
using ast::Statement;
using ast::StatementKind;
using ast::Toggle;

// ---- Databases ----------------------------------------------------------------------------------

Statement* AstBuilder::create_database(int or_replace, int if_not_exists, std::string_view database,
                                       ast::DatabaseStatement* options) {
    auto* made = options != nullptr ? options : make<ast::DatabaseStatement>();
    made->kind = StatementKind::kCreateDatabase;
    made->or_replace = or_replace != 0;
    made->if_not_exists = if_not_exists != 0;
    made->name = database;
    return made;
}

Statement* AstBuilder::alter_database(Str database, ast::DatabaseStatement* options) {
    options->kind = StatementKind::kAlterDatabase;
    options->name = database;
    return options;
}

Statement* AstBuilder::upgrade_database(std::string_view database) {
    auto* made = make_statement<ast::DatabaseStatement>(StatementKind::kAlterDatabase);
    made->name = database;
    made->upgrade_data_directory = true;
    return made;
}

Statement* AstBuilder::drop_database(int if_exists, std::string_view database) {
    auto* made = make_statement<ast::DropDatabaseStatement>(StatementKind::kDropDatabase);
    made->if_exists = if_exists != 0;
    made->name = database;
    return made;
}

ast::DatabaseStatement* AstBuilder::merge_database(ast::DatabaseStatement* to,
                                                   const ast::DatabaseStatement* from) {
    const auto take = [](std::string_view& into, std::string_view value) {
        into = value.empty() ? into : value;
    };
    take(to->charset, from->charset);
    take(to->collation, from->collation);
    take(to->encryption, from->encryption);
    take(to->read_only, from->read_only);
    if (from->has_comment) {
        to->has_comment = true;
        to->comment = from->comment;
    }
    return to;
}

// ---- CREATE TABLE -------------------------------------------------------------------------------

ast::CreateTableStatement* AstBuilder::create_table(int or_replace, int temporary,
                                                    int if_not_exists, ObjectName* of) {
    if (or_replace != 0 && if_not_exists != 0) {
        throw_sql_error(ErrorCode::ER_WRONG_USAGE, "OR REPLACE", "IF NOT EXISTS");
    }
    new_table = make_statement<ast::CreateTableStatement>(StatementKind::kCreateTable);
    new_table->or_replace = or_replace != 0;
    new_table->temporary = temporary != 0;
    new_table->if_not_exists = if_not_exists != 0;
    new_table->table = *of;
    return new_table;
}

void AstBuilder::table_tail(ast::TableOptions* options, ast::PartitionBy* partition_by,
                            CreateQuery* query) {
    if (options != nullptr) {
        new_table->options = *options;
        for (const ast::OptionValue& option : options->other) {
            new_table->start_transaction =
                new_table->start_transaction || option.name == "START TRANSACTION";
        }
    }
    new_table->partition_by = partition_by;
    if (query != nullptr) {
        new_table->duplicates = query->duplicates;
        new_table->query = query->query;
    }
}

CreateQuery* AstBuilder::create_query(int duplicates, Query* of) {
    auto* made = make<CreateQuery>();
    made->duplicates = static_cast<ast::DuplicateRows>(duplicates);
    made->query = subquery(of);
    return made;
}

void AstBuilder::add_column(const ast::ColumnDefinition* definition) {
    new_table->columns.push_back(definition, arena_);
}
void AstBuilder::add_key(const ast::KeyDefinition* definition) {
    new_table->keys.push_back(definition, arena_);
}
void AstBuilder::add_foreign_key(const ast::ForeignKeyDefinition* definition) {
    new_table->foreign_keys.push_back(definition, arena_);
}
void AstBuilder::add_check(const ast::CheckDefinition* definition) {
    new_table->checks.push_back(definition, arena_);
}
void AstBuilder::add_period(const ast::PeriodDefinition* definition) {
    new_table->periods.push_back(definition, arena_);
}

// ---- Columns ------------------------------------------------------------------------------------

ast::ColumnDefinition* AstBuilder::start_column(Str column_name) {
    col = make<ast::ColumnDefinition>();
    col->name = column_name;
    column_begin_ = column_name.source;
    return col;
}

// Attributes came before the type is put in: COLLATE and SRID of the column are the type's.
ast::ColumnDefinition* AstBuilder::finish_column(ast::ColumnDefinition* column,
                                                 const ast::DataType* type) {
    const std::string_view collation = column->type.collation;
    const Expr* srid = column->type.srid;
    column->type = *type;
    column->type.collation = collation;
    column->type.srid = srid;
    if (type->name == ast::TypeName::kSerial) {
        column->type.is_unsigned = true;
        column->not_null = Toggle::kOn;
        column->auto_increment = true;
        column->unique_key = true;
    }
    column->text = span(column_begin_);
    return column;
}

void AstBuilder::generated(Expr* expr, int storage) {
    col->generated = expr;
    col->storage = static_cast<ast::ColumnStorage>(storage);
}

void AstBuilder::serial_default() {
    col->serial_default = true;
    col->not_null = Toggle::kOn;
    col->auto_increment = true;
    col->unique_key = true;
}

void AstBuilder::column_option(std::string_view option, ast::OptionValue* value) {
    value->name = upper_text(option);
    col->other.push_back(*value, arena_);
}

void AstBuilder::column_srid(std::uint64_t srid) {
    auto* made = make<ast::LiteralExpr>();
    made->literal = ast::LiteralKind::kInteger;
    made->value = arena_.copy(std::to_string(srid));
    made->text = made->value;
    col->type.srid = made;
}

void AstBuilder::column_check(Constraint* constraint, Expr* expr, int enforced) {
    auto* made = make<ast::CheckDefinition>();
    made->constraint = constraint == nullptr ? ast::Identifier() : constraint->name;
    made->expr = expr;
    made->enforced = static_cast<Toggle>(enforced);
    made->text = span(constraint == nullptr ? expr->text.data() : constraint->begin);
    col->checks.push_back(made, arena_);
}

void AstBuilder::column_references(Constraint* constraint, ast::References* references) {
    col->references = references;
    if (constraint != nullptr) {
        col->references_constraint = constraint->name;
    }
}

// ---- Keys, constraints --------------------------------------------------------------------------

Constraint* AstBuilder::constraint(std::string_view constraint_name) {
    auto* made = make<Constraint>();
    made->name = constraint_name;
    made->begin = previous.data;
    return made;
}

ast::References* AstBuilder::references(ObjectName* of, List<ast::KeyPart>* columns, int match,
                                        int actions) {
    auto* made = make<ast::References>();
    made->table = *of;
    made->columns = value(columns);
    made->match = static_cast<ast::MatchType>(match);
    made->on_delete = static_cast<ast::ReferenceAction>(actions & 0xff);
    made->on_update = static_cast<ast::ReferenceAction>(actions >> 8);
    return made;
}

ast::KeyDefinition* AstBuilder::key_head(ast::KeyKind kind, Constraint* constraint,
                                         int if_not_exists, std::string_view key_name,
                                         int algorithm, const Token& from) {
    auto* made = make<ast::KeyDefinition>();
    made->kind = kind;
    made->if_not_exists = if_not_exists != 0;
    if (constraint != nullptr) {
        made->constraint_given = true;
        made->constraint = constraint->name;
    }
    made->name = key_name;
    made->options.algorithm = static_cast<ast::KeyAlgorithm>(algorithm);
    made->text = from.text();
    return made;
}

ast::KeyDefinition* AstBuilder::key(ast::KeyDefinition* head, List<ast::KeyPart>* parts,
                                    Str overlaps, ast::KeyOptions* options) {
    const ast::KeyAlgorithm algorithm = head->options.algorithm;
    head->options = *options;
    if (options->algorithm == ast::KeyAlgorithm::kUnset) {
        head->options.algorithm = algorithm;
    }
    head->parts = *parts;
    head->without_overlaps = overlaps;
    head->text = span(head->text.data());
    return head;
}

ast::KeyPart* AstBuilder::key_part(std::string_view column, TypeLength* prefix, int descending) {
    auto* made = make<ast::KeyPart>();
    made->column = column;
    made->descending = descending != 0;
    if (prefix != nullptr) {
        if (prefix->length == 0) {
            throw_sql_error(ErrorCode::ER_KEY_PART_0, column);
        }
        made->has_length = true;
        made->length = prefix->length;
    }
    return made;
}

ast::KeyPart* AstBuilder::key_expression(const Token& from, Expr* expr, int descending) {
    auto* made = make<ast::KeyPart>();
    made->expr = expr;
    made->descending = descending != 0;
    expr->parenthesized = true;
    static_cast<void>(from);
    return made;
}

ast::KeyOptions* AstBuilder::merge_key_options(ast::KeyOptions* to, ast::KeyOptions* from) {
    if (from->algorithm != ast::KeyAlgorithm::kUnset) {
        to->algorithm = from->algorithm;
    }
    if (from->has_comment) {
        to->has_comment = true;
        to->comment = from->comment;
    }
    if (!from->parser.empty()) {
        to->parser = from->parser;
    }
    if (from->visible != Toggle::kUnset) {
        to->visible = from->visible;
    }
    if (from->key_block_size != 0) {
        to->key_block_size = from->key_block_size;
    }
    if (!from->engine_attribute.empty()) {
        to->engine_attribute = from->engine_attribute;
    }
    for (const ast::OptionValue& option : from->other) {
        to->other.push_back(option, arena_);
    }
    return to;
}

ast::KeyOptions* AstBuilder::key_option(std::string_view option, ast::OptionValue* value) {
    auto* made = make<ast::KeyOptions>();
    value->name = upper_text(option);
    made->other.push_back(*value, arena_);
    return made;
}

ast::ForeignKeyDefinition* AstBuilder::foreign_key(Constraint* constraint, const Token& from,
                                                   int if_not_exists, std::string_view index_name,
                                                   List<ast::KeyPart>* columns,
                                                   ast::References* references) {
    auto* made = make<ast::ForeignKeyDefinition>();
    made->if_not_exists = if_not_exists != 0;
    made->constraint = constraint == nullptr ? ast::Identifier() : constraint->name;
    made->index_name = index_name;
    made->columns = *columns;
    made->references = *references;
    made->text = span(from.data);
    return made;
}

ast::CheckDefinition* AstBuilder::check(Constraint* constraint, const Token& from,
                                        int if_not_exists, Expr* expr, int enforced) {
    auto* made = make<ast::CheckDefinition>();
    made->if_not_exists = if_not_exists != 0;
    made->constraint = constraint == nullptr ? ast::Identifier() : constraint->name;
    made->expr = expr;
    made->enforced = static_cast<Toggle>(enforced);
    made->text = span(from.data);
    return made;
}

ast::PeriodDefinition* AstBuilder::period(std::string_view period_name, std::string_view start,
                                          std::string_view end) {
    auto* made = make<ast::PeriodDefinition>();
    made->name = period_name;
    made->start = start;
    made->end = end;
    return made;
}

// ---- Indexes ------------------------------------------------------------------------------------

Statement* AstBuilder::create_index(int or_replace, int online, int kind, int if_not_exists,
                                    std::string_view index, int algorithm, ObjectName* on,
                                    List<ast::KeyPart>* parts, ast::KeyOptions* options,
                                    IndexLock* lock) {
    auto* made = make_statement<ast::CreateIndexStatement>(StatementKind::kCreateIndex);
    ast::KeyDefinition* key_of = key_head(static_cast<ast::KeyKind>(kind), nullptr, if_not_exists,
                                          index, algorithm, previous);
    made->or_replace = or_replace != 0;
    made->online = online != 0;
    made->table = *on;
    made->key = key(key_of, parts, {}, options);
    made->algorithm = lock->algorithm;
    made->lock = lock->lock;
    return made;
}

Statement* AstBuilder::drop_index(int if_exists, std::string_view index, ObjectName* on,
                                  IndexLock* lock) {
    auto* made = make_statement<ast::DropIndexStatement>(StatementKind::kDropIndex);
    made->if_exists = if_exists != 0;
    made->name = index;
    made->table = *on;
    made->algorithm = lock->algorithm;
    made->lock = lock->lock;
    return made;
}

// ---- Sequences ----------------------------------------------------------------------------------

Statement* AstBuilder::create_sequence(int or_replace, int temporary, int if_not_exists,
                                       ObjectName* of, ast::DataType* type,
                                       List<ast::SequenceClause>* clauses,
                                       ast::TableOptions* options) {
    auto* made = make_statement<ast::SequenceStatement>(StatementKind::kCreateSequence);
    made->or_replace = or_replace != 0;
    made->temporary = temporary != 0;
    made->if_not_exists = if_not_exists != 0;
    made->sequence = *of;
    made->type = type;
    made->clauses = value(clauses);
    if (options != nullptr) {
        made->options = *options;
    }
    return made;
}

Statement* AstBuilder::alter_sequence(int if_exists, ObjectName* of, ast::DataType* type,
                                      List<ast::SequenceClause>* clauses) {
    auto* made = make_statement<ast::SequenceStatement>(StatementKind::kAlterSequence);
    made->if_exists = if_exists != 0;
    made->sequence = *of;
    made->type = type;
    made->clauses = value(clauses);
    return made;
}

ast::SequenceClause* AstBuilder::sequence_clause(ast::SequenceClauseKind kind, Expr* value) {
    auto* made = make<ast::SequenceClause>();
    made->kind = kind;
    made->value = value;
    return made;
}

}  // namespace afterimage::sql

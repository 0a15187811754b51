// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE, RENAME TABLE, DROP TABLE.
#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::AlterAction;
using ast::AlterActionKind;
using ast::Statement;
using ast::StatementKind;
using ast::Toggle;

ast::AlterTableStatement* AstBuilder::alter_table(int flags, int if_exists, ObjectName* of,
                                                  WaitClause* wait) {
    alter_ = make_statement<ast::AlterTableStatement>(StatementKind::kAlterTable);
    alter_->ignore = (flags & 1) != 0;
    alter_->online = (flags & 2) != 0;
    alter_->if_exists = if_exists != 0;
    alter_->table = *of;
    if (wait != nullptr) {
        alter_->wait = wait->wait;
        alter_->wait_seconds = wait->seconds;
    }
    return alter_;
}

AlterAction* AstBuilder::action(AlterActionKind kind) {
    auto* made = make<AlterAction>();
    made->kind = kind;
    alter_->actions.push_back(made, arena_);
    return made;
}

AlterAction* AstBuilder::text_action(const Token& from, AlterActionKind kind) {
    AlterAction* made = action(kind);
    made->text = span(from.data);
    return made;
}

AlterAction* AstBuilder::named_action(const Token& from, AlterActionKind kind, std::string_view of,
                                      int if_exists) {
    AlterAction* made = text_action(from, kind);
    made->name = of;
    made->if_exists = if_exists != 0;
    return made;
}

void AstBuilder::rename_action(const Token& from, AlterActionKind kind, std::string_view old_name,
                               std::string_view new_name, int if_exists) {
    named_action(from, kind, old_name, if_exists)->new_name = new_name;
}

// ---- Columns ------------------------------------------------------------------------------------

void AstBuilder::alter_add_column(const Token& from, int if_not_exists,
                                  ast::ColumnDefinition* column, Position* position) {
    AlterAction* made = text_action(from, AlterActionKind::kAddColumn);
    made->if_not_exists = if_not_exists != 0;
    column->if_not_exists = made->if_not_exists;
    made->column = column;
    if (position != nullptr) {
        made->position = position->place;
        made->after = position->after;
    }
}

void AstBuilder::alter_add_period(const Token& from, int if_not_exists,
                                  const ast::PeriodDefinition* period) {
    AlterAction* made = text_action(from, AlterActionKind::kAddPeriod);
    made->if_not_exists = if_not_exists != 0;
    made->period = period;
}

// ADD (a INT, KEY (a), …): the elements have become actions already.
void AstBuilder::alter_add_elements(const Token& from, int if_not_exists) {
    for (AlterAction* pended : pended_columns_) {
        pended->if_not_exists = if_not_exists != 0;
        pended->text = span(from.data);
    }
    pended_columns_ = {};
}

void AstBuilder::pend_column(const ast::ColumnDefinition* column) {
    AlterAction* made = action(AlterActionKind::kAddColumn);
    made->column = column;
    pended_columns_.push_back(made, arena_);
}

// MODIFY has no old name of its own.
void AstBuilder::alter_modify(const Token& from, int if_exists, Str old_name,
                              ast::ColumnDefinition* column, Position* position) {
    const bool change = old_name.data != nullptr;
    AlterAction* made =
        text_action(from, change ? AlterActionKind::kChangeColumn : AlterActionKind::kModifyColumn);
    made->if_exists = if_exists != 0;
    made->name = change ? std::string_view(old_name) : column->name;
    made->column = column;
    if (position != nullptr) {
        made->position = position->place;
        made->after = position->after;
    }
}

Position* AstBuilder::position(ast::ColumnPosition place, std::string_view after) {
    auto* made = make<Position>();
    made->place = place;
    made->after = after;
    return made;
}

void AstBuilder::convert_charset(const Token& from, Str charset, Str collation) {
    AlterAction* made = text_action(from, AlterActionKind::kConvertCharset);
    made->charset = charset;
    made->collation = collation;
}

// ---- Partitions ---------------------------------------------------------------------------------

void AstBuilder::add_partitions(const Token& from, int if_not_exists,
                                List<ast::PartitionDefinition>* definitions, std::uint64_t count) {
    AlterAction* made = text_action(from, AlterActionKind::kAddPartition);
    made->if_not_exists = if_not_exists != 0;
    made->definitions = value(definitions);
    made->count = count;
}

AlterAction* AstBuilder::partition_action(const Token& from, AlterActionKind kind,
                                          Identifiers* partitions) {
    AlterAction* made = text_action(from, kind);
    made->all_partitions = partitions == nullptr;
    made->partitions = value(partitions);
    return made;
}

void AstBuilder::exchange_partition(const Token& from, std::string_view partition,
                                    ObjectName* with_table, int validation) {
    AlterAction* made = partition_action(from, AlterActionKind::kExchangePartition,
                                         list<ast::Identifier>(partition));
    made->table = *with_table;
    made->visible = static_cast<Toggle>(validation);
}

void AstBuilder::convert_table(const Token& from, ObjectName* of,
                               ast::PartitionDefinition* definition) {
    AlterAction* made = text_action(from, AlterActionKind::kConvertTable);
    made->table = *of;
    made->definitions.push_back(*definition, arena_);
}

// ---- RENAME, DROP -------------------------------------------------------------------------------

Statement* AstBuilder::rename_tables(int if_exists, List<ast::TableRename>* renames) {
    auto* made = make_statement<ast::RenameTableStatement>(StatementKind::kRenameTable);
    made->if_exists = if_exists != 0;
    made->renames = *renames;
    return made;
}

ast::TableRename* AstBuilder::table_rename(ObjectName* from, ObjectName* to) {
    auto* made = make<ast::TableRename>();
    made->from = *from;
    made->to = *to;
    return made;
}

Statement* AstBuilder::drop_tables(StatementKind kind, int temporary, int if_exists,
                                   List<ObjectName>* tables, int behaviour) {
    auto* made = make_statement<ast::DropTablesStatement>(kind);
    made->temporary = temporary != 0;
    made->if_exists = if_exists != 0;
    made->tables = *tables;
    made->restrict = behaviour == 1;
    made->cascade = behaviour == 2;
    return made;
}

}  // namespace afterimage::sql

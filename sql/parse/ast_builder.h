// SPDX-License-Identifier: Apache-2.0
// What the actions of mysql.y call: makes the nodes of the tree, keeps what is under construction,
// bounds depth. One object per parse.
//
// Methods stand in the order of the grammar's sections, and each section has its .cc:
// build_expression, build_query, build_dml, build_table, build_program, build_session, build_admin,
// build_account, build_replication. An int parameter is the value of an enum or flag bits as the
// grammar's rule makes them; a null pointer is a clause that was not there.
#pragma once

#include <optional>
#include <vector>

#include "sql/parse/builder_core.h"
#include "sql/parse/literal_rows_builder.h"

namespace afterimage::sql {

class AstBuilder : public BuilderCore {
  public:
    using BuilderCore::BuilderCore;

    // ---- Expressions ----
    Expr* literal(ast::LiteralKind kind, const Token& token);
    Expr* word_literal(const Token& token);
    Expr* word_column(const Token& token);
    Expr* parameter(const Token& token);
    ast::ColumnExpr* column(Str database, Str table_name, Str column_name);
    Expr* user_variable(const Token& token);
    Expr* assign(const Token& variable, Expr* value);
    Expr* system_variable(const Token& at, Str first, Str second, Str third);
    Expr* unary(ast::UnaryOp op, const Token& token, Expr* operand);
    Expr* binary(ast::BinaryOp op, Expr* left, Expr* right);
    Expr* logical(ast::LogicalOp op, Expr* left, Expr* right);
    Expr* is_test(Expr* operand, int test, bool negated);
    Expr* quantified(ast::BinaryOp op, int all, Expr* operand, Query* subquery);
    Expr* in_query(Expr* operand, Query* subquery, bool negated);
    Expr* in_list(Expr* operand, Exprs* list, bool negated);
    Expr* between(Expr* operand, Expr* low, Expr* high, bool negated);
    Expr* like(Expr* operand, Expr* pattern, Expr* escape, bool negated);
    Expr* json_arrow(ast::BinaryOp op, Expr* document, const Token& path);
    Expr* collate(Expr* operand, std::string_view collation);
    Expr* scalar_subquery(Query* subquery);
    Expr* exists(const Token& from, Query* subquery);
    Expr* parenthesized(const Token& from, Expr* inner);
    ast::RowExpr* row(const Token& from, Exprs* items);
    Expr* odbc(const Token& from, std::string_view word, Expr* inner);
    Expr* case_expr(const Token& from, Expr* operand, List<ast::CaseBranch>* branches,
                    Expr* otherwise);
    Expr* cast(const Token& from, Expr* operand, ast::DataType* type, int array);
    Expr* cast_at_zone(const Token& from, Expr* operand, Expr* zone, ast::DataType* type);
    Expr* convert_using(const Token& from, Expr* operand, std::string_view charset);
    Expr* default_of(const Token& from, ast::ColumnExpr* of);
    Expr* insert_value(const Token& from, ast::ColumnExpr* of);
    Expr* interval(const Token& from, Expr* value, int unit);
    Expr* date_add(std::string_view function, Expr* date, Expr* interval);
    Expr* date_add_first(Expr* interval, Expr* date);
    Expr* match(const Token& from, Exprs* columns, Expr* against, int mode);
    Expr* sequence(const Token& from, ast::SequenceOp op, const ObjectName& of);
    Expr* extract(const Token& from, int unit, Expr* operand);
    Expr* trim(const Token& from, ast::TrimSide side, Expr* remove, Expr* operand);
    Expr* json_value(const Token& from, Expr* document, Expr* path, ast::DataType* returning,
                     JsonOnClauses* clauses);
    ast::JsonOnClause* json_action(ast::JsonMissing action, Expr* value);

    template <class... E>
    Exprs* exprs(E*... items) {
        auto* made = make<Exprs>();
        (made->push_back(items, arena_), ...);
        return made;
    }
    Exprs* no_exprs() { return make<Exprs>(); }
    Exprs* append_expr(Exprs* to, const Expr* item) { return append(to, item); }
    Exprs* prepend(const Expr* first, const Exprs* rest);

    // ---- Function calls ----
    void add_arg(CallArgs* args, Expr* arg, std::string_view arg_name);
    Expr* call(Str database, Str function, CallArgs* args, ast::WindowSpec* over);
    Expr* call_word(const Token& function, Exprs* args);
    Expr* call_made(const Token& from, std::string_view function, Expr* a, Expr* b);
    Expr* call_bare(const Token& function, Expr* precision);
    Expr* char_using(const Token& function, Exprs* args, std::string_view charset);
    Expr* weight_string(const Token& function, Expr* operand, ast::DataType* type);
    Expr* group_concat(const Token& function, int distinct, Exprs* args,
                       List<ast::OrderItem>* order, ast::LimitClause* limit, Expr* separator,
                       ast::WindowSpec* over);
    void window_nulls(int bits) noexcept { window_nulls_ = bits; }
    void within_group(List<ast::OrderItem>* order) noexcept { within_group_ = order; }
    ast::WindowSpec* window_spec(std::string_view base, Exprs* partition,
                                 List<ast::OrderItem>* order, FrameClause* frame);
    FrameClause* frame(int unit, ast::FrameBound* start, ast::FrameBound* end, int exclusion);
    ast::FrameBound* bound(ast::FrameBoundKind kind, Expr* offset);

    // ---- Types ----
    ast::TypeName real_type() const noexcept;
    ast::DataType* type(ast::TypeName type_name);
    ast::DataType* sized_type(ast::TypeName type_name, TypeLength* size);
    ast::DataType* number_type(int type_name, TypeLength* size, int attributes);
    ast::DataType* char_type(int type_name, TypeLength* size, ast::DataType* attributes);
    ast::DataType* set_type(ast::TypeName type_name, List<std::string_view>* elements,
                            ast::DataType* attributes);
    TypeLength* length(std::uint64_t size);
    TypeLength* length(std::uint64_t size, std::uint64_t decimals);

    // ---- Queries ----
    Query* query_of(ast::WithClause* with_clause, QueryBody* body, QuerySuffix* suffix);
    Query* in_parentheses(const Token& open, Query* inner);
    QueryBody* nested(Query* inner);
    Query* subquery(Query* inner);
    QueryBody* set_operation(QueryBody* left, ast::SetOp op, int all, QueryBody* right);
    SelectHead* select_head(const Token& from);
    QueryBody* select(SelectHead* head, List<ast::SelectItem>* items, ast::IntoClause* into,
                      TableRef* from, Expr* where, GroupBy* group_by, Expr* having,
                      List<const ast::WindowSpec*>* windows);
    QueryBody* values_body(const Token& from, List<const ast::RowExpr*>* rows);
    QueryBody* table_body(const Token& from, const ObjectName& of, ast::AsOfClause* as_of);
    ast::SelectItem* star(const Token& token, Str database, Str table_name);
    ast::SelectItem* select_item(Expr* expr, std::string_view alias, bool has_alias);
    GroupBy* group_by(List<ast::OrderItem>* items, bool rollup);
    QuerySuffix* suffix(QuerySuffix* tails, List<ast::OrderItem>* order, ast::LimitClause* limit);
    QuerySuffix* merge_tails(QuerySuffix* into, QuerySuffix* tail);
    QuerySuffix* locking(ast::LockStrength strength, List<ObjectName>* of, WaitClause* wait);
    QuerySuffix* into_tail(ast::IntoClause* into);
    QuerySuffix* procedure_tail(Str function, CallArgs* args);
    WaitClause* wait(ast::LockWait wait, Expr* seconds);
    ast::OrderItem* order_item(Expr* expr, bool descending, bool given);
    ast::LimitClause* limit(Expr* count, Expr* offset, Expr* examined = nullptr);
    ast::LimitClause* fetch(Expr* count, bool with_ties);
    ast::IntoClause* outfile(std::string_view file, std::string_view charset,
                             ast::FieldFormat* fields, ast::FieldFormat* lines);
    ast::IntoClause* dumpfile(std::string_view file);
    ast::IntoClause* into_variables(List<ast::IntoVariable>* variables);
    ast::IntoVariable* into_variable(bool user, std::string_view variable);
    ast::FieldFormat* merge_format(ast::FieldFormat* to, const ast::FieldFormat* from);
    ast::WithClause* with(const Token& from, List<ast::CommonTableExpr>* tables, bool recursive);
    ast::CommonTableExpr* cte(std::string_view table_name, Identifiers* columns, Query* inner,
                              Identifiers* cycle);
    TableRef* join(TableRef* left, ast::JoinKind kind, TableRef* right);
    TableRef* join_on(TableRef* left, ast::JoinKind kind, TableRef* right, Expr* on);
    TableRef* join_using(TableRef* left, ast::JoinKind kind, TableRef* right, Identifiers* columns);
    TableRef* join_natural(TableRef* left, ast::JoinKind kind, TableRef* right);
    TableRef* join_without_condition(TableRef* left, ast::JoinKind kind, TableRef* right);
    TableRef* parenthesized_join(const Token& from, TableRef* inner);
    TableRef* named_table(ObjectName* of, Identifiers* partitions, ast::AsOfClause* as_of,
                          std::string_view alias, List<ast::IndexHint>* hints);
    TableRef* table_function(ObjectName* function, CallArgs* args, ast::AsOfClause* as_of,
                             TableAlias* alias, bool lateral);
    TableAlias* table_alias(std::string_view alias, Identifiers* columns);
    TableRef* derived(Query* inner, std::string_view alias, Identifiers* columns, bool lateral);
    TableRef* json_table(const Token& from, Expr* document, Expr* path,
                         List<ast::JsonTableColumn>* columns, std::string_view alias);
    ast::JsonTableColumn* json_ordinality(std::string_view column_name);
    ast::JsonTableColumn* json_path(std::string_view column_name, ast::DataType* type, Expr* path,
                                    JsonOnClauses* clauses);
    ast::JsonTableColumn* json_exists(std::string_view column_name, ast::DataType* type,
                                      Expr* path);
    ast::JsonTableColumn* json_nested(Expr* path, List<ast::JsonTableColumn>* columns);
    ast::AsOfClause* as_of(ast::AsOfKind kind, Expr* value, Expr* until);
    ast::IndexHint* index_hint(ast::IndexHintKind kind, int scope, Identifiers* names);

    // ---- Data manipulation ----
    Statement* query_statement(Query* of);
    LiteralRowsBuilder& rows();
    void add_row(const Exprs* values);
    List<const ast::ColumnExpr*>* no_columns();
    ast::InsertStatement* insert_head(bool replace, int priority, int ignore, ObjectName* into,
                                      Identifiers* partitions);
    InsertSource* insert_rows(List<const ast::ColumnExpr*>* columns, InsertValues* values);
    InsertSource* insert_query(List<const ast::ColumnExpr*>* columns, Query* of);
    InsertSource* insert_set(List<ast::Assignment>* assignments, std::string_view alias,
                             Identifiers* columns = nullptr);
    InsertValues* insert_values(std::string_view alias, Identifiers* columns);
    Statement* insert(ast::InsertStatement* head, InsertSource* source,
                      List<ast::Assignment>* on_duplicate, List<ast::SelectItem>* returning);
    ast::Assignment* assignment(ast::ColumnExpr* column, Expr* value);
    Statement* update(ast::WithClause* with_clause, int low_priority, int ignore, TableRef* tables,
                      List<ast::Assignment>* set, Expr* where, List<ast::OrderItem>* order,
                      ast::LimitClause* limit, List<ast::SelectItem>* returning);
    ast::DeleteStatement* delete_head(ast::WithClause* with_clause);
    Statement* delete_single(ast::DeleteStatement* head, ObjectName* from, Identifiers* partitions,
                             std::string_view alias, ast::AsOfClause* before, Expr* where,
                             List<ast::OrderItem>* order, ast::LimitClause* limit,
                             List<ast::SelectItem>* returning);
    Statement* delete_multi(ast::DeleteStatement* head, List<ObjectName>* targets, TableRef* from,
                            Expr* where, List<ast::OrderItem>* order, ast::LimitClause* limit,
                            List<ast::SelectItem>* returning);
    Statement* truncate(ObjectName* of);
    Statement* call_statement(ObjectName* procedure, Exprs* args, ast::AsOfClause* as_of);
    Statement* do_statement(const List<ast::SelectItem>* items);
    Statement* load_data(int xml, int priority, int local, std::string_view file, int duplicates,
                         ObjectName* into, Identifiers* partitions, std::string_view charset,
                         std::string_view identified, ast::FieldFormat* fields,
                         ast::FieldFormat* lines, Expr* ignore_lines,
                         List<ast::LoadTarget>* targets, List<ast::Assignment>* set);
    ast::LoadTarget* load_target(ast::ColumnExpr* column);
    ast::LoadTarget* load_variable(std::string_view variable);

    // ---- Databases, tables ----
    Statement* create_database(int or_replace, int if_not_exists, std::string_view database,
                               ast::DatabaseStatement* options);
    Statement* alter_database(Str database, ast::DatabaseStatement* options);
    Statement* upgrade_database(std::string_view database);
    Statement* drop_database(int if_exists, std::string_view database);
    ast::DatabaseStatement* merge_database(ast::DatabaseStatement* to,
                                           const ast::DatabaseStatement* from);
    ast::CreateTableStatement* create_table(int or_replace, int temporary, int if_not_exists,
                                            ObjectName* of);
    Statement* finish_create_table(ast::CreateTableStatement* head) { return head; }
    void table_tail(ast::TableOptions* options, ast::PartitionBy* partition_by, CreateQuery* query);
    CreateQuery* create_query(int duplicates, Query* of);
    void add_column(const ast::ColumnDefinition* definition);
    void add_key(const ast::KeyDefinition* definition);
    void add_foreign_key(const ast::ForeignKeyDefinition* definition);
    void add_check(const ast::CheckDefinition* definition);
    void add_period(const ast::PeriodDefinition* definition);
    ast::ColumnDefinition* start_column(Str column_name);
    ast::ColumnDefinition* finish_column(ast::ColumnDefinition* column, const ast::DataType* type);
    void generated(Expr* expr, int storage);
    void serial_default();
    void column_option(std::string_view option, ast::OptionValue* value);
    void column_srid(std::uint64_t srid);
    void column_check(Constraint* constraint, Expr* expr, int enforced);
    void column_references(Constraint* constraint, ast::References* references);
    Constraint* constraint(std::string_view constraint_name);
    ast::References* references(ObjectName* of, List<ast::KeyPart>* columns, int match,
                                int actions);
    ast::KeyDefinition* key_head(ast::KeyKind kind, Constraint* constraint, int if_not_exists,
                                 std::string_view key_name, int algorithm, const Token& from);
    ast::KeyDefinition* key(ast::KeyDefinition* head, List<ast::KeyPart>* parts, Str overlaps,
                            ast::KeyOptions* options);
    ast::KeyPart* key_part(std::string_view column, TypeLength* prefix, int descending);
    ast::KeyPart* key_expression(const Token& from, Expr* expr, int descending);
    ast::KeyOptions* merge_key_options(ast::KeyOptions* to, ast::KeyOptions* from);
    ast::KeyOptions* key_option(std::string_view option, ast::OptionValue* value);
    ast::ForeignKeyDefinition* foreign_key(Constraint* constraint, const Token& from,
                                           int if_not_exists, std::string_view index_name,
                                           List<ast::KeyPart>* columns,
                                           ast::References* references);
    ast::CheckDefinition* check(Constraint* constraint, const Token& from, int if_not_exists,
                                Expr* expr, int enforced);
    ast::PeriodDefinition* period(std::string_view period_name, std::string_view start,
                                  std::string_view end);
    ast::TableOptions* table_option(std::string_view option, ast::OptionValue* value);
    ast::TableOptions* word_option(std::string_view option, const Token& word);
    ast::TableOptions* start_transaction_option();
    ast::TableOptions* merge_options(ast::TableOptions* to, ast::TableOptions* from);
    ast::OptionValue* option_word(std::string_view word);
    ast::OptionValue* option_text(std::string_view text);
    ast::OptionValue* option_number(const Token& token, bool negative = false);
    ast::OptionValue* option_default();
    ast::OptionValue* option_null();
    ast::OptionValue* option_account(std::string_view user, const Token& host);
    ast::PartitionBy* partition_by(const Token& from, ast::PartitionBy* method, std::uint64_t count,
                                   const ast::PartitionBy* sub,
                                   List<ast::PartitionDefinition>* definitions);
    ast::PartitionBy* partition_expr(ast::PartitionMethod method, Expr* expr, int linear);
    ast::PartitionBy* partition_key(Identifiers* columns, int linear, std::uint64_t algorithm);
    ast::PartitionBy* partition_columns(ast::PartitionMethod method, Identifiers* columns);
    ast::PartitionBy* partition_history(Expr* interval, Expr* limit);
    ast::PartitionDefinition* partition_definition(std::string_view partition,
                                                   ast::PartitionDefinition* values,
                                                   ast::TableOptions* options,
                                                   List<ast::PartitionDefinition>* subpartitions);
    ast::PartitionDefinition* partition_maxvalue();
    ast::PartitionDefinition* partition_values(ast::PartitionValues kind, Exprs* values);
    ast::AlterTableStatement* alter_table(int flags, int if_exists, ObjectName* of,
                                          WaitClause* wait);
    Statement* finish_alter_table(ast::AlterTableStatement* head) { return head; }
    ast::AlterAction* action(ast::AlterActionKind kind);
    ast::AlterAction* text_action(const Token& from, ast::AlterActionKind kind);
    ast::AlterAction* named_action(const Token& from, ast::AlterActionKind kind,
                                   std::string_view of, int if_exists);
    void rename_action(const Token& from, ast::AlterActionKind kind, std::string_view old_name,
                       std::string_view new_name, int if_exists);
    void alter_add_column(const Token& from, int if_not_exists, ast::ColumnDefinition* column,
                          Position* position);
    void alter_add_period(const Token& from, int if_not_exists,
                          const ast::PeriodDefinition* period);
    void alter_add_elements(const Token& from, int if_not_exists);
    void pend_column(const ast::ColumnDefinition* column);
    void alter_modify(const Token& from, int if_exists, Str old_name, ast::ColumnDefinition* column,
                      Position* position);
    Position* position(ast::ColumnPosition place, std::string_view after);
    void convert_charset(const Token& from, Str charset, Str collation);
    void add_partitions(const Token& from, int if_not_exists,
                        List<ast::PartitionDefinition>* definitions, std::uint64_t count);
    ast::AlterAction* partition_action(const Token& from, ast::AlterActionKind kind,
                                       Identifiers* partitions);
    void exchange_partition(const Token& from, std::string_view partition, ObjectName* with_table,
                            int validation);
    void convert_table(const Token& from, ObjectName* of, ast::PartitionDefinition* definition);
    Statement* rename_tables(int if_exists, List<ast::TableRename>* renames);
    ast::TableRename* table_rename(ObjectName* from, ObjectName* to);
    Statement* drop_tables(ast::StatementKind kind, int temporary, int if_exists,
                           List<ObjectName>* tables, int behaviour);
    Statement* create_index(int or_replace, int online, int kind, int if_not_exists,
                            std::string_view index, int algorithm, ObjectName* on,
                            List<ast::KeyPart>* parts, ast::KeyOptions* options, IndexLock* lock);
    Statement* drop_index(int if_exists, std::string_view index, ObjectName* on, IndexLock* lock);
    Statement* create_sequence(int or_replace, int temporary, int if_not_exists, ObjectName* of,
                               ast::DataType* type, List<ast::SequenceClause>* clauses,
                               ast::TableOptions* options);
    Statement* alter_sequence(int if_exists, ObjectName* of, ast::DataType* type,
                              List<ast::SequenceClause>* clauses);
    ast::SequenceClause* sequence_clause(ast::SequenceClauseKind kind, Expr* value);

    // ---- Views and stored programs ----
    Token view_start() const noexcept { return current; }
    ViewQuery* view_query(const Token& from, Query* of);
    Statement* create_view(int or_replace, ProgramAttrs* attrs, int if_not_exists, ObjectName* view,
                           Identifiers* columns, ViewQuery* of, int check_option);
    Statement* alter_view(ProgramAttrs* attrs, ObjectName* view, Identifiers* columns,
                          ViewQuery* of, int check_option);
    Token start_body();
    void start_compound();
    Str body_text(const Token& first) const noexcept;
    Statement* create_trigger(int or_replace, ProgramAttrs* attrs, int if_not_exists,
                              ObjectName* trigger, int time, List<ast::TriggerEvent>* events,
                              ObjectName* on, TriggerPlace* place, std::string_view body);
    TriggerPlace* trigger_place(ast::TriggerOrder order, std::string_view trigger);
    Statement* create_routine(ast::RoutineKind kind, int or_replace, ProgramAttrs* attrs,
                              int if_not_exists, ObjectName* routine, RoutineParameters* parameters,
                              ast::DataType* returns, ast::RoutineCharacteristics* characteristics,
                              std::string_view body);
    RoutineParameters* parameters(const Token& from, List<ast::RoutineParameter>* list);
    ast::RoutineParameter* routine_parameter(int mode, std::string_view parameter_name,
                                             ast::DataType* type, Expr* default_value);
    Statement* alter_routine(ast::RoutineKind kind, ObjectName* routine,
                             ast::RoutineCharacteristics* characteristics);
    Statement* create_loadable(int or_replace, ProgramAttrs* attrs, int if_not_exists,
                               ObjectName* function, const Token& returns,
                               std::string_view library);
    Statement* create_event(int or_replace, ProgramAttrs* attrs, int if_not_exists,
                            ObjectName* event, ast::CreateEventStatement* schedule,
                            ast::CreateEventStatement* clauses, std::string_view body);
    Statement* alter_event(ProgramAttrs* attrs, ObjectName* event,
                           ast::CreateEventStatement* schedule, ast::CreateEventStatement* clauses,
                           Str body);
    ast::CreateEventStatement* schedule_every(const Token& from, Expr* value, int unit,
                                              Expr* starts, Expr* ends);
    Statement* drop_program(ast::ProgramKind kind, int if_exists, ObjectName* of);

    // ---- Transactions, SET, prepared statements ----
    Statement* begin(int options);
    Statement* end_transaction(ast::StatementKind kind, int chain, int release);
    Statement* savepoint(ast::SavepointOp op, std::string_view savepoint_name);
    ast::XaStatement* xid(Str gtrid, Str bqual, std::uint64_t format);
    void xa(Statement* statement, ast::XaOp op, int flags);
    Statement* xa_recover(int convert);
    Statement* lock_tables(List<ast::LockedTable>* tables);
    Statement* lock_instance();
    Statement* unlock_tables(bool instance);
    ast::LockedTable* locked_table(ObjectName* of, std::string_view alias, int lock);
    Statement* set(List<ast::SetItem>* items, Statement* for_statement);
    ast::SetItem* set_user_variable(const Token& variable, Expr* value);
    ast::SetItem* set_variable(int scope, Str instance, Str variable, Expr* value);
    ast::SetItem* set_variable_at(Str first, Str second, Str third, Expr* value);
    ast::SetItem* set_names(Str charset, Str collation);
    ast::SetItem* set_character_set(Str charset);
    Statement* set_transaction(int scope, int characteristics);
    ast::SetPasswordStatement* password(Str text, int form);
    Statement* set_password(ast::AccountName* account, ast::SetPasswordStatement* password);
    RoleList* role_list(ast::RoleSet set, Accounts* roles);
    Statement* set_role(RoleList* roles, Accounts* accounts, bool set_default);
    Statement* use(std::string_view database);
    Statement* prepare(std::string_view statement_name, Expr* source);
    Statement* execute(Str statement_name, Expr* immediate, Exprs* arguments);
    Statement* deallocate(std::string_view statement_name);

    // ---- SHOW and upkeep ----
    Statement* show(ast::ShowStatement* body);
    ast::ShowStatement* show_kind(ast::ShowKind kind);
    ast::ShowStatement* show_in(ast::ShowKind kind, ast::ShowStatement* filter, int flags,
                                Str database, ast::AsOfClause* as_of);
    ast::ShowStatement* show_table(ast::ShowKind kind, ast::ShowStatement* filter, int flags,
                                   ObjectName* of, Str database, ast::AsOfClause* as_of);
    ast::ShowStatement* show_scoped(ast::ShowKind kind, ast::ShowStatement* filter, int scope);
    ast::ShowStatement* show_engine(std::string_view engine, const Token& detail);
    ast::ShowStatement* show_object(ast::ShowKind kind, ObjectName* of,
                                    ast::AsOfClause* as_of = nullptr);
    ast::ShowStatement* show_account(ast::ShowKind kind, ast::AccountName* account,
                                     Accounts* roles);
    ast::ShowStatement* show_events(ast::ShowKind kind, std::string_view log, Expr* position,
                                    ast::LimitClause* limit, Channel* channel);
    ast::ShowStatement* show_replica(bool old_words, Channel* first, Channel* last);
    void show_limit(ast::ShowStatement* statement, const ast::LimitClause* limit);
    Channel* channel(std::string_view channel_name);
    Statement* describe(ObjectName* of, Str column, Expr* pattern, ast::AsOfClause* as_of);
    Statement* explain(ast::ExplainStatement* options, Statement* of);
    Statement* explain_connection(ast::ExplainStatement* options, Expr* connection);
    Statement* analyze_statement(ast::ExplainStatement* options, Statement* of);
    ast::ExplainStatement* explain_format(std::string_view format);
    ast::ExplainStatement* merge_explain(ast::ExplainStatement* to,
                                         const ast::ExplainStatement* from);
    Statement* kill(int strength, int kind, Expr* id, ast::AccountName* user);
    void flush_option(Str words, Channel* channel);
    Statement* finish_flush(int no_log);
    Statement* flush_tables(int no_log, List<ObjectName>* tables, int lock);
    void reset_option(std::string_view option);
    void reset_persist(int if_exists, Str variable);
    void reset_replica(bool old_words, Channel* first, int all, Channel* last);
    Statement* finish_reset();
    Statement* maintenance(ast::TableMaintenance operation, int no_log, List<ObjectName>* tables,
                           List<std::string_view>* words, Str tail);
    Statement* maintenance_view(ast::TableMaintenance operation, List<ObjectName>* tables,
                                List<std::string_view>* words);
    Str tail_text(const Token& from) const noexcept;
    Statement* help(std::string_view topic);
    Statement* shutdown(int wait_for_replicas);
    Statement* other(std::string_view words, ObjectName* of = nullptr);

    // ---- Accounts ----
    Statement* create_user(int or_replace, int if_not_exists, List<ast::UserSpec>* users,
                           ast::AccountOptions* options);
    Statement* alter_user(int if_exists, List<ast::UserSpec>* users, ast::AccountOptions* options);
    Statement* drop_user(int role, int if_exists, Accounts* accounts);
    Statement* rename_users(List<ast::UserRename>* renames);
    Statement* create_role(int or_replace, int if_not_exists, Accounts* roles,
                           ast::AccountName* admin);
    ast::UserSpec* user_spec(ast::AccountName* account, List<ast::Identification>* identifications);
    ast::Identification* identified_by(std::string_view password, ast::Identification* tail);
    ast::Identification* identified_random(ast::Identification* tail);
    ast::Identification* identified_hash(Str plugin, std::string_view hash);
    ast::Identification* identified_with(std::string_view plugin, ast::Identification* tail);
    ast::Identification* identified_replace(Str current_password, bool retain);
    void merge_identified(ast::Identification* to, const ast::Identification* tail) const;
    ast::AccountOptions* account_options();
    void default_role(ast::AccountOptions* options, RoleList* roles) const;
    void merge_require(ast::AccountOptions* to, const ast::AccountOptions* from) const;
    ast::AccountOptions* require(ast::RequireKind kind);
    ast::OptionValue* named_text(std::string_view option, std::string_view text);
    ast::OptionValue* named_number(std::string_view option, const Token& token);
    ast::OptionValue* named_word(std::string_view option, std::string_view word);
    GrantItem* grant_word(GrantItem* to, const Token& word);
    GrantItem* grant_name(const Token& token);
    GrantItem* grant_host(GrantItem* to, std::string_view host);
    GrantItem* grant_current();
    GrantAs* grant_as(ast::AccountName* user, RoleList* roles);
    ast::GrantStatement* grant_level(Str database, std::string_view of);
    ast::GrantStatement* grant_proxy(ast::AccountName* account);
    Statement* grant(List<GrantItem>* items, ast::GrantStatement* object,
                     List<ast::UserSpec>* users, ast::AccountOptions* options, GrantAs* as_user);
    Statement* grant_role(List<GrantItem>* items, List<ast::UserSpec>* users, int admin_option);
    Statement* revoke(int if_exists, List<GrantItem>* items, ast::GrantStatement* object,
                      Accounts* accounts, int ignore_unknown);
    Statement* revoke_role(int if_exists, List<GrantItem>* items, Accounts* accounts,
                           int ignore_unknown, int admin_option);

    // ---- Replication ----
    Str source_option_name(const Token& token);
    Statement* change_source(bool old_words, Channel* first, List<ast::OptionValue>* options,
                             Channel* last);
    ast::FilterRule* merge_filter(ast::FilterRule* to, const ast::FilterRule* from);
    Statement* change_filter(List<ast::FilterRule>* rules, Channel* channel);
    Statement* start_replica(int noun, Channel* first, int threads, List<ast::OptionValue>* until,
                             List<ast::OptionValue>* login, Channel* last);
    Statement* stop_replica(int noun, Channel* first, int threads, Channel* last);
    Statement* purge(Str to, Expr* before);
    Statement* binlog(std::string_view first, Str second, bool variables);

  private:
    /// An expression node whose text runs from `from` to the end of the rule.
    template <class T>
    T* make_expr(ast::ExprKind kind, const char* from, unsigned child_depth) {
        T* made = make<T>();
        made->kind = kind;
        made->text = span(from);
        made->depth = checked_depth(child_depth + 1);
        return made;
    }
    static std::uint16_t checked_depth(unsigned depth);
    static unsigned depth_of(const Expr* expr) noexcept {
        return expr == nullptr ? 0 : expr->depth;
    }
    static unsigned depth_of(const Exprs& list) noexcept;
    static unsigned depth_of(const List<ast::OrderItem>& list) noexcept;
    static unsigned depth_of(const ast::WindowSpec* window) noexcept;
    static unsigned depth_of(const ast::JsonOnClause& clause) noexcept;
    ast::JoinRef* make_join(TableRef* left, ast::JoinKind kind, TableRef* right);
    static const char* object_begin(const ObjectName& of) noexcept {
        return static_cast<const SourcedName&>(of).begin;
    }
    static const char* open_parenthesis(const Query& of) noexcept {
        return static_cast<const SourcedQuery&>(of).open;
    }
    static ast::VariableScope variable_scope(std::string_view word) noexcept;
    void finish_call(ast::FunctionExpr& call, ast::WindowSpec* over);
    void set_length(ast::DataType& type, const TypeLength* size) const;
    ast::OptionValue* option(std::string_view text);
    void check_queries_inside(Query& of);
    void check_view_attrs(const ProgramAttrs& attrs);
    void fill_privileges(ast::GrantStatement* to, const List<GrantItem>& items);
    Accounts roles_of(const List<GrantItem>& items);
    List<ast::UserSpec> users_of(const Accounts& accounts);
    void check_program_attrs(const ProgramAttrs& attrs, bool aggregate_allowed);

    std::optional<LiteralRowsBuilder> rows_;
    const char* column_begin_ = nullptr;
    int window_nulls_ = 0;
    List<ast::OrderItem>* within_group_ = nullptr;
    ast::AlterTableStatement* alter_ = nullptr;
    List<ast::AlterAction*> pended_columns_;
    ast::SetItem* set_scoped(int scope, Str instance, Str variable, Expr* value);
    int set_scope_ = 0;  ///< of the last keyword in a SET
    ast::FlushStatement* flush_ = nullptr;
    ast::ResetStatement* reset_ = nullptr;
    ast::ResetReplicaStatement* reset_replica_ = nullptr;

    struct FinishedQuery {
        const char* begin;
        std::uint16_t nesting;
    };
    std::vector<FinishedQuery> finished_queries_;  ///< not yet inside another, in text order
};

}  // namespace afterimage::sql

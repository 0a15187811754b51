// SPDX-License-Identifier: Apache-2.0
// SHOW, DESCRIBE, EXPLAIN, KILL, FLUSH, RESET, upkeep of tables.
#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Expr;
using ast::ShowKind;
using ast::ShowStatement;
using ast::Statement;
using ast::StatementKind;

// ---- SHOW ---------------------------------------------------------------------------------------

Statement* AstBuilder::show(ShowStatement* body) {
    body->kind = StatementKind::kShow;
    return body;
}

ShowStatement* AstBuilder::show_kind(ShowKind kind) {
    auto* made = make<ShowStatement>();
    made->show = kind;
    return made;
}

// Flags: 1 full, 2 extended.
ShowStatement* AstBuilder::show_in(ShowKind kind, ShowStatement* filter, int flags, Str database,
                                   ast::AsOfClause* as_of) {
    filter->show = kind;
    filter->full = (flags & 1) != 0;
    filter->extended = (flags & 2) != 0;
    filter->database = database;
    if (as_of != nullptr) {
        filter->as_of = *as_of;
    }
    return filter;
}

// FROM t FROM db is db.t.
ShowStatement* AstBuilder::show_table(ShowKind kind, ShowStatement* filter, int flags,
                                      ObjectName* of, Str database, ast::AsOfClause* as_of) {
    show_in(kind, filter, flags, database, as_of);
    filter->table = *of;
    if (database.data != nullptr) {
        filter->table.database = database;
    }
    return filter;
}

ShowStatement* AstBuilder::show_scoped(ShowKind kind, ShowStatement* filter, int scope) {
    filter->show = kind;
    filter->scope = static_cast<ast::VariableScope>(scope);
    return filter;
}

ShowStatement* AstBuilder::show_engine(std::string_view engine, const Token& detail) {
    ShowStatement* made = show_kind(ShowKind::kEngine);
    made->name = engine;
    made->detail = upper(detail);
    return made;
}

ShowStatement* AstBuilder::show_object(ShowKind kind, ObjectName* of, ast::AsOfClause* as_of) {
    ShowStatement* made = show_kind(kind);
    made->table = *of;
    if (as_of != nullptr) {
        made->as_of = *as_of;
    }
    return made;
}

ShowStatement* AstBuilder::show_account(ShowKind kind, ast::AccountName* account_of,
                                        Accounts* roles) {
    ShowStatement* made = show_kind(kind);
    made->account = *account_of;
    made->roles = value(roles);
    return made;
}

ShowStatement* AstBuilder::show_events(ShowKind kind, std::string_view log, Expr* position,
                                       ast::LimitClause* limit, Channel* channel) {
    ShowStatement* made = show_kind(kind);
    made->name = log;
    made->position = position;
    show_limit(made, limit);
    if (channel != nullptr) {
        made->channel_given = true;
        made->channel = channel->name;
    }
    return made;
}

ShowStatement* AstBuilder::show_replica(bool old_words, Channel* first, Channel* last) {
    ShowStatement* made = show_kind(ShowKind::kReplicaStatus);
    made->old_words = old_words;
    const Channel* named = last != nullptr ? last : first;
    if (named != nullptr) {
        made->channel_given = true;
        made->channel = named->name;
    }
    return made;
}

void AstBuilder::show_limit(ShowStatement* to, const ast::LimitClause* limit) {
    if (limit != nullptr) {
        to->limit = *limit;
    }
}

Channel* AstBuilder::channel(std::string_view channel_name) {
    auto* made = make<Channel>();
    made->name = channel_name;
    return made;
}

// ---- DESCRIBE, EXPLAIN --------------------------------------------------------------------------

Statement* AstBuilder::describe(ObjectName* of, Str column, Expr* pattern, ast::AsOfClause* as_of) {
    auto* made = make_statement<ast::DescribeStatement>(StatementKind::kDescribe);
    made->table = *of;
    made->column = column;
    made->pattern = pattern;
    if (as_of != nullptr) {
        made->as_of = *as_of;
    }
    return made;
}

Statement* AstBuilder::explain(ast::ExplainStatement* options, Statement* of) {
    auto* made = options != nullptr ? options : make<ast::ExplainStatement>();
    made->kind = StatementKind::kExplain;
    made->statement = of;
    return made;
}

Statement* AstBuilder::explain_connection(ast::ExplainStatement* options, Expr* connection) {
    auto* made = options != nullptr ? options : make<ast::ExplainStatement>();
    made->kind = StatementKind::kExplain;
    made->connection = connection;
    return made;
}

Statement* AstBuilder::analyze_statement(ast::ExplainStatement* options, Statement* of) {
    auto* made = options != nullptr ? options : make<ast::ExplainStatement>();
    made->kind = StatementKind::kExplain;
    made->analyze = true;
    made->analyze_statement = true;
    made->statement = of;
    return made;
}

ast::ExplainStatement* AstBuilder::explain_format(std::string_view format) {
    auto* made = make<ast::ExplainStatement>();
    if (same_word(format, "TRADITIONAL")) {
        made->format = ast::ExplainFormat::kTraditional;
    } else if (same_word(format, "JSON")) {
        made->format = ast::ExplainFormat::kJson;
    } else if (same_word(format, "TREE")) {
        made->format = ast::ExplainFormat::kTree;
    } else {
        throw_sql_error(ErrorCode::ER_UNKNOWN_EXPLAIN_FORMAT, format);
    }
    return made;
}

ast::ExplainStatement* AstBuilder::merge_explain(ast::ExplainStatement* to,
                                                 const ast::ExplainStatement* from) {
    to->analyze = to->analyze || from->analyze;
    to->extended = to->extended || from->extended;
    to->partitions = to->partitions || from->partitions;
    if (from->format != ast::ExplainFormat::kUnset) {
        to->format = from->format;
    }
    if (!from->into_variable.empty()) {
        to->into_variable = from->into_variable;
    }
    if (!from->for_schema.empty()) {
        to->for_schema = from->for_schema;
    }
    return to;
}

// ---- KILL, FLUSH, RESET -------------------------------------------------------------------------

// Strength: 1 hard, 2 soft.
Statement* AstBuilder::kill(int strength, int kind, Expr* id, ast::AccountName* user) {
    auto* made = make_statement<ast::KillStatement>(StatementKind::kKill);
    made->kill = static_cast<ast::KillKind>(kind);
    made->hard = strength == 1;
    made->soft = strength == 2;
    made->id = id;
    if (user != nullptr) {
        made->user = *user;
    }
    return made;
}

void AstBuilder::flush_option(Str words, Channel* channel) {
    if (flush_ == nullptr) {
        flush_ = make_statement<ast::FlushStatement>(StatementKind::kFlush);
    }
    flush_->options.push_back(words, arena_);
    if (channel != nullptr) {
        flush_->channel_given = true;
        flush_->channel = channel->name;
    }
}

Statement* AstBuilder::finish_flush(int no_log) {
    flush_->no_write_to_binlog = no_log != 0;
    return flush_;
}

// Lock: 1 WITH READ LOCK, 2 FOR EXPORT.
Statement* AstBuilder::flush_tables(int no_log, List<ObjectName>* tables, int lock) {
    flush_option(str("TABLES"), nullptr);
    flush_->no_write_to_binlog = no_log != 0;
    flush_->tables = true;
    flush_->table_names = value(tables);
    flush_->with_read_lock = lock == 1;
    flush_->for_export = lock == 2;
    failed = failed || (flush_->for_export && tables == nullptr);
    return flush_;
}

void AstBuilder::reset_option(std::string_view option_words) {
    if (reset_ == nullptr) {
        reset_ = make_statement<ast::ResetStatement>(StatementKind::kReset);
    }
    reset_->options.push_back(option_words, arena_);
    reset_->to = reset_to;
}

void AstBuilder::reset_persist(int if_exists, Str variable) {
    reset_option("PERSIST");
    reset_->if_exists = if_exists != 0;
    reset_->persist_variable = variable;
}

void AstBuilder::reset_replica(bool old_words, Channel* first, int all, Channel* last) {
    reset_option("REPLICA");
    reset_replica_ = make_statement<ast::ResetReplicaStatement>(StatementKind::kResetReplica);
    reset_replica_->old_words = old_words;
    reset_replica_->all = all != 0;
    const Channel* named = last != nullptr ? last : first;
    if (named != nullptr) {
        reset_replica_->channel_given = true;
        reset_replica_->channel = named->name;
    }
}

Statement* AstBuilder::finish_reset() {
    if (reset_->options.size() == 1 && reset_replica_ != nullptr) {
        return reset_replica_;
    }
    return reset_;
}

// ---- Upkeep -------------------------------------------------------------------------------------

Statement* AstBuilder::maintenance(ast::TableMaintenance operation, int no_log,
                                   List<ObjectName>* tables, List<std::string_view>* words,
                                   Str tail) {
    auto* made = make_statement<ast::TableMaintenanceStatement>(StatementKind::kTableMaintenance);
    made->operation = operation;
    made->no_write_to_binlog = no_log != 0;
    made->tables = *tables;
    made->options = value(words);
    made->histogram_text = tail;
    return made;
}

Statement* AstBuilder::maintenance_view(ast::TableMaintenance operation, List<ObjectName>* tables,
                                        List<std::string_view>* words) {
    auto* made =
        static_cast<ast::TableMaintenanceStatement*>(maintenance(operation, 0, tables, words, {}));
    made->view = true;
    return made;
}

Str AstBuilder::tail_text(const Token& from) const noexcept { return str(span(from.data)); }

Statement* AstBuilder::help(std::string_view topic) {
    auto* made = make_statement<ast::HelpStatement>(StatementKind::kHelp);
    made->topic = topic;
    return made;
}

Statement* AstBuilder::shutdown(int wait_for_replicas) {
    auto* made = make_statement<ast::ShutdownStatement>(StatementKind::kShutdown);
    made->wait_for_replicas = wait_for_replicas != 0;
    return made;
}

Statement* AstBuilder::other(std::string_view words, ObjectName* of) {
    auto* made = make_statement<ast::OtherStatement>(StatementKind::kOther);
    made->name = words;
    if (of != nullptr) {
        made->object = *of;
    }
    return made;
}

}  // namespace afterimage::sql

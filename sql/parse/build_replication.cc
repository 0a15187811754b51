// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/ast_builder.h"

namespace afterimage::sql {

using ast::OptionValue;
using ast::Statement;
using ast::StatementKind;

namespace {

// FOR CHANNEL at the end, or the name behind the noun.
template <class T>
void set_channel(T* to, const Channel* first, const Channel* last) {
    const Channel* named = last != nullptr ? last : first;
    if (named != nullptr) {
        to->channel_given = true;
        to->channel = named->name;
    }
}

}  // namespace

// MASTER_HOST and SOURCE_HOST are HOST.
Str AstBuilder::source_option_name(const Token& token) {
    const std::string_view whole = upper_text(token.text());
    for (const std::string_view prefix :
         {std::string_view("MASTER_"), std::string_view("SOURCE_")}) {
        if (whole.substr(0, prefix.size()) == prefix) {
            return str(whole.substr(prefix.size()));
        }
    }
    return str(whole == "GET_MASTER_PUBLIC_KEY" ? std::string_view("GET_SOURCE_PUBLIC_KEY")
                                                : whole);
}

Statement* AstBuilder::change_source(bool old_words, Channel* first, List<OptionValue>* options,
                                     Channel* last) {
    auto* made = make_statement<ast::ChangeSourceStatement>(StatementKind::kChangeSource);
    made->old_words = old_words;
    made->options = *options;
    set_channel(made, first, last);
    return made;
}

ast::FilterRule* AstBuilder::merge_filter(ast::FilterRule* to, const ast::FilterRule* from) {
    for (const ObjectName& item : from->names) {
        to->names.push_back(item, arena_);
    }
    for (const std::string_view item : from->patterns) {
        to->patterns.push_back(item, arena_);
    }
    for (const ast::FilterPair& item : from->rewrites) {
        to->rewrites.push_back(item, arena_);
    }
    return to;
}

Statement* AstBuilder::change_filter(List<ast::FilterRule>* rules, Channel* channel_of) {
    auto* made = make_statement<ast::ChangeFilterStatement>(StatementKind::kChangeFilter);
    made->rules = *rules;
    set_channel(made, nullptr, channel_of);
    return made;
}

// Noun: 1 old words, 2 all. Threads: 1 I/O, 2 SQL.
Statement* AstBuilder::start_replica(int noun, Channel* first, int threads,
                                     List<OptionValue>* until, List<OptionValue>* login,
                                     Channel* last) {
    auto* made = make_statement<ast::StartReplicaStatement>(StatementKind::kStartReplica);
    made->old_words = (noun & 1) != 0;
    made->all = (noun & 2) != 0;
    made->io_thread = (threads & 1) != 0;
    made->sql_thread = (threads & 2) != 0;
    made->until = value(until);
    made->login = value(login);
    set_channel(made, first, last);
    return made;
}

Statement* AstBuilder::stop_replica(int noun, Channel* first, int threads, Channel* last) {
    auto* made = make_statement<ast::StopReplicaStatement>(StatementKind::kStopReplica);
    made->old_words = (noun & 1) != 0;
    made->all = (noun & 2) != 0;
    made->io_thread = (threads & 1) != 0;
    made->sql_thread = (threads & 2) != 0;
    set_channel(made, first, last);
    return made;
}

Statement* AstBuilder::purge(Str to, Expr* before) {
    auto* made = make_statement<ast::PurgeLogsStatement>(StatementKind::kPurgeLogs);
    made->to = to;
    made->before = before;
    return made;
}

Statement* AstBuilder::binlog(std::string_view first, Str second, bool variables) {
    auto* made = make_statement<ast::BinlogStatement>(StatementKind::kBinlog);
    made->fragments.push_back(first, arena_);
    if (second.data != nullptr) {
        made->fragments.push_back(second, arena_);
    }
    made->variables = variables;
    return made;
}

}  // namespace afterimage::sql

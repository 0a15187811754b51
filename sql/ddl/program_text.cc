// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/program_text.h"

#include <algorithm>
#include <array>
#include <span>

#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/program_facts.h"
#include "sql/parse/ast_printer.h"

namespace afterimage::sql {

namespace {

bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Where the first of `words` (upper case) stands outside quotes and parentheses; npos = nowhere.
std::size_t find_word(std::string_view text, std::span<const std::string_view> words) {
    int depth = 0;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '\'' || c == '"' || c == '`') {
            const std::size_t close = text.find(c, i + 1);
            i = close == std::string_view::npos ? text.size() : close + 1;
            continue;
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (!is_word_byte(c)) {
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && is_word_byte(text[end])) {
            ++end;
        }
        const std::string word = upper_case(text.substr(i, end - i));
        if (depth == 0 && std::find(words.begin(), words.end(), word) != words.end()) {
            return i;
        }
        i = end;
    }
    return std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kSpace);
    return first == std::string_view::npos
               ? std::string_view()
               : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string create_by(std::string_view definer) {
    return "CREATE DEFINER=" + quoted_account(definer) + " ";
}

/// The type as it was written, from behind RETURNS to the first characteristic or the body.
std::string_view returned_type(const ast::CreateRoutineStatement& routine) {
    static constexpr std::array<std::string_view, 1> kReturns = {"RETURNS"};
    static constexpr std::array<std::string_view, 9> kBehind = {"COMMENT",       "LANGUAGE", "NOT",
                                                                "DETERMINISTIC", "CONTAINS", "NO",
                                                                "READS",         "MODIFIES", "SQL"};
    const std::string_view text = routine.text;
    const auto from = static_cast<std::size_t>(routine.parameters_text.data() - text.data()) +
                      routine.parameters_text.size();
    const auto body = static_cast<std::size_t>(routine.body.data() - text.data());
    if (routine.parameters_text.data() == nullptr || from > body || body > text.size()) {
        return {};
    }
    std::string_view between = text.substr(from, body - from);
    const std::size_t close = between.find(')');
    between = close == std::string_view::npos ? between : between.substr(close + 1);
    const std::size_t returns = find_word(between, kReturns);
    if (returns == std::string_view::npos) {
        return {};
    }
    between = between.substr(returns + kReturns[0].size());
    return trimmed(between.substr(0, find_word(between, kBehind)));
}

}  // namespace

std::string trigger_text(const ast::CreateTriggerStatement& trigger, std::string_view definer) {
    static constexpr std::array<std::string_view, 1> kTrigger = {"TRIGGER"};
    const std::size_t at = find_word(trigger.text, kTrigger);
    return at == std::string_view::npos
               ? std::string(trigger.text)
               : create_by(definer) + std::string(trimmed(trigger.text.substr(at)));
}

std::string routine_text(const ast::CreateRoutineStatement& routine, std::string_view definer) {
    const bool is_function = routine.routine_kind == ast::RoutineKind::kFunction;
    std::string out = create_by(definer);
    out += routine.aggregate ? "AGGREGATE " : "";
    out += is_function ? "FUNCTION " : "PROCEDURE ";
    out +=
        quote_identifier(routine.routine.name) + "(" + std::string(routine.parameters_text) + ")";
    if (is_function && routine.returns != nullptr) {
        const std::string_view written = returned_type(routine);
        out +=
            " RETURNS " + (written.empty() ? print_type(*routine.returns) : std::string(written));
    }
    out += "\n";
    const ast::RoutineCharacteristics& facts = routine.characteristics;
    if (facts.data_access != ast::SqlDataAccess::kUnset &&
        facts.data_access != ast::SqlDataAccess::kContains) {
        out += "    " + std::string(data_access_name(facts.data_access)) + "\n";
    }
    out += facts.deterministic == ast::Toggle::kOn ? "    DETERMINISTIC\n" : "";
    out += facts.security == ast::SecurityContext::kInvoker ? "    SQL SECURITY INVOKER\n" : "";
    if (facts.has_comment && !facts.comment.empty()) {
        out += "    COMMENT ";
        append_plain_string(out, facts.comment);
        out += "\n";
    }
    return out + std::string(trimmed(routine.body));
}

std::string event_text(const ast::CreateEventStatement& event, std::string_view definer,
                       std::string_view starts) {
    std::string out =
        create_by(definer) + "EVENT " +
        quote_identifier(event.rename_to.empty() ? event.event.name : event.rename_to.name) +
        " ON SCHEDULE ";
    if (event.at != nullptr) {
        out += "AT " + std::string(event.at->text);
    } else if (event.every != nullptr && event.every->kind == ast::ExprKind::kInterval) {
        const auto& interval = ast::as<ast::IntervalExpr>(*event.every);
        out += "EVERY ";
        out += interval.value == nullptr ? std::string_view() : interval.value->text;
        out += " " + upper_case(ast::interval_unit_name(interval.unit));
        if (event.starts != nullptr) {
            out += " STARTS " + std::string(event.starts->text);
        } else if (!starts.empty()) {
            out += " STARTS " + std::string(starts);
        }
        if (event.ends != nullptr) {
            out += " ENDS " + std::string(event.ends->text);
        }
    }
    out += event.preserve == ast::Toggle::kOn ? " ON COMPLETION PRESERVE"
                                              : " ON COMPLETION NOT PRESERVE";
    out += event.status == ast::EventStatus::kDisabled            ? " DISABLE"
           : event.status == ast::EventStatus::kDisabledOnReplica ? " DISABLE ON SLAVE"
                                                                  : " ENABLE";
    if (event.has_comment && !event.comment.empty()) {
        out += " COMMENT ";
        append_plain_string(out, event.comment);
    }
    return out + " DO " + std::string(trimmed(event.body));
}

}  // namespace afterimage::sql

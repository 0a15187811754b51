// SPDX-License-Identifier: Apache-2.0
#include "replication/query_class.h"

#include <charconv>

#include "replication/sql_words.h"

namespace afterimage::replication {
namespace {

struct Row {
    std::string_view word;
    QueryClass type;
};

// Statements that their first word decides.
constexpr Row kFirstWords[] = {
    {"TRUNCATE", QueryClass::kApplied},
    {"INSERT", QueryClass::kDml},
    {"UPDATE", QueryClass::kDml},
    {"DELETE", QueryClass::kDml},
    {"REPLACE", QueryClass::kDml},
    {"SELECT", QueryClass::kDml},
    {"WITH", QueryClass::kDml},
    {"DO", QueryClass::kDml},
    {"CALL", QueryClass::kDml},
    {"GRANT", QueryClass::kPassedOver},
    {"REVOKE", QueryClass::kPassedOver},
    {"FLUSH", QueryClass::kPassedOver},
    {"OPTIMIZE", QueryClass::kPassedOver},
    {"REPAIR", QueryClass::kPassedOver},
    {"CHECKSUM", QueryClass::kPassedOver},
    {"CHECK", QueryClass::kPassedOver},
    {"INSTALL", QueryClass::kPassedOver},
    {"UNINSTALL", QueryClass::kPassedOver},
    {"RESET", QueryClass::kPassedOver},
    {"PURGE", QueryClass::kPassedOver},
    {"CACHE", QueryClass::kPassedOver},
};

// Objects of CREATE, ALTER, DROP and RENAME.
constexpr Row kObjects[] = {
    {"TABLE", QueryClass::kApplied},       {"TABLES", QueryClass::kApplied},
    {"VIEW", QueryClass::kApplied},        {"DATABASE", QueryClass::kApplied},
    {"SCHEMA", QueryClass::kApplied},      {"INDEX", QueryClass::kApplied},
    {"SEQUENCE", QueryClass::kApplied},    {"TRIGGER", QueryClass::kStored},
    {"PROCEDURE", QueryClass::kStored},    {"FUNCTION", QueryClass::kStored},
    {"EVENT", QueryClass::kStored},        {"PACKAGE", QueryClass::kStored},
    {"USER", QueryClass::kPassedOver},     {"ROLE", QueryClass::kPassedOver},
    {"SERVER", QueryClass::kPassedOver},   {"TABLESPACE", QueryClass::kPassedOver},
    {"LOGFILE", QueryClass::kPassedOver},  {"INSTANCE", QueryClass::kPassedOver},
    {"RESOURCE", QueryClass::kPassedOver}, {"REFERENCE", QueryClass::kPassedOver},
};

const Row* find_row(const Row* begin, const Row* end, const SqlWord& word) {
    for (const Row* row = begin; row != end; ++row) {
        if (word.is(row->word)) {
            return row;
        }
    }
    return nullptr;
}

std::string name_of(const SqlWord& word) {
    return word.kind == SqlWord::Kind::kWord ? std::string(word.raw) : word.text;
}

QueryKind control(QueryControl which, std::string verb) {
    QueryKind kind;
    kind.type = QueryClass::kControl;
    kind.control = which;
    kind.verb = std::move(verb);
    return kind;
}

// "X'6162'", "0x6162" or "'ab'".
bool read_xa_part(SqlWords& words, SqlWord& word, std::string& part) {
    const auto from_hex = [&](std::string_view digits) {
        if (digits.size() % 2 != 0) {
            return false;
        }
        part.clear();
        for (std::size_t i = 0; i < digits.size(); i += 2) {
            unsigned byte = 0;
            const auto result = std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
            if (result.ptr != digits.data() + i + 2) {
                return false;
            }
            part.push_back(static_cast<char>(byte));
        }
        return true;
    };
    if (word.is("X")) {
        word = words.next();
        return word.kind == SqlWord::Kind::kString && from_hex(word.text);
    }
    if (word.kind == SqlWord::Kind::kWord && word.text.starts_with("0X")) {
        return from_hex(std::string_view(word.text).substr(2));
    }
    part = word.text;
    return word.kind == SqlWord::Kind::kString;
}

std::optional<XaId> read_xa_id(SqlWords& words) {
    XaId id;
    SqlWord word = words.next();
    if (!read_xa_part(words, word, id.gtrid)) {
        return std::nullopt;
    }
    word = words.next();
    if (!word.is_symbol(',')) {
        return id;
    }
    word = words.next();
    if (!read_xa_part(words, word, id.bqual)) {
        return std::nullopt;
    }
    word = words.next();
    if (word.is_symbol(',')) {
        word = words.next();
        const auto result =
            std::from_chars(word.text.data(), word.text.data() + word.text.size(), id.format);
        if (result.ptr != word.text.data() + word.text.size()) {
            return std::nullopt;
        }
    }
    return id;
}

QueryKind classify_xa(SqlWords& words) {
    constexpr std::pair<std::string_view, QueryControl> kVerbs[] = {
        {"START", QueryControl::kXaStart},   {"BEGIN", QueryControl::kXaStart},
        {"END", QueryControl::kXaEnd},       {"PREPARE", QueryControl::kXaPrepare},
        {"COMMIT", QueryControl::kXaCommit}, {"ROLLBACK", QueryControl::kXaRollback},
    };
    const SqlWord word = words.next();
    for (const auto& [verb, which] : kVerbs) {
        if (word.is(verb)) {
            QueryKind kind = control(which, "XA " + word.text);
            kind.xa = read_xa_id(words);
            if (!kind.xa) {
                kind.type = QueryClass::kUnknown;
            }
            return kind;
        }
    }
    QueryKind kind;
    kind.verb = "XA";
    return kind;
}

// ROLLBACK [WORK] [TO [SAVEPOINT] name]
QueryKind classify_rollback(SqlWords& words) {
    SqlWord word = words.next();
    if (word.is("WORK")) {
        word = words.next();
    }
    if (!word.is("TO")) {
        return control(QueryControl::kRollback, "ROLLBACK");
    }
    word = words.next();
    if (word.is("SAVEPOINT")) {
        word = words.next();
    }
    QueryKind kind = control(QueryControl::kRollbackTo, "ROLLBACK TO");
    kind.savepoint = name_of(word);
    return kind;
}

// Empty: not a control statement.
std::optional<QueryKind> classify_control(const SqlWord& first, SqlWords& words) {
    if (first.is("BEGIN")) {
        const SqlWord second = words.next();
        if (second.kind == SqlWord::Kind::kEnd || second.is("WORK") || second.is_symbol(';')) {
            return control(QueryControl::kBegin, "BEGIN");
        }
        return std::nullopt;  // a compound statement
    }
    if (first.is("START")) {
        if (words.next().is("TRANSACTION")) {
            return control(QueryControl::kBegin, "START TRANSACTION");
        }
        return std::nullopt;
    }
    if (first.is("COMMIT")) {
        return control(QueryControl::kCommit, "COMMIT");
    }
    if (first.is("ROLLBACK")) {
        return classify_rollback(words);
    }
    if (first.is("SAVEPOINT")) {
        QueryKind kind = control(QueryControl::kSavepoint, "SAVEPOINT");
        kind.savepoint = name_of(words.next());
        return kind;
    }
    if (first.is("RELEASE")) {
        if (!words.next().is("SAVEPOINT")) {
            return std::nullopt;
        }
        QueryKind kind = control(QueryControl::kReleaseSavepoint, "RELEASE SAVEPOINT");
        kind.savepoint = name_of(words.next());
        return kind;
    }
    if (first.is("XA")) {
        return classify_xa(words);
    }
    return std::nullopt;
}

// The value of DEFINER=, ALGORITHM=, SQL SECURITY: what may stand between the verb and the object.
// True when `word` began such a clause, which is then consumed.
bool skip_modifier(const SqlWord& word, SqlWords& words) {
    constexpr std::string_view kBare[] = {"OR",       "REPLACE", "TEMPORARY", "UNIQUE",
                                          "FULLTEXT", "SPATIAL", "AGGREGATE", "ONLINE",
                                          "OFFLINE",  "IGNORE",  "UNDO",      "VECTOR"};
    for (const auto bare : kBare) {
        if (word.is(bare)) {
            return true;
        }
    }
    if (word.is("SQL")) {  // SQL SECURITY DEFINER | INVOKER
        (void)words.next();
        (void)words.next();
        return true;
    }
    return word.is("ALGORITHM") || word.is("DEFINER");
}

// CREATE FUNCTION … SONAME makes no routine but loads a library.
bool has_word(SqlWords words, std::string_view upper) {
    for (SqlWord word = words.next(); word.kind != SqlWord::Kind::kEnd; word = words.next()) {
        if (word.is(upper)) {
            return true;
        }
    }
    return false;
}

QueryKind classify_ddl(const SqlWord& first, SqlWords& words) {
    QueryKind kind;
    kind.verb = first.text;
    // A definer is user[@host], CURRENT_USER[()] or a role: words, names, strings and symbols that
    // are no object word. Longer openings are not written by any server.
    constexpr int kMaxOpeningWords = 40;
    SqlWord word = words.next();
    bool expects_value = false;
    for (int i = 0; i < kMaxOpeningWords && word.kind != SqlWord::Kind::kEnd; ++i) {
        if (expects_value) {
            expects_value = false;  // the value itself may be spelt like an object: `user`, event
        } else if (word.is("TEMPORARY")) {
            kind.temporary = true;
        } else if (word.is_symbol('=') || word.is_symbol('@')) {
            expects_value = true;
        } else if (const Row* row = find_row(std::begin(kObjects), std::end(kObjects), word)) {
            kind.type = row->type;
            kind.verb += " " + word.text;
            if (word.is("FUNCTION") && first.is("CREATE") && has_word(words, "SONAME")) {
                kind.type = QueryClass::kPassedOver;
            }
            kind.creates_from_select =
                first.is("CREATE") && word.is("TABLE") && has_word(words, "SELECT");
            return kind;
        } else if (!skip_modifier(word, words) && word.kind != SqlWord::Kind::kSymbol) {
            return kind;
        }
        word = words.next();
    }
    return kind;
}

// ANALYZE TABLE is maintenance; MariaDB's ANALYZE [FORMAT=x] statement runs the statement.
QueryKind classify_analyze(SqlWords& words) {
    QueryKind kind;
    kind.verb = "ANALYZE";
    SqlWord word = words.next();
    if (word.is("NO_WRITE_TO_BINLOG") || word.is("LOCAL")) {
        word = words.next();
    }
    const bool table = word.is("TABLE") || word.is("TABLES");
    kind.type = table ? QueryClass::kPassedOver : QueryClass::kDml;
    return kind;
}

QueryKind classify_set(SqlWords& words, bool* look_behind) {
    QueryKind kind;
    kind.verb = "SET";
    SqlWord word = words.next();
    if (word.is("STATEMENT")) {
        while (word.kind != SqlWord::Kind::kEnd && !word.is("FOR")) {
            word = words.next();
        }
        *look_behind = true;
        return kind;
    }
    if (word.is("PASSWORD") || word.is("ROLE")) {
        kind.type = QueryClass::kPassedOver;
    } else if (word.is("DEFAULT")) {
        kind.type = words.next().is("ROLE") ? QueryClass::kPassedOver : QueryClass::kUnknown;
    }
    return kind;
}

}  // namespace

QueryKind classify_query(std::string_view sql, bool mariadb, bool ansi_quotes) {
    SqlWords words(sql, mariadb, ansi_quotes);
    SqlWord first = words.next();
    // Statements may stand in parentheses: (SELECT …) UNION …
    while (first.is_symbol('(')) {
        first = words.next();
    }
    if (first.is("SET")) {
        bool look_behind = false;
        QueryKind kind = classify_set(words, &look_behind);
        if (!look_behind) {
            return kind;
        }
        first = words.next();
    }
    SqlWords behind_first = words;
    if (auto kind = classify_control(first, behind_first)) {
        return *kind;
    }
    if (first.is("CREATE") || first.is("ALTER") || first.is("DROP") || first.is("RENAME")) {
        return classify_ddl(first, words);
    }
    if (first.is("ANALYZE")) {
        return classify_analyze(words);
    }
    QueryKind kind;
    kind.verb = first.text;
    if (first.is("LOAD")) {
        kind.type = words.next().is("INDEX") ? QueryClass::kPassedOver : QueryClass::kDml;
    } else if (const Row* row = find_row(std::begin(kFirstWords), std::end(kFirstWords), first)) {
        kind.type = row->type;
    }
    return kind;
}

}  // namespace afterimage::replication

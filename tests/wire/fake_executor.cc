// SPDX-License-Identifier: Apache-2.0
#include "tests/wire/fake_executor.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "sql/session/local_infile.h"
#include "sql/session/process_list.h"
#include "sql/session/session.h"
#include "sql/sql_error.h"

namespace afterimage::server {

namespace {

using storage::Value;
using Row = std::vector<Value>;

Value text_value(std::string_view text) { return Value::of_bytes(storage::Bytes(text)); }

sql::ResultColumn column_of(std::string name, const Value& value) {
    sql::ResultColumn column;
    column.name = std::move(name);
    column.type.type.collation = 63;
    switch (value.kind()) {
        case storage::ValueKind::kNull:
            column.type.is_null_literal = true;
            break;
        case storage::ValueKind::kBytes:
            column.type.type.id = storage::TypeId::kVarchar;
            column.type.type.collation = 255;
            column.type.type.length = static_cast<std::uint32_t>(value.as_bytes().size());
            break;
        case storage::ValueKind::kUInt:
            column.type.type.is_unsigned = true;
            column.type.type.id = storage::TypeId::kBigInt;
            break;
        case storage::ValueKind::kDouble:
        case storage::ValueKind::kFloat:
            column.type.type.id = storage::TypeId::kDouble;
            column.type.type.scale = 31;
            break;
        case storage::ValueKind::kDecimal:
            column.type.type.id = storage::TypeId::kDecimal;
            column.type.type.length = 65;
            column.type.type.scale = value.as_decimal().scale;
            break;
        case storage::ValueKind::kDate:
            column.type.type.id = storage::TypeId::kDate;
            break;
        case storage::ValueKind::kDateTime:
        case storage::ValueKind::kTimestamp:
            column.type.type.id = storage::TypeId::kDateTime;
            column.type.type.scale = 6;
            break;
        case storage::ValueKind::kTime:
            column.type.type.id = storage::TypeId::kTime;
            column.type.type.scale = 6;
            break;
        case storage::ValueKind::kInt:
            column.type.type.id = storage::TypeId::kBigInt;
            break;
    }
    return column;
}

sql::VectorKind vector_kind(const sql::ResultColumn& column) {
    switch (column.type.type.id) {
        case storage::TypeId::kVarchar:
            return sql::VectorKind::kString;
        case storage::TypeId::kDouble:
            return sql::VectorKind::kF64;
        case storage::TypeId::kDecimal:
            return sql::VectorKind::kWideDecimal;
        case storage::TypeId::kDate:
        case storage::TypeId::kDateTime:
        case storage::TypeId::kTime:
            return sql::VectorKind::kPacked;
        default:
            return column.type.type.is_unsigned ? sql::VectorKind::kU64 : sql::VectorKind::kI64;
    }
}

void append_value(sql::ColumnVector& vector, const Value& value) {
    const std::uint8_t null = value.is_null() ? 1 : 0;
    vector.nulls.push_back(null);
    switch (vector.kind) {
        case sql::VectorKind::kString:
            vector.strings.push_back(null != 0 ? std::string_view() : value.as_bytes());
            break;
        case sql::VectorKind::kF64:
            vector.f64.push_back(value.as_double());
            break;
        case sql::VectorKind::kWideDecimal:
            vector.wide.push_back(value.as_decimal());
            break;
        default:
            vector.i64.push_back(value.as_int());
            break;
    }
}

/// A cursor over the few forms that the fake understands.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    void skip_space() {
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }
    bool take(std::string_view word) {
        skip_space();
        if (text_.size() - at_ < word.size()) {
            return false;
        }
        for (std::size_t i = 0; i < word.size(); ++i) {
            const char c = text_[at_ + i];
            const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            if (lower != word[i]) {
                return false;
            }
        }
        at_ += word.size();
        return true;
    }
    std::string name() {
        skip_space();
        const std::size_t start = at_;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' ||
                text_[at_] == '.' || text_[at_] == '-')) {
            ++at_;
        }
        return std::string(text_.substr(start, at_ - start));
    }
    std::optional<std::string> quoted() {
        skip_space();
        if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"' && text_[at_] != '`')) {
            return std::nullopt;
        }
        const char quote = text_[at_];
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) {
            fail();
        }
        std::string inside(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return inside;
    }
    [[nodiscard]] bool at_end() {
        skip_space();
        return at_ >= text_.size() || text_[at_] == ';';
    }
    [[nodiscard]] std::size_t position() const { return at_; }
    void consume_separator() {
        if (at_ < text_.size() && text_[at_] == ';') {
            ++at_;
        }
        skip_space();
    }
    [[nodiscard]] bool has_more() const { return at_ < text_.size(); }
    [[nodiscard]] std::string_view between(std::size_t from) const {
        return text_.substr(from, at_ - from);
    }
    [[noreturn]] void fail() const {
        sql::throw_sql_error(sql::ErrorCode::ER_PARSE_ERROR, "You have an error in your SQL syntax",
                             text_.substr(std::min(at_, text_.size()), 80), 1);
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

void sleep_for(double seconds, const sql::Session& session) {
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
    while (std::chrono::steady_clock::now() < end) {
        session.stop.check();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

Value number_value(const std::string& word, const Scanner& scanner) {
    try {
        if (word.find('.') != std::string::npos) {
            return Value::of_double(std::stod(word));
        }
        return Value::of_int(std::stoll(word));
    } catch (const std::exception&) {
        scanner.fail();
    }
}

struct Arguments {
    const std::vector<Value>* values = nullptr;
    std::size_t next = 0;
};

Value select_variable(Scanner& scanner, const sql::Session& session) {
    const bool global = scanner.take("global.");
    if (!global) {
        scanner.take("session.");
    }
    const std::string name = scanner.name();
    return global ? session.get_global_variable(name) : session.get_variable(name);
}

Value select_function(Scanner& scanner, sql::Session& session) {
    if (scanner.take("database()")) {
        return session.context.database.empty() ? Value() : text_value(session.context.database);
    }
    if (scanner.take("user()")) {
        return text_value(session.context.user);
    }
    if (scanner.take("current_user()")) {
        return text_value(session.context.current_user);
    }
    if (scanner.take("connection_id()")) {
        return Value::of_uint(session.id());
    }
    if (scanner.take("version()")) {
        return session.get_variable("version");
    }
    if (scanner.take("sleep(")) {
        sleep_for(std::stod(scanner.name()), session);
        scanner.take(")");
        return Value::of_int(0);
    }
    if (scanner.take("length(")) {
        const auto text = scanner.quoted();
        scanner.take(")");
        return Value::of_int(static_cast<std::int64_t>(text.value_or("").size()));
    }
    if (scanner.take("repeat(")) {
        const std::string piece = scanner.quoted().value_or("");
        scanner.take(",");
        const std::size_t times = std::stoull(scanner.name());
        scanner.take(")");
        std::string all;
        for (std::size_t i = 0; i < times; ++i) {
            all += piece;
        }
        return text_value(all);
    }
    const std::string word = scanner.name();
    return word == "null" || word == "NULL" ? Value() : number_value(word, scanner);
}

Value select_item(Scanner& scanner, sql::Session& session, Arguments& arguments) {
    if (scanner.take("?")) {
        return arguments.values == nullptr || arguments.next >= arguments.values->size()
                   ? Value()
                   : (*arguments.values)[arguments.next++];
    }
    if (scanner.take("@@")) {
        return select_variable(scanner, session);
    }
    if (const auto text = scanner.quoted()) {
        return text_value(*text);
    }
    return select_function(scanner, session);
}

std::unique_ptr<sql::ResultStream> select_rows(Scanner& scanner) {
    const std::size_t count = std::stoull(scanner.name());
    scanner.take(",");
    const std::size_t size = std::stoull(scanner.name());
    scanner.take(")");
    const Value cell = text_value(std::string(size, 'r'));
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i) {
        rows.push_back({Value::of_int(static_cast<std::int64_t>(i)), cell});
    }
    return std::make_unique<FakeResult>(
        std::vector{column_of("i", Value::of_int(0)), column_of("cell", cell)}, std::move(rows));
}

std::unique_ptr<sql::ResultStream> select(Scanner& scanner, sql::Session& session,
                                          Arguments& arguments) {
    if (scanner.take("rows(")) {
        return select_rows(scanner);
    }
    std::vector<sql::ResultColumn> columns;
    Row row;
    do {
        scanner.skip_space();
        const std::size_t start = scanner.position();
        Value value = select_item(scanner, session, arguments);
        std::string name(scanner.between(start));
        if (scanner.take("as ")) {
            name = scanner.name();
        }
        columns.push_back(column_of(std::move(name), value));
        row.push_back(std::move(value));
    } while (scanner.take(","));
    if (scanner.take("limit")) {
        scanner.name();
    }
    return std::make_unique<FakeResult>(std::move(columns), std::vector<Row>{std::move(row)});
}

void set_one(Scanner& scanner, sql::Session& session) {
    const bool global = scanner.take("@@global.") || scanner.take("global ");
    if (!global && !scanner.take("@@session.") && !scanner.take("session ")) {
        scanner.take("@@");
    }
    const std::string name = scanner.name();
    if (!scanner.take("=")) {
        scanner.fail();
    }
    Value value;
    if (const auto text = scanner.quoted()) {
        value = text_value(*text);
    } else {
        const std::string word = scanner.name();
        const bool numeric =
            !word.empty() && word.find_first_not_of("-0123456789.") == std::string::npos;
        value = numeric ? number_value(word, scanner) : text_value(word);
    }
    if (global) {
        session.set_global_variable(name, value);
    } else {
        session.set_variable(name, value);
    }
}

void set_all(Scanner& scanner, sql::Session& session) {
    if (scanner.take("names ")) {
        const std::string charset = scanner.quoted().value_or("");
        session.set_names(charset.empty() ? scanner.name() : charset, "");
        return;
    }
    do {
        set_one(scanner, session);
    } while (scanner.take(","));
}

void kill(Scanner& scanner, const sql::Session& session) {
    const bool query = scanner.take("query ");
    scanner.take("connection ");
    const std::uint64_t id = std::stoull(scanner.name());
    if (!session.services().processes->kill(id, !query)) {
        sql::throw_sql_error(sql::ErrorCode::ER_NO_SUCH_THREAD, id);
    }
}

std::unique_ptr<sql::ResultStream> show(Scanner& scanner, const sql::Session& session) {
    const Value sample = text_value("");
    if (scanner.take("warnings")) {
        std::vector<Row> rows;
        for (const sql::Warning& warning : session.warnings) {
            rows.push_back(
                {text_value("Warning"), Value::of_int(warning.code), text_value(warning.message)});
        }
        return std::make_unique<FakeResult>(
            std::vector{column_of("Level", sample), column_of("Code", Value::of_int(0)),
                        column_of("Message", sample)},
            std::move(rows));
    }
    if (scanner.take("full processlist") || scanner.take("processlist")) {
        std::vector<Row> rows;
        for (const sql::Process& process : session.services().processes->processes()) {
            rows.push_back({Value::of_uint(process.id), text_value(process.user),
                            text_value(process.command), text_value(process.info)});
        }
        return std::make_unique<FakeResult>(
            std::vector{column_of("Id", Value::of_uint(0)), column_of("User", sample),
                        column_of("Command", sample), column_of("Info", sample)},
            std::move(rows));
    }
    if (scanner.take("variables like")) {
        const std::string name = scanner.quoted().value_or("");
        std::vector<Row> rows;
        if (const sql::SystemVariable* variable = sql::find_system_variable(name)) {
            rows.push_back({text_value(name),
                            text_value(sql::variable_text(*variable, session.get_variable(name)))});
        }
        return std::make_unique<FakeResult>(
            std::vector{column_of("Variable_name", sample), column_of("Value", sample)},
            std::move(rows));
    }
    scanner.fail();
}

sql::StatementOutcome load(Scanner& scanner, const sql::Session& session) {
    const std::string file = scanner.quoted().value_or("");
    if (session.local_infile == nullptr) {
        sql::throw_sql_error(sql::ErrorCode::ER_CLIENT_LOCAL_FILES_DISABLED);
    }
    session.local_infile->open(file);
    sql::StatementOutcome outcome;
    std::string piece;
    while (session.local_infile->read(piece)) {
        outcome.affected_rows += piece.size();
    }
    return outcome;
}

std::unique_ptr<sql::ResultStream> run(Scanner& scanner, sql::Session& session,
                                       Arguments& arguments) {
    sql::StatementOutcome outcome;
    if (scanner.take("select")) {
        return select(scanner, session, arguments);
    }
    if (scanner.take("show")) {
        return show(scanner, session);
    }
    if (scanner.take("set")) {
        set_all(scanner, session);
    } else if (scanner.take("use")) {
        const std::string name = scanner.quoted().value_or("");
        session.set_database(name.empty() ? scanner.name() : name, 255);
    } else if (scanner.take("kill")) {
        kill(scanner, session);
    } else if (scanner.take("load data local infile")) {
        outcome = load(scanner, session);
    } else if (scanner.take("begin") || scanner.take("start transaction")) {
        session.in_transaction = true;
    } else if (scanner.take("commit") || scanner.take("rollback")) {
        session.in_transaction = false;
    } else if (scanner.take("do")) {
        outcome.affected_rows = std::stoull(scanner.name());
        outcome.message = "done";
    } else {
        scanner.fail();
    }
    return std::make_unique<FakeResult>(std::move(outcome));
}

class FakePrepared final : public sql::PreparedStatement {
  public:
    explicit FakePrepared(std::string_view text) : text_(text) {
        const auto count = std::count(text_.begin(), text_.end(), '?');
        sql::ResultColumn column = column_of("?", text_value(""));
        parameters_.assign(static_cast<std::size_t>(count), column);
        if (text_.starts_with("SELECT")) {
            const auto commas = std::count(text_.begin(), text_.end(), ',');
            columns_.assign(static_cast<std::size_t>(commas) + 1, column);
        }
    }
    [[nodiscard]] std::size_t parameter_count() const override { return parameters_.size(); }
    [[nodiscard]] const std::vector<sql::ResultColumn>& columns() const override {
        return columns_;
    }
    [[nodiscard]] const std::vector<sql::ResultColumn>& parameters() const override {
        return parameters_;
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
    std::vector<sql::ResultColumn> columns_;
    std::vector<sql::ResultColumn> parameters_;
};

}  // namespace

FakeResult::FakeResult(std::vector<sql::ResultColumn> columns,
                       std::vector<std::vector<storage::Value>> rows)
    : columns_(std::move(columns)), rows_(std::move(rows)) {}

const sql::Batch* FakeResult::next() {
    constexpr std::size_t kRowsPerBatch = 100;
    if (at_ >= rows_.size()) {
        return nullptr;
    }
    batch_.columns.clear();
    batch_.columns.resize(columns_.size());
    batch_.row_count = std::min(kRowsPerBatch, rows_.size() - at_);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        batch_.columns[c].kind = vector_kind(columns_[c]);
        for (std::size_t r = 0; r < batch_.row_count; ++r) {
            append_value(batch_.columns[c], rows_[at_ + r][c]);
        }
    }
    at_ += batch_.row_count;
    return &batch_;
}

sql::ExecutedStatement FakeExecutor::execute(sql::Session& session, std::string_view text) {
    Scanner scanner(text);
    session.clear_warnings();
    Arguments none;
    sql::ExecutedStatement executed;
    executed.result = run(scanner, session, none);
    if (!scanner.at_end()) {
        scanner.fail();
    }
    scanner.consume_separator();
    executed.bytes_consumed = scanner.position();
    executed.is_last = !scanner.has_more();
    return executed;
}

std::unique_ptr<sql::PreparedStatement> FakeExecutor::prepare(sql::Session& /*session*/,
                                                              std::string_view text) {
    return std::make_unique<FakePrepared>(text);
}

std::unique_ptr<sql::ResultStream> FakeExecutor::execute_prepared(
    sql::Session& session, sql::PreparedStatement& statement,
    const std::vector<storage::Value>& parameters,
    const std::vector<sql::ResultType>& /*parameter_types*/) {
    const auto& prepared = dynamic_cast<const FakePrepared&>(statement);
    Scanner scanner(prepared.text());
    Arguments arguments{&parameters, 0};
    return run(scanner, session, arguments);
}

void FakeExecutor::use_database(sql::Session& session, std::string_view database) {
    if (database == "missing") {
        sql::throw_sql_error(sql::ErrorCode::ER_BAD_DB_ERROR, database);
    }
    session.set_database(std::string(database), 255);
}

void FakeExecutor::reset_session(sql::Session& session) { session.reset(); }

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// LOAD DATA LOCAL INFILE: the client's file, taken apart into fields, row by row.
#include <algorithm>

#include "sql/bind/expression_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/exec/dml.h"
#include "sql/exec/table_writer.h"
#include "sql/expr/cast.h"
#include "sql/session/local_infile.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Row;
using storage::Value;

namespace {

/// The longest single row that is taken in.
constexpr std::size_t kMaxRowBytes = std::size_t{64} << 20U;

/// Bytes of the file as they come.
class FileReader {
  public:
    explicit FileReader(LocalInfile& file) : file_(file) {}

    /// -1 at the end.
    int peek(std::size_t ahead = 0) {
        while (at_ + ahead >= buffer_.size()) {
            if (ended_) {
                return -1;
            }
            buffer_.erase(0, at_);
            at_ = 0;
            std::string piece;
            if (!file_.read(piece)) {
                ended_ = true;
                return -1;
            }
            buffer_ += piece;
        }
        return static_cast<unsigned char>(buffer_[at_ + ahead]);
    }
    void skip(std::size_t count) { at_ += count; }
    bool at(std::string_view text) {
        if (text.empty()) {
            return false;
        }
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (peek(i) != static_cast<unsigned char>(text[i])) {
                return false;
            }
        }
        return true;
    }

  private:
    LocalInfile& file_;
    std::string buffer_;
    std::size_t at_ = 0;
    bool ended_ = false;
};

struct Field {
    std::string text;
    bool is_null = false;
};

struct Format {
    std::string fields = "\t";
    std::string enclosed;
    std::string escaped = "\\";
    std::string starting;
    std::string lines = "\n";
};

Format format_of(const ast::FieldFormat& given) {
    Format format;
    const auto take = [](std::string& out, std::string_view text) {
        if (text.data()) {
            out = text;
        }
    };
    take(format.fields, given.fields_terminated);
    take(format.enclosed, given.fields_enclosed);
    take(format.escaped, given.fields_escaped);
    take(format.starting, given.lines_starting);
    take(format.lines, given.lines_terminated);
    return format;
}

class RowParser {
  public:
    RowParser(LocalInfile& file, Format format) : reader_(file), format_(std::move(format)) {}

    bool next(std::vector<Field>& fields) {
        fields.clear();
        if (reader_.peek() < 0) {
            return false;
        }
        if (!format_.starting.empty()) {
            while (!reader_.at(format_.starting)) {
                if (reader_.peek() < 0) {
                    return false;
                }
                reader_.skip(1);
            }
            reader_.skip(format_.starting.size());
        }
        std::size_t bytes = 0;
        for (;;) {
            Field field;
            const bool more = read_field(field);
            bytes += field.text.size();
            if (bytes > kMaxRowBytes) {
                throw_sql_error(ErrorCode::ER_TOO_BIG_ROWSIZE, kMaxRowBytes);
            }
            fields.push_back(std::move(field));
            if (!more) {
                return true;
            }
        }
    }

    void skip_line() {
        while (reader_.peek() >= 0 && !reader_.at(format_.lines)) {
            reader_.skip(1);
        }
        reader_.skip(reader_.peek() >= 0 ? format_.lines.size() : 0);
    }

  private:
    /// True: another field of this row follows.
    bool read_field(Field& field) {
        const int first = reader_.peek();
        const bool enclosed = !format_.enclosed.empty() && first == byte(format_.enclosed[0]);
        if (enclosed) {
            reader_.skip(1);
        }
        bool escaped_null = false;
        for (;;) {
            const int c = reader_.peek();
            if (c < 0) {
                break;
            }
            if (!format_.escaped.empty() && c == byte(format_.escaped[0]) &&
                (format_.enclosed.empty() || format_.escaped != format_.enclosed)) {
                escaped_null = read_escape(field.text) || escaped_null;
                continue;
            }
            if (enclosed && c == byte(format_.enclosed[0])) {
                if (reader_.peek(1) == c) {
                    field.text.push_back(static_cast<char>(c));
                    reader_.skip(2);
                    continue;
                }
                reader_.skip(1);
                break;
            }
            if (!enclosed && (reader_.at(format_.fields) || reader_.at(format_.lines))) {
                break;
            }
            field.text.push_back(static_cast<char>(c));
            reader_.skip(1);
        }
        field.is_null = (escaped_null && field.text.empty()) ||
                        (!enclosed && !format_.enclosed.empty() && field.text == "NULL");
        if (reader_.at(format_.fields)) {
            reader_.skip(format_.fields.size());
            return true;
        }
        if (reader_.at(format_.lines)) {
            reader_.skip(format_.lines.size());
        }
        return false;
    }

    /// True for \N.
    bool read_escape(std::string& out) {
        const int c = reader_.peek(1);
        reader_.skip(c < 0 ? 1 : 2);
        switch (c) {
            case 'N':
                return true;
            case '0':
                out.push_back('\0');
                break;
            case 'b':
                out.push_back('\b');
                break;
            case 'n':
                out.push_back('\n');
                break;
            case 'r':
                out.push_back('\r');
                break;
            case 't':
                out.push_back('\t');
                break;
            case 'Z':
                out.push_back('\x1a');
                break;
            default:
                if (c >= 0) {
                    out.push_back(static_cast<char>(c));
                }
                break;
        }
        return false;
    }

    static int byte(char c) { return static_cast<unsigned char>(c); }

    FileReader reader_;
    Format format_;
};

/// Closes the transfer, whatever happens, so that the packets stay in step.
class Transfer {
  public:
    Transfer(LocalInfile& file, std::string_view name) : file_(file) { file_.open(name); }
    ~Transfer() { file_.close(); }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

  private:
    LocalInfile& file_;
};

class Loader {
  public:
    Loader(StatementFrame& frame, const ast::LoadDataStatement& statement,
           const ResolvedDatabase& database)
        : frame_(frame),
          statement_(statement),
          context_(*frame.catalog, frame.parameters),
          // LOCAL cannot stop the client half way: duplicates are passed over, as MySQL does.
          writer_(frame, context_, database, statement.table.name,
                  statement.ignore || !statement.replace) {}

    StatementOutcome run() {
        find_targets();
        bind_set();
        std::uint64_t skip = 0;
        if (statement_.ignore_lines) {
            skip = frame_.evaluate(*statement_.ignore_lines).as_uint();
        }
        Transfer transfer(*frame_.session.local_infile, statement_.file);
        RowParser parser(*frame_.session.local_infile, format_of(statement_.format));
        for (; skip > 0; --skip) {
            parser.skip_line();
        }
        std::vector<Field> fields;
        while (parser.next(fields)) {
            if (++records_ % Batch::kMaxRows == 0) {
                context_.check_stop();
            }
            write(fields);
        }
        return finish_write(frame_, affected_,
                            "Records: " + std::to_string(records_) +
                                "  Deleted: " + std::to_string(deleted_) +
                                "  Skipped: " + std::to_string(skipped_) +
                                "  Warnings: " + std::to_string(warning_count(frame_.session)));
    }

  private:
    struct Target {
        std::size_t ordinal = static_cast<std::size_t>(-1);
        std::string variable;
    };

    void find_targets() {
        const storage::TableSchema& schema = writer_.schema();
        named_.assign(schema.columns.size(), false);
        if (statement_.targets.empty()) {
            for (std::size_t i = 0; i < schema.columns.size(); ++i) {
                if (!schema.columns[i].generated_sql) {
                    targets_.push_back({i, {}});
                    named_[i] = true;
                }
            }
        }
        for (const ast::LoadTarget& target : statement_.targets) {
            if (target.user_variable) {
                targets_.push_back({static_cast<std::size_t>(-1), lower_case(target.name)});
                continue;
            }
            const storage::Column* column = schema.find_column(target.name);
            if (!column) {
                throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, target.name, "field list");
            }
            const auto ordinal = static_cast<std::size_t>(column - schema.columns.data());
            targets_.push_back({ordinal, {}});
            named_[ordinal] = true;
        }
        text_type_ = make_text_literal("", charset_collation())->type;
    }

    storage::CollationId charset_collation() const {
        const std::string_view charset = statement_.format.charset;
        if (charset.empty()) {
            return frame_.session.context.database_collation;
        }
        const storage::Collation* collation = storage::default_collation(charset, false);
        if (!collation) {
            throw_sql_error(ErrorCode::ER_UNKNOWN_CHARACTER_SET, charset);
        }
        return collation->id();
    }

    /// Variables of the file's fields have no type before the first row: SET is bound a row.
    void bind_set() {
        for (const ast::Assignment& assignment : statement_.set) {
            const storage::Column* column = writer_.schema().find_column(assignment.column->column);
            if (!column) {
                throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, assignment.column->text,
                                "field list");
            }
            const auto ordinal = static_cast<std::size_t>(column - writer_.schema().columns.data());
            named_[ordinal] = true;
            set_.push_back(ordinal);
        }
    }

    void write(const std::vector<Field>& fields) {
        Row row(writer_.schema().columns.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!named_[i]) {
                row[i] = writer_.default_value(i);
            }
        }
        if (fields.size() > targets_.size()) {
            frame_.context().warn(1262,
                                  error_message(ErrorCode::ER_WARN_TOO_MANY_RECORDS, records_));
        } else if (fields.size() < targets_.size()) {
            frame_.context().warn(1261,
                                  error_message(ErrorCode::ER_WARN_TOO_FEW_RECORDS, records_));
        }
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            const bool missing = i >= fields.size();
            Value value;
            if (!missing && !fields[i].is_null) {
                value = Value::of_bytes(fields[i].text);
            }
            if (!targets_[i].variable.empty()) {
                frame_.session.user_variables[targets_[i].variable] = std::move(value);
                continue;
            }
            row[targets_[i].ordinal] = missing ? writer_.default_value(targets_[i].ordinal)
                                               : store(value, text_type_, targets_[i].ordinal);
        }
        for (std::size_t i = 0; i < set_.size(); ++i) {
            BindEnvironment environment = frame_.environment();
            ExpressionBinder binder(environment, nullptr, nullptr);
            const ExpressionPtr bound = binder.bind_scalar(*statement_.set[i].value);
            row[set_[i]] = store(evaluate_constant(*bound, context_.eval), bound->type, set_[i]);
            context_.eval.reset();
        }
        insert(std::move(row));
    }

    Value store(const Value& value, const ResultType& type, std::size_t ordinal) {
        const storage::Column& column = writer_.schema().columns[ordinal];
        if (value.is_null() && !column.nullable && !column.auto_increment) {
            frame_.context().warn(
                1263, error_message(ErrorCode::ER_WARN_NULL_TO_NOTNULL, column.name, records_));
            return implicit_default(column.type);
        }
        return writer_.convert(value, type, ordinal, static_cast<std::size_t>(records_));
    }

    void insert(Row row) {
        if (const auto column = writer_.auto_increment_column()) {
            row[*column] = writer_.auto_increment_value(row[*column], 64);
        }
        for (;;) {
            const storage::WriteOutcome outcome = writer_.insert(row);
            if (outcome.ok()) {
                ++affected_;
                return;
            }
            if (outcome.kind == storage::WriteOutcome::Kind::kDuplicate && statement_.replace) {
                const storage::WriteOutcome removed = writer_.remove(outcome.existing_key);
                writer_.report(removed, row);
                if (removed.ok()) {
                    ++deleted_;
                    ++affected_;
                    continue;
                }
            }
            writer_.report(outcome, row);
            ++skipped_;
            return;
        }
    }

    StatementFrame& frame_;
    const ast::LoadDataStatement& statement_;
    ExecContext context_;
    TableWriter writer_;
    std::vector<Target> targets_;
    std::vector<bool> named_;
    std::vector<std::size_t> set_;
    ResultType text_type_;
    std::uint64_t records_ = 0;
    std::uint64_t affected_ = 0;
    std::uint64_t deleted_ = 0;
    std::uint64_t skipped_ = 0;
};

}  // namespace

StatementOutcome execute_load_data(StatementFrame& frame, const ast::LoadDataStatement& statement) {
    if (statement.xml) {
        throw_not_supported("LOAD XML");
    }
    if (!statement.local) {
        throw SqlError(1290, "HY000",
                       "The MySQL server is running with the --secure-file-priv option so it "
                       "cannot execute this statement");
    }
    if (!frame.session.local_infile) {
        throw SqlError(3948, "42000",
                       "Loading local data is disabled; this must be enabled on both the client "
                       "and server sides");
    }
    const ResolvedDatabase database = frame.catalog->get_database(statement.table.database);
    frame.require_table(database, statement.table.name, kPrivilegeInsert, "INSERT");
    return Loader(frame, statement, database).run();
}

}  // namespace afterimage::sql

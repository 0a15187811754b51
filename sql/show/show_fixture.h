// SPDX-License-Identifier: Apache-2.0
// A store in a folder of its own, DDL into it, and statements of sql/show over it, for tests. One
// thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "sql/bind/bind_environment.h"
#include "sql/catalog/grants.h"
#include "sql/ddl/ddl_executor.h"
#include "sql/show/show_run.h"
#include "sql/show/view_columns.h"
#include "sql/sql_error.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/store.h"
#include "storage/table/row_writer.h"
#include "storage/value/number_text.h"

namespace afterimage::sql {

class ShowFixture {
  public:
    ShowFixture() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "afterimage-show-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        directory_ = storage::open_posix_directory(path_);
        storage::StoreOptions options;
        options.journal_file_bytes = 256 << 10U;
        options.keyframe_thread = false;
        store_ = storage::Store::open(*directory_, clock_, options, [](const std::string&) {});
        grants = std::make_unique<Grants>(*store_);
        grants->ensure_root("");
        transaction_ = store_->begin_replicated("");
        target_ = replicated_target(*store_, *transaction_, nullptr);
        register_built_in_tables(registry_);
        session = make_session("root", "%");
    }
    ~ShowFixture() {
        session.reset();
        target_.reset();
        transaction_.reset();
        grants.reset();
        store_.reset();
        std::filesystem::remove_all(path_);
    }
    ShowFixture(const ShowFixture&) = delete;
    ShowFixture& operator=(const ShowFixture&) = delete;

    std::unique_ptr<Session> make_session(const std::string& user, const std::string& host) {
        auto made =
            std::make_unique<Session>(SessionServices{&globals, processes, grants.get()}, 7);
        const auto account = grants->find_exact(user, host);
        made->set_identity(user, "localhost", *account);
        return made;
    }

    /// Runs DDL as the applier would.
    void ddl(std::string_view text) {
        Arena arena;
        const ParseResult parsed = parse_one(text, parse_options_of(session->context), arena);
        DdlContext context{*target_,
                           *store_,
                           *session,
                           [](std::string_view) { return "main"; },
                           session->context.mariadb_flavour,
                           {}};
        execute_ddl(context, *parsed.statement);
        commit();
    }

    void insert(const std::string& database, const std::string& table,
                const std::vector<storage::Row>& rows) {
        storage::OpenRoot& root = target_->open(database, "main");
        storage::OpenTable& opened = *root.find_table(table);
        storage::WriteOptions options;
        options.mode = storage::WriteMode::kReplicatedRow;
        storage::RowWriter writer(root, nullptr, options);
        for (const storage::Row& row : rows) {
            if (!writer.insert(opened, row).ok()) {
                throw std::runtime_error("row not written");
            }
        }
        commit();
    }

    [[nodiscard]] Catalog catalog() {
        return Catalog(*store_, *session, *target_, {&registry_, nullptr, nullptr, grants.get()});
    }

    /// One statement; OK answers give no rows.
    ResultTable run(std::string_view text) {
        Arena arena;
        const ParseResult parsed = parse_one(text, parse_options_of(session->context), arena);
        Catalog over = catalog();
        if (!keeps_warnings(*parsed.statement)) {
            session->clear_warnings();
        }
        ShowServices services;
        services.grants = grants.get();
        StatementAnswer answer = run_statement(over, *parsed.statement, services);
        return answer.rows ? *std::move(answer.rows) : ResultTable();
    }

    /// The rows as lines of cells with | between; NULL as NULL.
    [[nodiscard]] std::string rows(std::string_view text) { return text_of(run(text)); }
    [[nodiscard]] std::string names(std::string_view text) { return names_of(run(text)); }
    /// "1396 Operation …"; empty when nothing was thrown.
    [[nodiscard]] std::string error(std::string_view text) {
        try {
            static_cast<void>(run(text));
        } catch (const SqlError& e) {
            return std::to_string(e.error_number()) + " " + e.message();
        }
        return {};
    }

    /// A whole virtual table under = conditions on text columns.
    [[nodiscard]] std::string table(
        std::string_view database, std::string_view name,
        const std::vector<std::pair<std::string, std::string>>& equal = {}) {
        Catalog over = catalog();
        const ResolvedDatabase resolved = over.get_database(database);
        const auto found = over.find_virtual_table(resolved, name);
        ResultTable out;
        ScanRequest request;
        for (std::size_t i = 0; i < found->schema().columns.size(); ++i) {
            request.columns.push_back(i);
            out.columns.push_back(
                result_column(found->schema().columns[i].name, found->schema().columns[i].type));
            for (const auto& [column, value] : equal) {
                if (found->schema().columns[i].name == column) {
                    request.conjuncts.push_back({i, ScanConjunct::Op::kEqual, {text_value(value)}});
                }
            }
        }
        request.context = &session->context;
        const auto scan = found->open(request);
        storage::Row row(out.columns.size());
        while (scan->next(row)) {
            out.rows.push_back(row);
        }
        return text_of(out);
    }

    static std::string cell_text(const storage::Value& value) {
        switch (value.kind()) {
            case storage::ValueKind::kNull:
                return "NULL";
            case storage::ValueKind::kInt:
                return std::to_string(value.as_int());
            case storage::ValueKind::kUInt:
                return std::to_string(value.as_uint());
            case storage::ValueKind::kBytes:
                return value.as_bytes();
            default:
                return "?";
        }
    }
    static std::string text_of(const ResultTable& table) {
        std::string out;
        for (const storage::Row& row : table.rows) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                out += (i == 0 ? "" : "|") + cell_text(row[i]);
            }
            out += "\n";
        }
        return out;
    }
    static std::string names_of(const ResultTable& table) {
        std::string out;
        for (const ResultColumn& column : table.columns) {
            out += (out.empty() ? "" : "|") + column.name;
        }
        return out;
    }

  private:
    /// What is written is published: a new database has no state before.
    void commit() {
        static_cast<void>(transaction_->commit({}));
        target_.reset();
        transaction_ = store_->begin_replicated("");
        target_ = replicated_target(*store_, *transaction_, nullptr);
    }

    std::string path_;
    storage::SystemClock clock_;
    std::unique_ptr<storage::Directory> directory_;
    std::unique_ptr<storage::Store> store_;
    std::unique_ptr<storage::Store::ReplicatedTransaction> transaction_;
    std::unique_ptr<DdlTarget> target_;
    VirtualTableRegistry registry_;

  public:
    GlobalVariables globals;
    std::unique_ptr<Grants> grants;
    ProcessList* processes = nullptr;  ///< set before make_session
    std::unique_ptr<Session> session;
};

}  // namespace afterimage::sql

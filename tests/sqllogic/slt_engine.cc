// SPDX-License-Identifier: Apache-2.0
#include "tests/sqllogic/slt_engine.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "procedures/registry.h"
#include "sql/catalog/procedure.h"
#include "sql/catalog/system_tables/register.h"
#include "sql/catalog/virtual_table.h"
#include "sql/engine.h"
#include "sql/expr/cast.h"
#include "sql/sql_error.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/store.h"

namespace afterimage::tests {

namespace {

/// Memory rather than disk: these tests are about answers.
std::string make_folder() {
    const std::filesystem::path shared_memory = "/dev/shm";
    const std::filesystem::path base = std::filesystem::is_directory(shared_memory)
                                           ? shared_memory
                                           : std::filesystem::temp_directory_path();
    std::string pattern = (base / "afterimage-slt-XXXXXX").string();
    return ::mkdtemp(pattern.data());
}

storage::StoreOptions small_store(bool keyframe_thread) {
    storage::StoreOptions options;
    options.keyframe_thread = keyframe_thread;
    options.journal_file_bytes = 4ULL << 20U;
    options.node_cache_bytes = 64ULL << 20U;
    return options;
}

/// As sqllogictest prints values: integers, "%.3f", text with unprintable bytes as @.
std::string printed(const std::string& text, char type) {
    char buffer[400];
    if (type == 'I' && text.find_first_not_of("-0123456789") == std::string::npos) {
        return text;  // also beyond 64 bits
    }
    if (type == 'I') {
        std::snprintf(buffer, sizeof buffer, "%lld", std::strtoll(text.c_str(), nullptr, 10));
        return buffer;
    }
    if (type == 'R') {
        std::snprintf(buffer, sizeof buffer, "%.3f", std::strtod(text.c_str(), nullptr));
        return buffer;
    }
    if (text.empty()) {
        return "(empty)";
    }
    std::string shown = text;
    for (char& c : shown) {
        if (static_cast<unsigned char>(c) < ' ') {
            c = '@';
        }
    }
    return shown;
}

}  // namespace

struct SltEngine::Parts {
    explicit Parts(bool keyframe_thread)
        : path(make_folder()),
          directory(storage::open_posix_directory(path)),
          store(storage::Store::open(*directory, clock, small_store(keyframe_thread),
                                     [](const std::string&) {})),
          procedures(procedures::make_procedure_registry()),
          engine(*store, {procedures.get(), nullptr, &system_tables, {}}),
          session({&globals, nullptr, nullptr}, 1) {
        sql::register_system_tables(system_tables);
        session.privileges.global = sql::kPrivilegeAll;
        session.client_user = "root";
        session.client_host = "localhost";
        session.context.current_user = "root@%";
        session.context.user = "root@localhost";
    }
    ~Parts() {
        session.transaction.reset();
        store.reset();
        std::filesystem::remove_all(path);
    }

    std::string path;
    storage::SystemClock clock;
    std::unique_ptr<storage::Directory> directory;
    std::unique_ptr<storage::Store> store;
    sql::GlobalVariables globals;
    std::unique_ptr<sql::ProcedureRegistry> procedures;
    sql::VirtualTableRegistry system_tables;
    sql::Engine engine;
    sql::Session session;
};

SltEngine::SltEngine(std::string_view collation, bool keyframe_thread)
    : parts_(std::make_unique<Parts>(keyframe_thread)) {
    std::string create = "CREATE DATABASE test";
    if (!collation.empty()) {
        create.append(" COLLATE ").append(collation);
    }
    for (const std::string& text : {create, std::string("USE test")}) {
        const SqlAnswer answer = run(text, "");
        if (answer.error_number != 0) {
            std::fprintf(stderr, "%s: %s\n", text.c_str(), answer.error.c_str());
            std::abort();
        }
    }
}

SltEngine::~SltEngine() = default;

storage::Store& SltEngine::store() { return *parts_->store; }

SqlAnswer SltEngine::run(std::string_view sql, std::string_view types) {
    SqlAnswer answer;
    try {
        for (;;) {
            parts_->session.begin_statement(parts_->clock.now_us());
            const sql::ExecutedStatement executed = parts_->engine.execute(parts_->session, sql);
            answer = {};
            sql::ResultStream& result = *executed.result;
            answer.width = result.columns().size();
            std::string text;
            while (const sql::Batch* batch = result.next()) {
                if (batch->columns.size() != answer.width) {
                    throw std::logic_error("a batch has other columns than its result");
                }
                for (std::size_t k = 0; k < batch->active_count(); ++k) {
                    for (std::size_t i = 0; i < answer.width; ++i) {
                        const std::size_t row = batch->active_row(k);
                        if (batch->columns[i].is_null(row)) {
                            answer.values.emplace_back("NULL");
                            continue;
                        }
                        text.clear();
                        sql::append_text(text, batch->columns[i], row, result.columns()[i].type);
                        answer.values.push_back(printed(text, i < types.size() ? types[i] : 'T'));
                    }
                }
            }
            answer.affected_rows = result.outcome().affected_rows;
            if (executed.is_last) {
                return answer;
            }
            sql.remove_prefix(executed.bytes_consumed);
        }
    } catch (const sql::SqlError& error) {
        answer = {};
        answer.error_number = error.error_number();
        answer.error = error.message();
    }
    return answer;
}

}  // namespace afterimage::tests

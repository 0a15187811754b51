// SPDX-License-Identifier: Apache-2.0
#include "sql/engine.h"

#include <exception>
#include <new>

#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/catalog/session_state.h"
#include "sql/exec/prepared_text.h"
#include "sql/exec/statement_runner.h"
#include "sql/show/view_columns.h"
#include "sql/sql_error.h"
#include "storage/bytes/storage_error.h"

namespace afterimage::sql {

struct Engine::Parts {
    Parts(Engine& engine, storage::Store& store_in, Plugins plugins_in)
        : store(store_in),
          plugins(std::move(plugins_in)),
          grants(store_in),
          services{engine, store_in, plugins, built_in, grants} {
        register_built_in_tables(built_in);
    }

    storage::Store& store;
    Plugins plugins;
    VirtualTableRegistry built_in;
    Grants grants;
    EngineServices services;
};

namespace {

/// The one place where what the store throws becomes an SQL error.
[[noreturn]] void rethrow(const storage::StorageError& error) {
    switch (error.kind()) {
        case storage::StorageErrorKind::kOutOfSpace:
            throw SqlError(1021, "HY000", std::string("Disk full: ") + error.what());
        case storage::StorageErrorKind::kCorruption:
            throw SqlError(1712, "HY000", std::string("Store is corrupted: ") + error.what());
        case storage::StorageErrorKind::kUnsupportedFormat:
            throw SqlError(1235, "42000", error.what());
        case storage::StorageErrorKind::kIo:
            break;
    }
    throw SqlError(1030, "HY000", std::string("Got error from storage: ") + error.what());
}

template <class Step>
auto guarded(Step&& step) {
    try {
        return step();
    } catch (const storage::StorageError& error) {
        rethrow(error);
    } catch (const SqlError&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw SqlError(1041, "HY000", "Out of memory");
    } catch (const std::exception& error) {
        throw SqlError(1815, "HY000", std::string("Internal error: ") + error.what());
    }
}

/// A result whose later batches are guarded, too.
class GuardedResult : public ResultStream {
  public:
    explicit GuardedResult(std::unique_ptr<ResultStream> inner) : inner_(std::move(inner)) {}
    const std::vector<ResultColumn>& columns() const override { return inner_->columns(); }
    const Batch* next() override {
        return guarded([&] { return inner_->next(); });
    }
    const StatementOutcome& outcome() const override { return inner_->outcome(); }

  private:
    std::unique_ptr<ResultStream> inner_;
};

std::unique_ptr<ResultStream> guard(std::unique_ptr<ResultStream> inner) {
    if (inner->columns().empty()) {
        return inner;
    }
    return std::make_unique<GuardedResult>(std::move(inner));
}

/// Whether nothing but white space and comments follows.
bool is_rest_empty(std::string_view rest, const ParseOptions& options) {
    const std::size_t start = rest.find_first_not_of(" \t\r\n;");
    if (start == std::string_view::npos) {
        return true;
    }
    const char c = rest[start];
    if (c != '-' && c != '#' && c != '/') {
        return false;
    }
    Arena arena;
    try {
        const ParseResult parsed = parse_one(rest.substr(start), options, arena);
        return parsed.statement->kind == ast::StatementKind::kEmpty;
    } catch (const SqlError&) {
        return false;
    }
}

/// Syntax trees of short statements fit without asking for memory.
constexpr std::size_t kFirstArenaBytes = 8192;

}  // namespace

Engine::Engine(storage::Store& store, Plugins plugins)
    : parts_(std::make_unique<Parts>(*this, store, std::move(plugins))) {}

Engine::~Engine() = default;

storage::Store& Engine::store() noexcept { return parts_->store; }

Grants& Engine::grants() noexcept { return parts_->grants; }

ExecutedStatement Engine::execute(Session& session, std::string_view text) {
    char first_bytes[kFirstArenaBytes];
    Arena arena(first_bytes, sizeof first_bytes);
    const ParseOptions options = parse_options_of(session.context);
    ParseResult parsed;
    try {
        parsed = parse_one(text, options, arena);
    } catch (const SqlError&) {
        session.clear_warnings();
        throw;
    }
    ExecutedStatement executed;
    executed.bytes_consumed = parsed.consumed;
    executed.is_last = is_rest_empty(text.substr(parsed.consumed), options);
    if (!keeps_warnings(*parsed.statement)) {
        session.clear_warnings();
    }
    executed.result = guarded([&] {
        StatementRunner runner(parts_->services, session, arena, {});
        return guard(runner.run(*parsed.statement));
    });
    return executed;
}

StatementOutcome Engine::execute_in(Session& session, DdlTarget& target, std::string_view text) {
    Arena arena;
    const ParseResult parsed = parse_one(text, parse_options_of(session.context), arena);
    session.clear_warnings();
    return guarded([&] {
        StatementRunner runner(parts_->services, session, arena, {});
        return runner.run_in(target, *parsed.statement);
    });
}

std::unique_ptr<PreparedStatement> Engine::prepare(Session& session, std::string_view text) {
    session.clear_warnings();
    return guarded([&]() -> std::unique_ptr<PreparedStatement> {
        return std::make_unique<PreparedText>(parts_->services, session, text);
    });
}

std::unique_ptr<ResultStream> Engine::execute_prepared(
    Session& session, PreparedStatement& statement, const std::vector<storage::Value>& parameters,
    const std::vector<ResultType>& parameter_types) {
    session.clear_warnings();
    return guarded([&] {
        return guard(static_cast<PreparedText&>(statement).execute(parts_->services, session,
                                                                   parameters, parameter_types));
    });
}

void Engine::use_database(Session& session, std::string_view database) {
    guarded([&] {
        Arena arena;
        ClientTransaction reading(parts_->store);
        StatementFrame frame(parts_->services, session, reading, arena);
        sql::use_database(frame, database);
    });
}

void Engine::reset_session(Session& session) {
    guarded([&] {
        rollback_transaction(session);
        session.reset();
    });
}

}  // namespace afterimage::sql

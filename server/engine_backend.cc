// SPDX-License-Identifier: Apache-2.0
// The backend of the product: one store, the SQL engine over it, version-control procedures and
// tables, replication.
#include <filesystem>

#include "procedures/registry.h"
#include "replication/replica_set.h"
#include "server/backend.h"
#include "server/config.h"
#include "server/engine_executor.h"
#include "server/source_url.h"
#include "sql/catalog/grants.h"
#include "sql/catalog/system_tables/register.h"
#include "sql/catalog/virtual_table.h"
#include "sql/engine.h"
#include "sql/exec/row_rules.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/store.h"

namespace afterimage::server {

namespace {

storage::StoreOptions store_options(const Config& config) {
    storage::StoreOptions options;
    options.journal_file_bytes = config.journal_file_mib << 20U;
    options.overlay_limit_bytes = config.overlay_mib << 20U;
    options.keyframe_min_changes = config.keyframe_min_changes;
    options.node_cache_bytes = config.cache_mib << 20U;
    options.log_keyframes = config.log_level == LogLevel::kDebug;
    return options;
}

std::optional<replication::SourceOptions> configured_source(const Config& config) {
    if (config.source_url.empty()) {
        return std::nullopt;
    }
    return parse_source_url(config.source_url);
}

/// Members stand in the order of their making.
class EngineBackend final : public Backend {
  public:
    explicit EngineBackend(const BackendServices& services)
        : config_(*services.config),
          log_(*services.log),
          source_(configured_source(config_)),
          directory_(storage::open_posix_directory(config_.data_directory)),
          store_(storage::Store::open(*directory_, clock_, store_options(config_),
                                      [this](const std::string& line) { log_.info(line, {}); })),
          rules_(sql::make_row_rules()),
          procedures_(procedures::make_procedure_registry()),
          replicas_({*store_, rules_.get(), *services.globals,
                     [this](const std::string& line) { log_.info(line, {}); }}),
          engine_(*store_, plugins()),
          executor_(engine_) {
        engine_.grants().ensure_root(services.root_password);
    }

    [[nodiscard]] SqlExecutor& executor() override { return executor_; }
    [[nodiscard]] sql::AccountStore& accounts() override { return engine_.grants(); }

    void start() override {
        replicas_.set_durable_commits(config_.durability == "commit");
        if (source_) {
            replicas_.attach(*source_);
        }
        replicas_.resume();
    }

    void stop() override { replicas_.shut_down(); }

  private:
    sql::Engine::Plugins plugins() {
        sql::register_system_tables(system_tables_);
        sql::Engine::Plugins plugins;
        plugins.procedures = procedures_.get();
        plugins.replica = &replicas_;
        plugins.system_tables = &system_tables_;
        return plugins;
    }

    const Config& config_;
    Logger& log_;
    std::optional<replication::SourceOptions> source_;
    storage::SystemClock clock_;
    std::unique_ptr<storage::Directory> directory_;
    std::unique_ptr<storage::Store> store_;
    std::unique_ptr<storage::RowRules> rules_;
    std::unique_ptr<sql::ProcedureRegistry> procedures_;
    sql::VirtualTableRegistry system_tables_;
    replication::ReplicaSet replicas_;
    sql::Engine engine_;
    EngineExecutor executor_;
};

}  // namespace

std::unique_ptr<Backend> open_backend(const BackendServices& services) {
    return std::make_unique<EngineBackend>(services);
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// A backend that keeps no data: the binary of protocol tests.
#include "server/auth/caching_sha2.h"
#include "server/auth/memory_accounts.h"
#include "server/auth/native_password.h"
#include "server/backend.h"
#include "server/config.h"
#include "storage/os/random.h"
#include "tests/wire/fake_executor.h"

namespace afterimage::server {

namespace {

class FakeBackend final : public Backend {
  public:
    explicit FakeBackend(const BackendServices& services) {
        storage::SystemRandom random;
        sql::Account root;
        root.user = "root";
        root.host = "%";
        root.privileges.global = sql::kPrivilegeAll;
        root.authentication_string = caching_sha2_hash(services.root_password, random);
        accounts_.put(root);
        // The wire tests' second account, for the older plugin.
        root.user = "native";
        root.plugin = kNativePassword;
        root.authentication_string = native_password_hash(services.root_password);
        accounts_.put(root);
        root.user = "limited";
        root.privileges = {};
        accounts_.put(root);
    }
    [[nodiscard]] SqlExecutor& executor() override { return executor_; }
    [[nodiscard]] sql::AccountStore& accounts() override { return accounts_; }
    void start() override {}
    void stop() override {}

  private:
    FakeExecutor executor_;
    MemoryAccounts accounts_;
};

}  // namespace

std::unique_ptr<Backend> open_backend(const BackendServices& services) {
    return std::make_unique<FakeBackend>(services);
}

}  // namespace afterimage::server

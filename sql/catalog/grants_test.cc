// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/grants.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "sql/session/password_hash.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/os/random.h"
#include "storage/store.h"

using namespace afterimage;
using namespace afterimage::sql;

namespace {

class AccountFolder {
  public:
    AccountFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "afterimage-grants-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        reopen();
    }
    ~AccountFolder() {
        grants.reset();
        store.reset();
        std::filesystem::remove_all(path_);
    }
    AccountFolder(const AccountFolder&) = delete;
    AccountFolder& operator=(const AccountFolder&) = delete;

    void reopen() {
        grants.reset();
        store.reset();
        directory_ = storage::open_posix_directory(path_);
        storage::StoreOptions options;
        options.journal_file_bytes = 256 << 10U;
        options.keyframe_thread = false;
        store = storage::Store::open(*directory_, clock_, options, [](const std::string&) {});
        grants = std::make_unique<Grants>(*store);
    }

  private:
    std::string path_;
    storage::SystemClock clock_;
    std::unique_ptr<storage::Directory> directory_;

  public:
    std::unique_ptr<storage::Store> store;
    std::unique_ptr<Grants> grants;
};

Account account_of(std::string user, std::string host) {
    Account account;
    account.user = std::move(user);
    account.host = std::move(host);
    return account;
}

}  // namespace

TEST_CASE("grants: accounts survive a restart with everything that they hold") {
    AccountFolder folder;
    Account account = account_of("app", "10.0.%");
    account.plugin = kNativePlugin;
    account.authentication_string = native_password_hash("secret");
    account.privileges.global = kPrivilegeProcess;
    account.privileges.databases["shop"] = kPrivilegeSelect | kPrivilegeGrant;
    account.privileges.tables[{"shop", "Orders"}] = kPrivilegeUpdate;
    account.locked = true;
    account.require_tls = true;
    REQUIRE(folder.grants->create(account));
    CHECK_FALSE(folder.grants->create(account));
    folder.reopen();
    const auto read = folder.grants->find_exact("app", "10.0.%");
    REQUIRE(read);
    CHECK(read->privileges == account.privileges);
    CHECK(read->plugin == kNativePlugin);
    CHECK(read->authentication_string == account.authentication_string);
    CHECK(read->locked);
    CHECK(read->require_tls);
    CHECK_FALSE(read->password_expired);
    CHECK(folder.grants->drop("app", "10.0.%"));
    folder.reopen();
    CHECK(folder.grants->accounts().empty());
}

TEST_CASE("grants: the most specific host wins, then the named user before the anonymous one") {
    AccountFolder folder;
    for (const auto& [user, host] : std::initializer_list<std::pair<const char*, const char*>>{
             {"app", "%"}, {"", "localhost"}, {"app", "10.0.0.%"}, {"app", "10.0.0.7"}}) {
        REQUIRE(folder.grants->create(account_of(user, host)));
    }
    CHECK(folder.grants->find_account("app", "10.0.0.7")->host == "10.0.0.7");
    CHECK(folder.grants->find_account("app", "10.0.0.8")->host == "10.0.0.%");
    CHECK(folder.grants->find_account("app", "10.1.0.8")->host == "%");
    CHECK(folder.grants->find_account("app", "localhost")->user == "");
    CHECK(folder.grants->find_account("other", "10.0.0.7") == nullptr);
}

TEST_CASE("grants: a change draws a new generation and is durable; a rename keeps privileges") {
    AccountFolder folder;
    REQUIRE(folder.grants->create(account_of("a", "%")));
    const std::uint64_t before = folder.grants->find_exact("a", "%")->generation;
    REQUIRE(folder.grants->change(
        "a", "%", [](Account& account) { account.privileges.global = kPrivilegeSelect; }));
    CHECK(folder.grants->find_exact("a", "%")->generation > before);
    CHECK_FALSE(folder.grants->change("b", "%", [](Account&) {}));
    REQUIRE(folder.grants->rename("a", "%", "b", "localhost"));
    CHECK_FALSE(folder.grants->rename("a", "%", "c", "%"));
    folder.reopen();
    CHECK(folder.grants->find_exact("a", "%") == nullptr);
    REQUIRE(folder.grants->find_exact("b", "localhost"));
    CHECK(folder.grants->find_exact("b", "localhost")->privileges.global == kPrivilegeSelect);
}

TEST_CASE("grants: root keeps an altered password until the configured one changes") {
    AccountFolder folder;
    const auto matches = [&](std::string_view password) {
        const auto root = folder.grants->find_exact("root", "%");
        return root && password_matches(root->plugin, password, root->authentication_string);
    };
    folder.grants->ensure_root("first");
    CHECK(matches("first"));
    CHECK(folder.grants->find_exact("root", "%")->privileges.has_global(kPrivilegeAll));
    storage::SystemRandom random;
    REQUIRE(folder.grants->change("root", "%", [&](Account& root) {
        root.authentication_string = caching_sha2_hash("altered", random);
    }));
    folder.reopen();
    folder.grants->ensure_root("first");
    CHECK(matches("altered"));
    folder.grants->ensure_root("second");
    CHECK(matches("second"));
}

TEST_CASE("grants: damaged account bytes are refused by name") {
    AccountFolder folder;
    folder.store->put_setting("account/x@%", storage::Bytes("\x01\x05"
                                                            "ab"));
    CHECK_THROWS_WITH_AS(Grants(*folder.store), "setting 'account/x@%' is no account",
                         storage::StorageError);
    folder.store->put_setting("account/x@%", storage::Bytes("\x07"));
    CHECK_THROWS_AS(Grants(*folder.store), storage::StorageError);
}

TEST_CASE("password hashes: what is stored matches its password and no other") {
    storage::SeededRandom random(20240607);
    const std::string stored = caching_sha2_hash("pass", random);
    CHECK(stored.size() == 70);
    CHECK(is_caching_sha2_hash(stored));
    CHECK(caching_sha2_matches("pass", stored));
    CHECK_FALSE(caching_sha2_matches("Pass", stored));
    CHECK(native_password_hash("pass") == "*196BDEDE2AE4F84CA44C47D54D78478C7E2BD7B7");
    CHECK(is_native_hash(native_password_hash("pass")));
    CHECK_FALSE(is_native_hash("*196BDEDE2AE4F84CA44C47D54D78478C7E2BD7BZ"));
    CHECK(password_matches(kNativePlugin, "", ""));
    CHECK_FALSE(password_matches(kNativePlugin, "x", ""));
}

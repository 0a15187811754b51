// SPDX-License-Identifier: Apache-2.0
// Login plugins against known vectors and against the client's half of each exchange.
#include <doctest/doctest.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "server/auth/caching_sha2.h"
#include "server/auth/digest.h"
#include "server/auth/login.h"
#include "server/auth/memory_accounts.h"
#include "server/auth/native_password.h"
#include "server/auth/rsa_key.h"
#include "server/protocol/capabilities.h"
#include "storage/os/random.h"

namespace afterimage::server {
namespace {

using Outcome = LoginStep::Outcome;

std::string unhex(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    }
    return out;
}

std::string native_answer(std::string_view password, std::string_view nonce) {
    const std::string stage1 = sha1({password});
    return xored(stage1, sha1({nonce, sha1({stage1})}));
}

std::string sha2_answer(std::string_view password, std::string_view nonce) {
    const std::string stage1 = sha256({password});
    return xored(stage1, sha256({sha256({stage1}), nonce}));
}

/// As a client without TLS sends its password.
std::string rsa_encrypted(const std::string& public_pem, std::string_view masked) {
    BIO* const bio = BIO_new_mem_buf(public_pem.data(), static_cast<int>(public_pem.size()));
    EVP_PKEY* const key = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(key, nullptr);
    EVP_PKEY_encrypt_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
    std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
    std::size_t length = out.size();
    EVP_PKEY_encrypt(context, reinterpret_cast<unsigned char*>(out.data()), &length,
                     reinterpret_cast<const unsigned char*>(masked.data()), masked.size());
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(bio);
    out.resize(length);
    return out;
}

TEST_CASE("sha256_crypt: the vectors of its specification") {
    CHECK(sha256_crypt("Hello world!", "saltstring", 5000) ==
          "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5");
    CHECK(sha256_crypt("Hello world!", "saltstringsaltst", 10000) ==
          "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA");
    CHECK(sha256_crypt("This is just a test", "toolongsaltstrin", 5000) ==
          "Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5");
    CHECK(sha256_crypt("we have a short salt string but not a short password", "short", 77777) ==
          "JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/");
    CHECK(
        sha256_crypt(
            "a very much longer text to encrypt.  This one even stretches over morethan one line.",
            "anotherlongsalts", 1400) == "Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1");
}

TEST_CASE("caching_sha2_password: a hash that a real server made") {
    const std::string stored =
        "$A$005$" + unhex("F9CC98CE08892924F50A213B6BC571A2C11778C5") +
        unhex(
            "625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647"
            "562F");
    CHECK(caching_sha2_matches("hashcat", stored));
    CHECK_FALSE(caching_sha2_matches("hashcaT", stored));
    CHECK_FALSE(caching_sha2_matches("hashcat", stored.substr(1)));
    CHECK_FALSE(caching_sha2_matches("hashcat", ""));
}

TEST_CASE("caching_sha2_password: what is stored matches its own password alone") {
    storage::SeededRandom random(1);
    const std::string stored = caching_sha2_hash("secret", random);
    CHECK(stored.size() == 70);
    CHECK(stored.starts_with("$A$005$"));
    CHECK(caching_sha2_matches("secret", stored));
    CHECK_FALSE(caching_sha2_matches("Secret", stored));
    CHECK(caching_sha2_hash("", random).empty());
    for (int i = 0; i < 200; ++i) {
        const std::string salt = random_salt(random);
        CHECK(salt.size() == 20);
        CHECK(salt.find_first_of(std::string_view("\0$", 2)) == std::string::npos);
    }
}

TEST_CASE("mysql_native_password: the stored form and the answer to a nonce") {
    CHECK(native_password_hash("password") == "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
    CHECK(native_password_hash("").empty());
    const std::string stored = native_password_hash("secret");
    const std::string nonce = "01234567890123456789";
    CHECK(native_password_matches(native_answer("secret", nonce), nonce, stored));
    CHECK_FALSE(native_password_matches(native_answer("wrong", nonce), nonce, stored));
    CHECK_FALSE(native_password_matches(native_answer("secret", "another nonce"), nonce, stored));
    CHECK_FALSE(native_password_matches("", nonce, stored));
    CHECK_FALSE(native_password_matches(native_answer("x", nonce), nonce, ""));
    CHECK(native_password_matches("", nonce, ""));
    CHECK_FALSE(native_password_matches(native_answer("secret", nonce), nonce, "*zz"));
}

TEST_CASE("accounts: the most specific host wins, then the named user") {
    MemoryAccounts accounts;
    const auto add = [&](const char* user, const char* host) {
        sql::Account account;
        account.user = user;
        account.host = host;
        accounts.put(account);
    };
    add("app", "%");
    add("", "10.0.0.%");
    add("app", "10.0.0.7");
    CHECK(accounts.find_account("app", "10.0.0.7")->host == "10.0.0.7");
    CHECK(accounts.find_account("app", "10.0.0.8")->user.empty());
    CHECK(accounts.find_account("app", "192.168.0.1")->host == "%");
    CHECK(accounts.find_account("nobody", "192.168.0.1") == nullptr);
}

struct LoginFixture {
    storage::SeededRandom random{42};
    MemoryAccounts accounts;
    CachingSha2Cache cache;
    RsaKey rsa = RsaKey::generate();
    AuthServices services{&accounts, &cache, &rsa, &random};
    std::string nonce = "abcdefghij0123456789";

    LoginFixture() {
        sql::Account account;
        account.user = "sha2";
        account.host = "%";
        account.authentication_string = caching_sha2_hash("secret", random);
        accounts.put(account);
        account.user = "native";
        account.plugin = kNativePassword;
        account.authentication_string = native_password_hash("secret");
        accounts.put(account);
        account.user = "empty";
        account.plugin = kCachingSha2;
        account.authentication_string = "";
        accounts.put(account);
    }
    static LoginRequest request(std::string user, std::string plugin, std::string answer) {
        LoginRequest request;
        request.capabilities = kClientPluginAuth;
        request.user = std::move(user);
        request.plugin = std::move(plugin);
        request.auth_response = std::move(answer);
        return request;
    }
};

TEST_CASE_FIXTURE(LoginFixture, "login: full exchange over TLS, then the cache spares it") {
    const LoginRequest first =
        request("sha2", "caching_sha2_password", sha2_answer("secret", nonce));
    Login login(services, nonce, "10.0.0.1", true);
    LoginStep step = login.begin(first);
    REQUIRE(step.outcome == Outcome::kContinue);
    CHECK(step.packets == std::vector<storage::Bytes>{"\x01\x04"});
    step = login.proceed(std::string_view("secret\0", 7));
    CHECK(step.outcome == Outcome::kAccepted);
    CHECK(login.account().user == "sha2");

    Login again(services, nonce, "10.0.0.1", false);
    step = again.begin(first);
    CHECK(step.outcome == Outcome::kAccepted);
    CHECK(step.packets == std::vector<storage::Bytes>{"\x01\x03"});

    sql::Account changed = login.account();
    changed.authentication_string = caching_sha2_hash("other", random);
    accounts.put(changed);
    Login after(services, nonce, "10.0.0.1", false);
    CHECK(after.begin(first).packets == std::vector<storage::Bytes>{"\x01\x04"});
}

TEST_CASE_FIXTURE(LoginFixture, "login: without TLS the password travels under the RSA key") {
    for (const bool right : {true, false}) {
        CachingSha2Cache cold;
        services.cache = &cold;
        Login login(services, nonce, "h", false);
        static_cast<void>(
            login.begin(request("sha2", "caching_sha2_password", sha2_answer("secret", nonce))));
        LoginStep step = login.proceed("\x02");
        REQUIRE(step.outcome == Outcome::kContinue);
        CHECK(step.packets.front() == "\x01" + rsa.public_pem());
        const std::string clear = std::string(right ? "secret" : "wrong!") + '\0';
        step = login.proceed(rsa_encrypted(rsa.public_pem(), xored(clear, nonce)));
        CHECK((step.outcome == Outcome::kAccepted) == right);
    }
}

TEST_CASE_FIXTURE(LoginFixture, "login: clear text without TLS is not taken for a password") {
    Login login(services, nonce, "h", false);
    static_cast<void>(
        login.begin(request("sha2", "caching_sha2_password", sha2_answer("secret", nonce))));
    CHECK(login.proceed(std::string_view("secret\0", 7)).outcome == Outcome::kRejected);
}

TEST_CASE_FIXTURE(LoginFixture, "login: a client with another plugin is asked to switch") {
    Login login(services, nonce, "h", false);
    LoginStep step = login.begin(request("native", "caching_sha2_password", "x"));
    REQUIRE(step.outcome == Outcome::kContinue);
    const storage::Bytes& packet = step.packets.front();
    REQUIRE(packet.starts_with(std::string_view("\xfemysql_native_password\0", 23)));
    const std::string fresh = packet.substr(23, 20);
    CHECK(fresh != nonce);
    CHECK(login.proceed(native_answer("secret", fresh)).outcome == Outcome::kAccepted);
}

TEST_CASE_FIXTURE(LoginFixture, "login: a client without plugins speaks the native one") {
    LoginRequest old = request("native", "", native_answer("secret", nonce));
    old.capabilities = 0;
    Login login(services, nonce, "h", false);
    CHECK(login.begin(old).outcome == Outcome::kAccepted);
}

TEST_CASE_FIXTURE(LoginFixture, "login: an unknown user walks the way of a wrong password") {
    const auto packets = [&](const char* user) {
        Login login(services, nonce, "h", true);
        const LoginStep first =
            login.begin(request(user, "caching_sha2_password", sha2_answer("wrong", nonce)));
        const LoginStep second = login.proceed(std::string_view("wrong\0", 6));
        CHECK(second.outcome == Outcome::kRejected);
        CHECK(second.error_code == 1045);
        CHECK(second.sqlstate == "28000");
        CHECK(second.error_message ==
              "Access denied for user '" + std::string(user) + "'@'h' (using password: YES)");
        return first.packets;
    };
    CHECK(packets("nobody") == packets("sha2"));
}

TEST_CASE_FIXTURE(LoginFixture, "login: empty passwords only where the account has none") {
    Login empty(services, nonce, "h", false);
    CHECK(empty.begin(request("empty", "caching_sha2_password", "")).outcome == Outcome::kAccepted);
    Login filled(services, nonce, "h", false);
    const LoginStep step = filled.begin(request("sha2", "caching_sha2_password", ""));
    CHECK(step.outcome == Outcome::kRejected);
    CHECK(step.error_message == "Access denied for user 'sha2'@'h' (using password: NO)");
}

TEST_CASE_FIXTURE(LoginFixture,
                  "login: locked accounts and TLS requirements come after the proof") {
    sql::Account account;
    account.user = "locked";
    account.host = "%";
    account.plugin = kNativePassword;
    account.authentication_string = native_password_hash("secret");
    account.locked = true;
    accounts.put(account);
    const auto code = [&](const char* user, const char* password, bool secure) {
        Login login(services, nonce, "h", secure);
        return login.begin(request(user, "mysql_native_password", native_answer(password, nonce)))
            .error_code;
    };
    CHECK(code("locked", "secret", true) == 3118);
    CHECK(code("locked", "wrong", true) == 1045);
    account.user = "expired";
    account.locked = false;
    account.password_expired = true;
    accounts.put(account);
    CHECK(code("expired", "secret", true) == 1862);
    services.require_tls = true;
    CHECK(code("native", "secret", false) == 3159);
    CHECK(code("native", "secret", true) == 0);
}

TEST_CASE_FIXTURE(LoginFixture, "login: garbage in any state is a rejection") {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{31}, std::size_t{33},
                                   std::size_t{255}, std::size_t{256}, std::size_t{70000}}) {
        std::string garbage(size, '\0');
        random.fill(std::span<char>(garbage));
        for (const bool secure : {true, false}) {
            Login login(services, nonce, "h", secure);
            static_cast<void>(
                login.begin(request("sha2", "caching_sha2_password", sha2_answer("x", nonce))));
            CHECK(login.proceed(garbage).outcome != Outcome::kAccepted);
            CHECK(login.proceed(garbage).outcome == Outcome::kRejected);
        }
    }
}

}  // namespace
}  // namespace afterimage::server

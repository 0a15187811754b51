// SPDX-License-Identifier: Apache-2.0
// Who is it: the exchange of authentication packets, from login request to accepted or rejected.
//
// One Login per handshake or COM_CHANGE_USER, used by one thread; services outlive it. No I/O: each
// step gives packets to send. An unknown user goes through the same steps, with the same cost, as a
// known one with a wrong password, and gets the same error.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/handshake.h"
#include "sql/session/account.h"

namespace afterimage::storage {
class RandomSource;
}

namespace afterimage::server {

class CachingSha2Cache;
class RsaKey;

struct AuthServices {
    const sql::AccountStore* accounts = nullptr;
    CachingSha2Cache* cache = nullptr;
    const RsaKey* rsa = nullptr;  ///< null: no login without TLS at a cold cache
    storage::RandomSource* random = nullptr;
    std::string default_plugin = "caching_sha2_password";
    bool require_tls = false;
};

struct LoginStep {
    enum class Outcome { kContinue, kAccepted, kRejected };
    Outcome outcome = Outcome::kRejected;
    std::vector<storage::Bytes> packets;  ///< to send, before OK if accepted
    // Of kRejected:
    std::uint16_t error_code = 0;
    std::string sqlstate;
    std::string error_message;
};

class Login {
  public:
    /// `nonce` is what the greeting carried; `secure` = TLS or a local socket.
    Login(const AuthServices& services, std::string nonce, std::string host, bool secure);

    /// `challenge_again` asks with a fresh nonce whatever the request proves: COM_CHANGE_USER,
    /// whose answer may be one to an older nonce.
    [[nodiscard]] LoginStep begin(const LoginRequest& request, bool challenge_again = false);
    [[nodiscard]] LoginStep proceed(std::string_view packet);

    [[nodiscard]] const std::string& user() const noexcept { return user_; }
    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    /// Only after kAccepted.
    [[nodiscard]] const sql::Account& account() const noexcept { return *account_; }

  private:
    enum class State { kStart, kSwitched, kFullPassword, kEncryptedPassword, kDone };

    [[nodiscard]] LoginStep answer(std::string_view response);
    [[nodiscard]] LoginStep answer_caching_sha2(std::string_view response);
    [[nodiscard]] LoginStep full_password(std::string_view packet);
    [[nodiscard]] LoginStep check_password(std::string password);
    [[nodiscard]] LoginStep finish(bool proven);
    [[nodiscard]] LoginStep send(storage::Bytes packet, State next);

    const AuthServices& services_;
    std::string nonce_;
    std::string host_;
    std::string user_;
    bool secure_;
    bool known_ = false;
    bool used_password_ = false;
    State state_ = State::kStart;
    std::shared_ptr<const sql::Account> account_;
};

}  // namespace afterimage::server

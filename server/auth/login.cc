// SPDX-License-Identifier: Apache-2.0
#include "server/auth/login.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/auth/caching_sha2.h"
#include "server/auth/digest.h"
#include "server/auth/native_password.h"
#include "server/auth/rsa_key.h"
#include "server/protocol/capabilities.h"
#include "sql/sql_error.h"

namespace afterimage::server {

namespace {

constexpr std::string_view kFastAuthSuccess = "\x03";
constexpr std::string_view kFullAuthentication = "\x04";
constexpr std::string_view kRequestPublicKey = "\x02";
/// MySQL's MAX_PLAINTEXT_LENGTH of passwords.
constexpr std::size_t kMaxPasswordBytes = 256;

/// Stands in for an unknown user. Its hash has the form and cost of a real one; no password is
/// known to match it.
sql::Account decoy_account(const std::string& plugin) {
    sql::Account account;
    account.plugin = plugin;
    if (plugin == kNativePassword) {
        account.authentication_string = "*" + std::string(2 * kSha1Bytes, '0');
    } else {
        account.authentication_string = "$A$005$" + std::string(20, 'x') + std::string(43, '.');
    }
    return account;
}

LoginStep rejection(sql::ErrorCode code, std::string message) {
    LoginStep step;
    step.outcome = LoginStep::Outcome::kRejected;
    step.error_code = static_cast<std::uint16_t>(code);
    step.sqlstate = sql::error_sqlstate(code);
    step.error_message = std::move(message);
    return step;
}

}  // namespace

Login::Login(const AuthServices& services, std::string nonce, std::string host, bool secure)
    : services_(services), nonce_(std::move(nonce)), host_(std::move(host)), secure_(secure) {}

LoginStep Login::send(storage::Bytes packet, State next) {
    state_ = next;
    LoginStep step;
    step.outcome = LoginStep::Outcome::kContinue;
    step.packets.push_back(std::move(packet));
    return step;
}

LoginStep Login::begin(const LoginRequest& request, bool challenge_again) {
    user_ = request.user;
    account_ = services_.accounts->find_account(user_, host_);
    known_ = account_ != nullptr;
    if (!known_) {
        account_ = std::make_shared<const sql::Account>(decoy_account(services_.default_plugin));
    }
    used_password_ = !request.auth_response.empty();
    // A client without plugins speaks the native one.
    const bool has_plugins = (request.capabilities & kClientPluginAuth) != 0;
    const std::string plugin = has_plugins ? request.plugin : std::string(kNativePassword);
    if (plugin == account_->plugin && !(challenge_again && has_plugins)) {
        return answer(request.auth_response);
    }
    nonce_ = random_salt(*services_.random);
    return send(encode_auth_switch(account_->plugin, nonce_), State::kSwitched);
}

LoginStep Login::proceed(std::string_view packet) {
    switch (state_) {
        case State::kSwitched:
            used_password_ = !packet.empty();
            return answer(packet);
        case State::kFullPassword:
        case State::kEncryptedPassword:
            return full_password(packet);
        default:
            return finish(false);
    }
}

LoginStep Login::answer(std::string_view response) {
    if (account_->plugin == kNativePassword) {
        // Some clients end the scramble with a NUL.
        if (response.size() == kSha1Bytes + 1 && response.back() == '\0') {
            response.remove_suffix(1);
        }
        return finish(native_password_matches(response, nonce_, account_->authentication_string));
    }
    if (account_->plugin == kCachingSha2) {
        return answer_caching_sha2(response);
    }
    return finish(false);
}

LoginStep Login::answer_caching_sha2(std::string_view response) {
    if (response.empty() || response == std::string_view("\0", 1)) {
        used_password_ = false;
        return finish(account_->authentication_string.empty());
    }
    if (response.size() == kSha256Bytes + 1 && response.back() == '\0') {
        response.remove_suffix(1);
    }
    if (response.size() != kSha256Bytes) {
        return finish(false);
    }
    if (known_ && services_.cache->matches(*account_, response, nonce_)) {
        LoginStep step = finish(true);
        if (step.outcome == LoginStep::Outcome::kAccepted) {
            step.packets.push_back(encode_auth_more_data(kFastAuthSuccess));
        }
        return step;
    }
    return send(encode_auth_more_data(kFullAuthentication), State::kFullPassword);
}

LoginStep Login::full_password(std::string_view packet) {
    if (secure_) {
        // Clear text with a NUL behind it; the channel keeps it.
        return check_password(std::string(packet.substr(0, packet.find('\0'))));
    }
    if (services_.rsa == nullptr) {
        return finish(false);
    }
    if (packet == kRequestPublicKey && state_ == State::kFullPassword) {
        return send(encode_auth_more_data(services_.rsa->public_pem()), State::kEncryptedPassword);
    }
    if (packet.size() != services_.rsa->cipher_bytes()) {
        return finish(false);
    }
    std::optional<std::string> masked = services_.rsa->decrypt(packet);
    if (!masked) {
        return finish(false);
    }
    std::string password = xored(*masked, nonce_);
    wipe(*masked);
    password.resize(std::min(password.size(), password.find('\0')));
    return check_password(std::move(password));
}

LoginStep Login::check_password(std::string password) {
    const bool proven = password.size() <= kMaxPasswordBytes &&
                        caching_sha2_matches(password, account_->authentication_string);
    if (proven && known_) {
        services_.cache->remember(*account_, password);
    }
    wipe(password);
    return finish(proven);
}

LoginStep Login::finish(bool proven) {
    state_ = State::kDone;
    if (!proven || !known_) {
        return rejection(sql::ErrorCode::ER_ACCESS_DENIED_ERROR,
                         sql::error_message(sql::ErrorCode::ER_ACCESS_DENIED_ERROR, user_, host_,
                                            used_password_ ? "YES" : "NO"));
    }
    if (account_->locked) {
        return rejection(
            sql::ErrorCode::ER_ACCOUNT_HAS_BEEN_LOCKED,
            sql::error_message(sql::ErrorCode::ER_ACCOUNT_HAS_BEEN_LOCKED, user_, host_));
    }
    if (account_->password_expired) {
        return rejection(sql::ErrorCode::ER_MUST_CHANGE_PASSWORD_LOGIN,
                         sql::error_message(sql::ErrorCode::ER_MUST_CHANGE_PASSWORD_LOGIN));
    }
    if (services_.require_tls && !secure_) {
        return rejection(sql::ErrorCode::ER_SECURE_TRANSPORT_REQUIRED,
                         sql::error_message(sql::ErrorCode::ER_SECURE_TRANSPORT_REQUIRED));
    }
    if (account_->require_tls && !secure_) {
        return rejection(sql::ErrorCode::ER_ACCESS_DENIED_ERROR,
                         sql::error_message(sql::ErrorCode::ER_ACCESS_DENIED_ERROR, user_, host_,
                                            used_password_ ? "YES" : "NO"));
    }
    LoginStep step;
    step.outcome = LoginStep::Outcome::kAccepted;
    return step;
}

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "server/root_password.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <stdexcept>

#include "storage/os/random.h"

namespace afterimage::server {

namespace {

constexpr std::size_t kGeneratedCharacters = 24;

std::string read_password(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        throw std::runtime_error("cannot read the password in " + path);
    }
    std::string password = text.str();
    while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) {
        password.pop_back();
    }
    return password;
}

/// 64 letters that survive any shell; 24 of them carry 144 bits.
std::string make_password(storage::RandomSource& random) {
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string password(kGeneratedCharacters, '\0');
    random.fill(std::span<char>(password));
    for (char& c : password) {
        c = kLetters[static_cast<unsigned char>(c) & 63U];
    }
    return password;
}

void keep_password(const std::string& path, const std::string& password) {
    const std::string line = password + "\n";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const bool written =
        fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        ::fsync(fd) == 0;
    if (fd >= 0) {
        ::close(fd);
    }
    if (!written) {
        throw std::runtime_error("cannot keep root's password in " + path);
    }
}

}  // namespace

RootPassword resolve_root_password(const std::string& data_directory, const char* environment,
                                   const std::string& options_file, storage::RandomSource& random) {
    // An empty variable is no password, as an unset one: nobody gets in without.
    if (environment != nullptr && *environment != '\0') {
        return {environment, false, ""};
    }
    if (!options_file.empty()) {
        return {read_password(options_file), false, ""};
    }
    const std::string kept = data_directory + "/root_password";
    if (std::filesystem::exists(kept)) {
        return {read_password(kept), false, ""};
    }
    RootPassword made{make_password(random), true, kept};
    keep_password(kept, made.text);
    return made;
}

}  // namespace afterimage::server

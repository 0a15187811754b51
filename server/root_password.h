// SPDX-License-Identifier: Apache-2.0
// Root's password at start, in this order: the environment's AFTERIMAGE_ROOT_PASSWORD, the file
// that the options name, DIR/root_password, else a new one, which is kept in DIR/root_password
// (mode 0600) and printed once.
//
// Throws std::runtime_error naming the file.
#pragma once

#include <string>

namespace afterimage::storage {
class RandomSource;
}

namespace afterimage::server {

struct RootPassword {
    std::string text;
    bool generated = false;
    std::string kept_in;  ///< of a generated one
};

/// `environment` is null when the variable is not set; set and empty = no password.
[[nodiscard]] RootPassword resolve_root_password(const std::string& data_directory,
                                                 const char* environment,
                                                 const std::string& options_file,
                                                 storage::RandomSource& random);

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// The real File and Directory, over POSIX calls. See file.h for the contract.
#pragma once

#include "storage/os/file.h"

namespace afterimage::storage {

/// Opens a folder, making it (and the folders above it) where missing.
[[nodiscard]] std::unique_ptr<Directory> open_posix_directory(const std::string& path);

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/bytes/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace afterimage::storage {

void invariant_failed(const char* condition, const char* why, const char* file, int line) noexcept {
    std::fprintf(stderr, "%s:%d: invariant broken: %s (%s)\n", file, line, condition, why);
    std::abort();
}

}  // namespace afterimage::storage

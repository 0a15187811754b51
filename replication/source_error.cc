// SPDX-License-Identifier: Apache-2.0
#include "replication/source_error.h"

#include <algorithm>
#include <iterator>

namespace afterimage::replication {
namespace {

// The connection broke, or the source has no room for it now.
constexpr unsigned kTransient[] = {
    1040,                    // too many connections
    1041,                    // out of resources
    1053,                    // shutdown in progress
    1077,                    // normal shutdown
    1079,                    // shutdown complete
    1129,                    // host blocked after connection errors
    1152,                    // aborted connection
    1158, 1159, 1160, 1161,  // network errors of the server
    1184,                    // aborted connection
    1203,                    // too many connections of this user
    1205,                    // lock wait timeout (queries at attach)
    1213,                    // deadlock
    1226,                    // resource limit of this user
    1317,                    // query interrupted: somebody killed the dump thread
    1927,                    // connection was killed
    2002, 2003, 2005, 2006, 2012, 2013, 2026, 2027, 2055,  // client: cannot connect, gone, lost
    3169,                                                  // session was killed
    4031,                                                  // disconnected for inactivity
};

// Refused while logging in.
constexpr unsigned kLogin[] = {1044, 1045, 1130, 1698, 1862, 3118, 4151};

bool contains(const unsigned* begin, const unsigned* end, unsigned number) {
    return std::find(begin, end, number) != end;
}

}  // namespace

SourceErrorKind classify_source_error(unsigned number, bool connecting) noexcept {
    if (contains(std::begin(kTransient), std::end(kTransient), number) ||
        (connecting && contains(std::begin(kLogin), std::end(kLogin), number))) {
        return SourceErrorKind::kRetry;
    }
    return SourceErrorKind::kFatal;
}

}  // namespace afterimage::replication

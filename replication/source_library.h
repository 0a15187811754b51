// SPDX-License-Identifier: Apache-2.0
// The Connector/C object behind a SourceConnection; only source files that talk to the library
// include it.
#pragma once

#include <mysql.h>

#include "replication/source_connection.h"

namespace afterimage::replication {

struct SourceConnection::Library {
    MYSQL* mysql = mysql_init(nullptr);
    Library() = default;
    ~Library() {
        if (mysql != nullptr) {
            mysql_close(mysql);
        }
    }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

}  // namespace afterimage::replication

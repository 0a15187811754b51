// SPDX-License-Identifier: Apache-2.0
// How LOAD DATA LOCAL INFILE pulls a file from the client while the statement runs.
//
// Implemented by the connection, used by the engine on the statement's worker thread. One transfer
// at a time, whole: after open() the engine must read() until it returns false or call close().
#pragma once

#include <string>
#include <string_view>

namespace afterimage::sql {

class LocalInfile {
  public:
    virtual ~LocalInfile() = default;
    /// Asks the client for the file. Throws SqlError 3948 when the client or the variable
    /// local_infile forbids it.
    virtual void open(std::string_view file_name) = 0;
    /// Puts the next piece (at most one packet) into `piece`; false at the end of the file. Throws
    /// SqlError when the connection is lost or stopped.
    [[nodiscard]] virtual bool read(std::string& piece) = 0;
    /// Reads and drops what is left, so that the packets stay in step. Never throws.
    virtual void close() noexcept = 0;
};

}  // namespace afterimage::sql

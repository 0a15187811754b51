// SPDX-License-Identifier: Apache-2.0
// LOAD DATA LOCAL INFILE over the wire: asks for the file, hands its packets to the engine, on the
// statement's worker thread.
#pragma once

#include "server/wire.h"
#include "sql/session/local_infile.h"

namespace afterimage::sql {
class Session;
}

namespace afterimage::server {

/// Blocking I/O on the connection's socket while its coroutine waits for the worker. Time limits
/// are net_read_timeout and net_write_timeout.
class BlockingChannel {
  public:
    virtual ~BlockingChannel() = default;
    /// False: lost, timed out or stopped.
    [[nodiscard]] virtual bool send(storage::ByteView raw) = 0;
    [[nodiscard]] virtual bool receive(storage::Bytes& raw) = 0;
};

class LocalInfileChannel final : public sql::LocalInfile {
  public:
    LocalInfileChannel(Wire& wire, BlockingChannel& channel, const sql::Session& session) noexcept
        : wire_(wire), channel_(channel), session_(session) {}

    void open(std::string_view file_name) override;
    [[nodiscard]] bool read(std::string& piece) override;
    void close() noexcept override;

  private:
    Wire& wire_;
    BlockingChannel& channel_;
    const sql::Session& session_;
    bool transferring_ = false;
};

}  // namespace afterimage::server

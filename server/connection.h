// SPDX-License-Identifier: Apache-2.0
// A client's socket: one coroutine on an I/O thread waits for its bytes, a worker runs what they
// ask for.
//
// The coroutine and the worker take turns and never touch the connection at the same time. While
// it is idle a connection holds no buffer. A worker writes the first packets itself and, as long as
// threads are free, waits a moment for the next command, so that a quick exchange of statements
// needs no change of threads.
//
// Comes from: listener. Goes to: conversation.
#pragma once

#include <cstdint>
#include <memory>

#include "server/conversation.h"
#include "server/server_context.h"

namespace afterimage::server {

class ConnectionEntry;
class IoThread;
class WorkerPool;

/// Takes the socket `fd` over and serves it until either side ends. `context`, `pool` and `thread`
/// outlive it. Callable from any thread.
void serve_connection(const ServerContext& context, WorkerPool& pool, IoThread& thread, int fd,
                      Peer peer, std::shared_ptr<ConnectionEntry> entry);

}  // namespace afterimage::server

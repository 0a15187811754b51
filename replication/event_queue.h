// SPDX-License-Identifier: Apache-2.0
// Events on their way from the receiver to the applier: bounded by bytes, so that a slow applier
// holds the source back instead of memory.
//
// Thread-safe for one producer and one consumer.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "replication/stream_event.h"

namespace afterimage::replication {

class EventQueue {
  public:
    explicit EventQueue(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

    struct Item {
        std::optional<StreamEvent> event;
        std::string disconnected;  ///< without an event: why the stream broke
    };

    /// Waits for room; false when the queue was closed.
    bool push(Item item);
    /// Waits for an item; empty when the queue was closed and is drained, or `stop_waiting` was
    /// called.
    [[nodiscard]] std::optional<Item> pop();
    /// The consumer is done with what it popped last.
    void done();
    /// Waits until everything pushed so far is done; false when closed meanwhile.
    bool wait_drained();
    /// Drops everything that waits.
    void clear();
    void close();
    [[nodiscard]] std::uint64_t size_bytes() const;
    [[nodiscard]] bool idle() const;

  private:
    const std::uint64_t max_bytes_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> items_;   // guarded by mutex_
    std::uint64_t bytes_ = 0;  // guarded by mutex_
    bool working_ = false;     // guarded by mutex_
    bool closed_ = false;      // guarded by mutex_
};

}  // namespace afterimage::replication

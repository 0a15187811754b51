// SPDX-License-Identifier: Apache-2.0
// Threads that run statements. They are made when work waits and none is idle, up to a bound, and
// leave after a while without work.
//
// Thread-safe. Bounded: each connection has at most one job in the queue. stop() waits for the jobs
// that run; queued ones are still run, so that every connection gets its answer or its end.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace afterimage::server {

class Job {
  public:
    virtual ~Job() = default;
    /// Must not throw.
    virtual void run_job() noexcept = 0;
};

class WorkerPool {
  public:
    explicit WorkerPool(std::size_t max_threads);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    void post(std::shared_ptr<Job> job);
    /// Whether a worker may wait for its client's next command instead of coming back: true as long
    /// as nobody else needs the thread.
    [[nodiscard]] bool may_linger() const;
    void stop();
    [[nodiscard]] std::size_t thread_count() const;

  private:
    void work();
    void start_thread();

    const std::size_t max_threads_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable gone_;
    std::deque<std::shared_ptr<Job>> jobs_;
    std::size_t threads_ = 0;
    std::size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
#include "server/worker_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace afterimage::server {

namespace {
constexpr std::chrono::seconds kIdleTime{60};
}

WorkerPool::WorkerPool(std::size_t max_threads)
    : max_threads_(std::max<std::size_t>(max_threads, 1)) {}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::start_thread() {
    ++threads_;
    // Detached: work() announces its end through gone_, which stop() waits for.
    std::thread([this] { work(); }).detach();
}

void WorkerPool::post(std::shared_ptr<Job> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    if (jobs_.size() > idle_ && threads_ < max_threads_) {
        start_thread();
    }
    wake_.notify_one();
}

bool WorkerPool::may_linger() const {
    const std::lock_guard lock(mutex_);
    return !stopping_ && jobs_.empty() && (idle_ > 0 || threads_ < max_threads_);
}

std::size_t WorkerPool::thread_count() const {
    const std::lock_guard lock(mutex_);
    return threads_;
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (jobs_.empty()) {
            if (stopping_) {
                break;
            }
            ++idle_;
            const bool woken =
                wake_.wait_for(lock, kIdleTime, [this] { return stopping_ || !jobs_.empty(); });
            --idle_;
            if (!woken) {
                break;
            }
            continue;
        }
        std::shared_ptr<Job> job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job->run_job();
        job.reset();
        lock.lock();
    }
    --threads_;
    gone_.notify_all();
}

void WorkerPool::stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
    gone_.wait(lock, [this] { return threads_ == 0; });
}

}  // namespace afterimage::server

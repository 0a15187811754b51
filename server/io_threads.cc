// SPDX-License-Identifier: Apache-2.0
#include "server/io_threads.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace afterimage::server {

namespace {
constexpr std::size_t kScratchBytes = 64 * 1024;
}

struct IoThread::Guard {
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
};

IoThread::IoThread()
    : context_(std::make_unique<boost::asio::io_context>(1)),
      guard_(std::make_unique<Guard>(Guard{boost::asio::make_work_guard(*context_)})),
      scratch_(kScratchBytes) {}

IoThread::~IoThread() { stop(); }

void IoThread::start() {
    thread_ = std::thread([this] { context_->run(); });
}

void IoThread::stop() {
    context_->stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

IoThreads::IoThreads(std::size_t count) {
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
        threads_.push_back(std::make_unique<IoThread>());
    }
}

IoThreads::~IoThreads() { stop(); }

void IoThreads::start() {
    for (const auto& thread : threads_) {
        thread->start();
    }
}

void IoThreads::stop() {
    for (const auto& thread : threads_) {
        thread->stop();
    }
}

}  // namespace afterimage::server

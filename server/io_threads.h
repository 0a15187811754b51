// SPDX-License-Identifier: Apache-2.0
// The threads that wait for sockets: one event loop each, so that a connection's handlers never run
// at the same time. Asio stays in .cc files.
#pragma once

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace afterimage::server {

class IoThread {
  public:
    IoThread();
    ~IoThread();
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    [[nodiscard]] boost::asio::io_context& context() noexcept { return *context_; }
    /// Where the loop's connections read into, one after the other.
    [[nodiscard]] std::vector<char>& scratch() noexcept { return scratch_; }
    void start();
    /// Ends the loop; handlers that wait are dropped.
    void stop();

  private:
    struct Guard;
    std::unique_ptr<boost::asio::io_context> context_;
    std::unique_ptr<Guard> guard_;
    std::vector<char> scratch_;
    std::thread thread_;
};

class IoThreads {
  public:
    explicit IoThreads(std::size_t count);
    ~IoThreads();
    void start();
    void stop();
    /// Round robin. Called by one thread.
    [[nodiscard]] IoThread& next() noexcept { return *threads_[next_++ % threads_.size()]; }
    [[nodiscard]] IoThread& first() noexcept { return *threads_.front(); }

  private:
    std::vector<std::unique_ptr<IoThread>> threads_;
    std::size_t next_ = 0;
};

}  // namespace afterimage::server

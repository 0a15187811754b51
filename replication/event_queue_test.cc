// SPDX-License-Identifier: Apache-2.0
#include "replication/event_queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace afterimage::replication {
namespace {

constexpr std::uint64_t kBound = 4096;

EventQueue::Item item_of(std::size_t number, std::size_t size_bytes) {
    EventQueue::Item item;
    item.event.emplace();
    item.event->bytes.assign(size_bytes, static_cast<char>(number));
    item.event->begin = number;
    return item;
}

TEST_CASE("event queue: two threads, every event once and in order, memory within the bound") {
    constexpr std::size_t kEvents = 5000;
    EventQueue queue(kBound);
    std::size_t most = 0;
    std::thread producer([&] {
        for (std::size_t n = 0; n < kEvents; ++n) {
            if (!queue.push(item_of(n, n % 700))) {
                return;
            }
        }
    });
    for (std::size_t n = 0; n < kEvents; ++n) {
        most = std::max<std::size_t>(most, queue.size_bytes());
        const auto item = queue.pop();
        REQUIRE(item);
        REQUIRE(item->event->begin == n);
        REQUIRE(item->event->bytes.size() == n % 700);
        queue.done();
    }
    producer.join();
    CHECK(most <= kBound);
    CHECK(queue.idle());
    CHECK(queue.size_bytes() == 0);
}

TEST_CASE("event queue: an event larger than the bound passes alone") {
    EventQueue queue(kBound);
    CHECK(queue.push(item_of(1, 3 * kBound)));
    std::thread producer([&] { CHECK(queue.push(item_of(2, 10))); });
    CHECK(queue.pop()->event->bytes.size() == 3 * kBound);
    CHECK(queue.pop()->event->begin == 2);
    producer.join();
}

TEST_CASE("event queue: drained means that the consumer is done, not that it has begun") {
    EventQueue queue(kBound);
    CHECK(queue.push(item_of(1, 10)));
    std::atomic<bool> finished = false;
    std::thread consumer([&] {
        static_cast<void>(queue.pop());
        std::this_thread::yield();
        finished = true;
        queue.done();
    });
    CHECK(queue.wait_drained());
    CHECK(finished);
    consumer.join();
}

TEST_CASE("event queue: closing wakes whoever waits, on both ends") {
    EventQueue queue(kBound);
    CHECK(queue.push(item_of(1, kBound)));
    std::thread producer([&] { CHECK_FALSE(queue.push(item_of(2, kBound))); });
    std::thread waiter([&] { CHECK_FALSE(queue.wait_drained()); });
    queue.close();
    producer.join();
    waiter.join();
    CHECK_FALSE(queue.pop());
    CHECK_FALSE(queue.push(item_of(3, 1)));
}

}  // namespace
}  // namespace afterimage::replication

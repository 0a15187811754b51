// SPDX-License-Identifier: Apache-2.0
#include "replication/event_queue.h"

namespace afterimage::replication {

namespace {

std::uint64_t bytes_of(const EventQueue::Item& item) {
    return item.event ? item.event->bytes.size() + sizeof(EventQueue::Item)
                      : sizeof(EventQueue::Item);
}

}  // namespace

bool EventQueue::push(Item item) {
    std::unique_lock lock(mutex_);
    // One item always fits, however large it is.
    changed_.wait(lock,
                  [&] { return closed_ || bytes_ == 0 || bytes_ + bytes_of(item) <= max_bytes_; });
    if (closed_) {
        return false;
    }
    bytes_ += bytes_of(item);
    items_.push_back(std::move(item));
    changed_.notify_all();
    return true;
}

std::optional<EventQueue::Item> EventQueue::pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (closed_) {
        return std::nullopt;
    }
    Item item = std::move(items_.front());
    items_.pop_front();
    bytes_ -= bytes_of(item);
    working_ = true;
    changed_.notify_all();
    return item;
}

void EventQueue::done() {
    const std::lock_guard lock(mutex_);
    working_ = false;
    changed_.notify_all();
}

bool EventQueue::wait_drained() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || (items_.empty() && !working_); });
    return !closed_;
}

void EventQueue::clear() {
    const std::lock_guard lock(mutex_);
    items_.clear();
    bytes_ = 0;
    changed_.notify_all();
}

void EventQueue::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    items_.clear();
    bytes_ = 0;
    changed_.notify_all();
}

std::uint64_t EventQueue::size_bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

bool EventQueue::idle() const {
    const std::lock_guard lock(mutex_);
    return items_.empty() && !working_;
}

}  // namespace afterimage::replication

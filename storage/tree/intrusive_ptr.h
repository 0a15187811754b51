// SPDX-License-Identifier: Apache-2.0
// A smart pointer to an object that counts its own references by add_reference/drop_reference; a
// fresh object has one. Half the size and cost of shared_ptr, for the millions of overlay entries.
#pragma once

#include <utility>

namespace afterimage::storage {

template <typename T>
class IntrusivePtr {
  public:
    IntrusivePtr() noexcept = default;
    /// Takes over one reference that the caller holds.
    [[nodiscard]] static IntrusivePtr adopt(T* object) noexcept { return IntrusivePtr(object); }
    /// Adds a reference.
    [[nodiscard]] static IntrusivePtr share(T* object) noexcept {
        if (object != nullptr) {
            object->add_reference();
        }
        return IntrusivePtr(object);
    }
    IntrusivePtr(const IntrusivePtr& other) noexcept : object_(other.object_) {
        if (object_ != nullptr) {
            object_->add_reference();
        }
    }
    IntrusivePtr(IntrusivePtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    IntrusivePtr& operator=(IntrusivePtr other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~IntrusivePtr() {
        if (object_ != nullptr) {
            object_->drop_reference();
        }
    }

    [[nodiscard]] T* get() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }
    T* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    /// Gives the reference to the caller.
    [[nodiscard]] T* release() noexcept { return std::exchange(object_, nullptr); }

  private:
    explicit IntrusivePtr(T* object) noexcept : object_(object) {}
    T* object_ = nullptr;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// A vector that never moves its elements: it grows by chunks, so that adding to one of ten million
// elements stalls nobody.
//
// Not synchronised. References live as long as the vector. Elements are plain values.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace afterimage::storage {

template <class T, std::size_t kChunkSize = 4096>
class ChunkedVector {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const T& operator[](std::size_t index) const {
        return chunks_[index / kChunkSize][index % kChunkSize];
    }
    [[nodiscard]] T& operator[](std::size_t index) {
        return chunks_[index / kChunkSize][index % kChunkSize];
    }
    [[nodiscard]] const T& back() const { return (*this)[size_ - 1]; }
    void push_back(const T& element) {
        if (size_ % kChunkSize == 0) {
            chunks_.push_back(std::make_unique<T[]>(kChunkSize));
        }
        chunks_.back()[size_ % kChunkSize] = element;
        ++size_;
    }

  private:
    std::vector<std::unique_ptr<T[]>> chunks_;
    std::size_t size_ = 0;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// The caller's arena with a bound: what one parse may take from it (ER_CAPACITY_EXCEEDED, 3170).
#pragma once

#include "sql/parse/ast/node.h"
#include "sql/parse/parser.h"

namespace afterimage::sql {

class ParserArena {
  public:
    ParserArena(Arena& arena, std::size_t limit_bytes) noexcept
        : arena_(arena), left_bytes_(limit_bytes), limit_bytes_(limit_bytes) {}

    [[nodiscard]] void* allocate(std::size_t size_bytes, std::size_t alignment) {
        if (size_bytes > left_bytes_) {
            refuse();
        }
        left_bytes_ -= size_bytes;
        return arena_.allocate(size_bytes, alignment);
    }

    [[nodiscard]] std::string_view copy(std::string_view text) {
        if (text.empty()) {
            return {"", 0};
        }
        char* at = static_cast<char*>(allocate(text.size(), 1));
        std::memcpy(at, text.data(), text.size());
        return {at, text.size()};
    }

  private:
    [[noreturn]] void refuse() const;

    Arena& arena_;
    std::size_t left_bytes_;
    std::size_t limit_bytes_;
};

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// For tests: column types and values drawn from a seeded generator, with the edges that break
// codecs (extremes, zero dates, zero bytes, negative fractions) drawn often.
//
// Not thread-safe.
#pragma once

#include <random>
#include <vector>

#include "storage/schema/table_schema.h"

namespace afterimage::storage {

class RandomValues {
  public:
    explicit RandomValues(std::uint64_t seed) : engine_(seed) {}

    /// 0 to limit - 1.
    [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
    [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }

    /// Any type that a column can have; character types under one of a few collations.
    [[nodiscard]] ColumnType type();
    /// A value that the type can hold; never NULL. Strings are up to `max_bytes`.
    [[nodiscard]] Value value(const ColumnType& type, std::size_t max_bytes = 40);
    /// 1 to 12 columns, some nullable, without keys.
    [[nodiscard]] TableSchema schema();
    [[nodiscard]] std::vector<Value> row(const TableSchema& schema, std::size_t max_bytes = 40);

  private:
    [[nodiscard]] std::int64_t fraction(unsigned digits);
    [[nodiscard]] Value integer(unsigned bits, bool is_unsigned);
    [[nodiscard]] Value decimal(const ColumnType& type);
    [[nodiscard]] Value temporal(const ColumnType& type);
    [[nodiscard]] Bytes bytes(std::size_t size);
    [[nodiscard]] Bytes text(std::size_t max_bytes);

    std::mt19937_64 engine_;
};

}  // namespace afterimage::storage

// SPDX-License-Identifier: Apache-2.0
// SQLite's sqllogictest format: a file of records, each a statement or a query with the result that
// every engine should give.
//
// Extensions of ours: `statement error 1062` wants that error number, and what stands behind the
// number must be part of the error's text.
// Source: https://www.sqlite.org/sqllogictest, "Test Script Format".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace afterimage::tests {

enum class RecordKind { kStatement, kQuery, kHalt, kHashThreshold };
enum class SortMode { kNone, kRows, kValues };

struct Record {
    RecordKind kind = RecordKind::kStatement;
    std::size_t line = 0;
    bool skipped = false;  ///< skipif mysql, onlyif another engine
    std::string sql;
    bool expects_error = false;
    unsigned error_number = 0;  ///< 0 = any
    std::string error_text;     ///< part of the message; empty = any
    std::string types;          ///< I, T, R, one a column
    SortMode sort = SortMode::kNone;
    std::string label;
    std::vector<std::string> expected;
    std::size_t threshold = 0;
};

/// Throws std::runtime_error naming the line for what is not in the format.
[[nodiscard]] std::vector<Record> parse_script(std::string_view text);

/// "30 values hashing to 3c13dee48d9356ae19af2515e05e6b54"
[[nodiscard]] std::string hash_of_values(const std::vector<std::string>& values);

/// Sorts the values of rows of `width` columns as the mode says.
void sort_values(std::vector<std::string>& values, std::size_t width, SortMode mode);

}  // namespace afterimage::tests

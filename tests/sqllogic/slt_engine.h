// SPDX-License-Identifier: Apache-2.0
// An engine over a store in a folder of its own, for test scripts: text in, values as text out.
//
// One thread. The folder goes with the object.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace afterimage::tests {

struct SqlAnswer {
    unsigned error_number = 0;  ///< 0 = no error
    std::string error;
    std::size_t width = 0;
    std::vector<std::string> values;  ///< row after row; NULL is "NULL"
    std::uint64_t affected_rows = 0;
};

class SltEngine {
  public:
    SltEngine();
    ~SltEngine();
    SltEngine(const SltEngine&) = delete;
    SltEngine& operator=(const SltEngine&) = delete;

    /// Runs all statements of `sql`; the answer is the last one's. `types` as in a query record.
    [[nodiscard]] SqlAnswer run(std::string_view sql, std::string_view types);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace afterimage::tests

// SPDX-License-Identifier: Apache-2.0
// An engine over a store in a folder of its own, for test scripts: text in, values as text out.
//
// One thread. The folder goes with the object.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace afterimage::storage {
class Store;
}

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
    /// `collation` is that of the database `test`, empty = the server's default. `keyframe_thread`
    /// false: trees are written by Store::flush_keyframes() alone, so that
    /// nothing reads nodes beside the statement.
    explicit SltEngine(std::string_view collation = {}, bool keyframe_thread = true);
    ~SltEngine();
    SltEngine(const SltEngine&) = delete;
    SltEngine& operator=(const SltEngine&) = delete;

    /// What the engine runs on: for tests that write history past SQL, as the applier does, or
    /// count what a statement read.
    [[nodiscard]] storage::Store& store();

    /// Runs all statements of `sql`; the answer is the last one's. `types` as in a query record.
    [[nodiscard]] SqlAnswer run(std::string_view sql, std::string_view types);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace afterimage::tests

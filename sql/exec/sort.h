// SPDX-License-Identifier: Apache-2.0
// ORDER BY: everything is taken in, ordered by memcmp keys, and given out; with a limit only the
// best rows are kept meanwhile (TopN).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sql/exec/operator.h"
#include "sql/exec/row_buffer.h"

namespace afterimage::sql {

class Sort : public Operator {
  public:
    Sort(const PlanNode& node, ExecContext& context, OperatorPtr child);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    struct Entry {
        std::string_view key;
        std::uint32_t row = 0;
    };
    void take_in();
    void add(const Batch& batch);
    void cut();

    const PlanNode& node_;
    OperatorPtr child_;
    std::unique_ptr<RowBuffer> rows_;
    StringArena keys_;
    std::size_t charged_ = 0;
    std::vector<Entry> entries_;
    std::size_t at_ = 0;
    bool sorted_ = false;
    Batch batch_;
    std::string scratch_;
};

}  // namespace afterimage::sql

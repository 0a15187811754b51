// SPDX-License-Identifier: Apache-2.0
// Joins: for each outer row its candidates on the inner side, then the remaining conditions over
// the combined rows; outer rows of a LEFT JOIN without a match come out with NULLs.
//
// The base class walks the outer side and combines; the kinds differ in where candidates come from:
// a hash table, a buffer of all inner rows, an index, or the inner side run again (LATERAL).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sql/exec/operator.h"
#include "sql/exec/row_buffer.h"
#include "sql/exec/table_scan.h"

namespace afterimage::sql {

class Join : public Operator {
  public:
    Join(const PlanNode& node, ExecContext& context, OperatorPtr outer);
    void open() override;
    [[nodiscard]] Batch* next() override;

  protected:
    /// Once per open(), before the first outer row.
    virtual void prepare() {}
    /// Once per outer batch.
    virtual void start_outer_batch(Batch& /*outer*/) {}
    /// Candidates of an outer row.
    virtual void start_row(Batch& outer, std::size_t row) = 0;
    /// The next candidate into out_'s inner columns (or noted for finish_inner); false = no more.
    virtual bool next_candidate() = 0;
    virtual void start_inner(Batch& out) = 0;
    /// After the last candidate of an output batch.
    virtual void finish_inner(Batch& /*out*/) {}
    virtual void append_inner_nulls(Batch& out, std::size_t count) = 0;

    const PlanNode& node_;
    OperatorPtr outer_;

  private:
    bool fill_matches();
    bool fill_unmatched();
    void gather_outer();

    std::vector<SlotColumn> outer_slots_;
    Batch* outer_batch_ = nullptr;
    std::size_t position_ = 0;
    bool in_row_ = false;
    bool batch_done_ = true;
    std::vector<bool> matched_;
    std::vector<std::uint16_t> origin_;
    Batch out_;
};

/// Inner rows from a buffer, by number.
class BufferedJoin : public Join {
  public:
    BufferedJoin(const PlanNode& node, ExecContext& context, OperatorPtr outer, OperatorPtr inner);

  protected:
    void start_inner(Batch& out) override;
    void finish_inner(Batch& out) override;
    void append_inner_nulls(Batch& out, std::size_t count) override;

    OperatorPtr inner_;
    std::vector<SlotColumn> inner_slots_;
    std::vector<std::size_t> inner_slot_numbers_;
    std::unique_ptr<RowBuffer> rows_;
    std::vector<std::uint32_t> chosen_;
};

class NestedLoopJoin : public BufferedJoin {
  public:
    using BufferedJoin::BufferedJoin;

  protected:
    void prepare() override;
    void start_row(Batch& /*outer*/, std::size_t /*row*/) override { at_ = 0; }
    bool next_candidate() override;

  private:
    std::size_t at_ = 0;
};

class HashJoin : public BufferedJoin {
  public:
    HashJoin(const PlanNode& node, ExecContext& context, OperatorPtr outer, OperatorPtr inner);

  protected:
    void prepare() override;
    void start_outer_batch(Batch& outer) override;
    void start_row(Batch& outer, std::size_t row) override;
    bool next_candidate() override;

  private:
    static constexpr std::uint32_t kNone = ~0U;
    void add_build_batch(Batch& batch);
    void link_rows();

    std::unique_ptr<RowBuffer> keys_;
    std::vector<const ResultType*> types_;
    std::vector<std::uint64_t> build_hashes_;
    std::vector<std::uint32_t> buckets_;
    std::vector<std::uint32_t> chain_;
    std::vector<ColumnVector> probe_scratch_;
    std::vector<const ColumnVector*> probe_;
    std::vector<std::uint64_t> probe_hashes_;
    std::size_t probe_row_ = 0;
    std::uint32_t candidate_ = kNone;
};

class IndexJoin : public Join {
  public:
    IndexJoin(const PlanNode& node, ExecContext& context, OperatorPtr outer);

  protected:
    void start_row(Batch& outer, std::size_t row) override;
    bool next_candidate() override;
    void start_inner(Batch& out) override;
    void append_inner_nulls(Batch& out, std::size_t count) override;

  private:
    storage::TableReader reader_;
    RowLoader loader_;
    AccessCursor cursor_;
    Batch* out_ = nullptr;
};

/// The inner side reads the outer row: it is run again for each.
class LateralJoin : public Join {
  public:
    LateralJoin(const PlanNode& node, ExecContext& context, OperatorPtr outer, OperatorPtr inner);

  protected:
    void start_row(Batch& outer, std::size_t row) override;
    bool next_candidate() override;
    void start_inner(Batch& out) override;
    void append_inner_nulls(Batch& out, std::size_t count) override;

  private:
    OperatorPtr inner_;
    std::vector<SlotColumn> inner_slots_;
    RowBuffer rows_;
    std::size_t at_ = 0;
    Batch* out_ = nullptr;
};

}  // namespace afterimage::sql

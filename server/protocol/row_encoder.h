// SPDX-License-Identifier: Apache-2.0
// Rows of a result as text or binary protocol rows, appended to a packet's payload.
//
// Made once per result; the columns must outlive it. Not thread-safe. Row payloads have no size
// limit here, the packet writer splits them.
//
//   text row    per column a length-encoded string, 0xfb for NULL
//   binary row  0x00, NULL bitmap shifted by two bits, then the values that are not NULL
// Source: MySQL 8.0 source documentation, "Text Resultset Row", "Binary Protocol Resultset Row".
//
// Comes from: sql/result_stream. Goes to: packet_writer.
#pragma once

#include <vector>

#include "server/protocol/wire_types.h"
#include "sql/expr/batch.h"
#include "sql/expr/result_type.h"

namespace afterimage::server {

class RowEncoder {
  public:
    enum class Form { kText, kBinary };

    RowEncoder(const std::vector<sql::ResultColumn>& columns, storage::CollationId results,
               Form form);

    /// `row` is an index into the batch's columns (Batch::active_row).
    void append_row(storage::Bytes& out, const sql::Batch& batch, std::size_t row);

  private:
    struct Column {
        const storage::ColumnType* type = nullptr;
        FieldType wire = FieldType::kString;
        bool is_null = false;  ///< a bare NULL: nothing else is ever in it
        bool converts = false;
        storage::CollationId from = 0;
    };

    void append_text_row(storage::Bytes& out, const sql::Batch& batch, std::size_t row);
    void append_binary_row(storage::Bytes& out, const sql::Batch& batch, std::size_t row);
    void append_text(storage::Bytes& out, const Column& column, const sql::ColumnVector& vector,
                     std::size_t row);
    void append_binary(storage::Bytes& out, const Column& column, const sql::ColumnVector& vector,
                       std::size_t row);

    std::vector<Column> columns_;
    storage::CollationId results_;
    Form form_;
    storage::Bytes scratch_;
    storage::Bytes converted_;
};

}  // namespace afterimage::server

// SPDX-License-Identifier: Apache-2.0
// A result on its way to the client: header, then rows as far as the buffer may grow, to be called
// again when it has drained.
//
// One result, one thread at a time. Memory: the high-water mark and one row. next() of the stream
// may throw SqlError; the packets written before stay whole.
//
// Comes from: sql/result_stream. Goes to: packet_writer.
#pragma once

#include <memory>

#include "server/protocol/packet_writer.h"
#include "server/protocol/row_encoder.h"
#include "sql/result_stream.h"

namespace afterimage::server {

class ResultWriter {
  public:
    ResultWriter(std::unique_ptr<sql::ResultStream> stream, storage::CollationId results,
                 RowEncoder::Form form);

    /// Column count, definitions and, with `eof_status`, the EOF behind them.
    void write_header(PacketWriter& out, const std::uint16_t* eof_status) const;
    /// Rows until the end (true) or until `out` holds `high_water_bytes` or more (false).
    [[nodiscard]] bool write_rows(PacketWriter& out, std::size_t high_water_bytes);
    [[nodiscard]] const sql::StatementOutcome& outcome() const { return stream_->outcome(); }

  private:
    std::unique_ptr<sql::ResultStream> stream_;
    storage::CollationId results_;
    RowEncoder encoder_;
    const sql::Batch* batch_ = nullptr;
    std::size_t at_ = 0;  ///< next active row of batch_
};

}  // namespace afterimage::server

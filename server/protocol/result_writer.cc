// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/result_writer.h"

#include <utility>

#include "server/protocol/column_definition.h"
#include "server/protocol/status_packets.h"

namespace afterimage::server {

ResultWriter::ResultWriter(std::unique_ptr<sql::ResultStream> stream, storage::CollationId results,
                           RowEncoder::Form form)
    : stream_(std::move(stream)), results_(results), encoder_(stream_->columns(), results, form) {}

void ResultWriter::write_header(PacketWriter& out, const std::uint16_t* eof_status) const {
    out.begin();
    append_lenenc(out.payload(), stream_->columns().size());
    out.end();
    for (const sql::ResultColumn& column : stream_->columns()) {
        out.begin();
        append_column_definition(out.payload(), column, results_);
        out.end();
    }
    if (eof_status != nullptr) {
        out.write(encode_eof(0, *eof_status));
    }
}

bool ResultWriter::write_rows(PacketWriter& out, std::size_t high_water_bytes) {
    for (;;) {
        if (batch_ == nullptr) {
            batch_ = stream_->next();
            at_ = 0;
            if (batch_ == nullptr) {
                return true;
            }
        }
        for (; at_ < batch_->active_count(); ++at_) {
            if (out.size_bytes() >= high_water_bytes) {
                return false;
            }
            out.begin();
            encoder_.append_row(out.payload(), *batch_, batch_->active_row(at_));
            out.end();
        }
        batch_ = nullptr;
    }
}

}  // namespace afterimage::server

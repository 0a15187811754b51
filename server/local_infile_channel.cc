// SPDX-License-Identifier: Apache-2.0
#include "server/local_infile_channel.h"

#include <exception>

#include "server/protocol/capabilities.h"
#include "server/protocol_error.h"
#include "sql/session/session.h"
#include "sql/sql_error.h"

namespace afterimage::server {

namespace {
constexpr char kLocalInfileHeader = '\xfb';
}

void LocalInfileChannel::open(std::string_view file_name) {
    const bool allowed = (session_.client_capabilities & kClientLocalFiles) != 0 &&
                         session_.get_variable("local_infile").as_int() != 0;
    if (!allowed) {
        sql::throw_sql_error(sql::ErrorCode::ER_CLIENT_LOCAL_FILES_DISABLED);
    }
    storage::Bytes request(1, kLocalInfileHeader);
    request.append(file_name);
    wire_.out().write(request);
    transferring_ = true;
    if (!channel_.send(wire_.take_output())) {
        transferring_ = false;
        session_.stop.check();
        sql::throw_sql_error(sql::ErrorCode::ER_NET_ERROR_ON_WRITE);
    }
}

bool LocalInfileChannel::read(std::string& piece) {
    piece.clear();
    while (transferring_) {
        if (auto packet = wire_.next_packet(false)) {
            // An empty packet ends the file, also when the client could not read it.
            transferring_ = !packet->payload.empty();
            piece = std::move(packet->payload);
            return transferring_;
        }
        storage::Bytes raw;
        if (!channel_.receive(raw)) {
            transferring_ = false;
            session_.stop.check();
            sql::throw_sql_error(sql::ErrorCode::ER_NET_READ_ERROR);
        }
        wire_.receive(raw);
    }
    return false;
}

void LocalInfileChannel::close() noexcept {
    try {
        std::string piece;
        while (read(piece)) {
        }
    } catch (const std::exception&) {
        // The connection is lost: the next write to it says so.
        transferring_ = false;
    }
}

}  // namespace afterimage::server

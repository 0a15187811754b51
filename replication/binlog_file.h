// SPDX-License-Identifier: Apache-2.0
// Reads the events of a binlog file on disk, in order: golden tests, and filling in history from
// old files.
//
// Not thread-safe. Memory is one event. Throws EventError for a damaged event and BinlogFileError
// for what is not a readable binlog file: no magic, an encrypted one (MySQL: first bytes fd 62 69
// 6e; MariaDB: a START_ENCRYPTION event), a read error. A file that is still written, or whose
// server crashed, may end inside an event: next() then ends and ends_inside_event() is true.
//
// Layout: fe 62 69 6e, then events from position 4; the first is a FORMAT_DESCRIPTION.
#pragma once

#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include "replication/stream_event.h"

namespace afterimage::replication {

class BinlogFileError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class BinlogFile {
  public:
    static constexpr std::uint64_t kFirstPosition = 4;
    static constexpr std::uint64_t kDefaultMaxEventBytes = 1ULL << 30U;

    explicit BinlogFile(const std::string& path,
                        std::uint64_t max_event_bytes = kDefaultMaxEventBytes);

    [[nodiscard]] std::optional<StreamEvent> next();
    /// Goes on at `position`, which must be the start of an event; the first event must have been
    /// read.
    void seek(std::uint64_t position);
    [[nodiscard]] bool ends_inside_event() const noexcept { return ends_inside_event_; }
    [[nodiscard]] BinlogPosition position() const { return framer_.position(); }

  private:
    std::size_t read(char* at, std::size_t size_bytes);
    std::optional<StreamEvent> end_inside(const EventHeader& header);

    std::string path_;
    std::ifstream file_;
    std::uint64_t max_event_bytes_;
    EventFramer framer_;
    bool in_use_ = false;
    bool encrypted_ = false;
    bool ends_inside_event_ = false;
};

}  // namespace afterimage::replication

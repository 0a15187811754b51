// SPDX-License-Identifier: Apache-2.0
// Every event of the binlog files of real servers decodes to the dump beside the file; no prefix
// and no flipped byte of any of them does harm.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "replication/binlog_file.h"
#include "replication/gtid_set.h"
#include "replication/row_image.h"
#include "replication/transaction_assembler.h"
#include "tests/replication/event_dump.h"

using namespace afterimage;
using namespace afterimage::replication;

namespace {

constexpr const char* kFolder = "tests/golden/binlogs";

std::vector<std::string> golden_files() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
        const std::string extension = entry.path().extension();
        if (extension != ".txt" && extension != ".md") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string dump_file(const std::string& path) {
    BinlogFile file(path);
    tests::EventDumper dumper;
    std::string text;
    while (const auto event = file.next()) {
        text += dumper.dump(*event);
    }
    if (file.ends_inside_event()) {
        text += "(ends inside an event)\n";
    }
    return text;
}

std::vector<StreamEvent> events_of(const std::string& path) {
    BinlogFile file(path);
    std::vector<StreamEvent> events;
    while (auto event = file.next()) {
        events.push_back(std::move(*event));
    }
    return events;
}

// One line a call of the assembler.
class GroupDumper : public TransactionSink {
  public:
    void on_begin(const SourceTransaction& transaction) override {
        text += "begin " + transaction.gtid_text() + " at " + transaction.begin.text() + "\n";
    }
    void on_change(const SourceTransaction&, const SourceChange& change) override {
        if (const auto* rows = std::get_if<RowsChange>(&change)) {
            text += "  rows of " + rows->map->database + "." + rows->map->table + ", " +
                    std::to_string(rows->event.rows.size()) + " bytes\n";
        } else if (const auto* query = std::get_if<QueryStatement>(&change)) {
            text += "  statement, class " + std::to_string(static_cast<int>(query->kind.type)) +
                    ", " + query->kind.verb + (query->kind.temporary ? " temporary" : "") + "\n";
        } else if (const auto* savepoint = std::get_if<SavepointChange>(&change)) {
            text += "  savepoint " + savepoint->name + "\n";
        } else if (const auto* block = std::get_if<LoadBlockView>(&change)) {
            text += "  block of " + std::to_string(block->data.size()) + " bytes\n";
        } else if (std::holds_alternative<LoadStatement>(change)) {
            text += "  LOAD DATA\n";
        }
    }
    void on_end(const SourceTransaction& t) override {
        text += "end kind " + std::to_string(static_cast<int>(t.end_kind)) + " at " + t.end.text() +
                ", " + std::to_string(t.event_count) + " events, " + std::to_string(t.event_bytes) +
                " bytes, committed " + std::to_string(t.commit_micros) +
                (t.thread_id ? ", thread " + std::to_string(*t.thread_id) : "") +
                (t.xa ? ", xa " + t.xa->text() : "") + ", " + std::to_string(t.statements.size()) +
                " statements\n";
    }
    void on_drop(const SourceTransaction& transaction, const std::string& reason) override {
        text += "drop " + transaction.gtid_text() + ": " + reason + "\n";
    }
    void on_source_restart() override { text += "restart\n"; }
    std::string text;
};

std::string groups_of(const std::string& path) {
    BinlogFile file(path);
    GroupDumper dumper;
    TransactionAssembler assembler(dumper, {});
    while (const auto event = file.next()) {
        assembler.feed(*event);
    }
    assembler.disconnect("end of the file");
    return dumper.text;
}

// Compares with the file beside, or writes it anew when told to.
void check_snapshot(const std::string& path, const std::string& text) {
    CAPTURE(path);
    if (std::getenv("AFTERIMAGE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << text;
    }
    CHECK(text == read_text(path));
}

// Decodes whatever the bytes are; malformed input must give one of the documented errors.
bool decodes(tests::EventDumper& dumper, const EventView& view, const FormatDescription& format) {
    try {
        (void)dumper.dump(view, format);
        return true;
    } catch (const EventError&) {
    } catch (const ColumnMismatch&) {
    } catch (const GtidError&) {
    }
    return false;
}

// Types whose body is free text or data: a shorter one is as good.
bool is_open_ended(EventType type) {
    switch (type) {
        case EventType::kQuery:
        case EventType::kRotate:
        case EventType::kRowsQuery:
        case EventType::kBeginLoadQuery:
        case EventType::kAppendBlock:
        case EventType::kExecuteLoadQuery:
        case EventType::kTableMap:           // without its optional metadata, or between two rows
        case EventType::kFormatDescription:  // with fewer post-header lengths
        case EventType::kGtid:               // as older versions wrote it
        case EventType::kAnonymousGtid:
        case EventType::kUserVar:  // without its optional flags
        case EventType::kAnnotateRows:
        case EventType::kMariadbGtid:  // filled up with zero bytes, as is the next
        case EventType::kMariadbGtidList:
        case EventType::kStop:
        case EventType::kPreviousGtids:
            return true;
        default:
            return is_rows_event(type);  // cut between two rows
    }
}

}  // namespace

TEST_CASE("golden: every event of real binlogs decodes to its dump") {
    const auto files = golden_files();
    REQUIRE(files.size() >= 20);
    for (const auto& path : files) {
        check_snapshot(path + ".txt", dump_file(path));
    }
}

TEST_CASE("golden: real binlogs group into transactions") {
    for (const auto& path : golden_files()) {
        check_snapshot(path + ".groups.txt", groups_of(path));
    }
}

TEST_CASE("golden: a prefix of an event never decodes by accident, and never crashes") {
    for (const auto& path : golden_files()) {
        tests::EventDumper dumper;
        for (const auto& event : events_of(path)) {
            const EventView whole = event.view();
            CAPTURE(path);
            CAPTURE(event_type_name(whole.header.type));
            REQUIRE(decodes(dumper, whole, *event.format));
            for (std::size_t size = 0; size < whole.body.size(); ++size) {
                CAPTURE(size);
                tests::EventDumper copy = dumper;
                const bool ok =
                    decodes(copy, {whole.header, whole.body.substr(0, size)}, *event.format);
                CHECK_FALSE((ok && !is_open_ended(whole.header.type)));
            }
            // The frame itself refuses every prefix.
            for (std::size_t size = 0; size < event.bytes.size(); ++size) {
                CHECK_THROWS_AS((void)decode_frame(storage::ByteView(event.bytes).substr(0, size),
                                                   event.format->checksum),
                                EventError);
            }
        }
    }
}

TEST_CASE("golden: flipped bytes give an error or another value, never a crash") {
    const unsigned seed = 4711;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (const auto& path : golden_files()) {
        tests::EventDumper dumper;
        for (const auto& event : events_of(path)) {
            const EventView whole = event.view();
            REQUIRE(decodes(dumper, whole, *event.format));
            for (int round = 0; round < 60 && !whole.body.empty(); ++round) {
                storage::Bytes body(whole.body);
                for (auto flips = 1 + random() % 4; flips > 0; --flips) {
                    body[random() % body.size()] = static_cast<char>(random());
                }
                tests::EventDumper copy = dumper;
                (void)decodes(copy, {whole.header, body}, *event.format);
            }
            if (event.format->checksum == ChecksumAlgorithm::kCrc32) {
                storage::Bytes bytes = event.bytes;
                auto& flipped = bytes[EventHeader::kSize + random() % (bytes.size() - 19)];
                flipped = static_cast<char>(flipped ^ static_cast<char>(1U << random() % 8));
                CHECK_THROWS_AS((void)decode_frame(bytes, ChecksumAlgorithm::kCrc32), EventError);
            }
        }
    }
}

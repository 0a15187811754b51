// SPDX-License-Identifier: Apache-2.0
// Events → source transactions, by the grouping rules of both families (surface 2.3).
//
// Not thread-safe; one per channel. Streaming: memory is one event and the table maps of one
// statement, whatever the size of the transaction; bounding or spilling the changes is the sink's
// matter. A group is complete only at on_end. Throws EventError for a malformed event or an unknown
// type that may not be ignored, and AssemblyError for events in an order no source writes and for
// INCIDENT (the source lost changes); then replication stops. After either, disconnect() drops the
// open group and the assembler may be fed again from that group's beginning.
//
// Invariants: 1. on_begin and then on_end or on_drop alternate. 2. No change outside. 3. A rows
// event reaches the sink only with the table map of its own statement.
//
// Comes from: packet_stream or binlog_file. Goes to: a TransactionSink.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "replication/source_transaction.h"

namespace afterimage::replication {

class AssemblyError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class TransactionAssembler {
  public:
    struct Options {
        std::string channel;
        /// An event, and what a compressed one inflates to.
        std::uint64_t max_event_bytes = 1ULL << 30U;
        /// SQL text kept in SourceTransaction::statements.
        std::size_t max_statement_bytes = 64UL * 1024;
    };

    /// The sink must outlive the assembler.
    TransactionAssembler(TransactionSink& sink, Options options);

    void feed(const StreamEvent& event);
    /// The stream broke: drops the open group, if there is one.
    void disconnect(const std::string& reason);

    [[nodiscard]] bool in_group() const noexcept { return open_; }

  private:
    // The event being fed, or one inside its compressed payload.
    struct Current {
        const StreamEvent* outer = nullptr;
        EventView view;
        const FormatDescription* format = nullptr;
    };
    struct Context {
        std::optional<std::uint64_t> last_insert_id;
        std::optional<std::uint64_t> insert_id;
        std::optional<RandEvent> rand;
        std::vector<UserVarEvent> user_vars;
        [[nodiscard]] bool empty() const noexcept;
    };

    void dispatch(const Current& current);
    bool dispatch_outside(const Current& current);
    void format_description(const Current& current);
    void open_mysql(const Current& current);
    void open_mariadb(const Current& current);
    void begin_group(const Current& current);
    void end_group(const Current& current, TransactionEnd kind);
    void drop_group(const std::string& reason);
    void query(const Current& current);
    void control_query(const Current& current, const QueryEvent& query, QueryKind kind);
    void lone_or_inner_statement(const Current& current);
    void context_event(const Current& current);
    void load_event(const Current& current);
    void table_map(const Current& current);
    std::shared_ptr<const TableMap> decoded_map(const Current& current);
    void rows(const Current& current);
    void row_piece(const Current& current);
    void payload(const Current& current);
    void xa_prepare(const Current& current);
    void statement_text(const Current& current);
    void keep_statement(const std::string& sql);
    void note_query(const QueryEvent& query);
    QueryStatement take_statement(const Current& current, QueryEvent query, QueryKind kind);
    void change(SourceChange change);
    void free_maps() noexcept;
    [[noreturn]] static void fail(const Current& current, const std::string& reason);

    TransactionSink& sink_;
    Options options_;

    bool open_ = false;
    bool begin_seen_ = false;  // an explicit BEGIN or XA START: a COMMIT follows
    bool standalone_ = false;  // MariaDB: one statement, no COMMIT
    SourceTransaction transaction_;
    std::size_t statement_bytes_ = 0;
    std::map<std::uint64_t, std::shared_ptr<const TableMap>> maps_;
    /// By the body of their event.
    std::map<storage::Bytes, std::shared_ptr<const TableMap>, std::less<>> known_maps_;
    std::string statement_text_;
    Context context_;
    storage::Bytes pieces_;  // of PARTIAL_ROW_DATA
    std::uint32_t pieces_seen_ = 0;
};

}  // namespace afterimage::replication

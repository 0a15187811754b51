// SPDX-License-Identifier: Apache-2.0
// What the stored texts of views, triggers, routines and events say, read again by the parser. The
// texts are what SHOW CREATE prints (sql/ddl/program_text.h made them so).
//
// A StoredProgram keeps its text and syntax tree; views in it live as long as it. A text that does
// not parse (newer syntax of a source) has no statement, and is shown as it is.
#pragma once

#include <memory_resource>
#include <string>
#include <string_view>

#include "sql/parse/ast/stored_program.h"
#include "storage/table/root.h"

namespace afterimage::sql {

class StoredProgram {
  public:
    StoredProgram(const storage::SchemaObject& object, bool mariadb);
    StoredProgram(const StoredProgram&) = delete;
    StoredProgram& operator=(const StoredProgram&) = delete;

    // Null where the text is of another kind or does not parse.
    [[nodiscard]] const ast::CreateViewStatement* view() const;
    [[nodiscard]] const ast::CreateTriggerStatement* trigger() const;
    [[nodiscard]] const ast::CreateRoutineStatement* routine() const;
    [[nodiscard]] const ast::CreateEventStatement* event() const;

  private:
    const storage::SchemaObject& object_;
    std::pmr::monotonic_buffer_resource arena_;
    const ast::Statement* statement_ = nullptr;
};

[[nodiscard]] std::string_view trigger_event_name(ast::TriggerEvent event);   ///< "INSERT"
[[nodiscard]] std::string_view trigger_time_name(ast::TriggerTime time);      ///< "BEFORE"
[[nodiscard]] std::string_view data_access_name(ast::SqlDataAccess access);   ///< "CONTAINS SQL"
[[nodiscard]] std::string_view parameter_mode_name(ast::ParameterMode mode);  ///< "IN"
/// "ENABLED", "DISABLED", "SLAVESIDE_DISABLED": here nothing runs events, whatever the text says.
[[nodiscard]] std::string_view event_status_name(ast::EventStatus status);
/// "NONE", "LOCAL", "CASCADED".
[[nodiscard]] std::string_view check_option_name(ast::CheckOption option);

/// "decimal(10,2)": the canonical text of a written type, as DTD_IDENTIFIER shows it.
[[nodiscard]] std::string shown_type(const ast::DataType& type);
/// "int(11) unsigned" → "int": the word that DATA_TYPE shows of a written type.
[[nodiscard]] std::string shown_type_name(const ast::DataType& type);

/// "`u`@`h`" of "u@h".
[[nodiscard]] std::string quoted_account(std::string_view user_at_host);

}  // namespace afterimage::sql

// SPDX-License-Identifier: Apache-2.0
// Views, triggers, routines, events. Bodies of programs stay text: they are stored, shown and
// dumped, and only a fired trigger or a CALL of a stored procedure would need them parsed.
#pragma once

#include "sql/parse/ast/query.h"

namespace afterimage::sql::ast {

enum class SecurityContext : std::uint8_t { kUnset, kDefiner, kInvoker };
enum class ViewAlgorithm : std::uint8_t { kUnset, kUndefined, kMerge, kTempTable };
enum class CheckOption : std::uint8_t { kNone, kCascaded, kLocal };

/// CREATE [OR REPLACE] VIEW, ALTER VIEW (`alter`).
struct CreateViewStatement : Statement {
    bool alter = false;
    bool or_replace = false;
    bool if_not_exists = false;
    ViewAlgorithm algorithm = ViewAlgorithm::kUnset;
    AccountName definer;
    SecurityContext security = SecurityContext::kUnset;
    ObjectName view;
    List<Identifier> columns;
    const Query* query = nullptr;
    CheckOption check_option = CheckOption::kNone;
    std::string_view query_text;  ///< the query as written, without WITH CHECK OPTION
};

enum class TriggerTime : std::uint8_t { kBefore, kAfter };
enum class TriggerEvent : std::uint8_t { kInsert, kUpdate, kDelete };
enum class TriggerOrder : std::uint8_t { kNone, kFollows, kPrecedes };

struct CreateTriggerStatement : Statement {
    bool or_replace = false;
    bool if_not_exists = false;
    AccountName definer;
    ObjectName trigger;
    TriggerTime time = TriggerTime::kBefore;
    List<TriggerEvent> events;  ///< one; several in MariaDB 12
    ObjectName table;
    TriggerOrder order = TriggerOrder::kNone;
    Identifier order_trigger;
    std::string_view body;
};

enum class RoutineKind : std::uint8_t { kProcedure, kFunction, kPackage, kPackageBody };
enum class ParameterMode : std::uint8_t { kIn, kOut, kInOut };
enum class SqlDataAccess : std::uint8_t { kUnset, kContains, kNone, kReads, kModifies };

struct RoutineParameter {
    ParameterMode mode = ParameterMode::kIn;
    Identifier name;
    const DataType* type = nullptr;
    const Expr* default_value = nullptr;  ///< MariaDB 11.8
};

struct RoutineCharacteristics {
    bool has_comment = false;
    std::string_view comment;
    std::string_view language;
    Toggle deterministic = Toggle::kUnset;
    SqlDataAccess data_access = SqlDataAccess::kUnset;
    SecurityContext security = SecurityContext::kUnset;
};

struct CreateRoutineStatement : Statement {
    RoutineKind routine_kind = RoutineKind::kProcedure;
    bool or_replace = false;
    bool aggregate = false;  ///< MariaDB CREATE AGGREGATE FUNCTION
    bool if_not_exists = false;
    AccountName definer;
    ObjectName routine;
    List<RoutineParameter> parameters;
    std::string_view parameters_text;  ///< between the parentheses, as written
    const DataType* returns = nullptr;
    RoutineCharacteristics characteristics;
    std::string_view body;
};

struct AlterRoutineStatement : Statement {
    RoutineKind routine_kind = RoutineKind::kProcedure;
    ObjectName routine;
    RoutineCharacteristics characteristics;
};

enum class EventStatus : std::uint8_t { kUnset, kEnabled, kDisabled, kDisabledOnReplica };

/// CREATE EVENT, ALTER EVENT (`alter`: clauses that are absent keep their values).
struct CreateEventStatement : Statement {
    bool alter = false;
    bool or_replace = false;
    bool if_not_exists = false;
    AccountName definer;
    ObjectName event;
    ObjectName rename_to;
    const Expr* at = nullptr;     ///< ON SCHEDULE AT
    const Expr* every = nullptr;  ///< an IntervalExpr
    const Expr* starts = nullptr;
    const Expr* ends = nullptr;
    Toggle preserve = Toggle::kUnset;  ///< ON COMPLETION [NOT] PRESERVE
    EventStatus status = EventStatus::kUnset;
    bool has_comment = false;
    std::string_view comment;
    std::string_view body;  ///< after DO; empty in an ALTER without it
};

enum class ProgramKind : std::uint8_t {
    kTrigger,
    kProcedure,
    kFunction,
    kEvent,
    kPackage,
    kPackageBody,
};

struct DropProgramStatement : Statement {
    ProgramKind program_kind = ProgramKind::kTrigger;
    bool if_exists = false;
    ObjectName name;
};

/// CREATE [AGGREGATE] FUNCTION f RETURNS {STRING | INTEGER | REAL | DECIMAL} SONAME 'library'
struct CreateLoadableFunctionStatement : Statement {
    bool or_replace = false;
    bool if_not_exists = false;
    bool aggregate = false;
    Identifier name;
    std::string_view returns;
    std::string_view library;
};

}  // namespace afterimage::sql::ast

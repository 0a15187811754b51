// SPDX-License-Identifier: Apache-2.0
// Expressions as written. Names are unresolved, literals keep their exact text.
//
// Invariants: 1. `depth` = 1 + the deepest child's, never above kMaxExpressionDepth: a recursive
//                walk is safe.  2. Chains of AND and of OR are one node with many operands.
//             3. `text` is the source from the expression's first token to its last, parentheses
//                included; MySQL names an unaliased select item by it. A node that the parser made
//                up has the text of what it stands for.
#pragma once

#include "sql/parse/ast/data_type.h"
#include "sql/parse/ast/node.h"

namespace afterimage::sql::ast {

/// Deeper expressions are refused with ER_STACK_OVERRUN_NEED_MORE (1436). Set so that a recursive
/// walk with frames of 2 KiB stays within 2 MiB of stack.
inline constexpr std::uint16_t kMaxExpressionDepth = 1000;

enum class ExprKind : std::uint8_t {
    kLiteral,
    kColumn,
    kStar,  ///< * or t.*: only as a select item
    kParameter,
    kUserVariable,
    kAssign,  ///< @a := expr
    kSystemVariable,
    kUnary,
    kBinary,
    kLogical,
    kIs,
    kLike,
    kBetween,
    kIn,
    kQuantified,
    kExists,
    kSubquery,
    kRow,
    kCase,
    kFunction,
    kCast,
    kConvertUsing,
    kCollate,
    kInterval,
    kExtract,
    kTrim,
    kMatch,
    kDefault,
    kInsertValue,
    kSequence,
    kJsonValue,
};

struct Expr {
    ExprKind kind = ExprKind::kLiteral;
    bool parenthesized = false;
    std::uint16_t depth = 1;
    std::string_view text;
};

enum class LiteralKind : std::uint8_t {
    kNull,
    kTrue,
    kFalse,
    kInteger,   ///< value: digits
    kDecimal,   ///< value: digits with a point
    kFloat,     ///< value: with an exponent
    kString,    ///< value: decoded bytes, in `charset` or character_set_connection
    kHex,       ///< value: decoded bytes; 0x41, x'41'
    kBit,       ///< value: decoded bytes, big-endian; b'1', 0b1
    kDate,      ///< DATE 'x'; value: the string
    kTime,      ///< TIME 'x'
    kTimestamp  ///< TIMESTAMP 'x'
};

struct LiteralExpr : Expr {
    LiteralKind literal = LiteralKind::kNull;
    bool national = false;  ///< N'…'
    std::string_view value;
    std::string_view charset;  ///< introducer without the underscore; empty = none
};

/// column, table.column, database.table.column; MySQL's leading dot (.t.c) is dropped.
struct ColumnExpr : Expr {
    Identifier database;
    Identifier table;
    Identifier column;
};

struct StarExpr : Expr {
    Identifier database;
    Identifier table;
};

/// The `index`-th ? of the statement, from 0.
struct ParameterExpr : Expr {
    std::uint32_t index = 0;
};

/// @name
struct UserVariableExpr : Expr {
    std::string_view name;
};

struct AssignExpr : Expr {
    std::string_view variable;
    const Expr* value = nullptr;
};

enum class VariableScope : std::uint8_t {
    kUnset,
    kSession,  ///< SESSION and LOCAL
    kGlobal,
    kPersist,
    kPersistOnly,
};

/// @@[scope.][instance.]name
struct SystemVariableExpr : Expr {
    VariableScope scope = VariableScope::kUnset;
    Identifier instance;  ///< key cache, or MariaDB's replication connection
    Identifier name;
};

enum class UnaryOp : std::uint8_t {
    kNegate,
    kPlus,
    kBitNot,
    kNot,     ///< NOT, !
    kBinary,  ///< BINARY expr
};

struct UnaryExpr : Expr {
    UnaryOp op = UnaryOp::kNegate;
    const Expr* operand = nullptr;
};

enum class BinaryOp : std::uint8_t {
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kIntegerDivide,
    kModulo,
    kBitAnd,
    kBitOr,
    kBitXor,
    kShiftLeft,
    kShiftRight,
    kConcat,  ///< || under PIPES_AS_CONCAT
    kEqual,
    kNullSafeEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kRegexp,
    kNotRegexp,
    kSoundsLike,
    kMemberOf,
    kNotMemberOf,
    kJsonExtract,         ///< column -> path
    kJsonUnquoteExtract,  ///< column ->> path
};

struct BinaryExpr : Expr {
    BinaryOp op = BinaryOp::kAdd;
    const Expr* left = nullptr;
    const Expr* right = nullptr;
};

enum class LogicalOp : std::uint8_t { kAnd, kOr, kXor };

/// Two or more operands, left to right.
struct LogicalExpr : Expr {
    LogicalOp op = LogicalOp::kAnd;
    List<const Expr*> operands;
};

enum class IsTest : std::uint8_t { kNull, kTrue, kFalse, kUnknown };

struct IsExpr : Expr {
    IsTest test = IsTest::kNull;
    bool negated = false;
    const Expr* operand = nullptr;
};

struct LikeExpr : Expr {
    bool negated = false;
    const Expr* operand = nullptr;
    const Expr* pattern = nullptr;
    const Expr* escape = nullptr;  ///< null: the default
};

struct BetweenExpr : Expr {
    bool negated = false;
    const Expr* operand = nullptr;
    const Expr* low = nullptr;
    const Expr* high = nullptr;
};

/// IN (list) where `query` is null, else IN (subquery).
struct InExpr : Expr {
    bool negated = false;
    const Expr* operand = nullptr;
    List<const Expr*> list;
    const Query* query = nullptr;
};

/// operand op ANY|ALL (subquery)
struct QuantifiedExpr : Expr {
    BinaryOp op = BinaryOp::kEqual;
    bool all = false;  ///< else ANY, SOME
    const Expr* operand = nullptr;
    const Query* query = nullptr;
};

struct ExistsExpr : Expr {
    const Query* query = nullptr;
};

struct SubqueryExpr : Expr {
    const Query* query = nullptr;
};

/// (a, b) and ROW(a, b): two or more items.
struct RowExpr : Expr {
    List<const Expr*> items;
};

struct CaseBranch {
    const Expr* when = nullptr;
    const Expr* then = nullptr;
};

struct CaseExpr : Expr {
    const Expr* operand = nullptr;  ///< null: searched CASE
    List<CaseBranch> branches;
    const Expr* otherwise = nullptr;
};

struct OrderItem {
    const Expr* expr = nullptr;
    bool descending = false;
    bool direction_given = false;
};

enum class FrameUnit : std::uint8_t { kNone, kRows, kRange, kGroups };

enum class FrameBoundKind : std::uint8_t {
    kUnboundedPreceding,
    kPreceding,
    kCurrentRow,
    kFollowing,
    kUnboundedFollowing,
};

struct FrameBound {
    FrameBoundKind kind = FrameBoundKind::kCurrentRow;
    const Expr* offset = nullptr;  ///< may be an IntervalExpr
};

enum class FrameExclusion : std::uint8_t { kNone, kCurrentRow, kGroup, kTies, kNoOthers };

/// OVER name, OVER (…), or one of WINDOW name AS (…).
struct WindowSpec {
    Identifier name;            ///< OVER name / WINDOW name
    Identifier base;            ///< (name …): the window it extends
    bool by_name_only = false;  ///< OVER name, without parentheses
    List<const Expr*> partition_by;
    List<OrderItem> order_by;
    FrameUnit frame_unit = FrameUnit::kNone;
    FrameBound frame_start;
    FrameBound frame_end;
    FrameExclusion exclusion = FrameExclusion::kNone;
    std::string_view text;
};

enum class NullTreatment : std::uint8_t { kUnset, kRespect, kIgnore };

/// name(args): native, loadable and stored functions alike, aggregates, and the special forms:
///   a + INTERVAL n unit        date_add(a, IntervalExpr)      a - INTERVAL …  date_sub
///   CURRENT_TIMESTAMP[(n)]     current_timestamp, and CURRENT_DATE, CURRENT_TIME, CURRENT_USER,
///                              UTC_DATE, UTC_TIME, UTC_TIMESTAMP, LOCALTIME, LOCALTIMESTAMP
///   POSITION(a IN b)           locate(a, b)                   SUBSTRING(a FROM b FOR c)  substring
///   TIMESTAMPADD(unit, …)      timestampadd(IntervalExpr without value, …)
///   GET_FORMAT(DATE, x)        get_format('DATE', x)          a MOD b   BinaryOp::kModulo
/// `name` is as written for calls with parentheses and lower case where the parser made it.
struct FunctionExpr : Expr {
    Identifier database;  ///< db.f(…)
    Identifier name;
    List<const Expr*> args;
    List<Identifier>
        arg_names;      ///< `AS name` of loadable functions' arguments; empty if none has one
    bool star = false;  ///< COUNT(*)
    bool distinct = false;
    bool no_parentheses = false;  ///< CURRENT_TIMESTAMP
    NullTreatment nulls = NullTreatment::kUnset;
    bool from_last = false;    ///< NTH_VALUE(…) FROM LAST
    std::string_view charset;  ///< CHAR(… USING cs)
    bool has_separator = false;
    std::string_view separator;   ///< GROUP_CONCAT
    List<OrderItem> order_by;     ///< GROUP_CONCAT, JSON_ARRAYAGG
    bool within_group = false;    ///< order_by came as WITHIN GROUP (ORDER BY …)
    const Expr* limit = nullptr;  ///< GROUP_CONCAT … LIMIT, MariaDB
    const Expr* limit_offset = nullptr;
    const DataType* weight_type = nullptr;  ///< WEIGHT_STRING(x AS CHAR(n) | BINARY(n))
    const WindowSpec* over = nullptr;
};

/// CAST(x AS type), CONVERT(x, type)
struct CastExpr : Expr {
    const Expr* operand = nullptr;
    const DataType* type = nullptr;
    const Expr* at_time_zone = nullptr;  ///< CAST(x AT TIME ZONE '…' AS DATETIME)
    std::string_view format;             ///< CAST(x AS CHAR FORMAT …) is refused; kept empty
};

struct ConvertUsingExpr : Expr {
    const Expr* operand = nullptr;
    std::string_view charset;
};

struct CollateExpr : Expr {
    const Expr* operand = nullptr;
    std::string_view collation;
};

enum class IntervalUnit : std::uint8_t {
    kMicrosecond,
    kSecond,
    kMinute,
    kHour,
    kDay,
    kWeek,
    kMonth,
    kQuarter,
    kYear,
    kSecondMicrosecond,
    kMinuteMicrosecond,
    kMinuteSecond,
    kHourMicrosecond,
    kHourSecond,
    kHourMinute,
    kDayMicrosecond,
    kDaySecond,
    kDayMinute,
    kDayHour,
    kYearMonth,
};

/// Lower case, as in "day_hour".
[[nodiscard]] std::string_view interval_unit_name(IntervalUnit unit) noexcept;

/// INTERVAL value unit; a bare unit (TIMESTAMPADD) has no value.
struct IntervalExpr : Expr {
    const Expr* value = nullptr;
    IntervalUnit unit = IntervalUnit::kDay;
};

struct ExtractExpr : Expr {
    IntervalUnit unit = IntervalUnit::kDay;
    const Expr* operand = nullptr;
};

enum class TrimSide : std::uint8_t { kBoth, kLeading, kTrailing };

struct TrimExpr : Expr {
    TrimSide side = TrimSide::kBoth;
    const Expr* remove = nullptr;  ///< null: spaces
    const Expr* operand = nullptr;
};

enum class MatchMode : std::uint8_t {
    kNatural,
    kNaturalWithExpansion,
    kBoolean,
};

struct MatchExpr : Expr {
    List<const Expr*> columns;
    const Expr* against = nullptr;
    MatchMode mode = MatchMode::kNatural;
};

/// DEFAULT in a value list (column null), or DEFAULT(column).
struct DefaultExpr : Expr {
    const ColumnExpr* column = nullptr;
};

/// VALUES(column) / VALUE(column) in ON DUPLICATE KEY UPDATE.
struct InsertValueExpr : Expr {
    const ColumnExpr* column = nullptr;
};

enum class SequenceOp : std::uint8_t { kNext, kPrevious };

/// NEXT VALUE FOR s, PREVIOUS VALUE FOR s (MariaDB). NEXTVAL(s), LASTVAL(s) are FunctionExpr.
struct SequenceExpr : Expr {
    SequenceOp op = SequenceOp::kNext;
    ObjectName sequence;
};

enum class JsonMissing : std::uint8_t { kUnset, kNull, kError, kDefault };

struct JsonOnClause {
    JsonMissing action = JsonMissing::kUnset;
    const Expr* value = nullptr;  ///< of DEFAULT
};

/// JSON_VALUE(document, path [RETURNING type] [… ON EMPTY] [… ON ERROR])
struct JsonValueExpr : Expr {
    const Expr* document = nullptr;
    const Expr* path = nullptr;
    const DataType* returning = nullptr;
    JsonOnClause on_empty;
    JsonOnClause on_error;
};

}  // namespace afterimage::sql::ast

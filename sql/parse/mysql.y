// SPDX-License-Identifier: Apache-2.0
// The grammar: MySQL 8.0's, and MariaDB's where both can be accepted, in the order of MySQL's
// manual (expressions, queries, DML, data definition, transactions, accounts, replication, the rest).
//
// Input for Lemon, which refuses any conflict that the precedences below do not settle. Each group
// of rules is headed by the SQL that it accepts. Actions only fill nodes; whatever needs thought is a
// function of AstBuilder. Words that mean something only together (ON DUPLICATE, AS OF, FOR
// SYSTEM_TIME …) arrive as one token from token_stream. A semicolon is never seen here, except in the
// bodies of stored programs.
//
// Texts of nodes end at b->prev_end(): actions run when the token after the last one of their rule
// is already known, so that the previous token is the rule's last.

%name SqlGrammar
%token_prefix T_
%token_type {Token}
%default_type {int}
%extra_argument {AstBuilder* b}
%start_symbol input
// 24 bytes an entry, on the C++ stack. A parenthesis in an expression takes one entry, a subquery
// about six.
%stack_size 3000

%include {
#include "sql/parse/ast_builder.h"
#include "sql/parse/grammar_driver.h"
#include "sql/parse/token_stream.h"

#define YYNOERRORRECOVERY 1

namespace afterimage::sql {
using namespace ast;
}
using namespace afterimage::sql;
}

%syntax_error { b->failed = true; }
%stack_overflow { b->overflowed = true; }

%code {
namespace afterimage::sql {

void run_grammar(TokenStream& tokens, AstBuilder& builder, int first_token) {
    yyParser parser;
    SqlGrammarInit(&parser);
    if (first_token != 0) {
        Token start{};
        start.kind = static_cast<std::uint16_t>(first_token);
        SqlGrammar(&parser, first_token, start, &builder);
    }
    while (true) {
        const Token token = tokens.next(builder);
        builder.current = token;
        if (!builder.failed) {
            SqlGrammar(&parser, token.kind, token, &builder);
        }
        if (builder.failed || builder.overflowed || token.kind == kEndOfStatement) {
            break;
        }
        if (builder.body_started) {
            builder.body_started = false;
            tokens.enter_body(token, builder.body_to_end, builder.in_compound);
        }
        builder.previous = token;
    }
    SqlGrammarFinalize(&parser);
}

}  // namespace afterimage::sql
}

// Lowest first. Unit rules of expressions bear ASSIGN, the lowest, so that an operator is shifted
// where an inner expression ends an outer one: @a := 1 + 2.
%nonassoc CONDITIONLESS.
%nonassoc INTO AS KEY.
%left JOIN INNER CROSS STRAIGHT_JOIN NATURAL LEFT RIGHT FULL_JOIN ON USING.
%left ASSIGN.
%left OR OR2.
%left XOR.
%left AND AND2.
%left BETWEEN.
%left EQ NULL_SAFE_EQ GE GT LE LT NE IS LIKE REGEXP IN MEMBER_OF SOUNDS_LIKE.
%left ESCAPE.
%left PIPE.
%left AMP.
%left LSHIFT RSHIFT.
%left PLUS MINUS.
%left STAR SLASH DIV PERCENT MOD.
%left CARET.
%left CONCAT.
%left UMINUS TILDE.
%right NOT NOT2.
%right BINARY COLLATE.
%left INTERVAL.
%left UNION EXCEPT.
%left INTERSECT.
%left SUBQUERY.
%left LP RP.

%token ILLEGAL SEMI COLON RESERVED.
%wildcard ANY.

// Words that are also names where the grammar does not ask for the word: keywords.def has the same.
%fallback ID ROW_LP
  ACCOUNT ACTION ADMIN AFTER AGAINST AGGREGATE ALGORITHM ALWAYS ANY_Q ARRAY ASCII AT ATOMIC
  ATTRIBUTE AUTHORS AUTO AUTO_INCREMENT BACKUP BEGIN BINLOG BIT_TYPE BODY BOOL BOOLEAN BTREE BYTE
  CACHE CASCADED CAST CHAIN CHANGED CHANNEL CHARSET CHECKPOINT_W CHECKSUM CIPHER CLIENT_STATISTICS
  CLONE COALESCE CODE COLLATION COLUMNS COLUMN_FORMAT COMMENT COMMIT COMMITTED COMPRESSED
  CONCURRENT CONNECTION CONSISTENT CONTAINS CONTRIBUTORS COUNT_LP CURRENT CYCLE DATA DATETIME
  DATE_TYPE DAY DEALLOCATE DEFINER DIRECTORY DISABLE DISCARD DISK DO DUMPFILE EMPTY ENABLE
  ENCRYPTION END ENDS ENFORCED ENGINE ENGINES ENGINE_ATTRIBUTE ENUM ERROR ERRORS ESCAPE EVENT
  EVENTS EVERY EXAMINED EXCEPT EXCHANGE EXCLUDE EXECUTE EXPIRE EXPORT EXTENDED EXTRACT
  FAILED_LOGIN_W FAST FILTER FIRST FIXED FLUSH FOLLOWING FOLLOWS FORMAT FULL FUNCTION GENERATED
  GEOMETRY GEOMETRYCOLLECTION GET GET_FORMAT GLOBAL GRANTS GROUPS GROUP_CONCAT HANDLER HARD HASH
  HELP HISTOGRAM HISTORY HOSTS HOUR IDENTIFIED IGNORED IMMEDIATE IMPORT INCREMENT INDEXES
  INDEX_STATISTICS INET4 INET6 INSTALL INSTANCE INTERSECT INVISIBLE INVOKER IO_THREAD ISOLATION
  ISSUER JSON JSON_TABLE JSON_VALUE KEY_BLOCK_SIZE LANGUAGE LATERAL LESS LEVEL LIBRARY_W
  LINESTRING LIST LOCAL LOCALES LOCKED LOGFILE LOGS LOG_WORD MASTER MEDIUM MEMORY MERGE
  MICROSECOND MIGRATE MINUTE MINVALUE MODE MODIFY MONTH MULTILINESTRING MULTIPOINT MULTIPOLYGON
  MUTEX NAME NAMES NATIONAL NCHAR NESTED NEVER NEXT NO NOCACHE NOCYCLE NOMAXVALUE NOMINVALUE NONE
  NOWAIT NUMBER NVARCHAR OF OFFSET OLD ONE ONLINE ONLY OPEN OPTION OPTIONAL ORDINALITY OTHERS
  OVERLAPS PACKAGE PARSER PARSE_TREE PARTIAL PARTITIONING PARTITIONS PASSWORD PASSWORD_LOCK_W PATH
  PERSIST PERSISTENT PERSIST_ONLY PHASE PLUGINS POINT POLYGON POSITION PRECEDES PRECEDING PREPARE
  PRESERVE PRIVILEGES PROCESSLIST PROFILE PROFILES QUARTER QUERY QUICK RANDOM REBUILD RECOVER
  RECURSIVE REF_SYSTEM_ID RELAYLOG RELAY_THREAD_W REMOVE REORGANIZE REPAIR REPEATABLE REPLICA
  REPLICAS REPLICATION RESET RESOURCE RESTART RESUME RETAIN RETURNING RETURNS REUSE ROLE ROLLBACK
  ROW ROWS RTREE_W SAVEPOINT SECOND SECONDARY_LOAD SECONDARY_UNLOAD SECURITY SEQUENCE SERIAL
  SERIALIZABLE SERVER SESSION SHARE SHUTDOWN SIGNED SIMPLE SKIP SLAVE SLAVES SNAPSHOT SOFT SONAME
  SOURCE SQL_BUFFER_RESULT SQL_CACHE SQL_NO_CACHE SQL_THREAD SRID START STARTS STATEMENT STATUS
  STOP STORAGE STORED SUBJECT SUBPARTITION SUBPARTITIONS SUBSTRING SUSPEND SYSTEM_TIME TABLES
  TABLESPACE TABLE_STATISTICS TEMPORARY TEMPTABLE TEXT THAN TIES TIMESTAMPADD TIMESTAMP_TYPE
  TIME_TYPE TRANSACTION TRIGGERS TRIM TRUNCATE UNBOUNDED UNCOMMITTED UNDEFINED UNDO UNICODE
  UNINSTALL UNKNOWN UNTIL UPGRADE USER USER_STATISTICS USE_FRM UUID VALIDATION VALUE VARIABLES
  VECTOR VIA_W VIEW VIRTUAL VISIBLE WAIT WARNINGS WEEK WEIGHT_STRING WINDOW WITHOUT WORK X509 XA
  XID XML XMLTYPE YEAR_TYPE.

// ==== Start =========================================================================================

input ::= statement(S).               { b->result = S; }
input ::= PARSE_EXPRESSION expr(E).   { b->result_expression = E; }
input ::= PARSE_QUERY select_query(Q). { b->result_query = Q; }

// ==== Names, literals ===============================================================================

%type ident {Str}
ident(A) ::= ID(T).         { A = b->name(T); }
ident(A) ::= QUOTED_ID(T).  { A = b->quoted_name(T); }

%type ident_or_text {Str}
ident_or_text(A) ::= ident(X).   { A = X; }
ident_or_text(A) ::= STRING(T).  { A = b->string(T); }

%type ident_list {List<Identifier>*}
ident_list(A) ::= ident(X).                       { A = b->list<Identifier>(X); }
ident_list(A) ::= ident_list(L) COMMA ident(X).   { A = b->append(L, Identifier(X)); }

%type paren_idents_opt {List<Identifier>*}
paren_idents_opt(A) ::= .                       { A = nullptr; }
paren_idents_opt(A) ::= LP ident_list(L) RP.    { A = L; }

%type table_name {ObjectName*}
table_name(A) ::= ident(N).               { A = b->object({}, N); }
table_name(A) ::= ident(D) DOT ident(N).  { A = b->object(D, N); }

%type table_names {List<ObjectName>*}
table_names(A) ::= table_name(N).                       { A = b->list<ObjectName>(*N); }
table_names(A) ::= table_names(L) COMMA table_name(N).  { A = b->append(L, *N); }

%type text_string {Str}
text_string(A) ::= STRING(T).  { A = b->string(T); }
text_string(A) ::= HEX(T).     { A = b->string(T); }
text_string(A) ::= BIT(T).     { A = b->string(T); }

%type string_list {List<std::string_view>*}
string_list(A) ::= text_string(S).                       { A = b->list<std::string_view>(S); }
string_list(A) ::= string_list(L) COMMA text_string(S).  { A = b->append(L, std::string_view(S)); }

// An unsigned number where the grammar asks for one, not an expression.
%type number {std::uint64_t}
number(A) ::= INTEGER(T).  { A = b->number(T); }
number(A) ::= HEX(T).      { A = b->number(T); }
number(A) ::= DECIMAL(T).  { A = b->number(T); }
number(A) ::= FLOAT(T).    { A = b->number(T); }

%type integer_literal {Expr*}
integer_literal(A) ::= INTEGER(T).        { A = b->literal(LiteralKind::kInteger, T); }
integer_literal(A) ::= HEX(T).            { A = b->literal(LiteralKind::kHex, T); }

%type signed_integer {Expr*}
signed_integer(A) ::= integer_literal(X).            { A = X; }
signed_integer(A) ::= MINUS(T) integer_literal(X).   { A = b->unary(UnaryOp::kNegate, T, X); }
signed_integer(A) ::= PLUS integer_literal(X).       { A = X; }

%type literal {Expr*}
literal(A) ::= STRING(T).             { A = b->literal(LiteralKind::kString, T); }
literal(A) ::= INTEGER(T).            { A = b->literal(LiteralKind::kInteger, T); }
literal(A) ::= DECIMAL(T).            { A = b->literal(LiteralKind::kDecimal, T); }
literal(A) ::= FLOAT(T).              { A = b->literal(LiteralKind::kFloat, T); }
literal(A) ::= HEX(T).                { A = b->literal(LiteralKind::kHex, T); }
literal(A) ::= BIT(T).                { A = b->literal(LiteralKind::kBit, T); }
literal(A) ::= NULL(T).               { A = b->literal(LiteralKind::kNull, T); }
literal(A) ::= TRUE(T).               { A = b->literal(LiteralKind::kTrue, T); }
literal(A) ::= FALSE(T).              { A = b->literal(LiteralKind::kFalse, T); }
literal(A) ::= temporal_literal(X).   { A = X; }

%type temporal_literal {Expr*}
temporal_literal(A) ::= DATE_LITERAL(T).       { A = b->literal(LiteralKind::kDate, T); }
temporal_literal(A) ::= TIME_LITERAL(T).       { A = b->literal(LiteralKind::kTime, T); }
temporal_literal(A) ::= TIMESTAMP_LITERAL(T).  { A = b->literal(LiteralKind::kTimestamp, T); }

%type string_literal {Expr*}
string_literal(A) ::= STRING(T).  { A = b->literal(LiteralKind::kString, T); }

%type param {Expr*}
param(A) ::= PARAM(T).  { A = b->parameter(T); }

%type eq_opt {int}
eq_opt ::= .
eq_opt ::= EQ.

set_eq ::= EQ.
set_eq ::= ASSIGN.

// user[@host], CURRENT_USER
%type account {AccountName*}
account(A) ::= ident_or_text(U).                        { A = b->account(U); }
account(A) ::= ident_or_text(U) USER_VAR(H).            { A = b->account_at(U, b->variable_name(H)); }
account(A) ::= ident_or_text(U) AT_SIGN ident_or_text(H). { A = b->account_at(U, H); }
account(A) ::= CURRENT_USER.                            { A = b->current_account(); }
account(A) ::= CURRENT_USER LP RP.                      { A = b->current_account(); }

%type accounts {List<AccountName>*}
accounts(A) ::= account(X).                    { A = b->list<AccountName>(*X); }
accounts(A) ::= accounts(L) COMMA account(X).  { A = b->append(L, *X); }

// ==== Expressions ===================================================================================

%type expr {Expr*}
expr(A) ::= expr(X) OR expr(Y).           { A = b->logical(LogicalOp::kOr, X, Y); }
expr(A) ::= expr(X) OR2 expr(Y). [OR]     { A = b->logical(LogicalOp::kOr, X, Y); }
expr(A) ::= expr(X) XOR expr(Y).          { A = b->logical(LogicalOp::kXor, X, Y); }
expr(A) ::= expr(X) AND expr(Y).          { A = b->logical(LogicalOp::kAnd, X, Y); }
expr(A) ::= expr(X) AND2 expr(Y). [AND]   { A = b->logical(LogicalOp::kAnd, X, Y); }
expr(A) ::= NOT(T) expr(X). [NOT]         { A = b->unary(UnaryOp::kNot, T, X); }
expr(A) ::= bool_primary(X). [ASSIGN]     { A = X; }

%type is_test {int}
is_test(A) ::= NULL.     { A = static_cast<int>(IsTest::kNull); }
is_test(A) ::= TRUE.     { A = static_cast<int>(IsTest::kTrue); }
is_test(A) ::= FALSE.    { A = static_cast<int>(IsTest::kFalse); }
is_test(A) ::= UNKNOWN.  { A = static_cast<int>(IsTest::kUnknown); }

%type comparison {int}
comparison(A) ::= EQ.            { A = static_cast<int>(BinaryOp::kEqual); }
comparison(A) ::= NULL_SAFE_EQ.  { A = static_cast<int>(BinaryOp::kNullSafeEqual); }
comparison(A) ::= GE.            { A = static_cast<int>(BinaryOp::kGreaterEqual); }
comparison(A) ::= GT.            { A = static_cast<int>(BinaryOp::kGreater); }
comparison(A) ::= LE.            { A = static_cast<int>(BinaryOp::kLessEqual); }
comparison(A) ::= LT.            { A = static_cast<int>(BinaryOp::kLess); }
comparison(A) ::= NE.            { A = static_cast<int>(BinaryOp::kNotEqual); }

// a IS [NOT] NULL, a = b, a = ANY (SELECT …)
%type bool_primary {Expr*}
bool_primary(A) ::= bool_primary(X) IS is_test(T). [IS]      { A = b->is_test(X, T, false); }
bool_primary(A) ::= bool_primary(X) IS NOT is_test(T). [IS]  { A = b->is_test(X, T, true); }
// As in MySQL, a = b LIKE c is a = (b LIKE c); MariaDB reads it from the left.
bool_primary(A) ::= bool_primary(X) comparison(O) predicate(Y). [AND]
                                       { A = b->binary(static_cast<BinaryOp>(O), X, Y); }
bool_primary(A) ::= bool_primary(X) comparison(O) any_all(Q) subquery(S). [EQ]
                                       { A = b->quantified(static_cast<BinaryOp>(O), Q, X, S); }
bool_primary(A) ::= predicate(X). [ASSIGN]  { A = X; }

%type any_all {int}
any_all(A) ::= ALL.   { A = 1; }
any_all(A) ::= ANY_Q. { A = 0; }

// a [NOT] IN (…), BETWEEN, LIKE, REGEXP
%type predicate {Expr*}
predicate(A) ::= predicate(X) IN subquery(S).           { A = b->in_query(X, S, false); }
predicate(A) ::= predicate(X) NOT IN subquery(S). [IN]  { A = b->in_query(X, S, true); }
predicate(A) ::= predicate(X) IN LP expr(E) RP.                    { A = b->in_list(X, b->exprs(E), false); }
predicate(A) ::= predicate(X) NOT IN LP expr(E) RP. [IN]           { A = b->in_list(X, b->exprs(E), true); }
predicate(A) ::= predicate(X) IN LP expr(E) COMMA expr_list(L) RP.
                                                       { A = b->in_list(X, b->prepend(E, L), false); }
predicate(A) ::= predicate(X) NOT IN LP expr(E) COMMA expr_list(L) RP. [IN]
                                                       { A = b->in_list(X, b->prepend(E, L), true); }
predicate(A) ::= predicate(X) MEMBER_OF LP simple_expr(Y) RP.
                                                       { A = b->binary(BinaryOp::kMemberOf, X, Y); }
predicate(A) ::= predicate(X) NOT MEMBER_OF LP simple_expr(Y) RP. [IN]
                                                       { A = b->binary(BinaryOp::kNotMemberOf, X, Y); }
predicate(A) ::= predicate(X) BETWEEN bit_expr(L) AND predicate(H). [BETWEEN]
                                                       { A = b->between(X, L, H, false); }
predicate(A) ::= predicate(X) NOT BETWEEN bit_expr(L) AND predicate(H). [BETWEEN]
                                                       { A = b->between(X, L, H, true); }
predicate(A) ::= predicate(X) SOUNDS_LIKE bit_expr(Y).  { A = b->binary(BinaryOp::kSoundsLike, X, Y); }
predicate(A) ::= predicate(X) LIKE bit_expr(Y). [LIKE]       { A = b->like(X, Y, nullptr, false); }
predicate(A) ::= predicate(X) NOT LIKE bit_expr(Y). [LIKE]   { A = b->like(X, Y, nullptr, true); }
predicate(A) ::= predicate(X) LIKE bit_expr(Y) ESCAPE bit_expr(E). [LIKE]
                                                       { A = b->like(X, Y, E, false); }
predicate(A) ::= predicate(X) NOT LIKE bit_expr(Y) ESCAPE bit_expr(E). [LIKE]
                                                       { A = b->like(X, Y, E, true); }
predicate(A) ::= predicate(X) REGEXP bit_expr(Y).       { A = b->binary(BinaryOp::kRegexp, X, Y); }
predicate(A) ::= predicate(X) NOT REGEXP bit_expr(Y). [REGEXP]
                                                       { A = b->binary(BinaryOp::kNotRegexp, X, Y); }
predicate(A) ::= bit_expr(X). [ASSIGN]                 { A = X; }

// Arithmetic, a + INTERVAL 1 DAY
%type bit_expr {Expr*}
bit_expr(A) ::= bit_expr(X) PIPE bit_expr(Y).     { A = b->binary(BinaryOp::kBitOr, X, Y); }
bit_expr(A) ::= bit_expr(X) AMP bit_expr(Y).      { A = b->binary(BinaryOp::kBitAnd, X, Y); }
bit_expr(A) ::= bit_expr(X) LSHIFT bit_expr(Y).   { A = b->binary(BinaryOp::kShiftLeft, X, Y); }
bit_expr(A) ::= bit_expr(X) RSHIFT bit_expr(Y).   { A = b->binary(BinaryOp::kShiftRight, X, Y); }
bit_expr(A) ::= bit_expr(X) PLUS bit_expr(Y).     { A = b->binary(BinaryOp::kAdd, X, Y); }
bit_expr(A) ::= bit_expr(X) MINUS bit_expr(Y).    { A = b->binary(BinaryOp::kSubtract, X, Y); }
bit_expr(A) ::= bit_expr(X) PLUS INTERVAL(T) expr(V) unit(U). [PLUS]
                            { A = b->date_add("date_add", X, b->interval(T, V, U)); }
bit_expr(A) ::= bit_expr(X) MINUS INTERVAL(T) expr(V) unit(U). [PLUS]
                            { A = b->date_add("date_sub", X, b->interval(T, V, U)); }
bit_expr(A) ::= bit_expr(X) STAR bit_expr(Y).     { A = b->binary(BinaryOp::kMultiply, X, Y); }
bit_expr(A) ::= bit_expr(X) SLASH bit_expr(Y).    { A = b->binary(BinaryOp::kDivide, X, Y); }
bit_expr(A) ::= bit_expr(X) PERCENT bit_expr(Y).  { A = b->binary(BinaryOp::kModulo, X, Y); }
bit_expr(A) ::= bit_expr(X) DIV bit_expr(Y).      { A = b->binary(BinaryOp::kIntegerDivide, X, Y); }
bit_expr(A) ::= bit_expr(X) MOD bit_expr(Y).      { A = b->binary(BinaryOp::kModulo, X, Y); }
bit_expr(A) ::= bit_expr(X) CARET bit_expr(Y).    { A = b->binary(BinaryOp::kBitXor, X, Y); }
bit_expr(A) ::= simple_expr(X). [ASSIGN]          { A = X; }

%type unit {int}
unit(A) ::= MICROSECOND.         { A = static_cast<int>(IntervalUnit::kMicrosecond); }
unit(A) ::= SECOND.              { A = static_cast<int>(IntervalUnit::kSecond); }
unit(A) ::= MINUTE.              { A = static_cast<int>(IntervalUnit::kMinute); }
unit(A) ::= HOUR.                { A = static_cast<int>(IntervalUnit::kHour); }
unit(A) ::= DAY.                 { A = static_cast<int>(IntervalUnit::kDay); }
unit(A) ::= WEEK.                { A = static_cast<int>(IntervalUnit::kWeek); }
unit(A) ::= MONTH.               { A = static_cast<int>(IntervalUnit::kMonth); }
unit(A) ::= QUARTER.             { A = static_cast<int>(IntervalUnit::kQuarter); }
unit(A) ::= YEAR_TYPE.           { A = static_cast<int>(IntervalUnit::kYear); }
unit(A) ::= SECOND_MICROSECOND.  { A = static_cast<int>(IntervalUnit::kSecondMicrosecond); }
unit(A) ::= MINUTE_MICROSECOND.  { A = static_cast<int>(IntervalUnit::kMinuteMicrosecond); }
unit(A) ::= MINUTE_SECOND.       { A = static_cast<int>(IntervalUnit::kMinuteSecond); }
unit(A) ::= HOUR_MICROSECOND.    { A = static_cast<int>(IntervalUnit::kHourMicrosecond); }
unit(A) ::= HOUR_SECOND.         { A = static_cast<int>(IntervalUnit::kHourSecond); }
unit(A) ::= HOUR_MINUTE.         { A = static_cast<int>(IntervalUnit::kHourMinute); }
unit(A) ::= DAY_MICROSECOND.     { A = static_cast<int>(IntervalUnit::kDayMicrosecond); }
unit(A) ::= DAY_SECOND.          { A = static_cast<int>(IntervalUnit::kDaySecond); }
unit(A) ::= DAY_MINUTE.          { A = static_cast<int>(IntervalUnit::kDayMinute); }
unit(A) ::= DAY_HOUR.            { A = static_cast<int>(IntervalUnit::kDayHour); }
unit(A) ::= YEAR_MONTH.          { A = static_cast<int>(IntervalUnit::kYearMonth); }

%type column_ref {ColumnExpr*}
column_ref(A) ::= ident(C).                              { A = b->column({}, {}, C); }
column_ref(A) ::= ident(T) DOT ident(C).                 { A = b->column({}, T, C); }
column_ref(A) ::= ident(D) DOT ident(T) DOT ident(C).    { A = b->column(D, T, C); }
column_ref(A) ::= DOT ident(T) DOT ident(C).             { A = b->column({}, T, C); }

%type simple_expr {Expr*}
simple_expr(A) ::= primary_expr(X).  { A = X; }
simple_expr(A) ::= USER_VAR(T) ASSIGN expr(X).            { A = b->assign(T, X); }
simple_expr(A) ::= simple_expr(X) COLLATE ident_or_text(C).  { A = b->collate(X, C); }
simple_expr(A) ::= simple_expr(X) COLLATE BINARY.         { A = b->collate(X, b->str("binary")); }
simple_expr(A) ::= simple_expr(X) CONCAT simple_expr(Y).  { A = b->binary(BinaryOp::kConcat, X, Y); }
simple_expr(A) ::= PLUS(T) simple_expr(X). [UMINUS]       { A = b->unary(UnaryOp::kPlus, T, X); }
simple_expr(A) ::= MINUS(T) simple_expr(X). [UMINUS]      { A = b->unary(UnaryOp::kNegate, T, X); }
simple_expr(A) ::= TILDE(T) simple_expr(X). [UMINUS]      { A = b->unary(UnaryOp::kBitNot, T, X); }
simple_expr(A) ::= NOT2(T) simple_expr(X). [UMINUS]       { A = b->unary(UnaryOp::kNot, T, X); }
simple_expr(A) ::= BINARY(T) simple_expr(X). [UMINUS]     { A = b->unary(UnaryOp::kBinary, T, X); }
simple_expr(A) ::= INTERVAL(T) expr(V) unit(U) PLUS expr(X). [INTERVAL]
                                                          { A = b->date_add_first(b->interval(T, V, U), X); }

// What may stand as a DEFAULT without parentheses, too.
%type primary_expr {Expr*}
primary_expr(A) ::= column_ref(X). [CONDITIONLESS]  { A = X; }
primary_expr(A) ::= column_ref(X) ARROW STRING(P).
                    { A = b->json_arrow(BinaryOp::kJsonExtract, X, P); }
primary_expr(A) ::= column_ref(X) ARROW2 STRING(P).
                    { A = b->json_arrow(BinaryOp::kJsonUnquoteExtract, X, P); }
primary_expr(A) ::= MAXVALUE(T).       { A = b->word_column(T); }
primary_expr(A) ::= literal(X).        { A = X; }
primary_expr(A) ::= param(X).          { A = X; }
primary_expr(A) ::= function_call(X).  { A = X; }
primary_expr(A) ::= USER_VAR(T).       { A = b->user_variable(T); }
primary_expr(A) ::= AT_AT(T) ident(X).                     { A = b->system_variable(T, X, {}, {}); }
primary_expr(A) ::= AT_AT(T) ident(X) DOT ident(Y).        { A = b->system_variable(T, X, Y, {}); }
primary_expr(A) ::= AT_AT(T) ident(X) DOT ident(Y) DOT ident(Z).
                                                          { A = b->system_variable(T, X, Y, Z); }
primary_expr(A) ::= AT_AT(T) ident(X) DOT STRING(Y) DOT ident(Z).
                                                          { A = b->system_variable(T, X, b->string(Y), Z); }
primary_expr(A) ::= AT_AT(T) DEFAULT DOT ident(Y).         { A = b->system_variable(T, b->str("default"), Y, {}); }
primary_expr(A) ::= subquery(Q).                           { A = b->scalar_subquery(Q); }
primary_expr(A) ::= LP(T) expr(X) RP.                      { A = b->parenthesized(T, X); }
primary_expr(A) ::= LP(T) expr(X) COMMA expr_list(L) RP. [SUBQUERY]
                                                          { A = b->row(T, b->prepend(X, L)); }
primary_expr(A) ::= ROW_LP(T) LP expr(X) COMMA expr_list(L) RP.
                                                          { A = b->row(T, b->prepend(X, L)); }
primary_expr(A) ::= EXISTS(T) subquery(Q).                 { A = b->exists(T, Q); }
primary_expr(A) ::= LBRACE(T) temporal_literal(X) RBRACE.  { A = b->parenthesized(T, X); A->parenthesized = false; }
primary_expr(A) ::= LBRACE(T) ident(W) expr(X) RBRACE.     { A = b->odbc(T, W, X); }
primary_expr(A) ::= CASE(T) case_operand_opt(O) case_branches(L) case_else_opt(E) END.
                                                          { A = b->case_expr(T, O, L, E); }
primary_expr(A) ::= CAST(T) LP expr(X) AS cast_type(Y) array_opt(R) RP. { A = b->cast(T, X, Y, R); }
primary_expr(A) ::= CAST(T) LP expr(X) AT ID ID interval_opt string_literal(Z) AS cast_type(Y) RP.
                                                          { A = b->cast_at_zone(T, X, Z, Y); }
primary_expr(A) ::= CONVERT(T) LP expr(X) COMMA cast_type(Y) RP.     { A = b->cast(T, X, Y, 0); }
primary_expr(A) ::= CONVERT(T) LP expr(X) USING charset_name(C) RP.  { A = b->convert_using(T, X, C); }
primary_expr(A) ::= DEFAULT(T) LP column_ref(C) RP.        { A = b->default_of(T, C); }
primary_expr(A) ::= VALUES(T) LP column_ref(C) RP.         { A = b->insert_value(T, C); }
primary_expr(A) ::= MATCH(T) match_columns(L) AGAINST LP bit_expr(X) match_mode(M) RP.
                                                          { A = b->match(T, L, X, M); }
primary_expr(A) ::= NEXT_VALUE_FOR(T) table_name(N).       { A = b->sequence(T, SequenceOp::kNext, *N); }
primary_expr(A) ::= PREVIOUS_VALUE_FOR(T) table_name(N).   { A = b->sequence(T, SequenceOp::kPrevious, *N); }

interval_opt ::= .
interval_opt ::= INTERVAL.

array_opt(A) ::= .       { A = 0; }
array_opt(A) ::= ARRAY.  { A = 1; }

%type match_columns {List<const Expr*>*}
match_columns(A) ::= match_column_list(L).        { A = L; }
match_columns(A) ::= LP match_column_list(L) RP.  { A = L; }
%type match_column_list {List<const Expr*>*}
match_column_list(A) ::= column_ref(C).                           { A = b->exprs(C); }
match_column_list(A) ::= match_column_list(L) COMMA column_ref(C). { A = b->append_expr(L, C); }

match_mode(A) ::= .                       { A = static_cast<int>(MatchMode::kNatural); }
match_mode(A) ::= IN NATURAL LANGUAGE MODE. { A = static_cast<int>(MatchMode::kNatural); }
match_mode(A) ::= IN NATURAL LANGUAGE MODE WITH QUERY ID.
                                          { A = static_cast<int>(MatchMode::kNaturalWithExpansion); }
match_mode(A) ::= WITH QUERY ID.          { A = static_cast<int>(MatchMode::kNaturalWithExpansion); }
match_mode(A) ::= IN BOOLEAN MODE.        { A = static_cast<int>(MatchMode::kBoolean); }

%type case_operand_opt {Expr*}
case_operand_opt(A) ::= .         { A = nullptr; }
case_operand_opt(A) ::= expr(X).  { A = X; }
%type case_branches {List<CaseBranch>*}
case_branches(A) ::= WHEN expr(W) THEN expr(T).
                    { A = b->list<CaseBranch>(CaseBranch{W, T}); }
case_branches(A) ::= case_branches(L) WHEN expr(W) THEN expr(T).
                    { A = b->append(L, CaseBranch{W, T}); }
%type case_else_opt {Expr*}
case_else_opt(A) ::= .              { A = nullptr; }
case_else_opt(A) ::= ELSE expr(X).  { A = X; }

%type expr_list {List<const Expr*>*}
expr_list(A) ::= expr(X).                     { A = b->exprs(X); }
expr_list(A) ::= expr_list(L) COMMA expr(X).  { A = b->append_expr(L, X); }

%type subquery {Query*}
subquery(A) ::= query_parens(Q). [SUBQUERY]  { A = b->subquery(Q); }

// ---- Function calls: f(…), db.f(…), words that are reserved, forms with a syntax of their own ------

%type function_call {Expr*}
function_call(A) ::= ident(F) LP call_args(L) RP over_opt(W).   { A = b->call({}, F, L, W); }
function_call(A) ::= ident(D) DOT ident(F) LP call_args(L) RP.  { A = b->call(D, F, L, nullptr); }
function_call(A) ::= function_word(F) LP call_args(L) RP.       { A = b->call({}, b->word(F), L, nullptr); }
function_call(A) ::= INTERVAL(F) LP expr(X) COMMA expr_list(L) RP. [LP]
                              { A = b->call_word(F, b->prepend(X, L)); }
function_call(A) ::= CHAR(F) LP expr_list(L) RP.                { A = b->call_word(F, L); }
function_call(A) ::= CHAR(F) LP expr_list(L) USING charset_name(C) RP.
                              { A = b->char_using(F, L, C); }
function_call(A) ::= bare_function(F).             { A = b->call_bare(F, nullptr); }
function_call(A) ::= bare_function(F) LP RP.       { A = b->call_bare(F, nullptr); }
function_call(A) ::= bare_function(F) LP expr(P) RP.  { A = b->call_bare(F, P); }
function_call(A) ::= EXTRACT(T) LP unit(U) FROM expr(X) RP.     { A = b->extract(T, U, X); }
function_call(A) ::= POSITION(T) LP bit_expr(X) IN expr(Y) RP.  { A = b->call_made(T, "locate", X, Y); }
function_call(A) ::= SUBSTRING(F) LP expr(X) COMMA expr(Y) RP.
                              { A = b->call_word(F, b->exprs(X, Y)); }
function_call(A) ::= SUBSTRING(F) LP expr(X) COMMA expr(Y) COMMA expr(Z) RP.
                              { A = b->call_word(F, b->exprs(X, Y, Z)); }
function_call(A) ::= SUBSTRING(F) LP expr(X) FROM expr(Y) RP.
                              { A = b->call_word(F, b->exprs(X, Y)); }
function_call(A) ::= SUBSTRING(F) LP expr(X) FROM expr(Y) FOR expr(Z) RP.
                              { A = b->call_word(F, b->exprs(X, Y, Z)); }
function_call(A) ::= TRIM(T) LP expr(X) RP.                { A = b->trim(T, TrimSide::kBoth, nullptr, X); }
function_call(A) ::= TRIM(T) LP expr(R) FROM expr(X) RP.   { A = b->trim(T, TrimSide::kBoth, R, X); }
function_call(A) ::= TRIM(T) LP trim_side(S) FROM expr(X) RP.
                              { A = b->trim(T, static_cast<TrimSide>(S), nullptr, X); }
function_call(A) ::= TRIM(T) LP trim_side(S) expr(R) FROM expr(X) RP.
                              { A = b->trim(T, static_cast<TrimSide>(S), R, X); }
function_call(A) ::= TIMESTAMPADD(F) LP unit(U) COMMA expr(X) COMMA expr(Y) RP.
                              { A = b->call_word(F, b->exprs(b->interval(F, nullptr, U), X, Y)); }
function_call(A) ::= GET_FORMAT(F) LP get_format_type(T) COMMA expr(X) RP.
                              { A = b->call_word(F, b->exprs(b->word_literal(T), X)); }
function_call(A) ::= WEIGHT_STRING(F) LP expr(X) RP.       { A = b->weight_string(F, X, nullptr); }
function_call(A) ::= WEIGHT_STRING(F) LP expr(X) AS cast_type(Y) RP.  { A = b->weight_string(F, X, Y); }
function_call(A) ::= JSON_VALUE(F) LP expr(X) COMMA expr(P) json_returning_opt(R) json_on_opt(O) RP.
                              { A = b->json_value(F, X, P, R, O); }
function_call(A) ::= GROUP_CONCAT(F) LP distinct_opt(D) expr_list(L) order_by_opt(O)
                     group_concat_limit(M) separator_opt(S) RP over_opt(W).
                              { A = b->group_concat(F, D, L, O, M, S, W); }

%type function_word {Token}
function_word(A) ::= IF(T).        { A = T; }
function_word(A) ::= LEFT(T).      { A = T; }
function_word(A) ::= RIGHT(T).     { A = T; }
function_word(A) ::= REPLACE(T).   { A = T; }
function_word(A) ::= INSERT(T).    { A = T; }
function_word(A) ::= REPEAT(T).    { A = T; }
function_word(A) ::= MOD(T).       { A = T; }
function_word(A) ::= DATABASE(T).  { A = T; }

%type bare_function {Token}
bare_function(A) ::= CURRENT_TIMESTAMP(T).  { A = T; }
bare_function(A) ::= CURRENT_DATE(T).       { A = T; }
bare_function(A) ::= CURRENT_TIME(T).       { A = T; }
bare_function(A) ::= CURRENT_USER(T).       { A = T; }
bare_function(A) ::= UTC_DATE(T).           { A = T; }
bare_function(A) ::= UTC_TIME(T).           { A = T; }
bare_function(A) ::= UTC_TIMESTAMP(T).      { A = T; }

trim_side(A) ::= BOTH.      { A = static_cast<int>(TrimSide::kBoth); }
trim_side(A) ::= LEADING.   { A = static_cast<int>(TrimSide::kLeading); }
trim_side(A) ::= TRAILING.  { A = static_cast<int>(TrimSide::kTrailing); }

%type get_format_type {Token}
get_format_type(A) ::= DATE_TYPE(T).       { A = T; }
get_format_type(A) ::= TIME_TYPE(T).       { A = T; }
get_format_type(A) ::= DATETIME(T).        { A = T; }
get_format_type(A) ::= TIMESTAMP_TYPE(T).  { A = T; }

%type distinct_opt {int}
distinct_opt(A) ::= .          { A = 0; }
distinct_opt(A) ::= DISTINCT.  { A = 1; }
distinct_opt(A) ::= ALL.       { A = 0; }

%type call_args {CallArgs*}
call_args(A) ::= .                            { A = b->make<CallArgs>(); }
call_args(A) ::= STAR.                        { A = b->make<CallArgs>(); A->star = true; }
call_args(A) ::= call_arg_list(L).            { A = L; }
call_args(A) ::= DISTINCT call_arg_list(L).   { A = L; A->distinct = true; }
call_args(A) ::= ALL call_arg_list(L).        { A = L; }
%type call_arg_list {CallArgs*}
call_arg_list(A) ::= call_arg(X) call_arg_name(N).  { A = b->make<CallArgs>(); b->add_arg(A, X, N); }
call_arg_list(A) ::= call_arg_list(L) COMMA call_arg(X) call_arg_name(N).
                                              { A = L; b->add_arg(A, X, N); }
%type call_arg {Expr*}
call_arg(A) ::= expr(X).                      { A = X; }
call_arg(A) ::= INTERVAL(T) expr(V) unit(U).  { A = b->interval(T, V, U); }
%type call_arg_name {Str}
call_arg_name(A) ::= .             { A = {}; }
call_arg_name(A) ::= AS ident(N).  { A = N; }
call_arg_name(A) ::= ident(N).     { A = N; }

%type group_concat_limit {LimitClause*}
group_concat_limit(A) ::= .                                      { A = nullptr; }
group_concat_limit(A) ::= LIMIT limit_value(N).                  { A = b->limit(N, nullptr); }
group_concat_limit(A) ::= LIMIT limit_value(O) COMMA limit_value(N).   { A = b->limit(N, O); }
%type separator_opt {Expr*}
separator_opt(A) ::= .                            { A = nullptr; }
separator_opt(A) ::= SEPARATOR string_literal(S). { A = S; }

%type json_returning_opt {DataType*}
json_returning_opt(A) ::= .                        { A = nullptr; }
json_returning_opt(A) ::= RETURNING cast_type(T).  { A = T; }

%type json_on_opt {JsonOnClauses*}
json_on_opt(A) ::= .                                  { A = b->make<JsonOnClauses>(); }
json_on_opt(A) ::= json_on_opt(L) json_action(X) ON EMPTY.   { A = L; A->empty = *X; }
json_on_opt(A) ::= json_on_opt(L) json_action(X) ON ERROR.   { A = L; A->error = *X; }
%type json_action {JsonOnClause*}
json_action(A) ::= NULL.               { A = b->json_action(JsonMissing::kNull, nullptr); }
json_action(A) ::= ERROR.              { A = b->json_action(JsonMissing::kError, nullptr); }
json_action(A) ::= DEFAULT literal(X). { A = b->json_action(JsonMissing::kDefault, X); }
json_action(A) ::= DEFAULT MINUS(T) literal(X).
                                       { A = b->json_action(JsonMissing::kDefault, b->unary(UnaryOp::kNegate, T, X)); }

// ---- OVER (…) --------------------------------------------------------------------------------------

%type over_opt {WindowSpec*}
over_opt(A) ::= .                                   { A = nullptr; }
over_opt(A) ::= over_nulls(N) OVER window(W).       { A = W; b->window_nulls(N); }
over_opt(A) ::= WITHIN_GROUP LP order_by(O) RP over_opt(W).  { A = W; b->within_group(O); }

over_nulls(A) ::= .                       { A = 0; }
over_nulls(A) ::= RESPECT_NULLS.          { A = 1; }
over_nulls(A) ::= IGNORE_NULLS.           { A = 2; }
over_nulls(A) ::= FROM_FIRST.             { A = 0; }
over_nulls(A) ::= FROM_FIRST RESPECT_NULLS. { A = 1; }
over_nulls(A) ::= FROM_FIRST IGNORE_NULLS.  { A = 2; }
over_nulls(A) ::= FROM_LAST.              { A = 4; }
over_nulls(A) ::= FROM_LAST RESPECT_NULLS. { A = 5; }
over_nulls(A) ::= FROM_LAST IGNORE_NULLS.  { A = 6; }

%type window {WindowSpec*}
window(A) ::= ident(N).                 { A = b->make<WindowSpec>(); A->name = N; A->by_name_only = true; }
window(A) ::= LP window_spec(W) RP.     { A = W; }

%type window_spec {WindowSpec*}
window_spec(A) ::= window_base(N) window_partition(P) order_by_opt(O) window_frame(F).
                                        { A = b->window_spec(N, P, O, F); }
%type window_base {Str}
window_base(A) ::= .          { A = {}; }
window_base(A) ::= ident(N).  { A = N; }
%type window_partition {List<const Expr*>*}
window_partition(A) ::= .                           { A = nullptr; }
window_partition(A) ::= PARTITION BY expr_list(L).  { A = L; }
%type window_frame {FrameClause*}
window_frame(A) ::= .                               { A = nullptr; }
window_frame(A) ::= frame_unit(U) frame_bound(S) frame_exclude(X).
                                                    { A = b->frame(U, S, nullptr, X); }
window_frame(A) ::= frame_unit(U) BETWEEN frame_bound(S) AND frame_bound(E) frame_exclude(X).
                                                    { A = b->frame(U, S, E, X); }
frame_unit(A) ::= ROWS.    { A = static_cast<int>(FrameUnit::kRows); }
frame_unit(A) ::= RANGE.   { A = static_cast<int>(FrameUnit::kRange); }
frame_unit(A) ::= GROUPS.  { A = static_cast<int>(FrameUnit::kGroups); }
%type frame_bound {FrameBound*}
frame_bound(A) ::= UNBOUNDED PRECEDING.   { A = b->bound(FrameBoundKind::kUnboundedPreceding, nullptr); }
frame_bound(A) ::= UNBOUNDED FOLLOWING.   { A = b->bound(FrameBoundKind::kUnboundedFollowing, nullptr); }
frame_bound(A) ::= CURRENT ROW.           { A = b->bound(FrameBoundKind::kCurrentRow, nullptr); }
frame_bound(A) ::= frame_offset(X) PRECEDING.  { A = b->bound(FrameBoundKind::kPreceding, X); }
frame_bound(A) ::= frame_offset(X) FOLLOWING.  { A = b->bound(FrameBoundKind::kFollowing, X); }
%type frame_offset {Expr*}
frame_offset(A) ::= literal(X).                      { A = X; }
frame_offset(A) ::= param(X).                        { A = X; }
frame_offset(A) ::= USER_VAR(T).                     { A = b->user_variable(T); }
frame_offset(A) ::= MINUS(T) literal(X).             { A = b->unary(UnaryOp::kNegate, T, X); }
frame_offset(A) ::= INTERVAL(T) expr(V) unit(U).     { A = b->interval(T, V, U); }
frame_exclude(A) ::= .                     { A = static_cast<int>(FrameExclusion::kNone); }
frame_exclude(A) ::= EXCLUDE CURRENT ROW.  { A = static_cast<int>(FrameExclusion::kCurrentRow); }
frame_exclude(A) ::= EXCLUDE GROUP.        { A = static_cast<int>(FrameExclusion::kGroup); }
frame_exclude(A) ::= EXCLUDE TIES.         { A = static_cast<int>(FrameExclusion::kTies); }
frame_exclude(A) ::= EXCLUDE NO OTHERS.    { A = static_cast<int>(FrameExclusion::kNoOthers); }

// ==== Data types ====================================================================================

%type charset_name {Str}
charset_name(A) ::= ident_or_text(X).  { A = X; }
charset_name(A) ::= BINARY.            { A = b->str("binary"); }

%type collation_name {Str}
collation_name(A) ::= ident_or_text(X).  { A = X; }
collation_name(A) ::= BINARY.            { A = b->str("binary"); }
collation_name(A) ::= DEFAULT.           { A = b->str("DEFAULT"); }

charset_words ::= CHAR SET.
charset_words ::= CHARACTER SET.
charset_words ::= CHARSET.

%type type {DataType*}
type(A) ::= int_type(N) length_opt(L) number_attrs(F).  { A = b->number_type(N, L, F); }
type(A) ::= real_type(N) precision_opt(L) number_attrs(F). { A = b->number_type(N, L, F); }
type(A) ::= BIT_TYPE length_opt(L).       { A = b->sized_type(TypeName::kBit, L); }
type(A) ::= BOOL.                         { A = b->type(TypeName::kBool); }
type(A) ::= BOOLEAN.                      { A = b->type(TypeName::kBool); }
type(A) ::= SERIAL.                       { A = b->type(TypeName::kSerial); }
type(A) ::= DATE_TYPE.                    { A = b->type(TypeName::kDate); }
type(A) ::= TIME_TYPE length_opt(L).      { A = b->sized_type(TypeName::kTime, L); }
type(A) ::= DATETIME length_opt(L).       { A = b->sized_type(TypeName::kDateTime, L); }
type(A) ::= TIMESTAMP_TYPE length_opt(L). { A = b->sized_type(TypeName::kTimestamp, L); }
type(A) ::= YEAR_TYPE length_opt(L) number_attrs(F).      { A = b->number_type(static_cast<int>(TypeName::kYear), L, F); }
type(A) ::= char_type(N) length_opt(L) char_attrs(C).     { A = b->char_type(N, L, C); }
type(A) ::= nchar_type(N) length_opt(L) char_attrs(C).    { A = b->char_type(N, L, C); A->is_national = true; }
type(A) ::= text_type(N) length_opt(L) char_attrs(C).     { A = b->char_type(N, L, C); }
type(A) ::= BINARY length_opt(L).         { A = b->sized_type(TypeName::kBinary, L); }
type(A) ::= VARBINARY length_opt(L) compressed_opt(C). { A = b->sized_type(TypeName::kVarBinary, L); A->compressed = C != 0; }
type(A) ::= blob_type(N) length_opt(L) compressed_opt(C). { A = b->sized_type(static_cast<TypeName>(N), L); A->compressed = C != 0; }
type(A) ::= ENUM LP string_list(L) RP char_attrs(C).  { A = b->set_type(TypeName::kEnum, L, C); }
type(A) ::= SET LP string_list(L) RP char_attrs(C).   { A = b->set_type(TypeName::kSet, L, C); }
type(A) ::= JSON char_attrs(C).           { A = b->char_type(static_cast<int>(TypeName::kJson), nullptr, C); }
type(A) ::= geometry_type(N) precision_opt(L).            { A = b->number_type(N, L, 0); }
type(A) ::= UUID length_opt(L).           { A = b->sized_type(TypeName::kUuid, L); }
type(A) ::= INET4 length_opt(L).          { A = b->sized_type(TypeName::kInet4, L); }
type(A) ::= INET6 length_opt(L).          { A = b->sized_type(TypeName::kInet6, L); }
type(A) ::= VECTOR length_opt(L).         { A = b->sized_type(TypeName::kVector, L); }
type(A) ::= XMLTYPE.                      { A = b->type(TypeName::kXmlType); }

int_type(A) ::= TINYINT.    { A = static_cast<int>(TypeName::kTinyInt); }
int_type(A) ::= SMALLINT.   { A = static_cast<int>(TypeName::kSmallInt); }
int_type(A) ::= MEDIUMINT.  { A = static_cast<int>(TypeName::kMediumInt); }
int_type(A) ::= INT.        { A = static_cast<int>(TypeName::kInt); }
int_type(A) ::= BIGINT.     { A = static_cast<int>(TypeName::kBigInt); }

real_type(A) ::= DECIMAL_TYPE.      { A = static_cast<int>(TypeName::kDecimal); }
real_type(A) ::= FIXED.             { A = static_cast<int>(TypeName::kDecimal); }
real_type(A) ::= NUMBER.            { A = static_cast<int>(TypeName::kDecimal); }
real_type(A) ::= FLOAT_TYPE.        { A = static_cast<int>(TypeName::kFloat); }
real_type(A) ::= REAL.              { A = static_cast<int>(b->real_type()); }
real_type(A) ::= DOUBLE.            { A = static_cast<int>(TypeName::kDouble); }
real_type(A) ::= DOUBLE PRECISION.  { A = static_cast<int>(TypeName::kDouble); }

char_type(A) ::= CHAR.               { A = static_cast<int>(TypeName::kChar); }
char_type(A) ::= CHARACTER.          { A = static_cast<int>(TypeName::kChar); }
char_type(A) ::= CHAR VARYING.       { A = static_cast<int>(TypeName::kVarChar); }
char_type(A) ::= CHARACTER VARYING.  { A = static_cast<int>(TypeName::kVarChar); }
char_type(A) ::= VARCHAR.            { A = static_cast<int>(TypeName::kVarChar); }
nchar_type(A) ::= NCHAR.                       { A = static_cast<int>(TypeName::kChar); }
nchar_type(A) ::= NATIONAL CHAR.               { A = static_cast<int>(TypeName::kChar); }
nchar_type(A) ::= NATIONAL CHARACTER.          { A = static_cast<int>(TypeName::kChar); }
nchar_type(A) ::= NVARCHAR.                    { A = static_cast<int>(TypeName::kVarChar); }
nchar_type(A) ::= NCHAR VARCHAR.               { A = static_cast<int>(TypeName::kVarChar); }
nchar_type(A) ::= NCHAR VARYING.               { A = static_cast<int>(TypeName::kVarChar); }
nchar_type(A) ::= NATIONAL VARCHAR.            { A = static_cast<int>(TypeName::kVarChar); }
nchar_type(A) ::= NATIONAL CHAR VARYING.       { A = static_cast<int>(TypeName::kVarChar); }
nchar_type(A) ::= NATIONAL CHARACTER VARYING.  { A = static_cast<int>(TypeName::kVarChar); }
text_type(A) ::= TINYTEXT.           { A = static_cast<int>(TypeName::kTinyText); }
text_type(A) ::= TEXT.               { A = static_cast<int>(TypeName::kText); }
text_type(A) ::= MEDIUMTEXT.         { A = static_cast<int>(TypeName::kMediumText); }
text_type(A) ::= LONGTEXT.           { A = static_cast<int>(TypeName::kLongText); }
text_type(A) ::= LONG.               { A = static_cast<int>(TypeName::kMediumText); }
text_type(A) ::= LONG VARCHAR.       { A = static_cast<int>(TypeName::kMediumText); }
blob_type(A) ::= TINYBLOB.           { A = static_cast<int>(TypeName::kTinyBlob); }
blob_type(A) ::= BLOB.               { A = static_cast<int>(TypeName::kBlob); }
blob_type(A) ::= MEDIUMBLOB.         { A = static_cast<int>(TypeName::kMediumBlob); }
blob_type(A) ::= LONGBLOB.           { A = static_cast<int>(TypeName::kLongBlob); }
blob_type(A) ::= LONG VARBINARY.     { A = static_cast<int>(TypeName::kMediumBlob); }
geometry_type(A) ::= GEOMETRY.            { A = static_cast<int>(TypeName::kGeometry); }
geometry_type(A) ::= POINT.               { A = static_cast<int>(TypeName::kPoint); }
geometry_type(A) ::= LINESTRING.          { A = static_cast<int>(TypeName::kLineString); }
geometry_type(A) ::= POLYGON.             { A = static_cast<int>(TypeName::kPolygon); }
geometry_type(A) ::= MULTIPOINT.          { A = static_cast<int>(TypeName::kMultiPoint); }
geometry_type(A) ::= MULTILINESTRING.     { A = static_cast<int>(TypeName::kMultiLineString); }
geometry_type(A) ::= MULTIPOLYGON.        { A = static_cast<int>(TypeName::kMultiPolygon); }
geometry_type(A) ::= GEOMETRYCOLLECTION.  { A = static_cast<int>(TypeName::kGeometryCollection); }

%type length_opt {TypeLength*}
length_opt(A) ::= .                   { A = nullptr; }
length_opt(A) ::= LP number(N) RP.    { A = b->length(N); }
%type precision_opt {TypeLength*}
precision_opt(A) ::= length_opt(L).   { A = L; }
precision_opt(A) ::= LP number(N) COMMA number(D) RP.  { A = b->length(N, D); }

// Bits: 1 unsigned, 2 zerofill, 4 signed.
number_attrs(A) ::= .                            { A = 0; }
number_attrs(A) ::= number_attrs(F) UNSIGNED.    { A = F | 1; }
number_attrs(A) ::= number_attrs(F) ZEROFILL.    { A = F | 3; }
number_attrs(A) ::= number_attrs(F) SIGNED.      { A = F | 4; }

compressed_opt(A) ::= .             { A = 0; }
compressed_opt(A) ::= COMPRESSED compressed_method.   { A = 1; }
compressed_method ::= .
compressed_method ::= EQ ident.

%type char_attrs {DataType*}
char_attrs(A) ::= .                                           { A = b->make<DataType>(); }
char_attrs(A) ::= char_attrs(C) charset_words charset_name(N). { A = C; A->charset = N; }
char_attrs(A) ::= char_attrs(C) charset_words EQ charset_name(N). { A = C; A->charset = N; }
char_attrs(A) ::= char_attrs(C) ASCII.                        { A = C; A->is_ascii = true; }
char_attrs(A) ::= char_attrs(C) UNICODE.                      { A = C; A->is_unicode = true; }
char_attrs(A) ::= char_attrs(C) BYTE.                         { A = C; A->is_byte = true; }
char_attrs(A) ::= char_attrs(C) BINARY.                       { A = C; A->binary_collation = true; }
char_attrs(A) ::= char_attrs(C) COMPRESSED compressed_method. { A = C; A->compressed = true; }

// CAST(… AS type)
%type cast_type {DataType*}
cast_type(A) ::= BINARY length_opt(L).             { A = b->sized_type(TypeName::kBinary, L); }
cast_type(A) ::= char_type length_opt(L) char_attrs(C) cast_collate(N).
                              { A = b->char_type(static_cast<int>(TypeName::kChar), L, C); A->collation = N; }
cast_type(A) ::= nchar_type(N) length_opt(L).      { A = b->sized_type(static_cast<TypeName>(N), L); A->is_national = true; }
%type cast_collate {Str}
cast_collate(A) ::= .                           { A = {}; }
cast_collate(A) ::= COLLATE collation_name(N).  { A = N; }
cast_type(A) ::= SIGNED.                           { A = b->type(TypeName::kSigned); }
cast_type(A) ::= SIGNED INT.                       { A = b->type(TypeName::kSigned); }
cast_type(A) ::= UNSIGNED.                         { A = b->type(TypeName::kUnsigned); }
cast_type(A) ::= UNSIGNED INT.                     { A = b->type(TypeName::kUnsigned); }
cast_type(A) ::= INT.                              { A = b->type(TypeName::kSigned); }
cast_type(A) ::= DATE_TYPE.                        { A = b->type(TypeName::kDate); }
cast_type(A) ::= YEAR_TYPE.                        { A = b->type(TypeName::kYear); }
cast_type(A) ::= TIME_TYPE length_opt(L).          { A = b->sized_type(TypeName::kTime, L); }
cast_type(A) ::= DATETIME length_opt(L).           { A = b->sized_type(TypeName::kDateTime, L); }
cast_type(A) ::= TIMESTAMP_TYPE length_opt(L).     { A = b->sized_type(TypeName::kTimestamp, L); }
cast_type(A) ::= DECIMAL_TYPE precision_opt(L).    { A = b->number_type(static_cast<int>(TypeName::kDecimal), L, 0); }
cast_type(A) ::= JSON.                             { A = b->type(TypeName::kJson); }
cast_type(A) ::= REAL.                             { A = b->type(b->real_type()); }
cast_type(A) ::= DOUBLE precision_opt(L).          { A = b->number_type(static_cast<int>(TypeName::kDouble), L, 0); }
cast_type(A) ::= DOUBLE PRECISION.                 { A = b->type(TypeName::kDouble); }
cast_type(A) ::= FLOAT_TYPE length_opt(L).         { A = b->sized_type(TypeName::kFloat, L); }
cast_type(A) ::= geometry_type(N).                 { A = b->type(static_cast<TypeName>(N)); }
cast_type(A) ::= UUID.                             { A = b->type(TypeName::kUuid); }
cast_type(A) ::= INET4.                            { A = b->type(TypeName::kInet4); }
cast_type(A) ::= INET6.                            { A = b->type(TypeName::kInet6); }

// ==== Queries =======================================================================================

// A query as a statement, or as what CREATE TABLE and INSERT read from: with or without parentheses.
%type select_query {Query*}
select_query(A) ::= query_expr(Q).    { A = Q; }
select_query(A) ::= query_parens(Q).  { A = Q; }

%type query_parens {Query*}
query_parens(A) ::= LP(T) query_parens(Q) RP.  { A = b->in_parentheses(T, Q); }
query_parens(A) ::= LP(T) query_expr(Q) RP.    { A = b->in_parentheses(T, Q); }

// [WITH …] body [ORDER BY …] [LIMIT …] [FOR UPDATE …] [INTO …]
%type query_expr {Query*}
query_expr(A) ::= query_body(B) query_suffix_opt(S).          { A = b->query_of(nullptr, B, S); }
query_expr(A) ::= with(W) query_body(B) query_suffix_opt(S).  { A = b->query_of(W, B, S); }
query_expr(A) ::= query_parens(Q) query_suffix(S).            { A = b->query_of(nullptr, b->nested(Q), S); }
query_expr(A) ::= with(W) query_parens(Q) query_suffix_opt(S). { A = b->query_of(W, b->nested(Q), S); }

%type query_body {QueryBody*}
query_body(A) ::= query_primary(P).   { A = P; }
query_body(A) ::= query_operand(X) UNION distinct_opt_u(D) query_operand(Y). [UNION]
                                      { A = b->set_operation(X, SetOp::kUnion, D, Y); }
query_body(A) ::= query_operand(X) EXCEPT distinct_opt_u(D) query_operand(Y). [EXCEPT]
                                      { A = b->set_operation(X, SetOp::kExcept, D, Y); }
query_body(A) ::= query_operand(X) INTERSECT distinct_opt_u(D) query_operand(Y). [INTERSECT]
                                      { A = b->set_operation(X, SetOp::kIntersect, D, Y); }
%type query_operand {QueryBody*}
query_operand(A) ::= query_body(X).    { A = X; }
query_operand(A) ::= query_parens(Q).  { A = b->nested(Q); }

distinct_opt_u(A) ::= .          { A = 0; }
distinct_opt_u(A) ::= DISTINCT.  { A = 0; }
distinct_opt_u(A) ::= ALL.       { A = 1; }

%type query_primary {QueryBody*}
query_primary(A) ::= select_head(H) select_items(L) into_opt(I) from_opt(F) where_opt(W)
                     group_by_opt(G) having_opt(V) windows_opt(N).
                                        { A = b->select(H, L, I, F, W, G, V, N); }
query_primary(A) ::= VALUES(T) values_rows(L).    { A = b->values_body(T, L); }
query_primary(A) ::= TABLE(T) table_name(N) as_of_opt(O).  { A = b->table_body(T, *N, O); }

%type values_rows {List<const RowExpr*>*}
values_rows(A) ::= values_row(R).                       { A = b->list<const RowExpr*>(R); }
values_rows(A) ::= values_rows(L) COMMA values_row(R).  { A = b->append(L, static_cast<const RowExpr*>(R)); }
%type values_row {RowExpr*}
values_row(A) ::= ROW_LP(T) LP value_list(L) RP.  { A = b->row(T, L); }
values_row(A) ::= ROW_LP(T) LP RP.                { A = b->row(T, b->no_exprs()); }
values_row(A) ::= LP(T) value_list(L) RP.         { A = b->row(T, L); }

// A value of a row: an expression or DEFAULT.
%type value {Expr*}
value(A) ::= expr(X).     { A = X; }
value(A) ::= DEFAULT(T).  { A = b->default_of(T, nullptr); }
%type value_list {List<const Expr*>*}
value_list(A) ::= value(X).                      { A = b->exprs(X); }
value_list(A) ::= value_list(L) COMMA value(X).  { A = b->append_expr(L, X); }

%type select_head {SelectHead*}
select_head(A) ::= SELECT(T).                          { A = b->select_head(T); }
select_head(A) ::= select_head(H) ALL.                 { A = H; H->options.all = true; }
select_head(A) ::= select_head(H) DISTINCT.            { A = H; H->options.distinct = true; }
select_head(A) ::= select_head(H) STRAIGHT_JOIN.       { A = H; H->options.straight_join = true; }
select_head(A) ::= select_head(H) HIGH_PRIORITY.       { A = H; H->options.high_priority = true; }
select_head(A) ::= select_head(H) SQL_SMALL_RESULT.    { A = H; H->options.small_result = true; }
select_head(A) ::= select_head(H) SQL_BIG_RESULT.      { A = H; H->options.big_result = true; }
select_head(A) ::= select_head(H) SQL_BUFFER_RESULT.   { A = H; H->options.buffer_result = true; }
select_head(A) ::= select_head(H) SQL_CALC_FOUND_ROWS. { A = H; H->options.calc_found_rows = true; }
select_head(A) ::= select_head(H) SQL_NO_CACHE.        { A = H; H->options.no_cache = true; }
select_head(A) ::= select_head(H) SQL_CACHE.           { A = H; H->options.cache = true; }

%type select_items {List<SelectItem>*}
select_items(A) ::= select_item(X).                        { A = b->list<SelectItem>(*X); }
select_items(A) ::= select_items(L) COMMA select_item(X).  { A = b->append(L, *X); }
%type select_item {SelectItem*}
select_item(A) ::= STAR(T).                              { A = b->star(T, {}, {}); }
select_item(A) ::= ident(T) DOT STAR(E).                 { A = b->star(E, {}, T); }
select_item(A) ::= ident(D) DOT ident(T) DOT STAR(E).    { A = b->star(E, D, T); }
select_item(A) ::= expr(X).                              { A = b->select_item(X, {}, false); }
select_item(A) ::= expr(X) ident_or_text(N).             { A = b->select_item(X, N, true); }
select_item(A) ::= expr(X) AS ident_or_text(N).          { A = b->select_item(X, N, true); }

%type from_opt {TableRef*}
from_opt(A) ::= .                    { A = nullptr; }
from_opt(A) ::= FROM DUAL.           { A = nullptr; }
from_opt(A) ::= FROM table_refs(T).  { A = T; }

%type where_opt {Expr*}
where_opt(A) ::= .               { A = nullptr; }
where_opt(A) ::= WHERE expr(X).  { A = X; }

%type having_opt {Expr*}
having_opt(A) ::= .                { A = nullptr; }
having_opt(A) ::= HAVING expr(X).  { A = X; }

%type group_by_opt {GroupBy*}
group_by_opt(A) ::= .                                     { A = nullptr; }
group_by_opt(A) ::= GROUP BY order_list(L).               { A = b->group_by(L, false); }
group_by_opt(A) ::= GROUP BY order_list(L) WITH_ROLLUP.   { A = b->group_by(L, true); }
group_by_opt(A) ::= GROUP BY ROLLUP_LP LP order_list(L) RP.  { A = b->group_by(L, true); }

%type windows_opt {List<const WindowSpec*>*}
windows_opt(A) ::= .                                 { A = nullptr; }
windows_opt(A) ::= WINDOW window_definitions(L).     { A = L; }
%type window_definitions {List<const WindowSpec*>*}
window_definitions(A) ::= window_definition(W).      { A = b->list<const WindowSpec*>(W); }
window_definitions(A) ::= window_definitions(L) COMMA window_definition(W).
                                          { A = b->append(L, static_cast<const WindowSpec*>(W)); }
%type window_definition {WindowSpec*}
window_definition(A) ::= ident(N) AS LP window_spec(W) RP.  { A = W; A->name = N; }

// ---- ORDER BY, LIMIT, locking, INTO -----------------------------------------------------------------

%type query_suffix_opt {QuerySuffix*}
query_suffix_opt(A) ::= .                 { A = nullptr; }
query_suffix_opt(A) ::= query_suffix(S).  { A = S; }
%type query_suffix {QuerySuffix*}
query_suffix(A) ::= order_by(O) limit_opt(L) query_tails_opt(T).  { A = b->suffix(T, O, L); }
query_suffix(A) ::= limit_clause(L) query_tails_opt(T).           { A = b->suffix(T, nullptr, L); }
query_suffix(A) ::= query_tails(T).                               { A = T; }
%type query_tails_opt {QuerySuffix*}
query_tails_opt(A) ::= .                { A = b->make<QuerySuffix>(); }
query_tails_opt(A) ::= query_tails(T).  { A = T; }
%type query_tails {QuerySuffix*}
query_tails(A) ::= query_tail(T).                  { A = T; }
query_tails(A) ::= query_tails(L) query_tail(T).   { A = b->merge_tails(L, T); }
%type query_tail {QuerySuffix*}
query_tail(A) ::= FOR UPDATE lock_of(O) lock_wait(W).   { A = b->locking(LockStrength::kUpdate, O, W); }
query_tail(A) ::= FOR SHARE lock_of(O) lock_wait(W).    { A = b->locking(LockStrength::kShare, O, W); }
query_tail(A) ::= LOCK IN SHARE MODE lock_wait(W).      { A = b->locking(LockStrength::kShare, nullptr, W); }
query_tail(A) ::= into(I).                              { A = b->into_tail(I); }
query_tail(A) ::= PROCEDURE ident(F) LP call_args(L) RP. { A = b->procedure_tail(F, L); }
%type lock_of {List<ObjectName>*}
lock_of(A) ::= .                   { A = nullptr; }
lock_of(A) ::= OF table_names(L).  { A = L; }
%type lock_wait {WaitClause*}
lock_wait(A) ::= .                        { A = nullptr; }
lock_wait(A) ::= NOWAIT.                  { A = b->wait(LockWait::kNoWait, nullptr); }
lock_wait(A) ::= SKIP LOCKED.             { A = b->wait(LockWait::kSkipLocked, nullptr); }
lock_wait(A) ::= WAIT integer_literal(N). { A = b->wait(LockWait::kSeconds, N); }

%type order_by_opt {List<OrderItem>*}
order_by_opt(A) ::= .             { A = nullptr; }
order_by_opt(A) ::= order_by(L).  { A = L; }
%type order_by {List<OrderItem>*}
order_by(A) ::= ORDER BY order_list(L).  { A = L; }
%type order_list {List<OrderItem>*}
order_list(A) ::= order_item(X).                      { A = b->list<OrderItem>(*X); }
order_list(A) ::= order_list(L) COMMA order_item(X).  { A = b->append(L, *X); }
%type order_item {OrderItem*}
order_item(A) ::= expr(X).       { A = b->order_item(X, false, false); }
order_item(A) ::= expr(X) ASC.   { A = b->order_item(X, false, true); }
order_item(A) ::= expr(X) DESC.  { A = b->order_item(X, true, true); }

%type limit_opt {LimitClause*}
limit_opt(A) ::= .                 { A = nullptr; }
limit_opt(A) ::= limit_clause(L).  { A = L; }
%type limit_clause {LimitClause*}
limit_clause(A) ::= LIMIT limit_value(N).                          { A = b->limit(N, nullptr); }
limit_clause(A) ::= LIMIT limit_value(O) COMMA limit_value(N).     { A = b->limit(N, O); }
limit_clause(A) ::= LIMIT limit_value(N) OFFSET limit_value(O).    { A = b->limit(N, O); }
limit_clause(A) ::= LIMIT limit_value(N) rows_examined(R).         { A = b->limit(N, nullptr, R); }
limit_clause(A) ::= LIMIT limit_value(O) COMMA limit_value(N) rows_examined(R).   { A = b->limit(N, O, R); }
limit_clause(A) ::= LIMIT limit_value(N) OFFSET limit_value(O) rows_examined(R).  { A = b->limit(N, O, R); }
limit_clause(A) ::= LIMIT rows_examined(R).                        { A = b->limit(nullptr, nullptr, R); }
limit_clause(A) ::= OFFSET limit_value(O) rows_opt.                { A = b->limit(nullptr, O); }
limit_clause(A) ::= OFFSET limit_value(O) rows_opt fetch(N).       { A = N; A->offset = O; }
limit_clause(A) ::= fetch(N).                                      { A = N; }
%type rows_examined {Expr*}
rows_examined(A) ::= ROWS EXAMINED limit_value(N).  { A = N; }
%type fetch {LimitClause*}
fetch(A) ::= FETCH first_next rows_word ONLY.                   { A = b->fetch(nullptr, false); }
fetch(A) ::= FETCH first_next rows_word WITH TIES.              { A = b->fetch(nullptr, true); }
fetch(A) ::= FETCH first_next limit_value(N) rows_word ONLY.      { A = b->fetch(N, false); }
fetch(A) ::= FETCH first_next limit_value(N) rows_word WITH TIES. { A = b->fetch(N, true); }
first_next ::= FIRST.
first_next ::= NEXT.
rows_word ::= ROW.
rows_word ::= ROWS.
rows_opt ::= .
rows_opt ::= rows_word.
%type limit_value {Expr*}
limit_value(A) ::= integer_literal(X).  { A = X; }
limit_value(A) ::= param(X).            { A = X; }
limit_value(A) ::= ident(N).            { A = b->column({}, {}, N); }
limit_value(A) ::= USER_VAR(T).         { A = b->user_variable(T); }

%type into_opt {IntoClause*}
into_opt(A) ::= . [CONDITIONLESS]  { A = nullptr; }
into_opt(A) ::= into(I).  { A = I; }
%type into {IntoClause*}
into(A) ::= INTO OUTFILE text_string(F) load_charset(C) fields_opt(X) lines_opt(L).
                                          { A = b->outfile(F, C, X, L); }
into(A) ::= INTO DUMPFILE text_string(F). { A = b->dumpfile(F); }
into(A) ::= INTO into_variables(L).       { A = b->into_variables(L); }
%type into_variables {List<IntoVariable>*}
into_variables(A) ::= into_variable(V).                          { A = b->list<IntoVariable>(*V); }
into_variables(A) ::= into_variables(L) COMMA into_variable(V).  { A = b->append(L, *V); }
%type into_variable {IntoVariable*}
into_variable(A) ::= USER_VAR(T).  { A = b->into_variable(true, b->variable_name(T)); }
into_variable(A) ::= ident(N).     { A = b->into_variable(false, N); }

%type load_charset {Str}
load_charset(A) ::= .                               { A = {}; }
load_charset(A) ::= charset_words charset_name(C).  { A = C; }
%type fields_opt {FieldFormat*}
fields_opt(A) ::= .                           { A = nullptr; }
fields_opt(A) ::= COLUMNS field_options(F).   { A = F; }
%type field_options {FieldFormat*}
field_options(A) ::= field_option(F).                    { A = F; }
field_options(A) ::= field_options(L) field_option(F).   { A = b->merge_format(L, F); }
%type field_option {FieldFormat*}
field_option(A) ::= TERMINATED BY text_string(S).  { A = b->make<FieldFormat>(); A->fields_terminated = S; }
field_option(A) ::= ENCLOSED BY text_string(S).    { A = b->make<FieldFormat>(); A->fields_enclosed = S; }
field_option(A) ::= OPTIONALLY ENCLOSED BY text_string(S).
                            { A = b->make<FieldFormat>(); A->fields_enclosed = S; A->optionally_enclosed = true; }
field_option(A) ::= ESCAPED BY text_string(S).     { A = b->make<FieldFormat>(); A->fields_escaped = S; }
%type lines_opt {FieldFormat*}
lines_opt(A) ::= .                       { A = nullptr; }
lines_opt(A) ::= LINES line_options(L).  { A = L; }
%type line_options {FieldFormat*}
line_options(A) ::= line_option(F).                  { A = F; }
line_options(A) ::= line_options(L) line_option(F).  { A = b->merge_format(L, F); }
%type line_option {FieldFormat*}
line_option(A) ::= TERMINATED BY text_string(S).  { A = b->make<FieldFormat>(); A->lines_terminated = S; }
line_option(A) ::= STARTING BY text_string(S).    { A = b->make<FieldFormat>(); A->lines_starting = S; }

// ---- WITH [RECURSIVE] ------------------------------------------------------------------------------

%type with {WithClause*}
with(A) ::= WITH(T) cte_list(L).            { A = b->with(T, L, false); }
with(A) ::= WITH(T) RECURSIVE cte_list(L).  { A = b->with(T, L, true); }
%type cte_list {List<CommonTableExpr>*}
cte_list(A) ::= cte(C).                    { A = b->list<CommonTableExpr>(*C); }
cte_list(A) ::= cte_list(L) COMMA cte(C).  { A = b->append(L, *C); }
%type cte {CommonTableExpr*}
cte(A) ::= ident(N) paren_idents_opt(L) AS query_parens(Q) cycle_opt(C).  { A = b->cte(N, L, Q, C); }
%type cycle_opt {List<Identifier>*}
cycle_opt(A) ::= .                                { A = nullptr; }
cycle_opt(A) ::= CYCLE ident_list(L) RESTRICT.    { A = L; }

// ---- FROM ------------------------------------------------------------------------------------------

%type table_refs {TableRef*}
table_refs(A) ::= table_ref(T).                      { A = T; }
table_refs(A) ::= table_refs(L) COMMA table_ref(R).  { A = b->join(L, JoinKind::kComma, R); }

%type table_ref {TableRef*}
table_ref(A) ::= table_factor(T).   { A = T; }
table_ref(A) ::= joined_table(T).   { A = T; }
table_ref(A) ::= LBRACE ident table_ref(T) RBRACE.  { A = T; }

inner_join(A) ::= JOIN.           { A = static_cast<int>(JoinKind::kInner); }
inner_join(A) ::= INNER JOIN.     { A = static_cast<int>(JoinKind::kInner); }
inner_join(A) ::= CROSS JOIN.     { A = static_cast<int>(JoinKind::kInner); }
inner_join(A) ::= STRAIGHT_JOIN.  { A = static_cast<int>(JoinKind::kStraight); }
outer_join(A) ::= LEFT outer_opt JOIN.   { A = static_cast<int>(JoinKind::kLeft); }
outer_join(A) ::= RIGHT outer_opt JOIN.  { A = static_cast<int>(JoinKind::kRight); }
outer_join(A) ::= FULL_JOIN outer_opt JOIN.  { A = static_cast<int>(JoinKind::kFull); }
outer_opt ::= .
outer_opt ::= OUTER.
natural_join(A) ::= NATURAL JOIN.                  { A = static_cast<int>(JoinKind::kInner); }
natural_join(A) ::= NATURAL STRAIGHT_JOIN.         { A = static_cast<int>(JoinKind::kStraight); }
natural_join(A) ::= NATURAL INNER JOIN.            { A = static_cast<int>(JoinKind::kInner); }
natural_join(A) ::= NATURAL LEFT outer_opt JOIN.   { A = static_cast<int>(JoinKind::kLeft); }
natural_join(A) ::= NATURAL RIGHT outer_opt JOIN.  { A = static_cast<int>(JoinKind::kRight); }

// A join without ON takes as much as it can to its right; b->join puts it back in order.
%type joined_table {TableRef*}
joined_table(A) ::= table_ref(L) inner_join(K) table_ref(R) ON expr(X). [ON]
                            { A = b->join_on(L, static_cast<JoinKind>(K), R, X); }
joined_table(A) ::= table_ref(L) inner_join(K) table_ref(R) USING LP ident_list(U) RP. [USING]
                            { A = b->join_using(L, static_cast<JoinKind>(K), R, U); }
joined_table(A) ::= table_ref(L) inner_join(K) table_ref(R). [CONDITIONLESS]
                            { A = b->join_without_condition(L, static_cast<JoinKind>(K), R); }
joined_table(A) ::= table_ref(L) outer_join(K) table_ref(R) ON expr(X). [ON]
                            { A = b->join_on(L, static_cast<JoinKind>(K), R, X); }
joined_table(A) ::= table_ref(L) outer_join(K) table_ref(R) USING LP ident_list(U) RP. [USING]
                            { A = b->join_using(L, static_cast<JoinKind>(K), R, U); }
joined_table(A) ::= table_ref(L) natural_join(K) table_factor(R). [NATURAL]
                            { A = b->join_natural(L, static_cast<JoinKind>(K), R); }

%type table_factor {TableRef*}
table_factor(A) ::= table_name(N) partition_opt(P) as_of_opt(O) table_alias_opt(L) index_hints(H).
                            { A = b->named_table(N, P, O, L, H); }
table_factor(A) ::= table_name(N) LP call_args(L) RP as_of_opt(O) function_alias(S).
                            { A = b->table_function(N, L, O, S, false); }
table_factor(A) ::= LATERAL table_name(N) LP call_args(L) RP function_alias(S).
                            { A = b->table_function(N, L, nullptr, S, true); }
table_factor(A) ::= query_parens(Q) derived_alias(S) paren_idents_opt(C).
                            { A = b->derived(Q, S, C, false); }
table_factor(A) ::= LATERAL query_parens(Q) derived_alias(S) paren_idents_opt(C).
                            { A = b->derived(Q, S, C, true); }
table_factor(A) ::= JSON_TABLE(T) LP expr(X) COMMA text_expr(P) COLUMNS LP json_columns(L) RP RP table_alias_opt(S).
                            { A = b->json_table(T, X, P, L, S); }
table_factor(A) ::= LP(T) table_refs(R) RP.  { A = b->parenthesized_join(T, R); }

%type text_expr {Expr*}
text_expr(A) ::= string_literal(X).  { A = X; }
text_expr(A) ::= param(X).           { A = X; }

%type table_alias_opt {Str}
table_alias_opt(A) ::= .                      { A = {}; }
table_alias_opt(A) ::= ident(N).              { A = N; }
table_alias_opt(A) ::= AS ident_or_text(N).   { A = N; }
table_alias_opt(A) ::= EQ ident(N).           { A = N; }
%type function_alias {TableAlias*}
function_alias(A) ::= .                                          { A = b->table_alias({}, nullptr); }
function_alias(A) ::= ident(N) paren_idents_opt(C).              { A = b->table_alias(N, C); }
function_alias(A) ::= AS ident_or_text(N) paren_idents_opt(C).   { A = b->table_alias(N, C); }
%type derived_alias {Str}
derived_alias(A) ::= . [SUBQUERY]             { A = {}; }
derived_alias(A) ::= ident(N).                { A = N; }
derived_alias(A) ::= AS ident_or_text(N).     { A = N; }

%type partition_opt {List<Identifier>*}
partition_opt(A) ::= .                                { A = nullptr; }
partition_opt(A) ::= PARTITION LP ident_list(L) RP.   { A = L; }

// t AS OF 'x', FOR SYSTEM_TIME AS OF …, FOR VERSION AS OF …
%type as_of_opt {AsOfClause*}
as_of_opt(A) ::= .           { A = nullptr; }
as_of_opt(A) ::= as_of(O).   { A = O; }
%type as_of {AsOfClause*}
as_of(A) ::= AS_OF as_of_value(X).  { A = b->as_of(AsOfKind::kRevision, X, nullptr); }
as_of(A) ::= FOR_VERSION AS_OF as_of_value(X).  { A = b->as_of(AsOfKind::kVersion, X, nullptr); }
as_of(A) ::= FOR_SYSTEM_TIME AS_OF as_of_value(X).
                            { A = b->as_of(AsOfKind::kSystemTime, X, nullptr); }
as_of(A) ::= FOR_SYSTEM_TIME BETWEEN as_of_value(X) AND as_of_value(Y).
                            { A = b->as_of(AsOfKind::kSystemTimeBetween, X, Y); }
as_of(A) ::= FOR_SYSTEM_TIME FROM as_of_value(X) TO as_of_value(Y).
                            { A = b->as_of(AsOfKind::kSystemTimeFromTo, X, Y); }
as_of(A) ::= FOR_SYSTEM_TIME CONTAINED_IN LP as_of_value(X) COMMA as_of_value(Y) RP.
                            { A = b->as_of(AsOfKind::kSystemTimeContainedIn, X, Y); }
as_of(A) ::= FOR_SYSTEM_TIME ALL.  { A = b->as_of(AsOfKind::kSystemTimeAll, nullptr, nullptr); }
%type as_of_value {Expr*}
as_of_value(A) ::= bit_expr(X).                    { A = X; }
as_of_value(A) ::= TRANSACTION(F) bit_expr(X).     { A = b->call_word(F, b->exprs(X)); }
as_of_value(A) ::= TIMESTAMP_TYPE(F) bit_expr(X).  { A = b->call_word(F, b->exprs(X)); }

%type index_hints {List<IndexHint>*}
index_hints(A) ::= .                              { A = nullptr; }
index_hints(A) ::= index_hints(L) index_hint(H).  { A = b->append_or_new(L, *H); }
%type index_hint {IndexHint*}
index_hint(A) ::= USE index_word hint_scope(S) LP RP.
                            { A = b->index_hint(IndexHintKind::kUse, S, nullptr); }
index_hint(A) ::= USE index_word hint_scope(S) LP index_names(L) RP.
                            { A = b->index_hint(IndexHintKind::kUse, S, L); }
index_hint(A) ::= FORCE index_word hint_scope(S) LP index_names(L) RP.
                            { A = b->index_hint(IndexHintKind::kForce, S, L); }
index_hint(A) ::= IGNORE index_word hint_scope(S) LP index_names(L) RP.
                            { A = b->index_hint(IndexHintKind::kIgnore, S, L); }
hint_scope(A) ::= .              { A = static_cast<int>(IndexHintScope::kAll); }
hint_scope(A) ::= FOR JOIN.      { A = static_cast<int>(IndexHintScope::kJoin); }
hint_scope(A) ::= FOR ORDER BY.  { A = static_cast<int>(IndexHintScope::kOrderBy); }
hint_scope(A) ::= FOR GROUP BY.  { A = static_cast<int>(IndexHintScope::kGroupBy); }
%type index_word {Token}
index_word(A) ::= INDEX(T).  { A = T; }
index_word(A) ::= KEY(T).    { A = T; }
%type index_names {List<Identifier>*}
index_names(A) ::= index_name(N).                       { A = b->list<Identifier>(N); }
index_names(A) ::= index_names(L) COMMA index_name(N).  { A = b->append(L, Identifier(N)); }
%type index_name {Str}
index_name(A) ::= ident(N).  { A = N; }
index_name(A) ::= PRIMARY.   { A = b->str("PRIMARY"); }

%type json_columns {List<JsonTableColumn>*}
json_columns(A) ::= json_column(C).                       { A = b->list<JsonTableColumn>(*C); }
json_columns(A) ::= json_columns(L) COMMA json_column(C). { A = b->append(L, *C); }
%type json_column {JsonTableColumn*}
json_column(A) ::= ident(N) FOR ORDINALITY.  { A = b->json_ordinality(N); }
json_column(A) ::= ident(N) type(T) json_collate PATH text_expr(P) json_on_opt(O).
                                             { A = b->json_path(N, T, P, O); }
json_column(A) ::= ident(N) type(T) json_collate EXISTS PATH text_expr(P).
                                             { A = b->json_exists(N, T, P); }
json_column(A) ::= NESTED PATH text_expr(P) COLUMNS LP json_columns(L) RP.
                                             { A = b->json_nested(P, L); }
json_column(A) ::= NESTED text_expr(P) COLUMNS LP json_columns(L) RP.
                                             { A = b->json_nested(P, L); }
json_collate ::= .
json_collate ::= COLLATE collation_name.

// ==== Data manipulation =============================================================================

%type statement {Statement*}
statement(A) ::= row_statement(S).  { A = S; }
statement(A) ::= other_statement(S). { A = S; }

// What EXPLAIN takes.
%type row_statement {Statement*}
row_statement(A) ::= select_query(Q).       { A = b->query_statement(Q); }
row_statement(A) ::= insert_statement(S).   { A = S; }
row_statement(A) ::= update_statement(S).   { A = S; }
row_statement(A) ::= delete_statement(S).   { A = S; }

%type other_statement {Statement*}

// INSERT, REPLACE
%type insert_statement {Statement*}
insert_statement(A) ::= insert_head(H) insert_source(S) on_duplicate_opt(D) returning_opt(R).
                                              { A = b->insert(H, S, D, R); }
%type insert_head {InsertStatement*}
insert_head(A) ::= INSERT insert_priority(P) ignore_opt(I) into_word_opt table_name(T) partition_opt(L).
                                              { A = b->insert_head(false, P, I, T, L); }
insert_head(A) ::= REPLACE insert_priority(P) into_word_opt table_name(T) partition_opt(L).
                                              { A = b->insert_head(true, P, 0, T, L); }
into_word_opt ::= .
into_word_opt ::= INTO.
insert_priority(A) ::= .               { A = static_cast<int>(Priority::kNormal); }
insert_priority(A) ::= LOW_PRIORITY.   { A = static_cast<int>(Priority::kLow); }
insert_priority(A) ::= DELAYED.        { A = static_cast<int>(Priority::kDelayed); }
insert_priority(A) ::= HIGH_PRIORITY.  { A = static_cast<int>(Priority::kHigh); }
ignore_opt(A) ::= .        { A = 0; }
ignore_opt(A) ::= IGNORE.  { A = 1; }

%type insert_source {InsertSource*}
insert_source(A) ::= insert_values(R).                       { A = b->insert_rows(nullptr, R); }
insert_source(A) ::= LP RP insert_values(R).                 { A = b->insert_rows(b->no_columns(), R); }
insert_source(A) ::= LP insert_columns(C) RP insert_values(R). { A = b->insert_rows(C, R); }
insert_source(A) ::= select_query(Q).                        { A = b->insert_query(nullptr, Q); }
insert_source(A) ::= LP RP select_query(Q).                  { A = b->insert_query(b->no_columns(), Q); }
insert_source(A) ::= LP insert_columns(C) RP select_query(Q). { A = b->insert_query(C, Q); }
insert_source(A) ::= SET assignments(L).                     { A = b->insert_set(L, {}); }
insert_source(A) ::= SET assignments(L) AS ident(N) paren_idents_opt(C).
                                                             { A = b->insert_set(L, N, C); }
%type insert_columns {List<const ColumnExpr*>*}
insert_columns(A) ::= column_ref(C).                         { A = b->list<const ColumnExpr*>(C); }
insert_columns(A) ::= insert_columns(L) COMMA column_ref(C). { A = b->append(L, static_cast<const ColumnExpr*>(C)); }

// Rows that are all literals come as one LITERAL_ROWS from values_reader.
%type insert_values {InsertValues*}
insert_values(A) ::= INSERT_VALUES insert_rows.              { A = b->insert_values({}, nullptr); }
insert_values(A) ::= INSERT_VALUES insert_rows AS ident(N) paren_idents_opt(C).
                                                             { A = b->insert_values(N, C); }
insert_rows ::= insert_row.
insert_rows ::= insert_rows COMMA insert_row.
insert_row ::= LITERAL_ROWS.
insert_row ::= LP RP.                { b->add_row(nullptr); }
insert_row ::= LP value_list(L) RP.  { b->add_row(L); }

%type assignments {List<Assignment>*}
assignments(A) ::= assignment(X).                       { A = b->list<Assignment>(*X); }
assignments(A) ::= assignments(L) COMMA assignment(X).  { A = b->append(L, *X); }
%type assignment {Assignment*}
assignment(A) ::= column_ref(C) set_eq value(X).  { A = b->assignment(C, X); }

%type on_duplicate_opt {List<Assignment>*}
on_duplicate_opt(A) ::= .                                              { A = nullptr; }
on_duplicate_opt(A) ::= ON_DUPLICATE KEY UPDATE assignments(L).  { A = L; }

%type returning_opt {List<SelectItem>*}
returning_opt(A) ::= .                            { A = nullptr; }
returning_opt(A) ::= RETURNING select_items(L).   { A = L; }

// UPDATE
%type update_statement {Statement*}
update_statement(A) ::= update_head(W) low_priority_opt(P) ignore_opt(I) table_refs(T) SET assignments(L)
                        where_opt(X) order_by_opt(O) limit_opt(M) returning_opt(R).
                                              { A = b->update(W, P, I, T, L, X, O, M, R); }
%type update_head {WithClause*}
update_head(A) ::= UPDATE.           { A = nullptr; }
update_head(A) ::= with(W) UPDATE.   { A = W; }
low_priority_opt(A) ::= .              { A = 0; }
low_priority_opt(A) ::= LOW_PRIORITY.  { A = 1; }

// DELETE FROM t …; DELETE t1, t2 FROM …; DELETE FROM t1, t2 USING …
%type delete_statement {Statement*}
delete_statement(A) ::= delete_head(H) FROM table_name(N) partition_opt(P) as_of_opt table_alias_opt(L)
                        before_opt(B) where_opt(X) order_by_opt(O) limit_opt(M) returning_opt(R).
                                              { A = b->delete_single(H, N, P, L, B, X, O, M, R); }
delete_statement(A) ::= delete_head(H) FROM delete_targets(T) USING table_refs(F) where_opt(X)
                        order_by_opt(O) limit_opt(M) returning_opt(R).
                                              { A = b->delete_multi(H, T, F, X, O, M, R); }
delete_statement(A) ::= delete_head(H) delete_targets(T) FROM table_refs(F) where_opt(X)
                        order_by_opt(O) limit_opt(M) returning_opt(R).
                                              { A = b->delete_multi(H, T, F, X, O, M, R); }
delete_statement(A) ::= delete_head FROM table_name(N) FOR_PORTION any_tokens.
                                              { A = b->other("DELETE FOR PORTION OF", N); }
update_statement(A) ::= update_head low_priority_opt ignore_opt table_name(N) FOR_PORTION any_tokens.
                                              { A = b->other("UPDATE FOR PORTION OF", N); }
%type delete_head {DeleteStatement*}
delete_head(A) ::= DELETE.                      { A = b->delete_head(nullptr); }
delete_head(A) ::= with(W) DELETE.              { A = b->delete_head(W); }
delete_head(A) ::= delete_head(H) LOW_PRIORITY. { A = H; A->low_priority = true; }
delete_head(A) ::= delete_head(H) QUICK_OPT.    { A = H; A->quick = true; }
delete_head(A) ::= delete_head(H) IGNORE.       { A = H; A->ignore = true; }
delete_head(A) ::= delete_head(H) HISTORY_OPT.  { A = H; A->history = true; }
%type delete_targets {List<ObjectName>*}
delete_targets(A) ::= delete_target(N).                          { A = b->list<ObjectName>(*N); }
delete_targets(A) ::= delete_targets(L) COMMA delete_target(N).  { A = b->append(L, *N); }
%type delete_target {ObjectName*}
delete_target(A) ::= table_name(N).                        { A = N; }
delete_target(A) ::= ident(N) DOT STAR.                    { A = b->object({}, N); }
delete_target(A) ::= ident(D) DOT ident(N) DOT STAR.       { A = b->object(D, N); }
%type before_opt {AsOfClause*}
before_opt(A) ::= .                                  { A = nullptr; }
before_opt(A) ::= BEFORE SYSTEM_TIME as_of_value(X). { A = b->as_of(AsOfKind::kSystemTime, X, nullptr); }

// TRUNCATE, CALL, DO
other_statement(A) ::= TRUNCATE table_word_opt table_name(N) wait_opt.  { A = b->truncate(N); }
table_word_opt ::= .
table_word_opt ::= TABLE.
other_statement(A) ::= CALL table_name(N) as_of_opt(O).               { A = b->call_statement(N, nullptr, O); }
other_statement(A) ::= CALL table_name(N) LP RP as_of_opt(O).         { A = b->call_statement(N, nullptr, O); }
other_statement(A) ::= CALL table_name(N) LP expr_list(L) RP as_of_opt(O).  { A = b->call_statement(N, L, O); }
other_statement(A) ::= DO select_items(L).                            { A = b->do_statement(L); }

// LOAD DATA, LOAD XML
other_statement(A) ::= LOAD load_kind(K) load_priority(P) local_opt(L) INFILE text_string(F)
                       load_duplicates(D) INTO TABLE table_name(T) partition_opt(R) load_charset(C)
                       load_identified(I) fields_opt(X) lines_opt(Y) ignore_lines_opt(G)
                       load_targets_opt(M) load_set_opt(S).
                                      { A = b->load_data(K, P, L, F, D, T, R, C, I, X, Y, G, M, S); }
load_kind(A) ::= DATA.  { A = 0; }
load_kind(A) ::= XML.   { A = 1; }
load_priority(A) ::= .              { A = 0; }
load_priority(A) ::= LOW_PRIORITY.  { A = 1; }
load_priority(A) ::= CONCURRENT.    { A = 2; }
local_opt(A) ::= .       { A = 0; }
local_opt(A) ::= LOCAL.  { A = 1; }
load_duplicates(A) ::= .         { A = 0; }
load_duplicates(A) ::= REPLACE.  { A = 1; }
load_duplicates(A) ::= IGNORE.   { A = 2; }
%type load_identified {Str}
load_identified(A) ::= .                                   { A = {}; }
load_identified(A) ::= ROWS IDENTIFIED BY text_string(S).  { A = S; }
%type ignore_lines_opt {Expr*}
ignore_lines_opt(A) ::= .                                       { A = nullptr; }
ignore_lines_opt(A) ::= IGNORE integer_literal(N) lines_or_rows. { A = N; }
lines_or_rows ::= LINES.
lines_or_rows ::= ROWS.
%type load_targets_opt {List<LoadTarget>*}
load_targets_opt(A) ::= .                      { A = nullptr; }
load_targets_opt(A) ::= LP RP.                 { A = nullptr; }
load_targets_opt(A) ::= LP load_targets(L) RP. { A = L; }
%type load_targets {List<LoadTarget>*}
load_targets(A) ::= load_target(T).                       { A = b->list<LoadTarget>(*T); }
load_targets(A) ::= load_targets(L) COMMA load_target(T). { A = b->append(L, *T); }
%type load_target {LoadTarget*}
load_target(A) ::= column_ref(C).  { A = b->load_target(C); }
load_target(A) ::= USER_VAR(T).    { A = b->load_variable(b->variable_name(T)); }
%type load_set_opt {List<Assignment>*}
load_set_opt(A) ::= .                    { A = nullptr; }
load_set_opt(A) ::= SET assignments(L).  { A = L; }

// ==== Data definition ===============================================================================

// CREATE [OR REPLACE]
create(A) ::= CREATE.             { A = 0; }
create(A) ::= CREATE OR REPLACE.  { A = 1; }

if_not_exists(A) ::= .               { A = 0; }
if_not_exists(A) ::= IF NOT EXISTS.  { A = 1; }
if_exists(A) ::= .           { A = 0; }
if_exists(A) ::= IF EXISTS.  { A = 1; }

%type wait_opt {WaitClause*}
wait_opt(A) ::= .                        { A = nullptr; }
wait_opt(A) ::= NOWAIT.                  { A = b->wait(LockWait::kNoWait, nullptr); }
wait_opt(A) ::= WAIT integer_literal(N). { A = b->wait(LockWait::kSeconds, N); }

// ---- Databases -------------------------------------------------------------------------------------

other_statement(A) ::= create(R) DATABASE if_not_exists(I) ident(N) database_options(O).
                                      { A = b->create_database(R, I, N, O); }
other_statement(A) ::= create(R) DATABASE if_not_exists(I) ident(N).
                                      { A = b->create_database(R, I, N, nullptr); }
other_statement(A) ::= ALTER DATABASE ident(N) database_options(O).  { A = b->alter_database(N, O); }
other_statement(A) ::= ALTER DATABASE database_options(O).           { A = b->alter_database({}, O); }
other_statement(A) ::= ALTER DATABASE ident(N) UPGRADE DATA_DIRECTORY NAME.
                                      { A = b->upgrade_database(N); }
other_statement(A) ::= DROP DATABASE if_exists(I) ident(N).          { A = b->drop_database(I, N); }

%type database_options {DatabaseStatement*}
database_options(A) ::= database_option(O).                      { A = O; }
database_options(A) ::= database_options(L) database_option(O).  { A = b->merge_database(L, O); }
%type database_option {DatabaseStatement*}
database_option(A) ::= default_opt charset_words eq_opt charset_or_default(C).
                                      { A = b->make<DatabaseStatement>(); A->charset = C; }
database_option(A) ::= default_opt COLLATE eq_opt collation_name(C).
                                      { A = b->make<DatabaseStatement>(); A->collation = C; }
database_option(A) ::= default_opt ENCRYPTION eq_opt text_string(S).
                                      { A = b->make<DatabaseStatement>(); A->encryption = S; }
database_option(A) ::= COMMENT eq_opt text_string(S).
                                      { A = b->make<DatabaseStatement>(); A->has_comment = true; A->comment = S; }
database_option(A) ::= READ ONLY eq_opt option_value(V).
                                      { A = b->make<DatabaseStatement>(); A->read_only = V->text; }
default_opt ::= .
default_opt ::= DEFAULT.

%type charset_or_default {Str}
charset_or_default(A) ::= charset_name(C).  { A = C; }
charset_or_default(A) ::= DEFAULT.          { A = b->str("DEFAULT"); }

// ---- CREATE TABLE ----------------------------------------------------------------------------------

other_statement(A) ::= create_table_head(H) create_table_rest.  { A = b->finish_create_table(H); }
%type create_table_head {CreateTableStatement*}
create_table_head(A) ::= create(R) TABLE if_not_exists(I) table_name(N).
                                      { A = b->create_table(R, 0, I, N); }
create_table_head(A) ::= create(R) TEMPORARY TABLE if_not_exists(I) table_name(N).
                                      { A = b->create_table(R, 1, I, N); }

create_table_rest ::= .
create_table_rest ::= LIKE table_name(N).                       { b->new_table->like = *N; }
create_table_rest ::= LP LIKE table_name(N) RP.                 { b->new_table->like = *N; }
create_table_rest ::= LP table_elements RP create_table_tail.
create_table_rest ::= create_table_tail_1.

// What may follow, or stand without, the columns: options, partitions, a query.
create_table_tail ::= .
create_table_tail ::= create_table_tail_1.
create_table_tail_1 ::= table_options(O) partition_by_opt(P) create_query_opt(Q).
                                      { b->table_tail(O, P, Q); }
create_table_tail_1 ::= partition_by(P) create_query_opt(Q).   { b->table_tail(nullptr, P, Q); }
create_table_tail_1 ::= create_query(Q).                       { b->table_tail(nullptr, nullptr, Q); }

%type create_query_opt {CreateQuery*}
create_query_opt(A) ::= .                 { A = nullptr; }
create_query_opt(A) ::= create_query(Q).  { A = Q; }
%type create_query {CreateQuery*}
create_query(A) ::= select_query(Q).                              { A = b->create_query(0, Q); }
create_query(A) ::= AS select_query(Q).                           { A = b->create_query(0, Q); }
create_query(A) ::= create_duplicates(D) as_opt select_query(Q).  { A = b->create_query(D, Q); }
as_opt ::= .
as_opt ::= AS.
create_duplicates(A) ::= IGNORE.   { A = static_cast<int>(DuplicateRows::kIgnore); }
create_duplicates(A) ::= REPLACE.  { A = static_cast<int>(DuplicateRows::kReplace); }

table_elements ::= table_element.
table_elements ::= table_elements COMMA table_element.
table_element ::= column_definition(C).  { b->add_column(C); }
table_element ::= key_definition(K).     { b->add_key(K); }
table_element ::= foreign_key(F).        { b->add_foreign_key(F); }
table_element ::= check_definition(C).   { b->add_check(C); }
table_element ::= period(P).             { b->add_period(P); }

// ---- Columns ---------------------------------------------------------------------------------------

%type column_definition {ColumnDefinition*}
column_definition(A) ::= column_name(N) type(T) column_attrs.     { A = b->finish_column(N, T); }

// The statement's column under construction starts with its name.
%type column_name {ColumnDefinition*}
column_name(A) ::= ident(N).                        { A = b->start_column(N); }
column_name(A) ::= ident DOT ident(N).              { A = b->start_column(N); }
column_name(A) ::= ident DOT ident DOT ident(N).    { A = b->start_column(N); }

column_attr ::= AS LP expr(X) RP storage_opt(S).                   { b->generated(X, S); }
column_attr ::= GENERATED ALWAYS AS LP expr(X) RP storage_opt(S).  { b->generated(X, S); }
storage_opt(A) ::= .            { A = static_cast<int>(ColumnStorage::kUnset); }
storage_opt(A) ::= VIRTUAL.     { A = static_cast<int>(ColumnStorage::kVirtual); }
storage_opt(A) ::= STORED.      { A = static_cast<int>(ColumnStorage::kStored); }
storage_opt(A) ::= PERSISTENT.  { A = static_cast<int>(ColumnStorage::kStored); }

column_attrs ::= .
column_attrs ::= column_attrs column_attr.
column_attr ::= NULL.                        { b->col->not_null = Toggle::kOff; }
column_attr ::= NOT NULL.                    { b->col->not_null = Toggle::kOn; }
column_attr ::= DEFAULT default_value(X).    { b->col->default_value = X; }
column_attr ::= SERIAL DEFAULT VALUE.        { b->serial_default(); }
column_attr ::= ON UPDATE now_value(X).      { b->col->on_update = X; }
column_attr ::= AUTO_INCREMENT.              { b->col->auto_increment = true; }
column_attr ::= UNIQUE key_word_opt.         { b->col->unique_key = true; }
column_attr ::= PRIMARY KEY.                 { b->col->primary_key = true; }
column_attr ::= KEY.                         { b->col->primary_key = true; b->col->plain_key = true; }
column_attr ::= COMMENT text_string(S).      { b->col->has_comment = true; b->col->comment = S; }
column_attr ::= COLLATE collation_name(C).   { b->col->type.collation = C; }
column_attr ::= VISIBLE.                     { b->col->visibility = ColumnVisibility::kVisible; }
column_attr ::= INVISIBLE.                   { b->col->visibility = ColumnVisibility::kInvisible; }
column_attr ::= COLUMN_FORMAT column_format(W).  { b->col->column_format = b->upper(W); }
column_attr ::= STORAGE storage_medium(W).   { b->col->storage_medium = b->upper(W); }
column_attr ::= ENGINE_ATTRIBUTE eq_opt text_string(S).  { b->col->engine_attribute = S; }
column_attr ::= ident(N) EQ option_value(V). { b->column_option(N, V); }
column_attr ::= SRID number(N).              { b->column_srid(N); }
column_attr ::= REF_SYSTEM_ID EQ number(N).  { b->column_srid(N); }
column_attr ::= constraint_opt(C) CHECK LP expr(X) RP enforced_opt(E).  { b->column_check(C, X, E); }
column_attr ::= constraint_opt(C) references(R).  { b->column_references(C, R); }
column_attr ::= WITH_SYSTEM_VERSIONING.      { b->col->system_versioning = Toggle::kOn; }
column_attr ::= WITHOUT_SYSTEM_VERSIONING.   { b->col->system_versioning = Toggle::kOff; }
column_attr ::= GENERATED ALWAYS AS ROW START. { b->col->row_time = RowTimeRole::kRowStart; }
column_attr ::= GENERATED ALWAYS AS ROW END.   { b->col->row_time = RowTimeRole::kRowEnd; }
column_attr ::= AS ROW START.                { b->col->row_time = RowTimeRole::kRowStart; }
column_attr ::= AS ROW END.                  { b->col->row_time = RowTimeRole::kRowEnd; }

key_word_opt ::= . [CONDITIONLESS]
key_word_opt ::= KEY.

%type column_format {Token}
column_format(A) ::= FIXED(T).    { A = T; }
column_format(A) ::= ID(T).       { A = T; }
column_format(A) ::= DEFAULT(T).  { A = T; }
%type storage_medium {Token}
storage_medium(A) ::= DISK(T).     { A = T; }
storage_medium(A) ::= MEMORY(T).   { A = T; }
storage_medium(A) ::= DEFAULT(T).  { A = T; }

%type default_value {Expr*}
default_value(A) ::= primary_expr(X).           { A = X; }
default_value(A) ::= MINUS(T) primary_expr(X).  { A = b->unary(UnaryOp::kNegate, T, X); }
default_value(A) ::= PLUS primary_expr(X).      { A = X; }
%type now_value {Expr*}
now_value(A) ::= function_call(X).  { A = X; }
now_value(A) ::= ident(N).          { A = b->column({}, {}, N); }

enforced_opt(A) ::= . [CONDITIONLESS]  { A = static_cast<int>(Toggle::kUnset); }
enforced_opt(A) ::= ENFORCED.          { A = static_cast<int>(Toggle::kOn); }
enforced_opt(A) ::= NOT ENFORCED.      { A = static_cast<int>(Toggle::kOff); }

// CONSTRAINT [name]
%type constraint_opt {Constraint*}
constraint_opt(A) ::= .                     { A = nullptr; }
constraint_opt(A) ::= constraint(C).        { A = C; }
%type constraint {Constraint*}
constraint(A) ::= CONSTRAINT.           { A = b->constraint({}); }
constraint(A) ::= CONSTRAINT ident(N).  { A = b->constraint(N); }

%type references {References*}
references(A) ::= REFERENCES table_name(T) reference_columns(C) match_opt(M) reference_actions(R). [CONDITIONLESS]
                                      { A = b->references(T, C, M, R); }
%type reference_columns {List<KeyPart>*}
reference_columns(A) ::= .                      { A = nullptr; }
reference_columns(A) ::= LP key_parts(L) RP.    { A = L; }
match_opt(A) ::= .               { A = static_cast<int>(MatchType::kUnset); }
match_opt(A) ::= MATCH FULL.     { A = static_cast<int>(MatchType::kFull); }
match_opt(A) ::= MATCH PARTIAL.  { A = static_cast<int>(MatchType::kPartial); }
match_opt(A) ::= MATCH SIMPLE.   { A = static_cast<int>(MatchType::kSimple); }
// Bits 0-7 ON DELETE, 8-15 ON UPDATE.
reference_actions(A) ::= .                                              { A = 0; }
reference_actions(A) ::= reference_actions(R) ON DELETE reference_action(X).  { A = (R & 0xff00) | X; }
reference_actions(A) ::= reference_actions(R) ON UPDATE reference_action(X).  { A = (R & 0xff) | (X << 8); }
reference_action(A) ::= RESTRICT.     { A = static_cast<int>(ReferenceAction::kRestrict); }
reference_action(A) ::= CASCADE.      { A = static_cast<int>(ReferenceAction::kCascade); }
reference_action(A) ::= SET NULL.     { A = static_cast<int>(ReferenceAction::kSetNull); }
reference_action(A) ::= NO ACTION.    { A = static_cast<int>(ReferenceAction::kNoAction); }
reference_action(A) ::= SET DEFAULT.  { A = static_cast<int>(ReferenceAction::kSetDefault); }

// ---- Keys, constraints -----------------------------------------------------------------------------

%type key_definition {KeyDefinition*}
key_definition(A) ::= key_head(K) LP key_parts(P) key_overlaps(W) RP key_options_opt(O).
                                      { A = b->key(K, P, W, O); }
%type key_head {KeyDefinition*}
key_head(A) ::= index_word(T) if_not_exists(I) key_name_opt(N) key_using_opt(U).
                                      { A = b->key_head(KeyKind::kIndex, nullptr, I, N, U, T); }
key_head(A) ::= FULLTEXT(T) index_word_opt if_not_exists(I) key_name_opt(N) key_using_opt(U).
                                      { A = b->key_head(KeyKind::kFullText, nullptr, I, N, U, T); }
key_head(A) ::= SPATIAL(T) index_word_opt if_not_exists(I) key_name_opt(N) key_using_opt(U).
                                      { A = b->key_head(KeyKind::kSpatial, nullptr, I, N, U, T); }
key_head(A) ::= VECTOR_KEY(T) index_word if_not_exists(I) key_name_opt(N) key_using_opt(U).
                                      { A = b->key_head(KeyKind::kVector, nullptr, I, N, U, T); }
key_head(A) ::= constraint_opt(C) UNIQUE(T) index_word_opt if_not_exists(I) key_name_opt(N) key_using_opt(U).
                                      { A = b->key_head(KeyKind::kUnique, C, I, N, U, T); }
key_head(A) ::= constraint_opt(C) PRIMARY(T) KEY if_not_exists(I) key_name_opt(N) key_using_opt(U).
                                      { A = b->key_head(KeyKind::kPrimary, C, I, N, U, T); }
index_word_opt ::= .
index_word_opt ::= index_word.
%type key_name_opt {Str}
key_name_opt(A) ::= .          { A = {}; }
key_name_opt(A) ::= ident(N).  { A = N; }
key_using_opt(A) ::= .                    { A = static_cast<int>(KeyAlgorithm::kUnset); }
key_using_opt(A) ::= USING key_algorithm(X).  { A = X; }
key_algorithm(A) ::= BTREE.    { A = static_cast<int>(KeyAlgorithm::kBTree); }
key_algorithm(A) ::= HASH.     { A = static_cast<int>(KeyAlgorithm::kHash); }
key_algorithm(A) ::= RTREE_W.  { A = static_cast<int>(KeyAlgorithm::kRTree); }

%type key_overlaps {Str}
key_overlaps(A) ::= .                                  { A = {}; }
key_overlaps(A) ::= COMMA ident(N) WITHOUT OVERLAPS.   { A = N; }

%type key_parts {List<KeyPart>*}
key_parts(A) ::= key_part(P).                     { A = b->list<KeyPart>(*P); }
key_parts(A) ::= key_parts(L) COMMA key_part(P).  { A = b->append(L, *P); }
%type key_part {KeyPart*}
key_part(A) ::= ident(N) length_opt(L) direction(D).   { A = b->key_part(N, L, D); }
key_part(A) ::= LP(T) expr(X) RP direction(D).         { A = b->key_expression(T, X, D); }
direction(A) ::= .      { A = 0; }
direction(A) ::= ASC.   { A = 0; }
direction(A) ::= DESC.  { A = 1; }

%type key_options_opt {KeyOptions*}
key_options_opt(A) ::= .                                 { A = b->make<KeyOptions>(); }
key_options_opt(A) ::= key_options_opt(O) key_option(K). { A = b->merge_key_options(O, K); }
%type key_option {KeyOptions*}
key_option(A) ::= USING key_algorithm(X).          { A = b->make<KeyOptions>(); A->algorithm = static_cast<KeyAlgorithm>(X); }
key_option(A) ::= KEY_BLOCK_SIZE eq_opt number(N). { A = b->make<KeyOptions>(); A->key_block_size = N; }
key_option(A) ::= COMMENT text_string(S).          { A = b->make<KeyOptions>(); A->has_comment = true; A->comment = S; }
key_option(A) ::= VISIBLE.                         { A = b->make<KeyOptions>(); A->visible = Toggle::kOn; }
key_option(A) ::= INVISIBLE.                       { A = b->make<KeyOptions>(); A->visible = Toggle::kOff; }
key_option(A) ::= NOT IGNORED.                     { A = b->make<KeyOptions>(); A->visible = Toggle::kOn; }
key_option(A) ::= IGNORED.                         { A = b->make<KeyOptions>(); A->visible = Toggle::kOff; }
key_option(A) ::= WITH PARSER ident(N).            { A = b->make<KeyOptions>(); A->parser = N; }
key_option(A) ::= ENGINE_ATTRIBUTE eq_opt text_string(S).  { A = b->make<KeyOptions>(); A->engine_attribute = S; }
key_option(A) ::= ident(N) EQ option_value(V).     { A = b->key_option(N, V); }

%type foreign_key {ForeignKeyDefinition*}
foreign_key(A) ::= constraint_opt(C) FOREIGN(T) KEY if_not_exists(I) key_name_opt(N) LP key_parts(P) RP references(R).
                                      { A = b->foreign_key(C, T, I, N, P, R); }

%type check_definition {CheckDefinition*}
check_definition(A) ::= constraint_opt(C) CHECK(T) LP expr(X) RP enforced_opt(E).
                                      { A = b->check(C, T, 0, X, E); }

%type period {PeriodDefinition*}
period(A) ::= PERIOD_FOR period_name(N) LP ident(S) COMMA ident(E) RP.  { A = b->period(N, S, E); }
%type period_name {Str}
period_name(A) ::= ident(N).  { A = N; }

// ---- Table options ---------------------------------------------------------------------------------
// Any option is name [=] value: table_option sorts them by name, unknown ones are kept.

%type table_options {TableOptions*}
table_options(A) ::= table_option(O).                            { A = O; }
table_options(A) ::= table_options(L) comma_opt table_option(O). { A = b->merge_options(L, O); }
comma_opt ::= .
comma_opt ::= COMMA.
%type table_option {TableOptions*}
table_option(A) ::= ident(N) eq_opt option_value(V).                        { A = b->table_option(N, V); }
table_option(A) ::= default_opt charset_words eq_opt charset_or_default(C). { A = b->make<TableOptions>(); A->charset = C; }
table_option(A) ::= default_opt COLLATE eq_opt collation_name(C).           { A = b->make<TableOptions>(); A->collation = C; }
table_option(A) ::= DATA_DIRECTORY eq_opt text_string(S).                   { A = b->make<TableOptions>(); A->data_directory = S; }
table_option(A) ::= INDEX DIRECTORY eq_opt text_string(S).                  { A = b->make<TableOptions>(); A->index_directory = S; }
table_option(A) ::= UNION eq_opt LP RP.                                     { A = b->make<TableOptions>(); }
table_option(A) ::= UNION eq_opt LP table_names(L) RP.                      { A = b->make<TableOptions>(); A->union_tables = *L; }
table_option(A) ::= STORAGE storage_medium(W).                              { A = b->word_option("STORAGE", W); }
table_option(A) ::= START TRANSACTION.                                      { A = b->start_transaction_option(); }
table_option(A) ::= WITH_SYSTEM_VERSIONING.                                 { A = b->make<TableOptions>(); A->system_versioning = Toggle::kOn; }

%type option_value {OptionValue*}
option_value(A) ::= ident(N).          { A = b->option_word(N); }
option_value(A) ::= text_literal(S).   { A = b->option_text(S); }
option_value(A) ::= number_token(T).   { A = b->option_number(T); }
option_value(A) ::= MINUS number_token(T). { A = b->option_number(T, true); }
option_value(A) ::= DEFAULT.           { A = b->option_default(); }
option_value(A) ::= ON.                { A = b->option_word(b->str("ON")); }
option_value(A) ::= NULL.              { A = b->option_null(); }
%type text_literal {Str}
text_literal(A) ::= STRING(T).  { A = b->string(T); }
%type number_token {Token}
number_token(A) ::= INTEGER(T).  { A = T; }
number_token(A) ::= DECIMAL(T).  { A = T; }
number_token(A) ::= FLOAT(T).    { A = T; }
number_token(A) ::= HEX(T).      { A = T; }

// ---- PARTITION BY ----------------------------------------------------------------------------------

%type partition_by_opt {PartitionBy*}
partition_by_opt(A) ::= .                 { A = nullptr; }
partition_by_opt(A) ::= partition_by(P).  { A = P; }
%type partition_by {PartitionBy*}
partition_by(A) ::= PARTITION(T) BY partition_method(M) partition_count(N) subpartition_opt(S) partition_definitions_opt(D).
                                      { A = b->partition_by(T, M, N, S, D); }
%type partition_method {PartitionBy*}
partition_method(A) ::= linear_opt(L) HASH LP expr(X) RP.
                                      { A = b->partition_expr(PartitionMethod::kHash, X, L); }
partition_method(A) ::= linear_opt(L) KEY partition_algorithm(G) LP ident_list(C) RP.
                                      { A = b->partition_key(C, L, G); }
partition_method(A) ::= linear_opt(L) KEY partition_algorithm(G) LP RP.
                                      { A = b->partition_key(nullptr, L, G); }
partition_method(A) ::= RANGE LP expr(X) RP.        { A = b->partition_expr(PartitionMethod::kRange, X, 0); }
partition_method(A) ::= RANGE COLUMNS LP ident_list(C) RP.
                                      { A = b->partition_columns(PartitionMethod::kRangeColumns, C); }
partition_method(A) ::= LIST LP expr(X) RP.         { A = b->partition_expr(PartitionMethod::kList, X, 0); }
partition_method(A) ::= LIST COLUMNS LP ident_list(C) RP.
                                      { A = b->partition_columns(PartitionMethod::kListColumns, C); }
partition_method(A) ::= SYSTEM_TIME partition_history(P).  { A = P; }
%type partition_history {PartitionBy*}
partition_history(A) ::= .  { A = b->partition_history(nullptr, nullptr); }
partition_history(A) ::= LIMIT number_expr(N) auto_opt(U).
                                      { A = b->partition_history(nullptr, N); A->automatic = U != 0; }
partition_history(A) ::= INTERVAL(T) expr(V) unit(U) history_starts(S) auto_opt(O).
                                      { A = b->partition_history(b->interval(T, V, U), nullptr); A->automatic = O != 0; b->drop(S); }
%type history_starts {Expr*}
history_starts(A) ::= .               { A = nullptr; }
history_starts(A) ::= STARTS literal(X). { A = X; }
auto_opt(A) ::= .      { A = 0; }
auto_opt(A) ::= AUTO.  { A = 1; }
%type number_expr {Expr*}
number_expr(A) ::= integer_literal(X).  { A = X; }
linear_opt(A) ::= .        { A = 0; }
linear_opt(A) ::= LINEAR.  { A = 1; }
%type partition_algorithm {std::uint64_t}
partition_algorithm(A) ::= .                       { A = 0; }
partition_algorithm(A) ::= ALGORITHM EQ number(N). { A = N; }
%type partition_count {std::uint64_t}
partition_count(A) ::= .                      { A = 0; }
partition_count(A) ::= PARTITIONS number(N).  { A = N; }
%type subpartition_opt {PartitionBy*}
subpartition_opt(A) ::= .  { A = nullptr; }
subpartition_opt(A) ::= SUBPARTITION BY linear_opt(L) HASH LP expr(X) RP subpartition_count(N).
                                      { A = b->partition_expr(PartitionMethod::kHash, X, L); A->count = N; }
subpartition_opt(A) ::= SUBPARTITION BY linear_opt(L) KEY partition_algorithm(G) LP ident_list(C) RP subpartition_count(N).
                                      { A = b->partition_key(C, L, G); A->count = N; }
%type subpartition_count {std::uint64_t}
subpartition_count(A) ::= .                         { A = 0; }
subpartition_count(A) ::= SUBPARTITIONS number(N).  { A = N; }
%type partition_definitions_opt {List<PartitionDefinition>*}
partition_definitions_opt(A) ::= . [CONDITIONLESS]               { A = nullptr; }
partition_definitions_opt(A) ::= LP partition_definitions(L) RP. { A = L; }
%type partition_definitions {List<PartitionDefinition>*}
partition_definitions(A) ::= partition_definition(D).                       { A = b->list<PartitionDefinition>(*D); }
partition_definitions(A) ::= partition_definitions(L) COMMA partition_definition(D). { A = b->append(L, *D); }
%type partition_definition {PartitionDefinition*}
partition_definition(A) ::= partition_word ident(N) partition_values(V) partition_options(O) subpartition_list_opt(S).
                                      { A = b->partition_definition(N, V, O, S); }
partition_word ::= .
partition_word ::= PARTITION.
%type partition_values {PartitionDefinition*}
partition_values(A) ::= .                                { A = b->make<PartitionDefinition>(); }
partition_values(A) ::= VALUES LESS THAN MAXVALUE.       { A = b->partition_maxvalue(); }
partition_values(A) ::= VALUES LESS THAN LP partition_value_list(L) RP.
                                      { A = b->partition_values(PartitionValues::kLessThan, L); }
partition_values(A) ::= VALUES IN LP partition_value_list(L) RP.
                                      { A = b->partition_values(PartitionValues::kIn, L); }
partition_values(A) ::= HISTORY.      { A = b->partition_values(PartitionValues::kHistory, nullptr); }
partition_values(A) ::= CURRENT.      { A = b->partition_values(PartitionValues::kCurrent, nullptr); }
partition_values(A) ::= DEFAULT.      { A = b->partition_values(PartitionValues::kDefault, nullptr); }
%type partition_value_list {List<const Expr*>*}
partition_value_list(A) ::= partition_value(X).                               { A = b->exprs(X); }
partition_value_list(A) ::= partition_value_list(L) COMMA partition_value(X). { A = b->append_expr(L, X); }
%type partition_value {Expr*}
partition_value(A) ::= expr(X).      { A = X; }
partition_value(A) ::= DEFAULT(T).   { A = b->default_of(T, nullptr); }
%type partition_options {TableOptions*}
partition_options(A) ::= .                                          { A = b->make<TableOptions>(); }
partition_options(A) ::= partition_options(L) partition_option(O).  { A = b->merge_options(L, O); }
%type partition_option {TableOptions*}
partition_option(A) ::= storage_word ENGINE eq_opt ident_or_text(N).       { A = b->make<TableOptions>(); A->engine = N; }
partition_option(A) ::= COMMENT eq_opt text_string(S).        { A = b->make<TableOptions>(); A->has_comment = true; A->comment = S; }
partition_option(A) ::= DATA_DIRECTORY eq_opt text_string(S). { A = b->make<TableOptions>(); A->data_directory = S; }
partition_option(A) ::= INDEX DIRECTORY eq_opt text_string(S). { A = b->make<TableOptions>(); A->index_directory = S; }
partition_option(A) ::= ID(N) eq_opt option_value(V).         { A = b->table_option(b->name(N), V); }
storage_word ::= .
storage_word ::= STORAGE.
%type subpartition_list_opt {List<PartitionDefinition>*}
subpartition_list_opt(A) ::= .                            { A = nullptr; }
subpartition_list_opt(A) ::= LP subpartition_list(L) RP.  { A = L; }
%type subpartition_list {List<PartitionDefinition>*}
subpartition_list(A) ::= subpartition(D).                             { A = b->list<PartitionDefinition>(*D); }
subpartition_list(A) ::= subpartition_list(L) COMMA subpartition(D).  { A = b->append(L, *D); }
%type subpartition {PartitionDefinition*}
subpartition(A) ::= SUBPARTITION ident_or_text(N) partition_options(O).
                                      { A = b->partition_definition(N, b->make<PartitionDefinition>(), O, nullptr); }

// ---- ALTER TABLE -----------------------------------------------------------------------------------

other_statement(A) ::= alter_table_head(H) alter_actions.  { A = b->finish_alter_table(H); }
other_statement(A) ::= alter_table_head(H).                { A = b->finish_alter_table(H); }
other_statement(A) ::= alter_table_head(H) alter_partition_only. { A = b->finish_alter_table(H); }
other_statement(A) ::= alter_table_head(H) alter_actions COMMA alter_partition_only. { A = b->finish_alter_table(H); }
other_statement(A) ::= alter_table_head(H) alter_actions partition_by(P).
                              { b->action(AlterActionKind::kPartitionBy)->partition_by = P; A = b->finish_alter_table(H); }
other_statement(A) ::= alter_table_head(H) alter_actions REMOVE PARTITIONING.
                              { b->action(AlterActionKind::kRemovePartitioning); A = b->finish_alter_table(H); }
%type alter_table_head {AlterTableStatement*}
alter_table_head(A) ::= ALTER alter_flags(F) TABLE if_exists(I) table_name(N) wait_opt(W).
                              { A = b->alter_table(F, I, N, W); }
// Bits: 1 ignore, 2 online.
alter_flags(A) ::= .                       { A = 0; }
alter_flags(A) ::= IGNORE.                 { A = 1; }
alter_flags(A) ::= ONLINE.                 { A = 2; }
alter_flags(A) ::= ONLINE IGNORE.          { A = 3; }

alter_actions ::= alter_action.
alter_actions ::= alter_actions COMMA alter_action.

column_opt ::= .
column_opt ::= COLUMN.

// columns
alter_action ::= ADD(T) column_opt if_not_exists(I) column_definition(C) position(P).
                              { b->alter_add_column(T, I, C, P); }
alter_action ::= ADD(T) column_opt if_not_exists(I) LP alter_elements RP.  { b->alter_add_elements(T, I); }
alter_action ::= DROP(T) column_opt if_exists(I) ident(N) drop_mode.
                              { b->named_action(T, AlterActionKind::kDropColumn, N, I); }
alter_action ::= MODIFY(T) column_opt if_exists(I) column_definition(C) position(P).
                              { b->alter_modify(T, I, {}, C, P); }
alter_action ::= CHANGE(T) column_opt if_exists(I) ident(O) column_definition(C) position(P).
                              { b->alter_modify(T, I, O, C, P); }
alter_action ::= RENAME(T) COLUMN if_exists(I) ident(O) TO ident(N).
                              { b->rename_action(T, AlterActionKind::kRenameColumn, O, N, I); }
alter_action ::= ALTER(T) column_opt if_exists(I) ident(N) SET DEFAULT default_value(X).
                              { b->named_action(T, AlterActionKind::kSetDefault, N, I)->value = X; }
alter_action ::= ALTER(T) column_opt if_exists(I) ident(N) DROP DEFAULT.
                              { b->named_action(T, AlterActionKind::kDropDefault, N, I); }
alter_action ::= ALTER(T) column_opt if_exists(I) ident(N) SET visibility(V).
                              { b->named_action(T, AlterActionKind::kSetColumnVisibility, N, I)->visible = static_cast<Toggle>(V); }
visibility(A) ::= VISIBLE.    { A = static_cast<int>(Toggle::kOn); }
visibility(A) ::= INVISIBLE.  { A = static_cast<int>(Toggle::kOff); }
%type position {Position*}
position(A) ::= .               { A = nullptr; }
position(A) ::= FIRST.          { A = b->position(ColumnPosition::kFirst, {}); }
position(A) ::= AFTER ident(N). { A = b->position(ColumnPosition::kAfter, N); }
drop_mode ::= .
drop_mode ::= RESTRICT.
drop_mode ::= CASCADE.
alter_elements ::= alter_element.
alter_elements ::= alter_elements COMMA alter_element.
alter_element ::= column_definition(C).  { b->pend_column(C); }
alter_element ::= key_definition(K).     { b->action(AlterActionKind::kAddKey)->key = K; }
alter_element ::= foreign_key(F).        { b->action(AlterActionKind::kAddForeignKey)->foreign_key = F; }
alter_element ::= check_definition(C).   { b->action(AlterActionKind::kAddCheck)->check = C; }
alter_element ::= period(P).             { b->action(AlterActionKind::kAddPeriod)->period = P; }

// keys and constraints
alter_action ::= ADD(T) key_definition(K).     { b->text_action(T, AlterActionKind::kAddKey)->key = K; }
alter_action ::= ADD(T) foreign_key(F).        { b->text_action(T, AlterActionKind::kAddForeignKey)->foreign_key = F; }
alter_action ::= ADD(T) check_definition(C).   { b->text_action(T, AlterActionKind::kAddCheck)->check = C; }
alter_action ::= ADD(T) CONSTRAINT IF NOT EXISTS ident(N) CHECK(K) LP expr(X) RP enforced_opt(E).
                              { b->text_action(T, AlterActionKind::kAddCheck)->check = b->check(b->constraint(N), K, 1, X, E); }
alter_action ::= ADD(T) CONSTRAINT IF NOT EXISTS ident(N) FOREIGN(F) KEY key_name_opt(I) LP key_parts(P) RP references(R).
                              { b->text_action(T, AlterActionKind::kAddForeignKey)->foreign_key = b->foreign_key(b->constraint(N), F, 1, I, P, R); }
alter_action ::= ADD(T) CONSTRAINT IF NOT EXISTS ident(N) UNIQUE(U) index_word_opt key_name_opt(I) key_using_opt(G) LP key_parts(P) RP key_options_opt(O).
                              { b->text_action(T, AlterActionKind::kAddKey)->key = b->key(b->key_head(KeyKind::kUnique, b->constraint(N), 1, I, G, U), P, {}, O); }
alter_action ::= DROP(T) index_word if_exists(I) ident(N).
                              { b->named_action(T, AlterActionKind::kDropKey, N, I); }
alter_action ::= DROP(T) CONSTRAINT if_exists PRIMARY KEY.
                              { b->text_action(T, AlterActionKind::kDropPrimaryKey); }
alter_action ::= DROP(T) PRIMARY KEY.
                              { b->text_action(T, AlterActionKind::kDropPrimaryKey); }
alter_action ::= DROP(T) FOREIGN KEY if_exists(I) ident(N).
                              { b->named_action(T, AlterActionKind::kDropForeignKey, N, I); }
alter_action ::= DROP(T) CHECK if_exists(I) ident(N).
                              { b->named_action(T, AlterActionKind::kDropCheck, N, I); }
alter_action ::= DROP(T) CONSTRAINT if_exists(I) ident(N).
                              { b->named_action(T, AlterActionKind::kDropConstraint, N, I); }
alter_action ::= RENAME(T) index_word if_exists(I) ident(O) TO ident(N).
                              { b->rename_action(T, AlterActionKind::kRenameKey, O, N, I); }
alter_action ::= ALTER(T) index_word if_exists(I) ident(N) visibility(V).
                              { b->named_action(T, AlterActionKind::kSetKeyVisibility, N, I)->visible = static_cast<Toggle>(V); }
alter_action ::= ALTER(T) index_word if_exists(I) ident(N) IGNORED.
                              { b->named_action(T, AlterActionKind::kSetKeyVisibility, N, I)->visible = Toggle::kOff; }
alter_action ::= ALTER(T) index_word if_exists(I) ident(N) NOT IGNORED.
                              { b->named_action(T, AlterActionKind::kSetKeyVisibility, N, I)->visible = Toggle::kOn; }
alter_action ::= ALTER(T) CHECK ident(N) ENFORCED.
                              { b->named_action(T, AlterActionKind::kSetEnforced, N, 0)->visible = Toggle::kOn; }
alter_action ::= ALTER(T) CHECK ident(N) NOT ENFORCED.
                              { b->named_action(T, AlterActionKind::kSetEnforced, N, 0)->visible = Toggle::kOff; }
alter_action ::= ALTER(T) CONSTRAINT ident(N) ENFORCED.
                              { b->named_action(T, AlterActionKind::kSetEnforced, N, 0)->visible = Toggle::kOn; }
alter_action ::= ALTER(T) CONSTRAINT ident(N) NOT ENFORCED.
                              { b->named_action(T, AlterActionKind::kSetEnforced, N, 0)->visible = Toggle::kOff; }

// the table
alter_action ::= RENAME(T) rename_to table_name(N).
                              { b->text_action(T, AlterActionKind::kRenameTable)->table = *N; }
rename_to ::= .
rename_to ::= TO.
rename_to ::= AS.
rename_to ::= EQ.
alter_action ::= CONVERT(T) TO charset_words charset_or_default(C).
                              { b->convert_charset(T, C, {}); }
alter_action ::= CONVERT(T) TO charset_words charset_or_default(C) COLLATE collation_name(L).
                              { b->convert_charset(T, C, L); }
alter_action ::= alter_options(O).           { b->action(AlterActionKind::kOptions)->options = O; }
%type alter_options {TableOptions*}
alter_options(A) ::= table_option(O).                   { A = O; }
alter_options(A) ::= alter_options(L) table_option(O).  { A = b->merge_options(L, O); }
alter_action ::= ENABLE(T) KEYS.             { b->text_action(T, AlterActionKind::kEnableKeys); }
alter_action ::= DISABLE(T) KEYS.            { b->text_action(T, AlterActionKind::kDisableKeys); }
alter_action ::= FORCE(T).                   { b->text_action(T, AlterActionKind::kForce); }
alter_action ::= DISCARD(T) TABLESPACE.      { b->text_action(T, AlterActionKind::kDiscardTablespace); }
alter_action ::= IMPORT(T) TABLESPACE.       { b->text_action(T, AlterActionKind::kImportTablespace); }
alter_action ::= ADD(T) period(P).           { b->text_action(T, AlterActionKind::kAddPeriod)->period = P; }
alter_action ::= DROP(T) PERIOD_FOR period_name(N).
                              { b->named_action(T, AlterActionKind::kDropPeriod, N, 0); }
alter_action ::= DROP(T) PERIOD_IF if_exists(I) FOR period_name(N).
                              { b->named_action(T, AlterActionKind::kDropPeriod, N, I); }
alter_action ::= ADD(T) PERIOD_IF if_not_exists(I) FOR period_name(N) LP ident(S) COMMA ident(E) RP.
                              { b->alter_add_period(T, I, b->period(N, S, E)); }
alter_action ::= ADD(T) SYSTEM_VERSIONING.   { b->text_action(T, AlterActionKind::kAddSystemVersioning); }
alter_action ::= DROP(T) SYSTEM_VERSIONING.  { b->text_action(T, AlterActionKind::kDropSystemVersioning); }
alter_action ::= ALGORITHM(T) eq_opt algorithm_word(W).
                              { b->text_action(T, AlterActionKind::kAlgorithm)->name = b->upper(W); }
alter_action ::= LOCK(T) eq_opt algorithm_word(W).
                              { b->text_action(T, AlterActionKind::kLock)->name = b->upper(W); }
%type algorithm_word {Token}
algorithm_word(A) ::= ID(T).       { A = T; }
algorithm_word(A) ::= DEFAULT(T).  { A = T; }
alter_action ::= WITH(T) VALIDATION.         { b->text_action(T, AlterActionKind::kWithValidation); }
alter_action ::= WITHOUT(T) VALIDATION.      { b->text_action(T, AlterActionKind::kWithoutValidation); }
alter_action ::= UPGRADE(T) PARTITIONING.    { b->text_action(T, AlterActionKind::kUpgradePartitioning); }
alter_action ::= SECONDARY_LOAD(T).          { b->text_action(T, AlterActionKind::kSecondaryLoad); }
alter_action ::= SECONDARY_UNLOAD(T).        { b->text_action(T, AlterActionKind::kSecondaryUnload); }

// partitions
// Its commas are not those of the actions: last.
alter_partition_only ::= order_by(L).        { b->action(AlterActionKind::kOrderBy)->order_by = *L; }
alter_partition_only ::= partition_by(P).    { b->action(AlterActionKind::kPartitionBy)->partition_by = P; }
alter_partition_only ::= REMOVE PARTITIONING. { b->action(AlterActionKind::kRemovePartitioning); }
alter_partition_only ::= ADD(T) PARTITION no_log if_not_exists(I) LP partition_definitions(D) RP.
                              { b->add_partitions(T, I, D, 0); }
alter_partition_only ::= ADD(T) PARTITION no_log if_not_exists(I) PARTITIONS number(N).
                              { b->add_partitions(T, I, nullptr, N); }
alter_partition_only ::= DROP(T) PARTITION if_exists(I) ident_list(L).
                              { b->partition_action(T, AlterActionKind::kDropPartition, L)->if_exists = I != 0; }
alter_partition_only ::= TRUNCATE(T) PARTITION partition_names(L).
                              { b->partition_action(T, AlterActionKind::kTruncatePartition, L); }
alter_partition_only ::= COALESCE(T) PARTITION no_log number(N).
                              { b->text_action(T, AlterActionKind::kCoalescePartition)->count = N; }
alter_partition_only ::= REORGANIZE(T) PARTITION no_log.
                              { b->text_action(T, AlterActionKind::kReorganizePartition); }
alter_partition_only ::= REORGANIZE(T) PARTITION no_log ident_list(L) INTO LP partition_definitions(D) RP.
                              { b->partition_action(T, AlterActionKind::kReorganizePartition, L)->definitions = *D; }
alter_partition_only ::= EXCHANGE(T) PARTITION ident(P) WITH TABLE table_name(N) exchange_validation(V).
                              { b->exchange_partition(T, P, N, V); }
alter_partition_only ::= CONVERT(T) PARTITION ident(P) TO TABLE table_name(N).
                              { b->partition_action(T, AlterActionKind::kConvertPartition, b->list<Identifier>(P))->table = *N; }
alter_partition_only ::= CONVERT(T) TABLE table_name(N) TO partition_definition(D).
                              { b->convert_table(T, N, D); }
alter_partition_only ::= ANALYZE(T) PARTITION no_log partition_names(L).
                              { b->partition_action(T, AlterActionKind::kAnalyzePartition, L); }
alter_partition_only ::= CHECK(T) PARTITION partition_names(L) check_words.
                              { b->partition_action(T, AlterActionKind::kCheckPartition, L); }
alter_partition_only ::= OPTIMIZE(T) PARTITION no_log partition_names(L).
                              { b->partition_action(T, AlterActionKind::kOptimizePartition, L); }
alter_partition_only ::= REBUILD(T) PARTITION no_log partition_names(L).
                              { b->partition_action(T, AlterActionKind::kRebuildPartition, L); }
alter_partition_only ::= REPAIR(T) PARTITION no_log partition_names(L) check_words.
                              { b->partition_action(T, AlterActionKind::kRepairPartition, L); }
alter_partition_only ::= DISCARD(T) PARTITION partition_names(L) TABLESPACE.
                              { b->partition_action(T, AlterActionKind::kDiscardPartitionTablespace, L); }
alter_partition_only ::= IMPORT(T) PARTITION partition_names(L) TABLESPACE.
                              { b->partition_action(T, AlterActionKind::kImportPartitionTablespace, L); }
%type partition_names {List<Identifier>*}
partition_names(A) ::= ALL.            { A = nullptr; }
partition_names(A) ::= ident_list(L).  { A = L; }
exchange_validation(A) ::= .                    { A = static_cast<int>(Toggle::kUnset); }
exchange_validation(A) ::= WITH VALIDATION.     { A = static_cast<int>(Toggle::kOn); }
exchange_validation(A) ::= WITHOUT VALIDATION.  { A = static_cast<int>(Toggle::kOff); }
no_log(A) ::= . [RP]               { A = 0; }
no_log(A) ::= NO_WRITE_TO_BINLOG.  { A = 1; }
no_log(A) ::= LOCAL.               { A = 1; }
// ALTER TABLE … CHECK / REPAIR PARTITION and CHECK / REPAIR TABLE: QUICK, EXTENDED, FOR UPGRADE …
%type check_words {List<std::string_view>*}
check_words(A) ::= .                       { A = nullptr; }
check_words(A) ::= check_words(L) check_word(W).  { A = b->append_or_new(L, W); }
%type check_word {Str}
check_word(A) ::= QUICK(T).       { A = b->upper(T); }
check_word(A) ::= FAST(T).        { A = b->upper(T); }
check_word(A) ::= MEDIUM(T).      { A = b->upper(T); }
check_word(A) ::= EXTENDED(T).    { A = b->upper(T); }
check_word(A) ::= CHANGED(T).     { A = b->upper(T); }
check_word(A) ::= USE_FRM(T).     { A = b->upper(T); }
check_word(A) ::= FORCE(T).       { A = b->upper(T); }
check_word(A) ::= FOR UPGRADE.    { A = b->str("FOR UPGRADE"); }
check_word(A) ::= FROM ID(T).     { A = b->str_concat("FROM ", b->upper(T)); }

// ---- RENAME, DROP ----------------------------------------------------------------------------------

other_statement(A) ::= RENAME tables_word if_exists(I) renames(L).  { A = b->rename_tables(I, L); }
tables_word ::= TABLE.
tables_word ::= TABLES.
%type renames {List<TableRename>*}
renames(A) ::= rename(R).                   { A = b->list<TableRename>(*R); }
renames(A) ::= renames(L) COMMA rename(R).  { A = b->append(L, *R); }
%type rename {TableRename*}
rename(A) ::= table_name(X) wait_opt TO table_name(Y).  { A = b->table_rename(X, Y); }

other_statement(A) ::= DROP tables_word if_exists(I) table_names(L) wait_opt drop_behaviour(M).
                              { A = b->drop_tables(StatementKind::kDropTable, 0, I, L, M); }
other_statement(A) ::= DROP TEMPORARY tables_word if_exists(I) table_names(L) wait_opt drop_behaviour(M).
                              { A = b->drop_tables(StatementKind::kDropTable, 1, I, L, M); }
other_statement(A) ::= DROP VIEW if_exists(I) table_names(L) drop_behaviour(M).
                              { A = b->drop_tables(StatementKind::kDropView, 0, I, L, M); }
other_statement(A) ::= DROP SEQUENCE if_exists(I) table_names(L).
                              { A = b->drop_tables(StatementKind::kDropSequence, 0, I, L, 0); }
other_statement(A) ::= DROP TEMPORARY SEQUENCE if_exists(I) table_names(L).
                              { A = b->drop_tables(StatementKind::kDropSequence, 1, I, L, 0); }
drop_behaviour(A) ::= .          { A = 0; }
drop_behaviour(A) ::= RESTRICT.  { A = 1; }
drop_behaviour(A) ::= CASCADE.   { A = 2; }

// ---- Indexes ---------------------------------------------------------------------------------------

other_statement(A) ::= create(R) online_opt(O) index_kind(K) INDEX if_not_exists(I) ident(N) key_using_opt(U)
                       ON table_name(T) wait_opt LP key_parts(P) RP key_options_opt(X) index_lock(L).
                              { A = b->create_index(R, O, K, I, N, U, T, P, X, L); }
online_opt(A) ::= .        { A = 0; }
online_opt(A) ::= ONLINE.  { A = 1; }
index_kind(A) ::= .          { A = static_cast<int>(KeyKind::kIndex); }
index_kind(A) ::= UNIQUE.    { A = static_cast<int>(KeyKind::kUnique); }
index_kind(A) ::= FULLTEXT.  { A = static_cast<int>(KeyKind::kFullText); }
index_kind(A) ::= SPATIAL.   { A = static_cast<int>(KeyKind::kSpatial); }
index_kind(A) ::= VECTOR_KEY. { A = static_cast<int>(KeyKind::kVector); }
%type index_lock {IndexLock*}
index_lock(A) ::= .                                         { A = b->make<IndexLock>(); }
index_lock(A) ::= index_lock(L) ALGORITHM eq_opt algorithm_word(W).  { A = L; A->algorithm = b->upper(W); }
index_lock(A) ::= index_lock(L) LOCK eq_opt algorithm_word(W).       { A = L; A->lock = b->upper(W); }
index_lock(A) ::= index_lock(L) NOWAIT.                              { A = L; }
index_lock(A) ::= index_lock(L) WAIT integer_literal.                { A = L; }
other_statement(A) ::= DROP online_opt INDEX if_exists(I) ident(N) ON table_name(T) index_lock(L).
                              { A = b->drop_index(I, N, T, L); }

// ---- Sequences -------------------------------------------------------------------------------------

other_statement(A) ::= create(R) SEQUENCE if_not_exists(I) table_name(N) sequence_type(T) sequence_clauses(L) sequence_options(O).
                              { A = b->create_sequence(R, 0, I, N, T, L, O); }
other_statement(A) ::= create(R) TEMPORARY SEQUENCE if_not_exists(I) table_name(N) sequence_type(T) sequence_clauses(L) sequence_options(O).
                              { A = b->create_sequence(R, 1, I, N, T, L, O); }
other_statement(A) ::= ALTER SEQUENCE if_exists(I) table_name(N) sequence_type(T) sequence_clauses(L).
                              { A = b->alter_sequence(I, N, T, L); }
%type sequence_type {DataType*}
sequence_type(A) ::= .            { A = nullptr; }
sequence_type(A) ::= AS int_type(N) number_attrs(F).  { A = b->number_type(N, nullptr, F); }
%type sequence_clauses {List<SequenceClause>*}
sequence_clauses(A) ::= .                                       { A = nullptr; }
sequence_clauses(A) ::= sequence_clauses(L) sequence_clause(C). { A = b->append_or_new(L, *C); }
%type sequence_clause {SequenceClause*}
sequence_clause(A) ::= START with_opt signed_integer(N).      { A = b->sequence_clause(SequenceClauseKind::kStart, N); }
sequence_clause(A) ::= INCREMENT by_opt signed_integer(N).    { A = b->sequence_clause(SequenceClauseKind::kIncrement, N); }
sequence_clause(A) ::= MINVALUE eq_opt signed_integer(N).     { A = b->sequence_clause(SequenceClauseKind::kMinValue, N); }
sequence_clause(A) ::= NO MINVALUE.                           { A = b->sequence_clause(SequenceClauseKind::kNoMinValue, nullptr); }
sequence_clause(A) ::= NOMINVALUE.                            { A = b->sequence_clause(SequenceClauseKind::kNoMinValue, nullptr); }
sequence_clause(A) ::= MAXVALUE eq_opt signed_integer(N).     { A = b->sequence_clause(SequenceClauseKind::kMaxValue, N); }
sequence_clause(A) ::= NO MAXVALUE.                           { A = b->sequence_clause(SequenceClauseKind::kNoMaxValue, nullptr); }
sequence_clause(A) ::= NOMAXVALUE.                            { A = b->sequence_clause(SequenceClauseKind::kNoMaxValue, nullptr); }
sequence_clause(A) ::= CACHE eq_opt signed_integer(N).        { A = b->sequence_clause(SequenceClauseKind::kCache, N); }
sequence_clause(A) ::= NOCACHE.                               { A = b->sequence_clause(SequenceClauseKind::kNoCache, nullptr); }
sequence_clause(A) ::= NO CACHE.                              { A = b->sequence_clause(SequenceClauseKind::kNoCache, nullptr); }
sequence_clause(A) ::= CYCLE.                                 { A = b->sequence_clause(SequenceClauseKind::kCycle, nullptr); }
sequence_clause(A) ::= NOCYCLE.                               { A = b->sequence_clause(SequenceClauseKind::kNoCycle, nullptr); }
sequence_clause(A) ::= NO CYCLE.                              { A = b->sequence_clause(SequenceClauseKind::kNoCycle, nullptr); }
sequence_clause(A) ::= RESTART.                               { A = b->sequence_clause(SequenceClauseKind::kRestart, nullptr); }
sequence_clause(A) ::= RESTART with_opt_1 signed_integer(N).  { A = b->sequence_clause(SequenceClauseKind::kRestart, N); }
sequence_clause(A) ::= RESTART integer_literal(N).            { A = b->sequence_clause(SequenceClauseKind::kRestart, N); }
with_opt ::= .
with_opt ::= with_opt_1.
with_opt_1 ::= WITH.
with_opt_1 ::= EQ.
by_opt ::= .
by_opt ::= BY.
by_opt ::= EQ.
%type sequence_options {TableOptions*}
sequence_options(A) ::= .                  { A = nullptr; }
sequence_options(A) ::= table_options(O).  { A = O; }

// ---- Views, triggers, routines, events ---------------------------------------------------------------
// ALGORITHM, DEFINER, SQL SECURITY and AGGREGATE stand before the noun; which may is the builder's
// to check.

%type program_attrs {ProgramAttrs*}
program_attrs(A) ::= .                                              { A = b->make<ProgramAttrs>(); }
program_attrs(A) ::= program_attrs(P) ALGORITHM EQ view_algorithm(W). { A = P; A->algorithm = static_cast<ViewAlgorithm>(W); }
program_attrs(A) ::= program_attrs(P) DEFINER EQ account(X).        { A = P; A->definer = *X; }
program_attrs(A) ::= program_attrs(P) SQL SECURITY security(S).     { A = P; A->security = static_cast<SecurityContext>(S); }
program_attrs(A) ::= program_attrs(P) AGGREGATE.                    { A = P; A->aggregate = true; }
view_algorithm(A) ::= UNDEFINED.  { A = static_cast<int>(ViewAlgorithm::kUndefined); }
view_algorithm(A) ::= MERGE.      { A = static_cast<int>(ViewAlgorithm::kMerge); }
view_algorithm(A) ::= TEMPTABLE.  { A = static_cast<int>(ViewAlgorithm::kTempTable); }
security(A) ::= DEFINER.  { A = static_cast<int>(SecurityContext::kDefiner); }
security(A) ::= INVOKER.  { A = static_cast<int>(SecurityContext::kInvoker); }

other_statement(A) ::= create(R) program_attrs(P) VIEW if_not_exists(I) table_name(N) paren_idents_opt(C) AS view_query(Q) check_option(O).
                              { A = b->create_view(R, P, I, N, C, Q, O); }
other_statement(A) ::= ALTER program_attrs(P) VIEW table_name(N) paren_idents_opt(C) AS view_query(Q) check_option(O).
                              { A = b->alter_view(P, N, C, Q, O); }
%type view_query {ViewQuery*}
view_query(A) ::= view_start(S) select_query(Q).  { A = b->view_query(S, Q); }
%type view_start {Token}
view_start(A) ::= .                               { A = b->view_start(); }
check_option(A) ::= .                             { A = static_cast<int>(CheckOption::kNone); }
check_option(A) ::= WITH CHECK OPTION.            { A = static_cast<int>(CheckOption::kCascaded); }
check_option(A) ::= WITH CASCADED CHECK OPTION.   { A = static_cast<int>(CheckOption::kCascaded); }
check_option(A) ::= WITH LOCAL CHECK OPTION.      { A = static_cast<int>(CheckOption::kLocal); }

// body_start is reduced when the first token of the body is at hand, and tells token_stream to pass
// semicolons inside BEGIN … END.
%type routine_body {Str}
routine_body(A) ::= body_start(S) body_tokens.  { A = b->body_text(S); }
%type body_start {Token}
body_start(A) ::= .     { A = b->start_body(); }
body_tokens ::= ANY.
body_tokens ::= body_tokens ANY.

other_statement(A) ::= create(R) program_attrs(P) TRIGGER if_not_exists(I) table_name(N) trigger_time(M) trigger_events(E)
                       ON table_name(T) FOR EACH ROW trigger_order(O) routine_body(B).
                              { A = b->create_trigger(R, P, I, N, M, E, T, O, B); }
trigger_time(A) ::= BEFORE.  { A = static_cast<int>(TriggerTime::kBefore); }
trigger_time(A) ::= AFTER.   { A = static_cast<int>(TriggerTime::kAfter); }
%type trigger_events {List<TriggerEvent>*}
trigger_events(A) ::= trigger_event(E).                    { A = b->list<TriggerEvent>(static_cast<TriggerEvent>(E)); }
trigger_events(A) ::= trigger_events(L) OR trigger_event(E). { A = b->append(L, static_cast<TriggerEvent>(E)); }
trigger_event(A) ::= INSERT.  { A = static_cast<int>(TriggerEvent::kInsert); }
trigger_event(A) ::= UPDATE.  { A = static_cast<int>(TriggerEvent::kUpdate); }
trigger_event(A) ::= DELETE.  { A = static_cast<int>(TriggerEvent::kDelete); }
%type trigger_order {TriggerPlace*}
trigger_order(A) ::= .                         { A = nullptr; }
trigger_order(A) ::= FOLLOWS ident_or_text(N).   { A = b->trigger_place(TriggerOrder::kFollows, N); }
trigger_order(A) ::= PRECEDES ident_or_text(N).  { A = b->trigger_place(TriggerOrder::kPrecedes, N); }

other_statement(A) ::= create(R) program_attrs(P) PROCEDURE if_not_exists(I) table_name(N) routine_parameters(L)
                       characteristics(C) routine_body(B).
                              { A = b->create_routine(RoutineKind::kProcedure, R, P, I, N, L, nullptr, C, B); }
other_statement(A) ::= create(R) program_attrs(P) FUNCTION if_not_exists(I) table_name(N) routine_parameters(L)
                       RETURNS routine_type(T) returns_collate characteristics(C) routine_body(B).
                              { A = b->create_routine(RoutineKind::kFunction, R, P, I, N, L, T, C, B); }
// MariaDB's anchored and row types have no name here: their text says what they are.
%type routine_type {DataType*}
routine_type(A) ::= type(T).                         { A = T; }
routine_type(A) ::= TYPE_OF column_ref.              { A = b->make<DataType>(); }
routine_type(A) ::= ROW TYPE_OF table_name.          { A = b->make<DataType>(); }
routine_type(A) ::= ROW_LP LP row_fields RP.         { A = b->make<DataType>(); }
row_fields ::= ident routine_type.
row_fields ::= row_fields COMMA ident routine_type.
returns_collate ::= .
returns_collate ::= COLLATE collation_name.
other_statement(A) ::= create(R) program_attrs(P) PACKAGE if_not_exists(I) table_name(N) characteristics(C) package_as routine_body(B).
                              { A = b->create_routine(RoutineKind::kPackage, R, P, I, N, nullptr, nullptr, C, B); }
other_statement(A) ::= create(R) program_attrs(P) PACKAGE BODY if_not_exists(I) table_name(N) characteristics(C) package_as routine_body(B).
                              { A = b->create_routine(RoutineKind::kPackageBody, R, P, I, N, nullptr, nullptr, C, B); }
package_as ::= AS.  { b->body_to_end = true; }
package_as ::= IS.  { b->body_to_end = true; }
other_statement(A) ::= create(R) program_attrs(P) FUNCTION if_not_exists(I) table_name(N) RETURNS udf_type(T) SONAME text_string(S).
                              { A = b->create_loadable(R, P, I, N, T, S); }
%type udf_type {Token}
udf_type(A) ::= ID(T).            { A = T; }
udf_type(A) ::= INT(T).           { A = T; }
udf_type(A) ::= REAL(T).          { A = T; }
udf_type(A) ::= DECIMAL_TYPE(T).  { A = T; }

%type routine_parameters {RoutineParameters*}
routine_parameters(A) ::= LP(T) RP.                       { A = b->parameters(T, nullptr); }
routine_parameters(A) ::= LP(T) routine_parameter_list(L) RP.  { A = b->parameters(T, L); }
%type routine_parameter_list {List<RoutineParameter>*}
routine_parameter_list(A) ::= routine_parameter(P).  { A = b->list<RoutineParameter>(*P); }
routine_parameter_list(A) ::= routine_parameter_list(L) COMMA routine_parameter(P).  { A = b->append(L, *P); }
%type routine_parameter {RoutineParameter*}
routine_parameter(A) ::= parameter_mode(M) ident(N) routine_type(T) returns_collate parameter_default(D).
                              { A = b->routine_parameter(M, N, T, D); }
%type parameter_default {Expr*}
parameter_default(A) ::= .                { A = nullptr; }
parameter_default(A) ::= DEFAULT expr(X). { A = X; }
parameter_mode(A) ::= .       { A = static_cast<int>(ParameterMode::kIn); }
parameter_mode(A) ::= IN.     { A = static_cast<int>(ParameterMode::kIn); }
parameter_mode(A) ::= OUT.    { A = static_cast<int>(ParameterMode::kOut); }
parameter_mode(A) ::= INOUT.  { A = static_cast<int>(ParameterMode::kInOut); }
%type characteristics {RoutineCharacteristics*}
characteristics(A) ::= .                                        { A = b->make<RoutineCharacteristics>(); }
characteristics(A) ::= characteristics(C) COMMENT text_string(S). { A = C; A->has_comment = true; A->comment = S; }
characteristics(A) ::= characteristics(C) LANGUAGE ident_or_sql(N). { A = C; A->language = N; }
characteristics(A) ::= characteristics(C) DETERMINISTIC.        { A = C; A->deterministic = Toggle::kOn; }
characteristics(A) ::= characteristics(C) NOT DETERMINISTIC.    { A = C; A->deterministic = Toggle::kOff; }
characteristics(A) ::= characteristics(C) CONTAINS SQL.         { A = C; A->data_access = SqlDataAccess::kContains; }
characteristics(A) ::= characteristics(C) NO SQL.               { A = C; A->data_access = SqlDataAccess::kNone; }
characteristics(A) ::= characteristics(C) READS SQL DATA.       { A = C; A->data_access = SqlDataAccess::kReads; }
characteristics(A) ::= characteristics(C) MODIFIES SQL DATA.    { A = C; A->data_access = SqlDataAccess::kModifies; }
characteristics(A) ::= characteristics(C) SQL SECURITY security(S). { A = C; A->security = static_cast<SecurityContext>(S); }
%type ident_or_sql {Str}
ident_or_sql(A) ::= ident(N).  { A = N; }
ident_or_sql(A) ::= SQL.       { A = b->str("SQL"); }

other_statement(A) ::= ALTER program_attrs PROCEDURE table_name(N) characteristics(C).
                              { A = b->alter_routine(RoutineKind::kProcedure, N, C); }
other_statement(A) ::= ALTER program_attrs FUNCTION table_name(N) characteristics(C).
                              { A = b->alter_routine(RoutineKind::kFunction, N, C); }

other_statement(A) ::= create(R) program_attrs(P) EVENT if_not_exists(I) table_name(N) ON_SCHEDULE schedule(S)
                       event_clauses(C) DO routine_body(B).
                              { A = b->create_event(R, P, I, N, S, C, B); }
other_statement(A) ::= ALTER program_attrs(P) EVENT table_name(N) alter_schedule(S) event_clauses(C) event_body_opt(B).
                              { A = b->alter_event(P, N, S, C, B); }
%type schedule {CreateEventStatement*}
schedule(A) ::= AT expr(X).                          { A = b->make<CreateEventStatement>(); A->at = X; }
schedule(A) ::= EVERY(T) expr(X) unit(U) event_starts(S) event_ends(E).
                              { A = b->schedule_every(T, X, U, S, E); }
%type event_starts {Expr*}
event_starts(A) ::= .                { A = nullptr; }
event_starts(A) ::= STARTS expr(X).  { A = X; }
%type event_ends {Expr*}
event_ends(A) ::= .              { A = nullptr; }
event_ends(A) ::= ENDS expr(X).  { A = X; }
%type alter_schedule {CreateEventStatement*}
alter_schedule(A) ::= .                         { A = b->make<CreateEventStatement>(); }
alter_schedule(A) ::= ON_SCHEDULE schedule(S).  { A = S; }
%type event_clauses {CreateEventStatement*}
event_clauses(A) ::= .                                          { A = b->make<CreateEventStatement>(); }
event_clauses(A) ::= event_clauses(C) ON_COMPLETION PRESERVE.   { A = C; A->preserve = Toggle::kOn; }
event_clauses(A) ::= event_clauses(C) ON_COMPLETION NOT PRESERVE. { A = C; A->preserve = Toggle::kOff; }
event_clauses(A) ::= event_clauses(C) ENABLE.                   { A = C; A->status = EventStatus::kEnabled; }
event_clauses(A) ::= event_clauses(C) DISABLE.                  { A = C; A->status = EventStatus::kDisabled; }
event_clauses(A) ::= event_clauses(C) DISABLE ON replica_word.  { A = C; A->status = EventStatus::kDisabledOnReplica; }
event_clauses(A) ::= event_clauses(C) COMMENT text_string(S).   { A = C; A->has_comment = true; A->comment = S; }
event_clauses(A) ::= event_clauses(C) RENAME TO table_name(N).  { A = C; A->rename_to = *N; }
%type event_body_opt {Str}
event_body_opt(A) ::= .                    { A = {}; }
event_body_opt(A) ::= DO routine_body(B).  { A = B; }
replica_word ::= REPLICA.
replica_word ::= SLAVE.

other_statement(A) ::= DROP TRIGGER if_exists(I) table_name(N).       { A = b->drop_program(ProgramKind::kTrigger, I, N); }
other_statement(A) ::= DROP PROCEDURE if_exists(I) table_name(N).     { A = b->drop_program(ProgramKind::kProcedure, I, N); }
other_statement(A) ::= DROP FUNCTION if_exists(I) table_name(N).      { A = b->drop_program(ProgramKind::kFunction, I, N); }
other_statement(A) ::= DROP EVENT if_exists(I) table_name(N).         { A = b->drop_program(ProgramKind::kEvent, I, N); }
other_statement(A) ::= DROP PACKAGE if_exists(I) table_name(N).       { A = b->drop_program(ProgramKind::kPackage, I, N); }
other_statement(A) ::= DROP PACKAGE BODY if_exists(I) table_name(N).  { A = b->drop_program(ProgramKind::kPackageBody, I, N); }

// ==== Transactions ==================================================================================

other_statement(A) ::= START TRANSACTION start_options(O).  { A = b->begin(O); }
other_statement(A) ::= BEGIN work_opt.                      { A = b->begin(0); }
other_statement(A) ::= BEGIN NOT ATOMIC compound_body.      { A = b->other("BEGIN NOT ATOMIC"); }
compound_body ::= compound_start body_tokens.
compound_start ::= .  { b->start_compound(); }
work_opt ::= .
work_opt ::= WORK.
// Bits: 1 consistent snapshot, 2 read only, 4 read write.
start_options(A) ::= .                      { A = 0; }
start_options(A) ::= start_option_list(L).  { A = L; }
start_option_list(A) ::= start_option(O).                             { A = O; }
start_option_list(A) ::= start_option_list(L) COMMA start_option(O).  { A = L | O; }
start_option(A) ::= WITH CONSISTENT SNAPSHOT.  { A = 1; }
start_option(A) ::= READ ONLY.                 { A = 2; }
start_option(A) ::= READ WRITE.                { A = 4; }

other_statement(A) ::= COMMIT work_opt chain_opt(C) release_opt(R).    { A = b->end_transaction(StatementKind::kCommit, C, R); }
other_statement(A) ::= ROLLBACK work_opt chain_opt(C) release_opt(R).  { A = b->end_transaction(StatementKind::kRollback, C, R); }
chain_opt(A) ::= .              { A = static_cast<int>(Toggle::kUnset); }
chain_opt(A) ::= AND CHAIN.     { A = static_cast<int>(Toggle::kOn); }
chain_opt(A) ::= AND NO CHAIN.  { A = static_cast<int>(Toggle::kOff); }
release_opt(A) ::= .            { A = static_cast<int>(Toggle::kUnset); }
release_opt(A) ::= RELEASE.     { A = static_cast<int>(Toggle::kOn); }
release_opt(A) ::= NO RELEASE.  { A = static_cast<int>(Toggle::kOff); }

other_statement(A) ::= SAVEPOINT ident(N).                         { A = b->savepoint(SavepointOp::kSet, N); }
other_statement(A) ::= ROLLBACK work_opt TO savepoint_opt ident(N). { A = b->savepoint(SavepointOp::kRollbackTo, N); }
other_statement(A) ::= RELEASE SAVEPOINT ident(N).                 { A = b->savepoint(SavepointOp::kRelease, N); }
savepoint_opt ::= .
savepoint_opt ::= SAVEPOINT.

// XA
other_statement(A) ::= XA xa_start xid(X) xa_join(J).     { A = X; b->xa(X, XaOp::kStart, J); }
other_statement(A) ::= XA END xid(X) xa_suspend(S).       { A = X; b->xa(X, XaOp::kEnd, S); }
other_statement(A) ::= XA PREPARE xid(X).                 { A = X; b->xa(X, XaOp::kPrepare, 0); }
other_statement(A) ::= XA COMMIT xid(X) one_phase_opt(O). { A = X; b->xa(X, XaOp::kCommit, O); }
other_statement(A) ::= XA ROLLBACK xid(X).                { A = X; b->xa(X, XaOp::kRollback, 0); }
other_statement(A) ::= XA RECOVER xa_recover(C).          { A = b->xa_recover(C); }
xa_start ::= START.
xa_start ::= BEGIN.
// Bits: 1 join, 2 resume, 4 suspend, 8 for migrate, 16 one phase.
xa_join(A) ::= .        { A = 0; }
xa_join(A) ::= JOIN.    { A = 1; }
xa_join(A) ::= RESUME.  { A = 2; }
xa_suspend(A) ::= .                     { A = 0; }
xa_suspend(A) ::= SUSPEND.              { A = 4; }
xa_suspend(A) ::= SUSPEND FOR MIGRATE.  { A = 12; }
one_phase_opt(A) ::= .           { A = 0; }
one_phase_opt(A) ::= ONE PHASE.  { A = 16; }
xa_recover(A) ::= .                       { A = 0; }
xa_recover(A) ::= CONVERT XID.            { A = 1; }
xa_recover(A) ::= FORMAT EQ text_string.  { A = 1; }
%type xid {XaStatement*}
xid(A) ::= text_string(G).                                      { A = b->xid(G, {}, 1); }
xid(A) ::= text_string(G) COMMA text_string(Q).                 { A = b->xid(G, Q, 1); }
xid(A) ::= text_string(G) COMMA text_string(Q) COMMA number(F). { A = b->xid(G, Q, F); }

// LOCK, UNLOCK
other_statement(A) ::= LOCK tables_word lock_list(L) wait_opt.       { A = b->lock_tables(L); }
other_statement(A) ::= LOCK INSTANCE FOR BACKUP.            { A = b->lock_instance(); }
other_statement(A) ::= UNLOCK tables_word.                  { A = b->unlock_tables(false); }
other_statement(A) ::= UNLOCK INSTANCE.                     { A = b->unlock_tables(true); }
%type lock_list {List<LockedTable>*}
lock_list(A) ::= locked_table(T).                     { A = b->list<LockedTable>(*T); }
lock_list(A) ::= lock_list(L) COMMA locked_table(T).  { A = b->append(L, *T); }
%type locked_table {LockedTable*}
locked_table(A) ::= table_name(N) table_alias_opt(L) lock_type(K).  { A = b->locked_table(N, L, K); }
lock_type(A) ::= READ.                { A = static_cast<int>(TableLock::kRead); }
lock_type(A) ::= READ LOCAL.          { A = static_cast<int>(TableLock::kReadLocal); }
lock_type(A) ::= WRITE.               { A = static_cast<int>(TableLock::kWrite); }
lock_type(A) ::= WRITE CONCURRENT.    { A = static_cast<int>(TableLock::kWrite); }
lock_type(A) ::= LOW_PRIORITY WRITE.  { A = static_cast<int>(TableLock::kLowPriorityWrite); }

// ==== SET ===========================================================================================

other_statement(A) ::= SET set_items(L).                            { A = b->set(L, nullptr); }
other_statement(A) ::= SET STATEMENT set_items(L) FOR statement(S). { A = b->set(L, S); }
other_statement(A) ::= SET transaction_scope(S) TRANSACTION transaction_characteristics(C).
                              { A = b->set_transaction(S, C); }
other_statement(A) ::= SET PASSWORD password_for(U) password_value(P) password_tail.
                              { A = b->set_password(U, P); }
other_statement(A) ::= SET ROLE role_set(R).                          { A = b->set_role(R, nullptr, false); }
other_statement(A) ::= SET DEFAULT_ROLE role_set(R) TO accounts(L).   { A = b->set_role(R, L, true); }
other_statement(A) ::= SET DEFAULT_ROLE role_set(R) FOR account(U).   { A = b->set_role(R, b->list<AccountName>(*U), true); }
other_statement(A) ::= SET DEFAULT_ROLE role_set(R).                  { A = b->set_role(R, nullptr, true); }
other_statement(A) ::= SET RESOURCE GROUP any_tokens.                 { A = b->other("SET RESOURCE GROUP"); }

%type set_items {List<SetItem>*}
set_items(A) ::= set_item(X).                    { A = b->list<SetItem>(*X); }
set_items(A) ::= set_items(L) COMMA set_item(X). { A = b->append(L, *X); }
%type set_item {SetItem*}
set_item(A) ::= USER_VAR(T) set_eq expr(X).      { A = b->set_user_variable(T, X); }
set_item(A) ::= AT_AT ident(X) set_eq set_value(V).                         { A = b->set_variable_at(X, {}, {}, V); }
set_item(A) ::= AT_AT ident(X) DOT ident(Y) set_eq set_value(V).            { A = b->set_variable_at(X, Y, {}, V); }
set_item(A) ::= AT_AT ident(X) DOT ident(Y) DOT ident(Z) set_eq set_value(V). { A = b->set_variable_at(X, Y, Z, V); }
set_item(A) ::= AT_AT ident(X) DOT STRING(Y) DOT ident(Z) set_eq set_value(V). { A = b->set_variable_at(X, b->string(Y), Z, V); }
set_item(A) ::= set_scope(S) ident(N) set_eq set_value(V).                  { A = b->set_variable(S, {}, N, V); }
set_item(A) ::= set_scope(S) ident(I) DOT ident(N) set_eq set_value(V).     { A = b->set_variable(S, I, N, V); }
set_item(A) ::= set_scope(S) DEFAULT DOT ident(N) set_eq set_value(V).      { A = b->set_variable(S, b->str("default"), N, V); }
set_item(A) ::= ident(N) set_eq set_value(V).                               { A = b->set_variable(0, {}, N, V); }
set_item(A) ::= ident(I) DOT ident(N) set_eq set_value(V).                  { A = b->set_variable(0, I, N, V); }
set_item(A) ::= DEFAULT DOT ident(N) set_eq set_value(V).                   { A = b->set_variable(0, b->str("default"), N, V); }
set_item(A) ::= NAMES set_charset(C).                                       { A = b->set_names(C, {}); }
set_item(A) ::= NAMES set_charset(C) COLLATE collation_name(L).             { A = b->set_names(C, L); }
set_item(A) ::= charset_words set_charset(C).                               { A = b->set_character_set(C); }
set_scope(A) ::= GLOBAL.        { A = static_cast<int>(VariableScope::kGlobal); }
set_scope(A) ::= SESSION.       { A = static_cast<int>(VariableScope::kSession); }
set_scope(A) ::= LOCAL.         { A = static_cast<int>(VariableScope::kSession); }
set_scope(A) ::= PERSIST.       { A = static_cast<int>(VariableScope::kPersist); }
set_scope(A) ::= PERSIST_ONLY.  { A = static_cast<int>(VariableScope::kPersistOnly); }
%type set_charset {Str}
set_charset(A) ::= charset_name(C).  { A = C; }
set_charset(A) ::= DEFAULT.          { A = {}; }
// Null is DEFAULT; words that no expression may begin with are strings.
%type set_value {Expr*}
set_value(A) ::= expr(X).    { A = X; }
set_value(A) ::= DEFAULT.    { A = nullptr; }
set_value(A) ::= ON(T).      { A = b->word_literal(T); }
set_value(A) ::= ALL(T).     { A = b->word_literal(T); }
set_value(A) ::= BINARY(T).  { A = b->word_literal(T); }

transaction_scope(A) ::= .         { A = static_cast<int>(VariableScope::kUnset); }
transaction_scope(A) ::= GLOBAL.   { A = static_cast<int>(VariableScope::kGlobal); }
transaction_scope(A) ::= SESSION.  { A = static_cast<int>(VariableScope::kSession); }
transaction_scope(A) ::= LOCAL.    { A = static_cast<int>(VariableScope::kSession); }
// Low 4 bits the isolation level, 16 read only, 32 read write.
transaction_characteristics(A) ::= transaction_characteristic(X).  { A = X; }
transaction_characteristics(A) ::= transaction_characteristics(L) COMMA transaction_characteristic(X). { A = L | X; }
transaction_characteristic(A) ::= ISOLATION LEVEL READ UNCOMMITTED.  { A = static_cast<int>(IsolationLevel::kReadUncommitted); }
transaction_characteristic(A) ::= ISOLATION LEVEL READ COMMITTED.    { A = static_cast<int>(IsolationLevel::kReadCommitted); }
transaction_characteristic(A) ::= ISOLATION LEVEL REPEATABLE READ.   { A = static_cast<int>(IsolationLevel::kRepeatableRead); }
transaction_characteristic(A) ::= ISOLATION LEVEL SERIALIZABLE.      { A = static_cast<int>(IsolationLevel::kSerializable); }
transaction_characteristic(A) ::= READ ONLY.   { A = 16; }
transaction_characteristic(A) ::= READ WRITE.  { A = 32; }

%type password_for {AccountName*}
password_for(A) ::= .                { A = nullptr; }
password_for(A) ::= FOR account(U).  { A = U; }
%type password_value {SetPasswordStatement*}
password_value(A) ::= set_eq text_string(S).                  { A = b->password(S, 0); }
password_value(A) ::= set_eq PASSWORD LP text_string(S) RP.   { A = b->password(S, 1); }
password_value(A) ::= TO RANDOM.                              { A = b->password({}, 2); }
password_tail ::= .
password_tail ::= password_tail REPLACE text_string.
password_tail ::= password_tail RETAIN CURRENT PASSWORD.

%type role_set {RoleList*}
role_set(A) ::= NONE.                      { A = b->role_list(RoleSet::kNone, nullptr); }
role_set(A) ::= DEFAULT.                   { A = b->role_list(RoleSet::kDefault, nullptr); }
role_set(A) ::= ALL.                       { A = b->role_list(RoleSet::kAll, nullptr); }
role_set(A) ::= ALL EXCEPT accounts(L).    { A = b->role_list(RoleSet::kAllExcept, L); }
role_set(A) ::= accounts(L).               { A = b->role_list(RoleSet::kList, L); }

// ==== USE, prepared statements ======================================================================

other_statement(A) ::= USE ident(N).                               { A = b->use(N); }
other_statement(A) ::= PREPARE ident(N) FROM prepare_source(S).    { A = b->prepare(N, S); }
%type prepare_source {Expr*}
prepare_source(A) ::= expr(X).  { A = X; }
other_statement(A) ::= EXECUTE ident(N).                           { A = b->execute(N, nullptr, nullptr); }
other_statement(A) ::= EXECUTE ident(N) USING value_list(L).        { A = b->execute(N, nullptr, L); }
other_statement(A) ::= EXECUTE IMMEDIATE expr(X).                  { A = b->execute({}, X, nullptr); }
other_statement(A) ::= EXECUTE IMMEDIATE expr(X) USING value_list(L). { A = b->execute({}, X, L); }
other_statement(A) ::= deallocate_word PREPARE ident(N).           { A = b->deallocate(N); }
deallocate_word ::= DEALLOCATE.
deallocate_word ::= DROP.

// ==== SHOW ==========================================================================================

%type show_filter {ShowStatement*}
show_filter(A) ::= .                       { A = b->make<ShowStatement>(); }
show_filter(A) ::= LIKE string_literal(X). { A = b->make<ShowStatement>(); A->like = X; }
show_filter(A) ::= WHERE expr(X).          { A = b->make<ShowStatement>(); A->where = X; }
%type show_from_db {Str}
show_from_db(A) ::= .                    { A = {}; }
show_from_db(A) ::= from_word ident(N).  { A = N; }
from_word ::= FROM.
from_word ::= IN.
// Bits: 1 full, 2 extended.
show_full(A) ::= .               { A = 0; }
show_full(A) ::= FULL.           { A = 1; }
show_full(A) ::= EXTENDED.       { A = 2; }
show_full(A) ::= EXTENDED FULL.  { A = 3; }
show_scope(A) ::= .              { A = static_cast<int>(VariableScope::kUnset); }
show_scope(A) ::= GLOBAL.        { A = static_cast<int>(VariableScope::kGlobal); }
show_scope(A) ::= SESSION.       { A = static_cast<int>(VariableScope::kSession); }
show_scope(A) ::= LOCAL.         { A = static_cast<int>(VariableScope::kSession); }

other_statement(A) ::= SHOW show_body(S).  { A = b->show(S); }
%type show_body {ShowStatement*}
show_body(A) ::= DATABASES show_filter(F).                 { A = F; A->show = ShowKind::kDatabases; }
show_body(A) ::= show_full(M) TABLES show_from_db(D) as_of_opt(O) show_filter(F).
                                                           { A = b->show_in(ShowKind::kTables, F, M, D, O); }
show_body(A) ::= TABLE STATUS show_from_db(D) as_of_opt(O) show_filter(F).
                                                           { A = b->show_in(ShowKind::kTableStatus, F, 0, D, O); }
show_body(A) ::= OPEN TABLES show_from_db(D) show_filter(F).   { A = b->show_in(ShowKind::kOpenTables, F, 0, D, nullptr); }
show_body(A) ::= show_full(M) TRIGGERS show_from_db(D) as_of_opt(O) show_filter(F).
                                                           { A = b->show_in(ShowKind::kTriggers, F, M, D, O); }
show_body(A) ::= EVENTS show_from_db(D) show_filter(F).    { A = b->show_in(ShowKind::kEvents, F, 0, D, nullptr); }
show_body(A) ::= show_full(M) COLUMNS from_word table_name(T) show_from_db(D) as_of_opt(O) show_filter(F).
                                                           { A = b->show_table(ShowKind::kColumns, F, M, T, D, O); }
show_body(A) ::= show_full(M) show_index from_word table_name(T) show_from_db(D) as_of_opt(O) show_filter(F).
                                                           { A = b->show_table(ShowKind::kIndexes, F, M, T, D, O); }
show_index ::= INDEX.
show_index ::= INDEXES.
show_index ::= KEYS.
show_body(A) ::= show_scope(S) VARIABLES show_filter(F).   { A = b->show_scoped(ShowKind::kVariables, F, S); }
show_body(A) ::= show_scope(S) STATUS show_filter(F).      { A = b->show_scoped(ShowKind::kStatus, F, S); }
show_body(A) ::= charset_words show_filter(F).             { A = F; A->show = ShowKind::kCharacterSet; }
show_body(A) ::= COLLATION show_filter(F).                 { A = F; A->show = ShowKind::kCollation; }
show_body(A) ::= show_full(M) PROCESSLIST show_filter(F).  { A = b->show_in(ShowKind::kProcesslist, F, M, {}, nullptr); }
show_body(A) ::= ENGINES.                                  { A = b->show_kind(ShowKind::kEngines); }
show_body(A) ::= STORAGE ENGINES.                          { A = b->show_kind(ShowKind::kEngines); }
show_body(A) ::= ENGINE ident_or_text(N) show_engine(W).   { A = b->show_engine(N, W); }
show_body(A) ::= ENGINE ALL show_engine(W).                { A = b->show_engine(b->str("ALL"), W); }
%type show_engine {Token}
show_engine(A) ::= STATUS(T).  { A = T; }
show_engine(A) ::= MUTEX(T).   { A = T; }
show_engine(A) ::= LOGS(T).    { A = T; }
show_body(A) ::= PLUGINS.                                  { A = b->show_kind(ShowKind::kPlugins); }
show_body(A) ::= PLUGINS SONAME text_string(S).            { A = b->show_kind(ShowKind::kPlugins); A->detail = b->str("SONAME"); A->name = S; }
show_body(A) ::= PLUGINS SONAME show_filter(F).            { A = F; A->show = ShowKind::kPlugins; A->detail = b->str("SONAME"); }
show_body(A) ::= PRIVILEGES.                               { A = b->show_kind(ShowKind::kPrivileges); }
show_body(A) ::= AUTHORS.                                  { A = b->show_kind(ShowKind::kAuthors); }
show_body(A) ::= CONTRIBUTORS.                             { A = b->show_kind(ShowKind::kContributors); }
show_body(A) ::= LOCALES show_filter(F).                   { A = F; A->show = ShowKind::kLocales; }
show_body(A) ::= CLIENT_STATISTICS show_filter(F).         { A = F; A->show = ShowKind::kClientStatistics; }
show_body(A) ::= USER_STATISTICS show_filter(F).           { A = F; A->show = ShowKind::kUserStatistics; }
show_body(A) ::= TABLE_STATISTICS show_filter(F).          { A = F; A->show = ShowKind::kTableStatistics; }
show_body(A) ::= INDEX_STATISTICS show_filter(F).          { A = F; A->show = ShowKind::kIndexStatistics; }
show_body(A) ::= PROFILES.                                 { A = b->show_kind(ShowKind::kProfiles); }
show_body(A) ::= PROFILE profile_types profile_query(I) limit_opt(L).
                                                           { A = b->show_kind(ShowKind::kProfile); A->id = I; b->show_limit(A, L); }
profile_types ::= .
profile_types ::= profile_type_list.
profile_type_list ::= profile_type.
profile_type_list ::= profile_type_list COMMA profile_type.
profile_type ::= ALL.
profile_type ::= ID.
profile_type ::= ID ID.
%type profile_query {Expr*}
profile_query(A) ::= .                               { A = nullptr; }
profile_query(A) ::= FOR QUERY integer_literal(N).   { A = N; }
show_body(A) ::= WARNINGS limit_opt(L).                    { A = b->show_kind(ShowKind::kWarnings); b->show_limit(A, L); }
show_body(A) ::= ERRORS limit_opt(L).                      { A = b->show_kind(ShowKind::kErrors); b->show_limit(A, L); }
show_body(A) ::= COUNT_LP LP STAR RP WARNINGS.             { A = b->show_kind(ShowKind::kCountWarnings); }
show_body(A) ::= COUNT_LP LP STAR RP ERRORS.               { A = b->show_kind(ShowKind::kCountErrors); }
show_body(A) ::= PROCEDURE STATUS show_filter(F).          { A = F; A->show = ShowKind::kProcedureStatus; }
show_body(A) ::= FUNCTION STATUS show_filter(F).           { A = F; A->show = ShowKind::kFunctionStatus; }
show_body(A) ::= PACKAGE STATUS show_filter(F).            { A = F; A->show = ShowKind::kPackageStatus; }
show_body(A) ::= PACKAGE BODY STATUS show_filter(F).       { A = F; A->show = ShowKind::kPackageBodyStatus; }
show_body(A) ::= PROCEDURE CODE table_name(N).             { A = b->show_object(ShowKind::kProcedureCode, N); }
show_body(A) ::= FUNCTION CODE table_name(N).              { A = b->show_object(ShowKind::kFunctionCode, N); }
show_body(A) ::= GRANTS.                                   { A = b->show_kind(ShowKind::kGrants); }
show_body(A) ::= GRANTS FOR account(U).                    { A = b->show_account(ShowKind::kGrants, U, nullptr); }
show_body(A) ::= GRANTS FOR account(U) USING accounts(L).  { A = b->show_account(ShowKind::kGrants, U, L); }
show_body(A) ::= EXPLAIN for_connection expr(X).           { A = b->show_kind(ShowKind::kExplainFor); A->id = X; }
show_body(A) ::= EXPLAIN FORMAT_EQ EQ ident_or_text(F) for_connection expr(X).
                                                           { A = b->show_kind(ShowKind::kExplainFor); A->id = X; A->detail = F; }
show_body(A) ::= ANALYZE FORMAT_EQ EQ ident_or_text for_connection expr(X).
                                                           { A = b->show_kind(ShowKind::kExplainFor); A->id = X; A->detail = b->str("ANALYZE"); }
show_body(A) ::= ANALYZE for_connection expr(X).           { A = b->show_kind(ShowKind::kExplainFor); A->id = X; A->detail = b->str("ANALYZE"); }
show_body(A) ::= PARSE_TREE any_tokens.                    { A = b->show_kind(ShowKind::kParseTree); }
for_connection ::= FOR.
show_body(A) ::= CREATE DATABASE if_not_exists(I) ident(N). { A = b->show_kind(ShowKind::kCreateDatabase); A->database = N; A->if_not_exists = I != 0; }
show_body(A) ::= CREATE TABLE table_name(N) as_of_opt(O).  { A = b->show_object(ShowKind::kCreateTable, N, O); }
show_body(A) ::= CREATE VIEW table_name(N) as_of_opt(O).   { A = b->show_object(ShowKind::kCreateView, N, O); }
show_body(A) ::= CREATE TRIGGER table_name(N) as_of_opt(O). { A = b->show_object(ShowKind::kCreateTrigger, N, O); }
show_body(A) ::= CREATE PROCEDURE table_name(N).           { A = b->show_object(ShowKind::kCreateProcedure, N); }
show_body(A) ::= CREATE FUNCTION table_name(N).            { A = b->show_object(ShowKind::kCreateFunction, N); }
show_body(A) ::= CREATE EVENT table_name(N).               { A = b->show_object(ShowKind::kCreateEvent, N); }
show_body(A) ::= CREATE SEQUENCE table_name(N).            { A = b->show_object(ShowKind::kCreateSequence, N); }
show_body(A) ::= CREATE PACKAGE table_name(N).             { A = b->show_object(ShowKind::kCreatePackage, N); }
show_body(A) ::= CREATE PACKAGE BODY table_name(N).        { A = b->show_object(ShowKind::kCreatePackageBody, N); }
show_body(A) ::= CREATE SERVER ident_or_text(N).           { A = b->show_kind(ShowKind::kCreateServer); A->name = N; }
show_body(A) ::= CREATE USER.                              { A = b->show_kind(ShowKind::kCreateUser); }
show_body(A) ::= CREATE USER account(U).                   { A = b->show_account(ShowKind::kCreateUser, U, nullptr); }

// replication
show_body(A) ::= BINARY LOGS.             { A = b->show_kind(ShowKind::kBinaryLogs); }
show_body(A) ::= MASTER LOGS.             { A = b->show_kind(ShowKind::kBinaryLogs); A->old_words = true; }
show_body(A) ::= MASTER STATUS.           { A = b->show_kind(ShowKind::kBinaryLogStatus); A->old_words = true; }
show_body(A) ::= BINARY LOG_WORD STATUS.  { A = b->show_kind(ShowKind::kBinaryLogStatus); }
show_body(A) ::= BINLOG STATUS.           { A = b->show_kind(ShowKind::kBinaryLogStatus); A->old_words = true; }
show_body(A) ::= BINLOG EVENTS binlog_in(N) binlog_from(P) limit_opt(L).
                                          { A = b->show_events(ShowKind::kBinlogEvents, N, P, L, nullptr); }
show_body(A) ::= RELAYLOG channel_name_opt(C) EVENTS binlog_in(N) binlog_from(P) limit_opt(L) channel_opt(D).
                                          { A = b->show_events(ShowKind::kRelaylogEvents, N, P, L, C != nullptr ? C : D); }
%type binlog_in {Str}
binlog_in(A) ::= .                   { A = {}; }
binlog_in(A) ::= IN text_string(S).  { A = S; }
%type binlog_from {Expr*}
binlog_from(A) ::= .                         { A = nullptr; }
binlog_from(A) ::= FROM integer_literal(N).  { A = N; }
show_body(A) ::= REPLICAS.                { A = b->show_kind(ShowKind::kReplicas); }
show_body(A) ::= SLAVE HOSTS.             { A = b->show_kind(ShowKind::kReplicas); A->old_words = true; }
show_body(A) ::= REPLICA HOSTS.           { A = b->show_kind(ShowKind::kReplicas); }
show_body(A) ::= REPLICA channel_name_opt(C) STATUS channel_opt(D).  { A = b->show_replica(false, C, D); }
show_body(A) ::= SLAVE channel_name_opt(C) STATUS channel_opt(D).    { A = b->show_replica(true, C, D); }
show_body(A) ::= ALL SLAVES STATUS.       { A = b->show_replica(true, nullptr, nullptr); A->all = true; }
show_body(A) ::= ALL REPLICAS STATUS.     { A = b->show_replica(false, nullptr, nullptr); A->all = true; }

// FOR CHANNEL 'c' at the end (MySQL); 'c' behind the noun (MariaDB)
%type channel_opt {Channel*}
channel_opt(A) ::= .                                 { A = nullptr; }
channel_opt(A) ::= FOR CHANNEL ident_or_text(N).     { A = b->channel(N); }
%type channel_name_opt {Channel*}
channel_name_opt(A) ::= .          { A = nullptr; }
channel_name_opt(A) ::= STRING(T). { A = b->channel(b->string(T)); }

// ==== DESCRIBE, EXPLAIN, KILL, FLUSH … ==============================================================

other_statement(A) ::= describe_word table_name(N) as_of_opt(O).             { A = b->describe(N, {}, nullptr, O); }
other_statement(A) ::= describe_word table_name(N) ident(C) as_of_opt(O).    { A = b->describe(N, C, nullptr, O); }
other_statement(A) ::= describe_word table_name(N) string_literal(X) as_of_opt(O). { A = b->describe(N, {}, X, O); }
describe_word ::= DESC.
describe_word ::= EXPLAIN.
other_statement(A) ::= describe_word explain_options(O) explain_target(S).   { A = b->explain(O, S); }
other_statement(A) ::= describe_word explain_target(S).                      { A = b->explain(nullptr, S); }
other_statement(A) ::= describe_word explain_options(O) FOR CONNECTION expr(X). { A = b->explain_connection(O, X); }
other_statement(A) ::= describe_word FOR CONNECTION expr(X).                 { A = b->explain_connection(nullptr, X); }
other_statement(A) ::= ANALYZE analyze_format(O) row_statement(S).           { A = b->analyze_statement(O, S); }
%type explain_target {Statement*}
explain_target(A) ::= row_statement(S).  { A = S; }
%type explain_options {ExplainStatement*}
explain_options(A) ::= explain_option(O).                     { A = O; }
explain_options(A) ::= explain_options(L) explain_option(O).  { A = b->merge_explain(L, O); }
%type explain_option {ExplainStatement*}
explain_option(A) ::= EXTENDED.                               { A = b->make<ExplainStatement>(); A->extended = true; }
explain_option(A) ::= PARTITIONS.                             { A = b->make<ExplainStatement>(); A->partitions = true; }
explain_option(A) ::= ANALYZE.                                { A = b->make<ExplainStatement>(); A->analyze = true; }
explain_option(A) ::= FORMAT_EQ EQ ident_or_text(F).          { A = b->explain_format(F); }
explain_option(A) ::= INTO USER_VAR(T).                       { A = b->make<ExplainStatement>(); A->into_variable = b->variable_name(T); }
explain_option(A) ::= FOR DATABASE ident(N).                  { A = b->make<ExplainStatement>(); A->for_schema = N; }
%type analyze_format {ExplainStatement*}
analyze_format(A) ::= . [CONDITIONLESS]               { A = nullptr; }
analyze_format(A) ::= FORMAT_EQ EQ ident_or_text(F).  { A = b->explain_format(F); }

other_statement(A) ::= KILL kill_hard(H) kill_kind(K) expr(X).         { A = b->kill(H, K, X, nullptr); }
other_statement(A) ::= KILL kill_hard(H) kill_kind(K) USER account(U). { A = b->kill(H, K, nullptr, U); }
kill_hard(A) ::= .      { A = 0; }
kill_hard(A) ::= HARD.  { A = 1; }
kill_hard(A) ::= SOFT.  { A = 2; }
kill_kind(A) ::= .            { A = static_cast<int>(KillKind::kConnection); }
kill_kind(A) ::= CONNECTION.  { A = static_cast<int>(KillKind::kConnection); }
kill_kind(A) ::= QUERY.       { A = static_cast<int>(KillKind::kQuery); }
kill_kind(A) ::= QUERY_ID.    { A = static_cast<int>(KillKind::kQueryId); }

other_statement(A) ::= FLUSH no_log(N) flush_options.  { A = b->finish_flush(N); }
other_statement(A) ::= FLUSH no_log(N) tables_word flush_tables(L) wait_opt flush_lock(M).  { A = b->flush_tables(N, L, M); }
%type flush_tables {List<ObjectName>*}
flush_tables(A) ::= .               { A = nullptr; }
flush_tables(A) ::= table_names(L). { A = L; }
flush_lock(A) ::= .                         { A = 0; }
flush_lock(A) ::= WITH READ LOCK.           { A = 1; }
flush_lock(A) ::= WITH READ LOCK AND DISABLE CHECKPOINT_W. { A = 1; }
flush_lock(A) ::= FOR EXPORT.               { A = 2; }
flush_options ::= flush_option.
flush_options ::= flush_options COMMA flush_option.
flush_option ::= flush_words(W) channel_opt(C).  { b->flush_option(W, C); }
flush_option ::= flush_words(W) EQ source_value. { b->flush_option(W, nullptr); }
%type flush_words {Str}
flush_words(A) ::= flush_word(W).                 { A = b->upper(W); }
flush_words(A) ::= flush_words(L) flush_word(W).  { A = b->str_concat(L, " ", b->upper(W)); }
%type flush_word {Token}
flush_word(A) ::= ID(T).      { A = T; }
flush_word(A) ::= STRING(T).  { A = T; }
flush_word(A) ::= BINARY(T).  { A = T; }
flush_word(A) ::= GLOBAL(T).  { A = T; }
flush_word(A) ::= SSL(T).     { A = T; }

other_statement(A) ::= RESET reset_options.  { A = b->finish_reset(); }
reset_options ::= reset_option.
reset_options ::= reset_options COMMA reset_option.
reset_option ::= MASTER reset_to.                { b->reset_option(b->str("MASTER")); }
reset_option ::= BINARY LOGS AND ID reset_to.    { b->reset_option(b->str("MASTER")); }
reset_option ::= QUERY CACHE.                    { b->reset_option(b->str("QUERY CACHE")); }
reset_option ::= PERSIST if_exists(I).           { b->reset_persist(I, {}); }
reset_option ::= PERSIST if_exists(I) ident(N).  { b->reset_persist(I, N); }
reset_option ::= REPLICA channel_name_opt(C) reset_all(R) channel_opt(D).  { b->reset_replica(false, C, R, D); }
reset_option ::= SLAVE channel_name_opt(C) reset_all(R) channel_opt(D).    { b->reset_replica(true, C, R, D); }
reset_all(A) ::= .     { A = 0; }
reset_all(A) ::= ALL.  { A = 1; }
reset_to ::= .
reset_to ::= TO integer_literal(N).  { b->reset_to = N; }

// ANALYZE, CHECK, OPTIMIZE, CHECKSUM, REPAIR
other_statement(A) ::= ANALYZE no_log(N) tables_word table_names(L) analyze_tail(H).
                              { A = b->maintenance(TableMaintenance::kAnalyze, N, L, nullptr, H); }
other_statement(A) ::= OPTIMIZE no_log(N) tables_word table_names(L) wait_opt.
                              { A = b->maintenance(TableMaintenance::kOptimize, N, L, nullptr, {}); }
other_statement(A) ::= CHECK tables_word table_names(L) check_words(W).
                              { A = b->maintenance(TableMaintenance::kCheck, 0, L, W, {}); }
other_statement(A) ::= CHECKSUM tables_word table_names(L) check_words(W).
                              { A = b->maintenance(TableMaintenance::kChecksum, 0, L, W, {}); }
other_statement(A) ::= REPAIR no_log(N) tables_word table_names(L) check_words(W).
                              { A = b->maintenance(TableMaintenance::kRepair, N, L, W, {}); }
other_statement(A) ::= CHECK VIEW table_names(L) check_words(W).
                              { A = b->maintenance_view(TableMaintenance::kCheck, L, W); }
other_statement(A) ::= REPAIR no_log VIEW table_names(L) check_words(W).
                              { A = b->maintenance_view(TableMaintenance::kRepair, L, W); }
%type analyze_tail {Str}
analyze_tail(A) ::= .                                { A = {}; }
analyze_tail(A) ::= UPDATE(T) HISTOGRAM any_tokens.  { A = b->tail_text(T); }
analyze_tail(A) ::= DROP(T) HISTOGRAM any_tokens.    { A = b->tail_text(T); }
analyze_tail(A) ::= PERSISTENT(T) FOR any_tokens.    { A = b->tail_text(T); }

// ==== Accounts ======================================================================================

other_statement(A) ::= create(R) USER if_not_exists(I) user_specs(L) account_options(O).
                              { A = b->create_user(R, I, L, O); }
other_statement(A) ::= ALTER USER if_exists(I) user_specs(L) account_options(O).  { A = b->alter_user(I, L, O); }
other_statement(A) ::= DROP USER if_exists(I) accounts(L).           { A = b->drop_user(0, I, L); }
other_statement(A) ::= DROP ROLE if_exists(I) accounts(L).           { A = b->drop_user(1, I, L); }
other_statement(A) ::= RENAME USER user_renames(L).                  { A = b->rename_users(L); }
%type user_renames {List<UserRename>*}
user_renames(A) ::= account(X) TO account(Y).                        { A = b->list<UserRename>(UserRename{*X, *Y}); }
user_renames(A) ::= user_renames(L) COMMA account(X) TO account(Y).  { A = b->append(L, UserRename{*X, *Y}); }
other_statement(A) ::= create(R) ROLE if_not_exists(I) accounts(L) role_admin(U).
                              { A = b->create_role(R, I, L, U); }
%type role_admin {AccountName*}
role_admin(A) ::= .                       { A = nullptr; }
role_admin(A) ::= WITH ADMIN account(U).  { A = U; }

%type user_specs {List<UserSpec>*}
user_specs(A) ::= user_spec(U).                     { A = b->list<UserSpec>(*U); }
user_specs(A) ::= user_specs(L) COMMA user_spec(U). { A = b->append(L, *U); }
%type user_spec {UserSpec*}
user_spec(A) ::= account(U).                                     { A = b->user_spec(U, nullptr); }
user_spec(A) ::= account(U) IDENTIFIED identifications(I).       { A = b->user_spec(U, I); }
user_spec(A) ::= account(U) DISCARD OLD PASSWORD.                { A = b->user_spec(U, nullptr); A->discard_old_password = true; }
%type identifications {List<Identification>*}
identifications(A) ::= identification(I).                           { A = b->list<Identification>(*I); }
identifications(A) ::= identifications(L) OR identification(I).     { A = b->append(L, *I); }
identifications(A) ::= identifications(L) AND IDENTIFIED identification(I).  { A = b->append(L, *I); }
%type identification {Identification*}
identification(A) ::= BY text_string(S) identified_tail(T).           { A = b->identified_by(S, T); }
identification(A) ::= BY RANDOM PASSWORD identified_tail(T).          { A = b->identified_random(T); }
identification(A) ::= BY PASSWORD text_string(S).                     { A = b->identified_hash({}, S); }
identification(A) ::= WITH plugin(P) identified_tail(T).              { A = b->identified_with(P, T); }
identification(A) ::= WITH plugin(P) BY text_string(S) identified_tail(T). { A = b->identified_by(S, T); A->plugin = P; }
identification(A) ::= WITH plugin(P) BY RANDOM PASSWORD identified_tail(T). { A = b->identified_random(T); A->plugin = P; }
identification(A) ::= WITH plugin(P) AS text_string(S) identified_tail(T). { A = b->identified_hash(P, S); b->merge_identified(A, T); }
identification(A) ::= WITH plugin(P) AS PASSWORD LP text_string(S) RP.  { A = b->identified_by(S, nullptr); A->plugin = P; }
identification(A) ::= WITH plugin(P) USING text_string(S).            { A = b->identified_hash(P, S); }
identification(A) ::= WITH plugin(P) USING PASSWORD LP text_string(S) RP.  { A = b->identified_by(S, nullptr); A->plugin = P; }
identification(A) ::= VIA_W plugin(P). [CONDITIONLESS]  { A = b->identified_with(P, nullptr); }
identification(A) ::= VIA_W plugin(P) using_as text_string(S).   { A = b->identified_hash(P, S); }
identification(A) ::= VIA_W plugin(P) using_as PASSWORD LP text_string(S) RP.  { A = b->identified_by(S, nullptr); A->plugin = P; }
identification(A) ::= plugin(P). [CONDITIONLESS]  { A = b->identified_with(P, nullptr); }
identification(A) ::= plugin(P) using_as text_string(S).   { A = b->identified_hash(P, S); }
identification(A) ::= plugin(P) using_as PASSWORD LP text_string(S) RP.  { A = b->identified_by(S, nullptr); A->plugin = P; }
using_as ::= USING.
using_as ::= AS.
%type plugin {Str}
plugin(A) ::= ident_or_text(N).  { A = N; }
%type identified_tail {Identification*}
identified_tail(A) ::= . [CONDITIONLESS]                               { A = nullptr; }
identified_tail(A) ::= REPLACE text_string(S).                         { A = b->identified_replace(S, false); }
identified_tail(A) ::= RETAIN CURRENT PASSWORD.                        { A = b->identified_replace({}, true); }
identified_tail(A) ::= REPLACE text_string(S) RETAIN CURRENT PASSWORD. { A = b->identified_replace(S, true); }

%type account_options {AccountOptions*}
account_options(A) ::= .  { A = b->account_options(); }
account_options(A) ::= account_options(O) DEFAULT_ROLE role_set(R).   { A = O; b->default_role(O, R); }
account_options(A) ::= account_options(O) REQUIRE require(R).         { A = O; b->merge_require(O, R); }
account_options(A) ::= account_options(O) WITH resources(R).          { A = O; O->resources = *R; }
account_options(A) ::= account_options(O) PASSWORD password_option(P). { A = O; b->append(&O->password, *P); }
account_options(A) ::= account_options(O) ACCOUNT LOCK.               { A = O; O->locked = Toggle::kOn; }
account_options(A) ::= account_options(O) ACCOUNT UNLOCK.             { A = O; O->locked = Toggle::kOff; }
account_options(A) ::= account_options(O) FAILED_LOGIN_W number_token(T).   { A = O; b->append(&O->password, *b->named_number("FAILED_LOGIN_ATTEMPTS", T)); }
account_options(A) ::= account_options(O) PASSWORD_LOCK_W number_token(T).  { A = O; b->append(&O->password, *b->named_number("PASSWORD_LOCK_TIME", T)); }
account_options(A) ::= account_options(O) PASSWORD_LOCK_W UNBOUNDED.  { A = O; b->append(&O->password, *b->named_word("PASSWORD_LOCK_TIME", "UNBOUNDED")); }
account_options(A) ::= account_options(O) COMMENT text_string(S).     { A = O; O->has_comment = true; O->comment = S; }
account_options(A) ::= account_options(O) ATTRIBUTE text_string(S).   { A = O; O->has_attribute = true; O->attribute = S; }
%type require {AccountOptions*}
require(A) ::= NONE.             { A = b->require(RequireKind::kNone); }
require(A) ::= SSL.              { A = b->require(RequireKind::kSsl); }
require(A) ::= X509.             { A = b->require(RequireKind::kX509); }
require(A) ::= require_list(L).  { A = L; }
%type require_list {AccountOptions*}
require_list(A) ::= require_item(I).                  { A = b->require(RequireKind::kList); b->append(&A->require_list, *I); }
require_list(A) ::= require_list(L) require_item(I).      { A = L; b->append(&A->require_list, *I); }
require_list(A) ::= require_list(L) AND require_item(I).  { A = L; b->append(&A->require_list, *I); }
%type require_item {OptionValue*}
require_item(A) ::= SUBJECT text_string(S).  { A = b->named_text("SUBJECT", S); }
require_item(A) ::= ISSUER text_string(S).   { A = b->named_text("ISSUER", S); }
require_item(A) ::= CIPHER text_string(S).   { A = b->named_text("CIPHER", S); }
%type resources {List<OptionValue>*}
resources(A) ::= resource(R).               { A = b->list<OptionValue>(*R); }
resources(A) ::= resources(L) resource(R).  { A = b->append(L, *R); }
%type resource {OptionValue*}
resource(A) ::= ID(W) number_token(T).       { A = b->option_number(T); A->name = b->upper(W); }
resource(A) ::= ID(W) MINUS number_token(T). { A = b->option_number(T, true); A->name = b->upper(W); }
resource(A) ::= GRANT OPTION.                { A = b->named_word("GRANT OPTION", "1"); }
%type password_option {OptionValue*}
password_option(A) ::= EXPIRE.                           { A = b->named_word("EXPIRE", ""); }
password_option(A) ::= EXPIRE NEVER.                     { A = b->named_word("EXPIRE", "NEVER"); }
password_option(A) ::= EXPIRE DEFAULT.                   { A = b->named_word("EXPIRE", "DEFAULT"); }
password_option(A) ::= EXPIRE INTERVAL number_token(T) DAY.  { A = b->named_number("EXPIRE INTERVAL", T); }
password_option(A) ::= HISTORY number_token(T).          { A = b->named_number("HISTORY", T); }
password_option(A) ::= HISTORY DEFAULT.                  { A = b->named_word("HISTORY", "DEFAULT"); }
password_option(A) ::= REUSE INTERVAL number_token(T) DAY.   { A = b->named_number("REUSE INTERVAL", T); }
password_option(A) ::= REUSE INTERVAL DEFAULT.           { A = b->named_word("REUSE INTERVAL", "DEFAULT"); }
password_option(A) ::= REQUIRE CURRENT.                  { A = b->named_word("REQUIRE CURRENT", ""); }
password_option(A) ::= REQUIRE CURRENT DEFAULT.          { A = b->named_word("REQUIRE CURRENT", "DEFAULT"); }
password_option(A) ::= REQUIRE CURRENT OPTIONAL.         { A = b->named_word("REQUIRE CURRENT", "OPTIONAL"); }

// GRANT, REVOKE. Privileges and role names are both lists of words until ON or TO comes.
other_statement(A) ::= GRANT grant_items(L) ON grant_object(G) TO user_specs(U) account_options(O) grant_as(S).
                              { A = b->grant(L, G, U, O, S); }
other_statement(A) ::= GRANT grant_items(L) TO user_specs(U) grant_admin(W).  { A = b->grant_role(L, U, W); }
other_statement(A) ::= REVOKE if_exists(I) grant_items(L) ON grant_object(G) FROM accounts(U) ignore_unknown(N).
                              { A = b->revoke(I, L, G, U, N); }
other_statement(A) ::= REVOKE if_exists(I) grant_items(L) FROM accounts(U) ignore_unknown(N).
                              { A = b->revoke_role(I, L, U, N, 0); }
other_statement(A) ::= REVOKE ADMIN OPTION FOR grant_items(L) FROM accounts(U).
                              { A = b->revoke_role(0, L, U, 0, 1); }
%type grant_as {GrantAs*}
grant_as(A) ::= .                                       { A = nullptr; }
grant_as(A) ::= AS account(U).                          { A = b->grant_as(U, nullptr); }
grant_as(A) ::= AS account(U) WITH ROLE role_set(R).    { A = b->grant_as(U, R); }
grant_admin(A) ::= .                   { A = 0; }
grant_admin(A) ::= WITH ADMIN OPTION.  { A = 1; }
ignore_unknown(A) ::= .                      { A = 0; }
ignore_unknown(A) ::= IGNORE UNKNOWN USER.   { A = 1; }
%type grant_items {List<GrantItem>*}
grant_items(A) ::= grant_item(I).                      { A = b->list<GrantItem>(*I); }
grant_items(A) ::= grant_items(L) COMMA grant_item(I). { A = b->append(L, *I); }
%type grant_item {GrantItem*}
grant_item(A) ::= grant_words(W).                      { A = W; }
grant_item(A) ::= grant_words(W) LP ident_list(L) RP.  { A = W; A->columns = *L; }
%type grant_words {GrantItem*}
grant_words(A) ::= grant_word(T).                   { A = b->grant_word(nullptr, T); }
grant_words(A) ::= grant_words(L) grant_word(T).    { A = b->grant_word(L, T); }
grant_words(A) ::= STRING(T).                       { A = b->grant_name(T); }
grant_words(A) ::= QUOTED_ID(T).                    { A = b->grant_name(T); }
grant_words(A) ::= grant_words(L) USER_VAR(H).      { A = b->grant_host(L, b->variable_name(H)); }
grant_words(A) ::= CURRENT_USER.                    { A = b->grant_current(); }
%type grant_word {Token}
grant_word(A) ::= ID(T).          { A = T; }
grant_word(A) ::= ALL(T).         { A = T; }
grant_word(A) ::= SELECT(T).      { A = T; }
grant_word(A) ::= INSERT(T).      { A = T; }
grant_word(A) ::= UPDATE(T).      { A = T; }
grant_word(A) ::= DELETE(T).      { A = T; }
grant_word(A) ::= REFERENCES(T).  { A = T; }
grant_word(A) ::= INDEX(T).       { A = T; }
grant_word(A) ::= ALTER(T).       { A = T; }
grant_word(A) ::= CREATE(T).      { A = T; }
grant_word(A) ::= DROP(T).        { A = T; }
grant_word(A) ::= GRANT(T).       { A = T; }
grant_word(A) ::= LOCK(T).        { A = T; }
grant_word(A) ::= SHOW(T).        { A = T; }
grant_word(A) ::= TRIGGER(T).     { A = T; }
grant_word(A) ::= DATABASES(T).   { A = T; }
grant_word(A) ::= SET(T).         { A = T; }
grant_word(A) ::= READ(T).        { A = T; }
%type grant_object {GrantStatement*}
grant_object(A) ::= grant_kind(K) grant_level(L).
                              { A = L; if (K != 0) { A->object_kind = static_cast<GrantObject>(K); } }
grant_kind(A) ::= .              { A = static_cast<int>(GrantObject::kTable); }
grant_kind(A) ::= TABLE.         { A = static_cast<int>(GrantObject::kTable); }
grant_kind(A) ::= FUNCTION.      { A = static_cast<int>(GrantObject::kFunction); }
grant_kind(A) ::= PROCEDURE.     { A = static_cast<int>(GrantObject::kProcedure); }
grant_kind(A) ::= PACKAGE.       { A = static_cast<int>(GrantObject::kPackage); }
grant_kind(A) ::= PACKAGE BODY.  { A = static_cast<int>(GrantObject::kPackageBody); }
%type grant_level {GrantStatement*}
grant_level(A) ::= STAR.                     { A = b->grant_level({}, b->str("*")); }
grant_level(A) ::= STAR DOT STAR.            { A = b->grant_level(b->str("*"), b->str("*")); }
grant_level(A) ::= ident(D) DOT STAR.        { A = b->grant_level(D, b->str("*")); }
grant_level(A) ::= ident(N).                 { A = b->grant_level({}, N); }
grant_level(A) ::= ident(D) DOT ident(N).    { A = b->grant_level(D, N); }
grant_level(A) ::= STRING(T).                { A = b->grant_proxy(b->account(b->string(T))); }
grant_level(A) ::= STRING(T) USER_VAR(H).    { A = b->grant_proxy(b->account_at(b->string(T), b->variable_name(H))); }
grant_level(A) ::= ident(N) USER_VAR(H).     { A = b->grant_proxy(b->account_at(N, b->variable_name(H))); }

// ==== Replication ===================================================================================

other_statement(A) ::= CHANGE MASTER channel_name_opt(C) TO source_options(L) channel_opt(D).
                              { A = b->change_source(true, C, L, D); }
other_statement(A) ::= CHANGE REPLICATION SOURCE TO source_options(L) channel_opt(D).
                              { A = b->change_source(false, nullptr, L, D); }
%type source_options {List<OptionValue>*}
source_options(A) ::= source_option(O).                          { A = b->list<OptionValue>(*O); }
source_options(A) ::= source_options(L) COMMA source_option(O).  { A = b->append(L, *O); }
%type source_option {OptionValue*}
source_option(A) ::= ID(N) EQ source_value(V).      { A = V; A->name = b->source_option_name(N); }
%type source_value {OptionValue*}
source_value(A) ::= option_value(V).                { A = V; }
source_value(A) ::= ident(U) USER_VAR(H).           { A = b->option_account(U, H); }
source_value(A) ::= STRING(T) USER_VAR(H).          { A = b->option_account(b->string(T), H); }
source_value(A) ::= LP RP.                          { A = b->make<OptionValue>(); }
source_value(A) ::= LP source_value_list(L) RP.     { A = b->make<OptionValue>(); A->list = *L; }
%type source_value_list {List<std::string_view>*}
source_value_list(A) ::= option_value(V).                            { A = b->list<std::string_view>(V->text); }
source_value_list(A) ::= source_value_list(L) COMMA option_value(V). { A = b->append(L, V->text); }

other_statement(A) ::= CHANGE REPLICATION FILTER filter_rules(L) channel_opt(D).  { A = b->change_filter(L, D); }
%type filter_rules {List<FilterRule>*}
filter_rules(A) ::= filter_rule(R).                       { A = b->list<FilterRule>(*R); }
filter_rules(A) ::= filter_rules(L) COMMA filter_rule(R). { A = b->append(L, *R); }
%type filter_rule {FilterRule*}
filter_rule(A) ::= ID(N) EQ LP RP.                   { A = b->make<FilterRule>(); A->name = b->upper(N); }
filter_rule(A) ::= ID(N) EQ LP filter_values(V) RP.  { A = V; A->name = b->upper(N); }
%type filter_values {FilterRule*}
filter_values(A) ::= filter_value(V).                        { A = V; }
filter_values(A) ::= filter_values(L) COMMA filter_value(V). { A = b->merge_filter(L, V); }
%type filter_value {FilterRule*}
filter_value(A) ::= table_name(N).      { A = b->make<FilterRule>(); b->append(&A->names, *N); }
filter_value(A) ::= text_literal(S).    { A = b->make<FilterRule>(); b->append(&A->patterns, std::string_view(S)); }
filter_value(A) ::= LP ident_or_text(X) COMMA ident_or_text(Y) RP.
                              { A = b->make<FilterRule>(); b->append(&A->rewrites, FilterPair{X, Y}); }

other_statement(A) ::= START replica_noun(N) channel_name_opt(C) replica_threads_opt(T) until_opt(U) login_opt(L) channel_opt(D).
                              { A = b->start_replica(N, C, T, U, L, D); }
other_statement(A) ::= STOP replica_noun(N) channel_name_opt(C) replica_threads_opt(T) channel_opt(D).
                              { A = b->stop_replica(N, C, T, D); }
// Bits: 1 old words, 2 all.
replica_noun(A) ::= REPLICA.       { A = 0; }
replica_noun(A) ::= SLAVE.         { A = 1; }
replica_noun(A) ::= ALL REPLICAS.  { A = 2; }
replica_noun(A) ::= ALL SLAVES.    { A = 3; }
// Bits: 1 I/O thread, 2 SQL thread.
replica_threads_opt(A) ::= .                    { A = 0; }
replica_threads_opt(A) ::= replica_threads(T).  { A = T; }
replica_threads(A) ::= replica_thread(T).                           { A = T; }
replica_threads(A) ::= replica_threads(L) COMMA replica_thread(T).  { A = L | T; }
replica_thread(A) ::= IO_THREAD.   { A = 1; }
replica_thread(A) ::= RELAY_THREAD_W.   { A = 1; }
replica_thread(A) ::= SQL_THREAD.  { A = 2; }
%type until_opt {List<OptionValue>*}
until_opt(A) ::= .                       { A = nullptr; }
until_opt(A) ::= UNTIL until_list(L).    { A = L; }
%type until_list {List<OptionValue>*}
until_list(A) ::= until_item(O).                      { A = b->list<OptionValue>(*O); }
until_list(A) ::= until_list(L) COMMA until_item(O).  { A = b->append(L, *O); }
%type until_item {OptionValue*}
until_item(A) ::= ID(N) EQ option_value(V).  { A = V; A->name = b->source_option_name(N); }
until_item(A) ::= ID(N).                     { A = b->make<OptionValue>(); A->name = b->upper(N); }
%type login_opt {List<OptionValue>*}
login_opt(A) ::= .                          { A = nullptr; }
login_opt(A) ::= login_opt(L) login_item(O).  { A = b->append_or_new(L, *O); }
%type login_item {OptionValue*}
login_item(A) ::= USER EQ option_value(V).      { A = V; A->name = b->str("USER"); }
login_item(A) ::= PASSWORD EQ option_value(V).  { A = V; A->name = b->str("PASSWORD"); }
login_item(A) ::= ID(N) EQ option_value(V).     { A = V; A->name = b->upper(N); }

other_statement(A) ::= PURGE log_word LOGS TO text_string(S).   { A = b->purge(S, nullptr); }
other_statement(A) ::= PURGE log_word LOGS BEFORE expr(X).      { A = b->purge({}, X); }
log_word ::= BINARY.
log_word ::= MASTER.
other_statement(A) ::= BINLOG text_string(S).                           { A = b->binlog(S, {}, false); }
other_statement(A) ::= BINLOG text_string(S) COMMA text_string(T).      { A = b->binlog(S, T, false); }
other_statement(A) ::= BINLOG USER_VAR(S).                              { A = b->binlog(b->variable_name(S), {}, true); }
other_statement(A) ::= BINLOG USER_VAR(S) COMMA USER_VAR(T).            { A = b->binlog(b->variable_name(S), b->variable_name(T), true); }

// ==== Known by name =================================================================================
// What follows the first words is not looked at.

any_tokens ::= .
any_tokens ::= any_tokens ANY.
other_statement(A) ::= HELP ident_or_text(N).                     { A = b->help(N); }
other_statement(A) ::= SHUTDOWN.                                  { A = b->shutdown(0); }
other_statement(A) ::= SHUTDOWN WAIT FOR ALL replicas_word.       { A = b->shutdown(1); }
replicas_word ::= SLAVES.
replicas_word ::= REPLICAS.
other_statement(A) ::= RESTART.                                   { A = b->other("RESTART"); }
other_statement(A) ::= HANDLER table_name(N) any_tokens.          { A = b->other("HANDLER", N); }
other_statement(A) ::= SIGNAL any_tokens.                         { A = b->other("SIGNAL"); }
other_statement(A) ::= RESIGNAL any_tokens.                       { A = b->other("RESIGNAL"); }
other_statement(A) ::= GET any_tokens.                            { A = b->other("GET DIAGNOSTICS"); }
other_statement(A) ::= CACHE INDEX any_tokens.                    { A = b->other("CACHE INDEX"); }
other_statement(A) ::= LOAD INDEX any_tokens.                     { A = b->other("LOAD INDEX INTO CACHE"); }
other_statement(A) ::= INSTALL ID(W) any_tokens.                  { A = b->other(b->str_concat("INSTALL ", b->upper(W))); }
other_statement(A) ::= UNINSTALL ID(W) any_tokens.                { A = b->other(b->str_concat("UNINSTALL ", b->upper(W))); }
other_statement(A) ::= IMPORT TABLE any_tokens.                   { A = b->other("IMPORT TABLE"); }
other_statement(A) ::= CLONE any_tokens.                          { A = b->other("CLONE"); }
other_statement(A) ::= BACKUP any_tokens.                         { A = b->other("BACKUP"); }
other_statement(A) ::= ALTER INSTANCE any_tokens.                 { A = b->other("ALTER INSTANCE"); }
other_statement(A) ::= create(R) SERVER any_tokens.               { b->drop(R); A = b->other("CREATE SERVER"); }
other_statement(A) ::= ALTER SERVER any_tokens.                   { A = b->other("ALTER SERVER"); }
other_statement(A) ::= DROP SERVER any_tokens.                    { A = b->other("DROP SERVER"); }
other_statement(A) ::= create(R) TABLESPACE any_tokens.           { b->drop(R); A = b->other("CREATE TABLESPACE"); }
other_statement(A) ::= ALTER TABLESPACE any_tokens.               { A = b->other("ALTER TABLESPACE"); }
other_statement(A) ::= DROP TABLESPACE any_tokens.                { A = b->other("DROP TABLESPACE"); }
other_statement(A) ::= create(R) UNDO TABLESPACE any_tokens.   { b->drop(R); A = b->other("CREATE UNDO TABLESPACE"); }
other_statement(A) ::= ALTER UNDO TABLESPACE any_tokens.       { A = b->other("ALTER UNDO TABLESPACE"); }
other_statement(A) ::= DROP UNDO TABLESPACE any_tokens.        { A = b->other("DROP UNDO TABLESPACE"); }
other_statement(A) ::= create(R) LOGFILE any_tokens.              { b->drop(R); A = b->other("CREATE LOGFILE GROUP"); }
other_statement(A) ::= ALTER LOGFILE any_tokens.                  { A = b->other("ALTER LOGFILE GROUP"); }
other_statement(A) ::= DROP LOGFILE any_tokens.                   { A = b->other("DROP LOGFILE GROUP"); }
other_statement(A) ::= create(R) RESOURCE any_tokens.             { b->drop(R); A = b->other("CREATE RESOURCE GROUP"); }
other_statement(A) ::= ALTER RESOURCE any_tokens.                 { A = b->other("ALTER RESOURCE GROUP"); }
other_statement(A) ::= DROP RESOURCE any_tokens.                  { A = b->other("DROP RESOURCE GROUP"); }
other_statement(A) ::= create(R) SPATIAL_SRS any_tokens.          { b->drop(R); A = b->other("CREATE SPATIAL REFERENCE SYSTEM"); }
other_statement(A) ::= DROP SPATIAL_SRS any_tokens.               { A = b->other("DROP SPATIAL REFERENCE SYSTEM"); }
other_statement(A) ::= create(R) LIBRARY_W any_tokens.            { b->drop(R); A = b->other("CREATE LIBRARY"); }

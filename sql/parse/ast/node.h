// SPDX-License-Identifier: Apache-2.0
// What all syntax tree nodes share: the arena they live in, lists, names, and the statement base.
//
// Nodes are plain structs in the caller's arena: trivially destructible, never freed one by one,
// told apart by an enum `kind` and reached with static_cast (or `as<T>`). They keep views into the
// statement text and into the arena; both must outlive the tree. A tree is immutable once
// parse_one returned it, so any number of threads may read it.
//
// The syntax tree has a namespace of its own (afterimage::sql::ast), because the bound trees of
// sql/expr and sql/plan have nodes of the same names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string_view>
#include <type_traits>

namespace afterimage::sql {

/// One per statement, owned by the caller of parse_one.
using Arena = std::pmr::monotonic_buffer_resource;

}  // namespace afterimage::sql

namespace afterimage::sql::ast {

/// A growable array in an arena; copies share the elements. Only the parser appends.
template <class T>
class List {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    using value_type = T;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const T* begin() const noexcept { return data_; }
    [[nodiscard]] const T* end() const noexcept { return data_ + size_; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data_[i]; }
    [[nodiscard]] const T& front() const noexcept { return data_[0]; }
    [[nodiscard]] const T& back() const noexcept { return data_[size_ - 1]; }
    [[nodiscard]] T* begin() noexcept { return data_; }
    [[nodiscard]] T* end() noexcept { return data_ + size_; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return data_[i]; }
    [[nodiscard]] T& back() noexcept { return data_[size_ - 1]; }

    /// `Allocator` has `void* allocate(size_t bytes, size_t alignment)`.
    template <class Allocator>
    void push_back(const T& item, Allocator& arena) {
        if (size_ == capacity_) {
            const std::uint32_t grown = capacity_ == 0 ? 4 : capacity_ * 2;
            T* moved = static_cast<T*>(arena.allocate(sizeof(T) * grown, alignof(T)));
            if (size_ != 0) {
                std::memcpy(static_cast<void*>(moved), data_, sizeof(T) * size_);
            }
            data_ = moved;
            capacity_ = grown;
        }
        data_[size_++] = item;
    }

  private:
    T* data_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

/// A name with its quotes undone, as written otherwise (no case folding). Empty = not given.
using Identifier = std::string_view;

/// [database.]name; `database` may be a revision name like `db/branch`.
struct ObjectName {
    Identifier database;
    Identifier name;

    [[nodiscard]] bool empty() const noexcept { return name.empty(); }
};

/// An account as written: user@host, a bare name (host "%", `host_given` false), or CURRENT_USER.
struct AccountName {
    std::string_view user;
    std::string_view host;
    bool host_given = false;
    bool current_user = false;
    bool current_role = false;
    bool given = false;  ///< false: the clause was absent
};

struct Expr;
struct Query;

/// ON/OFF-like clauses that may be absent.
enum class Toggle : std::uint8_t { kUnset, kOff, kOn };

/// name = value, for table options, source options and the like. `name` is upper case with one
/// space between words; the meaning of the value is the option's.
struct OptionValue {
    std::string_view name;
    std::string_view text;        ///< identifier or number as written, string decoded
    const Expr* value = nullptr;  ///< set where the grammar takes an expression
    List<std::string_view> list;  ///< for (a, b, …) values
    bool is_string = false;
    bool is_null = false;
    bool is_default = false;
};

/// Which struct a statement is; the comment names it where it is not `<Kind>Statement`.
enum class StatementKind : std::uint8_t {
    kEmpty,  ///< nothing but white space and comments: plain Statement
    // dml.h
    kQuery,   ///< SELECT, VALUES, TABLE, WITH, ( … )
    kInsert,  ///< INSERT and REPLACE
    kUpdate,
    kDelete,
    kTruncate,
    kLoadData,
    kCall,
    kDo,
    // ddl.h
    kCreateDatabase,
    kAlterDatabase,
    kDropDatabase,
    kCreateTable,
    kAlterTable,
    kRenameTable,
    kDropTable,
    kCreateIndex,
    kDropIndex,
    kCreateSequence,
    kAlterSequence,
    kDropSequence,
    // stored_program.h
    kCreateView,  ///< CREATE and ALTER VIEW
    kDropView,
    kCreateTrigger,
    kCreateRoutine,  ///< PROCEDURE, FUNCTION, PACKAGE, PACKAGE BODY
    kAlterRoutine,
    kCreateEvent,  ///< CREATE and ALTER EVENT
    kDropProgram,  ///< DROP TRIGGER, PROCEDURE, FUNCTION, EVENT, PACKAGE
    kCreateLoadableFunction,
    // session.h
    kBegin,
    kCommit,
    kRollback,
    kSavepoint,  ///< SAVEPOINT, ROLLBACK TO, RELEASE
    kXa,
    kSet,
    kSetTransaction,
    kSetPassword,
    kSetRole,  ///< SET ROLE, SET DEFAULT ROLE
    kUse,
    kLockTables,
    kUnlockTables,
    kPrepare,
    kExecute,
    kDeallocate,
    // admin.h
    kShow,
    kDescribe,  ///< DESC table
    kExplain,   ///< EXPLAIN / ANALYZE a statement
    kKill,
    kFlush,
    kReset,
    kTableMaintenance,  ///< ANALYZE, CHECK, OPTIMIZE, CHECKSUM, REPAIR TABLE
    kShutdown,
    kHelp,
    kOther,  ///< known by name, its clauses not looked at: OtherStatement
    // account.h
    kCreateUser,  ///< CREATE and ALTER USER
    kDropUser,    ///< DROP USER, DROP ROLE
    kRenameUser,
    kCreateRole,
    kGrant,
    kRevoke,
    kGrantRole,
    kRevokeRole,
    // replication.h
    kChangeSource,
    kChangeFilter,
    kStartReplica,
    kStopReplica,
    kResetReplica,
    kPurgeLogs,
    kBinlog,
};

/// What each kind is called in messages and in Com_ counters, for example "create_table".
[[nodiscard]] std::string_view statement_kind_name(StatementKind kind) noexcept;

struct Statement {
    StatementKind kind = StatementKind::kEmpty;
    /// From the first token to the last, without the `;` and without comments outside. Empty in a
    /// statement inside another (EXPLAIN, SET STATEMENT).
    std::string_view text;
};

/// Downcast after looking at `kind`.
template <class T, class Base>
[[nodiscard]] const T& as(const Base& node) noexcept {
    return static_cast<const T&>(node);
}

}  // namespace afterimage::sql::ast

// SPDX-License-Identifier: Apache-2.0
#include "replication/source_rows.h"

#include <cstring>
#include <memory>

#include "replication/source_library.h"
#include "storage/value/decimal.h"
#include "storage/value/json.h"
#include "storage/value/temporal.h"

namespace afterimage::replication {

namespace {

using storage::ColumnType;
using storage::TypeId;
using storage::Value;

/// CR_SERVER_LOST of errmsg.h.
constexpr unsigned kServerLost = 2013;

bool is_number_cell(TypeId id) {
    return storage::is_integer(id) || id == TypeId::kYear || id == TypeId::kBit ||
           id == TypeId::kEnum || id == TypeId::kSet;
}

/// Where the library puts one cell.
struct Cell {
    long long integer = 0;
    double real = 0;
    float small_real = 0;
    MYSQL_TIME time{};
    unsigned long size_bytes = 0;
    my_bool is_null = 0;
    my_bool error = 0;
};

void bind_cell(MYSQL_BIND& bind, Cell& cell, const ColumnType& type) {
    std::memset(&bind, 0, sizeof bind);
    bind.is_null = &cell.is_null;
    bind.length = &cell.size_bytes;
    bind.error = &cell.error;
    if (is_number_cell(type.id)) {
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        bind.buffer = &cell.integer;
        bind.is_unsigned = type.is_unsigned || !storage::is_integer(type.id) ? 1 : 0;
    } else if (type.id == TypeId::kFloat) {
        bind.buffer_type = MYSQL_TYPE_FLOAT;
        bind.buffer = &cell.small_real;
    } else if (type.id == TypeId::kDouble) {
        bind.buffer_type = MYSQL_TYPE_DOUBLE;
        bind.buffer = &cell.real;
    } else if (storage::is_temporal(type.id)) {
        bind.buffer_type = type.id == TypeId::kTime   ? MYSQL_TYPE_TIME
                           : type.id == TypeId::kDate ? MYSQL_TYPE_DATE
                                                      : MYSQL_TYPE_DATETIME;
        bind.buffer = &cell.time;
        bind.buffer_length = sizeof cell.time;
    } else {
        // The length comes first, the bytes by mysql_stmt_fetch_column.
        bind.buffer_type = MYSQL_TYPE_BLOB;
    }
}

Value temporal_value(const MYSQL_TIME& time, const ColumnType& type) {
    if (type.id == TypeId::kTime) {
        storage::TimeParts parts;
        parts.negative = time.neg != 0;
        parts.hours = time.day * 24 + time.hour;
        parts.minute = time.minute;
        parts.second = time.second;
        parts.micros = static_cast<std::uint32_t>(time.second_part);
        return Value::of_time(storage::pack_time(parts));
    }
    const storage::DateTimeParts parts{time.year,
                                       time.month,
                                       time.day,
                                       time.hour,
                                       time.minute,
                                       time.second,
                                       static_cast<std::uint32_t>(time.second_part)};
    const std::int64_t packed = storage::pack_datetime(parts);
    if (type.id == TypeId::kTimestamp) {
        return Value::of_timestamp(packed == 0 ? 0 : storage::micros_of_datetime(packed));
    }
    return type.id == TypeId::kDate ? Value::of_date(packed) : Value::of_datetime(packed);
}

Value bytes_value(storage::Bytes bytes, const ColumnType& type) {
    if (type.id == TypeId::kDecimal) {
        const std::optional<storage::Decimal> decimal = storage::Decimal::parse(bytes);
        if (!decimal) {
            throw SourceError(SourceErrorKind::kFatal, 0, "HY000",
                              "the source sent '" + bytes + "' for a DECIMAL");
        }
        return Value::of_decimal(decimal->rescaled(type.length, type.scale));
    }
    if (type.id == TypeId::kJson) {
        return Value::of_bytes(storage::normalized_json(bytes));
    }
    if (type.id == TypeId::kChar) {
        bytes.erase(bytes.find_last_not_of(' ') + 1);
    } else if (type.id == TypeId::kBinary) {
        bytes.resize(type.length, '\0');
    }
    return Value::of_bytes(std::move(bytes));
}

}  // namespace

std::string quoted_name(std::string_view name) {
    std::string out = "`";
    for (const char c : name) {
        out += c == '`' ? "``" : std::string(1, c);
    }
    return out + "`";
}

std::string exact_column(const storage::Column& column) {
    const std::string name = quoted_name(column.name);
    switch (column.type.id) {
        case TypeId::kBit:
        case TypeId::kEnum:
        case TypeId::kSet:
            return name + "+0";
        case TypeId::kUuid:
        case TypeId::kInet6:
            return "CAST(" + name + " AS BINARY(16))";
        case TypeId::kInet4:
            return "CAST(" + name + " AS BINARY(4))";
        default:
            return name;
    }
}

void SourceConnection::read_rows(std::string_view sql, const std::vector<const ColumnType*>& types,
                                 const std::function<void(storage::Row&&)>& on_row) {
    MYSQL* mysql = library_->mysql;
    const std::unique_ptr<MYSQL_STMT, decltype(&mysql_stmt_close)> statement(mysql_stmt_init(mysql),
                                                                             &mysql_stmt_close);
    if (!statement) {
        throw std::bad_alloc();
    }
    const auto fail = [&] {
        // A connection that is lost between rows is the connection's error, or, where the library
        // tells of none at all, known by that alone: the copy begins again.
        unsigned number = mysql_stmt_errno(statement.get());
        std::string state = mysql_stmt_sqlstate(statement.get());
        std::string message = mysql_stmt_error(statement.get());
        if (number == 0) {
            number = mysql_errno(mysql);
            state = mysql_sqlstate(mysql);
            message = mysql_error(mysql);
        }
        if (number == 0) {
            number = kServerLost;
            state = "HY000";
            message = "Lost connection to the source while rows were read";
        }
        throw SourceError(
            interrupted_ ? SourceErrorKind::kInterrupted : classify_source_error(number, false),
            number, state, message);
    };
    if (mysql_stmt_prepare(statement.get(), sql.data(), static_cast<unsigned long>(sql.size())) !=
            0 ||
        mysql_stmt_execute(statement.get()) != 0) {
        fail();
    }
    std::vector<Cell> cells(types.size());
    std::vector<MYSQL_BIND> binds(types.size());
    for (std::size_t i = 0; i < types.size(); ++i) {
        bind_cell(binds[i], cells[i], *types[i]);
    }
    if (mysql_stmt_field_count(statement.get()) != types.size() ||
        mysql_stmt_bind_result(statement.get(), binds.data()) != 0) {
        fail();
    }
    while (true) {
        const int status = mysql_stmt_fetch(statement.get());
        if (status == MYSQL_NO_DATA) {
            return;
        }
        if (status != 0 && status != MYSQL_DATA_TRUNCATED) {
            fail();
        }
        storage::Row row;
        row.reserve(types.size());
        for (std::size_t i = 0; i < types.size(); ++i) {
            const ColumnType& type = *types[i];
            const Cell& cell = cells[i];
            if (cell.is_null != 0) {
                row.emplace_back();
            } else if (is_number_cell(type.id)) {
                const bool is_signed = storage::is_integer(type.id) && !type.is_unsigned;
                row.push_back(is_signed ? Value::of_int(cell.integer)
                                        : Value::of_uint(static_cast<std::uint64_t>(cell.integer)));
            } else if (type.id == TypeId::kFloat) {
                row.push_back(Value::of_float(cell.small_real));
            } else if (type.id == TypeId::kDouble) {
                row.push_back(Value::of_double(cell.real));
            } else if (storage::is_temporal(type.id)) {
                row.push_back(temporal_value(cell.time, type));
            } else {
                storage::Bytes bytes(cell.size_bytes, '\0');
                MYSQL_BIND bind;
                std::memset(&bind, 0, sizeof bind);
                bind.buffer_type = MYSQL_TYPE_BLOB;
                bind.buffer = bytes.data();
                bind.buffer_length = static_cast<unsigned long>(bytes.size());
                if (!bytes.empty() && mysql_stmt_fetch_column(statement.get(), &bind,
                                                              static_cast<unsigned>(i), 0) != 0) {
                    fail();
                }
                row.push_back(bytes_value(std::move(bytes), type));
            }
        }
        on_row(std::move(row));
    }
}

}  // namespace afterimage::replication

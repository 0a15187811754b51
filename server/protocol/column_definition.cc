// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/column_definition.h"

#include <algorithm>
#include <limits>

#include "sql/expr/charset.h"
#include "storage/value/collation.h"

namespace afterimage::server {

namespace {

using storage::CollationId;
using storage::ColumnType;
using storage::TypeId;

/// NOT_FIXED_DEC: a FLOAT or DOUBLE without (M,D), and the decimals of a string expression.
constexpr std::uint8_t kNotFixedDecimals = 31;
constexpr std::uint32_t kMaxLength = std::numeric_limits<std::uint32_t>::max();

void add_flags(WireColumn& wire, unsigned flags) {
    wire.flags = static_cast<std::uint16_t>(wire.flags | flags);
}

unsigned min_char_bytes(CollationId id) {
    const storage::Collation* collation = storage::find_collation(id);
    switch (collation == nullptr ? storage::CharsetId::kOther : collation->charset()) {
        case storage::CharsetId::kUtf32:
            return 4;
        case storage::CharsetId::kUcs2:
        case storage::CharsetId::kUtf16:
            return 2;
        default:
            return 1;
    }
}

std::uint32_t saturated(std::uint64_t length) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(length, kMaxLength));
}

/// MySQL's rule for text: characters of the column × bytes a character of the results charset.
std::uint32_t text_length(std::uint64_t characters, CollationId own, CollationId results) {
    const CollationId sent = results == kBinaryCollation ? own : results;
    return saturated(characters * sql::max_char_bytes(sent));
}

std::uint32_t label_characters(const ColumnType& type) {
    std::size_t longest = 0;
    std::size_t total = type.labels.empty() ? 0 : type.labels.size() - 1;
    for (const std::string& label : type.labels) {
        const std::size_t count = storage::char_count(storage::CharsetId::kUtf8mb4, label);
        longest = std::max(longest, count);
        total += count;
    }
    return static_cast<std::uint32_t>(type.id == TypeId::kEnum ? longest : total);
}

void describe_integer(WireColumn& wire, FieldType type, const ColumnType& column,
                      std::uint32_t signed_length, std::uint32_t unsigned_length) {
    wire.type = type;
    wire.length = column.length != 0   ? column.length
                  : column.is_unsigned ? unsigned_length
                                       : signed_length;
}

void describe_real(WireColumn& wire, FieldType type, const ColumnType& column,
                   std::uint32_t length) {
    wire.type = type;
    // Expressions have digits without a length: ROUND(f, 2).
    const bool fixed = column.scale < kNotFixedDecimals;
    wire.length = fixed && column.length != 0 ? column.length : length;
    wire.decimals = fixed ? column.scale : kNotFixedDecimals;
}

void describe_temporal(WireColumn& wire, FieldType type, std::uint32_t length,
                       std::uint8_t fraction_digits) {
    wire.type = type;
    wire.length = length + (fraction_digits > 0 ? fraction_digits + 1U : 0U);
    wire.decimals = fraction_digits;
    add_flags(wire, kFlagBinary);
}

void describe_numeric(WireColumn& wire, const ColumnType& type) {
    switch (type.id) {
        case TypeId::kTinyInt:
            describe_integer(wire, FieldType::kTiny, type, 4, 3);
            break;
        case TypeId::kSmallInt:
            describe_integer(wire, FieldType::kShort, type, 6, 5);
            break;
        case TypeId::kMediumInt:
            describe_integer(wire, FieldType::kInt24, type, 9, 8);
            break;
        case TypeId::kInt:
            describe_integer(wire, FieldType::kLong, type, 11, 10);
            break;
        case TypeId::kBigInt:
            describe_integer(wire, FieldType::kLongLong, type, 20, 20);
            break;
        case TypeId::kFloat:
            describe_real(wire, FieldType::kFloat, type, 12);
            break;
        case TypeId::kDouble:
            describe_real(wire, FieldType::kDouble, type, 22);
            break;
        case TypeId::kBit:
            wire.type = FieldType::kBit;
            wire.length = type.length;
            add_flags(wire, kFlagUnsigned);
            break;
        case TypeId::kYear:
            wire.type = FieldType::kYear;
            wire.length = 4;
            add_flags(wire, kFlagUnsigned | kFlagZerofill);
            break;
        default:  // kDecimal: digits, point, sign
            wire.type = FieldType::kNewDecimal;
            wire.length = type.length + (type.scale > 0 ? 1U : 0U) + (type.is_unsigned ? 0U : 1U);
            wire.decimals = type.scale;
            break;
    }
}

/// TEXT and BLOB of all four sizes are sent as BLOB; their length tells them apart.
void describe_blob(WireColumn& wire, std::uint64_t max_bytes, bool text, CollationId own,
                   CollationId results) {
    wire.type = FieldType::kBlob;
    add_flags(wire, kFlagBlob);
    if (text) {
        const unsigned least = min_char_bytes(own);
        wire.length = results == kBinaryCollation ? saturated(max_bytes)
                                                  : text_length(max_bytes / least, own, results);
    } else {
        wire.length = saturated(max_bytes);
    }
}

void describe_string(WireColumn& wire, const ColumnType& type, CollationId results) {
    const CollationId own = type.collation;
    switch (type.id) {
        case TypeId::kChar:
        case TypeId::kVarchar:
            wire.type = type.id == TypeId::kChar ? FieldType::kString : FieldType::kVarString;
            wire.length = text_length(type.length, own, results);
            break;
        case TypeId::kBinary:
        case TypeId::kVarbinary:
            wire.type = type.id == TypeId::kBinary ? FieldType::kString : FieldType::kVarString;
            wire.length = type.length;
            break;
        case TypeId::kTinyText:
            describe_blob(wire, 0xff, true, own, results);
            break;
        case TypeId::kText:
            describe_blob(wire, 0xffff, true, own, results);
            break;
        case TypeId::kMediumText:
            describe_blob(wire, 0xffffff, true, own, results);
            break;
        case TypeId::kLongText:
            describe_blob(wire, kMaxLength, true, own, results);
            break;
        case TypeId::kTinyBlob:
            describe_blob(wire, 0xff, false, own, results);
            break;
        case TypeId::kBlob:
            describe_blob(wire, 0xffff, false, own, results);
            break;
        case TypeId::kMediumBlob:
            describe_blob(wire, 0xffffff, false, own, results);
            break;
        case TypeId::kLongBlob:
            describe_blob(wire, kMaxLength, false, own, results);
            break;
        case TypeId::kEnum:
        case TypeId::kSet:
            wire.type = FieldType::kString;
            add_flags(wire, type.id == TypeId::kEnum ? kFlagEnum : kFlagSet);
            wire.length = text_length(label_characters(type), own, results);
            break;
        case TypeId::kJson:
            wire.type = FieldType::kJson;
            add_flags(wire, kFlagBlob | kFlagBinary);
            wire.length = kMaxLength;
            break;
        case TypeId::kUuid:
        case TypeId::kInet4:
        case TypeId::kInet6:
            wire.type = FieldType::kString;
            wire.length = type.id == TypeId::kUuid ? 36 : type.id == TypeId::kInet4 ? 15 : 39;
            break;
        default:  // spatial
            wire.type = FieldType::kGeometry;
            add_flags(wire, kFlagBlob | kFlagBinary);
            wire.length = kMaxLength;
            break;
    }
}

bool is_numeric(TypeId id) { return id >= TypeId::kTinyInt && id <= TypeId::kYear; }

void describe_type(WireColumn& wire, const sql::ResultType& result, CollationId results) {
    const ColumnType& type = result.type;
    switch (type.id) {
        case TypeId::kDate:
            describe_temporal(wire, FieldType::kDate, 10, 0);
            return;
        case TypeId::kTime:
            describe_temporal(wire, FieldType::kTime, 10, type.scale);
            return;
        case TypeId::kDateTime:
            describe_temporal(wire, FieldType::kDateTime, 19, type.scale);
            return;
        case TypeId::kTimestamp:
            describe_temporal(wire, FieldType::kTimestamp, 19, type.scale);
            return;
        default:
            break;
    }
    if (is_numeric(type.id)) {
        describe_numeric(wire, type);
        add_flags(wire, type.is_unsigned ? kFlagUnsigned : 0U);
        add_flags(wire, type.zerofill ? kFlagUnsigned | kFlagZerofill : 0);
        return;
    }
    describe_string(wire, type, results);
    const bool text =
        storage::is_text(type.id) || type.id == TypeId::kEnum || type.id == TypeId::kSet;
    if (text) {
        wire.collation = results == kBinaryCollation ? type.collation : results;
        const storage::Collation* own = storage::find_collation(type.collation);
        add_flags(wire, own != nullptr && own->name().ends_with("_bin") ? kFlagBinary : 0);
    } else {
        add_flags(wire, kFlagBinary);
    }
}

std::uint16_t key_flags(const sql::ResultColumn& column) {
    unsigned flags = column.type.nullable ? 0 : kFlagNotNull;
    flags |= column.primary_key ? kFlagPrimaryKey : 0;
    flags |= column.unique_key ? kFlagUniqueKey : 0;
    flags |= column.multiple_key ? kFlagMultipleKey : 0;
    flags |= column.primary_key || column.unique_key || column.multiple_key ? kFlagPartKey : 0;
    flags |= column.auto_increment ? kFlagAutoIncrement : 0;
    flags |= column.no_default ? kFlagNoDefault : 0;
    flags |= column.on_update_now ? kFlagOnUpdateNow : 0;
    flags |= column.on_update_now && column.type.type.id == TypeId::kTimestamp ? kFlagTimestamp : 0;
    return static_cast<std::uint16_t>(flags);
}

void append_name(storage::Bytes& out, std::string_view name, CollationId results) {
    if (needs_conversion(sql::kUtf8mb4Bin, results)) {
        append_lenenc_bytes(out, sql::charset_convert(name, sql::kUtf8mb4Bin, results));
    } else {
        append_lenenc_bytes(out, name);
    }
}

}  // namespace

bool needs_conversion(CollationId from, CollationId to) noexcept {
    using storage::CharsetId;
    if (from == kBinaryCollation || to == kBinaryCollation || sql::same_charset(from, to)) {
        return false;
    }
    const storage::Collation* source = storage::find_collation(from);
    const storage::Collation* target = storage::find_collation(to);
    if (source == nullptr || target == nullptr) {
        return false;
    }
    const bool is_subset =
        (source->charset() == CharsetId::kAscii && sql::is_ascii_superset(to)) ||
        (source->charset() == CharsetId::kUtf8mb3 && target->charset() == CharsetId::kUtf8mb4);
    return !is_subset;
}

WireColumn wire_column(const sql::ResultColumn& column, CollationId results) {
    WireColumn wire;
    const sql::ResultType& type = column.type;
    if (type.is_null_literal) {
        wire.type = FieldType::kNull;
        wire.flags = kFlagBinary;
        return wire;
    }
    if (type.is_boolean) {
        wire.type = FieldType::kLongLong;
        wire.length = 1;
        wire.flags = kFlagBinary;
    } else {
        describe_type(wire, type, results);
    }
    const bool is_expression = column.original_table.empty();
    if (is_expression && is_numeric(type.type.id)) {
        add_flags(wire, kFlagBinary);
    }
    if (is_expression && storage::is_text(type.type.id)) {
        wire.decimals = kNotFixedDecimals;
    }
    add_flags(wire, key_flags(column));
    return wire;
}

void append_column_definition(storage::Bytes& out, const sql::ResultColumn& column,
                              CollationId results) {
    constexpr std::uint8_t kFixedBytes = 0x0c;
    append_lenenc_bytes(out, "def");
    append_name(out, column.database, results);
    append_name(out, column.table, results);
    append_name(out, column.original_table, results);
    append_name(out, column.name, results);
    append_name(out, column.original_name, results);
    const WireColumn wire = wire_column(column, results);
    out.push_back(static_cast<char>(kFixedBytes));
    storage::append_le(out, wire.collation);
    storage::append_le(out, wire.length);
    out.push_back(static_cast<char>(wire.type));
    storage::append_le(out, wire.flags);
    out.push_back(static_cast<char>(wire.decimals));
    out.append(2, '\0');
}

}  // namespace afterimage::server

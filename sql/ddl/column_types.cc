// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/column_types.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "sql/catalog/identifier.h"
#include "sql/ddl/normal_form.h"
#include "sql/expr/cast.h"
#include "sql/expr/column_convert.h"
#include "sql/parse/ast_printer.h"
#include "sql/parse/parser.h"
#include "sql/sql_error.h"
#include "storage/value/collation.h"
#include "storage/value/text_form.h"

namespace afterimage::sql {

namespace {

using ast::TypeName;
using storage::ColumnType;
using storage::TypeId;

constexpr storage::CollationId kBinaryCollation = 63;
constexpr std::uint64_t kMaxVarcharBytes = 65535;

/// Types that a name stands for by itself; lengths and attributes choose among others later.
constexpr std::pair<TypeName, TypeId> kTypesOfNames[] = {
    {TypeName::kTinyInt, TypeId::kTinyInt},
    {TypeName::kBool, TypeId::kTinyInt},
    {TypeName::kSmallInt, TypeId::kSmallInt},
    {TypeName::kMediumInt, TypeId::kMediumInt},
    {TypeName::kInt, TypeId::kInt},
    {TypeName::kBigInt, TypeId::kBigInt},
    {TypeName::kSerial, TypeId::kBigInt},
    {TypeName::kSigned, TypeId::kBigInt},
    {TypeName::kUnsigned, TypeId::kBigInt},
    {TypeName::kDecimal, TypeId::kDecimal},
    {TypeName::kFloat, TypeId::kFloat},
    {TypeName::kDouble, TypeId::kDouble},
    {TypeName::kBit, TypeId::kBit},
    {TypeName::kDate, TypeId::kDate},
    {TypeName::kTime, TypeId::kTime},
    {TypeName::kDateTime, TypeId::kDateTime},
    {TypeName::kTimestamp, TypeId::kTimestamp},
    {TypeName::kYear, TypeId::kYear},
    {TypeName::kChar, TypeId::kChar},
    {TypeName::kVarChar, TypeId::kVarchar},
    {TypeName::kBinary, TypeId::kBinary},
    {TypeName::kVarBinary, TypeId::kVarbinary},
    {TypeName::kTinyBlob, TypeId::kTinyBlob},
    {TypeName::kBlob, TypeId::kBlob},
    {TypeName::kMediumBlob, TypeId::kMediumBlob},
    {TypeName::kLongBlob, TypeId::kLongBlob},
    {TypeName::kTinyText, TypeId::kTinyText},
    {TypeName::kText, TypeId::kText},
    {TypeName::kMediumText, TypeId::kMediumText},
    {TypeName::kLongText, TypeId::kLongText},
    {TypeName::kEnum, TypeId::kEnum},
    {TypeName::kSet, TypeId::kSet},
    {TypeName::kJson, TypeId::kJson},
    {TypeName::kGeometry, TypeId::kGeometry},
    {TypeName::kPoint, TypeId::kPoint},
    {TypeName::kLineString, TypeId::kLineString},
    {TypeName::kPolygon, TypeId::kPolygon},
    {TypeName::kMultiPoint, TypeId::kMultiPoint},
    {TypeName::kMultiLineString, TypeId::kMultiLineString},
    {TypeName::kMultiPolygon, TypeId::kMultiPolygon},
    {TypeName::kGeometryCollection, TypeId::kGeometryCollection},
    {TypeName::kUuid, TypeId::kUuid},
    {TypeName::kInet4, TypeId::kInet4},
    {TypeName::kInet6, TypeId::kInet6},
};

TypeId simple_type(TypeName name) {
    if (name == TypeName::kVector) {
        throw_not_supported("VECTOR columns");
    }
    if (name == TypeName::kXmlType) {
        throw_not_supported("XMLTYPE columns");
    }
    const auto* const found =
        std::ranges::find(kTypesOfNames, name, &std::pair<TypeName, TypeId>::first);
    if (found == std::end(kTypesOfNames)) {
        throw_not_supported("this column type");
    }
    return found->second;
}

/// TEXT(n) and BLOB(n) mean the smallest type of the kind that holds n.
TypeId sized_text(TypeId type, std::uint64_t characters, unsigned max_char_bytes) {
    const std::uint64_t bytes = characters * max_char_bytes;
    const bool text = type == TypeId::kText;
    if (bytes < 256) {
        return text ? TypeId::kTinyText : TypeId::kTinyBlob;
    }
    if (bytes < 65536) {
        return text ? TypeId::kText : TypeId::kBlob;
    }
    if (bytes < (std::uint64_t{1} << 24U)) {
        return text ? TypeId::kMediumText : TypeId::kMediumBlob;
    }
    return text ? TypeId::kLongText : TypeId::kLongBlob;
}

/// The _bin collation of a collation's charset.
storage::CollationId binary_collation_of(storage::CollationId collation) {
    const storage::Collation* found = storage::find_collation(collation);
    const storage::Collation* binary =
        found == nullptr ? nullptr
                         : storage::find_collation(std::string(found->charset_name()) + "_bin");
    return binary == nullptr ? collation : binary->id();
}

void resolve_charset(ColumnType& type, const ast::DataType& written,
                     const DefinitionContext& context) {
    std::string_view charset = written.charset;
    if (written.is_national && charset.empty()) {
        charset = "utf8mb3";
    } else if (written.is_ascii) {
        charset = "latin1";
    } else if (written.is_unicode) {
        charset = "ucs2";
    }
    type.collation =
        resolve_collation(charset, written.collation, context.table_collation, context.mariadb);
    if (written.binary_collation) {
        type.collation = binary_collation_of(type.collation);
    }
}

/// A character type whose charset is binary is the binary type of the same size.
TypeId binary_twin(TypeId type) {
    switch (type) {
        case TypeId::kChar:
            return TypeId::kBinary;
        case TypeId::kVarchar:
            return TypeId::kVarbinary;
        case TypeId::kTinyText:
            return TypeId::kTinyBlob;
        case TypeId::kText:
            return TypeId::kBlob;
        case TypeId::kMediumText:
            return TypeId::kMediumBlob;
        case TypeId::kLongText:
            return TypeId::kLongBlob;
        default:
            return type;
    }
}

void resolve_number(ColumnType& type, const ast::DataType& written, std::string_view column) {
    if (type.id == TypeId::kDecimal) {
        type.length =
            written.has_length && written.length != 0
                ? static_cast<std::uint32_t>(std::min<std::uint64_t>(written.length, 1000))
                : 10;
        type.scale = static_cast<std::uint8_t>(std::min<std::uint32_t>(written.decimals, 255));
        if (type.scale > storage::Decimal::kMaxScale) {
            throw_sql_error(ErrorCode::ER_TOO_BIG_SCALE, static_cast<std::uint64_t>(type.scale),
                            column, std::uint64_t{storage::Decimal::kMaxScale});
        }
        if (type.length > storage::Decimal::kMaxPrecision) {
            throw_sql_error(ErrorCode::ER_TOO_BIG_PRECISION, std::uint64_t{type.length}, column,
                            std::uint64_t{storage::Decimal::kMaxPrecision});
        }
        if (type.scale > type.length) {
            throw_sql_error(ErrorCode::ER_M_BIGGER_THAN_D, column);
        }
        return;
    }
    if (type.id == TypeId::kFloat || type.id == TypeId::kDouble) {
        type.scale = 31;
        if (written.has_decimals) {
            type.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(written.length, 255));
            type.scale = static_cast<std::uint8_t>(std::min<std::uint32_t>(written.decimals, 30));
            if (type.scale > type.length) {
                throw_sql_error(ErrorCode::ER_M_BIGGER_THAN_D, column);
            }
        } else if (written.has_length && type.id == TypeId::kFloat && written.length > 24) {
            type.id = TypeId::kDouble;
        }
        return;
    }
    if (type.id == TypeId::kBit) {
        type.length = written.has_length && written.length != 0
                          ? static_cast<std::uint32_t>(std::min<std::uint64_t>(written.length, 65))
                          : 1;
        if (type.length > 64) {
            throw_sql_error(ErrorCode::ER_TOO_BIG_DISPLAYWIDTH, column, std::uint64_t{64});
        }
        return;
    }
    if (type.id == TypeId::kYear) {
        type.length = 4;
        return;
    }
    if (written.has_length) {
        type.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(written.length, 255));
    }
    if (written.name == TypeName::kBool) {
        type.length = 1;
    }
    if (written.name == TypeName::kSerial) {
        type.is_unsigned = true;
    }
}

void resolve_string(ColumnType& type, const ast::DataType& written, std::string_view column,
                    const DefinitionContext& context) {
    if (storage::is_text(type.id)) {
        resolve_charset(type, written, context);
        if (written.is_byte || type.collation == kBinaryCollation) {
            type.id = binary_twin(type.id);
            type.collation = kBinaryCollation;
        }
    }
    const storage::Collation* collation = storage::find_collation(type.collation);
    const unsigned max_char_bytes = collation == nullptr ? 1 : collation->max_char_bytes();
    switch (type.id) {
        case TypeId::kChar:
        case TypeId::kBinary:
            type.length =
                written.has_length
                    ? static_cast<std::uint32_t>(std::min<std::uint64_t>(written.length, 1U << 31U))
                    : 1;
            if (type.length > 255) {
                throw_sql_error(ErrorCode::ER_TOO_BIG_FIELDLENGTH, column, std::uint64_t{255});
            }
            return;
        case TypeId::kVarchar:
        case TypeId::kVarbinary:
            if (written.length * max_char_bytes > kMaxVarcharBytes) {
                if (is_strict(context.statement.sql_mode)) {
                    throw_sql_error(ErrorCode::ER_TOO_BIG_FIELDLENGTH, column,
                                    kMaxVarcharBytes / max_char_bytes);
                }
                type.id = sized_text(type.id == TypeId::kVarchar ? TypeId::kText : TypeId::kBlob,
                                     written.length, max_char_bytes);
                return;
            }
            type.length = static_cast<std::uint32_t>(written.length);
            return;
        case TypeId::kText:
        case TypeId::kBlob:
            if (written.has_length && written.length != 0) {
                type.id = sized_text(type.id, written.length, max_char_bytes);
            }
            return;
        default:
            return;
    }
}

void resolve_labels(ColumnType& type, const ast::DataType& written,
                    const DefinitionContext& context) {
    resolve_charset(type, written, context);
    for (const std::string_view label : written.elements) {
        std::string text(label);
        // Trailing spaces of labels are cut, as MySQL does.
        text.erase(text.find_last_not_of(' ') + 1);
        type.labels.push_back(std::move(text));
    }
}

}  // namespace

std::string expression_text(const ast::Expr& expr, bool mariadb, storage::CollationId connection) {
    PrintOptions options;
    if (!mariadb) {
        return print_expression(expr, options);
    }
    options.style = PrintStyle::kMariaDb;
    const storage::Collation* collation = storage::find_collation(connection);
    Arena arena;
    ExpressionNormalizer normalizer(arena, true,
                                    collation == nullptr ? "utf8mb4" : collation->charset_name());
    return print_expression(*normalizer.normalize(expr), options);
}

storage::CollationId resolve_collation(std::string_view charset, std::string_view collation,
                                       storage::CollationId fallback, bool mariadb) {
    if (same_name(charset, "DEFAULT")) {
        charset = {};
    }
    const storage::Collation* of_charset = nullptr;
    if (!charset.empty()) {
        of_charset = storage::default_collation(charset, mariadb);
        if (of_charset == nullptr) {
            throw_sql_error(ErrorCode::ER_UNKNOWN_CHARACTER_SET, charset);
        }
    }
    if (collation.empty() || same_name(collation, "DEFAULT")) {
        return of_charset == nullptr ? fallback : of_charset->id();
    }
    const storage::Collation* found = storage::find_collation(collation);
    if (found == nullptr) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_COLLATION, collation);
    }
    if (of_charset != nullptr && found->charset_name() != of_charset->charset_name()) {
        throw_sql_error(ErrorCode::ER_COLLATION_CHARSET_MISMATCH, collation, charset);
    }
    return found->id();
}

ColumnType resolve_type(const ast::DataType& written, std::string_view column,
                        const DefinitionContext& context) {
    if (written.compressed) {
        throw_not_supported("COMPRESSED columns");
    }
    ColumnType type;
    type.id = simple_type(written.name);
    type.is_unsigned = written.is_unsigned || written.is_zerofill;
    type.zerofill = written.is_zerofill;
    if (type.id == TypeId::kEnum || type.id == TypeId::kSet) {
        resolve_labels(type, written, context);
    } else if (storage::is_temporal(type.id)) {
        if (type.id != TypeId::kDate && written.has_length) {
            if (written.length > 6) {
                throw_sql_error(ErrorCode::ER_TOO_BIG_PRECISION, written.length, column,
                                std::uint64_t{6});
            }
            type.scale = static_cast<std::uint8_t>(written.length);
        }
    } else if (storage::is_text(type.id) || storage::is_blob(type.id)) {
        resolve_string(type, written, column, context);
    } else if (type.id == TypeId::kJson && context.mariadb) {
        type.id = TypeId::kLongText;
        type.collation = storage::find_collation("utf8mb4_bin")->id();
    } else if (!storage::is_byte_string(type.id) && type.id != TypeId::kJson &&
               !storage::is_spatial(type.id)) {
        resolve_number(type, written, column);
    }
    return type;
}

ResolvedColumn resolve_column(const ast::ColumnDefinition& definition,
                              const DefinitionContext& context) {
    ResolvedColumn result;
    storage::Column& column = result.column;
    column.name = definition.name;
    column.type = resolve_type(definition.type, column.name, context);
    if (definition.row_time != ast::RowTimeRole::kNone ||
        definition.system_versioning != ast::Toggle::kUnset) {
        throw_not_supported("system-versioned tables");
    }
    result.json_check = definition.type.name == TypeName::kJson && context.mariadb;
    const bool serial = definition.type.name == TypeName::kSerial;
    const bool old_timestamp =
        column.type.id == TypeId::kTimestamp && !context.explicit_timestamp_defaults;
    column.nullable = definition.not_null == ast::Toggle::kOff ||
                      (definition.not_null == ast::Toggle::kUnset && !serial &&
                       !definition.serial_default && !old_timestamp);
    column.auto_increment = definition.auto_increment || serial || definition.serial_default;
    if (column.auto_increment) {
        column.nullable = false;
    }
    column.invisible = definition.visibility == ast::ColumnVisibility::kInvisible;
    column.comment = definition.comment;
    if (definition.generated != nullptr) {
        column.generated_sql = expression_text(*definition.generated, context.mariadb,
                                               context.statement.connection_collation);
        column.generated_stored = definition.storage == ast::ColumnStorage::kStored;
    }
    if (definition.default_value != nullptr) {
        column.default_sql = default_text(*definition.default_value, column, context);
    } else if (column.nullable && !column.generated_sql && !column.auto_increment) {
        column.default_sql = "NULL";
        const bool large =
            storage::is_byte_string(column.type.id) && column.type.id != TypeId::kChar &&
            column.type.id != TypeId::kVarchar && column.type.id != TypeId::kBinary &&
            column.type.id != TypeId::kVarbinary && column.type.id != TypeId::kUuid &&
            column.type.id != TypeId::kInet4 && column.type.id != TypeId::kInet6;
        // MySQL shows no DEFAULT NULL for BLOB and TEXT, MariaDB does.
        if (large && !context.mariadb) {
            column.default_sql.reset();
        }
    }
    std::string now;
    if (definition.on_update != nullptr) {
        if (!is_now_call(*definition.on_update, now)) {
            throw_sql_error(ErrorCode::ER_INVALID_ON_UPDATE, column.name);
        }
        column.on_update_sql = now;
    }
    return result;
}

}  // namespace afterimage::sql

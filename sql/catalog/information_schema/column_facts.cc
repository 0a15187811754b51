// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/information_schema/column_facts.h"

#include <algorithm>

#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

using storage::Column;
using storage::ColumnType;
using storage::Index;
using storage::IndexKind;
using storage::IndexPart;
using storage::TableSchema;
using storage::TypeId;

namespace {

constexpr std::uint8_t kScaleNotGiven = 31;

std::uint64_t text_bytes(TypeId id) {
    switch (id) {
        case TypeId::kTinyText:
        case TypeId::kTinyBlob:
            return 255;
        case TypeId::kText:
        case TypeId::kBlob:
            return 65535;
        case TypeId::kMediumText:
        case TypeId::kMediumBlob:
            return 16777215;
        default:
            return 4294967295U;
    }
}

unsigned bytes_per_character(storage::CollationId id) {
    const storage::Collation* collation = storage::find_collation(id);
    return collation == nullptr ? 1 : collation->max_char_bytes();
}

std::uint64_t label_characters(const ColumnType& type) {
    std::uint64_t longest = 0;
    std::uint64_t all = type.labels.empty() ? 0 : type.labels.size() - 1;
    for (const std::string& label : type.labels) {
        const std::uint64_t count = storage::char_count(storage::CharsetId::kUtf8mb4, label);
        longest = std::max(longest, count);
        all += count;
    }
    return type.id == TypeId::kSet ? all : longest;
}

void add_string_facts(TypeFacts& facts, const ColumnType& type) {
    switch (type.id) {
        case TypeId::kChar:
        case TypeId::kVarchar:
            facts.characters = type.length;
            facts.octets = std::uint64_t{type.length} * bytes_per_character(type.collation);
            break;
        case TypeId::kEnum:
        case TypeId::kSet:
            facts.characters = label_characters(type);
            facts.octets = *facts.characters * bytes_per_character(type.collation);
            break;
        case TypeId::kBinary:
        case TypeId::kVarbinary:
            facts.characters = facts.octets = type.length;
            return;
        default:
            facts.characters = facts.octets = text_bytes(type.id);
            break;
    }
    if (!storage::is_blob(type.id)) {
        facts.charset = charset_name(type.collation);
        facts.collation = collation_name(type.collation);
    }
}

void add_number_facts(TypeFacts& facts, const ColumnType& type) {
    switch (type.id) {
        case TypeId::kTinyInt:
            facts.precision = 3;
            break;
        case TypeId::kSmallInt:
            facts.precision = 5;
            break;
        case TypeId::kMediumInt:
            facts.precision = 7;
            break;
        case TypeId::kInt:
            facts.precision = 10;
            break;
        case TypeId::kBigInt:
            facts.precision = type.is_unsigned ? 20 : 19;
            break;
        case TypeId::kDecimal:
            facts.precision = type.length;
            facts.scale = type.scale;
            return;
        case TypeId::kFloat:
        case TypeId::kDouble:
            facts.precision = type.id == TypeId::kFloat ? 12 : 22;
            if (type.length != 0 && type.scale < kScaleNotGiven) {
                facts.precision = type.length;
                facts.scale = type.scale;
            }
            return;
        case TypeId::kBit:
            facts.precision = type.length;
            return;
        default:
            return;
    }
    facts.scale = 0;
}

/// What a quoted SQL literal stands for; other text as it is.
std::string literal_text(std::string_view text) {
    if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') {
        return std::string(text);
    }
    text = text.substr(1, text.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
            ++i;
        } else if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            switch (text[i]) {
                case '0':
                    out += '\0';
                    continue;
                case 'n':
                    out += '\n';
                    continue;
                case 'r':
                    out += '\r';
                    continue;
                case 't':
                    out += '\t';
                    continue;
                case 'Z':
                    out += '\x1a';
                    continue;
                default:
                    break;
            }
        }
        out += text[i];
    }
    return out;
}

bool is_now(std::string_view text) { return text.starts_with("CURRENT_TIMESTAMP"); }

std::uint64_t guessed_bytes(const ColumnType& type) {
    switch (type.id) {
        case TypeId::kTinyInt:
        case TypeId::kYear:
            return 1;
        case TypeId::kSmallInt:
        case TypeId::kEnum:
            return 2;
        case TypeId::kMediumInt:
        case TypeId::kDate:
            return 3;
        case TypeId::kInt:
        case TypeId::kFloat:
        case TypeId::kInet4:
            return 4;
        case TypeId::kDecimal:
            return type.length / 2U + 1U;
        case TypeId::kChar:
        case TypeId::kVarchar:
        case TypeId::kBinary:
        case TypeId::kVarbinary:
            return std::min<std::uint64_t>(type.length / 2U + 1U, 64);
        case TypeId::kUuid:
        case TypeId::kInet6:
            return 16;
        default:
            return storage::is_byte_string(type.id) ? 256 : 8;
    }
}

}  // namespace

std::string_view charset_name(storage::CollationId id) {
    const storage::Collation* collation = storage::find_collation(id);
    return collation == nullptr ? std::string_view("binary") : collation->charset_name();
}

std::string_view collation_name(storage::CollationId id) {
    const storage::Collation* collation = storage::find_collation(id);
    return collation == nullptr ? std::string_view("binary") : collation->name();
}

TypeFacts type_facts(const ColumnType& type, bool mariadb) {
    TypeFacts facts;
    facts.data_type = storage::type_name(type.id);
    facts.column_type = storage::column_type_text(type, mariadb);
    if (type.id == TypeId::kTime || type.id == TypeId::kDateTime || type.id == TypeId::kTimestamp) {
        facts.datetime_precision = type.scale;
    } else if (storage::is_text(type.id) || storage::is_blob(type.id) || type.id == TypeId::kEnum ||
               type.id == TypeId::kSet) {
        add_string_facts(facts, type);
    } else {
        add_number_facts(facts, type);
    }
    return facts;
}

const Column* part_column(const TableSchema& schema, const IndexPart& part) {
    return part.expression_sql.empty() ? schema.find_column(part.column) : nullptr;
}

std::string_view column_key(const TableSchema& schema, std::size_t ordinal) {
    const storage::ColumnId id = schema.columns[ordinal].id;
    const auto has_part = [id](const Index& index) {
        return std::any_of(index.parts.begin(), index.parts.end(), [id](const IndexPart& part) {
            return part.expression_sql.empty() && part.column == id;
        });
    };
    if (schema.primary_key && has_part(*schema.primary_key)) {
        return "PRI";
    }
    std::string_view key;
    bool promoted = schema.primary_key.has_value();
    for (const Index& index : schema.indexes) {
        const bool never_null =
            std::all_of(index.parts.begin(), index.parts.end(), [&](const IndexPart& part) {
                const Column* column = part_column(schema, part);
                return column != nullptr && !column->nullable && part.prefix_length == 0;
            });
        if (index.unique && never_null && !promoted) {
            promoted = true;  // MySQL shows it as the primary key that the table lacks
            if (has_part(index)) {
                return "PRI";
            }
        }
        const bool leads = !index.parts.empty() && index.parts[0].expression_sql.empty() &&
                           index.parts[0].column == id;
        if (leads && index.unique && index.parts.size() == 1) {
            key = "UNI";
        } else if (leads && key.empty()) {
            key = "MUL";
        }
    }
    return key;
}

std::optional<std::string> column_default(const Column& column) {
    if (!column.default_sql || column.auto_increment || same_name(*column.default_sql, "NULL")) {
        return std::nullopt;
    }
    const std::string& text = *column.default_sql;
    if (text.size() > 1 && text.front() == '(' && text.back() == ')') {
        return text.substr(1, text.size() - 2);
    }
    return literal_text(text);
}

std::string column_extra(const Column& column) {
    std::string extra;
    const auto add = [&extra](std::string_view word) {
        extra.append(extra.empty() ? "" : " ").append(word);
    };
    if (column.auto_increment) {
        add("auto_increment");
    }
    if (column.generated_sql) {
        add(column.generated_stored ? "STORED GENERATED" : "VIRTUAL GENERATED");
    } else if (column.default_sql &&
               (is_now(*column.default_sql) || column.default_sql->starts_with("("))) {
        add("DEFAULT_GENERATED");
    }
    if (column.on_update_sql) {
        add("on update " + *column.on_update_sql);
    }
    if (column.invisible) {
        add("INVISIBLE");
    }
    return extra;
}

std::string column_privileges(const Session& session, std::string_view database,
                              std::string_view table) {
    std::string out;
    const std::pair<std::uint64_t, std::string_view> words[] = {
        {kPrivilegeSelect, "select"},
        {kPrivilegeInsert, "insert"},
        {kPrivilegeUpdate, "update"},
        {kPrivilegeReferences, "references"}};
    for (const auto& [bit, word] : words) {
        if (session.privileges.has_table(lower_case(database), table, bit)) {
            out.append(out.empty() ? "" : ",").append(word);
        }
    }
    return out;
}

std::string_view index_type(const Index& index) {
    switch (index.kind) {
        case IndexKind::kFullText:
            return "FULLTEXT";
        case IndexKind::kSpatial:
            return "SPATIAL";
        case IndexKind::kBTree:
            break;
    }
    return "BTREE";
}

std::optional<std::uint64_t> index_cardinality(const TableSchema& schema, const Index& index,
                                               std::size_t parts, std::uint64_t row_count) {
    if (!index.unique && &index != (schema.primary_key ? &*schema.primary_key : nullptr)) {
        return row_count == 0 ? std::optional<std::uint64_t>(0) : std::nullopt;
    }
    return parts == index.parts.size() || row_count == 0 ? std::optional(row_count) : std::nullopt;
}

std::string_view action_name(storage::ForeignKeyAction action) {
    switch (action) {
        case storage::ForeignKeyAction::kCascade:
            return "CASCADE";
        case storage::ForeignKeyAction::kSetNull:
            return "SET NULL";
        case storage::ForeignKeyAction::kRestrict:
            return "RESTRICT";
        case storage::ForeignKeyAction::kSetDefault:
            return "SET DEFAULT";
        case storage::ForeignKeyAction::kNoAction:
            break;
    }
    return "NO ACTION";
}

std::string create_options(const TableSchema& schema) {
    std::string out;
    const auto add = [&out](const std::string& text) {
        out.append(out.empty() ? "" : " ").append(text);
    };
    if (!schema.row_format.empty()) {
        add("row_format=" + schema.row_format);
    }
    for (const auto& [name, value] : schema.options) {
        add(lower_case(name) + "=" + value);
    }
    if (!schema.partition_sql.empty()) {
        add("partitioned");
    }
    return out;
}

std::string row_format_name(const TableSchema& schema) {
    if (schema.row_format.empty() || same_name(schema.row_format, "DEFAULT")) {
        return "Dynamic";
    }
    return upper_case(schema.row_format.substr(0, 1)) + lower_case(schema.row_format.substr(1));
}

namespace {

/// The largest value of the column, from the end of a tree that it leads; none when no tree does.
std::optional<std::int64_t> last_value(const storage::TableReader& reader, std::size_t ordinal) {
    const TableSchema& schema = reader.schema();
    const storage::ColumnId id = schema.columns[ordinal].id;
    const auto leads = [id](const Index& index) {
        return !index.parts.empty() && index.parts[0].expression_sql.empty() &&
               index.parts[0].column == id;
    };
    std::unique_ptr<storage::RowCursor> cursor;
    if (schema.primary_key && leads(*schema.primary_key)) {
        cursor = reader.scan({}, !schema.primary_key->parts[0].descending);
    } else {
        for (std::size_t i = 0; i < schema.indexes.size() && !cursor; ++i) {
            if (leads(schema.indexes[i])) {
                cursor = reader.scan_index(i, {}, !schema.indexes[i].parts[0].descending);
            }
        }
    }
    if (!cursor || !cursor->next()) {
        return std::nullopt;
    }
    const storage::Value value =
        reader.layout().rows.decode_column(cursor->row(), ordinal, &reader.blocks());
    switch (value.kind()) {
        case storage::ValueKind::kInt:
        case storage::ValueKind::kUInt:
            return value.as_int();
        default:
            return std::nullopt;  // FLOAT and DOUBLE counters: the mark alone
    }
}

}  // namespace

std::optional<std::uint64_t> next_auto_increment(
    Catalog& catalog, const ResolvedDatabase& database,
    const std::shared_ptr<const storage::Table>& table) {
    const TableSchema& schema = table->schema();
    const auto found = std::find_if(schema.columns.begin(), schema.columns.end(),
                                    [](const Column& column) { return column.auto_increment; });
    if (found == schema.columns.end()) {
        return std::nullopt;
    }
    const std::uint64_t mark = catalog.store().auto_increment(database.base, schema.table_id);
    const storage::TableReader reader = catalog.reader(table);
    const auto last = last_value(reader, static_cast<std::size_t>(found - schema.columns.begin()));
    if (!last || (*last < 0 && !found->type.is_unsigned)) {
        return std::max<std::uint64_t>(mark, 1);
    }
    const auto largest = static_cast<std::uint64_t>(*last);
    return std::max(mark, largest == UINT64_MAX ? largest : largest + 1);
}

TableSize table_size(Catalog& catalog, const std::shared_ptr<const storage::Table>& table) {
    TableSize size;
    size.rows = catalog.reader(table).row_count();
    for (const Column& column : table->schema().columns) {
        size.average_row_bytes += guessed_bytes(column.type);
    }
    size.data_bytes = size.rows * size.average_row_bytes;
    for (const Index& index : table->schema().indexes) {
        for (const IndexPart& part : index.parts) {
            const Column* column = part_column(table->schema(), part);
            size.index_bytes += size.rows * (column == nullptr ? 8 : guessed_bytes(column->type));
        }
    }
    return size;
}

}  // namespace afterimage::sql

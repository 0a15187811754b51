// SPDX-License-Identifier: Apache-2.0
// Strings, ENUM, SET, JSON and addresses into columns.
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/column_store.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/enum_label.h"
#include "sql/expr/json_convert.h"
#include "sql/expr/json_document.h"
#include "sql/expr/network_text.h"
#include "sql/expr/type_rules.h"

namespace afterimage::sql {

using storage::TypeId;
using storage::Value;

namespace {

/// The longest value in bytes, for the types that have a fixed limit; else characters × width.
std::uint64_t byte_limit(const storage::ColumnType& type) {
    switch (type.id) {
        case TypeId::kTinyText:
        case TypeId::kTinyBlob:
            return 255;
        case TypeId::kText:
        case TypeId::kBlob:
            return 65535;
        case TypeId::kMediumText:
        case TypeId::kMediumBlob:
            return 16777215;
        case TypeId::kBinary:
        case TypeId::kVarbinary:
            return type.length;
        default:
            return 0xffffffffU;
    }
}

bool is_character_type(TypeId id) { return id == TypeId::kChar || id == TypeId::kVarchar; }

bool only_pads(std::string_view text) {
    return text.find_first_not_of(' ') == std::string_view::npos;
}

/// The cell's text in the column's charset.
std::string text_for(const ColumnStore& store, const Cell& cell) {
    const storage::ColumnType& type = *store.target.type;
    std::string text;
    append_text(text, cell.vector, cell.row, cell.type);
    storage::CollationId from = kAsciiGeneralCi;
    if (cell.vector.kind == VectorKind::kString) {
        from = cell.type.type.id == TypeId::kJson ? kUtf8mb4Bin : cell.type.type.collation;
    } else if (cell.type.type.id == TypeId::kBit) {
        from = kBinaryCollation;
    }
    if (!storage::is_text(type.id) && type.id != TypeId::kEnum && type.id != TypeId::kSet) {
        return text;
    }
    bool lossy = false;
    std::string converted = charset_convert(text, from, type.collation, &lossy);
    const storage::Collation* collation = storage::find_collation(type.collation);
    if (lossy) {
        store.incorrect("string", text);
    } else if (collation != nullptr) {
        const std::size_t whole = storage::well_formed_prefix(collation->charset(), converted);
        if (whole != converted.size()) {
            store.incorrect("string", std::string_view(converted).substr(whole));
            converted.resize(whole);
        }
    }
    return converted;
}

/// Cuts to n characters; spaces that go are only noted, and of CHAR not even that.
void cut_characters(const ColumnStore& store, std::string& text) {
    const storage::ColumnType& type = *store.target.type;
    if (text.size() <= type.length) {
        return;
    }
    const storage::Collation* collation = storage::find_collation(type.collation);
    const storage::CharsetId charset =
        collation == nullptr ? storage::CharsetId::kBinary : collation->charset();
    const std::size_t end = storage::char_offset(charset, text, type.length);
    if (end >= text.size()) {
        return;
    }
    if (!only_pads(std::string_view(text).substr(end))) {
        store.too_long();
    } else if (type.id == TypeId::kVarchar) {
        store.note_truncated();
    }
    text.resize(end);
}

/// Four bytes of SRID, then well-known binary: its byte order (0, 1) and type (1 … 7).
bool looks_like_geometry(std::string_view bytes) {
    constexpr std::size_t kHeader = 9;
    if (bytes.size() < kHeader + 4 || (bytes[4] != 0 && bytes[4] != 1)) {
        return false;
    }
    const bool little = bytes[4] == 1;
    const char type = little ? bytes[5] : bytes[8];
    const std::string_view rest = little ? bytes.substr(6, 3) : bytes.substr(5, 3);
    return type >= 1 && type <= 7 && rest == std::string_view("\0\0\0", 3);
}

void cut_bytes(const ColumnStore& store, std::string& text) {
    const storage::ColumnType& type = *store.target.type;
    const std::uint64_t most = byte_limit(type);
    if (text.size() <= most) {
        return;
    }
    store.too_long();
    text.resize(static_cast<std::size_t>(most));
    const storage::Collation* collation = storage::find_collation(type.collation);
    if (storage::is_text(type.id) && collation != nullptr) {
        text.resize(storage::well_formed_prefix(collation->charset(), text));
    }
}

}  // namespace

Value store_text(const ColumnStore& store, const Cell& cell) {
    const storage::ColumnType& type = *store.target.type;
    if (storage::is_spatial(type.id)) {
        // Made by spatial functions, copied from a column, or a dump's literal of the stored bytes
        // (mariadb-dump writes them without an introducer); free text is refused.
        const bool spatial = storage::is_spatial(cell.type.type.id);
        if (!spatial && !is_binary_string(cell.type) && !looks_like_geometry(cell.text())) {
            throw_sql_error(ErrorCode::ER_CANT_CREATE_GEOMETRY_OBJECT);
        }
        return Value::of_bytes(std::string(cell.text()));
    }
    std::string text = text_for(store, cell);
    if (is_character_type(type.id)) {
        cut_characters(store, text);
    } else {
        cut_bytes(store, text);
    }
    if (type.id == TypeId::kChar) {
        const std::size_t last = text.find_last_not_of(' ');
        text.resize(last == std::string::npos ? 0 : last + 1);
    } else if (type.id == TypeId::kBinary) {
        text.resize(type.length, '\0');
    }
    return Value::of_bytes(std::move(text));
}

namespace {

bool is_numeric_cell(const Cell& cell) {
    const ValueClass kind = value_class(cell.type);
    return kind == ValueClass::kInteger || kind == ValueClass::kDecimal ||
           kind == ValueClass::kReal;
}

/// The index of a label under the column's collation; trailing spaces do not count. 0: none.
std::uint64_t find_label(std::string_view text, const std::vector<std::string>& labels,
                         const storage::ColumnType& type) {
    const storage::Collation* collation = collation_or_binary(type.collation);
    const auto stripped = [](std::string_view s) {
        const std::size_t last = s.find_last_not_of(' ');
        return last == std::string_view::npos ? std::string_view() : s.substr(0, last + 1);
    };
    const std::string_view wanted = stripped(text);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] == wanted) {
            return i + 1;
        }
    }
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (compare_text(collation, wanted, stripped(labels[i])) == 0) {
            return i + 1;
        }
    }
    return 0;
}

}  // namespace

Value store_enum(const ColumnStore& store, const Cell& cell) {
    const storage::ColumnType& type = *store.target.type;
    std::uint64_t index = 0;
    if (is_numeric_cell(cell)) {
        const IntegerCell number = integer_of(cell, store.context);
        const auto value = static_cast<std::uint64_t>(number.value);
        index = value <= type.labels.size() ? value : 0;
    } else {
        const std::string text = text_for(store, cell);
        const std::vector<std::string> labels = labels_in_charset(type);
        index = find_label(text, labels, type);
        if (index == 0) {
            // A number in quotes that is no label is an index.
            const ParsedInteger number = parse_integer(text);
            const auto value = static_cast<std::uint64_t>(number.value);
            if (number.exact && value > 0 && value <= labels.size()) {
                index = value;
            }
        }
    }
    if (index == 0) {
        store.truncated();
    }
    return Value::of_uint(index);
}

Value store_set(const ColumnStore& store, const Cell& cell) {
    const storage::ColumnType& type = *store.target.type;
    const std::size_t count = type.labels.size();
    const std::uint64_t all = count >= 64 ? UINT64_MAX : (std::uint64_t{1} << count) - 1;
    std::uint64_t bits = 0;
    bool unknown = false;
    if (is_numeric_cell(cell)) {
        bits = static_cast<std::uint64_t>(integer_of(cell, store.context).value);
        unknown = (bits & ~all) != 0;
        bits &= all;
    } else {
        const std::string text = text_for(store, cell);
        const std::vector<std::string> labels = labels_in_charset(type);
        std::string_view rest = text;
        bool more = !rest.empty();
        while (more) {
            const std::size_t comma = rest.find(',');
            const std::uint64_t at = find_label(rest.substr(0, comma), labels, type);
            if (at == 0) {
                unknown = true;
            } else {
                bits |= std::uint64_t{1} << (at - 1);
            }
            more = comma != std::string_view::npos;
            rest = more ? rest.substr(comma + 1) : std::string_view();
        }
        const ParsedInteger number = parse_integer(text);
        const auto value = static_cast<std::uint64_t>(number.value);
        if (unknown && bits == 0 && number.exact && (value & ~all) == 0) {
            bits = value;
            unknown = false;
        }
    }
    if (unknown) {
        store.truncated();
    }
    return Value::of_uint(bits);
}

Value store_json(const ColumnStore& store, const Cell& cell) {
    if (cell.type.type.id == TypeId::kJson && cell.vector.kind == VectorKind::kString) {
        return Value::of_bytes(std::string(cell.text()));
    }
    if (cell.vector.kind != VectorKind::kString) {
        std::string document;
        append_json_of(document, cell, store.context);
        return Value::of_bytes(std::move(document));
    }
    if (is_binary_string(cell.type)) {
        throw_sql_error(ErrorCode::ER_INVALID_JSON_CHARSET, "binary");
    }
    const JsonParse parsed =
        parse_json(charset_convert(cell.text(), cell.type.type.collation, kUtf8mb4Bin));
    if (!parsed.value.has_value()) {
        throw_sql_error(ErrorCode::ER_INVALID_JSON_TEXT, parsed.message, parsed.position,
                        store.target.name);
    }
    return Value::of_bytes(json_text(*parsed.value));
}

Value store_address(const ColumnStore& store, const Cell& cell) {
    const TypeId id = store.target.type->id;
    const std::size_t size = id == TypeId::kInet4 ? 4 : 16;
    std::string text;
    append_text(text, cell.vector, cell.row, cell.type);
    std::optional<std::string> bytes;
    if (is_binary_string(cell.type) && text.size() == size) {
        bytes = text;
    } else if (id == TypeId::kUuid) {
        bytes = parse_uuid(text);
    } else {
        bytes = id == TypeId::kInet4 ? parse_inet4(text) : parse_inet6(text);
    }
    if (!bytes.has_value()) {
        const std::string_view word = id == TypeId::kUuid    ? "uuid"
                                      : id == TypeId::kInet4 ? "inet4"
                                                             : "inet6";
        store.incorrect_temporal(word, text);
        return Value::of_bytes(std::string(size, '\0'));
    }
    return Value::of_bytes(std::move(*bytes));
}

}  // namespace afterimage::sql

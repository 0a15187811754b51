// SPDX-License-Identifier: Apache-2.0
// JSON functions that look into documents: JSON_EXTRACT, JSON_CONTAINS, JSON_KEYS, JSON_VALID ….
#include <algorithm>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/functions/json_args.h"
#include "sql/expr/functions/like_match.h"
#include "sql/expr/text_of_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// One path gives the value itself, several paths or wildcards an array.
void json_extract(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    JsonValue found;
    found.kind = JsonKind::kArray;
    bool many = call.arg_count() > 2;
    for (std::size_t i = 1; i < call.arg_count(); ++i) {
        const JsonPath path = json_path_of(call, i);
        many = many || path.has_wildcard();
        for (const JsonValue* value : find_json(document, path)) {
            found.items.push_back(*value);
        }
    }
    if (found.items.empty()) {
        call.set_null();
    } else {
        set_json(call, many ? found : found.items[0]);
    }
}

/// A JSON string without its quotes; other text as it is.
void json_unquote(RowCall& call) {
    const std::string_view text = call.text(0);
    const bool document = value_class(call.type(0)) == ValueClass::kJson;
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        JsonParse parsed = parse_json(text);
        if (parsed.value.has_value() && parsed.value->kind == JsonKind::kString) {
            call.set_text(parsed.value->text);
            return;
        }
        if (!document && !parsed.value.has_value()) {
            throw_sql_error(ErrorCode::ER_INVALID_JSON_TEXT_IN_PARAM, 1, "json_unquote",
                            parsed.message, parsed.position);
        }
    }
    call.set_view(text);
}

void utf8_text(BindCall& call) {
    call.type = text_type(kUtf8mb4Bin, ~std::uint32_t{0});
    call.type.coercibility = Coercibility::kImplicit;
}

void json_valid(RowCall& call) {
    const ResultType& type = call.type(0);
    const bool readable = is_text_result(type) || value_class(type) == ValueClass::kJson;
    if (!readable || is_binary_string(type)) {
        call.set_bool(false);
        return;
    }
    const storage::CollationId collation =
        value_class(type) == ValueClass::kJson ? kUtf8mb4Bin : type.type.collation;
    call.set_bool(
        parse_json(charset_convert(call.text(0), collation, kUtf8mb4Bin)).value.has_value());
}

void json_type_row(RowCall& call) {
    const JsonValue document = json_document_of(call, 0);
    std::string_view name = "NULL";
    switch (document.kind) {
        case JsonKind::kNull:
            break;
        case JsonKind::kBool:
            name = "BOOLEAN";
            break;
        case JsonKind::kInt:
            name = "INTEGER";
            break;
        case JsonKind::kUInt:
            name = "UNSIGNED INTEGER";
            break;
        case JsonKind::kDouble:
            name = "DOUBLE";
            break;
        case JsonKind::kString:
            name = "STRING";
            break;
        case JsonKind::kArray:
            name = "ARRAY";
            break;
        case JsonKind::kObject:
            name = "OBJECT";
            break;
    }
    call.set_text(name);
}

/// The value at a path, or the whole; null when the path finds nothing.
JsonValue* at_path(RowCall& call, JsonValue& document, std::size_t path_arg) {
    if (call.arg_count() <= path_arg) {
        return &document;
    }
    const std::vector<JsonValue*> found = find_json(document, plain_json_path_of(call, path_arg));
    return found.empty() ? nullptr : found[0];
}

void json_length(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    const JsonValue* value = at_path(call, document, 1);
    if (value == nullptr) {
        call.set_null();
    } else if (value->kind == JsonKind::kArray) {
        call.set_int(static_cast<std::int64_t>(value->items.size()));
    } else if (value->kind == JsonKind::kObject) {
        call.set_int(static_cast<std::int64_t>(value->members.size()));
    } else {
        call.set_int(1);
    }
}

void json_depth_row(RowCall& call) { call.set_int(json_depth(json_document_of(call, 0))); }

void json_keys(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    const JsonValue* value = at_path(call, document, 1);
    if (value == nullptr || value->kind != JsonKind::kObject) {
        call.set_null();
        return;
    }
    JsonValue keys;
    keys.kind = JsonKind::kArray;
    for (const auto& member : value->members) {
        JsonValue key;
        key.kind = JsonKind::kString;
        key.text = member.first;
        keys.items.push_back(std::move(key));
    }
    set_json(call, keys);
}

/// Whether `part` is in `whole`, by the manual's rules for JSON_CONTAINS.
bool contains(const JsonValue& whole, const JsonValue& part) {
    if (whole.kind == JsonKind::kArray) {
        const auto holds = [&](const JsonValue& wanted) {
            return std::any_of(whole.items.begin(), whole.items.end(), [&](const JsonValue& item) {
                // An array may hold the wanted array as one element.
                return wanted.kind == JsonKind::kArray && item.kind != JsonKind::kArray
                           ? false
                           : contains(item, wanted);
            });
        };
        if (part.kind != JsonKind::kArray) {
            return holds(part);
        }
        return std::all_of(part.items.begin(), part.items.end(), holds);
    }
    if (whole.kind == JsonKind::kObject) {
        return part.kind == JsonKind::kObject &&
               std::all_of(part.members.begin(), part.members.end(), [&](const auto& member) {
                   const auto found =
                       std::find_if(whole.members.begin(), whole.members.end(),
                                    [&](const auto& own) { return own.first == member.first; });
                   return found != whole.members.end() && contains(found->second, member.second);
               });
    }
    return part.is_scalar() && compare_json(whole, part) == 0;
}

void json_contains(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    const JsonValue part = json_document_of(call, 1);
    const JsonValue* value = at_path(call, document, 2);
    if (value == nullptr) {
        call.set_null();
        return;
    }
    call.set_bool(contains(*value, part));
}

void json_contains_path(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    const bool all = wants_all(call, 1);
    bool result = all;
    for (std::size_t i = 2; i < call.arg_count(); ++i) {
        const bool found = !find_json(document, json_path_of(call, i)).empty();
        if (found != all) {
            result = found;
            break;
        }
    }
    call.set_bool(result);
}

/// Scalars overlap when equal, arrays when they share an element, objects a member.
void json_overlaps(RowCall& call) {
    JsonValue a = json_document_of(call, 0);
    JsonValue b = json_document_of(call, 1);
    if (a.kind == JsonKind::kObject && b.kind == JsonKind::kObject) {
        call.set_bool(std::any_of(a.members.begin(), a.members.end(), [&](const auto& member) {
            const JsonValue* other = b.find_member(member.first);
            return other != nullptr && compare_json(member.second, *other) == 0;
        }));
        return;
    }
    const auto as_list = [](JsonValue& v) {
        return v.kind == JsonKind::kArray ? v.items : std::vector<JsonValue>{v};
    };
    const std::vector<JsonValue> x = as_list(a);
    const std::vector<JsonValue> y = as_list(b);
    call.set_bool(std::any_of(x.begin(), x.end(), [&](const JsonValue& left) {
        return std::any_of(y.begin(), y.end(),
                           [&](const JsonValue& right) { return compare_json(left, right) == 0; });
    }));
}

/// value MEMBER OF (array)
void member_of(RowCall& call) {
    const JsonValue wanted = json_value_of(call, 0);
    const JsonValue document = json_document_of(call, 1);
    if (document.kind != JsonKind::kArray) {
        call.set_bool(compare_json(wanted, document) == 0);
        return;
    }
    call.set_bool(
        std::any_of(document.items.begin(), document.items.end(),
                    [&](const JsonValue& item) { return compare_json(wanted, item) == 0; }));
}

void json_pretty(RowCall& call) {
    std::string out;
    append_json_pretty(out, json_document_of(call, 0));
    call.set_text(out);
}

/// The path to a string of the document that LIKE matches.
class StringSearch {
  public:
    StringSearch(const LikePattern& pattern, bool all) : pattern_(pattern), all_(all) {}

    void visit(const JsonValue& value, const std::string& path) {
        if (!all_ && !found_.empty()) {
            return;
        }
        if (value.kind == JsonKind::kString && pattern_.matches(value.text)) {
            found_.push_back(path);
        }
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            visit(value.items[i], path + "[" + std::to_string(i) + "]");
        }
        for (const auto& [key, member] : value.members) {
            std::string leg = ".";
            const bool plain = !key.empty() && (key[0] < '0' || key[0] > '9') &&
                               std::all_of(key.begin(), key.end(), [](char c) {
                                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                          (c >= '0' && c <= '9') || c == '_' || c == '$';
                               });
            if (plain) {
                leg += key;
            } else {
                append_json_string(leg, key);
            }
            visit(member, path + leg);
        }
    }
    [[nodiscard]] const std::vector<std::string>& found() const noexcept { return found_; }

  private:
    const LikePattern& pattern_;
    bool all_;
    std::vector<std::string> found_;
};

/// JSON_SEARCH(document, 'one'|'all', pattern[, escape[, path …]])
void json_search(RowCall& call) {
    const bool missing = call.is_null(0) || call.is_null(1) || call.is_null(2);
    if (missing) {
        call.set_null();
        return;
    }
    JsonValue document = json_document_of(call, 0);
    const bool escape_given = call.arg_count() > 3 && !call.is_null(3) && !call.text(3).empty();
    const std::string_view escape = escape_given ? call.text(3) : std::string_view("\\");
    const LikePattern pattern(call.text(2), escape, storage::find_collation(kUtf8mb4Bin));
    StringSearch search(pattern, wants_all(call, 1));
    if (call.arg_count() > 4) {
        for (std::size_t i = 4; i < call.arg_count(); ++i) {
            if (call.is_null(i)) {
                call.set_null();
                return;
            }
            const JsonPath path = plain_json_path_of(call, i);
            for (const JsonValue* value : find_json(document, path)) {
                search.visit(*value, std::string(call.text(i)));
            }
        }
    } else {
        search.visit(document, "$");
    }
    JsonValue result;
    result.kind = JsonKind::kArray;
    for (const std::string& path : search.found()) {
        JsonValue one;
        one.kind = JsonKind::kString;
        one.text = path;
        result.items.push_back(std::move(one));
    }
    if (result.items.empty()) {
        call.set_null();
    } else {
        set_json(call, result.items.size() == 1 ? result.items[0] : result);
    }
}

/// JSON_VALUE without RETURNING: a scalar as text, else NULL.
void json_value_row(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    const std::vector<JsonValue*> found = find_json(document, json_path_of(call, 1));
    if (found.size() != 1 || !found[0]->is_scalar() || found[0]->kind == JsonKind::kNull) {
        call.set_null();
    } else if (found[0]->kind == JsonKind::kString) {
        call.set_text(found[0]->text);
    } else {
        set_json(call, *found[0]);
    }
}

/// JSON_EXISTS(document, path) (MariaDB).
void json_exists(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    call.set_bool(!find_json(document, json_path_of(call, 1)).empty());
}

/// JSON_QUERY(document, path): an array or object, else NULL (MariaDB).
void json_query(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    const std::vector<JsonValue*> found = find_json(document, json_path_of(call, 1));
    if (found.empty() || found[0]->is_scalar()) {
        call.set_null();
    } else {
        set_json(call, *found[0]);
    }
}

/// JSON_LOOSE, and what else gives the normal form of a document (MariaDB).
void json_loose(RowCall& call) { set_json(call, json_document_of(call, 0)); }

void json_equals(RowCall& call) {
    call.set_bool(compare_json(json_document_of(call, 0), json_document_of(call, 1)) == 0);
}

constexpr FunctionDef read_row(std::string_view name, std::uint8_t min, std::uint8_t max,
                               std::string_view classes, BindRule bind, RowKernel kernel) {
    return {.name = name,
            .min_args = min,
            .max_args = max,
            .classes = classes,
            .bind = bind,
            .row = kernel};
}

constexpr std::uint8_t kAny = FunctionDef::kAnyCount;

const FunctionDef kTable[] = {
    read_row("json_extract", 2, kAny, "j", rules::json, json_extract),
    read_row("json_unquote", 1, 1, "j", utf8_text, json_unquote),
    read_row("json_valid", 1, 1, "a", rules::boolean, json_valid),
    read_row("json_type", 1, 1, "j", utf8_text, json_type_row),
    read_row("json_length", 1, 2, "j", rules::bigint, json_length),
    read_row("json_depth", 1, 1, "j", rules::bigint, json_depth_row),
    read_row("json_keys", 1, 2, "j", rules::json, json_keys),
    read_row("json_contains", 2, 3, "j", rules::boolean, json_contains),
    read_row("json_contains_path", 3, kAny, "j", rules::boolean, json_contains_path),
    read_row("json_overlaps", 2, 2, "j", rules::boolean, json_overlaps),
    read_row("json_pretty", 1, 1, "j", utf8_text, json_pretty),
    read_row("json_value", 2, 2, "j", utf8_text, json_value_row),
    read_row("json_exists", 2, 2, "j", rules::boolean, json_exists),
    read_row("json_query", 2, 2, "j", rules::json, json_query),
    read_row("json_loose", 1, 1, "j", rules::json, json_loose),
    read_row("json_detailed", 1, 2, "ji", utf8_text, json_pretty),
    read_row("json_equals", 2, 2, "j", rules::boolean, json_equals),
    {.name = "member_of",
     .min_args = 2,
     .max_args = 2,
     .classes = "aj",
     .bind = rules::boolean,
     .row = member_of,
     .is_operator = true},
    {.name = "json_search",
     .min_args = 3,
     .max_args = kAny,
     .classes = "j",
     .bind = rules::json,
     .nulls = NullRule::kOwn,
     .row = json_search},
};

}  // namespace

FunctionTable json_read_functions() { return kTable; }

}  // namespace afterimage::sql
